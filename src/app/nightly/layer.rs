//! The entries that a run changes, written over the pages there are.

use super::pages::Writer;
use crate::{
    ledger::{Entry, Layer, Made, PageBuilder, Sheet},
    store::{Series, Store, StoreError},
};

/// A layer in the making.
pub(super) struct Overlay<'o> {
    store: &'o Store,
    writer: Writer<'o>,
    layer: Layer,
    builder: PageBuilder,
}

impl<'o> Overlay<'o> {
    /// Begins a layer over what a sheet names.
    pub(super) fn new(store: &'o Store, sheet: &Sheet) -> Self {
        let layer = Layer { number: sheet.last_layer + 1, pages: 0, entries: 0 };
        Self { store, writer: Writer::new(store, Series::Layer(layer.number)), layer, builder: PageBuilder::default() }
    }

    /// Adds an entry, and notes when its page is to be looked at. Entries come in the order of their ids.
    pub(super) fn add(&mut self, entry: &Entry, sheet: &mut Sheet) -> Result<(), StoreError> {
        let page = sheet.page_of(&entry.id);
        if let Some(row) = sheet.pages.get_mut(page) {
            row.wake = [row.wake, entry.wake()].into_iter().flatten().min();
        }
        let made = self.builder.add(entry).map_err(|error| self.store.unreadable_page(error))?;
        made.map_or(Ok(()), |made| self.write(made))
    }

    /// Ends the layer, and has the sheet name it.
    pub(super) fn close(mut self, sheet: &mut Sheet) -> Result<(), StoreError> {
        if !self.builder.is_empty() {
            let made = self.builder.close();
            self.write(made)?;
        }
        self.layer.pages = self.writer.close()?;
        if self.layer.entries > 0 {
            sheet.last_layer = self.layer.number;
            sheet.layers.push(self.layer);
        }
        Ok(())
    }

    fn write(&mut self, made: Made) -> Result<(), StoreError> {
        self.layer.entries += u64::from(made.entries);
        self.writer.add(made)
    }
}
