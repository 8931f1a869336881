//! Reading the chain from entry to entry, over all segments, checking that each follows from the one before.

use std::path::{Path, PathBuf};

use super::error::StoreError;
use super::fault::Fault;
use super::frame::sha256;
use super::hex::Hash;
use super::segment::{self, Entry, Segment, Step};
use crate::time::Instant;

/// A place in the chain, after an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The entry's number; 0 before the first.
    pub(super) seq: u64,
    /// Its hash; zeros before the first.
    pub(super) hash: Hash,
    /// When it was recorded.
    pub(super) recorded: Instant,
    /// Where it ends in its segment.
    pub(super) end: u64,
}

impl Place {
    /// Before the first entry.
    pub(super) const START: Self = Self { seq: 0, hash: [0; 32], recorded: Instant::MIN, end: 0 };
}

/// Walks the chain.
#[derive(Debug)]
pub(super) struct Walk {
    dir: PathBuf,
    count: u64,
    /// The segment's number; one more than there are at the end.
    pub(super) number: u64,
    segment: Option<Segment>,
    /// After the last entry that was read.
    pub(super) place: Place,
    /// After the last entry that ended its group.
    pub(super) whole: Place,
    /// Whether the journal ended with a frame that was not written to its end.
    pub(super) incomplete: bool,
    payloads: bool,
    /// Where the entry read last begins.
    start: u64,
}

impl Walk {
    /// Begins with the first entry.
    pub(super) fn all(dir: &Path) -> Result<Self, StoreError> {
        Self::segments(dir, 1)
    }

    /// Begins with the first entry of the last segment, whose first bytes are trusted for what was before.
    pub(super) fn last(dir: &Path) -> Result<Self, StoreError> {
        let count = segment::count(dir)?;
        Self::segments(dir, if Self::is_stub(dir, count)? { count.saturating_sub(1) } else { count }.max(1))
    }

    /// Begins with the first entry of the segment that holds entry `seq`.
    pub(super) fn holding(dir: &Path, seq: u64) -> Result<Self, StoreError> {
        let mut number = segment::count(dir)?;
        while number > 1 {
            match Segment::open(dir, number)? {
                Some(segment) if segment.first <= seq => break,
                _ => number -= 1,
            }
        }
        Self::segments(dir, number.max(1))
    }

    /// Also compares each payload with the digest in its header.
    pub(super) fn with_payloads(mut self) -> Self {
        self.payloads = true;
        self
    }

    /// Whether the last segment was begun and not even its first bytes were written.
    pub(super) fn is_stub(dir: &Path, count: u64) -> Result<bool, StoreError> {
        Ok(count > 0 && Segment::open(dir, count)?.is_none())
    }

    fn segments(dir: &Path, number: u64) -> Result<Self, StoreError> {
        let mut walk = Self {
            dir: dir.to_path_buf(),
            count: segment::count(dir)?,
            number,
            segment: None,
            place: Place::START,
            whole: Place::START,
            incomplete: false,
            payloads: false,
            start: 0,
        };
        if number <= walk.count {
            walk.segment = Segment::open(dir, number)?;
        }
        match &walk.segment {
            Some(segment) if number > 1 => {
                walk.place =
                    Place { seq: segment.first.saturating_sub(1), hash: segment.before, recorded: Instant::MIN, end: segment.offset };
            }
            Some(segment) => walk.begin(segment.first, segment.before)?,
            None if number < walk.count => return Err(walk.missing(number)),
            None => {}
        }
        walk.place.end = walk.segment.as_ref().map_or(0, |segment| segment.offset);
        walk.whole = walk.place;
        Ok(walk)
    }

    /// The next entry.
    pub(super) fn next(&mut self) -> Result<Option<Entry>, StoreError> {
        while let Some(segment) = &mut self.segment {
            let expected = self.place.seq.saturating_add(1);
            match segment.step(expected)? {
                Step::Entry(entry) => {
                    self.check(&entry)?;
                    return Ok(Some(entry));
                }
                Step::Incomplete if self.number < self.count && !self.ends_here()? => {
                    return Err(self.fault(Fault::CutOff));
                }
                Step::Incomplete => {
                    self.incomplete = true;
                    return Ok(None);
                }
                Step::End if !self.advance()? => return Ok(None),
                Step::End => {}
            }
        }
        Ok(None)
    }

    /// The path of the segment that is being read.
    pub(super) fn path(&self) -> PathBuf {
        segment::path(&self.dir, self.number)
    }

    /// An error about the entry that was to be read next.
    pub(super) fn fault(&self, fault: Fault) -> StoreError {
        StoreError::Journal { path: self.path(), offset: self.place.end, seq: self.place.seq.saturating_add(1), fault }
    }

    /// An error about the entry that was read last.
    pub(super) fn fault_of_last(&self, fault: Fault) -> StoreError {
        StoreError::Journal { path: self.path(), offset: self.start, seq: self.place.seq, fault }
    }

    /// Goes to the next segment, if there is one that holds anything.
    fn advance(&mut self) -> Result<bool, StoreError> {
        if self.number >= self.count || self.ends_here()? {
            return Ok(false);
        }
        let next = self.number + 1;
        let Some(segment) = Segment::open(&self.dir, next)? else {
            return Err(self.missing(next));
        };
        self.number = next;
        self.begin(segment.first, segment.before)?;
        self.place.end = segment.offset;
        self.whole.end = segment.offset;
        self.segment = Some(segment);
        Ok(true)
    }

    /// Whether only a segment that was never begun follows.
    fn ends_here(&self) -> Result<bool, StoreError> {
        Ok(self.number + 1 == self.count && Self::is_stub(&self.dir, self.count)?)
    }

    fn begin(&self, first: u64, before: Hash) -> Result<(), StoreError> {
        let expected = self.place.seq.saturating_add(1);
        if first != expected {
            let fault = order(expected, first);
            return Err(StoreError::Journal { path: self.path(), offset: 0, seq: expected, fault });
        }
        if before != self.place.hash {
            return Err(StoreError::Journal { path: self.path(), offset: 0, seq: expected, fault: Fault::Chain });
        }
        Ok(())
    }

    fn check(&mut self, entry: &Entry) -> Result<(), StoreError> {
        let expected = self.place.seq.saturating_add(1);
        if entry.header.seq != expected {
            return Err(self.fault(order(expected, entry.header.seq)));
        }
        if entry.header.before != self.place.hash {
            return Err(self.fault(Fault::Chain));
        }
        if entry.header.recorded < self.place.recorded {
            return Err(self.fault(Fault::Backwards));
        }
        if self.payloads && !entry.erased && sha256(&entry.payload) != entry.header.digest {
            return Err(self.fault(Fault::Payload));
        }
        self.start = self.place.end;
        self.place = Place {
            seq: entry.header.seq,
            hash: entry.hash,
            recorded: entry.header.recorded,
            end: self.segment.as_ref().map_or(0, |segment| segment.offset),
        };
        if !entry.more {
            self.whole = self.place;
        }
        Ok(())
    }

    fn missing(&self, number: u64) -> StoreError {
        StoreError::Journal {
            path: segment::path(&self.dir, number),
            offset: 0,
            seq: self.place.seq.saturating_add(1),
            fault: Fault::SegmentHead,
        }
    }
}

fn order(expected: u64, found: u64) -> Fault {
    if found > expected { Fault::Removed { found } } else { Fault::Misplaced { found } }
}
