//! Some hundred entries in the order of their ids. What nobody asks about is neither decoded nor copied.

use serde::{Deserialize, Serialize};

use super::entry::{Entry, Rest};
use crate::time::Instant;

/// An entry as it stands in its page.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct EntryRef<'p> {
    /// The case.
    pub id: &'p str,
    /// When it is to be looked at again.
    pub wake: Option<Instant>,
    /// From when on it must be judged again, whatever happens.
    pub rejudge: Option<Instant>,
    rest: &'p [u8],
}

impl<'p> EntryRef<'p> {
    /// The rest of the entry, as it is stored.
    #[must_use]
    pub const fn bytes(&self) -> &'p [u8] {
        self.rest
    }

    /// The rest of the entry.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn rest(&self) -> Result<Rest, postcard::Error> {
        postcard::from_bytes(self.rest)
    }
}

/// A page, read.
#[derive(Debug, Deserialize)]
pub struct Page<'p> {
    /// Its entries, ids ascending.
    #[serde(borrow)]
    pub entries: Vec<EntryRef<'p>>,
}

impl<'p> Page<'p> {
    /// Reads a page.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(bytes: &'p [u8]) -> Result<Self, postcard::Error> {
        Ok(Self { entries: postcard::from_bytes(bytes)? })
    }

    /// An entry by its id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&EntryRef<'p>> {
        self.entries.binary_search_by(|entry| entry.id.cmp(id)).ok().and_then(|at| self.entries.get(at))
    }
}

/// A page in the making; entries come in the order of their ids.
#[derive(Debug, Default)]
pub struct PageBuilder {
    bytes: Vec<u8>,
    count: usize,
    first: String,
    wake: Option<Instant>,
    scratch: Vec<u8>,
}

impl PageBuilder {
    /// How many entries there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub fn add(&mut self, entry: &Entry) -> Result<(), postcard::Error> {
        self.scratch.clear();
        let rest = postcard::to_extend(&entry.rest, std::mem::take(&mut self.scratch))?;
        let outcome = self.copy(&EntryRef { id: &entry.id, wake: entry.wake(), rejudge: entry.rejudge, rest: &rest });
        self.scratch = rest;
        outcome
    }

    /// Adds an entry as it stands in another page.
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub fn copy(&mut self, entry: &EntryRef<'_>) -> Result<(), postcard::Error> {
        if self.count == 0 {
            entry.id.clone_into(&mut self.first);
        }
        self.bytes = postcard::to_extend(entry, std::mem::take(&mut self.bytes))?;
        self.count += 1;
        self.wake = [self.wake, entry.wake].into_iter().flatten().min();
        Ok(())
    }

    /// Ends the page: its first id, when it is to be looked at, how many entries it has, and its bytes.
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub fn close(&mut self) -> Result<(String, Option<Instant>, u32, Vec<u8>), postcard::Error> {
        let mut bytes = postcard::to_extend(&self.count, Vec::with_capacity(self.bytes.len() + 4))?;
        bytes.append(&mut self.bytes);
        let count = u32::try_from(std::mem::take(&mut self.count)).unwrap_or(u32::MAX);
        Ok((std::mem::take(&mut self.first), self.wake.take(), count, bytes))
    }
}
