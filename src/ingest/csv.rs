//! Rows of a CSV, each with its line and its text as written.
//!
//! One quote too many must cost one row, not all that follow; so a row whose quotes do not close is given up at its first
//! line, and reading goes on with the second. The reader of the `csv` crate would take the rest of the file as one field.

use std::{collections::VecDeque, io::BufRead};

use super::{
    MOST_LINE,
    error::IngestError,
    line::{Lines, too_long},
};
use crate::lang::Text;

/// Lines that one row may span.
const MOST_LINES: usize = 1000;

/// Reads rows one after the other.
pub(super) struct Rows<'i> {
    lines: Lines<&'i mut dyn BufRead>,
    delimiter: u8,
    /// Lines that were taken as part of a row and are not.
    pending: VecDeque<Taken>,
    /// The row given last.
    row: Vec<u8>,
    fields: Fields,
}

/// A row that is not blank.
pub(super) struct Row<'r> {
    /// The line at which it begins, from 1.
    pub(super) line: u64,
    /// As written, without the end of its last line.
    pub(super) bytes: &'r [u8],
    /// Its fields.
    pub(super) fields: Result<&'r Fields, Text>,
}

/// The fields of a row, quotes resolved.
#[derive(Debug, Default)]
pub(super) struct Fields {
    bytes: Vec<u8>,
    /// Where each field ends.
    ends: Vec<usize>,
}

/// A line that is kept.
struct Taken {
    number: u64,
    bytes: Vec<u8>,
    long: bool,
}

/// Where in a field a byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// At its beginning.
    Start,
    /// In one without quotes.
    Plain,
    /// Inside quotes.
    Quoted,
    /// After a quote inside quotes, which ends the field or stands before another.
    Quote,
}

impl Fields {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// One of them.
    pub(super) fn get(&self, at: usize) -> Option<&[u8]> {
        let start = at.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.bytes.get(start..*self.ends.get(at)?)
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).filter_map(|at| self.get(at))
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    fn end(&mut self) {
        self.ends.push(self.bytes.len());
    }

    /// Takes in one line; `None` when something follows a closing quote.
    fn take(&mut self, line: &[u8], delimiter: u8, mut state: State) -> Option<State> {
        for byte in line.iter().copied() {
            state = match state {
                State::Start if byte == b'"' => State::Quoted,
                State::Start | State::Plain | State::Quote if byte == delimiter => {
                    self.end();
                    State::Start
                }
                State::Quoted if byte == b'"' => State::Quote,
                State::Quote if byte != b'"' => return None,
                State::Quoted | State::Quote => {
                    self.bytes.push(byte);
                    State::Quoted
                }
                State::Start | State::Plain => {
                    self.bytes.push(byte);
                    State::Plain
                }
            };
        }
        if state == State::Quoted {
            self.bytes.push(b'\n');
        } else {
            self.end();
        }
        Some(state)
    }
}

impl<'i> Rows<'i> {
    pub(super) fn new(lines: Lines<&'i mut dyn BufRead>, delimiter: u8) -> Self {
        Self { lines, delimiter, pending: VecDeque::new(), row: Vec::new(), fields: Fields::default() }
    }

    /// The next row; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>, IngestError> {
        let mut row = loop {
            match self.line()? {
                None => return Ok(None),
                Some(line) if line.bytes.trim_ascii().is_empty() => {}
                Some(line) => break line,
            }
        };
        self.fields.clear();
        let refusal = if row.long { Some(too_long()) } else { self.fill(&mut row)? };
        self.row = row.bytes;
        Ok(Some(Row { line: row.number, bytes: &self.row, fields: refusal.map_or(Ok(&self.fields), Err) }))
    }

    /// Reads the fields of a row, adding the lines over which it runs; gives the reason when it is not sound.
    fn fill(&mut self, row: &mut Taken) -> Result<Option<Text>, IngestError> {
        let mut more: Vec<Taken> = Vec::new();
        let (mut state, mut size) = (State::Start, row.bytes.len());
        let refusal = loop {
            let bytes = more.last().map_or(&row.bytes, |line| &line.bytes);
            match self.fields.take(bytes, self.delimiter, state) {
                None if more.is_empty() => break Some(after_quote()),
                None => break Some(not_closed()),
                Some(State::Quoted) => state = State::Quoted,
                Some(_) => break None,
            }
            if more.len() >= MOST_LINES || size > MOST_LINE {
                break Some(not_closed());
            }
            match self.line()? {
                Some(line) if !line.long => {
                    size += line.bytes.len();
                    more.push(line);
                }
                Some(line) => {
                    more.push(line);
                    break Some(not_closed());
                }
                None => break Some(not_closed()),
            }
        };
        if refusal.is_some() {
            for line in more.into_iter().rev() {
                self.pending.push_front(line);
            }
        } else {
            for line in more {
                row.bytes.push(b'\n');
                row.bytes.extend(line.bytes);
            }
        }
        Ok(refusal)
    }

    /// The next line, blank or not.
    fn line(&mut self) -> Result<Option<Taken>, IngestError> {
        if let Some(line) = self.pending.pop_front() {
            return Ok(Some(line));
        }
        let line = self.lines.any()?;
        Ok(line.map(|line| Taken { number: line.number, bytes: line.bytes.to_vec(), long: line.long }))
    }
}

/// A quote opens a field and none closes it.
fn not_closed() -> Text {
    Text::new("a quoted field is not closed", "带引号的字段没有结束引号")
}

/// A field such as `"a"b`.
fn after_quote() -> Text {
    Text::new(
        "something follows the closing quote of a field; a quote inside quotes is written twice",
        "字段的结束引号之后还有内容；引号内的引号应写两次",
    )
}
