//! A run over all cases: the first one, one that was asked for in full, one after a clause has changed, or one that gathers layers.

use std::{collections::HashSet, rc::Rc};

use super::{
    archive::Archive,
    changes::Changes,
    desk::{Desk, Office},
    recover::Recovered,
};
use crate::{
    app::judging::lanes::in_order,
    ledger::{Entry, PageBuilder, PageRow},
    store::{CaseRange, Chunk, Share, StoreError},
    view::Batch,
};

/// Cases in one part of the work.
const PART: u64 = 1_024;
/// Pages written at a time.
const PAGES: usize = 64;

/// What a run over all cases needs to know.
pub(super) struct Whole<'w> {
    pub(super) office: &'w Office<'w>,
    /// How cases stood; `None` when nothing is known.
    pub(super) archive: Option<&'w Archive<'w>>,
    /// What the journal tells instead.
    pub(super) recovered: &'w Recovered,
    /// Every case is judged by every clause.
    pub(super) full: bool,
    /// Cases that changed.
    pub(super) changed: &'w HashSet<String>,
    /// The generation that is written.
    pub(super) generation: u64,
}

type Pages = Vec<(PageRow, Vec<u8>)>;

impl Whole<'_> {
    /// Judges what has to be; gives the pages of the new generation, which are kept by then, and what changed.
    pub(super) fn run(&self, threads: usize, progress: &mut dyn FnMut(u64)) -> Result<(Vec<PageRow>, Changes), StoreError> {
        let store = self.office.store;
        let parts = usize::try_from(store.len()? / PART + 1).unwrap_or(1);
        let ranges = store.ranges(parts)?;
        let mut changes = Changes::new(self.office.numbers.rows.len(), self.full);
        let mut rows: Vec<PageRow> = Vec::new();
        let mut waiting: Vec<(String, Vec<u8>)> = Vec::new();
        let mut share = Share::default();
        let mut done = 0;
        in_order(&ranges, threads, |range| self.range(range), &mut |part: Result<(Pages, Changes, Share), StoreError>| {
            let (pages, came, read) = part?;
            done += read.cases();
            share = share.plus(read);
            changes.merge(came);
            for (mut row, bytes) in pages {
                // The first page holds whatever comes before its first case.
                if rows.is_empty() {
                    row.bound = String::new();
                }
                waiting.push((row.bound.clone(), bytes));
                rows.push(row);
            }
            if waiting.len() >= PAGES {
                store.keep_pages(self.generation, &std::mem::take(&mut waiting))?;
            }
            progress(done);
            Ok::<(), StoreError>(())
        })?;
        store.keep_pages(self.generation, &waiting)?;
        store.prove(share)?;
        Ok((rows, changes))
    }

    fn range(&self, range: &CaseRange) -> Result<(Pages, Changes, Share), StoreError> {
        let mut desk = Desk::new(self.office, self.full);
        let mut pages = Pages::new();
        let share = self.office.store.scan_chunks(range, |chunk| {
            pages.extend(self.chunk(&chunk, &mut desk)?);
            Ok(())
        })?;
        Ok((pages, desk.changes, share))
    }

    fn chunk(&self, chunk: &Chunk, desk: &mut Desk<'_>) -> Result<Option<(PageRow, Vec<u8>)>, StoreError> {
        let store = self.office.store;
        let symbols = &self.office.set.symbols;
        let main = Rc::new(Batch::new(Rc::clone(&chunk.block), symbols));
        let loose = chunk.loose.as_ref().map(|block| Rc::new(Batch::new(Rc::clone(block), symbols)));
        let ids = |(block, row): (&Rc<crate::pack::Block>, usize)| block.id(row).to_owned();
        let (Some(first), Some(last)) = (chunk.rows().next().map(ids), chunk.rows().last().map(ids)) else { return Ok(None) };
        let known = match self.archive {
            Some(archive) => archive.between(&first, &last)?,
            None => super::archive::Entries::new(),
        };
        let mut known = known.into_iter().peekable();
        let mut builder = PageBuilder::default();
        for (block, row) in chunk.rows() {
            let batch = if Rc::ptr_eq(block, &main.block) { &main } else { loose.as_ref().unwrap_or(&main) };
            let id = block.id(row);
            while known.next_if(|(other, _)| other.as_str() < id).is_some() {}
            let kept = known.next_if(|(other, _)| other == id).map(|(_, kept)| kept);
            let old = kept.map(|kept| kept.entry(id, store)).transpose()?;
            let entry = self.one(batch, row, id, old, desk)?;
            builder.add(&entry).map_err(|error| store.unreadable_page(&error))?;
        }
        let (bound, wake, entries, bytes) = builder.close().map_err(|error| store.unreadable_page(&error))?;
        Ok(Some((PageRow { bound, wake, entries }, bytes)))
    }

    fn one(&self, batch: &Rc<Batch>, row: usize, id: &str, old: Option<Entry>, desk: &mut Desk<'_>) -> Result<Entry, StoreError> {
        let as_of = self.office.as_of;
        let Some(old) = old else { return desk.judge(batch, row, self.recovered.cases.get(id).cloned()) };
        if self.full || self.changed.contains(id) || old.rejudge.is_some_and(|at| at <= as_of) {
            return desk.judge(batch, row, Some(old.rest));
        }
        let kind = batch.block.text(batch.block.kind(row));
        if self.office.numbers.is_kind_stale(kind) {
            return desk.judge_part(batch, row, old);
        }
        Ok(if old.wake().is_some_and(|at| at <= as_of) { desk.advance(old) } else { old })
    }
}
