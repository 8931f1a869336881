//! Records come back, and whatever bytes are opened, nothing panics.

use std::collections::BTreeMap;

use proptest::prelude::{Just, Strategy, any, prop};
use proptest::prop_oneof;
use proptest::test_runner::{Config, TestRunner};
use rust_decimal::Decimal;

use super::{Block, Cell, pack};
use crate::case::{Case, CaseRecord, Event, EventRecord, FactSet, Value, Values, identify};
use crate::time::Instant;

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[ab]{1,2}", "\\PC{0,6}", "[0-9a-f]{16}", Just("facts".to_owned())]
}

fn decimals() -> impl Strategy<Value = Decimal> {
    let any_size = (any::<u128>(), 0_u32..97, 0_u32..29, any::<bool>()).prop_map(|(digits, shift, scale, negative)| {
        let mut decimal = Decimal::from_i128_with_scale(i128::try_from(digits >> 32 >> shift).unwrap(), scale);
        decimal.set_sign_negative(negative && !decimal.is_zero());
        decimal
    });
    prop_oneof![any_size, (any::<i64>(), 0_u32..3).prop_map(|(digits, scale)| Decimal::new(digits, scale))]
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        (-3_i64..300).prop_map(Value::Int),
        decimals().prop_map(Value::Decimal),
        texts().prop_map(Value::Text),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            4 => inner.clone(),
            1 => prop::collection::vec(inner.clone(), 0..3).prop_map(Value::List),
            1 => prop::collection::btree_map(texts(), inner, 0..3).prop_map(Value::Map),
        ]
    })
}

fn maps() -> impl Strategy<Value = Values> {
    prop::collection::btree_map(prop_oneof!["[a-d]", texts()], values(), 0..4)
}

fn instants() -> impl Strategy<Value = Instant> {
    prop_oneof![any::<i64>(), (0_i64..900).prop_map(|second| 1_700_000_000_000 + second * 1_000)].prop_map(Instant::from_millis)
}

fn events() -> impl Strategy<Value = EventRecord> {
    let event = (texts(), texts(), instants(), prop::option::of(texts()), prop::option::of(texts()), maps());
    let event = event.prop_map(|(id, kind, at, by, role, data)| Event { id, kind, at, by, role, data });
    let retracted = prop_oneof![8 => Just(None), 1 => instants().prop_map(Some)];
    (event, instants(), retracted).prop_map(|(event, recorded, retracted)| EventRecord { recorded, retracted, event })
}

fn sets() -> impl Strategy<Value = FactSet> {
    (instants(), maps()).prop_map(|(recorded, values)| FactSet { recorded, values })
}

fn records(most: usize) -> impl Strategy<Value = Vec<(CaseRecord, u64)>> {
    let sets = prop_oneof![8 => prop::collection::vec(sets(), 1..2), 1 => prop::collection::vec(sets(), 0..4)];
    let parts = (texts(), prop::option::of(texts()), sets, prop::collection::vec(events(), 0..4), any::<u64>(), 0_u32..64);
    prop::collection::btree_map(prop_oneof!["C-[0-9]{3}", texts()], parts, 0..most).prop_map(|rows| {
        let record =
            |(id, (kind, part_of, facts, events, touched, shift))| (CaseRecord { id, kind, part_of, facts, events }, touched >> shift);
        rows.into_iter().map(record).collect()
    })
}

fn packed(rows: &[(CaseRecord, u64)]) -> Vec<u8> {
    pack(&rows.iter().map(|(record, touched)| (record, *touched)).collect::<Vec<_>>())
}

/// Equal, with the scale of decimals.
fn assert_same<T: std::fmt::Debug + PartialEq>(left: &T, right: &T) {
    assert_eq!(left, right);
    assert_eq!(format!("{left:?}"), format!("{right:?}"));
}

fn check(rows: &[(CaseRecord, u64)], block: &Block) {
    assert_eq!(block.len(), rows.len());
    for (row, (record, touched)) in rows.iter().enumerate() {
        assert_same(&block.record(row), record);
        assert_eq!((block.find(&record.id), block.id(row), block.touched(row)), (Ok(row), &*record.id, *touched));
        let nothing = Case { id: record.id.clone(), kind: record.kind.clone(), part_of: record.part_of.clone(), ..Case::default() };
        assert_same(&block.case(row), &record.known_at(None).unwrap_or(nothing));
        for event in block.events(row) {
            let data = block.event(event).data;
            assert!(block.has_data() || data.is_empty());
            let names: BTreeMap<&str, _> = block.text_ids().take(block.names()).map(|(id, text)| (text, id)).collect();
            assert!(data.iter().all(|(name, value)| block.value(block.datum(event, names[&**name])).as_ref() == Some(value)));
        }
    }
    let texts: Vec<&str> = block.text_ids().map(|(_, text)| text).collect();
    assert_eq!(texts.iter().collect::<std::collections::HashSet<_>>().len(), block.texts());
    assert!(block.fact_names().iter().chain(block.event_types()).all(|id| id.index() < block.names()));
    assert!(texts.iter().take(block.names()).all(|name| is_name(name, block)), "only names stand first");
}

fn is_name(name: &str, block: &Block) -> bool {
    let rows = (0..block.len()).map(|row| block.kind(row));
    let events = 0..block.event_types().len();
    let of_events = events.clone().flat_map(|event| block.data(event).map(|(name, _)| name).chain(block.role(event)).collect::<Vec<_>>());
    let mut all = rows.chain(of_events).chain(block.fact_names().iter().copied()).chain(block.event_types().iter().copied());
    all.any(|id| block.text(id) == name)
}

