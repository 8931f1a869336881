//! Reading cases: the contract's own JSON lines, `CloudEvents` and XES; and real logs in CSV, JSONL, XLSX or XES through a mapping.
//!
//! A row that cannot be taken becomes a [`Reject`] with its line and the reason, and the others load. Only an input that
//! cannot be read at all, or a mapping that does not fit it, is an [`IngestError`].

mod ahead;
mod cloudevents;
mod csv;
mod detect;
mod error;
mod field;
mod group;
mod json;
mod jsonl;
mod line;
mod mapping;
mod number;
mod open;
mod parse;
mod read;
mod rows;
mod shape;
mod stretch;
#[cfg(test)]
mod tests;
mod times;
mod write;
mod xes;
mod xlsx;

pub use cloudevents::{Defaults, Received, Refused, read as read_cloudevents, read_lines as read_cloudevent_lines};
pub use error::IngestError;
pub use field::{FIELD_KEYS, NAME_KEYS};
pub use group::Log;
pub use jsonl::read_jsonl;
pub use mapping::{CASE_KEYS, EVENT_KEYS, Format, MAPPING_KEYS, Mapping};
pub use open::{lines_about, open, unpack};
pub use parse::parse_case;
pub use read::{Options, read};
pub use rows::read_mapped;
pub use write::{case_to_json, number_to_json, value_to_json};
pub use xes::read_xes;

use crate::lang::Text;

/// Bytes of one line or row at most; a longer one is rejected without being held.
pub const MOST_LINE: usize = 16 << 20;
/// Bytes of a case id at most.
pub const MOST_ID: usize = 256;
/// Events of one case at most.
pub const MOST_EVENTS: usize = 100_000;
/// Bytes of one trace of an XES at most: as text XML takes several times what it says.
pub const MOST_TRACE: usize = 64 << 20;
/// Bytes of a workbook at most, and of all that is packed in it: it is held in memory.
pub const MOST_BOOK: usize = 512 << 20;
/// Bytes of a batch of `CloudEvents` at most: it is held in memory. One event a line has no such bound.
pub const MOST_BATCH: usize = 64 << 20;
/// Levels of lists and maps in one value at most: as many as the store takes.
pub const MOST_LEVELS: usize = 64;
/// Bytes of a rejected line that are kept.
pub const MOST_REJECT: usize = 10_000;

/// A line or row that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Its number in the file, from 1: the first line of a row that spans several.
    pub line: u64,
    /// Why: a lower-case fragment.
    pub reason: Text,
    /// The line itself, cut to [`MOST_REJECT`] bytes; what is not UTF-8 in it is replaced.
    pub text: String,
}

impl Reject {
    fn new(line: u64, reason: Text, bytes: &[u8]) -> Self {
        let mut text = String::from_utf8_lossy(bytes.get(..MOST_REJECT).unwrap_or(bytes)).into_owned();
        // The cut may have halved a character, and a replacement is longer than what it replaces.
        text.truncate(text.floor_char_boundary(MOST_REJECT));
        Self { line, reason, text }
    }
}

/// What was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Lines or rows that were not blank; the header of a CSV is none of them.
    pub lines: u64,
    /// Cases that were delivered.
    pub cases: u64,
    /// Events of these cases; for a mapped log also the changes of facts that its rows amount to.
    pub events: u64,
    /// Lines or rows that were rejected.
    pub rejected: u64,
}
