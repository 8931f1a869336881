//! Lines of an input, each bounded in length.

use std::io::{self, BufRead, Read};

use super::{MOST_LINE, MOST_REJECT, error::IngestError, open::BOM};
use crate::lang::Text;

/// Bytes that are taken in for one line: its end, `\r\n`, does not count.
const TAKEN: u64 = MOST_LINE as u64 + 2;

/// Reads lines one after the other into one buffer.
pub(super) struct Lines<I> {
    input: I,
    bytes: Vec<u8>,
    /// The number of the line in the buffer, from 1.
    number: u64,
    long: bool,
}

/// A line without its end.
#[derive(Clone, Copy)]
pub(super) struct Line<'l> {
    /// Its number, from 1.
    pub(super) number: u64,
    /// Its bytes; the first of them when it is too long.
    pub(super) bytes: &'l [u8],
    /// Longer than it may be.
    pub(super) long: bool,
}

impl<'l> Line<'l> {
    /// Its text.
    pub(super) fn text(self) -> Result<&'l str, Text> {
        if self.long {
            return Err(too_long());
        }
        utf8(self.bytes)
    }
}

/// More bytes than a line may have.
pub(super) fn too_long() -> Text {
    Text::new(format!("longer than {} MiB", MOST_LINE >> 20), format!("长度超过 {} MiB", MOST_LINE >> 20))
}

/// Bytes as text.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, Text> {
    std::str::from_utf8(bytes).map_err(|error| {
        let place = error.valid_up_to() + 1;
        Text::new(
            format!("not UTF-8 from byte {place} on; save the file as UTF-8"),
            format!("从第 {place} 字节起不是 UTF-8；请将文件另存为 UTF-8"),
        )
    })
}

impl<I: BufRead> Lines<I> {
    pub(super) fn new(input: I) -> Self {
        Self { input, bytes: Vec::new(), number: 0, long: false }
    }

    /// The next line that is not blank; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Line<'_>>, IngestError> {
        while self.read()? {
            if !self.bytes.trim_ascii().is_empty() {
                return Ok(Some(self.line()));
            }
        }
        Ok(None)
    }

    /// The next line, blank or not; `None` at the end.
    pub(super) fn any(&mut self) -> Result<Option<Line<'_>>, IngestError> {
        Ok(if self.read()? { Some(self.line()) } else { None })
    }

    fn line(&self) -> Line<'_> {
        Line { number: self.number, bytes: &self.bytes, long: self.long }
    }

    fn read(&mut self) -> Result<bool, IngestError> {
        let any = self.fill().map_err(|source| IngestError::Read { line: self.number, source })?;
        self.long = self.bytes.len() > MOST_LINE;
        if self.long {
            self.bytes.truncate(MOST_REJECT);
            // The buffer would otherwise keep its size for all lines that follow.
            self.bytes.shrink_to_fit();
        }
        Ok(any)
    }

    /// Fills the buffer with the next line, or its beginning when it is too long; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        self.bytes.clear();
        let taken = self.input.by_ref().take(TAKEN).read_until(b'\n', &mut self.bytes)?;
        if taken == 0 {
            return Ok(false);
        }
        self.number += 1;
        if self.bytes.pop_if(|byte| *byte == b'\n').is_some() {
            self.bytes.pop_if(|byte| *byte == b'\r');
        } else if self.bytes.len() > MOST_LINE {
            self.input.skip_until(b'\n')?;
        }
        if self.number == 1 && self.bytes.starts_with(&BOM) {
            self.bytes.drain(..BOM.len());
        }
        Ok(true)
    }
}
