//! The nightly check: judges what can have changed since the last run, compares, and keeps the outcome in the journal.
//!
//! Each run leaves a ledger: how each case stood, and until when that holds. The next run looks at the cases that changed and at those whose time
//! came; where no more than the time of a waiting obligation came, the case is not even read. A clause that changed is held against the cases of
//! its kind, and no other clause is. A run over everything gives the same, and a test holds one against the other.

mod changes;
mod desk;
mod fold;
mod groups;
mod known;
mod layer;
mod numbers;
mod pages;
mod recover;
mod revised;
mod touched;
mod verify;
mod whole;

use std::collections::BTreeMap;

use super::{
    clock::Watch,
    judging::{Summary, waivers_by_case},
};
use crate::{
    engine::Counts,
    ledger::Sheet,
    policy::{PolicySet, clause::Severity, company::Company, compile, sources::Sources},
    store::{Archive, Leaf, Run, Store, StoreError},
    time::Instant,
};

pub(in crate::app) use known::parent_of;
pub use known::{Lead, each_lead, in_words, in_words_of, leads};
pub use verify::{Mismatch, verify};

use changes::Changes;
use desk::Office;
use numbers::Numbers;
use recover::Recovered;
use whole::Whole;

/// The name under which the journal keeps the files of a policy set.
const POLICIES: &str = "policies";
/// The name under which it keeps the company's settings.
const COMPANY: &str = "company";

/// How a run is to be made.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// For which instant it judges.
    pub as_of: Instant,
    /// The present instant.
    pub now: Instant,
    /// Whether it runs the last good policies because the newest could not be used.
    pub fallback: bool,
    /// Whether everything is judged again.
    pub full: bool,
    /// How many threads.
    pub threads: usize,
    /// Since when it runs.
    pub watch: Watch,
}

/// What a run found, and how that differs from the run before.
#[derive(Debug)]
pub struct Night {
    /// The run as recorded.
    pub run: Run,
    /// Findings of the run before that are still there.
    pub persisting: u64,
    /// Violations not settled, by policy and severity.
    pub open: BTreeMap<(String, Severity), u64>,
    /// Counts and unknown kinds.
    pub summary: Summary,
}

impl Night {
    /// How many findings there are.
    #[must_use]
    pub fn findings(&self) -> u64 {
        self.persisting + (self.run.opened.len() + self.run.reopened.len()) as u64
    }
}

/// Runs the check over the store and records it.
///
/// # Errors
/// When the store cannot be read or written.
pub fn nightly(
    store: &mut Store,
    set: &PolicySet,
    sources: &Sources,
    setting: &Setting,
    progress: &mut dyn FnMut(u64),
) -> Result<Night, StoreError> {
    let policies = store.put_content(POLICIES, &sources.to_bytes(), setting.now)?;
    store.put_content(COMPANY, set.company.text.as_bytes(), setting.now)?;
    let last = store.last_run()?;
    let outcome = judge(store, set, setting, progress)?;
    let Outcome { changes, mut leaf, cases } = outcome;
    changes.figures(&mut leaf.sheet.clauses);
    leaf.sheet.unknown = unknown(&leaf.sheet, &changes);
    let counts = leaf.sheet.counts();
    let kept: u64 = leaf.sheet.findings;
    let Changes { judged, mut difference, mut opened, mut reopened, .. } = changes;
    difference.changed.sort_by_cached_key(crate::store::FindingRecord::key);
    difference.gone.sort_unstable();
    opened.sort_unstable();
    reopened.sort_unstable();
    let persisting = kept.saturating_sub((opened.len() + reopened.len()) as u64);
    let mut run = Run {
        id: 0,
        at: setting.now,
        as_of: setting.as_of,
        policies,
        cases,
        counts: counts.iter().map(|(state, count)| (state.word().to_owned(), count)).collect(),
        opened,
        cleared: difference.gone.clone(),
        reopened,
        fallback: setting.fallback,
        judged,
        millis: setting.watch.millis(),
    };
    let summary = Summary {
        cases,
        counts,
        unknown_kinds: leaf.sheet.unknown.iter().cloned().collect(),
        valid_until: leaf.sheet.pages.iter().filter_map(|row| row.wake).min(),
    };
    let open = open(&leaf.sheet, set);
    let sheet = leaf.sheet.clone();
    run.id = store.close_night(run.clone(), &difference, Some(leaf), setting.now)?;
    if last.is_none_or(|last| last.id != run.id) {
        store.sweep(&sheet)?;
    }
    Ok(Night { run, persisting, open, summary })
}

