//! CloudEvents: what becomes of their attributes, and what is refused of them.

use std::io::Cursor;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{Outcome, at, shanghai};
use crate::{
    case::Case,
    ingest::{Defaults, IngestError, Received, read_cloudevent_lines, read_cloudevents},
};

fn defaults() -> Defaults<'static> {
    Defaults { zone: shanghai(), kind: None }
}

fn event(more: &Json) -> Json {
    let mut event = json!({
        "specversion": "1.0", "id": "1", "source": "/desk", "type": "com.example.repair.received", "subject": "R-1",
        "time": "2026-03-02T09:00:00+08:00",
    });
    for (key, value) in more.as_object().unwrap() {
        match value {
            Json::Null => drop(event.as_object_mut().unwrap().remove(key)),
            value => event[key] = value.clone(),
        }
    }
    event
}

fn read(value: &Json) -> Received {
    read_cloudevents(value.to_string().as_bytes(), defaults()).unwrap()
}

#[test]
fn an_event_of_a_case() {
    let received = read(&event(
        &json!({"dulykind": "repair", "dulypartof": "S-1", "dulyrole": "desk", "traceparent": "00-1", "data": {"by": "lin", "price": 12.50}}),
    ));
    assert!(received.refused.is_empty());
    let [case] = received.cases.as_slice() else { panic!("{received:?}") };
    assert_eq!((case.id.as_str(), case.kind.as_str(), case.part_of.as_deref()), ("R-1", "repair", Some("S-1")));
    let event = &case.events[0];
    assert_eq!((event.id.as_str(), event.kind.as_str(), event.at), ("/desk#1", "received", at("2026-03-02T09:00")));
    assert_eq!((event.by.as_deref(), event.role.as_deref()), (Some("lin"), Some("desk")));
    insta::assert_snapshot!(crate::ingest::case_to_json(case, shanghai())["events"][0]["data"], @r#"{"price":12.5}"#);
}

#[test]
fn the_type_is_the_last_part_or_that_of_duly() {
    let kind = |more: Json| read(&event(&more)).cases[0].events[0].kind.clone();
    assert_eq!(kind(json!({"type": "received"})), "received");
    assert_eq!(kind(json!({"type": "com.example.received.v1", "dulytype": "plan.received"})), "plan.received");
}

#[test]
fn a_batch_is_gathered_by_case() {
    let batch = json!([
        event(&json!({"id": "2", "type": "closed", "time": "2026-03-03T09:00:00+08:00"})),
        event(&json!({"dulykind": "repair"})),
        event(&json!({"dulykind": "repair"})),
        event(&json!({"subject": "R-2"})),
        event(&json!({"dulykind": "complaint", "id": "3"})),
        event(&json!({"data": {"changed": true}})),
        7,
    ]);
    let received = read(&batch);
    let cases: Vec<(&str, &str, usize)> = received.cases.iter().map(|case| (&*case.id, &*case.kind, case.events.len())).collect();
    assert_eq!(cases, [("R-1", "repair", 2), ("R-2", "", 1)]);
    assert_eq!(received.cases[0].events[0].kind, "received");
    let refused: Vec<String> = received.refused.iter().map(|refused| format!("{}: {}", refused.position, refused.reason.en)).collect();
    insta::assert_snapshot!(refused.join("\n"), @r"
    5: the kind of `R-1` was `repair` in an earlier event and is `complaint` here
    6: two events of the case have the id `/desk#1` and differ
    7: an event is a JSON object
    ");
}

#[test]
fn what_is_wanting_is_named() {
    let reasons: Vec<String> = [
        json!({"specversion": null}),
        json!({"specversion": "0.3"}),
        json!({"subject": null}),
        json!({"subject": "a\u{7}"}),
        json!({"id": ""}),
        json!({"source": 7}),
        json!({"type": "a."}),
        json!({"time": null}),
        json!({"time": "soon"}),
        json!({"data": [1]}),
        json!({"data_base64": "AA=="}),
    ]
    .iter()
    .map(|more| {
        let received = read(&event(more));
        let [refused] = received.refused.as_slice() else { panic!("{received:?}") };
        assert_ne!(refused.reason.en, refused.reason.zh);
        refused.reason.en.clone()
    })
    .collect();
    insta::assert_snapshot!(reasons.join("\n"), @r"
    `specversion` is missing: not a CloudEvent
    `specversion` is not `1.0`
    `subject` is missing or empty; it is the id of the case
    the case id `a\u{7}` holds a control character
    `id` is missing or empty; with `source` it tells events apart
    `source` is a text
    `type` `a.` ends with a dot
    `time` is missing or empty; it is when it happened
    `time`: `soon` is not an instant; expected one such as `2026-03-02T09:00:00+08:00` or `2026-03-02 09:00`
    `data` is a JSON object
    `data_base64` is not read: data are a JSON object
    ");
    let whole: Vec<String> =
        ["", "[", "7", "{\"id\":1,\"id\":2}"].iter().map(|text| read_cloudevents(text.as_bytes(), defaults()).unwrap_err().en).collect();
    insta::assert_snapshot!(whole.join("\n"), @r"
    not JSON: EOF while parsing a value (column 0)
    not JSON: EOF while parsing a list (column 1)
    a line is one JSON object, found a number
    the key `id` stands twice
    ");
}

#[test]
fn one_a_line() {
    let lines = format!("{}\n\n{{}}\n{}\n", event(&json!({})), event(&json!({"id": "2"})));
    let mut outcome = Outcome::default();
    let mut rejects = Vec::new();
    let summary = read_cloudevent_lines::<IngestError>(
        Cursor::new(lines),
        Defaults { kind: Some("repair"), ..defaults() },
        2,
        &mut |cases: Vec<Case>| {
            outcome.cases.extend(cases);
            Ok(())
        },
        &mut |reject| rejects.push(reject),
    )
    .unwrap();
    outcome.rejects = rejects;
    assert_eq!(outcome.only(), (3, "`specversion` is missing: not a CloudEvent"));
    // The second comes in another batch.
    assert_eq!((outcome.ids(), summary.events), (vec!["R-1", "R-1"], 2));
    assert!(outcome.cases.iter().all(|case| case.kind == "repair"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn changed_bytes_do_no_harm(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = json!([event(&json!({"data": {"a": [1, 2.50, null]}})), event(&json!({"id": "2"}))]).to_string().into_bytes();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Ok(received) = read_cloudevents(&bytes, defaults()) {
            prop_assert!(received.cases.iter().all(|case| !case.id.is_empty() && !case.events.is_empty()));
            prop_assert!(received.refused.len() + received.cases.iter().map(|case| case.events.len()).sum::<usize>() <= received.events);
        }
    }
}
