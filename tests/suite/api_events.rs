//! Events and cases that programs send: taken once, told of one by one.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{
    api_client::{NOON, Program, company, token},
    board_client::Board,
};

fn state(program: &Program<'_>, case: &str) -> Value {
    let story = program.get(&format!("/api/v1/cases/{case}/explanation")).code(200).json();
    story["clauses"][0]["obligations"][0]["state"].clone()
}

#[test]
fn an_event_that_is_sent_again_changes_nothing() {
    let sandbox = company();
    let sun = token(&sandbox, "sun");
    let board = Board::start(&sandbox, &["--as-of", NOON]);
    let sun = Program::new(&board, Some(&sun));
    assert_eq!(state(&sun, "C-2"), "overdue");
    let event = json!({"id": "a1", "type": "answered", "at": "2026-03-02T17:00:00+08:00", "by": "lin"});
    let first = sun.post("/api/v1/cases/C-2/events", &event).code(201).json();
    assert_eq!((&first["new"], &first["items"][0]["event"], &first["items"][0]["new"]), (&json!(1), &json!("a1"), &json!(true)));
    assert_eq!(state(&sun, "C-2"), "met");
    let again = sun.post("/api/v1/cases/C-2/events", &event).code(200).json();
    assert_eq!((&again["known"], &again["items"][0]["new"], again["items"][0].get("differs")), (&json!(1), &json!(false), None));
    let other = json!({"id": "a1", "type": "answered", "at": "2026-03-02T18:00:00+08:00"});
    let other = sun.post("/api/v1/cases/C-2/events", &other).code(200).json();
    assert_eq!(other["items"][0]["differs"], true);
    // Without an id the content tells.
    let nameless = json!({"type": "closed", "at": "2026-03-03T09:00"});
    let id = sun.post("/api/v1/cases/C-2/events", &nameless).code(201).json()["items"][0]["event"].clone();
    assert_eq!(sun.post("/api/v1/cases/C-2/events", &nameless).code(200).json()["items"][0]["event"], id);
    // A list tells of each.
    let list = json!([event, {"type": "answered"}, {"id": "x1", "type": "unheard", "at": "2026-03-03T10:00:00+08:00"}, 7]);
    let told = sun.post("/api/v1/cases/C-2/events", &list).code(207).json();
    let outcomes: Vec<&str> = told["items"].as_array().unwrap().iter().map(|item| item["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["known", "refused", "new", "refused"]);
    assert!(told["items"][1]["why"].as_str().unwrap().contains("`at` is missing"), "{told}");
    assert!(told["warnings"][0].as_str().unwrap().contains("unheard"), "{told}");
    // What closes the list and says more is one value no longer.
    let sly = br#"[{"type":"closed","at":"2026-03-03T09:00"}], "part_of":"V-1", "facts":{"a":[1]}"#;
    sun.send("POST", "/api/v1/cases/C-2/events", &[("content-type", "application/json")], sly).code(422);
    sun.post("/api/v1/cases/C-2/events", &json!({"type": "answered"})).code(422);
    sun.post("/api/v1/cases/C-9/events", &event).code(404);
    sun.send("POST", "/api/v1/cases/C-2/events", &[("content-type", "text/plain")], b"{}").code(415);
    let case = sun.get("/api/v1/cases/C-2").code(200).json();
    assert_eq!(case["events"].as_array().unwrap().len(), 4, "{case}");
}

fn cloud(id: &str, subject: &str, more: &Value) -> Value {
    let mut event = json!({
        "specversion": "1.0", "id": id, "source": "/crm", "type": "com.example.answered", "subject": subject,
        "time": "2026-03-02T17:00:00+08:00", "dulyby": "lin", "data": {"note": "电话"},
    });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

#[test]
fn cloud_events_come_in_three_ways() {
    let sandbox = company();
    let (sun, olga) = (token(&sandbox, "sun"), token(&sandbox, "olga"));
    let board = Board::start(&sandbox, &["--as-of", NOON]);
    let (sun, olga) = (Program::new(&board, Some(&sun)), Program::new(&board, Some(&olga)));
    let one = [("content-type", "application/cloudevents+json; charset=utf-8")];
    let batch = [("content-type", "application/cloudevents-batch+json")];
    let path = "/api/v1/events";
    let event = cloud("1", "C-2", &json!({})).to_string();
    let told = sun.send("POST", path, &one, event.as_bytes()).code(201).json();
    assert_eq!(told["items"][0], json!({"position": 1, "outcome": "new", "case": "C-2", "event": "/crm#1", "new": true}));
    assert_eq!(state(&sun, "C-2"), "met");
    // The same with its attributes in headers.
    let binary = [
        ("content-type", "application/json"),
        ("ce-specversion", "1.0"),
        ("ce-id", "1"),
        ("ce-source", "/crm"),
        ("ce-type", "com.example.answered"),
        ("ce-subject", "C-2"),
        ("ce-time", "2026-03-02T17:00:00+08:00"),
        ("ce-dulyby", "lin"),
    ];
    let told = sun.send("POST", path, &binary, r#"{"note":"电话"}"#.as_bytes()).code(200).json();
    assert_eq!((&told["known"], told["items"][0].get("differs")), (&json!(1), None), "{told}");
    let told = sun.send("POST", path, &binary, br#"{"note":"mail"}"#).code(200).json();
    assert_eq!(told["items"][0]["differs"], true);
    sun.send("POST", path, &binary, br#"{"note":"mail"},"subject":"V-1""#).code(422);
    sun.send("POST", path, &binary[..4], b"").code(422);
    // A batch: known, new, twice in it, without subject, of a case that is not there.
    let new = json!({"dulykind": "complaint", "type": "received"});
    let list = json!([
        cloud("1", "C-2", &json!({})),
        cloud("2", "C-1", &json!({"dulytype": "closed"})),
        cloud("2", "C-1", &json!({"dulytype": "closed"})),
        cloud("3", "", &json!({})),
        cloud("4", "C-77", &json!({})),
        cloud("5", "C-78", &new),
    ]);
    let outcomes = |told: &Value| -> Vec<String> {
        told["items"].as_array().unwrap().iter().map(|item| item["outcome"].as_str().unwrap().to_owned()).collect()
    };
    let told = sun.send("POST", path, &batch, list.to_string().as_bytes()).code(207).json();
    assert_eq!(outcomes(&told), ["known", "new", "known", "refused", "refused", "refused"], "{told}");
    assert!(told["items"][4]["why"].as_str().unwrap().contains("dulykind"), "{told}");
    assert!(told["items"][5]["why"].as_str().unwrap().contains("may not take cases in"), "{told}");
    // Who may take cases in makes one so; what follows need not say its kind again.
    let list = json!([cloud("5", "C-78", &new), cloud("6", "C-78", &json!({})), cloud("7", "C-78", &json!({"dulykind": "visit"}))]);
    let told = olga.send("POST", path, &batch, list.to_string().as_bytes()).code(207).json();
    assert_eq!(outcomes(&told), ["new", "new", "refused"], "{told}");
    assert_eq!(olga.get("/api/v1/cases/C-78").code(200).json()["events"].as_array().unwrap().len(), 2);
    sun.send("POST", path, &batch, b"[]").code(200);
    sun.send("POST", path, &batch, b"{}").code(422);
    sun.send("POST", path, &batch, b"[{}, 3]").code(422);
    sun.send("POST", path, &[("content-type", "application/json")], b"{}").code(415);
}

#[test]
fn cases_are_taken_in_once() {
    let sandbox = company();
    let (olga, sun) = (token(&sandbox, "olga"), token(&sandbox, "sun"));
    let board = Board::start(&sandbox, &["--as-of", NOON]);
    let (olga, sun) = (Program::new(&board, Some(&olga)), Program::new(&board, Some(&sun)));
    let case = json!({"case": "V/3 东", "kind": "visit", "facts": {"site": "north", "cost": 12.30}, "events": [{"id": "o1", "type": "ordered", "at": "2026-03-02T09:00:00+08:00"}]});
    let path = "/api/v1/cases/V%2F3%20%E4%B8%9C";
    assert_eq!(olga.put(path, &case).code(201).json()["outcome"], "new");
    assert_eq!(olga.put(path, &case).code(200).json()["outcome"], "known");
    let more = json!({"case": "V/3 东", "kind": "visit", "events": [{"id": "m1", "type": "made", "at": "2026-03-02T10:00:00+08:00"}]});
    assert_eq!(olga.put(path, &more).code(200).json()["outcome"], "changed");
    assert_eq!(olga.put(path, &more).code(200).json()["outcome"], "known");
    assert_eq!(state(&olga, "V%2F3%20%E4%B8%9C"), "met");
    let shown = olga.get(path).code(200).json();
    assert_eq!((shown["events"].as_array().unwrap().len(), &shown["facts"]["cost"]), (2, &json!(12.3)));
    olga.put("/api/v1/cases/V-9", &case).code(422);
    olga.put(path, &json!({"case": "V/3 东", "kind": "complaint"})).code(422);
    sun.put(path, &case).code(403);
    // Some at once, as a list and a line each.
    let list =
        json!([{"case": "C-1", "kind": "complaint"}, {"case": "C-3", "kind": "complaint", "facts": {"grade": "general"}}, {"case": "C-4"}]);
    let told = olga.post("/api/v1/cases", &json!([])).code(200).json();
    assert_eq!(told["items"], json!([]));
    let answer = olga.send("POST", "/api/v1/cases", &[("content-type", "application/json")], list.to_string().as_bytes()).code(207).json();
    assert_eq!((&answer["known"], &answer["new"], &answer["refused"]), (&json!(1), &json!(1), &json!(1)), "{answer}");
    let lines = "{\"case\":\"C-3\",\"kind\":\"complaint\"}\n\n{\"case\":\"C-5\",\"kind\":\"rumour\"}\n";
    let answer = olga.send("POST", "/api/v1/cases", &[("content-type", "application/jsonl")], lines.as_bytes()).code(200).json();
    assert_eq!((&answer["known"], &answer["new"]), (&json!(1), &json!(1)), "{answer}");
    assert!(answer["warnings"][0].as_str().unwrap().contains("rumour"), "{answer}");
    let ids = |path: &str| -> Vec<String> {
        let page = olga.get(path).code(200).json();
        page["cases"].as_array().unwrap().iter().map(|case| case["case"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids("/api/v1/cases"), ["C-1", "C-2", "C-3", "C-5", "V-1", "V-2", "V/3 东"]);
    assert_eq!(ids("/api/v1/cases?kind=visit&limit=2"), ["V-1", "V-2"]);
    assert_eq!(olga.get("/api/v1/cases?kind=visit&limit=2").json()["next"], "V-2");
    assert_eq!(ids("/api/v1/cases?kind=visit&limit=2&after=V-2"), ["V/3 东"]);
    assert_eq!(ids("/api/v1/cases?prefix=C-&after=C-2"), ["C-3", "C-5"]);
}

#[test]
fn a_change_is_told_within_two_seconds() {
    let sandbox = company();
    let sun = token(&sandbox, "sun");
    let board = Board::start(&sandbox, &["--as-of", NOON]);
    let sun = Program::new(&board, Some(&sun));
    let mut lines = sun.watch();
    let head: Vec<String> = lines.by_ref().take_while(|line| !line.trim().is_empty()).collect();
    assert!(head[0].contains("200"), "{head:?}");
    assert!(head.iter().any(|line| line.to_lowercase().starts_with("content-type: text/event-stream")), "{head:?}");
    let told = std::thread::spawn(move || {
        let line = lines.find(|line| line.starts_with("event:"));
        (line, Instant::now())
    });
    std::thread::sleep(Duration::from_millis(200));
    sun.post("/api/v1/cases/C-2/events", &json!({"id": "a1", "type": "answered", "at": "2026-03-02T17:00:00+08:00"})).code(201);
    let done = Instant::now();
    let (line, at) = told.join().unwrap();
    assert_eq!(line.as_deref().map(str::trim), Some("event: change"));
    assert!(at < done + Duration::from_secs(2));
    let refused = Program::new(&board, Some("duly_nobody")).watch().next().unwrap();
    assert!(refused.contains("401"), "{refused}");
}
