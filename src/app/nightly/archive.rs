//! How cases stood, as the last runs left it: pages, and over them the layers of later runs.

use std::{collections::BTreeMap, ops::Bound};

use crate::{
    ledger::{Entry, Rest, Sheet},
    store::{Store, StoreError},
    time::Instant,
};

/// An entry, not yet decoded.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) wake: Option<Instant>,
    pub(super) rejudge: Option<Instant>,
    rest: Vec<u8>,
}

impl Kept {
    /// The whole entry.
    pub(super) fn entry(&self, id: &str, store: &Store) -> Result<Entry, StoreError> {
        let rest: Rest = postcard::from_bytes(&self.rest).map_err(|error| store.unreadable_page(&error))?;
        Ok(Entry { id: id.to_owned(), rejudge: self.rejudge, rest })
    }
}

/// Entries by case.
pub(super) type Entries = BTreeMap<String, Kept>;

/// The ledger as it was, for reading.
#[derive(Debug)]
pub(super) struct Archive<'a> {
    store: &'a Store,
    sheet: &'a Sheet,
    /// What layers say, the newest counting.
    pub(super) overlay: Entries,
}

impl<'a> Archive<'a> {
    /// Opens it; layers are read, pages are not.
    pub(super) fn open(store: &'a Store, sheet: &'a Sheet) -> Result<Self, StoreError> {
        let mut overlay = Entries::new();
        for layer in &sheet.layers {
            for row in &layer.pages {
                let bytes = store.layer_page(layer.number, &row.bound)?;
                for entry in store.entries(&bytes)?.entries {
                    overlay.insert(entry.id.to_owned(), Kept { wake: entry.wake, rejudge: entry.rejudge, rest: entry.bytes().to_vec() });
                }
            }
        }
        Ok(Self { store, sheet, overlay })
    }

    /// Where a page ends: the first id of the next.
    pub(super) fn end_of(&self, page: usize) -> Bound<String> {
        self.sheet.pages.get(page + 1).map_or(Bound::Unbounded, |next| Bound::Excluded(next.bound.clone()))
    }

    /// The page that has an id, or would have it.
    pub(super) fn page_of(&self, id: &str) -> usize {
        self.sheet.pages.partition_point(|row| row.bound.as_str() <= id).saturating_sub(1)
    }

    /// The entries of a page, without those that a layer hides; those that `wanted` accepts, by id and instant of waking. Gives also when the first of the
    /// others is to be looked at.
    pub(super) fn page(
        &self,
        page: usize,
        wanted: impl Fn(&str, Option<Instant>) -> bool,
    ) -> Result<(Entries, Option<Instant>), StoreError> {
        let mut entries = Entries::new();
        let mut wake: Option<Instant> = None;
        let Some(row) = self.sheet.pages.get(page) else { return Ok((entries, wake)) };
        let bytes = self.store.page(self.sheet.generation, &row.bound)?;
        for entry in self.store.entries(&bytes)?.entries {
            if !self.overlay.is_empty() && self.overlay.contains_key(entry.id) {
                continue;
            }
            if wanted(entry.id, entry.wake) {
                entries.insert(entry.id.to_owned(), Kept { wake: entry.wake, rejudge: entry.rejudge, rest: entry.bytes().to_vec() });
            } else {
                wake = [wake, entry.wake].into_iter().flatten().min();
            }
        }
        Ok((entries, wake))
    }

    /// All entries from one id to another, both included.
    pub(super) fn between(&self, first: &str, last: &str) -> Result<Entries, StoreError> {
        let mut entries = Entries::new();
        if !self.sheet.pages.is_empty() {
            for page in self.page_of(first)..=self.page_of(last) {
                entries.append(&mut self.page(page, |id, _| first <= id && id <= last)?.0);
            }
        }
        if !self.overlay.is_empty() {
            let range = (Bound::Included(first.to_owned()), Bound::Included(last.to_owned()));
            entries.extend(self.overlay.range(range).map(|(id, kept)| (id.clone(), kept.clone())));
        }
        Ok(entries)
    }
}
