//! JSON Schema (draft 2020-12), made from the tables that also serve reading and `duly help`.

use serde_json::{Map, Value, json};

use crate::{
    form::FORMS,
    lang::Lang,
    policy::{CLAUSE_KEYS, POLICY_KEYS, PolicySet, VOCABULARY_KEYS, vocabulary::FactDecl},
    value::Type,
    yaml::Key,
};

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of policy files.
#[must_use]
pub fn of_policies(lang: Lang) -> Value {
    let mut clause = keys(CLAUSE_KEYS, lang);
    let mut names = Vec::new();
    for form in FORMS {
        let (en, zh) = form.documentation();
        let mut schema = keys(form.keys, lang);
        put(&mut schema, "description", lang.pick(&en, &zh).into());
        if let Some(properties) = clause.get_mut("properties").and_then(Value::as_object_mut) {
            properties.insert(form.name.to_owned(), schema);
        }
        names.push(json!({"required": [form.name]}));
    }
    put(&mut clause, "oneOf", names.into());
    let mut policy = keys(POLICY_KEYS, lang);
    put(&mut policy, "$schema", DRAFT.into());
    put(&mut policy, "title", lang.pick("A policy of duly", "duly 策略").into());
    if let Some(properties) = policy.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert("clauses".to_owned(), json!({"type": "array", "items": clause}));
    }
    policy
}

/// The schema of vocabulary files.
#[must_use]
pub fn of_vocabularies(lang: Lang) -> Value {
    let mut vocabulary = keys(VOCABULARY_KEYS, lang);
    put(&mut vocabulary, "$schema", DRAFT.into());
    put(&mut vocabulary, "title", lang.pick("A vocabulary of duly", "duly 词汇表").into());
    vocabulary
}

fn put(schema: &mut Value, name: &str, value: Value) {
    if let Some(map) = schema.as_object_mut() {
        map.insert(name.to_owned(), value);
    }
}

fn keys(keys: &[Key], lang: Lang) -> Value {
    let mut properties = Map::new();
    for key in keys {
        properties.insert(key.name.to_owned(), json!({"description": format!("{}: {}", key.shape, lang.pick(key.en, key.zh))}));
    }
    let required: Vec<&str> = keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

/// The schema of the cases that a policy set accepts, one object a line.
#[must_use]
pub fn of_cases(set: &PolicySet, lang: Lang) -> Value {
    let kinds: Vec<Value> = set
        .kinds
        .iter()
        .map(|kind| {
            let facts: Map<String, Value> = kind.facts.iter().map(|fact| (fact.name.clone(), of_fact(fact, lang))).collect();
            let mut events: Vec<Value> = kind
                .events
                .iter()
                .map(|event| {
                    let data: Map<String, Value> = event.data.iter().map(|field| (field.name.clone(), of_fact(field, lang))).collect();
                    json!({"title": event.label.get(lang), "properties": {"type": {"const": event.name}, "data": {"type": "object", "properties": data}}})
                })
                .collect();
            events.push(json!({"title": lang.pick("changed facts", "事实变更"), "properties": {"type": {"const": "facts"}, "data": {"type": "object", "properties": facts.clone()}}}));
            json!({
                "title": kind.label.get(lang),
                "properties": {
                    "kind": {"const": kind.name},
                    "facts": {"type": "object", "properties": facts},
                    "events": {"type": "array", "items": {"allOf": [{"$ref": "#/$defs/event"}, {"anyOf": events}]}},
                },
            })
        })
        .collect();
    json!({
        "$schema": DRAFT,
        "title": lang.pick("A case of duly, one JSON object a line", "duly 个案，每行一个 JSON 对象"),
        "type": "object",
        "required": ["case", "kind"],
        "properties": {
            "case": {"type": "string", "minLength": 1, "maxLength": 256},
            "kind": {"enum": set.kinds.iter().map(|kind| kind.name.as_str()).collect::<Vec<_>>()},
            "part_of": {"type": "string"},
            "facts": {"type": "object"},
            "events": {"type": "array"},
        },
        "additionalProperties": false,
        "oneOf": kinds,
        "$defs": {"event": {
            "type": "object",
            "required": ["type", "at"],
            "properties": {
                "id": {"type": "string"}, "type": {"type": "string"}, "at": {"type": "string", "description": "RFC 3339"},
                "by": {"type": "string"}, "role": {"type": "string"}, "data": {"type": "object"},
            },
            "additionalProperties": false,
        }},
    })
}

fn of_fact(fact: &FactDecl, lang: Lang) -> Value {
    let mut schema = match fact.kind {
        Type::Boolean => json!({"type": "boolean"}),
        Type::Integer => json!({"type": "integer"}),
        Type::Decimal => json!({"type": "number"}),
        Type::Instant => json!({"type": "string", "format": "date-time"}),
        Type::Date => json!({"type": "string", "format": "date"}),
        Type::List => json!({"type": "array"}),
        Type::Span => json!({"type": "string", "examples": ["4h", "3d", "6 working hours"]}),
        _ => json!({"type": "string"}),
    };
    let unit = fact.unit.as_ref().map_or_else(String::new, |unit| format!(" ({unit})"));
    put(&mut schema, "description", format!("{}{unit}", fact.label.get(lang)).into());
    if !fact.values.is_empty() {
        put(&mut schema, "enum", fact.values.iter().map(|(value, _)| value.as_str()).collect::<Vec<_>>().into());
    }
    if let Some(min) = fact.min {
        put(&mut schema, "minimum", min.into());
    }
    schema
}
