//! Reading all cases, on several threads, with the proof that none was left out.

use std::ops::Bound;

use super::error::StoreError;
use super::fault::Fault;
use super::{Store, keys, seal};
use crate::case::CaseRecord;

/// Cases read from sled at a time: enough to make the guard around it cheap, few enough to stay flat.
const BLOCK: usize = 256;

/// A part of the cases: those whose key lies between two others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRange {
    start: Vec<u8>,
    end: Vec<u8>,
}

/// What was read of a range; the shares of all ranges together prove that nothing is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Share {
    cases: u64,
    digest: u64,
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
        let mut start = vec![keys::CASE];
        for part in 1..parts {
            let cut = marks.get(marks.len().saturating_mul(part) / parts).cloned();
            // Few cases have few marks, or none: then the first range has all.
            let end = cut.filter(|cut| *cut > start).unwrap_or_else(|| if marks.is_empty() { vec![keys::CASE + 1] } else { start.clone() });
            ranges.push(CaseRange { start, end: end.clone() });
            start = end;
        }
        ranges.push(CaseRange { start, end: vec![keys::CASE + 1] });
        Ok(ranges)
    }

    /// Visits the cases of a range in the order of their ids.
    ///
    /// # Errors
    ///
    /// When the index or a record is damaged.
    pub fn scan_range(&self, range: &CaseRange, mut visit: impl FnMut(CaseRecord)) -> Result<Share, StoreError> {
        let mut share = Share::default();
        self.each(&range.start, &range.end, |key, sealed| {
            share.cases = share.cases.wrapping_add(1);
            share.digest = share.digest.wrapping_add(seal::share(sealed));
            visit(self.index.unseal(key, sealed)?);
            Ok(())
        })?;
        Ok(share)
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

    fn marks(&self) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut marks = Vec::new();
        self.each(&[keys::MARK], &[keys::MARK + 1], |key, _| {
            let id = key.get(1..).unwrap_or_default();
            marks.push([&[keys::CASE], id].concat());
            Ok(())
        })?;
        Ok(marks)
    }
}

/// What is done with each key and its sealed value.
type Visit<'a> = dyn FnMut(&[u8], &[u8]) -> Result<(), StoreError> + 'a;

/// Reads stored pairs from one key up to another, a block at a time.
pub(super) fn each(index: &super::Index, start: &[u8], end: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
    let mut block = Vec::with_capacity(BLOCK);
    let mut from = Bound::Included(start.to_vec());
    if start >= end {
        return Ok(());
    }
    loop {
        index.block(from.as_ref().map(Vec::as_slice), Bound::Excluded(end), BLOCK, &mut block)?;
        for (key, sealed) in &block {
            visit(key, sealed)?;
        }
        match block.last() {
            Some((key, _)) if block.len() == BLOCK => from = Bound::Excluded(key.to_vec()),
            _ => return Ok(()),
        }
    }
}

/// A visit that panicked goes on panicking here, as it would have on one thread.
fn join<T>(worker: std::thread::ScopedJoinHandle<'_, T>) -> T {
    worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
