//! A run over the cases that changed or came due, and no others.

use super::{
    Partial,
    changes::Changes,
    desk::{Desk, Office},
    layer::Overlay,
};
use crate::{
    app::judging::{Batches, lanes::in_order},
    ledger::{Entry, EntryRef, Sheet},
    store::{Archive, StoreError},
    time::Instant,
};

/// Pages looked through before their entries are passed on.
const PAGES: usize = 128;

/// One page's work.
struct Job<'j> {
    page: usize,
    /// Cases of it that changed.
    changed: &'j [String],
}

/// What came of some pages.
struct Outcome {
    /// Entries that changed, ids ascending.
    entries: Vec<Entry>,
    /// When the pages are to be looked at next, but for these entries.
    wakes: Vec<(usize, Option<Instant>)>,
    changes: Changes,
}

/// Judges what changed, moves on what came due; notes in the sheet what that comes to.
pub(super) fn run(partial: &Partial<'_>, sheet: &mut Sheet, progress: &mut dyn FnMut(u64)) -> Result<Changes, StoreError> {
    let Partial { office, base, changed, threads } = *partial;
    let mut changes = Changes::new(office.numbers.rows.len(), false);
    let jobs = jobs(office, base, changed);
    if jobs.is_empty() {
        return Ok(changes);
    }
    let archive = Archive::open(office.store, base)?;
    let parts: Vec<&[Job<'_>]> = jobs.chunks(PAGES).collect();
    let mut overlay = Overlay::new(office.store, sheet);
    let mut done = 0;
    in_order(&parts, threads, |part| look(office, &archive, part), &mut |outcome: Result<Outcome, StoreError>| {
        let outcome = outcome?;
        for (page, wake) in outcome.wakes {
            if let Some(row) = sheet.pages.get_mut(page) {
                row.wake = wake;
            }
        }
        done += outcome.entries.len() as u64;
        changes.merge(outcome.changes);
        outcome.entries.iter().try_for_each(|entry| overlay.add(entry, sheet))?;
        progress(done);
        Ok::<(), StoreError>(())
    })?;
    overlay.close(sheet)?;
    Ok(changes)
}

/// Which pages have anything to do.
fn jobs<'j>(office: &Office<'_>, sheet: &Sheet, changed: &'j [String]) -> Vec<Job<'j>> {
    let mut jobs = Vec::new();
    let mut rest = changed;
    for (page, row) in sheet.pages.iter().enumerate() {
        let inside = |id: &String| sheet.pages.get(page + 1).is_none_or(|next| *id < next.bound);
        let (here, after) = rest.split_at(rest.partition_point(inside));
        rest = after;
        if !here.is_empty() || row.wake.is_some_and(|at| at <= office.as_of) {
            jobs.push(Job { page, changed: here });
        }
    }
    jobs
}

/// Looks through some pages.
fn look(office: &Office<'_>, archive: &Archive<'_>, jobs: &[Job<'_>]) -> Result<Outcome, StoreError> {
    let mut desk = Desk::new(office, false);
    let mut outcome = Outcome { entries: Vec::new(), wakes: Vec::with_capacity(jobs.len()), changes: Changes::default() };
    let store = office.store;
    let unreadable = |error| store.unreadable_page(error);
    let is_due = |instant: Option<Instant>| instant.is_some_and(|at| at <= office.as_of);
    let bytes = jobs.iter().map(|job| archive.page(job.page)).collect::<Result<Vec<_>, _>>()?;
    let (mut ids, mut known): (Vec<String>, Vec<EntryRef<'_>>) = (Vec::new(), Vec::new());
    for (job, bytes) in jobs.iter().zip(&bytes) {
        let Some(bytes) = bytes else { continue };
        let page = bytes.page(store)?;
        // Of most entries no more is read than when they are to be looked at again.
        let place = |id: &str| Some(page.find(id)).filter(|(_, found)| *found).map(|(at, _)| at);
        let mut turns: Vec<EntryRef<'_>> = archive.over(job.page).collect();
        let hidden: Vec<usize> = turns.iter().filter_map(|entry| place(entry.id)).collect();
        let mut asked: Vec<usize> = job.changed.iter().filter_map(|id| place(id)).collect();
        asked.extend(page.wakes().enumerate().filter(|(_, wake)| is_due(*wake)).map(|(at, _)| at));
        asked.sort_unstable();
        asked.dedup();
        for at in asked.iter().filter(|at| hidden.binary_search(at).is_err()) {
            turns.push(page.entry(*at).map_err(unreadable)?);
        }
        let mut wake: Option<Instant> = None;
        ids.extend_from_slice(job.changed);
        for entry in turns {
            if !job.changed.is_empty() && job.changed.binary_search_by(|id| id.as_str().cmp(entry.id)).is_ok() {
                known.push(entry);
            } else if is_due(entry.rejudge) {
                ids.push(entry.id.to_owned());
                known.push(entry);
            } else if is_due(entry.wake) {
                outcome.entries.push(desk.advance(entry.entry().map_err(unreadable)?));
            } else {
                wake = [wake, entry.wake].into_iter().flatten().min();
            }
        }
        let sleeping = |at: &usize| hidden.binary_search(at).is_err() && asked.binary_search(at).is_err();
        let rest = page.wakes().enumerate().filter(|(at, _)| sleeping(at)).filter_map(|(_, wake)| wake).min();
        outcome.wakes.push((job.page, [wake, rest].into_iter().flatten().min()));
    }
    ids.sort_unstable();
    known.sort_unstable_by(|a, b| a.id.cmp(b.id));
    store.some_chunks(&ids, |chunk| {
        for (batch, row) in Batches::new(&chunk, office.set).rows() {
            let old = known.binary_search_by(|entry| entry.id.cmp(batch.block.id(row))).ok().and_then(|at| known.get(at));
            let old = old.map(EntryRef::rest).transpose().map_err(unreadable)?;
            outcome.entries.push(desk.judge(batch, row, old)?);
        }
        Ok(())
    })?;
    outcome.entries.sort_by(|a, b| a.id.cmp(&b.id));
    outcome.changes = desk.changes;
    Ok(outcome)
}
