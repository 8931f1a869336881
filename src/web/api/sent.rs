//! What a request sends, read.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::{
    lang::Text,
    web::visit::{Refusal, Visit},
};

/// Items of a list at most.
const MOST_ITEMS: usize = 100_000;

/// The kind of content, without parameters.
pub fn kind<'v>(visit: &'v Visit<'_>) -> &'v str {
    visit.content_type.split(';').next().unwrap_or("").trim()
}

/// Whether JSON is sent.
pub fn is_json(visit: &Visit<'_>) -> bool {
    let kind = kind(visit);
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// Whether one JSON object a line is sent.
pub fn is_lines(visit: &Visit<'_>) -> bool {
    matches!(kind(visit), "application/jsonl" | "application/x-ndjson" | "application/x-jsonlines")
}

/// What is sent is of another kind than one that is read here.
pub fn other(visit: &Visit<'_>, wanted: &str) -> Refusal {
    let kind = kind(visit);
    Refusal::Media(Text::new(
        format!("`Content-Type: {kind}` is not read here; send {wanted}"),
        format!("此处不读取 `Content-Type: {kind}`；请发送 {wanted}"),
    ))
}

/// The body as text.
pub fn text<'v>(visit: &'v Visit<'_>) -> Result<&'v str, Refusal> {
    std::str::from_utf8(&visit.body).map_err(|_| Refusal::Wrong(Text::new("the body is not UTF-8", "请求体不是 UTF-8")))
}

/// The body as one value of a known shape.
pub fn json<T: DeserializeOwned>(visit: &Visit<'_>) -> Result<T, Refusal> {
    if !is_json(visit) {
        return Err(other(visit, "`application/json`"));
    }
    serde_json::from_str(text(visit)?).map_err(|error| wrong(&error))
}

fn wrong(error: &serde_json::Error) -> Refusal {
    Refusal::Wrong(Text::new(format!("the body cannot be read: {error}"), format!("无法读取请求体：{error}")))
}

/// The values of a body, each as it was written, so that no number loses a digit; and whether it was a list of them.
pub fn values<'v>(visit: &'v Visit<'_>) -> Result<(Vec<&'v str>, bool), Refusal> {
    let text = text(visit)?;
    if !text.trim_start().starts_with('[') {
        return Ok((vec![text.trim()], false));
    }
    let list: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| wrong(&error))?;
    if list.len() > MOST_ITEMS {
        return Err(Refusal::Large);
    }
    Ok((list.into_iter().map(RawValue::get).collect(), true))
}
