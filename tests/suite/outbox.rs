//! The outbox as the store keeps it: each notice once, its course told by marks, and all of it in the journal.

use std::collections::BTreeMap;
use std::io::Cursor;

use duly::lang::Text;
use duly::store::{Envelope, Fate, LEASE, Mark, Outgoing, Store, short};
use duly::time::Instant;
use proptest::prelude::{Just, Strategy, prop, prop_oneof};
use proptest::test_runner::TestRunner;

use crate::support::{at, config, open};

fn envelope(id: &str, earliest: i64) -> Envelope {
    Envelope {
        id: id.into(),
        series: "s1".into(),
        what: "digest".into(),
        run: u64::try_from(earliest).unwrap() + 1,
        channel: "mail".into(),
        role: Some("desk".into()),
        person: Some("林".into()),
        lang: "zh".into(),
        urgent: false,
        subject: format!("通知 {id}"),
        body: format!("逾期 {id}\n"),
        told: vec![format!("told-{id}")],
        earliest: at(earliest),
        created: at(earliest),
    }
}

fn mark(id: &str, attempt: u32, ms: i64, fate: Fate) -> Mark {
    Mark { id: id.into(), attempt, at: at(ms), fate }
}

fn ids(list: &[Outgoing]) -> Vec<&str> {
    list.iter().map(|notice| notice.envelope.id.as_str()).collect()
}

#[test]
fn a_notice_is_taken_once_and_told_by_its_marks() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, _) = open(dir.path());
    assert_eq!(store.post(vec![envelope("b", 20), envelope("a", 30), envelope("b", 99)], at(10)).unwrap(), 2);
    let before = store.checkpoint();
    assert_eq!(store.post(vec![envelope("a", 5)], at(11)).unwrap(), 0);
    store.mark(Vec::new(), at(11)).unwrap();
    assert_eq!(store.checkpoint(), before, "nothing new, nothing written");
    assert_eq!(ids(&store.unsent(at(29)).unwrap()), ["b"]);
    assert_eq!(ids(&store.unsent(at(30)).unwrap()), ["b", "a"]);
    assert!(store.was_told("s1", "told-a").unwrap() && !store.was_told("s2", "told-a").unwrap());
    assert_eq!((store.told_of("s1").unwrap(), store.told_of("s2").unwrap()), (Some(31), None));

    store.mark(vec![mark("b", 1, 40, Fate::Begun)], at(40)).unwrap();
    assert_eq!(ids(&store.unsent(at(40)).unwrap()), ["a"], "what is under way is left alone");
    assert_eq!(ids(&store.unsent(at(40 + LEASE)).unwrap()), ["a", "b"], "and not for ever");
    store.mark(vec![mark("b", 1, 41, Fate::Failed { reason: Text::same("500"), next: at(100) })], at(41)).unwrap();
    assert_eq!(ids(&store.unsent(at(100)).unwrap()), ["a", "b"]);
    store.mark(vec![mark("b", 2, 100, Fate::Sent), mark("a", 9, 100, Fate::GivenUp { reason: Text::same("no") })], at(100)).unwrap();
    assert!(store.unsent(at(i64::MAX / 4)).unwrap().iter().all(Outgoing::is_given_up));
    let left = store.unsent(Instant::MAX).unwrap();
    assert_eq!(ids(&left), ["a"]);
    assert!(left[0].is_given_up());

    let sent = store.notice("b").unwrap().unwrap();
    assert!(sent.is_sent() && sent.envelope.body.is_empty(), "the index lets go of what was sent");
    assert_eq!(store.notice_text(&sent).unwrap().as_deref(), Some("逾期 b\n"), "and the journal keeps it");
    store.erase(sent.entry).unwrap();
    assert!(store.notice("b").unwrap().is_none());
    assert_eq!(ids(&store.notices().unwrap()), ["a"]);
    store.mark(vec![mark("b", 3, 200, Fate::Sent)], at(200)).unwrap();
    assert!(store.notice("b").unwrap().is_none(), "a mark of what was erased is of nothing");
}

#[derive(Clone, Debug)]
enum Step {
    Post(u8, i64),
    Mark(u8, u32, Fate),
}

