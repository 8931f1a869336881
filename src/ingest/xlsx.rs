//! Rows of a workbook of Excel (`.xlsx`), through a mapping as those of a CSV.
//!
//! A number is what Excel shows of it, to fifteen digits, and exact from there on; a date is local, since a workbook knows no zones. The
//! file is held in memory, cells are not: they come one after the other.

use std::io::{BufRead, Cursor, Read, sink};

use calamine::{Cell as Found, CellErrorType, DataRef, ExcelDateTime, Reader, Xlsx, XlsxCellReader, XlsxError};
use chrono::{NaiveDate, NaiveTime};
use zip::ZipArchive;

use super::{MOST_BOOK, Reject, error::IngestError, field::Cell, group::Log, mapping::Mapping, number, rows::places};
use crate::{
    case::Value,
    diagnostic::{Diagnostic, did_you_mean},
    lang::Text,
    time::Span,
};

/// Milliseconds of a day: a workbook counts days.
const DAY: f64 = 86_400_000.0;
/// Days that a workbook counts at most: to the end of the year 9999.
const MOST_DAYS: f64 = 2_958_466.0;

type Bytes = Cursor<Vec<u8>>;

/// A cell: its column from 0, and what it holds.
type Filled = (u32, Result<Value, CellErrorType>);

/// Reads the rows of a page into a log.
pub(super) fn read(log: &mut Log<'_>, input: &mut dyn BufRead, rejects: &mut dyn FnMut(Reject)) -> Result<(), IngestError> {
    log.times.zone = log.times.zone.or(log.zone);
    let mut book = open(input)?;
    let page = page(&book, log.mapping)?;
    let mut rows = Rows { cells: book.worksheet_cells_reader(&page).map_err(|error| unsound(&error))?, ahead: None, over: false };
    let Some((_, header)) = rows.next()? else {
        return Err(IngestError::Header(Text::new(
            format!("the page `{page}` is empty; its first row names the columns"),
            format!("工作表 `{page}` 为空；第一行应为各列的名称"),
        )));
    };
    let width = header.last().map_or(0, |(column, _)| usize::try_from(*column).unwrap_or_default() + 1);
    let mut names = vec![String::new(); width];
    for (column, value) in header {
        if let (Some(name), Ok(value)) = (usize::try_from(column).ok().and_then(|at| names.get_mut(at)), value) {
            *name = plain(&value);
        }
    }
    let names: Vec<&str> = names.iter().map(|name| name.trim()).collect();
    let places = places(&names, log.mapping).map_err(IngestError::Mapping)?;
    log.seen.fill(true);
    while let Some((row, cells)) = rows.next()? {
        log.summary.lines += 1;
        let find = |at: &usize| cells.iter().find(|(column, _)| usize::try_from(*column).is_ok_and(|column| column == *at));
        let row_cells = places.iter().map(|at| match find(at) {
            None => Ok(Cell::None),
            Some((_, Ok(value))) => Ok(Cell::Value(value)),
            Some((column, Err(error))) => Err(Text::new(
                format!("the cell {}{} holds the error {error}", letters(*column), row + 1),
                format!("单元格 {}{} 为错误值 {error}", letters(*column), row + 1),
            )),
        });
        let added = row_cells.collect::<Result<Vec<_>, _>>().and_then(|cells| log.add(&cells));
        if let Err(reason) = added {
            log.summary.rejected += 1;
            let shown: Vec<String> = cells.iter().map(|(_, value)| value.as_ref().map_or_else(ToString::to_string, plain)).collect();
            rejects(Reject::new(u64::from(row) + 1, reason, shown.join("\t").as_bytes()));
        }
    }
    Ok(())
}

/// Takes the whole input in. What is packed in it is measured first: a small file can hold more than any memory.
fn open(input: &mut dyn BufRead) -> Result<Xlsx<Bytes>, IngestError> {
    let most = u64::try_from(MOST_BOOK).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    input.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(|source| IngestError::Read { line: 0, source })?;
    let mut left = most.checked_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX)).map(|_| most).ok_or_else(too_large)?;
    let no_book = |error: &dyn std::fmt::Display| {
        IngestError::unfit(
            (format!("not a workbook: {error}"), format!("不是工作簿：{error}")),
            ("save it again as .xlsx, or as CSV", "请重新另存为 .xlsx，或存为 CSV"),
        )
    };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| no_book(&error))?;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(|error| no_book(&error))?;
        let size = std::io::copy(&mut part.take(left + 1), &mut sink()).map_err(|error| no_book(&error))?;
        left = left.checked_sub(size).ok_or_else(too_large)?;
    }
    Xlsx::new(archive.into_inner()).map_err(|error| unsound(&error))
}

fn too_large() -> IngestError {
    IngestError::unfit(
        (format!("the workbook is larger than {} MiB when unpacked", MOST_BOOK >> 20), format!("工作簿解压后超过 {} MiB", MOST_BOOK >> 20)),
        ("save the page as CSV: that has no bound", "请将工作表另存为 CSV：CSV 没有此限制"),
    )
}

