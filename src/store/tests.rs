//! Blocks and loose cases: whatever the order and the size of what comes in, the same cases come out.

use std::collections::BTreeMap;
use std::path::Path;

use sled::Batch;

use super::{Fault, Store, StoreError, Waiver, keys};
use crate::case::{Case, CaseRecord, Event, Value, Values};
use crate::time::Instant;

fn at(ms: i64) -> Instant {
    Instant::from_millis(ms)
}

fn event(id: &str, ms: i64) -> Event {
    Event { id: id.into(), kind: "seen".into(), at: at(ms), by: Some("lin".into()), role: None, data: Values::new() }
}

fn case(number: usize) -> Case {
    let facts = Values::from([("units".to_owned(), Value::Int(i64::try_from(number).unwrap()))]);
    Case { id: format!("R-{number:05}"), kind: "repair".into(), part_of: None, facts, events: vec![event("e1", 1)] }
}

fn cases(numbers: impl IntoIterator<Item = usize>) -> Vec<Case> {
    numbers.into_iter().map(case).collect()
}

fn open(dir: &Path) -> Store {
    Store::open(dir, at(1)).unwrap().0
}

/// All cases, read range by range; they come once, in order, and all of them.
fn all(store: &Store, parts: usize) -> Vec<CaseRecord> {
    let mut found = Vec::new();
    let mut share = super::Share::default();
    let ranges = store.ranges(parts).unwrap();
    assert_eq!(ranges.len(), parts);
    for range in &ranges {
        share = share.plus(store.scan_range(range, |record| found.push(record)).unwrap());
    }
    store.prove(share).unwrap();
    assert!(found.is_sorted_by(|left, right| left.id < right.id), "in order, and none twice");
    assert_eq!(u64::try_from(found.len()).unwrap(), store.len().unwrap());
    found
}

fn loose(store: &Store) -> u64 {
    store.index.position().unwrap().loose
}

/// The bounds of the blocks, and how many rows each has.
fn blocks(store: &Store) -> Vec<(String, usize)> {
    let mut blocks = Vec::new();
    store
        .each(&[keys::BLOCK], &[keys::BLOCK + 1], |key, sealed| {
            let block = store.index.open_block(key, sealed)?;
            blocks.push((store.index.id_of(key)?, block.len()));
            Ok(())
        })
        .unwrap();
    blocks
}

struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }
}

#[test]
fn whatever_the_order_the_same_cases_come_out() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    let mut random = Random(11);
    let mut expected: BTreeMap<String, usize> = BTreeMap::new();
    let mut had_loose = 0;
    for round in 0..40_i64 {
        let size = [1, 30, 60, 400][random.below(4)];
        let mut batch: Vec<Case> = match random.below(3) {
            0 => cases((expected.len()..).take(size)),
            _ => (0..size).map(|_| case(random.below(3_000))).collect(),
        };
        batch.iter_mut().for_each(|case| case.events.push(event(&format!("r{round}"), round)));
        for case in &batch {
            let known = expected.entry(case.id.clone()).or_insert(usize::MAX);
            // The first telling has two events; each later round adds one, however often it tells of the case.
            *known = known.wrapping_add(1);
        }
        let mut told: BTreeMap<&str, i64> = BTreeMap::new();
        batch.iter().for_each(|case| *told.entry(&case.id).or_insert(0) += 1);
        for (id, times) in told.into_iter().filter(|(_, times)| *times > 1) {
            *expected.get_mut(id).unwrap() -= usize::try_from(times - 1).unwrap();
        }
        store.import("x", batch, at(10 + round)).unwrap();
        had_loose = had_loose.max(loose(&store));
        if random.below(8) == 0 {
            let (before, head) = (all(&store, 1), store.checkpoint());
            store.pack_above(0).unwrap();
            assert_eq!((all(&store, 3), loose(&store), store.checkpoint()), (before, 0, head));
        }
    }
    assert!(had_loose > 100 && blocks(&store).len() > 5, "{had_loose} loose, {:?}", blocks(&store));
    let records = all(&store, 1);
    let events: BTreeMap<String, usize> = records.iter().map(|record| (record.id.clone(), record.events.len() - 2)).collect();
    assert_eq!(events, expected);
    for parts in [2, 5, 40] {
        assert_eq!(all(&store, parts), records);
    }
    for record in &records {
        assert_eq!(store.case(&record.id).unwrap().as_ref(), Some(record));
    }
    let asked: Vec<String> = (0..3_500).step_by(7).map(|number| case(number).id).collect();
    let mut found = Vec::new();
    store
        .some_chunks(&asked, |chunk| {
            found.extend(chunk.rows().map(|(block, row)| block.record(row)));
            Ok(())
        })
        .unwrap();
    let wanted: Vec<CaseRecord> = records.iter().filter(|record| asked.contains(&record.id)).cloned().collect();
    assert!(!wanted.is_empty() && wanted.len() < asked.len());
    // Loose cases come first.
    found.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(found, wanted);
    store.rebuild().unwrap();
    assert_eq!(all(&store, 2), records);
}

