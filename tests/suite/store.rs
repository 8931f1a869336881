//! What a store keeps and how it answers.

use duly::case::Value;
use duly::store::{Imported, Refusal, Run, Store, StoreError};

use crate::support::{all, at, case, cases, event, finding, open, put_run, waiver};

#[test]
fn import_is_idempotent_and_writes_nothing_twice() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, notices) = open(dir.path());
    assert!(notices.is_empty(), "{notices:?}");
    let first = store.import("a.jsonl", cases(0..2500), at(10)).unwrap();
    let expected = Imported { cases_new: 2500, events_new: 7500, ..Imported::default() };
    assert_eq!(first, expected);
    let (seq, head) = store.checkpoint();
    assert_eq!(seq, 3);
    let second = store.import("a.jsonl", cases(0..2500), at(20)).unwrap();
    assert_eq!(second, Imported { cases_same: 2500, events_same: 7500, ..Imported::default() });
    assert_eq!(store.checkpoint(), (seq, head));
    assert_eq!(store.len().unwrap(), 2500);
    assert_eq!(all(&store).len(), 2500);
}

#[test]
fn later_facts_and_retractions_are_told_by_what_was_known() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, _) = open(dir.path());
    store.import("a", vec![case(1)], at(10_000)).unwrap();
    let mut later = case(1);
    later.facts.insert("grade".into(), Value::Text("critical".into()));
    later.events.push(event("e9", "revisited", 1_003));
    let done = store.import("b", vec![later], at(20_000)).unwrap();
    assert_eq!((done.cases_changed, done.events_new, done.events_same), (1, 1, 3));
    assert!(store.add_event("R-000001", event("e10", "signed", 30_000), at(30_000)).unwrap());
    assert!(!store.add_event("R-000001", event("e10", "signed", 30_000), at(31_000)).unwrap());
    assert!(store.retract("R-000001", "e2", "wu", "wrong case", at(40_000)).unwrap());
    assert!(!store.retract("R-000001", "e2", "wu", "wrong case", at(41_000)).unwrap());
    assert!(matches!(store.retract("R-000001", "no", "", "", at(0)), Err(StoreError::UnknownEvent { .. })));
    assert!(matches!(store.add_event("R-9", event("a", "b", 1), at(0)), Err(StoreError::UnknownCase { .. })));

    let record = store.case("R-000001").unwrap().unwrap();
    let kinds = |known: Option<i64>| {
        let case = record.known_at(known.map(at)).unwrap();
        case.events.iter().map(|event| event.kind.clone()).collect::<Vec<_>>()
    };
    assert!(record.known_at(Some(at(9_999))).is_none());
    assert_eq!(kinds(Some(10_000)), ["received", "arrived", "closed"]);
    assert_eq!(kinds(Some(20_000)), ["received", "revisited", "arrived", "closed", "facts"]);
    assert_eq!(kinds(Some(30_000)), ["received", "revisited", "arrived", "closed", "facts", "signed"]);
    assert_eq!(kinds(None), ["received", "revisited", "closed", "facts", "signed"]);
    let now = record.known_at(None).unwrap();
    let change = now.events.iter().find(|event| event.kind == "facts").unwrap();
    assert_eq!((change.id.as_str(), change.data.len()), ("facts@20000", 1));
    assert_eq!(now.facts["grade"], Value::Text("general".into()));
}

#[test]
fn recorded_instants_never_go_backwards() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, _) = open(dir.path());
    store.import("a", vec![case(1)], at(50_000)).unwrap();
    store.import("a", vec![case(2)], at(40_000)).unwrap();
    assert_eq!(store.case("R-000002").unwrap().unwrap().facts[0].recorded, at(50_000));
    store.verify().unwrap();
}

#[test]
fn what_cannot_be_stored_is_refused_and_the_rest_kept() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, _) = open(dir.path());
    store.import("a", vec![case(1)], at(1)).unwrap();
    let mut other = case(1);
    other.kind = "complaint".into();
    let mut nameless = case(2);
    nameless.id.clear();
    let mut large = case(3);
    large.facts.insert("photo".into(), Value::Text("x".repeat(17 << 20)));
    let done = store.import("b", vec![other, nameless, large, case(4)], at(2)).unwrap();
    assert_eq!((done.cases_new, done.refused.len()), (1, 3));
    assert!(matches!(done.refused[0], Refusal::Kind { .. }));
    assert!(done.refused.iter().all(|refusal| refusal.to_string() != refusal.zh()));
    assert_eq!(store.len().unwrap(), 2);
    assert!(store.case("R-000003").unwrap().is_none());
}

