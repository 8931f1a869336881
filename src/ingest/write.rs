//! A case as the contract writes it.

use rust_decimal::Decimal;
use serde_json::{Map, Number, Value as Json};

use crate::{
    case::{Case, Event, Value, Values},
    time::Zone,
};

/// The JSON object that [`super::parse_case`] reads as this case. Times are written in the zone. What is empty is left out.
///
/// A decimal that JSON's own numbers cannot hold exactly is written as a text, which a policy reads as the same number.
#[must_use]
pub fn case_to_json(case: &Case, zone: Zone) -> Json {
    let mut object = Map::new();
    add(&mut object, "case", Some(&case.id));
    add(&mut object, "kind", Some(&case.kind));
    add(&mut object, "part_of", case.part_of.as_ref());
    if !case.facts.is_empty() {
        object.insert("facts".to_owned(), values(&case.facts));
    }
    object.insert("events".to_owned(), case.events.iter().map(|item| event(item, zone)).collect());
    Json::Object(object)
}

fn event(event: &Event, zone: Zone) -> Json {
    let mut object = Map::new();
    add(&mut object, "id", Some(&event.id).filter(|id| !id.is_empty()));
    add(&mut object, "type", Some(&event.kind));
    add(&mut object, "at", Some(&event.at.to_rfc3339(zone)));
    add(&mut object, "by", event.by.as_ref());
    add(&mut object, "role", event.role.as_ref());
    if !event.data.is_empty() {
        object.insert("data".to_owned(), values(&event.data));
    }
    Json::Object(object)
}

fn add(object: &mut Map<String, Json>, key: &str, text: Option<&String>) {
    if let Some(text) = text {
        object.insert(key.to_owned(), Json::String(text.clone()));
    }
}

fn values(values: &Values) -> Json {
    Json::Object(values.iter().map(|(name, item)| (name.clone(), value_to_json(item))).collect())
}

/// A value as JSON, numbers exact.
#[must_use]
pub fn value_to_json(item: &Value) -> Json {
    match item {
        Value::Null => Json::Null,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Int(number) => Json::Number((*number).into()),
        Value::Decimal(number) => number_to_json(*number),
        Value::Text(text) => Json::String(text.clone()),
        Value::List(items) => items.iter().map(value_to_json).collect(),
        Value::Map(entries) => values(entries),
    }
}

/// A decimal as a JSON number, or as a text where JSON's own numbers cannot hold it exactly.
#[must_use]
pub fn number_to_json(number: Decimal) -> Json {
    let mut text = number.normalize().to_string();
    if !text.contains('.') && i64::try_from(number).is_ok() {
        // Without a fraction it would be read as an integer.
        text.push_str(".0");
    }
    let exact = text
        .parse::<Number>()
        .ok()
        .filter(|parsed| super::number::read(&parsed.to_string()).is_some_and(|read| read == Value::Decimal(number)));
    exact.map_or(Json::String(text), Json::Number)
}
