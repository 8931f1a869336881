//! The rows of a mapped log, as CSV or JSONL has them.

use std::io::BufRead;

use super::{
    Reject, Summary,
    csv::Rows,
    error::IngestError,
    field::Cell,
    group::Log,
    json::ValuesOf,
    line::{Lines, utf8},
    mapping::{Format, Mapping},
    parse,
    shape::Context,
};
use crate::{
    case::{Case, Value, Values},
    diagnostic::{Diagnostic, did_you_mean},
    lang::Text,
    time::Zone,
};

/// Cases delivered at a time.
const BATCH: usize = 1000;

/// Reads one log through a mapping, gathers its rows by case, and delivers the cases in the order in which they first
/// appeared. For a log of several files see [`Log`].
///
/// # Errors
///
/// What the sink says; [`IngestError`] when the input breaks off or the mapping does not fit it. Nothing is delivered then.
pub fn read_mapped<E: From<IngestError>>(
    input: &mut dyn BufRead,
    format: Format,
    mapping: &Mapping,
    sink: &mut dyn FnMut(Vec<Case>) -> Result<(), E>,
    rejects: &mut dyn FnMut(Reject),
) -> Result<Summary, E> {
    let mut log = Log::new(mapping);
    log.read(input, format, rejects)?;
    log.finish(BATCH, sink)
}

/// Reads the lines of a JSONL into a log.
pub(super) fn jsonl(log: &mut Log<'_>, input: &mut dyn BufRead, rejects: &mut dyn FnMut(Reject)) -> Result<(), IngestError> {
    let columns = &log.mapping.columns;
    let mut lines = Lines::new(input);
    while let Some(line) = lines.next()? {
        log.summary.lines += 1;
        let read = line.text().and_then(|text| {
            // No time is read here, so that the zone does not matter.
            let context = Context::new(text, Zone::UTC);
            parse::read(&context, ValuesOf { context: &context, name: "" })
        });
        let added = read.and_then(|values| {
            let cells: Vec<Cell<'_>> = columns.iter().map(|column| find(&values, &column.name).map_or(Cell::None, Cell::Value)).collect();
            for (seen, cell) in log.seen.iter_mut().zip(&cells) {
                *seen |= !matches!(cell, Cell::None);
            }
            log.add(&cells)
        });
        if let Err(reason) = added {
            log.summary.rejected += 1;
            rejects(Reject::new(line.number, reason, line.bytes));
        }
    }
    Ok(())
}

/// A key of an object, or a path (a JSON pointer) that begins with `/`.
fn find<'v>(values: &'v Values, name: &str) -> Option<&'v Value> {
    let Some(path) = name.strip_prefix('/') else { return values.get(name) };
    let mut parts = path.split('/').map(|part| part.replace("~1", "/").replace("~0", "~"));
    let first = values.get(&parts.next()?)?;
    parts.try_fold(first, |value, part| match value {
        Value::Map(entries) => entries.get(&part),
        Value::List(items) => items.get(part.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Reads the rows of a CSV into a log.
pub(super) fn csv(log: &mut Log<'_>, input: &mut dyn BufRead, rejects: &mut dyn FnMut(Reject)) -> Result<(), IngestError> {
    let mut rows = Rows::new(Lines::new(input), log.mapping.delimiter);
    let header = rows.next()?.ok_or_else(|| IngestError::Header(no_header()))?.fields.map_err(IngestError::Header)?;
    let names: Vec<&str> = header.iter().map(|name| utf8(name).unwrap_or_default()).collect();
    let places = places(&names, log.mapping).map_err(IngestError::Mapping)?;
    let width = header.len();
    log.seen.fill(true);
    while let Some(row) = rows.next()? {
        log.summary.lines += 1;
        let added = row.fields.and_then(|fields| {
            if fields.len() != width {
                return Err(wrong_width(fields.len(), width));
            }
            let cells: Vec<Cell<'_>> = places.iter().map(|at| fields.get(*at).map_or(Cell::None, Cell::Bytes)).collect();
            log.add(&cells)
        });
        if let Err(reason) = added {
            log.summary.rejected += 1;
            rejects(Reject::new(row.line, reason, row.bytes));
        }
    }
    Ok(())
}

fn no_header() -> Text {
    Text::new("the file is empty; a CSV begins with a row that names its columns", "文件为空；CSV 的第一行应为各列的名称")
}

fn wrong_width(found: usize, width: usize) -> Text {
    Text::new(format!("{found} fields, while the header has {width}"), format!("有 {found} 个字段，而表头有 {width} 个"))
}

/// Where the columns of a mapping stand in the header.
pub(super) fn places(names: &[&str], mapping: &Mapping) -> Result<Vec<usize>, Vec<Diagnostic>> {
    let (mut places, mut wrong) = (Vec::new(), Vec::new());
    for column in &mapping.columns {
        let mut found = names.iter().enumerate().filter(|(_, name)| **name == column.name).map(|(at, _)| at);
        let (first, second) = (found.next(), found.next());
        let name = &column.name;
        match (first, second) {
            (Some(at), None) => places.push(at),
            (Some(_), Some(_)) => {
                let text = Text::new(format!("the log has two columns `{name}`"), format!("日志中有两列 `{name}`"));
                wrong.push(Diagnostic::error("DU0701", &column.place, text));
            }
            (None, _) => {
                let text = Text::new(format!("the log has no column `{name}`"), format!("日志中没有列 `{name}`"));
                let help = match names {
                    [one] => other_delimiter(one).or_else(|| did_you_mean(name, names.iter().copied())),
                    _ => did_you_mean(name, names.iter().copied()),
                };
                wrong.push(Diagnostic::error("DU0701", &column.place, text).help(help));
            }
        }
    }
    if wrong.is_empty() { Ok(places) } else { Err(wrong) }
}

/// A header of one column that holds what usually stands between columns.
fn other_delimiter(header: &str) -> Option<Text> {
    let (_, name) = [(';', "`;`"), ('\t', "tab"), (',', "`,`"), ('|', "`|`")].into_iter().find(|(sign, _)| header.contains(*sign))?;
    Some(Text::new(
        format!("its columns seem to be separated by {name}; say so with `delimiter`"),
        format!("各列似乎以 {name} 分隔；请用 `delimiter` 说明"),
    ))
}
