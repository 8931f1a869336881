//! Many cases in few bytes: a block holds up to some hundred, in columns. Judging reads the columns as they are; a
//! single case, or its record with all that was known when, can be made of them again.
//!
//! What the columns show is the case as known now ([`CaseRecord::known_at`] without an instant): later sets of facts as
//! events, retracted events left out. A case of which more is known than that has its whole record beside the columns.
//!
//! ```text
//! version, count of rows, lengths of ids, count of names, count of texts, lengths of texts
//! nested values, whole records: count, lengths, postcard
//! by row: kind, parent, touched, recorded, whole record
//! facts: count, names, a column of cells each
//! events: counts by row, types, instants, by, roles, ids, recorded
//! data of events: counts by event, names, cells
//! all ids and texts as UTF-8; those that are names first
//! ```

mod block;
mod bytes;
mod column;
mod numbers;
mod open;
mod rows;
mod texts;
mod write;

use std::fmt::{self, Write as _};

use rust_decimal::Decimal;

#[cfg(doc)]
use crate::case::CaseRecord;

pub use block::Block;
pub use write::pack;

/// The version of blocks that is written and read.
const VERSION: u8 = 1;

/// The number of a text within its block. Equal texts of a block have the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextId(u32);

impl TextId {
    /// The number, from 0: for tables with an entry for each text.
    #[inline]
    #[must_use]
    pub fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// The number of a list, a map or an oversized decimal within its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NestedId(u32);

/// A value of a fact or of an event's data, as it stands in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Not given.
    Absent,
    /// Given, but empty.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction, of the scale that it was given with.
    Decimal(Decimal),
    /// A text of the block.
    Text(TextId),
    /// A list, a map, or a decimal too large for a column.
    Nested(NestedId),
}

/// The id of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventId<'b> {
    /// One of the form that [`crate::case::identify`] gives: its 16 hex digits as bytes.
    Derived([u8; 8]),
    /// Any other.
    Given(&'b str),
}

impl fmt::Display for EventId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Derived(bytes) => {
                let digit = |value: u8| char::from(if value < 10 { b'0' + value } else { b'a' + value - 10 });
                bytes.iter().try_for_each(|byte| f.write_char(digit(byte >> 4)).and_then(|()| f.write_char(digit(byte & 15))))
            }
            Self::Given(text) => f.write_str(text),
        }
    }
}

/// The bytes are not those of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a block of cases is damaged: {0}")]
pub struct Damaged(&'static str);

#[cfg(test)]
mod tests;
