//! Pages and the layers over them become pages again. Nothing is judged, and entries are copied as they are.

use crate::{
    ledger::{Made, PageBuilder, PageRow, Sheet},
    store::{Archive, Store, StoreError},
};

/// Layers are folded in once they have this many entries, and an eighth of all.
const FOLDED: u64 = 16_384;
/// Pages written at a time.
const PAGES: usize = 64;

/// Folds the layers in where they have become many. The pages are kept; they count once the sheet is.
pub(super) fn fold(store: &Store, sheet: &mut Sheet) -> Result<(), StoreError> {
    if sheet.layered() <= FOLDED.max(sheet.paged() / 8) {
        return Ok(());
    }
    let archive = Archive::open(store, sheet)?;
    let mut pages = Pages::new(store, sheet.other());
    for page in 0..sheet.pages.len() {
        let Some(bytes) = archive.page(page)? else { continue };
        let mut builder = PageBuilder::default();
        for entry in archive.standing(page, &bytes.page(store)?)? {
            if let Some(made) = builder.copy(&entry) {
                pages.add(made)?;
            }
        }
        if !builder.is_empty() {
            pages.add(builder.close())?;
        }
    }
    drop(archive);
    pages.close(sheet)
}

/// A generation of pages in the making.
pub(super) struct Pages<'p> {
    store: &'p Store,
    generation: u64,
    rows: Vec<PageRow>,
    waiting: Vec<Made>,
}

impl<'p> Pages<'p> {
    pub(super) const fn new(store: &'p Store, generation: u64) -> Self {
        Self { store, generation, rows: Vec::new(), waiting: Vec::new() }
    }

    /// Adds a page; pages come in the order of their ids.
    pub(super) fn add(&mut self, mut made: Made) -> Result<(), StoreError> {
        // The first page holds whatever comes before its first case.
        if self.rows.is_empty() {
            made.bound = String::new();
        }
        self.rows.push(PageRow { bound: made.bound.clone(), wake: made.wake, entries: made.entries });
        self.waiting.push(made);
        if self.waiting.len() >= PAGES {
            self.keep()?;
        }
        Ok(())
    }

    fn keep(&mut self) -> Result<(), StoreError> {
        let pages = std::mem::take(&mut self.waiting);
        let from = self.rows.len().saturating_sub(pages.len());
        self.store.keep_pages(self.generation, u32::try_from(from).unwrap_or(u32::MAX), &pages)
    }

    /// Has the sheet name these pages, and no others.
    pub(super) fn close(mut self, sheet: &mut Sheet) -> Result<(), StoreError> {
        self.keep()?;
        (sheet.generation, sheet.pages, sheet.layers) = (self.generation, self.rows, Vec::new());
        Ok(())
    }
}
