//! What holds for any input.

use std::collections::BTreeMap;

use duly::case::{Case, Event, Value, Values};
use duly::store::{CaseRecord, Store};
use proptest::prelude::{Strategy, any, prop};
use proptest::test_runner::{Config, TestRunner};

use crate::support::{all, at};

/// Cases of few ids, events of few ids; each event has an instant of its own, since among equal instants the order
/// of arrival is meant to show.
fn batches() -> impl Strategy<Value = Vec<Vec<Case>>> {
    let event = (0_u8..6).prop_map(|id| Event {
        id: format!("e{id}"),
        kind: "done".into(),
        at: at(i64::from(id)),
        by: None,
        role: None,
        data: Values::new(),
    });
    let case = (0_u8..5, prop::collection::vec(event, 0..5)).prop_map(|(id, events)| Case {
        id: format!("C-{id}"),
        kind: "repair".into(),
        part_of: None,
        facts: Values::from([("units".to_owned(), Value::Int(i64::from(id)))]),
        events,
    });
    prop::collection::vec(prop::collection::vec(case, 0..6), 1..5)
}

fn outcome(batches: &[Vec<Case>]) -> BTreeMap<String, CaseRecord> {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, _) = Store::open(dir.path(), at(1)).unwrap();
    for batch in batches {
        store.import("x", batch.clone(), at(1)).unwrap();
    }
    let live = all(&store);
    store.rebuild().unwrap();
    assert_eq!(all(&store), live, "replaying gives what importing gave");
    live
}

#[test]
fn shuffled_and_repeated_batches_give_the_same_cases() {
    let config = Config { cases: 12, failure_persistence: None, ..Config::default() };
    let input = (batches(), any::<u64>());
    TestRunner::new(config)
        .run(&input, |(batches, seed)| {
            let expected = outcome(&batches);
            let mut other: Vec<Vec<Case>> = batches.iter().chain(&batches).cloned().collect();
            let turn = usize::try_from(seed % 7).unwrap() % other.len();
            other.rotate_left(turn);
            other.iter_mut().for_each(|batch| batch.reverse());
            assert_eq!(outcome(&other), expected);
            Ok(())
        })
        .unwrap();
}
