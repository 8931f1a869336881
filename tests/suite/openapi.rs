//! The description of the API: it is the one of the program, it is whole, and what it describes is there.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    api_client::{NOON, Program, company, document, token},
    board_client::Board,
    sandbox::Sandbox,
};

#[test]
fn the_description_is_that_of_the_program() {
    let printed = Sandbox::new().run(&["serve", "--openapi"]).code(0).stdout;
    let kept = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/openapi.json")).unwrap();
    assert!(printed == kept, "docs/openapi.json differs; make it again with `duly serve --openapi > docs/openapi.json`");
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|inner| references(inner, found));
        }
        Value::Array(list) => list.iter().for_each(|inner| references(inner, found)),
        _ => {}
    }
}

#[test]
fn the_description_is_whole() {
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for path in &found {
        assert!(document.pointer(path.trim_start_matches('#')).is_some(), "{path}");
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(found.contains(&format!("#/components/schemas/{name}")), "{name} is used nowhere");
    }
    let tags: Vec<&str> = document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let mut ids = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let text = |name: &str| operation[name].as_str().unwrap_or("").to_owned();
            assert!(ids.insert(text("operationId")) && !text("operationId").is_empty(), "{method} {path}");
            assert!(!text("summary").is_empty() && !text("description").is_empty(), "{method} {path}");
            assert!(tags.contains(&operation["tags"][0].as_str().unwrap()), "{method} {path}");
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let open: Vec<&str> = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
            let told: Vec<&str> = parameters.iter().filter(|one| one["in"] == "path").map(|one| one["name"].as_str().unwrap()).collect();
            assert_eq!(open, told, "{method} {path}");
        }
    }
}

#[test]
fn everything_that_is_described_is_there() {
    let sandbox = company();
    let token = token(&sandbox, "adam");
    let board = Board::start(&sandbox, &["--as-of", NOON]);
    let (adam, stranger) = (Program::new(&board, Some(&token)), Program::new(&board, None));
    let served = adam.get("/api/v1/openapi.json").code(200).json();
    assert_eq!(served, document());
    for (path, operations) in document()["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            if path == "/live" {
                continue;
            }
            let method = method.to_uppercase();
            let real = path.replace("{case}", "C-1").replace("{id}", if path.contains("runs") { "4" } else { "A-1" });
            let answer = adam.send(&method, &real, &[("content-type", "application/json")], b"{");
            let no_waiver = path.contains("{id}") && path.contains("waivers") && answer.text().contains("asked for any more");
            let is_run = path == "/api/v1/runs/{id}" && answer.text().contains("no run");
            assert!(
                no_waiver || is_run || !matches!(answer.status, 401 | 403 | 404 | 405 | 500),
                "{method} {real}: {} {}",
                answer.status,
                answer.text()
            );
            let open = operation["security"].as_array().is_some_and(Vec::is_empty);
            let answer = stranger.send(&method, &real, &[("content-type", "application/json")], b"{}");
            assert_eq!(answer.status == 401, !open, "{method} {real}: {}", answer.status);
        }
    }
    stranger.get("/api/v1/nothing").code(404);
    stranger.send("DELETE", "/api/v1/cases/C-1", &[], b"").code(405);
}
