//! A table as CSV. A text that a spreadsheet would take for a formula is made harmless; numbers stay numbers.

use std::{borrow::Cow, io::Write};

use super::{Cell, Sheet};
use crate::{report::harmless, time::Span};

/// What a spreadsheet needs to see that a CSV is UTF-8.
const BOM: &[u8] = "\u{feff}".as_bytes();

/// The first row of a CSV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// The names for programs.
    Keys,
    /// The names for people. The file begins with a mark of its encoding, without which Excel garbles Chinese.
    Labels,
}

impl Sheet {
    /// Writes the table as CSV; instants are RFC 3339, spans ISO 8601, the items of a list stand in one cell with spaces between them.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_csv(&self, head: Head, out: &mut dyn Write) -> Result<(), csv::Error> {
        if head == Head::Labels {
            out.write_all(BOM)?;
        }
        let mut writer = csv::Writer::from_writer(out);
        let name = |column: &super::Column| match head {
            Head::Keys => harmless(column.key.clone()),
            Head::Labels => harmless(column.label.clone()),
        };
        writer.write_record(self.columns.iter().map(name))?;
        for row in self.whole_rows() {
            writer.write_record(row.map(text).map(Cow::into_owned))?;
        }
        Ok(writer.flush()?)
    }

    /// The table as CSV.
    ///
    /// # Errors
    /// When a row cannot be written.
    pub fn to_csv(&self, head: Head) -> Result<String, csv::Error> {
        let mut bytes = Vec::new();
        self.write_csv(head, &mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// What stands in the cell.
fn text(cell: &Cell) -> Cow<'_, str> {
    Cow::Owned(match cell {
        Cell::Empty => return Cow::Borrowed(""),
        Cell::Text(text) => harmless(text.clone()),
        Cell::Integer(number) => number.to_string(),
        Cell::Decimal(number) => number.to_string(),
        Cell::Flag(flag) => flag.to_string(),
        Cell::Date(date) => date.to_string(),
        Cell::Instant(at, zone) => at.to_rfc3339(*zone),
        Cell::Elapsed(millis) => harmless(Span::iso_elapsed(*millis)),
        Cell::List(items) => harmless(items.join(" ")),
    })
}
