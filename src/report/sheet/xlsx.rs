//! Tables as a workbook of Excel: dates are dates, numbers are numbers, texts are never formulas.

use std::{collections::HashSet, fmt};

use chrono::{NaiveDate, NaiveDateTime, Timelike};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::{Cell, Sheet};
use crate::{lang::Text, report::is_formula, time::Span};

/// Rows of one page at most, the head being one more: as many as Excel takes.
pub const MOST_ROWS: usize = 1_048_575;
/// Columns at most.
const MOST_COLUMNS: usize = 16_384;
/// Characters (UTF-16 units) of a cell at most.
const MOST_TEXT: usize = 32_767;
/// Characters of the name of a page at most.
const MOST_NAME: usize = 31;
/// How wide columns are, in characters.
const WIDTHS: (usize, usize) = (8, 60);
/// Rows that are looked at for the width.
const LOOK: usize = 500;
/// Milliseconds of a day: Excel counts days.
const DAY: i64 = 86_400_000;

/// Why no workbook could be made.
#[derive(Debug)]
pub enum SheetError {
    /// More rows than a page holds.
    TooManyRows(usize),
    /// More columns than a page holds.
    TooManyColumns(usize),
    /// What the writer said.
    Writer(XlsxError),
}

impl SheetError {
    /// What happened, and what to do, in both languages.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::TooManyRows(rows) => Text::new(
                format!("{rows} rows, while a page of a workbook holds {MOST_ROWS}; use csv or jsonl, or narrow the selection"),
                format!("共 {rows} 行，而工作表最多 {MOST_ROWS} 行；请改用 csv 或 jsonl，或缩小范围"),
            ),
            Self::TooManyColumns(columns) => Text::new(
                format!("{columns} columns, while a page of a workbook holds {MOST_COLUMNS}; use csv or jsonl"),
                format!("共 {columns} 列，而工作表最多 {MOST_COLUMNS} 列；请改用 csv 或 jsonl"),
            ),
            Self::Writer(error) => Text::new(format!("the workbook could not be made: {error}"), format!("无法生成工作簿：{error}")),
        }
    }
}

impl fmt::Display for SheetError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text().en)
    }
}

impl std::error::Error for SheetError {}

impl From<XlsxError> for SheetError {
    fn from(error: XlsxError) -> Self {
        Self::Writer(error)
    }
}

/// A workbook with a page for each table, as the bytes of an `.xlsx` file. The same tables give the same bytes.
///
/// A number that a cell of Excel cannot hold exactly (beyond 15 digits) stands there as a text, as does a date before 1900-03-01. A
/// text that begins as a formula does is kept as it is and marked as text, so that it also stays one when it is edited.
///
/// # Errors
/// [`SheetError`] when a table is larger than a page may be.
pub fn to_xlsx(sheets: &[Sheet]) -> Result<Vec<u8>, SheetError> {
    let mut workbook = Workbook::new();
    // Which day a file was made is no part of what it says, and the day of the computer is not known here.
    let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let styles = Styles::new();
    let mut names = HashSet::new();
    for sheet in sheets {
        let name = page_name(&sheet.title, &mut names);
        fill(workbook.add_worksheet(), &name, sheet, &styles)?;
    }
    if sheets.is_empty() {
        workbook.add_worksheet();
    }
    Ok(workbook.save_to_buffer()?)
}

/// How cells look.
struct Styles {
    head: Format,
    text: Format,
    /// A text that would be a formula if it were typed.
    quoted: Format,
    date: Format,
    instant: Format,
    elapsed: Format,
}

impl Styles {
    fn new() -> Self {
        let top = Format::new().set_align(FormatAlign::Top);
        let text = top.clone().set_text_wrap();
        Self {
            head: Format::new().set_bold().set_align(FormatAlign::Top).set_text_wrap(),
            quoted: text.clone().set_quote_prefix(),
            text,
            date: top.clone().set_num_format("yyyy-mm-dd"),
            instant: top.clone().set_num_format("yyyy-mm-dd hh:mm"),
            elapsed: top.set_num_format("[h]:mm"),
        }
    }
}

fn fill(page: &mut Worksheet, name: &str, sheet: &Sheet, styles: &Styles) -> Result<(), SheetError> {
    if sheet.rows.len() > MOST_ROWS {
        return Err(SheetError::TooManyRows(sheet.rows.len()));
    }
    let columns = u16::try_from(sheet.columns.len()).ok().filter(|count| usize::from(*count) <= MOST_COLUMNS);
    let columns = columns.ok_or(SheetError::TooManyColumns(sheet.columns.len()))?;
    page.set_name(name)?;
    for (column, at) in sheet.columns.iter().zip(0..) {
        page.write_string_with_format(0, at, cut(&column.label), &styles.head)?;
    }
    for (row, line) in sheet.whole_rows().zip(1..) {
        for (cell, column) in row.zip(0..) {
            write(page, (line, column), cell, styles)?;
        }
    }
    for (column, index) in sheet.columns.iter().zip(0_u16..) {
        let widest = sheet.rows.iter().take(LOOK).filter_map(|row| row.get(usize::from(index))).map(width).max();
        let width = widest.unwrap_or_default().max(chars(&column.label) + 2).clamp(WIDTHS.0, WIDTHS.1);
        page.set_column_width(index, u32::try_from(width).unwrap_or_default())?;
    }
    page.set_freeze_panes(1, 0)?;
    if let (Some(last), Ok(rows)) = (columns.checked_sub(1), u32::try_from(sheet.rows.len())) {
        page.autofilter(0, 0, rows, last)?;
    }
    Ok(())
}