/// Goes through all that a block has.
fn read_all(block: &Block) {
    for row in (0..=block.len()).chain([usize::MAX]) {
        drop((block.record(row), block.case(row), block.find(block.id(row)), block.fact(row, row), block.event(row), block.touched(row)));
    }
}

#[test]
fn records_come_back() {
    let config = Config { cases: 40, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    TestRunner::new(config)
        .run(&prop_oneof![records(6), records(70), records(300)], |rows| {
            check(&rows, &Block::open(&packed(&rows)).unwrap());
            Ok(())
        })
        .unwrap();
}

#[test]
fn no_bytes_make_it_panic() {
    let config = Config { cases: 200, failure_persistence: None, ..Config::default() };
    let input = (records(5), prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4), any::<prop::sample::Index>());
    TestRunner::new(config)
        .run(&input, |(rows, changes, cut)| {
            let good = packed(&rows);
            let mut bad = good.clone();
            for (place, byte) in changes {
                let place = place.index(bad.len());
                bad[place] = byte;
            }
            let _ = Block::open(&bad).map(|block| read_all(&block));
            let cut = cut.index(good.len());
            assert!(Block::open(&good[..cut]).is_err(), "what is cut off is noticed");
            let _ = Block::open(&bad[cut..]).map(|block| read_all(&block));
            Ok(())
        })
        .unwrap();
}

#[test]
fn no_flipped_bit_makes_it_panic() {
    let rows: Vec<(CaseRecord, u64)> = (0..3).map(|number| (usual(number), 1)).collect();
    let good = packed(&rows);
    for bit in 0..good.len() * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        let _ = Block::open(&bad).map(|block| read_all(&block));
    }
}

#[test]
fn ids_out_of_order_are_refused() {
    let rows: Vec<(CaseRecord, u64)> = [1, 0].into_iter().map(|number| (usual(number), 1)).collect();
    assert!(Block::open(&packed(&rows)).is_err());
    let rows: Vec<(CaseRecord, u64)> = [1, 1].into_iter().map(|number| (usual(number), 1)).collect();
    assert!(Block::open(&packed(&rows)).is_err());
}

/// A case with 19 facts and 9 events, as a call centre has them.
fn usual(number: i64) -> CaseRecord {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64.cast_signed()).unsigned_abs();
    let pick = |count: u64, shift: u32| (mixed >> shift) % count;
    let mut facts = Values::new();
    for (place, count) in [3, 4, 5, 7, 8, 12, 20, 40].into_iter().enumerate() {
        facts.insert(format!("choice_{place}"), Value::Text(format!("choice-{}", pick(count, 8 + u32::try_from(place).unwrap()))));
    }
    for place in 0_u8..4 {
        facts.insert(format!("count_{place}"), Value::Int(i64::try_from(pick(50, 3 + u32::from(place))).unwrap()));
        facts.insert(format!("flag_{place}"), Value::Bool(pick(2, 30 + u32::from(place)) == 0));
    }
    facts.insert("price".into(), Value::Decimal(Decimal::new(i64::try_from(pick(1_000_000, 5)).unwrap(), 2)));
    facts.insert("customer".into(), Value::Text(format!("{}", 13_000_000_000 + pick(1_000_000_000, 7))));
    facts.insert("reported_on".into(), Value::Text(format!("2026-0{}-1{}", 1 + pick(9, 4), pick(9, 6))));
    let start = 1_767_225_600_000 + number * 47_000;
    let events = (0_i64..9).map(|place| Event {
        id: String::new(),
        kind: format!("step_{place}"),
        at: Instant::from_millis(start + place * 3_600_000 + i64::try_from(pick(3_600, 11)).unwrap() * 1_000),
        by: Some(format!("person-{}", pick(120, 9 + u32::try_from(place).unwrap()))),
        role: Some(format!("role-{}", place % 4)),
        data: if place == 4 { Values::from([("score".to_owned(), Value::Int(number % 5))]) } else { Values::new() },
    });
    let mut case = Case { id: format!("C-{number:07}"), kind: "complaint".into(), part_of: None, facts, events: events.collect() };
    identify(&mut case);
    let recorded = Instant::from_millis(1_790_000_000_123);
    let events = case.events.into_iter().map(|event| EventRecord { recorded, retracted: None, event }).collect();
    CaseRecord { id: case.id, kind: case.kind, part_of: None, facts: vec![FactSet { recorded, values: case.facts }], events }
}

#[test]
fn a_usual_case_is_small() {
    let rows: Vec<(CaseRecord, u64)> = (0..256).map(|number| (usual(number), 1)).collect();
    let bytes = packed(&rows);
    assert_eq!(rows[0].0.facts[0].values.len(), 19);
    check(&rows, &Block::open(&bytes).unwrap());
    assert!(bytes.len() / rows.len() <= 230, "{} bytes a case", bytes.len() / rows.len());
}

#[test]
fn what_is_not_given_is_absent() {
    let mut record = usual(1);
    record.facts[0].values = Values::from([("empty".to_owned(), Value::Null)]);
    let other = CaseRecord { id: "D".into(), ..usual(2) };
    let block = Block::open(&pack(&[(&record, 1), (&other, 2)])).unwrap();
    let column = block.fact_names().iter().position(|id| block.text(*id) == "empty").unwrap();
    assert_eq!((block.fact(column, 0), block.fact(column, 1), block.fact(column, 2)), (Cell::Null, Cell::Absent, Cell::Absent));
    assert_eq!(block.fact(99, 0), Cell::Absent);
}
