//! The document of the API, made from the table that is routed.

use serde_json::{Map, Value, json};

use super::{
    endpoint::{Endpoint, Parameter},
    endpoints,
    schemas::schemas,
};
use crate::{
    account::{Power, Rank},
    web::{
        route::Needs,
        visit::{Answer, Reply, Visit},
    },
};

/// What the open parts of paths are.
const PARTS: [(&str, &str); 2] = [("case", "The id of a case, percent-encoded."), ("id", "An id, as lists give it.")];

/// The headings, in order.
const TAGS: [(&str, &str); 7] = [
    ("findings", "What is overdue, falls due or cannot be told; who has it in hand."),
    ("cases", "Cases, their events, and why their obligations are as they are."),
    ("events", "Events as CloudEvents 1.0."),
    ("runs", "Checks of the whole store."),
    ("waivers", "Waivers, and those that are asked for."),
    ("policies", "The clauses in use, and a check of a case that is not stored."),
    ("server", "The server itself."),
];

/// The answer of the server.
pub fn show(_: &Visit<'_>) -> Answer {
    Ok(Reply::json(&document()))
}

/// The document, `OpenAPI` 3.1.
#[must_use]
pub fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for endpoint in endpoints() {
        let path = paths.entry(endpoint.route.path).or_insert_with(|| json!({}));
        let method = endpoint.route.method.as_str().to_ascii_lowercase();
        if let Some(path) = path.as_object_mut() {
            path.insert(method, operation(&endpoint));
        }
    }
    let schemas: Map<String, Value> = schemas().into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    let tags: Vec<Value> = TAGS.iter().map(|(name, text)| json!({"name": name, "description": text})).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "duly",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Recorded cases held against a company's own rules: what is violated, what falls due, whose move it is, and why. \
                A token is made at `/me` of the board, or by `duly user token`; it may do what its account may, and sees what it sees. \
                Texts come in the language of `Accept-Language` (en or zh), or of `?lang=`.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "responses": {"Problem": {
                "description": "Why there is no answer (RFC 9457). 401: no token, or one that does not hold. 403: the account may not. 404: there is no such thing, or the account may not see it. 413: too large. 415: no such kind of content. 422: what was sent is wrong. 429: too many requests; 503: busy; both say in `Retry-After` when to try again.",
                "headers": {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}},
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }},
            "schemas": schemas,
        },
    })
}

fn operation(endpoint: &Endpoint) -> Value {
    let told = &endpoint.told;
    let mut operation = json!({"operationId": told.id, "tags": [told.tag], "summary": told.summary});
    let mut put = |name: &str, value: Value| {
        if let Some(map) = operation.as_object_mut() {
            map.insert(name.to_owned(), value);
        }
    };
    let description = [told.more.to_owned(), needs(endpoint.route.needs)].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>();
    put("description", description.join("\n\n").into());
    if endpoint.route.needs == Needs::Nothing {
        put("security", json!([]));
    }
    let own = PARTS.iter().filter(|(name, _)| endpoint.route.path.contains(&format!("{{{name}}}")));
    let mut parameters: Vec<Value> = own
        .map(|(name, text)| json!({"name": name, "in": "path", "required": true, "description": text, "schema": {"type": "string"}}))
        .collect();
    parameters.extend(told.parameters.iter().map(parameter));
    if !parameters.is_empty() {
        put("parameters", parameters.into());
    }
    if !told.takes.is_empty() {
        let content: Map<String, Value> =
            told.takes.iter().map(|(content, schema)| ((*content).to_owned(), json!({"schema": schema.to_json()}))).collect();
        put("requestBody", json!({"required": told.must, "content": content}));
    }
    let mut answers: Map<String, Value> = Map::new();
    for (status, text, content, schema) in &told.gives {
        let answer = answers.entry(status.to_string()).or_insert_with(|| json!({"description": text, "content": {}}));
        if let Some(map) = answer.get_mut("content").and_then(Value::as_object_mut) {
            map.insert((*content).to_owned(), json!({"schema": schema.to_json()}));
        }
    }
    answers.insert("default".to_owned(), json!({"$ref": "#/components/responses/Problem"}));
    put("responses", answers.into());
    operation
}

fn parameter(parameter: &Parameter) -> Value {
    let place = if parameter.header { "header" } else { "query" };
    json!({"name": parameter.name, "in": place, "description": parameter.text, "schema": parameter.kind.to_json()})
}

/// Who may, in words.
fn needs(needs: Needs) -> String {
    match needs {
        Needs::Nothing => "Needs no token.".to_owned(),
        Needs::Account => "Any account may.".to_owned(),
        Needs::Power(power) => may(power),
    }
}

fn may(power: Power) -> String {
    let ranks: Vec<&str> = Rank::WORDS.iter().filter(|(_, rank)| rank.may(power)).map(|(word, _)| *word).collect();
    format!("For accounts of the rank {}.", ranks.join(", "))
}
