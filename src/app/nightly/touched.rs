//! A run over the cases that changed or came due, and no others.

use std::{collections::BTreeSet, ops::Bound, rc::Rc};

use super::{
    archive::{Archive, Entries},
    changes::Changes,
    desk::{Desk, Office},
};
use crate::{
    app::judging::lanes::in_order,
    ledger::{Entry, PageBuilder, PageRow, Sheet},
    store::StoreError,
    time::Instant,
    view::Batch,
};

/// Entries in one page of a layer.
const PAGE: usize = 256;

/// One page's work.
struct Job {
    page: usize,
    /// Cases of it that changed.
    changed: Vec<String>,
    /// Cases of it that a layer has, and that are due.
    woken: Vec<String>,
    /// Whether the page itself must be looked through.
    due: bool,
}

/// When a page is to be looked at next.
enum Wake {
    /// As was known before: the page was not looked through.
    AsKnown,
    /// Then, if ever.
    At(Option<Instant>),
}

/// What came of one page.
struct Outcome {
    page: usize,
    entries: Vec<Entry>,
    /// When the page is to be looked at next.
    wake: Wake,
    changes: Changes,
}

/// A layer in the making.
pub(super) struct Layered {
    pub(super) pages: Vec<(PageRow, Vec<u8>)>,
    pub(super) changes: Changes,
}

/// Judges what changed, moves on what came due; gives the new layer, and notes in the sheet when its pages are to be looked at next.
pub(super) fn run(
    office: &Office<'_>,
    archive: &Archive<'_>,
    sheet: &mut Sheet,
    changed: &[String],
    threads: usize,
    progress: &mut dyn FnMut(u64),
) -> Result<Layered, StoreError> {
    let store = office.store;
    let jobs = jobs(office, archive, sheet, changed);
    let mut layered = Layered { pages: Vec::new(), changes: Changes::new(office.numbers.rows.len(), false) };
    let mut builder = PageBuilder::default();
    let mut done = 0;
    let encode = |error: postcard::Error| store.unreadable_page(&error);
    in_order(&jobs, threads, |job| look(office, archive, job), &mut |outcome: Result<Outcome, StoreError>| {
        let outcome = outcome?;
        if let (Wake::At(wake), Some(row)) = (outcome.wake, sheet.pages.get_mut(outcome.page)) {
            row.wake = wake;
        }
        done += outcome.entries.len() as u64;
        layered.changes.merge(outcome.changes);
        for entry in &outcome.entries {
            builder.add(entry).map_err(encode)?;
            if builder.len() >= PAGE {
                layered.pages.push(closed(&mut builder).map_err(encode)?);
            }
        }
        progress(done);
        Ok::<(), StoreError>(())
    })?;
    if !builder.is_empty() {
        layered.pages.push(closed(&mut builder).map_err(encode)?);
    }
    Ok(layered)
}

fn closed(builder: &mut PageBuilder) -> Result<(PageRow, Vec<u8>), postcard::Error> {
    let (bound, wake, entries, bytes) = builder.close()?;
    Ok((PageRow { bound, wake, entries }, bytes))
}

/// Which pages have anything to do.
fn jobs(office: &Office<'_>, archive: &Archive<'_>, sheet: &Sheet, changed: &[String]) -> Vec<Job> {
    let mut jobs: Vec<Job> = Vec::new();
    let mut woken: Vec<&String> =
        archive.overlay.iter().filter(|(_, kept)| kept.wake.is_some_and(|at| at <= office.as_of)).map(|(id, _)| id).collect();
    woken.reverse();
    let mut rest = changed;
    for (page, row) in sheet.pages.iter().enumerate() {
        let end = archive.end_of(page);
        let inside = |id: &str| match &end {
            Bound::Excluded(end) => id < end.as_str(),
            Bound::Included(_) | Bound::Unbounded => true,
        };
        let (here, after) = rest.split_at(rest.partition_point(|id| inside(id)));
        rest = after;
        let mut mine = Vec::new();
        while let Some(id) = woken.pop_if(|id| inside(id)) {
            mine.push(id.clone());
        }
        let due = row.wake.is_some_and(|at| at <= office.as_of);
        if due || !here.is_empty() || !mine.is_empty() {
            jobs.push(Job { page, changed: here.to_vec(), woken: mine, due });
        }
    }
    jobs
}

fn look(office: &Office<'_>, archive: &Archive<'_>, job: &Job) -> Result<Outcome, StoreError> {
    let (store, as_of) = (office.store, office.as_of);
    let mut desk = Desk::new(office, false);
    let changed: BTreeSet<&str> = job.changed.iter().map(String::as_str).collect();
    let is_due = |wake: Option<Instant>| wake.is_some_and(|at| at <= as_of);
    let unlayered = job.due || job.changed.iter().any(|id| !archive.overlay.contains_key(id));
    let (mut known, wake) = if unlayered {
        let (known, wake) = archive.page(job.page, |id, wake| is_due(wake) || changed.contains(id))?;
        (known, Wake::At(wake))
    } else {
        (Entries::new(), Wake::AsKnown)
    };
    for id in job.woken.iter().chain(&job.changed) {
        if let Some(kept) = archive.overlay.get(id) {
            known.insert(id.clone(), kept.clone());
        }
    }
    let mut entries = Vec::new();
    let mut read: Vec<String> = job.changed.clone();
    for (id, kept) in &known {
        if changed.contains(id.as_str()) {
            continue;
        }
        if is_due(kept.rejudge) {
            read.push(id.clone());
        } else {
            entries.push(desk.advance(kept.entry(id, store)?));
        }
    }
    read.sort_unstable();
    store.some_chunks(&read, |chunk| {
        let symbols = &office.set.symbols;
        let main = Rc::new(Batch::new(Rc::clone(&chunk.block), symbols));
        let loose = chunk.loose.as_ref().map(|block| Rc::new(Batch::new(Rc::clone(block), symbols)));
        for (block, row) in chunk.rows() {
            let batch = if Rc::ptr_eq(block, &main.block) { &main } else { loose.as_ref().unwrap_or(&main) };
            let id = block.id(row);
            let old = known.get(id).map(|kept| kept.entry(id, store)).transpose()?;
            entries.push(desk.judge(batch, row, old.map(|old| old.rest))?);
        }
        Ok(())
    })?;
    entries.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(Outcome { page: job.page, entries, wake, changes: desk.changes })
}
