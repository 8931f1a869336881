//! CloudEvents 1.0 in JSON: one event, a batch, or one a line.
//!
//! `subject` is the case, `time` the instant, `data` the data. The event's type is the last part of `type`, after its last dot, since a
//! `type` is to begin with a domain turned round; `dulytype`, where it is given, is taken as it is. `source` and `id` together are the
//! event's id, as the standard has it. `dulyby`, `dulyrole` or, without these, `by` and `role` of the data tell who did it; `dulykind` is
//! the kind of the case, `dulypartof` the case above. Other extensions are left alone.

use std::{
    collections::HashMap,
    io::{BufRead, Read},
};

use super::{
    MOST_BATCH, MOST_EVENTS, Reject, Summary,
    error::IngestError,
    json::{ListOf, ValuesOf},
    jsonl::deliver,
    line::{Lines, utf8},
    open::BOM,
    parse::{self, check_id, same_id, too_many},
    shape::Context,
};
use crate::{
    case::{Case, Event, Value, Values, identify},
    lang::Text,
    time::{Instant, Zone},
};

/// What holds where an event does not say it.
#[derive(Clone, Copy, Debug)]
pub struct Defaults<'d> {
    /// The zone of times without offset, which the standard does not allow.
    pub zone: Zone,
    /// The kind of cases.
    pub kind: Option<&'d str>,
}

/// What a batch amounts to.
#[derive(Debug, Default)]
pub struct Received {
    /// Its cases, in the order in which they first appeared; of one whose kind no event told, `kind` is empty: it is that of the case as
    /// it is known.
    pub cases: Vec<Case>,
    /// How many events it has.
    pub events: usize,
    /// Its events that were not taken, in order.
    pub refused: Vec<Refused>,
}

/// An event that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its position, from 1.
    pub position: usize,
    /// Why: a lower-case fragment.
    pub reason: Text,
}

/// Reads one event, a JSON object, or a batch, a JSON array (`application/cloudevents-batch+json`). An event that cannot be taken is
/// refused, and the others are taken.
///
/// # Errors
///
/// Why nothing can be read of it: a lower-case fragment.
pub fn read(bytes: &[u8], defaults: Defaults<'_>) -> Result<Received, Text> {
    if bytes.len() > MOST_BATCH {
        return Err(too_large());
    }
    let text = utf8(bytes.strip_prefix(&BOM).unwrap_or(bytes))?;
    let context = Context::new(text, defaults.zone);
    let events = if text.trim_start().starts_with('[') {
        parse::read(&context, ListOf { context: &context })?
    } else {
        vec![Value::Map(parse::read(&context, ValuesOf { context: &context, name: "" })?)]
    };
    let mut received = Received { events: events.len(), ..Received::default() };
    let mut gathered = Gathered::default();
    for (event, position) in events.into_iter().zip(1..) {
        let added = match event {
            Value::Map(event) => case_of(event, defaults).and_then(|case| gathered.add(case)),
            _ => Err(Text::new("an event is a JSON object", "事件应为 JSON 对象")),
        };
        if let Err(reason) = added {
            received.refused.push(Refused { position, reason });
        }
    }
    received.cases = gathered.finish();
    Ok(received)
}

/// Reads one event a line and delivers cases in batches, in the order of the file. A case may come in several of them.
///
/// # Errors
///
/// What the sink says, or [`IngestError::Read`] when the input breaks off; batches before that are delivered.
pub fn read_lines<E: From<IngestError>>(
    input: impl BufRead,
    defaults: Defaults<'_>,
    batch: usize,
    sink: &mut dyn FnMut(Vec<Case>) -> Result<(), E>,
    rejects: &mut dyn FnMut(Reject),
) -> Result<Summary, E> {
    let mut summary = Summary::default();
    let mut lines = Lines::new(input);
    let (mut gathered, mut held) = (Gathered::default(), 0);
    loop {
        let line = lines.next();
        let last = !matches!(line, Ok(Some(_)));
        let outcome = match line {
            Ok(None) => Ok(()),
            Err(error) => Err(error),
            Ok(Some(line)) => {
                summary.lines += 1;
                held += 1;
                let read = line.text().and_then(|text| {
                    let context = Context::new(text, defaults.zone);
                    parse::read(&context, ValuesOf { context: &context, name: "" })
                });
                if let Err(reason) = read.and_then(|event| case_of(event, defaults)).and_then(|case| gathered.add(case)) {
                    summary.rejected += 1;
                    rejects(Reject::new(line.number, reason, line.bytes));
                }
                Ok(())
            }
        };
        if last || held >= batch.max(1) {
            held = 0;
            deliver(std::mem::take(&mut gathered).finish(), &mut summary, sink)?;
        }
        outcome?;
        if last {
            return Ok(summary);
        }
    }
}

