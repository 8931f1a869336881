//! Answering questions about working time in bulk, one JSON object each.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{calendar::Calendar, clock::Clock, error::TimeError, instant::Instant, pause::Pause, span::Span};

/// Answers one row.
///
/// A row is `{"id", "op", "calendar", "start", "end"?, "span"?, "pauses"?: [[from, until]]}`; `at` is
/// read for `start`, and `"seconds": N` for a span of N seconds of working time. An `until` of null
/// is a pause that has not ended. The ops are:
///
/// | op | result |
/// | --- | --- |
/// | `add`, `deadline` | the instant at which the span ends |
/// | `between`, `elapsed` | whole open seconds outside the pauses, negative when reversed |
/// | `is_open` | true or false |
/// | `next_open` | the instant itself if open, else the next opening, or null |
/// | `next_close` | the end of the current or next open interval, or null |
///
/// Instants come in RFC 3339 in the calendar's zone. The answer is `{"id", "result"}`, or `{"id",
/// "error", "error_zh"}` where the row cannot be answered.
pub fn answer(row: &Value, calendar: impl Fn(&str) -> Result<Arc<Calendar>, TimeError>) -> Value {
    let id = row.get("id").cloned().unwrap_or(Value::Null);
    match result(row, calendar) {
        Ok(result) => json!({"id": id, "result": result}),
        Err(error) => json!({"id": id, "error": error.en, "error_zh": error.zh}),
    }
}

fn result(row: &Value, calendar: impl Fn(&str) -> Result<Arc<Calendar>, TimeError>) -> Result<Value, TimeError> {
    let op = text(row, "op")?;
    let calendar = calendar(text(row, "calendar")?)?;
    let zone = calendar.zone();
    let written = |at: Option<Instant>| at.map_or(Value::Null, |at| at.to_rfc3339(zone).into());
    let start = Instant::parse(text(row, "start").or_else(|error| text(row, "at").map_err(|_| error))?, zone)?;
    let clock = Clock::new(&calendar);
    Ok(match op {
        "add" | "deadline" => written(Some(clock.add(start, span(row)?, &pauses(row, &calendar)?).at)),
        "between" | "elapsed" => {
            let end = Instant::parse(text(row, "end")?, zone)?;
            Value::from(clock.between(start, end, &pauses(row, &calendar)?) / 1000)
        }
        "is_open" => Value::from(calendar.is_open(start)),
        "next_open" => written(calendar.next_open(start)),
        "next_close" => written(calendar.next_close(start)),
        other => {
            return Err(TimeError::new(
                format!("unknown op `{other}`; expected add, between, is_open, next_open or next_close"),
                format!("未知操作 `{other}`；应为 add、between、is_open、next_open 或 next_close"),
            ));
        }
    })
}

fn span(row: &Value) -> Result<Span, TimeError> {
    match row.get("seconds") {
        Some(seconds) if row.get("span").is_none() => {
            let millis = seconds.as_i64().and_then(|seconds| seconds.checked_mul(1000));
            millis.map(Span::Working).ok_or_else(|| {
                TimeError::new(format!("`seconds` is `{seconds}`; expected a whole number"), format!("`seconds` 为 `{seconds}`；应为整数"))
            })
        }
        _ => Span::parse(text(row, "span")?),
    }
}

fn pauses(row: &Value, calendar: &Calendar) -> Result<Vec<Pause>, TimeError> {
    let malformed = || {
        TimeError::new(
            "`pauses` is not a list of pairs; expected one such as `[[\"2026-03-02T09:00\", \"2026-03-02T10:00\"]]`",
            "`pauses` 不是成对时刻的列表；应形如 `[[\"2026-03-02T09:00\", \"2026-03-02T10:00\"]]`",
        )
    };
    let read = |end: &Value| Instant::parse(end.as_str().ok_or_else(malformed)?, calendar.zone());
    let rows = match row.get("pauses") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(pauses) => pauses.as_array().ok_or_else(malformed)?,
    };
    rows.iter()
        .map(|pair| match pair.as_array().map(Vec::as_slice) {
            Some([from, Value::Null]) => Ok(Pause { from: read(from)?, until: Instant::MAX }),
            Some([from, until]) => Ok(Pause { from: read(from)?, until: read(until)? }),
            _ => Err(malformed()),
        })
        .collect()
}

fn text<'a>(row: &'a Value, key: &str) -> Result<&'a str, TimeError> {
    row.get(key)
        .and_then(Value::as_str)
        .ok_or_else(|| TimeError::new(format!("`{key}` is missing; expected a text"), format!("缺少 `{key}`；应为文本")))
}
