//! The entries that a run changes, written over the pages there are.

use crate::{
    ledger::{Entry, Layer, Made, PageBuilder, Sheet},
    store::{Store, StoreError},
};

/// Pages written at a time.
const PAGES: usize = 64;

/// A layer in the making. Its pages are kept as they are made; they count once a sheet names them.
pub(super) struct Overlay<'o> {
    store: &'o Store,
    layer: Layer,
    builder: PageBuilder,
    waiting: Vec<Made>,
}

impl<'o> Overlay<'o> {
    /// Begins a layer over what a sheet names.
    pub(super) fn new(store: &'o Store, sheet: &Sheet) -> Self {
        let layer = Layer { number: sheet.last_layer + 1, pages: 0, entries: 0 };
        Self { store, layer, builder: PageBuilder::default(), waiting: Vec::new() }
    }

    /// Adds an entry, and notes when its page is to be looked at. Entries come in the order of their ids.
    pub(super) fn add(&mut self, entry: &Entry, sheet: &mut Sheet) -> Result<(), StoreError> {
        let page = sheet.page_of(&entry.id);
        if let Some(row) = sheet.pages.get_mut(page) {
            row.wake = [row.wake, entry.wake()].into_iter().flatten().min();
        }
        let made = self.builder.add(entry).map_err(|error| self.store.unreadable_page(error))?;
        self.keep(made, PAGES)
    }

    /// Ends the layer, and has the sheet name it.
    pub(super) fn close(mut self, sheet: &mut Sheet) -> Result<(), StoreError> {
        let last = (!self.builder.is_empty()).then(|| self.builder.close());
        self.keep(last, 0)?;
        if self.layer.entries > 0 {
            sheet.last_layer = self.layer.number;
            sheet.layers.push(self.layer);
        }
        Ok(())
    }

    fn keep(&mut self, made: Option<Made>, most: usize) -> Result<(), StoreError> {
        if let Some(made) = made {
            self.layer.entries += u64::from(made.entries);
            self.waiting.push(made);
        }
        if self.waiting.len() > most {
            let pages = std::mem::take(&mut self.waiting);
            self.store.keep_layer(self.layer.number, self.layer.pages, &pages)?;
            self.layer.pages = self.layer.pages.saturating_add(u32::try_from(pages.len()).unwrap_or(u32::MAX));
        }
        Ok(())
    }
}