/// Reads a file that is one event over several lines, or a batch.
pub(super) fn read_whole<E: From<IngestError>>(
    input: impl BufRead,
    defaults: Defaults<'_>,
    sink: &mut dyn FnMut(Vec<Case>) -> Result<(), E>,
    rejects: &mut dyn FnMut(Reject),
) -> Result<Summary, E> {
    let most = u64::try_from(MOST_BATCH).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    input.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(|source| IngestError::Read { line: 0, source })?;
    let received = read(&bytes, defaults).map_err(|text| {
        let help = Text::new(
            "what begins like this is one CloudEvent or a list of them; cases stand one a line: `duly help formats`",
            "这样开头的文件应为一个 CloudEvent 或其列表；个案应每行一个：见 `duly help formats`",
        );
        IngestError::Unfit { text, help }
    })?;
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let mut summary = Summary { lines: count(received.events), rejected: count(received.refused.len()), ..Summary::default() };
    for Refused { position, reason } in received.refused {
        let reason =
            Text::new(format!("event {position} of the batch: {}", reason.en), format!("批次的第 {position} 个事件：{}", reason.zh));
        rejects(Reject::new(count(position), reason, b""));
    }
    deliver(received.cases, &mut summary, sink)?;
    Ok(summary)
}

fn too_large() -> Text {
    let most = MOST_BATCH >> 20;
    Text::new(format!("the batch is larger than {most} MiB; write one event a line"), format!("批次超过 {most} MiB；请每行写一个事件"))
}

/// Events, gathered by case.
#[derive(Default)]
struct Gathered {
    cases: Vec<Case>,
    /// Case ids, to positions among the cases.
    index: HashMap<String, usize>,
    /// By position of the case and id of the event: its position in the case.
    events: HashMap<(usize, String), usize>,
}

impl Gathered {
    /// Adds a case of one event.
    fn add(&mut self, case: Case) -> Result<(), Text> {
        let at = self.index.get(&case.id).copied().unwrap_or(self.cases.len());
        let Some(known) = self.cases.get_mut(at) else {
            self.index.insert(case.id.clone(), at);
            self.events.extend(case.events.iter().map(|event| ((at, event.id.clone()), 0)));
            self.cases.push(case);
            return Ok(());
        };
        if !known.kind.is_empty() && !case.kind.is_empty() && known.kind != case.kind {
            return Err(Text::new(
                format!("the kind of `{}` was `{}` in an earlier event and is `{}` here", case.id, known.kind, case.kind),
                format!("`{}` 的种类在前面的事件中为 `{}`，此处却是 `{}`", case.id, known.kind, case.kind),
            ));
        }
        for event in case.events {
            let same = self.events.get(&(at, event.id.clone())).and_then(|place| known.events.get(*place));
            match same {
                // A sender that got no answer sends again.
                Some(same) if *same == event => {}
                Some(_) => return Err(same_id(&event.id)),
                None if known.events.len() >= MOST_EVENTS => return Err(too_many()),
                None => {
                    self.events.insert((at, event.id.clone()), known.events.len());
                    known.events.push(event);
                }
            }
        }
        if known.kind.is_empty() {
            known.kind = case.kind;
        }
        if case.part_of.is_some() {
            known.part_of = case.part_of;
        }
        Ok(())
    }

