//! A table of anything that is to leave the program: rows under named columns, each cell with its type, written as CSV, XLSX, JSON
//! or HTML. Whoever has rows to export makes a [`Sheet`] of them, and takes any of the forms.

mod csv;
mod html;
mod json;
#[cfg(test)]
mod tests;
mod xlsx;

use chrono::NaiveDate;
use rust_decimal::Decimal;

pub use csv::Head;
pub use html::whole_page;
pub use xlsx::{MOST_ROWS, SheetError, to_xlsx};

use crate::time::{Instant, Zone};

/// A table: a title, columns, rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// What it is, in the language of whoever reads it: the name of the page in a workbook.
    pub title: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows: a cell for each column; those that are wanting count as empty, and those beyond the columns are left out.
    pub rows: Vec<Vec<Cell>>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name for programs: the key in JSON, the head in a CSV for programs.
    pub key: String,
    /// Its name for people, in their language.
    pub label: String,
}

/// A value in a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number, exactly.
    Decimal(Decimal),
    /// Yes or no.
    Flag(bool),
    /// A date.
    Date(NaiveDate),
    /// An instant, and the zone in which it is shown.
    Instant(Instant, Zone),
    /// A span of elapsed time in milliseconds.
    Elapsed(i64),
    /// Several texts.
    List(Vec<String>),
}

impl Column {
    /// A column with its two names.
    #[must_use]
    pub fn new(key: impl Into<String>, label: impl Into<String>) -> Self {
        Self { key: key.into(), label: label.into() }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        i64::try_from(number).map_or_else(|_| Self::Decimal(number.into()), Self::Integer)
    }
}

impl From<usize> for Cell {
    fn from(number: usize) -> Self {
        u64::try_from(number).unwrap_or(u64::MAX).into()
    }
}

impl From<Decimal> for Cell {
    fn from(number: Decimal) -> Self {
        Self::Decimal(number)
    }
}

impl From<bool> for Cell {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<NaiveDate> for Cell {
    fn from(date: NaiveDate) -> Self {
        Self::Date(date)
    }
}

impl<C: Into<Self>> From<Option<C>> for Cell {
    fn from(cell: Option<C>) -> Self {
        cell.map_or(Self::Empty, Into::into)
    }
}

impl Sheet {
    /// A table without rows.
    #[must_use]
    pub fn new(title: impl Into<String>, columns: Vec<Column>) -> Self {
        Self { title: title.into(), columns, rows: Vec::new() }
    }

    /// Rows with exactly a cell for each column.
    fn whole_rows(&self) -> impl Iterator<Item = impl Iterator<Item = &Cell>> {
        self.rows.iter().map(|row| row.iter().chain(std::iter::repeat(&Cell::Empty)).take(self.columns.len()))
    }
}
