//! The texts of a block: each once, one behind the other.

use std::collections::HashMap;

use super::bytes::Reader;
use super::numbers::{self, Numbers};
use super::{Damaged, NestedId, TextId};

/// Things of unlike lengths, one behind the other: where each ends.
#[derive(Clone, Debug)]
pub(super) struct Ends {
    start: u32,
    ends: Vec<u32>,
}

impl Ends {
    /// Reads the lengths of `count` things, of which the first begins at `start`. All together are no longer than the
    /// block, since each unit of length is a byte of it at least.
    pub(super) fn read(reader: &mut Reader<'_>, count: usize, start: usize) -> Result<Self, Damaged> {
        let lengths = Numbers::read(reader, count)?;
        if !lengths.are_below(reader.bytes, reader.most().saturating_add(1)) {
            return Err(Damaged("a length is too large"));
        }
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        let mut ends = lengths.all(reader.bytes, |length| u32::try_from(length).unwrap_or(u32::MAX));
        let mut end = start;
        for length in &mut ends {
            end = end.saturating_add(*length);
            *length = end;
        }
        let ends = Self { start, ends };
        if ends.end() > reader.most() { Err(Damaged("its lengths are too large")) } else { Ok(ends) }
    }

    /// How many things there are.
    pub(super) const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Where the last one ends.
    pub(super) fn end(&self) -> usize {
        size(self.ends.last().copied().unwrap_or(self.start))
    }

    /// All ends.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        self.ends.iter().copied().map(size)
    }

    /// Where a thing begins and ends; an empty place for one that is not there.
    #[inline]
    pub(super) fn place(&self, number: usize) -> std::ops::Range<usize> {
        let end = self.ends.get(number).copied().unwrap_or(0);
        let before = number.checked_sub(1).map_or(Some(&self.start), |before| self.ends.get(before));
        size(before.copied().unwrap_or(end).min(end))..size(end)
    }
}

/// Gives each text a number.
#[derive(Default)]
pub(super) struct Texts<'a> {
    known: HashMap<&'a str, TextId>,
    texts: Vec<&'a str>,
}

impl<'a> Texts<'a> {
    /// The number of a text.
    pub(super) fn id(&mut self, text: &'a str) -> TextId {
        let next = TextId(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        let id = *self.known.entry(text).or_insert(next);
        if id == next {
            self.texts.push(text);
        }
        id
    }

    /// All texts, in the order of their numbers.
    pub(super) fn list(&self) -> &[&'a str] {
        &self.texts
    }
}

/// Gives each sequence of bytes a number.
#[derive(Default)]
pub(super) struct Blobs {
    known: HashMap<Vec<u8>, NestedId>,
    lengths: Vec<i64>,
    bytes: Vec<u8>,
}

impl Blobs {
    /// The number of some bytes.
    pub(super) fn id(&mut self, blob: Vec<u8>) -> NestedId {
        let next = NestedId(u32::try_from(self.lengths.len()).unwrap_or(u32::MAX));
        if let Some(id) = self.known.get(&blob) {
            return *id;
        }
        self.lengths.push(length(blob.len()));
        self.bytes.extend(&blob);
        self.known.insert(blob, next);
        next
    }

    /// Appends how many there are, their lengths, and them.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        super::bytes::put_count(self.lengths.len(), out);
        numbers::write(&self.lengths, 0, out);
        out.extend(&self.bytes);
    }

    /// Reads where they stand, and checks that they are all there.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Ends, Damaged> {
        let count = reader.count()?;
        // The first begins behind the lengths, whose own size is not known before they are read.
        let mut ends = Ends::read(reader, count, 0)?;
        let at = u32::try_from(reader.skip(ends.end())?).unwrap_or(u32::MAX);
        ends.start = at;
        ends.ends.iter_mut().for_each(|end| *end = end.saturating_add(at));
        Ok(ends)
    }
}

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// A length as a column takes it.
pub(super) fn length(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
