//! A run over all cases by the clauses that changed, and besides over what changed or came due. Only entries that read differently then are written.

use std::{collections::HashSet, rc::Rc};

use super::{
    Partial,
    changes::Changes,
    desk::{Desk, Office},
    layer::Overlay,
};
use crate::{
    app::judging::{Batches, lanes::in_order, parts_of},
    ledger::{Entry, EntryRef, Sheet},
    store::{Archive, CaseRange, Chunk, Share, StoreError},
    view::Batch,
};

/// What came of one part: entries that read differently, ids ascending; what changed; what was read.
type Part = (Vec<Entry>, Changes, Share);

/// Judges what has to be; notes in the sheet what that comes to.
pub(super) fn run(partial: &Partial<'_>, sheet: &mut Sheet, progress: &mut dyn FnMut(u64)) -> Result<Changes, StoreError> {
    let Partial { office, base, threads, .. } = *partial;
    let store = office.store;
    let archive = Archive::open(store, base)?;
    let changed: HashSet<&str> = partial.changed.iter().map(String::as_str).collect();
    let ranges = parts_of(store)?;
    let mut changes = Changes::new(office.numbers.rows.len(), false);
    let mut overlay = Overlay::new(store, sheet);
    let mut share = Share::default();
    let work = |range: &CaseRange| range_of(office, &archive, &changed, range);
    in_order(&ranges, threads, work, &mut |part: Result<Part, StoreError>| {
        let (entries, came, read) = part?;
        share = share.plus(read);
        changes.merge(came);
        entries.iter().try_for_each(|entry| overlay.add(entry, sheet))?;
        progress(share.cases());
        Ok::<(), StoreError>(())
    })?;
    store.prove(share)?;
    overlay.close(sheet)?;
    Ok(changes)
}

fn range_of(office: &Office<'_>, archive: &Archive<'_>, changed: &HashSet<&str>, range: &CaseRange) -> Result<Part, StoreError> {
    let mut desk = Desk::new(office, false).sweeping();
    let mut entries = Vec::new();
    let share = office.store.scan_chunks(range, |chunk| chunk_of(archive, changed, &chunk, &mut desk, &mut entries))?;
    Ok((entries, desk.changes, share))
}

fn chunk_of(
    archive: &Archive<'_>,
    changed: &HashSet<&str>,
    chunk: &Chunk,
    desk: &mut Desk<'_>,
    entries: &mut Vec<Entry>,
) -> Result<(), StoreError> {
    let Some((first, last)) = chunk.ends() else { return Ok(()) };
    let batches = Batches::new(chunk, desk.office.set);
    let mut rows = batches.rows().peekable();
    archive.between(&first, &last, |known| {
        while let Some((batch, row)) = rows.next_if(|(batch, row)| batch.block.id(*row) < known.id) {
            entries.push(desk.judge(batch, row, None)?);
        }
        if let Some((batch, row)) = rows.next_if(|(batch, row)| batch.block.id(*row) == known.id) {
            entries.extend(one(batch, row, known, changed.contains(known.id), desk)?);
        }
        Ok(())
    })?;
    rows.try_for_each(|(batch, row)| {
        entries.push(desk.judge(batch, row, None)?);
        Ok(())
    })
}

/// How a case stands, when that is not as it stood.
fn one(batch: &Rc<Batch>, row: usize, known: &EntryRef<'_>, changed: bool, desk: &mut Desk<'_>) -> Result<Option<Entry>, StoreError> {
    let office = desk.office;
    let is_due = |instant: Option<crate::time::Instant>| instant.is_some_and(|at| at <= office.as_of);
    let entry = || known.entry().map_err(|error| office.store.unreadable_page(error));
    if changed || is_due(known.rejudge) {
        return desk.judge(batch, row, Some(entry()?.rest)).map(Some);
    }
    let kind = batch.block.text(batch.block.kind(row));
    if office.numbers.is_kind_stale(kind) {
        return desk.judge_part(batch, row, known);
    }
    if is_due(known.wake) { Ok(Some(desk.advance(entry()?))) } else { Ok(None) }
}
