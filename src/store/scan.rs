//! Reading all cases, on several threads, with the proof that none was left out.

use super::cursor::Cursor;
use super::error::StoreError;
use super::fault::Fault;
use super::{Store, keys};
use crate::case::CaseRecord;

/// Pairs read from sled at a time.
const STEP: usize = 256;

/// A part of the cases: those whose id lies between two others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRange {
    pub(super) start: Edge,
    pub(super) end: Edge,
}

/// Before an id, or after all of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Edge {
    Before(String),
    End,
}

impl Edge {
    /// The first key behind it, of those that are `prefix` and an id.
    pub(super) fn key(&self, prefix: u8) -> Vec<u8> {
        match self {
            Self::Before(id) => [&[prefix], id.as_bytes()].concat(),
            Self::End => vec![prefix.saturating_add(1)],
        }
    }
}

/// What was read of a range; the shares of all ranges together prove that nothing is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Share {
    pub(super) cases: u64,
    pub(super) digest: u64,
}

impl Share {
    /// Both together.
    pub const fn plus(self, other: Self) -> Self {
        Self { cases: self.cases.wrapping_add(other.cases), digest: self.digest.wrapping_add(other.digest) }
    }

    /// How many cases were read.
    #[must_use]
    pub const fn cases(self) -> u64 {
        self.cases
    }
}

impl Store {
    /// Visits every case once. Each thread has one range, and the ranges follow each other as the threads' numbers
    /// do: what the visits of thread 0, then 1, and so on collect is in the order of case ids (by bytes).
    ///
    /// # Errors
    ///
    /// [`StoreError::IndexDamaged`] when a record is damaged, or when the cases are not all those that should be
    /// there: then what was visited must not be used, and [`Store::rebuild`] helps.
    pub fn scan(&self, threads: usize, visit: impl Fn(usize, CaseRecord) + Sync) -> Result<(), StoreError> {
        let ranges = self.ranges(threads)?;
        let (visit, mut all) = (&visit, Share::default());
        std::thread::scope(|scope| {
            let (last, others) = match ranges.split_last() {
                Some((last, others)) => ((others.len(), last), others),
                None => return Ok(()),
            };
            let workers: Vec<_> = others
                .iter()
                .enumerate()
                .map(|(number, range)| scope.spawn(move || self.scan_range(range, |case| visit(number, case))))
                .collect();
            let own = self.scan_range(last.1, |case| visit(last.0, case));
            let mut failed = None;
            for share in workers.into_iter().map(join).chain([own]) {
                match share {
                    Ok(share) => all = all.plus(share),
                    Err(error) => failed = Some(error),
                }
            }
            failed.map_or(Ok(()), Err)
        })?;
        self.prove(all)
    }

    /// Divides the cases into so many ranges of about the same size, in the order of ids. Ranges may be empty.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn ranges(&self, parts: usize) -> Result<Vec<CaseRange>, StoreError> {
        let marks = self.marks()?;
        let parts = parts.clamp(1, 1 << 16);
        let mut ranges = Vec::with_capacity(parts);
        let mut start = Edge::Before(String::new());
        for part in 1..parts {
            let cut = marks.get(marks.len().saturating_mul(part) / parts).cloned().map(Edge::Before);
            // Few cases have few blocks, or none: then the first range has all.
            let end = cut.filter(|cut| *cut > start).unwrap_or_else(|| if marks.len() < 2 { Edge::End } else { start.clone() });
            ranges.push(CaseRange { start, end: end.clone() });
            start = end;
        }
        ranges.push(CaseRange { start, end: Edge::End });
        Ok(ranges)
    }

    /// Visits the cases of a range in the order of their ids.
    ///
    /// # Errors
    ///
    /// When the index or a record is damaged.
    pub fn scan_range(&self, range: &CaseRange, mut visit: impl FnMut(CaseRecord)) -> Result<Share, StoreError> {
        self.scan_chunks(range, |chunk| {
            chunk.rows().for_each(|(block, row)| visit(block.record(row)));
            Ok(())
        })
    }

    /// Compares what was read of all ranges with what should be there.
    ///
    /// # Errors
    ///
    /// [`StoreError::IndexDamaged`] when something is missing, or there twice.
    pub fn prove(&self, all: Share) -> Result<(), StoreError> {
        let position = self.index.position()?;
        if all.cases != position.cases {
            return Err(self.index.damaged(Fault::Count { expected: position.cases, found: all.cases }));
        }
        if all.digest != position.digest {
            return Err(self.index.damaged(Fault::Digest));
        }
        Ok(())
    }

    /// Reads stored pairs from one key up to another, a block at a time.
    pub(super) fn each(
        &self,
        start: &[u8],
        end: &[u8],
        mut visit: impl FnMut(&[u8], &[u8]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        each(&self.index, start, end, &mut visit)
    }

    pub(super) fn marks(&self) -> Result<Vec<String>, StoreError> {
        let mut marks = Vec::new();
        self.each(&[keys::MARK], &[keys::MARK + 1], |key, _| {
            marks.push(self.index.id_of(key)?);
            Ok(())
        })?;
        Ok(marks)
    }
}

/// What is done with each key and its sealed value.
type Visit<'a> = dyn FnMut(&[u8], &[u8]) -> Result<(), StoreError> + 'a;

/// Reads stored pairs from one key up to another.
pub(super) fn each(index: &super::Index, start: &[u8], end: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
    let mut cursor = Cursor::new(index, start.to_vec(), end.to_vec(), STEP);
    while let Some((key, sealed)) = cursor.next()? {
        visit(&key, &sealed)?;
    }
    Ok(())
}

/// A visit that panicked goes on panicking here, as it would have on one thread.
fn join<T>(worker: std::thread::ScopedJoinHandle<'_, T>) -> T {
    worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
