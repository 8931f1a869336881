//! Making cases and stores for tests.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use duly::case::{Case, Event, Value, Values};
use duly::store::{CaseRecord, Difference, FindingKey, FindingRecord, Notice, Run, Store, Waiver};
use duly::time::Instant;
use proptest::test_runner::Config;

pub fn at(ms: i64) -> Instant {
    Instant::from_millis(ms)
}

pub fn event(id: &str, kind: &str, ms: i64) -> Event {
    let data = Values::from([("note".to_owned(), Value::Text(format!("{kind} 记录")))]);
    Event { id: id.into(), kind: kind.into(), at: at(ms), by: Some("lin".into()), role: None, data }
}

pub fn case(number: usize) -> Case {
    let base = i64::try_from(number).unwrap() * 1000;
    let facts = Values::from([
        ("units".to_owned(), Value::Int(base)),
        ("grade".to_owned(), Value::Text("general".into())),
        ("price".to_owned(), Value::Decimal("12.50".parse().unwrap())),
        ("tags".to_owned(), Value::List(vec![Value::Bool(true), Value::Null])),
    ]);
    let events = vec![event("e1", "received", base), event("e2", "arrived", base + 5), event("", "closed", base + 9)];
    Case { id: format!("R-{number:06}"), kind: "repair".into(), part_of: None, facts, events }
}

pub fn cases(numbers: std::ops::Range<usize>) -> Vec<Case> {
    numbers.map(case).collect()
}

pub fn open(dir: &Path) -> (Store, Vec<Notice>) {
    Store::open(dir, at(1_000_000)).unwrap()
}

pub fn all(store: &Store) -> BTreeMap<String, CaseRecord> {
    let found = Mutex::new(BTreeMap::new());
    store.scan(2, |_, case| drop(found.lock().unwrap().insert(case.id.clone(), case))).unwrap();
    found.into_inner().unwrap()
}

pub fn waiver(id: &str) -> Waiver {
    Waiver {
        id: id.into(),
        case: "R-000001".into(),
        clause: "p/1".into(),
        instance: None,
        from: at(0),
        until: at(9),
        by: "wu".into(),
        approved_by: "zhao".into(),
        reason: "停电".into(),
        recorded: at(0),
    }
}

pub fn finding(case: &str, state: &str) -> FindingRecord {
    FindingRecord {
        case: Some(case.into()),
        group: None,
        clause: "p/1".into(),
        instance: "e1".into(),
        state: state.into(),
        due: Some(at(7)),
        first_seen: at(1),
        reopened: 0,
        violation: true,
        open: true,
    }
}

/// Copies a folder and all in it.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

pub fn run(as_of: i64) -> Run {
    Run {
        id: 0,
        at: at(0),
        as_of: at(as_of),
        policies: [0; 32],
        cases: 0,
        counts: BTreeMap::from([("met".to_owned(), 3)]),
        opened: vec![finding("a", "overdue").key()],
        cleared: Vec::new(),
        reopened: Vec::new(),
        fallback: false,
        judged: 0,
        millis: 0,
    }
}

/// Records a run with its findings, as a run without a ledger does.
pub fn put_run(store: &mut Store, run: Run, findings: &[FindingRecord], now: Instant) -> u64 {
    let before = store.findings().unwrap();
    let there = |key: &FindingKey| findings.iter().any(|finding| finding.key() == *key);
    let difference = Difference {
        changed: findings.iter().filter(|finding| !before.contains(finding)).cloned().collect(),
        gone: before.iter().map(FindingRecord::key).filter(|key| !there(key)).collect(),
    };
    store.close_night(run, &difference, None, now).unwrap()
}

/// How many trials a property gets: `DULY_PROPTEST_CASES` says for all, and otherwise each test for itself.
pub fn config(cases: u32) -> Config {
    let asked = std::env::var("DULY_PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    Config { cases: asked.unwrap_or(cases), failure_persistence: None, ..Config::default() }
}
