//! A journal that lost its tail, and an index that still knows it.

use std::io::Cursor;

use duly::store::{Store, StoreError};

use crate::support::{all, at, case, cases, finding, open, put_run, run, waiver};

#[test]
fn what_the_index_knows_becomes_a_new_store() {
    let dir = tempfile::tempdir().unwrap();
    let old = dir.path().join("old");
    let (mut store, _) = open(&old);
    store.import("a", cases(0..40), at(100)).unwrap();
    store.add_waiver(waiver("w1"), at(200)).unwrap();
    for ms in 300..320 {
        put_run(&mut store, run(1), &[finding("a", "overdue")], at(ms));
    }
    let (records, waivers, runs) = (all(&store), store.waivers().unwrap(), store.runs().unwrap());
    drop(store);
    let segment = old.join("journal/00000001.log");
    let bytes = std::fs::read(&segment).unwrap();
    std::fs::write(&segment, &bytes[..bytes.len() / 2]).unwrap();
    assert!(matches!(Store::open(&old, at(1)), Err(StoreError::JournalBehind { .. })));

    let mut text = Vec::new();
    let saved = Store::salvage(&old, &mut text, at(1_000)).unwrap();
    assert_eq!((saved.cases, saved.unreadable, saved.stopped), (40, 0, None));
    let new = dir.path().join("new");
    Store::restore(&new, &mut Cursor::new(&text), at(1_000)).unwrap();
    let (mut store, _) = open(&new);
    assert_eq!(all(&store), records);
    assert_eq!(store.waivers().unwrap(), waivers);
    assert_eq!(store.runs().unwrap(), runs);
    assert_eq!(store.findings().unwrap(), [finding("a", "overdue")]);
    // A run after it is the last one, though its entry has a smaller number.
    let id = put_run(&mut store, run(1), &[], at(1_000));
    assert_eq!(store.last_run().unwrap().unwrap().id, id);
    assert_eq!(store.import("a", vec![case(3)], at(2_000)).unwrap().cases_same, 1);
    store.verify().unwrap();
}