#[test]
fn runs_waivers_and_contents_come_back_after_a_rebuild() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, _) = open(dir.path());
    store.import("a", cases(0..10), at(1)).unwrap();
    let hash = store.put_content("policy.yaml", b"policy: x\n", at(2)).unwrap();
    assert_eq!(store.put_content("again.yaml", b"policy: x\n", at(3)).unwrap(), hash);
    let known = store.add_waiver(waiver(""), at(4)).unwrap();
    assert!(matches!(store.add_waiver(known.clone(), at(5)), Err(StoreError::WaiverKnown { .. })));
    let run = Run { policies: hash, cases: 10, ..crate::support::run(5) };
    put_run(&mut store, run.clone(), &[finding("a", "overdue"), finding("b", "overdue")], at(6));
    let entries = store.checkpoint().0;
    let id = put_run(&mut store, run, &[finding("b", "overdue"), finding("c", "pending")], at(7));
    assert_eq!(id, entries + 3);
    assert_eq!(id, store.checkpoint().0);
    let look = |store: &Store| (store.findings().unwrap(), store.runs().unwrap(), store.waivers().unwrap(), store.content(&hash).unwrap());
    let before = look(&store);
    assert_eq!(before.0, [finding("b", "overdue"), finding("c", "pending")]);
    assert_eq!(before.1.len(), 2);
    assert_eq!(before.2, [known]);
    assert_eq!(before.3.as_ref().unwrap().bytes, b"policy: x\n");
    assert_eq!(store.last_run().unwrap().unwrap().id, id);
    let records = all(&store);
    store.rebuild().unwrap();
    assert_eq!(look(&store), before);
    assert_eq!(all(&store), records);
    drop(store);
    std::fs::remove_dir_all(dir.path().join("index")).unwrap();
    let (store, _) = open(dir.path());
    assert_eq!(look(&store), before);
    assert_eq!(all(&store), records);
}

#[test]
fn a_second_opener_is_told_who_has_it() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    let error = Store::open(dir.path(), at(1)).unwrap_err();
    assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
    assert!(error.to_string().contains("since 1970-01-01T00:16:40Z"), "{error}");
    assert!(error.zh().contains("使用"));
    drop(store);
    open(dir.path());
}

#[test]
fn foreign_and_newer_folders_are_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("holiday.jpg"), "x").unwrap();
    assert!(matches!(Store::open(dir.path(), at(1)), Err(StoreError::NotAStore { .. })));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    std::fs::write(dir.path().join("FORMAT"), "duly store 3 sled 0.34.7\n").unwrap();
    let error = Store::open(dir.path(), at(1)).unwrap_err();
    assert!(matches!(error, StoreError::OtherFormat { .. }), "{error}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn ranges_cover_all_cases_once_and_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, _) = open(dir.path());
    for parts in [1, 3] {
        assert_eq!(store.ranges(parts).unwrap().len(), parts);
        store.scan(parts, |_, _| unreachable!()).unwrap();
    }
    store.import("a", cases(0..6000), at(1)).unwrap();
    for parts in [1, 2, 5, 40] {
        let mut seen = Vec::new();
        let mut share = duly::store::Share::default();
        for range in store.ranges(parts).unwrap() {
            share = share.plus(store.scan_range(&range, |case| seen.push(case.id)).unwrap());
        }
        store.prove(share).unwrap();
        assert_eq!(seen.len(), 6000);
        assert!(seen.is_sorted());
    }
    let counts = [0, 1].map(|_| std::sync::atomic::AtomicUsize::new(0));
    store
        .scan(2, |worker, _| {
            counts[worker].fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        })
        .unwrap();
    assert!(counts.iter().all(|count| count.load(std::sync::atomic::Ordering::Relaxed) > 500), "{counts:?}");
}