fn write(page: &mut Worksheet, (row, column): (u32, u16), cell: &Cell, styles: &Styles) -> Result<(), XlsxError> {
    let mut text = |text: &str| {
        let style = if is_formula(text) { &styles.quoted } else { &styles.text };
        page.write_string_with_format(row, column, cut(text), style).map(|_| ())
    };
    match cell {
        Cell::Empty => Ok(()),
        Cell::Text(value) => text(value),
        Cell::List(items) => text(&items.join(" ")),
        Cell::Flag(flag) => page.write_boolean(row, column, *flag).map(|_| ()),
        Cell::Integer(number) => match exact(Decimal::from(*number)) {
            Some(number) => page.write_number(row, column, number).map(|_| ()),
            None => text(&number.to_string()),
        },
        Cell::Decimal(number) => match exact(*number) {
            Some(number) => page.write_number(row, column, number).map(|_| ()),
            None => text(&number.to_string()),
        },
        Cell::Date(date) => match serial(date.and_time(chrono::NaiveTime::MIN)) {
            Some(days) => page.write_number_with_format(row, column, days, &styles.date).map(|_| ()),
            None => text(&date.to_string()),
        },
        Cell::Instant(at, zone) => match serial(at.local(*zone)) {
            Some(days) => page.write_number_with_format(row, column, days, &styles.instant).map(|_| ()),
            None => text(&at.to_rfc3339(*zone)),
        },
        Cell::Elapsed(millis) => match days(*millis) {
            Some(days) if *millis >= 0 => page.write_number_with_format(row, column, days, &styles.elapsed).map(|_| ()),
            _ => text(&Span::iso_elapsed(*millis)),
        },
    }
}

/// The number that a cell holds, when it is the same to the last digit: Excel keeps fifteen.
fn exact(number: Decimal) -> Option<f64> {
    let digits = number.normalize().mantissa().unsigned_abs().checked_ilog10().unwrap_or_default() + 1;
    number.to_f64().filter(|_| digits <= 15)
}

/// The day count of Excel; `None` before its leap day of 1900 that never was.
fn serial(local: NaiveDateTime) -> Option<f64> {
    let since = local.date().signed_duration_since(NaiveDate::from_ymd_opt(1899, 12, 30)?).num_days();
    let milli = i64::from(local.time().num_seconds_from_midnight()) * 1000 + i64::from(local.time().nanosecond() / 1_000_000);
    // A leap second would be counted into the next day.
    days(since.checked_mul(DAY)?.checked_add(milli.min(DAY - 1))?).filter(|days| *days >= 61.0)
}

/// Milliseconds as days and parts of days.
fn days(millis: i64) -> Option<f64> {
    (Decimal::from(millis) / Decimal::from(DAY)).to_f64()
}

/// A text cut to what a cell holds.
fn cut(text: &str) -> String {
    if text.encode_utf16().count() <= MOST_TEXT {
        return text.to_owned();
    }
    let mut size = 1;
    let fits = |c: &char| {
        size += c.len_utf16();
        size <= MOST_TEXT
    };
    let mut cut: String = text.chars().take_while(fits).collect();
    cut.push('…');
    cut
}

/// How wide a cell is, about.
fn width(cell: &Cell) -> usize {
    match cell {
        Cell::Empty => 0,
        Cell::Text(text) => chars(text) + 2,
        Cell::List(items) => items.iter().map(|item| chars(item) + 1).sum::<usize>() + 1,
        Cell::Integer(_) | Cell::Decimal(_) | Cell::Date(_) | Cell::Elapsed(_) => 12,
        Cell::Flag(_) => 8,
        Cell::Instant(..) => 18,
    }
}

/// Columns of a screen that a text takes in its longest line, about: a Chinese character takes two.
fn chars(text: &str) -> usize {
    text.lines().map(|line| line.chars().map(|c| if c as u32 > 0x2e7f { 2 } else { 1 }).sum()).max().unwrap_or_default()
}

/// A name that a page may have and that no other page has.
fn page_name(title: &str, taken: &mut HashSet<String>) -> String {
    let plain: String = title.chars().map(|c| if c.is_control() || "[]:*?/\\".contains(c) { ' ' } else { c }).collect();
    let plain = plain.trim_matches([' ', '\'']);
    // Excel keeps this name for itself.
    let plain = if plain.is_empty() || plain.eq_ignore_ascii_case("history") { "Sheet" } else { plain };
    let shortened = |most: usize| {
        let mut size = 0;
        let name: String = plain.chars().take_while(|c| (size += c.len_utf16(), size <= most).1).collect();
        name.trim_end_matches([' ', '\'']).to_owned()
    };
    let numbered = (2..).map(|number| {
        let tail = format!(" {number}");
        shortened(MOST_NAME - tail.len()) + tail.as_str()
    });
    let name = std::iter::once(shortened(MOST_NAME)).chain(numbered).find(|name| !taken.contains(&name.to_lowercase())).unwrap_or_default();
    taken.insert(name.to_lowercase());
    name
}
