//! Event logs in XML: XES, IEEE 1849. A trace is a case. Without a mapping, its `concept:name` is the id and its other attributes are
//! facts; of an event, `concept:name` is the type, `time:timestamp` the instant, `org:resource` the person, `org:role` the role,
//! `identity:id` the id, and all else, `lifecycle:transition` too, its data. Through a mapping, `case:KEY` names an attribute of the trace
//! and `KEY` one of the event, as in a CSV made of such a log.

mod trace;
mod xml;

use std::io::BufRead;

use self::trace::{Attributes, Trace, Traces};
use super::{
    Reject, Summary,
    error::IngestError,
    field::Cell,
    group::Log,
    jsonl::deliver,
    parse::{check_id, drop_repeats},
};
use crate::{
    case::{Case, Event, Value, Values, identify},
    lang::Text,
    time::{Instant, Zone},
};

/// Before the name of a column that is an attribute of the trace.
const OF_TRACE: &str = "case:";
const NAME: &str = "concept:name";
const TIME: &str = "time:timestamp";
const RESOURCE: &str = "org:resource";
const ROLE: &str = "org:role";
const IDENTITY: &str = "identity:id";

/// Reads a log without a mapping, all its cases being of one kind, and delivers them in batches in the order of the file: only a batch
/// and one trace are held in memory. A trace in which anything is wrong is rejected as a whole, so that no event is missing from a case.
/// Times without offset are in the zone.
///
/// # Errors
///
/// What the sink says; [`IngestError`] when the input breaks off or is no such log. Batches before that are delivered.
pub fn read_xes<E: From<IngestError>>(
    input: impl BufRead,
    zone: Zone,
    kind: &str,
    batch: usize,
    sink: &mut dyn FnMut(Vec<Case>) -> Result<(), E>,
    rejects: &mut dyn FnMut(Reject),
) -> Result<Summary, E> {
    let (mut summary, mut cases) = (Summary::default(), Vec::new());
    let mut traces = Traces::new(input);
    // Traces are of very different length, so that events count.
    let mut held = 0;
    loop {
        let next = traces.next();
        let last = !matches!(next, Ok(Some(_)));
        if let Ok(Some(trace)) = next.as_ref() {
            held += trace.events.len() + 1;
        }
        let outcome = match next {
            Ok(None) => Ok(()),
            Err(error) => Err(error),
            Ok(Some(trace)) => {
                summary.lines += 1;
                let (line, name) = (trace.own.line, text_of(trace.own.values.get(NAME)).unwrap_or_default());
                match case_of(trace, zone, kind) {
                    Ok(case) => cases.push(case),
                    Err(reason) => {
                        summary.rejected += 1;
                        rejects(Reject::new(line, reason, name.as_bytes()));
                    }
                }
                Ok(())
            }
        };
        if last || held >= batch.max(1).saturating_mul(8) || cases.len() >= batch.max(1) {
            held = 0;
            deliver(std::mem::take(&mut cases), &mut summary, sink)?;
        }
        outcome?;
        if last {
            return Ok(summary);
        }
    }
}

/// Reads a log into one that has a mapping: each event is a row.
pub(super) fn read_mapped(log: &mut Log<'_>, input: &mut dyn BufRead, rejects: &mut dyn FnMut(Reject)) -> Result<(), IngestError> {
    let columns = &log.mapping.columns;
    let mut traces = Traces::new(input);
    while let Some(trace) = traces.next()? {
        let mut reject = |log: &mut Log<'_>, line, reason| {
            log.summary.rejected += 1;
            rejects(Reject::new(line, reason, text_of(trace.own.values.get(NAME)).unwrap_or_default().as_bytes()));
        };
        if let Some(reason) = &trace.own.refusal {
            log.summary.lines += 1;
            reject(log, trace.own.line, reason.clone());
            continue;
        }
        for event in &trace.events {
            log.summary.lines += 1;
            let value = |name: &str| match name.strip_prefix(OF_TRACE) {
                Some(name) => trace.own.values.get(name),
                None => event.values.get(name),
            };
            let cells: Vec<Cell<'_>> = columns.iter().map(|column| value(&column.name).map_or(Cell::None, Cell::Value)).collect();
            for (seen, cell) in log.seen.iter_mut().zip(&cells) {
                *seen |= !matches!(cell, Cell::None);
            }
            let added = event.refusal.clone().map_or_else(|| log.add(&cells), Err);
            if let Err(reason) = added {
                reject(log, event.line, reason);
            }
        }
    }
    Ok(())
}

fn case_of(trace: Trace, zone: Zone, kind: &str) -> Result<Case, Text> {
    let Attributes { values: mut facts, refusal, .. } = trace.own;
    refusal.map_or(Ok(()), Err)?;
    let id = text(&mut facts, NAME).or_else(|| text(&mut facts, IDENTITY)).unwrap_or_default();
    if id.trim().is_empty() {
        return Err(Text::new("the trace has no `concept:name`, which is the id of the case", "轨迹缺少 `concept:name`，它是个案的编号"));
    }
    check_id(NAME, &id)?;
    let mut case = Case { id, kind: kind.to_owned(), part_of: None, facts, events: Vec::with_capacity(trace.events.len()) };
    for (event, number) in trace.events.into_iter().zip(1..) {
        let line = event.line;
        case.events.push(event_of(event, zone).map_err(|reason| {
            Text::new(format!("event {number} (line {line}): {}", reason.en), format!("第 {number} 个事件（第 {line} 行）：{}", reason.zh))
        })?);
    }
    drop_repeats(&mut case.events)?;
    identify(&mut case);
    Ok(case)
}

fn event_of(event: Attributes, zone: Zone) -> Result<Event, Text> {
    let Attributes { values: mut data, refusal, .. } = event;
    refusal.map_or(Ok(()), Err)?;
    let missing = |name: &str| Text::new(format!("`{name}` is missing or empty"), format!("缺少 `{name}` 或其为空"));
    let kind = text(&mut data, NAME).filter(|kind| !kind.trim().is_empty()).ok_or_else(|| missing(NAME))?;
    let at = text(&mut data, TIME).ok_or_else(|| missing(TIME))?;
    let at = Instant::parse(&at, zone).map_err(|error| Text::new(format!("`{TIME}`: {}", error.en), format!("`{TIME}`：{}", error.zh)))?;
    let mut optional = |name: &str| text(&mut data, name).filter(|text| !text.is_empty());
    let (by, role, id) = (optional(RESOURCE), optional(ROLE), optional(IDENTITY));
    Ok(Event { id: id.unwrap_or_default(), kind, at, by, role, data })
}

/// Takes a value out as a text.
fn text(values: &mut Values, name: &str) -> Option<String> {
    let text = text_of(values.get(name))?;
    values.remove(name);
    Some(text)
}

fn text_of(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Text(text) => Some(text.clone()),
        Value::Int(number) => Some(number.to_string()),
        Value::Decimal(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}
