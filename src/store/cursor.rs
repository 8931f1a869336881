//! Going through stored pairs in the order of their keys.

use std::ops::Bound;
use std::vec::IntoIter;

use super::error::StoreError;
use super::index::{Index, Pair};

/// A place among the stored pairs, and those that were read ahead.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    index: &'a Index,
    from: Bound<Vec<u8>>,
    end: Vec<u8>,
    /// How many are read at a time: enough to make the guard around sled cheap, few enough to stay flat.
    step: usize,
    ahead: IntoIter<Pair>,
    ended: bool,
}

impl<'a> Cursor<'a> {
    /// From one key up to another, which is left out.
    pub(super) fn new(index: &'a Index, start: Vec<u8>, end: Vec<u8>, step: usize) -> Self {
        let ended = start >= end;
        Self { index, from: Bound::Included(start), end, step, ahead: Vec::new().into_iter(), ended }
    }

    /// The next pair.
    pub(super) fn next(&mut self) -> Result<Option<Pair>, StoreError> {
        self.peek()?;
        Ok(self.ahead.next())
    }

    /// The next pair, which stays the next.
    pub(super) fn peek(&mut self) -> Result<Option<&Pair>, StoreError> {
        if self.ahead.as_slice().is_empty() && !self.ended {
            let mut pairs = Vec::with_capacity(self.step);
            self.index.block(self.from.as_ref().map(Vec::as_slice), Bound::Excluded(&self.end), self.step, &mut pairs)?;
            self.ended = pairs.len() < self.step;
            if let Some((key, _)) = pairs.last() {
                self.from = Bound::Excluded(key.to_vec());
            }
            self.ahead = pairs.into_iter();
        }
        Ok(self.ahead.as_slice().first())
    }
}