/// The page that the mapping names, or the first.
fn page(book: &Xlsx<Bytes>, mapping: &Mapping) -> Result<String, IngestError> {
    let names = book.sheet_names();
    let Some(asked) = &mapping.sheet else {
        return names.into_iter().next().ok_or_else(|| {
            IngestError::unfit(
                ("the workbook has no page", "工作簿没有工作表"),
                ("check whether it is the right file", "请检查是否为正确的文件"),
            )
        });
    };
    let name = &asked.name;
    if names.contains(name) {
        return Ok(name.clone());
    }
    let text = Text::new(format!("the workbook has no page `{name}`"), format!("工作簿中没有工作表 `{name}`"));
    let list = || names.iter().take(10).map(|name| format!("`{name}`")).collect::<Vec<_>>();
    let there = || Text::new(format!("it has {}", list().join(", ")), format!("其中有 {}", list().join("、")));
    let help = did_you_mean(name, names.iter().map(String::as_str)).unwrap_or_else(there);
    Err(IngestError::Mapping(vec![Diagnostic::error("DU0701", &asked.place, text).help(Some(help))]))
}

fn unsound(error: &XlsxError) -> IngestError {
    IngestError::unfit(
        (format!("the workbook cannot be read: {error}"), format!("无法读取工作簿：{error}")),
        ("open it in a spreadsheet and save it again as .xlsx", "请用电子表格软件打开，并重新另存为 .xlsx"),
    )
}

/// Cells, gathered by row.
struct Rows<'b> {
    cells: XlsxCellReader<'b, Bytes>,
    /// The first cell of the row that comes.
    ahead: Option<Found<DataRef<'b>>>,
    /// There is none; whoever asks the reader again is told that the page is broken.
    over: bool,
}

impl Rows<'_> {
    /// The next row that has anything in it, counted from 0; its cells in order.
    fn next(&mut self) -> Result<Option<(u32, Vec<Filled>)>, IngestError> {
        let mut row: Option<(u32, Vec<Filled>)> = None;
        while !self.over {
            let cell = match self.ahead.take() {
                Some(cell) => Some(cell),
                None => self.cells.next_cell().map_err(|error| unsound(&error))?,
            };
            let Some(cell) = cell else {
                self.over = true;
                break;
            };
            let (line, column) = cell.get_position();
            match &mut row {
                Some((at, _)) if *at != line => {
                    self.ahead = Some(cell);
                    break;
                }
                Some((_, cells)) => cells.extend(value(cell.get_value()).map(|value| (column, value))),
                None => row = value(cell.get_value()).map(|value| (line, vec![(column, value)])),
            }
        }
        if let Some((_, cells)) = &mut row {
            cells.sort_by_key(|(column, _)| *column);
        }
        Ok(row)
    }
}

/// What a cell holds; `None` when nothing.
fn value(cell: &DataRef<'_>) -> Option<Result<Value, CellErrorType>> {
    let text = |text: &str| (!text.is_empty()).then(|| Value::Text(text.to_owned()));
    match cell {
        DataRef::Empty => None,
        DataRef::Int(number) => Some(Value::Int(*number)),
        DataRef::Float(number) => Some(float(*number)),
        DataRef::String(value) | DataRef::DateTimeIso(value) | DataRef::DurationIso(value) => text(value),
        DataRef::SharedString(value) => text(value),
        DataRef::Bool(flag) => Some(Value::Bool(*flag)),
        DataRef::DateTime(time) => Some(moment(time)),
        DataRef::Error(error) => return Some(Err(error.clone())),
    }
    .map(Ok)
}

/// A number as Excel shows it: what a computation left beyond the fifteenth digit is no part of it.
fn float(number: f64) -> Value {
    let written = format!("{number:.14e}");
    match number::read(&written) {
        Some(Value::Decimal(decimal)) => {
            let decimal = decimal.normalize();
            i64::try_from(decimal).ok().filter(|_| decimal.scale() == 0).map_or(Value::Decimal(decimal), Value::Int)
        }
        Some(other) => other,
        None => Value::Text(number.to_string()),
    }
}

/// A date, a time of day, both, or a span, as a text that says which.
fn moment(time: &ExcelDateTime) -> Value {
    let days = time.as_f64();
    read_moment(time, days).map_or_else(|| float(days), Value::Text)
}

fn read_moment(time: &ExcelDateTime, days: f64) -> Option<String> {
    if !days.is_finite() || !(0.0..=MOST_DAYS).contains(&days.abs()) {
        return None;
    }
    if time.is_duration() {
        #[allow(clippy::cast_possible_truncation, reason = "the days were found to be few enough")]
        let millis = (days * DAY).round() as i64;
        return Some(Span::iso_elapsed(millis));
    }
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    let of_day = NaiveTime::from_hms_milli_opt(hour.into(), minute.into(), second.into(), milli.into())?;
    if (0.0..1.0).contains(&days) {
        return Some(of_day.format("%H:%M:%S%.f").to_string());
    }
    // Excel's own count has a 29 February in 1900, which never was.
    let date = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into())?;
    Some(if of_day == NaiveTime::MIN { date.to_string() } else { date.and_time(of_day).format("%Y-%m-%dT%H:%M:%S%.f").to_string() })
}

fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::List(_) | Value::Map(_) => String::new(),
    }
}

/// The name of a column: A, B, ..., Z, AA.
fn letters(column: u32) -> String {
    let mut name = Vec::new();
    let mut left = Some(column);
    while let Some(at) = left {
        name.push(char::from(b'A' + u8::try_from(at % 26).unwrap_or_default()));
        left = (at / 26).checked_sub(1);
    }
    name.into_iter().rev().collect()
}