#[test]
fn ascending_ids_fill_blocks_and_few_changes_stay_loose() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    for batch in 0..4 {
        store.import("x", cases(batch * 500..batch * 500 + 500), at(1)).unwrap();
    }
    assert_eq!(loose(&store), 0);
    assert_eq!(blocks(&store).iter().map(|(_, rows)| *rows).collect::<Vec<_>>(), [250; 8]);
    assert_eq!((blocks(&store)[0].0.as_str(), blocks(&store)[1].0.as_str()), ("", "R-00250"));

    store.add_event("R-00007", event("e2", 5), at(2)).unwrap();
    store.import("x", vec![case(9_000), case(8_000)], at(3)).unwrap();
    assert_eq!((loose(&store), blocks(&store).len()), (3, 8));
    let records = all(&store, 4);
    assert_eq!((records.len(), records[7].events.len(), records[2_001].id.as_str()), (2_002, 2, "R-09000"));

    // Many changes of one range go into its block, with what is loose there.
    let mut changed = cases(0..60);
    changed.iter_mut().for_each(|case| case.events.push(event("e3", 7)));
    store.import("x", changed, at(4)).unwrap();
    assert_eq!((loose(&store), blocks(&store).len()), (2, 8));
    assert_eq!(store.case("R-00007").unwrap().unwrap().events.len(), 3);
    // New ones in the middle split it.
    let between = (0..100).map(|number| Case { id: format!("R-00100-{number}"), ..case(0) }).collect();
    store.import("x", between, at(5)).unwrap();
    assert_eq!(blocks(&store)[..3].iter().map(|(_, rows)| *rows).collect::<Vec<_>>(), [175, 175, 250]);
    assert_eq!(all(&store, 3).len(), 2_102);
}

#[test]
fn large_cases_have_smaller_blocks() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    let mut random = Random(5);
    let text = |random: &mut Random, size: usize| (0..size).map(|_| char::from(33 + u8::try_from(random.below(90)).unwrap())).collect();
    let mut batch = cases(0..200);
    for (number, case) in batch.iter_mut().enumerate() {
        let size = if number == 100 { 300_000 } else { 400 };
        case.facts.insert("note".into(), Value::Text(text(&mut random, size)));
    }
    store.import("x", batch.clone(), at(1)).unwrap();
    let rows: Vec<usize> = blocks(&store).iter().map(|(_, rows)| *rows).collect();
    assert!(rows.contains(&1) && rows.iter().all(|rows| *rows < 80) && rows.len() < 16, "{rows:?}");
    assert!(all(&store, 2).iter().zip(batch).all(|(record, case)| record.facts[0].values == case.facts));
}

fn waiver(case: &str) -> Waiver {
    let (clause, by, approved_by, reason) = ("p/1".into(), "wu".into(), "zhao".into(), "停电".into());
    Waiver {
        id: String::new(),
        case: case.into(),
        clause,
        instance: None,
        from: at(0),
        until: at(9),
        by,
        approved_by,
        reason,
        recorded: at(0),
    }
}

