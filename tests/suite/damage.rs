//! Damage to sled's files: cases are never silently fewer.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use duly::store::{CaseRecord, Store, StoreError};

use crate::support::{all, at, cases, copy, event, open};

struct Fixture {
    dir: tempfile::TempDir,
    records: BTreeMap<String, CaseRecord>,
    files: Vec<PathBuf>,
}

fn fixture() -> Fixture {
    let dir = tempfile::tempdir().unwrap();
    let good = dir.path().join("good");
    let (mut store, _) = open(&good);
    for batch in 0..6 {
        store.import("a", cases(batch * 20..batch * 20 + 20), at(10)).unwrap();
    }
    for number in 0..5 {
        store.add_event(&format!("R-00000{number}"), event("x", "signed", 9), at(11)).unwrap();
    }
    let records = all(&store);
    drop(store);
    let mut files = Vec::new();
    gather(&good.join("index"), &good, &mut files);
    assert!(files.contains(&PathBuf::from("index/db")));
    Fixture { dir, records, files }
}

fn gather(dir: &Path, root: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, root, out);
        } else {
            out.push(path.strip_prefix(root).unwrap().to_path_buf());
        }
    }
}

/// Opens as a program would: damage that is met later leads to opening once more.
fn cases_after(dir: &Path) -> (BTreeMap<String, CaseRecord>, bool) {
    for attempt in 0..2 {
        let (store, notices) = Store::open(dir, at(1)).unwrap();
        let found = std::sync::Mutex::new(BTreeMap::new());
        match store.scan(2, |_, case| drop(found.lock().unwrap().insert(case.id.clone(), case))) {
            Ok(()) => {
                store.verify().unwrap();
                return (found.into_inner().unwrap(), attempt > 0 || !notices.is_empty());
            }
            Err(StoreError::IndexDamaged { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    panic!("the index is damaged again after it was made anew");
}

fn trial(fixture: &Fixture, damage: impl Fn(&Path)) -> bool {
    let bad = fixture.dir.path().join("bad");
    copy(&fixture.dir.path().join("good"), &bad);
    damage(&bad);
    let (found, rebuilt) = cases_after(&bad);
    assert!(found == fixture.records, "{} of {} cases", found.len(), fixture.records.len());
    std::fs::remove_dir_all(&bad).unwrap();
    rebuilt
}

#[test]
fn a_cut_index_is_made_whole() {
    let fixture = fixture();
    let size = std::fs::metadata(fixture.dir.path().join("good/index/db")).unwrap().len();
    let mut rebuilt = 0;
    for step in 0..100 {
        rebuilt += u32::from(trial(&fixture, |bad| {
            let file = std::fs::OpenOptions::new().write(true).open(bad.join("index/db")).unwrap();
            file.set_len(size * step / 100).unwrap();
        }));
    }
    println!("cut at 100 places: {rebuilt} rebuilt, the others replayed or unharmed");
}

#[test]
fn a_flipped_bit_in_the_index_is_made_good() {
    let fixture = fixture();
    let mut rebuilt = 0;
    let mut state = 7_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    for trial_number in 0..100 {
        let name = if trial_number % 4 == 0 { &fixture.files[random(fixture.files.len())] } else { Path::new("index/db") };
        let mut bytes = std::fs::read(fixture.dir.path().join("good").join(name)).unwrap();
        // Half of the flips go where something is written, since the most of the file is blank.
        let written: Vec<usize> = (0..bytes.len()).filter(|place| bytes[*place] != 0).collect();
        if written.is_empty() {
            continue;
        }
        let place = if trial_number % 2 == 0 { written[random(written.len())] } else { random(bytes.len()) };
        bytes[place] ^= 1 << random(8);
        rebuilt += u32::from(trial(&fixture, |bad| std::fs::write(bad.join(name), &bytes).unwrap()));
    }
    println!("100 flipped bits: {rebuilt} rebuilt, the others replayed or unharmed");
}
