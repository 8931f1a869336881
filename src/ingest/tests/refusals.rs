//! Each way in which a line of the contract is refused.

use super::jsonl;
use crate::{
    ingest::{MOST_EVENTS, MOST_LINE, MOST_REJECT, parse_case},
    time::Zone,
};

fn refused(line: &str) -> String {
    let reason = parse_case(line, Zone::UTC).unwrap_err();
    assert!(!reason.zh.is_empty() && reason.zh != reason.en, "{reason:?}");
    reason.en
}

/// A line with more fields.
fn with(fields: &str) -> String {
    refused(&format!(r#"{{"case":"a","kind":"k",{fields}}}"#))
}

/// A line whose second event has these fields.
fn event(fields: &str) -> String {
    with(&format!(r#""events":[{{"type":"t","at":"2026-03-02"}},{{{fields}}}]"#))
}

#[test]
fn what_is_not_json() {
    assert_eq!(refused("hello"), "not JSON: expected value (column 1)");
    assert_eq!(refused(r#"{"case":"案",}"#), "not JSON: trailing comma (column 13)");
    assert_eq!(refused(r#"{"case":"a""#), "not JSON: EOF while parsing an object (column 11)");
    assert_eq!(refused(r#"{"case":"a","kind":"k"} x"#), "not JSON: trailing characters (column 25)");
    assert_eq!(refused("{\n  \"case\": nope\n}"), "not JSON: expected ident (line 2 column 12)");
    assert!(refused("{\"case\":\"a\0\",\"kind\":\"k\"}").starts_with("not JSON: a NUL byte"));
}

#[test]
fn what_is_not_an_object() {
    assert_eq!(refused("[1]"), "a line is one JSON object, found a list");
    assert_eq!(refused("null"), "a line is one JSON object, found null");
    assert_eq!(refused("3"), "a line is one JSON object, found a number");
    assert_eq!(refused(r#""x""#), "a line is one JSON object, found a text");
}

#[test]
fn ids_and_kinds() {
    let missing = "`case` is missing or empty; it is the id of the case";
    for line in [r#"{"kind":"k"}"#, r#"{"case":"","kind":"k"}"#, r#"{"case":null,"kind":"k"}"#, r#"{"case":" ","kind":"k"}"#] {
        assert_eq!(refused(line), missing);
    }
    for line in [r#"{"case":"a"}"#, r#"{"case":"a","kind":""}"#] {
        assert_eq!(refused(line), "`kind` is missing or empty; it says which rules concern the case");
    }
    assert_eq!(refused(r#"{"case":"a\tb","kind":"k"}"#), r"the case id `a\tb` holds a control character");
    let long = "x".repeat(257);
    assert_eq!(refused(&format!(r#"{{"case":"{long}","kind":"k"}}"#)), "the case id is 257 bytes long; at most 256");
    assert_eq!(with(r#""part_of":"a\u0007""#), r"the case id `a\u{7}` holds a control character");
    let fits = "x".repeat(256);
    assert!(parse_case(&format!(r#"{{"case":"{fits}","kind":"k"}}"#), Zone::UTC).is_ok());
}

#[test]
fn wrong_types() {
    assert_eq!(refused(r#"{"case":7,"kind":"k"}"#), "`case` is a text, found a number");
    assert_eq!(refused(r#"{"case":"a","kind":["k"]}"#), "`kind` is a text, found a list");
    assert_eq!(with(r#""facts":[]"#), "`facts` is an object, found a list");
    assert_eq!(with(r#""facts":"x""#), "`facts` is an object, found a text");
    assert_eq!(with(r#""events":{}"#), "`events` is a list, found an object");
    assert_eq!(with(r#""events":[true]"#), "event 1: an event is an object, found true or false");
    assert_eq!(event(r#""type":"t","at":"2026-03-02","by":1.5"#), "event 2: `by` is a text, found a number");
    assert_eq!(event(r#""type":"t","at":"2026-03-02","data":3"#), "event 2: `data` is an object, found a number");
    assert_eq!(event(r#""type":"t","at":1770000000"#), "event 2: `at` is a text such as `2026-03-02T09:00:00+08:00`, found a number");
}

#[test]
fn events_without_type_or_time() {
    assert_eq!(event(r#""at":"2026-03-02""#), "event 2: `type` is missing or empty");
    assert_eq!(event(r#""type":"","at":"2026-03-02""#), "event 2: `type` is missing or empty");
    assert_eq!(event(r#""type":"t""#), "event 2: `at` is missing or empty");
    assert_eq!(
        event(r#""type":"t","at":"02/03/2026""#),
        "event 2: `at`: `02/03/2026` is not an instant; expected one such as `2026-03-02T09:00:00+08:00` or `2026-03-02 09:00`"
    );
}

#[test]
fn unknown_and_repeated_keys() {
    assert_eq!(with(r#""fatcs":{}"#), "unknown key `fatcs`; did you mean `facts`?");
    assert_eq!(event(r#""tpye":"t""#), "event 2: unknown key `tpye`; did you mean `type`?");
    assert!(event(r#""zzzzzz":1"#).starts_with("event 2: unknown key `zzzzzz`; known here: `at`, `by`"));
    assert_eq!(with(r#""case":"b""#), "the key `case` stands twice");
    assert_eq!(with(r#""facts":{"x":1,"x":2}"#), "the key `x` stands twice");
}

#[test]
fn two_events_with_one_id() {
    let same = r#""events":[{"id":"e","type":"t","at":"2026-03-02"},{"id":"e","type":"u","at":"2026-03-02"}]"#;
    assert_eq!(with(same), "two events of the case have the id `e` and differ");
    let mut many: Vec<String> = (0..40).map(|id| format!(r#"{{"id":"{id}","type":"t","at":"2026-03-02"}}"#)).collect();
    many.push(r#"{"id":"7","type":"t","at":"2026-03-03"}"#.into());
    assert_eq!(with(&format!(r#""events":[{}]"#, many.join(","))), "two events of the case have the id `7` and differ");
}

#[test]
fn too_many_too_deep_too_large() {
    let events = vec![r#"{"type":"t","at":"2026-03-02"}"#; MOST_EVENTS + 1].join(",");
    assert_eq!(with(&format!(r#""events":[{events}]"#)), "the case has more than 100000 events");
    let nested = |levels| format!(r#""facts":{{"x":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
    assert!(parse_case(&format!(r#"{{"case":"a","kind":"k",{}}}"#, nested(64)), Zone::UTC).is_ok());
    assert_eq!(with(&nested(65)), "a value nests deeper than 64 levels");
    assert_eq!(with(&nested(100_000)), "a value nests deeper than 64 levels");
    let large = "9".repeat(40);
    assert_eq!(with(&format!(r#""facts":{{"x":{large}}}"#)), format!("the number `{large}` is too large; give it as a text"));
    assert_eq!(with(r#""facts":{"x":"a\u0000b"}"#), "a text holds the NUL character");
    assert_eq!(with(r#""facts":{"a\u0000b":1}"#), "a text holds the NUL character");
}

#[test]
fn bytes_that_are_not_utf8() {
    let read = jsonl(b"{\"case\":\"a\",\"kind\":\"k\"}\n{\"case\":\"\xff\"}\n", 9);
    assert_eq!(read.only(), (2, "not UTF-8 from byte 10 on; save the file as UTF-8"));
    assert_eq!(read.rejects[0].text, "{\"case\":\"\u{fffd}\"}");
    assert_eq!(read.ids(), ["a"]);
}

#[test]
fn a_line_that_is_too_long_is_skipped_and_cut() {
    let mut text = b"{\"case\":\"a\",\"kind\":\"k\"}\n".to_vec();
    text.extend(std::iter::repeat_n(0xe4, MOST_LINE + 5));
    text.extend(b"\n{\"case\":\"b\",\"kind\":\"k\"}\n");
    let read = jsonl(&text, 9);
    assert_eq!(read.ids(), ["a", "b"]);
    assert_eq!(read.only(), (2, "longer than 16 MiB"));
    assert!(read.rejects[0].text.len() <= MOST_REJECT && read.rejects[0].text.len() > MOST_REJECT - 4);
    // A line of the greatest length is taken, whatever ends it.
    for (end, extra) in [("", 0), ("\n", 0), ("\r\n", 0), ("\n", 1)] {
        let frame = r#"{"case":"c","kind":"k","facts":{"x":""}}"#;
        let line = frame.replace("\"\"}", &format!("\"{}\"}}", "x".repeat(MOST_LINE - frame.len() + extra)));
        assert_eq!(jsonl(line + end, 9).cases.len(), 1 - extra, "{end:?}");
    }
}
