//! Cases as the contract writes them.

use super::{at, jsonl, shanghai};
use crate::{
    case::{Case, Event, Value, Values},
    ingest::{Summary, case_to_json, parse_case},
    time::Zone,
};

const LINE: &str = r#"{"case":"R-1","kind":"repair","facts":{"units":12},"events":[{"id":"e1","type":"received","at":"2026-03-02T09:00:00+08:00","by":"lin","role":"service-desk","data":{}}]}"#;

#[test]
fn the_example_of_the_design_reads() {
    let case = parse_case(LINE, Zone::UTC).unwrap();
    let event = Event {
        id: "e1".into(),
        kind: "received".into(),
        at: at("2026-03-02 09:00"),
        by: Some("lin".into()),
        role: Some("service-desk".into()),
        data: Values::new(),
    };
    let facts = Values::from([("units".into(), Value::Int(12))]);
    assert_eq!(case, Case { id: "R-1".into(), kind: "repair".into(), part_of: None, facts, events: vec![event] });
}

#[test]
fn what_is_optional_may_be_left_out_null_or_empty() {
    let least = parse_case(r#"{"case":"a","kind":"k"}"#, Zone::UTC).unwrap();
    let nulls = r#"{"case":"a","kind":"k","part_of":null,"facts":null,"events":null}"#;
    assert_eq!(parse_case(nulls, Zone::UTC).unwrap(), least);
    let event = |text: &str| {
        let line = format!(r#"{{"case":"a","kind":"k","events":[{{"type":"t","at":"2026-03-02"{text}}}]}}"#);
        parse_case(&line, shanghai()).unwrap().events.remove(0)
    };
    let least = event("");
    assert_eq!(least.id.len(), 16);
    assert_eq!((least.by.as_ref(), least.at), (None, at("2026-03-02 00:00")));
    assert_eq!(event(r#","id":"","by":"","role":null,"data":null"#), least);
}

#[test]
fn events_come_in_order_and_equal_instants_keep_that_of_the_file() {
    let line = r#"{"case":"a","kind":"k","events":[
        {"id":"z","type":"t","at":"2026-03-02T10:00:00+08:00"},
        {"id":"m","type":"t","at":"2026-03-02T02:00:00Z"},
        {"id":"a","type":"t","at":"2026-03-02T09:00:00+08:00"},
        {"id":"b","type":"t","at":"2026-03-02 10:00"}]}"#;
    let case = parse_case(line, shanghai()).unwrap();
    let ids: Vec<&str> = case.events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(ids, ["a", "z", "m", "b"]);
}

#[test]
fn values_of_all_kinds_survive_the_way_out_and_back() {
    let line = r#"{"case":"案-1","kind":"k","part_of":"p","facts":{
        "n":null,"t":true,"i":-9223372036854775808,"d":0.10,"e":1.5e3,"w":3.0,"x":"a\"b\\\u4e2d","l":[1,[2.5,{"y":false}]],"名":"值"},
        "events":[{"id":"1","type":"facts","at":"2026-03-02T09:00:00.125Z","data":{"i":5}}]}"#;
    let case = parse_case(line, Zone::UTC).unwrap();
    assert_eq!(case.facts["x"], Value::Text("a\"b\\中".into()));
    for zone in [Zone::UTC, shanghai()] {
        let json = case_to_json(&case, zone).to_string();
        assert_eq!(parse_case(&json, Zone::UTC).unwrap(), case, "{json}");
    }
}

#[test]
fn decimals_that_json_cannot_hold_are_written_as_texts() {
    let line = r#"{"case":"a","kind":"k","facts":{"d":12345678901234567890.12345}}"#;
    let case = parse_case(line, Zone::UTC).unwrap();
    assert_eq!(case.facts["d"], Value::Decimal("12345678901234567890.12345".parse().unwrap()));
    assert_eq!(case_to_json(&case, Zone::UTC)["facts"]["d"], "12345678901234567890.12345");
}

#[test]
fn a_repeated_event_counts_once() {
    let event = r#"{"id":"e","type":"t","at":"2026-03-02"}"#;
    for repeats in [2, 40] {
        let events = vec![event; repeats].join(",");
        let line = format!(r#"{{"case":"a","kind":"k","events":[{events},{{"id":"f","type":"t","at":"2026-03-02"}}]}}"#);
        let case = parse_case(&line, Zone::UTC).unwrap();
        assert_eq!(case.events.len(), 2);
        assert_eq!(case.events[1].id, "f");
    }
}

#[test]
fn lines_come_in_batches_past_blank_ones_a_bom_and_carriage_returns() {
    let text =
        "\u{feff}{\"case\":\"a\",\"kind\":\"k\"}\r\n\r\n   \n{\"case\":\"b\",\"kind\":\"k\"}\nrubbish\n{\"case\":\"c\",\"kind\":\"k\"}";
    let read = jsonl(text, 2);
    assert_eq!(read.ids(), ["a", "b", "c"]);
    assert_eq!(read.batches, 2);
    assert_eq!(read.only(), (5, "not JSON: expected value (column 1)"));
    assert_eq!(read.rejects[0].text, "rubbish");
    assert_eq!(read.summary, Summary { lines: 4, cases: 3, events: 0, rejected: 1 });
    assert_eq!(jsonl("", 2).batches, 0);
    assert_eq!(jsonl("\u{feff}", 2).summary, Summary::default());
}
