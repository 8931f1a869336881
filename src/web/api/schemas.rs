//! The schemas of the API, JSON Schema 2020-12.

use serde_json::{Map, Value, json};

use crate::{account::Rank, finding::State, policy::clause::Severity};

/// All that have a name.
pub fn schemas() -> Vec<(&'static str, Value)> {
    let mut all = of_cases();
    all.extend(of_findings());
    all.extend(of_work());
    all.extend(of_server());
    all
}

/// An object with these properties, of which all must be there but the last few.
fn object(needed: &[(&str, Value)], optional: &[(&str, Value)]) -> Value {
    let properties: Map<String, Value> = needed.iter().chain(optional).map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    let required: Vec<&str> = needed.iter().map(|(name, _)| *name).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

/// The same where nothing else may stand: what is sent.
fn closed(needed: &[(&str, Value)], optional: &[(&str, Value)]) -> Value {
    let mut schema = object(needed, optional);
    if let Some(map) = schema.as_object_mut() {
        map.insert("additionalProperties".to_owned(), false.into());
    }
    schema
}

fn named(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn text() -> Value {
    json!({"type": "string"})
}

fn told(description: &str) -> Value {
    json!({"type": "string", "description": description})
}

fn instant() -> Value {
    json!({"type": "string", "format": "date-time"})
}

fn count() -> Value {
    json!({"type": "integer", "minimum": 0})
}

fn flag() -> Value {
    json!({"type": "boolean"})
}

fn texts() -> Value {
    list(&text())
}

fn list(items: &Value) -> Value {
    json!({"type": "array", "items": items})
}

/// The schema, or null.
fn or_null(schema: Value) -> Value {
    match schema.get("type").and_then(Value::as_str).map(|kind| json!([kind, "null"])) {
        Some(kinds) => {
            let mut schema = schema;
            if let Some(map) = schema.as_object_mut() {
                map.insert("type".to_owned(), kinds);
            }
            schema
        }
        None => json!({"oneOf": [schema, {"type": "null"}]}),
    }
}

fn words(list: impl IntoIterator<Item = &'static str>) -> Value {
    json!({"enum": list.into_iter().collect::<Vec<_>>()})
}

fn of_cases() -> Vec<(&'static str, Value)> {
    let id = json!({"type": "string", "minLength": 1, "maxLength": 256});
    let case = closed(
        &[("case", id.clone()), ("kind", told("As a policy declares it."))],
        &[("part_of", told("The case that this one is part of.")), ("facts", named("Values")), ("events", list(&named("Event")))],
    );
    let event = closed(
        &[
            ("type", told("The event type; `facts` for facts that changed.")),
            ("at", told("When it happened: RFC 3339; without offset in the zone of the company.")),
        ],
        &[
            ("id", told("Unique in the case; sending it again changes nothing.")),
            ("by", told("Who did it.")),
            ("role", told("In which role.")),
            ("data", named("Values")),
        ],
    );
    let cloud = object(
        &[
            ("specversion", json!({"const": "1.0"})),
            ("id", told("With `source` it tells events apart.")),
            ("source", text()),
            ("type", told("Its last part, after the last dot, is the event type.")),
            ("subject", told("The id of the case.")),
            ("time", told("When it happened.")),
        ],
        &[
            ("data", named("Values")),
            ("dulytype", told("The event type as it is.")),
            ("dulyby", told("Who did it.")),
            ("dulyrole", told("In which role.")),
            ("dulykind", told("The kind of the case.")),
            ("dulypartof", told("The case that it is part of.")),
        ],
    );
    let item = object(
        &[("position", json!({"type": "integer", "minimum": 1})), ("outcome", words(["new", "changed", "known", "refused"]))],
        &[
            ("case", text()),
            ("event", told("The id of the event, also where it was made of its content.")),
            ("new", flag()),
            ("differs", json!({"type": "boolean", "description": "It is known with other content, which was kept."})),
            ("why", told("Why it was refused.")),
        ],
    );
    let receipt = object(
        &[
            ("new", count()),
            ("changed", count()),
            ("known", count()),
            ("refused", count()),
            ("items", list(&named("Item"))),
            (
                "warnings",
                json!({"type": "array", "items": {"type": "string"}, "description": "What the policies do not know of it; it is stored all the same."}),
            ),
        ],
        &[],
    );
    vec![
        ("Values", json!({"type": "object"})),
        ("Event", event),
        ("Case", case),
        ("CaseIds", object(&[("cases", list(&object(&[("case", id), ("kind", text())], &[]))), ("next", or_null(text()))], &[])),
        ("CloudEvent", cloud),
        ("Item", item),
        ("Receipt", receipt),
    ]
}

fn of_findings() -> Vec<(&'static str, Value)> {
    let action = object(&[("role", text()), ("text", text()), ("before", or_null(instant()))], &[]);
    let finding = object(
        &[
            ("case", json!({"type": ["string", "null"], "description": "Null for a clause over many cases."})),
            ("kind", text()),
            ("policy", text()),
            ("clause", told("`policy/article`.")),
            ("instance", told("Which obligation of the clause.")),
            ("state", words(State::ALL.iter().map(|state| state.word()))),
            ("violation", flag()),
            ("open", flag()),
            ("severity", words(Severity::WORDS.iter().map(|(word, _)| *word))),
            ("due", or_null(instant())),
            ("provisional", flag()),
            ("since", or_null(instant())),
            ("met_at", or_null(instant())),
            ("overdue_by", json!({"type": ["string", "null"], "description": "ISO 8601, in hours and below."})),
            ("next_action", or_null(action)),
            ("missing", texts()),
            ("evidence", json!({"type": "array", "items": {"type": "string"}, "description": "Ids of events."})),
            ("message", text()),
        ],
        &[("group", or_null(text())), ("escalated_to", text()), ("penalty", text())],
    );
    let open = object(
        &[
            ("site", or_null(text())),
            (
                "first_seen",
                json!({"type": ["string", "null"], "format": "date-time", "description": "The as-of of the run that found it first."}),
            ),
            ("assigned_to", or_null(text())),
            ("acknowledged", or_null(object(&[("by", text()), ("at", instant())], &[]))),
        ],
        &[],
    );
    let key = closed(&[("clause", text()), ("instance", text())], &[("case", or_null(text())), ("group", or_null(text()))]);
    let page = object(
        &[
            ("total", count()),
            ("page", count()),
            ("limit", count()),
            ("as_of", instant()),
            ("board", count()),
            ("findings", list(&named("OpenFinding"))),
        ],
        &[],
    );
    let story = object(
        &[("clause", text()), ("title", text()), ("holds_from", instant()), ("story", texts()), ("obligations", list(&named("Finding")))],
        &[],
    );
    vec![
        ("Finding", finding),
        ("OpenFinding", json!({"allOf": [named("Finding"), open]})),
        ("FindingPage", page),
        ("FindingKey", key),
        (
            "Assignment",
            closed(
                &[("findings", list(&named("FindingKey")))],
                &[("to", json!({"type": ["string", "null"], "description": "The person; nobody in particular when null."}))],
            ),
        ),
        ("Acknowledgement", closed(&[("findings", list(&named("FindingKey")))], &[])),
        ("Done", object(&[("done", count())], &[])),
        ("Explanation", object(&[("clauses", list(&story)), ("valid_until", or_null(instant()))], &[])),
        (
            "Judgement",
            object(
                &[
                    ("case", text()),
                    ("kind", text()),
                    ("as_of", instant()),
                    ("obligations", list(&named("Finding"))),
                    ("valid_until", or_null(instant())),
                ],
                &[],
            ),
        ),
    ]
}

fn of_work() -> Vec<(&'static str, Value)> {
    let brief = [
        ("id", count()),
        ("at", instant()),
        ("as_of", instant()),
        ("policies", told("The SHA-256 of the policies that it used.")),
        ("fallback", json!({"type": "boolean", "description": "Whether the last good policies ran, since those on disk did not load."})),
        ("seconds", json!({"type": "number", "minimum": 0})),
    ];
    let changes = [("new", count()), ("cleared", count()), ("reopened", count())];
    let counts =
        json!({"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}, "description": "Obligations by state."});
    let figures = [("cases", count()), ("judged", count()), ("counts", counts)];
    let keys = list(&named("FindingKey"));
    let lists = object(&[("new", keys.clone()), ("cleared", keys.clone()), ("reopened", keys)], &[]);
    let optional: Vec<(&str, Value)> = changes.iter().chain(&figures).cloned().collect();
    let waiver = [
        ("id", text()),
        ("case", text()),
        ("clause", text()),
        ("instance", or_null(text())),
        ("from", instant()),
        ("until", instant()),
        ("by", text()),
        ("reason", text()),
    ];
    let and = |more: &[(&'static str, Value)]| -> Vec<(&'static str, Value)> { waiver.iter().chain(more).cloned().collect() };
    let request = closed(
        &[
            ("case", text()),
            ("clause", text()),
            ("until", told("Until when, exclusive.")),
            ("reason", text()),
            ("approver", told("The account that is to decide.")),
        ],
        &[
            ("instance", or_null(told("One obligation of the clause; all of them where nothing is said."))),
            ("from", or_null(told("From when; now where nothing is said."))),
        ],
    );
    let clause = object(
        &[
            ("clause", text()),
            ("policy", text()),
            ("article", text()),
            ("title", text()),
            ("says", text()),
            ("form", text()),
            ("kind", or_null(text())),
            ("owner", told("A role.")),
            ("severity", words(Severity::WORDS.iter().map(|(word, _)| *word))),
            ("covers", texts()),
            ("holds_from", instant()),
            ("holds_until", or_null(instant())),
            (
                "inactive",
                json!({"type": ["string", "null"], "description": "What the company does not record, where the clause needs it: then it is not judged."}),
            ),
        ],
        &[],
    );
    vec![
        ("RunList", object(&[("runs", list(&object(&brief, &optional)))], &[])),
        ("Run", object(&brief.iter().chain(&changes).cloned().chain([("findings", lists)]).collect::<Vec<_>>(), &figures)),
        (
            "RunOrder",
            closed(&[], &[("full", json!({"type": "boolean", "description": "Judge every case again, whatever is known from before."}))]),
        ),
        ("Waiver", object(&and(&[("approved_by", text()), ("recorded", instant())]), &[])),
        ("Ask", object(&and(&[("approver", text())]), &[])),
        ("WaiverRequest", request),
        ("WaiverList", object(&[("waivers", list(&named("Waiver"))), ("asked", list(&named("Ask")))], &[])),
        ("Decision", object(&[("granted", flag()), ("asked", named("Ask")), ("waiver", or_null(named("Waiver")))], &[])),
        (
            "ClauseList",
            object(
                &[
                    ("clauses", list(&clause)),
                    (
                        "policies_load",
                        json!({"type": "boolean", "description": "Whether those on disk load; else the last good ones are in use."}),
                    ),
                ],
                &[],
            ),
        ),
    ]
}

fn of_server() -> Vec<(&'static str, Value)> {
    let last = object(&[("id", count()), ("at", instant()), ("age_seconds", count())], &[]);
    vec![
        (
            "Account",
            object(
                &[("name", text()), ("rank", words(Rank::WORDS.iter().map(|(word, _)| *word))), ("policies", texts()), ("sites", texts())],
                &[],
            ),
        ),
        ("Health", object(&[("alive", json!({"const": true}))], &[])),
        (
            "Readiness",
            object(
                &[("ready", flag())],
                &[
                    ("store", words(["readable", "busy", "unreadable"])),
                    ("policies", words(["loaded", "last_good"])),
                    ("last_run", or_null(last)),
                ],
            ),
        ),
        (
            "Problem",
            object(&[("status", json!({"type": "integer", "minimum": 400})), ("title", text())], &[("en", text()), ("zh", text())]),
        ),
    ]
}
