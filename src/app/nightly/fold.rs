//! Pages and the layers over them become pages again. Nothing is judged, and entries are copied as they are.

use super::pages::Pages;
use crate::{
    ledger::{PageBuilder, Sheet},
    store::{Archive, Store, StoreError},
};

/// Layers are folded in once they have this many entries, and an eighth of all.
const FOLDED: u64 = 16_384;

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