/// What a run over a part of the cases needs to know.
struct Partial<'p> {
    office: &'p Office<'p>,
    /// What the last run left.
    base: &'p Sheet,
    /// Cases that changed since, ids ascending.
    changed: &'p [String],
    threads: usize,
}

/// What judging came to.
struct Outcome {
    changes: Changes,
    leaf: Leaf,
    cases: u64,
}

fn judge(store: &Store, set: &PolicySet, setting: &Setting, progress: &mut dyn FnMut(u64)) -> Result<Outcome, StoreError> {
    let known = store.sheet()?;
    // A ledger of other kinds, or of a later instant, tells when things were found first and no more.
    let usable = known
        .as_ref()
        .filter(|sheet| !setting.full && sheet.common == set.common && sheet.as_of <= setting.as_of && !sheet.pages.is_empty());
    let numbers = Numbers::new(set, known.as_ref());
    let waivers = waivers_by_case(store, None)?;
    let office = Office { store, set, numbers: &numbers, waivers: &waivers, as_of: setting.as_of };
    let mut changed = match usable {
        Some(sheet) => store.changed_since(sheet.run)?,
        None => Vec::new(),
    };
    if set.uses_parents {
        for parent in changed.clone() {
            changed.extend(store.members(&parent)?);
        }
        changed.sort_unstable();
        changed.dedup();
    }
    let mut recovered = if known.is_none() { Recovered::read(store, &numbers)? } else { Recovered::default() };
    let full = usable.is_none();
    let mut sheet = known.clone().unwrap_or_default();
    if !full {
        fold::fold(store, &mut sheet)?;
    }
    (sheet.as_of, sheet.common) = (setting.as_of, set.common);
    sheet.clauses.clone_from(&numbers.rows);
    let base = sheet.clone();
    let partial = Partial { office: &office, base: &base, changed: &changed, threads: setting.threads };
    let mut changes = match (full, numbers.any_stale()) {
        (false, true) => revised::run(&partial, &mut sheet, progress)?,
        (false, false) => touched::run(&partial, &mut sheet, progress)?,
        (true, _) => {
            let archive = known.as_ref().map(|_| Archive::open(store, &base)).transpose()?;
            sheet.clauses.iter_mut().for_each(|row| (row.counts, row.open) = (Counts::default(), 0));
            (sheet.findings, sheet.unknown) = (0, Vec::new());
            let whole = Whole { office: &office, archive: archive.as_ref(), recovered: &recovered };
            let (pages, changes) = whole.run(&base, setting.threads, progress)?;
            pages.close(&mut sheet)?;
            changes
        }
    };
    let groups = groups::conclude(&office, &mut changes, &mut recovered, full)?;
    changes.difference.gone.extend(recovered.gone(&numbers));
    sheet.findings = changes.findings(sheet.findings);
    Ok(Outcome { changes, leaf: Leaf { sheet, groups }, cases: store.len()? })
}

/// Kinds that no policy knows, and how many cases have them.
fn unknown(sheet: &Sheet, changes: &Changes) -> Vec<(String, u64)> {
    let mut kinds: BTreeMap<String, u64> = sheet.unknown.iter().cloned().collect();
    for (kind, more) in &changes.unknown {
        let count = kinds.entry(kind.clone()).or_default();
        *count = count.saturating_add_signed(*more);
    }
    kinds.into_iter().filter(|(_, count)| *count > 0).collect()
}

/// Violations not settled, by policy and severity.
fn open(sheet: &Sheet, set: &PolicySet) -> BTreeMap<(String, Severity), u64> {
    let mut open = BTreeMap::new();
    for row in sheet.clauses.iter().filter(|row| row.open > 0) {
        if let Some((_, clause)) = set.named(&row.id).next() {
            *open.entry((clause.properties.policy.clone(), clause.properties.severity)).or_default() += row.open;
        }
    }
    open
}

/// The policies of the last run, compiled again: what runs when those on disk do not load.
///
/// # Errors
/// When the store cannot be read.
pub fn last_good(store: &Store, company: &Company) -> Result<Option<(Sources, PolicySet)>, StoreError> {
    let Some(run) = store.last_run()? else { return Ok(None) };
    let Some(content) = store.content(&run.policies)? else { return Ok(None) };
    let Some(sources) = Sources::from_bytes(&content.bytes) else { return Ok(None) };
    Ok(compile(&sources, company.clone()).ok().map(|set| (sources, set)))
}
