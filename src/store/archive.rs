//! How cases stood, as the last runs left it: pages, and over them the layers of later runs.

use std::collections::BTreeMap;
use std::ops::Bound;

use sled::IVec;

use super::error::StoreError;
use super::fault::Fault;
use super::ledger::Series;
use super::{Store, seal};
use crate::ledger::{EntryRef, Page, Sheet};
use crate::time::Instant;

/// An entry of a layer.
#[derive(Clone, Debug)]
struct Kept {
    wake: Option<Instant>,
    rejudge: Option<Instant>,
    bytes: Vec<u8>,
}

impl Kept {
    fn entry<'k>(&'k self, id: &'k str) -> EntryRef<'k> {
        EntryRef { id, wake: self.wake, rejudge: self.rejudge, bytes: &self.bytes }
    }
}

/// A page as it is stored.
#[derive(Debug)]
pub struct PageBytes(IVec);

impl PageBytes {
    /// What was read as stored.
    pub(super) fn open(key: &[u8], sealed: IVec) -> Result<Self, Fault> {
        seal::unwrap(key, &sealed)?;
        Ok(Self(sealed))
    }

    /// The page.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn page(&self, store: &Store) -> Result<Page<'_>, StoreError> {
        Page::read(seal::body(&self.0)).map_err(|error| store.unreadable_page(error))
    }
}

/// The ledger as it was, for reading.
#[derive(Debug)]
pub struct Archive<'a> {
    store: &'a Store,
    /// Where pages begin.
    sheet: &'a Sheet,
    /// What layers say, the newest counting.
    overlay: BTreeMap<String, Kept>,
}

impl<'a> Archive<'a> {
    /// Opens it; layers are read, pages are not.
    ///
    /// # Errors
    /// When a layer cannot be read.
    pub fn open(store: &'a Store, sheet: &'a Sheet) -> Result<Self, StoreError> {
        let mut overlay = BTreeMap::new();
        for layer in &sheet.layers {
            for number in 0..layer.pages {
                let bytes = store.page(Series::Layer(layer.number), number)?;
                let page = bytes.page(store)?;
                for at in 0..page.len() {
                    let entry = page.entry(at).map_err(|error| store.unreadable_page(error))?;
                    let kept = Kept { wake: entry.wake, rejudge: entry.rejudge, bytes: entry.bytes.to_vec() };
                    overlay.insert(entry.id.to_owned(), kept);
                }
            }
        }
        Ok(Self { store, sheet, overlay })
    }

    /// The bytes of a page.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn page(&self, page: usize) -> Result<Option<PageBytes>, StoreError> {
        let number = u32::try_from(page).ok().filter(|_| page < self.sheet.pages.len());
        number.map(|number| self.store.page(Series::Generation(self.sheet.generation), number)).transpose()
    }

    /// The entries that lie over a page.
    pub fn over<'s>(&'s self, page: usize) -> impl Iterator<Item = EntryRef<'s>> + use<'s, 'a> {
        self.overlay.range::<str, _>(self.bounds(page)).map(|(id, kept)| kept.entry(id))
    }

    /// The entries that count of a page and of what lies over it, in the order of their ids.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn standing<'s>(&'s self, page: usize, read: &Page<'s>) -> Result<Vec<EntryRef<'s>>, StoreError> {
        let mut entries = Vec::with_capacity(read.len());
        let mut next = 0;
        let take = |end: usize, next: &mut usize, entries: &mut Vec<EntryRef<'s>>| {
            for at in *next..end {
                entries.push(read.entry(at).map_err(|error| self.store.unreadable_page(error))?);
            }
            *next = end;
            Ok::<(), StoreError>(())
        };
        if !self.overlay.is_empty() {
            for entry in self.over(page) {
                let (at, found) = read.find(entry.id);
                take(at, &mut next, &mut entries)?;
                next += usize::from(found);
                entries.push(entry);
            }
        }
        take(read.len(), &mut next, &mut entries)?;
        Ok(entries)
    }

    /// Visits the entries from one id to another, both included, in the order of their ids.
    ///
    /// # Errors
    /// When they cannot be read, or what the visit fails with.
    pub fn between(
        &self,
        first: &str,
        last: &str,
        mut visit: impl FnMut(&EntryRef<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        for page in self.sheet.page_of(first)..=self.sheet.page_of(last) {
            let Some(bytes) = self.page(page)? else { continue };
            let entries = self.standing(page, &bytes.page(self.store)?)?;
            entries.iter().filter(|entry| first <= entry.id && entry.id <= last).try_for_each(&mut visit)?;
        }
        Ok(())
    }

    /// Visits all entries, in the order of their ids.
    ///
    /// # Errors
    /// When they cannot be read, or what the visit fails with.
    pub fn each(&self, mut visit: impl FnMut(&EntryRef<'_>) -> Result<(), StoreError>) -> Result<(), StoreError> {
        for page in 0..self.sheet.pages.len() {
            let Some(bytes) = self.page(page)? else { continue };
            self.standing(page, &bytes.page(self.store)?)?.iter().try_for_each(&mut visit)?;
        }
        Ok(())
    }

    /// From where to where a page reaches.
    fn bounds(&self, page: usize) -> (Bound<&'a str>, Bound<&'a str>) {
        let bound = |page: usize| self.sheet.pages.get(page).map(|row| row.bound.as_str());
        (bound(page).map_or(Bound::Unbounded, Bound::Included), bound(page + 1).map_or(Bound::Unbounded, Bound::Excluded))
    }
}