    fn finish(mut self) -> Vec<Case> {
        self.cases.iter_mut().for_each(identify);
        self.cases
    }
}

/// The case of an event, with it alone.
fn case_of(mut event: Values, defaults: Defaults<'_>) -> Result<Case, Text> {
    match event.get("specversion") {
        Some(Value::Text(version)) if version == "1.0" => {}
        Some(_) => return Err(Text::new("`specversion` is not `1.0`", "`specversion` 不是 `1.0`")),
        None => return Err(Text::new("`specversion` is missing: not a CloudEvent", "缺少 `specversion`：不是 CloudEvent")),
    }
    let subject = required(&mut event, "subject", ("it is the id of the case", "它是个案的编号"))?;
    check_id("subject", &subject)?;
    let id = required(&mut event, "id", ("with `source` it tells events apart", "它与 `source` 一起区分事件"))?;
    let source = required(&mut event, "source", ("with `id` it tells events apart", "它与 `id` 一起区分事件"))?;
    let whole = required(&mut event, "type", ("its last part is the event type", "其最后一段是事件类型"))?;
    let time = required(&mut event, "time", ("it is when it happened", "它是发生时刻"))?;
    let at = Instant::parse(&time, defaults.zone)
        .map_err(|error| Text::new(format!("`time`: {}", error.en), format!("`time`：{}", error.zh)))?;
    let kind = match optional(&mut event, "dulytype")? {
        Some(kind) => kind,
        None => whole
            .rsplit('.')
            .next()
            .filter(|kind| !kind.trim().is_empty())
            .map(str::to_owned)
            .ok_or_else(|| Text::new(format!("`type` `{whole}` ends with a dot"), format!("`type` `{whole}` 以点号结尾")))?,
    };
    let mut data = match event.remove("data") {
        _ if event.contains_key("data_base64") => {
            return Err(Text::new("`data_base64` is not read: data are a JSON object", "不读取 `data_base64`：数据应为 JSON 对象"));
        }
        None | Some(Value::Null) => Values::new(),
        Some(Value::Map(data)) => data,
        Some(_) => return Err(Text::new("`data` is a JSON object", "`data` 应为 JSON 对象")),
    };
    let by = who(&mut event, "dulyby", &mut data, "by")?;
    let role = who(&mut event, "dulyrole", &mut data, "role")?;
    let part_of = optional(&mut event, "dulypartof")?;
    part_of.as_ref().map_or(Ok(()), |id| check_id("dulypartof", id))?;
    let case_kind = optional(&mut event, "dulykind")?.or_else(|| defaults.kind.map(str::to_owned)).unwrap_or_default();
    let event = Event { id: format!("{source}#{id}"), kind, at, by, role, data };
    Ok(Case { id: subject, kind: case_kind, part_of, facts: Values::new(), events: vec![event] })
}

/// An attribute that is a text; an empty one counts as not given.
fn optional(event: &mut Values, name: &str) -> Result<Option<String>, Text> {
    match event.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Text(text)) => Ok(Some(text).filter(|text| !text.trim().is_empty())),
        Some(_) => Err(Text::new(format!("`{name}` is a text"), format!("`{name}` 应为文本"))),
    }
}

fn required(event: &mut Values, name: &str, why: (&str, &str)) -> Result<String, Text> {
    optional(event, name)?
        .ok_or_else(|| Text::new(format!("`{name}` is missing or empty; {}", why.0), format!("缺少 `{name}` 或其为空；{}", why.1)))
}

/// A person or role: an extension, or else a text among the data.
fn who(event: &mut Values, extension: &str, data: &mut Values, name: &str) -> Result<Option<String>, Text> {
    if let Some(text) = optional(event, extension)? {
        return Ok(Some(text));
    }
    match data.get(name) {
        Some(Value::Text(text)) if !text.trim().is_empty() => {
            let text = text.clone();
            data.remove(name);
            Ok(Some(text))
        }
        _ => Ok(None),
    }
}
