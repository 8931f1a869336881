//! A stretch of lines that is read in one piece and parsed in another place.

use std::io::BufRead;

use super::{
    Reject,
    error::IngestError,
    line::{Line, Lines},
    parse::parse_case,
};
use crate::{case::Case, time::Zone};

/// Bytes after which a stretch takes no further line.
const MOST_BYTES: usize = 4 << 20;

/// Lines that are not blank, one after the other.
#[derive(Debug, Default)]
pub(super) struct Stretch {
    bytes: Vec<u8>,
    lines: Vec<Held>,
    end: Option<End>,
}

/// A line of a stretch.
#[derive(Debug)]
struct Held {
    number: u64,
    length: usize,
    long: bool,
}

/// Why nothing comes after a stretch.
#[derive(Debug)]
pub(super) enum End {
    /// The input is at its end.
    Reached,
    /// Reading broke off.
    Broken(IngestError),
}

/// What a stretch amounts to.
#[derive(Debug)]
pub(super) struct Parsed {
    /// Its cases, in the order of the lines.
    pub(super) cases: Vec<Case>,
    /// Its lines that were not taken, in order.
    pub(super) rejects: Vec<Reject>,
    /// How many lines it has.
    pub(super) lines: usize,
    /// It is the last one.
    pub(super) end: Option<End>,
}

impl Stretch {
    /// Takes the next lines, at least one and so many at most.
    pub(super) fn read(input: &mut Lines<impl BufRead>, most: usize) -> Self {
        let mut stretch = Self::default();
        loop {
            match input.next() {
                Ok(Some(line)) => stretch.add(line),
                Ok(None) => stretch.end = Some(End::Reached),
                Err(error) => stretch.end = Some(End::Broken(error)),
            }
            if stretch.is_last() || stretch.lines.len() >= most || stretch.bytes.len() >= MOST_BYTES {
                return stretch;
            }
        }
    }

    /// Nothing comes after it.
    pub(super) const fn is_last(&self) -> bool {
        self.end.is_some()
    }

    fn add(&mut self, line: Line<'_>) {
        self.bytes.extend_from_slice(line.bytes);
        self.lines.push(Held { number: line.number, length: line.bytes.len(), long: line.long });
    }

    /// Reads its lines as cases.
    pub(super) fn parse(self, zone: Zone) -> Parsed {
        let mut parsed =
            Parsed { cases: Vec::with_capacity(self.lines.len()), rejects: Vec::new(), lines: self.lines.len(), end: self.end };
        let mut rest = self.bytes.as_slice();
        for Held { number, length, long } in self.lines {
            let (bytes, after) = rest.split_at_checked(length).unwrap_or_default();
            rest = after;
            match (Line { number, bytes, long }).text().and_then(|text| parse_case(text, zone)) {
                Ok(case) => parsed.cases.push(case),
                Err(reason) => parsed.rejects.push(Reject::new(number, reason, bytes)),
            }
        }
        parsed
    }
}
