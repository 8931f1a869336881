//! Segments that follow each other, and groups that were cut off.

use std::fs;
use std::path::Path;

use super::{Body, Draft, Journal, Tail};
use crate::store::StoreError;
use crate::store::segment;
use crate::store::walk::Walk;
use crate::time::Instant;

fn open(dir: &Path) -> Journal {
    let mut journal = Tail::inspect(dir).unwrap().open().unwrap();
    journal.full = 600;
    journal
}

fn drafts(count: u8) -> Vec<Draft> {
    let draft = |n| Draft { kind: 0, recorded: Instant::from_millis(i64::from(n)), body: Body::Bytes(vec![n; 100]) };
    (0..count).map(draft).collect()
}

/// Five segments of four entries each.
fn filled(dir: &Path) -> Journal {
    let mut journal = open(dir);
    for _ in 0..10 {
        journal
            .append(&drafts(2).into_iter().map(|draft| Draft { recorded: Instant::from_millis(7), ..draft }).collect::<Vec<_>>())
            .unwrap();
    }
    journal
}

fn walk(mut walk: Walk) -> Result<Vec<u64>, StoreError> {
    let mut seen = Vec::new();
    while let Some(entry) = walk.next()? {
        seen.push(entry.header.seq);
    }
    Ok(seen)
}

#[test]
fn segments_follow_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let place = filled(dir.path()).place;
    assert_eq!(segment::count(dir.path()).unwrap(), 5);
    assert_eq!(walk(Walk::all(dir.path()).unwrap()).unwrap(), (1..=20).collect::<Vec<_>>());
    assert_eq!(walk(Walk::holding(dir.path(), 9).unwrap()).unwrap()[0], 9);
    assert_eq!(walk(Walk::holding(dir.path(), 8).unwrap()).unwrap()[0], 5);
    assert_eq!(walk(Walk::last(dir.path()).unwrap()).unwrap(), [17, 18, 19, 20]);
    assert_eq!(open(dir.path()).place, place);
}

#[test]
fn a_missing_or_swapped_segment_is_named() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let path = |number| segment::path(dir.path(), number);
    let (two, three) = (fs::read(path(2)).unwrap(), fs::read(path(3)).unwrap());
    fs::write(path(2), &three).unwrap();
    fs::write(path(3), &two).unwrap();
    let error = walk(Walk::all(dir.path()).unwrap()).unwrap_err().to_string();
    assert!(error.contains("removed"), "{error}");
    fs::write(path(2), &two[..two.len() - 1]).unwrap();
    fs::write(path(3), &three).unwrap();
    assert!(walk(Walk::all(dir.path()).unwrap()).is_err());
    fs::remove_file(path(2)).unwrap();
    let error = Tail::inspect(dir.path()).unwrap_err().to_string();
    assert!(error.contains("segment 2 is missing"), "{error}");
}

#[test]
fn a_group_is_there_whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = open(dir.path());
    journal.append(&drafts(1)).unwrap();
    let before = journal.place;
    journal.append(&drafts(3)).unwrap();
    drop(journal);
    let path = segment::path(dir.path(), 1);
    let whole = fs::read(&path).unwrap();
    let start = usize::try_from(before.end).unwrap();
    for end in start..whole.len() {
        fs::write(&path, &whole[..end]).unwrap();
        let tail = Tail::inspect(dir.path()).unwrap();
        assert_eq!(tail.place, before, "{end}");
        assert_eq!(tail.dropped, u64::try_from(end - start).unwrap());
        assert_eq!(tail.open().unwrap().place, before);
        assert_eq!(fs::read(&path).unwrap(), whole[..start]);
    }
    // A file that a crash left longer than what was written to it.
    let mut blank = whole[..start].to_vec();
    blank.extend([0; 5000]);
    fs::write(&path, blank).unwrap();
    assert_eq!(Tail::inspect(dir.path()).unwrap().open().unwrap().place, before);
}

#[test]
fn a_segment_that_was_only_begun_is_begun_again() {
    let dir = tempfile::tempdir().unwrap();
    let place = filled(dir.path()).place;
    for size in [0, 1, 51] {
        fs::write(segment::path(dir.path(), 6), vec![1; size]).unwrap();
        let mut journal = open(dir.path());
        assert_eq!(journal.place, place);
        assert_eq!(segment::count(dir.path()).unwrap(), 5);
        journal.full = u64::MAX;
    }
    let mut journal = open(dir.path());
    journal.append(&drafts(1).into_iter().map(|draft| Draft { recorded: place.recorded, ..draft }).collect::<Vec<_>>()).unwrap();
    assert_eq!(walk(Walk::all(dir.path()).unwrap()).unwrap().len(), 21);
    let alone = tempfile::tempdir().unwrap();
    fs::write(segment::path(alone.path(), 1), [1; 7]).unwrap();
    assert_eq!(open(alone.path()).place.seq, 0);
}
