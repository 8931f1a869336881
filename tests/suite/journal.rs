//! The chain: audit, checkpoints, erasing, dump and restore.

use std::io::Cursor;
use std::path::Path;

use duly::store::{Store, StoreError};

use crate::support::{all, at, cases, copy, event, finding, open, put_run, run, waiver};

fn filled(dir: &Path) -> Store {
    let (mut store, _) = open(dir);
    store.import("a", cases(0..5), at(10)).unwrap();
    store.put_content("p.yaml", "policy: 规则".as_bytes(), at(11)).unwrap();
    store.add_waiver(waiver("w1"), at(12)).unwrap();
    put_run(&mut store, run(12), &[finding("a", "overdue")], at(13));
    store.add_event("R-000001", event("e7", "signed", 99), at(14)).unwrap();
    store.retract("R-000001", "e7", "wu", "错误", at(15)).unwrap();
    store
}

#[test]
fn every_flipped_byte_of_the_journal_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(&dir.path().join("good"));
    let records = all(&store);
    drop(store);
    let segment = dir.path().join("good/journal/00000001.log");
    let good = std::fs::read(&segment).unwrap();
    for place in 0..good.len() {
        let bad = dir.path().join("bad");
        // The index is left out for most, so that only the journal can tell.
        std::fs::create_dir_all(bad.join("journal")).unwrap();
        std::fs::write(bad.join("FORMAT"), "duly store 2 sled 0.34.7\n").unwrap();
        let mut bytes = good.clone();
        bytes[place] ^= 1 << (place % 8);
        std::fs::write(bad.join("journal/00000001.log"), &bytes).unwrap();
        let error = Store::open(&bad, at(1)).map(drop).unwrap_err();
        assert!(matches!(error, StoreError::Journal { .. }), "{place}: {error}");
        assert!(error.to_string().contains("00000001.log"));
        assert_eq!(std::fs::read(bad.join("journal/00000001.log")).unwrap(), bytes);
        std::fs::remove_dir_all(&bad).unwrap();
    }
    let (store, _) = open(&dir.path().join("good"));
    assert_eq!(all(&store), records);
}

#[test]
fn an_open_store_notices_changes_under_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path());
    let audit = store.verify().unwrap();
    assert_eq!((audit.entries, audit.segments, audit.erased), (7, 1, 0));
    let segment = dir.path().join("journal/00000001.log");
    let good = std::fs::read(&segment).unwrap();
    std::fs::write(&segment, &good[..good.len() - 1]).unwrap();
    assert!(store.verify().is_err());
    let mut bad = good.clone();
    bad[300] ^= 1;
    std::fs::write(&segment, bad).unwrap();
    assert!(store.verify().is_err());
    std::fs::write(&segment, good).unwrap();
    store.verify().unwrap();
}

#[test]
fn a_cut_tail_stops_a_store_whose_index_saw_more() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path());
    let checkpoint = store.checkpoint();
    drop(store);
    let segment = dir.path().join("journal/00000001.log");
    let good = std::fs::read(&segment).unwrap();
    for cut in [1, 50, 200, good.len() - 60, good.len() - 20, good.len()] {
        let kept = &good[..good.len() - cut];
        std::fs::write(&segment, kept).unwrap();
        let error = Store::open(dir.path(), at(1)).map(drop).unwrap_err();
        assert!(matches!(error, StoreError::JournalBehind { .. }), "{cut}: {error}");
        assert_eq!(std::fs::read(&segment).unwrap(), kept);
    }
    // Without the index only a checkpoint can tell.
    std::fs::write(&segment, &good[..good.len() - 20]).unwrap();
    std::fs::remove_dir_all(dir.path().join("index")).unwrap();
    let (store, notices) = open(dir.path());
    assert_eq!(notices.len(), 1);
    store.verify().unwrap();
    let error = store.verify_against(checkpoint.0, &checkpoint.1).unwrap_err();
    assert!(matches!(error, StoreError::CutOff { seq: 7, last: 6 }), "{error}");
}

#[test]
fn another_journal_under_the_index_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (dir.path().join("one"), dir.path().join("two"));
    drop(filled(&one));
    let (mut store, _) = open(&two);
    for number in 0..9 {
        store.import("b", cases(number..number + 1), at(20)).unwrap();
    }
    drop(store);
    std::fs::remove_dir_all(two.join("index")).unwrap();
    copy(&one.join("index"), &two.join("index"));
    let error = Store::open(&two, at(1)).map(drop).unwrap_err();
    assert!(matches!(error, StoreError::JournalDiffers { .. }), "{error}");
}

#[test]
fn an_erased_payload_leaves_the_chain_whole() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = filled(dir.path());
    let head = store.checkpoint();
    assert!(store.erase(3).unwrap());
    assert!(!store.erase(3).unwrap());
    assert!(store.waivers().unwrap().is_empty());
    assert_eq!(store.checkpoint(), head);
    assert_eq!(store.verify().unwrap().erased, 1);
    store.add_waiver(waiver("w2"), at(20)).unwrap();
    drop(store);
    let (store, _) = open(dir.path());
    assert_eq!(store.verify().unwrap().entries, 8);
    let bytes = std::fs::read(dir.path().join("journal/00000001.log")).unwrap();
    assert!(!bytes.windows(2).any(|two| two == b"w1"));
    let mut text = Vec::new();
    store.dump(&mut text).unwrap();
    let copy = dir.path().join("copy");
    Store::restore(&copy, &mut Cursor::new(&text), at(1)).unwrap();
    assert_eq!(open(&copy).0.verify().unwrap().erased, 1);
}

#[test]
fn dump_restore_dump_is_the_same_to_the_byte() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(&dir.path().join("a"));
    let (mut first, mut second) = (Vec::new(), Vec::new());
    assert_eq!(store.dump(&mut first).unwrap(), 7);
    let copy = dir.path().join("b");
    assert_eq!(Store::restore(&copy, &mut Cursor::new(&first), at(5)).unwrap(), 7);
    let (restored, notices) = open(&copy);
    assert!(notices.is_empty(), "{notices:?}");
    restored.dump(&mut second).unwrap();
    assert_eq!(first, second);
    assert_eq!(all(&store), all(&restored));
    assert_eq!(store.checkpoint(), restored.checkpoint());
    let again = Store::restore(&copy, &mut Cursor::new(&first), at(5));
    assert!(matches!(again, Err(StoreError::NotEmpty { .. })));
}

#[test]
fn a_changed_or_cut_dump_restores_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut text = Vec::new();
    filled(&dir.path().join("a")).dump(&mut text).unwrap();
    let copy = dir.path().join("b");
    for place in (0..text.len()).step_by(97) {
        let mut bad = text.clone();
        bad[place] ^= 1;
        Store::restore(&copy, &mut Cursor::new(&bad), at(5)).unwrap_err();
        Store::restore(&copy, &mut Cursor::new(&text[..place]), at(5)).unwrap_err();
        assert!(!copy.exists());
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}