fn step() -> impl Strategy<Value = Step> {
    let fate = prop_oneof![
        Just(Fate::Begun),
        Just(Fate::Sent),
        (0_i64..1_000).prop_map(|next| Fate::Failed { reason: Text::same("500"), next: at(next) }),
        Just(Fate::GivenUp { reason: Text::same("too often") }),
        (0_i64..1_000).prop_map(|next| Fate::Waits { next: at(next) }),
    ];
    prop_oneof![
        (0_u8..6, 0_i64..1_000).prop_map(|(id, earliest)| Step::Post(id, earliest)),
        (0_u8..6, 0_u32..9, fate).prop_map(|(id, attempt, fate)| Step::Mark(id, attempt, fate)),
    ]
}

/// All that a store knows of its outbox, without the numbers of entries.
fn known(store: &Store) -> (Vec<(Envelope, Option<Mark>)>, Vec<String>, Option<u64>) {
    let list = store.notices().unwrap().into_iter().map(|notice| (notice.envelope, notice.mark)).collect();
    let queue = store.unsent(Instant::MAX).unwrap().into_iter().map(|notice| notice.envelope.id).collect();
    (list, queue, store.told_of("s1").unwrap())
}

#[test]
fn however_it_goes_the_queue_holds_what_is_not_sent_and_the_journal_tells_it_again() {
    TestRunner::new(config(24))
        .run(&prop::collection::vec(step(), 1..24), |steps| {
            let dir = tempfile::tempdir().unwrap();
            let (mut store, _) = open(&dir.path().join("a"));
            let mut model: BTreeMap<String, Outgoing> = BTreeMap::new();
            for (ms, step) in (1_i64..).zip(steps) {
                match step {
                    Step::Post(id, earliest) => {
                        let envelope = envelope(&format!("n{id}"), earliest);
                        let fresh = !model.contains_key(&envelope.id);
                        assert_eq!(store.post(vec![envelope.clone()], at(ms)).unwrap(), usize::from(fresh));
                        model.entry(envelope.id.clone()).or_insert(Outgoing { envelope, entry: store.checkpoint().0, mark: None });
                    }
                    Step::Mark(id, attempt, fate) => {
                        let mark = mark(&format!("n{id}"), attempt, ms, fate);
                        store.mark(vec![mark.clone()], at(ms)).unwrap();
                        if let Some(known) = model.get_mut(&mark.id) {
                            known.mark = Some(mark);
                            if known.is_sent() {
                                known.envelope.body.clear();
                            }
                        }
                    }
                }
            }
            let all: Vec<Outgoing> = model.values().cloned().collect();
            assert_eq!(store.notices().unwrap(), all);
            let mut queue: Vec<(Instant, String)> =
                all.iter().filter_map(|notice| Some((notice.due()?, notice.envelope.id.clone()))).collect();
            queue.sort();
            let found: Vec<(Instant, String)> =
                store.unsent(Instant::MAX).unwrap().iter().map(|notice| (notice.due().unwrap(), notice.envelope.id.clone())).collect();
            assert_eq!(found, queue);

            let before = known(&store);
            store.rebuild().unwrap();
            assert_eq!(known(&store), before);
            let (mut text, mut again) = (Vec::new(), Vec::new());
            store.dump(&mut text).unwrap();
            let copy = dir.path().join("b");
            Store::restore(&copy, &mut Cursor::new(&text), at(1)).unwrap();
            let (restored, _) = open(&copy);
            assert_eq!(known(&restored), before);
            restored.dump(&mut again).unwrap();
            assert_eq!(again, text);
            drop(store);
            let mut saved = Vec::new();
            Store::salvage(&dir.path().join("a"), &mut saved, at(2)).unwrap();
            let third = dir.path().join("c");
            Store::restore(&third, &mut Cursor::new(&saved), at(1)).unwrap();
            assert_eq!(known(&open(&third).0), before, "what was sent is not sent once more because the journal was lost");
            Ok(())
        })
        .unwrap();
}

#[test]
fn short_names_keep_lists_apart() {
    assert_eq!(short(&["a", "b"]), short(&["a", "b"]));
    assert_ne!(short(&["a", "b"]), short(&["ab"]));
    assert_ne!(short(&["a", ""]), short(&["", "a"]));
    assert_eq!(short(&[]).len(), 20);
}
