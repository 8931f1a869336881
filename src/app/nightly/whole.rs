//! A run over all cases by all clauses: the first one, and one that was asked for in full.

use std::rc::Rc;

use super::{
    changes::Changes,
    desk::{Desk, Office},
    pages::Pages,
    recover::Recovered,
};
use crate::{
    app::judging::{Batches, lanes::in_order, parts_of},
    ledger::{Made, PageBuilder, Rest, Sheet},
    store::{Archive, CaseRange, Chunk, Share, StoreError},
    view::Batch,
};

/// What a run over all cases needs to know.
pub(super) struct Whole<'w> {
    pub(super) office: &'w Office<'w>,
    /// How cases stood; `None` when nothing is known.
    pub(super) archive: Option<&'w Archive<'w>>,
    /// What the journal tells instead.
    pub(super) recovered: &'w Recovered,
}

/// What came of one part.
type Part = (Vec<Made>, Changes, Share);

impl Whole<'_> {
    /// Judges all cases; gives the pages of a new generation, and what changed.
    pub(super) fn run(&self, last: &Sheet, threads: usize, progress: &mut dyn FnMut(u64)) -> Result<(Pages<'_>, Changes), StoreError> {
        let store = self.office.store;
        let ranges = parts_of(store)?;
        let mut changes = Changes::new(self.office.numbers.rows.len(), true);
        let mut pages = Pages::new(store, last.other());
        let mut share = Share::default();
        in_order(&ranges, threads, |range| self.range(range), &mut |part: Result<Part, StoreError>| {
            let (made, came, read) = part?;
            share = share.plus(read);
            changes.merge(came);
            made.into_iter().try_for_each(|made| pages.add(made))?;
            progress(share.cases());
            Ok::<(), StoreError>(())
        })?;
        store.prove(share)?;
        Ok((pages, changes))
    }

    fn range(&self, range: &CaseRange) -> Result<Part, StoreError> {
        let mut desk = Desk::new(self.office, true).sweeping();
        let mut made = Vec::new();
        let share = self.office.store.scan_chunks(range, |chunk| self.chunk(&chunk, &mut desk, &mut made))?;
        Ok((made, desk.changes, share))
    }

    fn chunk(&self, chunk: &Chunk, desk: &mut Desk<'_>, made: &mut Vec<Made>) -> Result<(), StoreError> {
        let store = self.office.store;
        let mut builder = PageBuilder::default();
        let mut one = |(batch, row): (&Rc<Batch>, usize), old: Option<Rest>| {
            let entry = desk.judge(batch, row, old)?;
            made.extend(builder.add(&entry).map_err(|error| store.unreadable_page(error))?);
            Ok::<(), StoreError>(())
        };
        let batches = Batches::new(chunk, self.office.set);
        let mut rows = batches.rows().peekable();
        match self.archive.zip(chunk.ends()) {
            None => rows.try_for_each(|(batch, row)| one((batch, row), self.recovered.cases.get(batch.block.id(row)).cloned()))?,
            Some((archive, (first, last))) => {
                archive.between(&first, &last, |known| {
                    while let Some((batch, row)) = rows.next_if(|(batch, row)| batch.block.id(*row) < known.id) {
                        one((batch, row), None)?;
                    }
                    match rows.next_if(|(batch, row)| batch.block.id(*row) == known.id) {
                        Some(place) => one(place, Some(known.rest().map_err(|error| store.unreadable_page(error))?)),
                        None => Ok(()),
                    }
                })?;
                rows.try_for_each(|place| one(place, None))?;
            }
        }
        if !builder.is_empty() {
            made.push(builder.close());
        }
        Ok(())
    }
}