#[test]
fn what_changed_since_an_entry_is_known_until_the_next_run() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    let ids = |numbers: &[usize]| numbers.iter().map(|number| case(*number).id).collect::<Vec<_>>();
    store.import("x", cases(0..1_300), at(1)).unwrap();
    let seq = store.checkpoint().0;
    assert_eq!((seq, store.changed_since(0).unwrap().len()), (2, 1_300));
    assert_eq!(store.changed_since(1).unwrap(), ids(&(1_000..1_300).collect::<Vec<_>>()));
    assert!(store.changed_since(seq).unwrap().is_empty());

    store.add_event("R-00900", event("e2", 5), at(2)).unwrap();
    store.add_waiver(waiver("R-00005"), at(3)).unwrap();
    store.import("x", cases(2_000..2_030), at(4)).unwrap();
    let mut changed = cases(300..360);
    changed.iter_mut().for_each(|case| case.events.push(event("e3", 7)));
    store.import("x", changed, at(5)).unwrap();
    let expected: Vec<usize> = [5].into_iter().chain(300..360).chain([900]).chain(2_000..2_030).collect();
    assert_eq!(store.changed_since(seq).unwrap(), ids(&expected));
    assert_eq!(store.changed_since(seq + 2).unwrap(), ids(&expected[1..].iter().copied().filter(|id| *id != 900).collect::<Vec<_>>()));
    // Sending the same again changes nothing.
    store.import("x", cases(0..10), at(6)).unwrap();
    assert_eq!(store.changed_since(seq).unwrap(), ids(&expected));
    store.pack_above(0).unwrap();
    assert_eq!(store.changed_since(seq).unwrap(), ids(&expected));
    store.rebuild().unwrap();
    assert_eq!(store.changed_since(seq).unwrap(), ids(&expected));

    let run = super::Run {
        id: 0,
        at: at(0),
        as_of: at(9),
        policies: [0; 32],
        cases: 0,
        counts: BTreeMap::new(),
        opened: Vec::new(),
        cleared: Vec::new(),
        reopened: Vec::new(),
        fallback: false,
        judged: 0,
        millis: 0,
    };
    let seq = store.close_night(run, &super::Difference::default(), None, at(10)).unwrap();
    assert!(store.changed_since(0).unwrap().is_empty());
    store.add_event("R-00003", event("e9", 5), at(11)).unwrap();
    assert_eq!(store.changed_since(seq).unwrap(), ["R-00003"]);
}

#[test]
fn members_follow_what_they_are_part_of() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    let part = |number: usize, parent: &str| Case { part_of: Some(parent.into()), ..case(number) };
    store.import("x", vec![part(2, "S"), part(1, "S"), part(3, "S\0"), case(4), part(5, "S1")], at(1)).unwrap();
    assert_eq!(store.members("S").unwrap(), ["R-00001", "R-00002"]);
    store.import("x", vec![part(2, "S1"), part(4, "S"), case(1)], at(2)).unwrap();
    let look = |store: &Store| ["S", "S1", "S\0", "T"].map(|parent| store.members(parent).unwrap().join(" "));
    let expected = ["R-00001 R-00004", "R-00002 R-00005", "R-00003", ""].map(str::to_owned);
    assert_eq!(look(&store), expected);
    store.rebuild().unwrap();
    assert_eq!(look(&store), expected);
}

#[test]
fn a_damaged_or_missing_block_is_noticed_and_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    store.import("x", cases(0..600), at(1)).unwrap();
    store.add_event("R-00007", event("e2", 5), at(2)).unwrap();
    let records = all(&store, 1);
    let block = keys::block("R-00200");
    let good = store.index.get(&block).unwrap().unwrap();
    let replaced = |place: usize| {
        let mut bad = good.to_vec();
        bad[place] ^= 1;
        Some(bad)
    };
    // The loose case goes first: when the index is made again, the event finds its case not yet written, and both go into a block.
    let trials = [
        (keys::loose("R-00007"), None),
        (block.clone(), replaced(0)),
        (block.clone(), replaced(good.len() / 2)),
        (block.clone(), replaced(good.len() - 1)),
        (block, None),
        (keys::block("R-00400"), Some(good.to_vec())),
    ];
    for (key, value) in trials {
        let mut batch = Batch::default();
        match value {
            Some(value) => batch.insert(key, value),
            None => batch.remove(key),
        }
        store.index.apply(batch).unwrap();
        let error = store.scan(2, |_, _| ()).unwrap_err();
        assert!(matches!(error, StoreError::IndexDamaged { .. }), "{error}");
        drop(store);
        let (again, notices) = Store::open(dir.path(), at(1)).unwrap();
        assert!(notices[0].en.contains(&Fault::Earlier.to_string()), "{notices:?}");
        store = again;
        assert_eq!(all(&store, 2), records);
    }
}
