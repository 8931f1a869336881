//! Pages of the ledger on their way into the store.

use crate::{
    ledger::{Made, PageRow, Sheet},
    store::{Series, Store, StoreError},
};

/// Pages written at a time.
const PAGES: usize = 64;

/// Keeps pages as they come, some at a time. They count once a sheet names their series.
pub(super) struct Writer<'w> {
    store: &'w Store,
    series: Series,
    waiting: Vec<Made>,
    /// How many are kept.
    written: u32,
}

impl<'w> Writer<'w> {
    pub(super) const fn new(store: &'w Store, series: Series) -> Self {
        Self { store, series, waiting: Vec::new(), written: 0 }
    }

    pub(super) fn add(&mut self, made: Made) -> Result<(), StoreError> {
        self.waiting.push(made);
        if self.waiting.len() >= PAGES { self.keep() } else { Ok(()) }
    }

    /// Keeps what waits; gives how many pages there are.
    pub(super) fn close(mut self) -> Result<u32, StoreError> {
        self.keep()?;
        Ok(self.written)
    }

    fn keep(&mut self) -> Result<(), StoreError> {
        self.store.keep_pages(self.series, self.written, &self.waiting)?;
        self.written = self.written.saturating_add(u32::try_from(self.waiting.len()).unwrap_or(u32::MAX));
        self.waiting.clear();
        Ok(())
    }
}

/// A generation of pages in the making.
pub(super) struct Pages<'p> {
    writer: Writer<'p>,
    generation: u64,
    rows: Vec<PageRow>,
}

impl<'p> Pages<'p> {
    pub(super) const fn new(store: &'p Store, generation: u64) -> Self {
        Self { writer: Writer::new(store, Series::Generation(generation)), generation, rows: Vec::new() }
    }

    /// Adds a page; pages come in the order of their ids.
    pub(super) fn add(&mut self, mut made: Made) -> Result<(), StoreError> {
        // The first page holds whatever comes before its first case.
        if self.rows.is_empty() {
            made.bound = String::new();
        }
        self.rows.push(PageRow { bound: made.bound.clone(), wake: made.wake, entries: made.entries });
        self.writer.add(made)
    }

    /// Has the sheet name these pages, and no others.
    pub(super) fn close(self, sheet: &mut Sheet) -> Result<(), StoreError> {
        self.writer.close()?;
        (sheet.generation, sheet.pages, sheet.layers) = (self.generation, self.rows, Vec::new());
        Ok(())
    }
}
