//! `CloudEvents` 1.0 over HTTP: one event as JSON, a batch, or the attributes in headers with the data as body.

use serde_json::{Map, Value, value::RawValue};

use super::{
    intake::{Of, take},
    sent,
};
use crate::{
    case::Case,
    ingest::{Defaults, read_cloudevents},
    lang::Text,
    time::Zone,
    web::visit::{Answer, Refusal, Visit},
};

/// One event.
pub const ONE: &str = "application/cloudevents+json";
/// A batch.
pub const BATCH: &str = "application/cloudevents-batch+json";

/// Records what is sent.
pub fn take_in(visit: &Visit<'_>) -> Answer {
    let zone = visit.app.rules().zone;
    let (drafts, many) = match sent::kind(visit) {
        ONE => (vec![read(sent::text(visit)?, zone)], false),
        BATCH => {
            let (texts, many) = sent::values(visit)?;
            if !many {
                return Err(Refusal::Wrong(Text::new("a batch is a JSON array", "批次应为 JSON 数组")));
            }
            (texts.into_iter().map(|text| read(text, zone)).collect(), true)
        }
        _ if visit.header("ce-specversion").is_some() => (vec![binary(visit)?.and_then(|text| read(&text, zone))], false),
        _ => return Err(sent::other(visit, "`application/cloudevents+json`, `application/cloudevents-batch+json`, or headers `ce-…`")),
    };
    take(visit, "api: CloudEvents", drafts, Of::Events)?.answer(visit, many)
}

/// One event, as a case that has nothing else.
fn read(text: &str, zone: Zone) -> Result<Case, Text> {
    let mut received = read_cloudevents(text.as_bytes(), Defaults { zone, kind: None })?;
    if let Some(refused) = received.refused.pop() {
        return Err(refused.reason);
    }
    match (received.cases.pop(), received.events) {
        (Some(case), 1) => Ok(case),
        _ => Err(Text::new("one event is one JSON object", "单个事件应为一个 JSON 对象")),
    }
}

/// An event whose attributes are headers, put together as JSON. The body stays as it was written.
fn binary(visit: &Visit<'_>) -> Result<Result<String, Text>, Refusal> {
    let mut event: Map<String, Value> = Map::new();
    for (name, value) in &visit.headers {
        let Some(name) = name.as_str().strip_prefix("ce-") else { continue };
        let value = percent_encoding::percent_decode(value.as_bytes()).decode_utf8();
        let Ok(value) = value else {
            return Ok(Err(Text::new(format!("`ce-{name}` is not UTF-8"), format!("`ce-{name}` 不是 UTF-8"))));
        };
        event.insert(name.to_owned(), Value::String(value.into_owned()));
    }
    event.remove("data");
    event.remove("data_base64");
    let attributes = Value::Object(event).to_string();
    let body = sent::text(visit)?.trim();
    if body.is_empty() {
        return Ok(Ok(attributes));
    }
    if !sent::is_json(visit) {
        return Err(sent::other(visit, "`application/json`"));
    }
    // What is not one JSON value cannot close the object and say more.
    if let Err(error) = serde_json::from_str::<&RawValue>(body) {
        return Ok(Err(Text::new(format!("the data are not JSON: {error}"), format!("数据不是 JSON：{error}"))));
    }
    let open = attributes.strip_suffix('}').unwrap_or(&attributes);
    Ok(Ok(format!(r#"{open},"data":{body}}}"#)))
}
