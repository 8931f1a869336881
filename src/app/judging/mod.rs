//! Holding many cases against a policy set, on several threads, in a stable order and in flat memory.

mod batches;
pub(super) mod lanes;
mod part;
mod summary;

use std::{collections::HashMap, convert::Infallible};

use crate::{
    case::Case,
    engine::{Found, Waived, Wanted, conclude},
    finding::Obligation,
    policy::{Clause, PolicySet},
    store::{CaseRange, Share, Store, StoreError, Waiver},
    time::Instant,
};

pub use summary::Summary;

pub(super) use batches::Batches;
use lanes::in_order;
pub(super) use part::batch_of;
use part::{Part, Worker, parents};

/// Cases judged before their findings are passed on; with the number of threads it bounds the memory.
const PART: u64 = 1_024;

/// Where cases come from.
pub enum Source<'s> {
    /// The store.
    Store(&'s Store),
    /// Files that were read, in order; waivers do not apply to them.
    Cases(&'s [Case]),
}

/// Which clauses are asked for.
pub type Only<'p> = &'p (dyn Fn(&Clause) -> bool + Sync);

/// What is to be judged, and how.
pub struct Plan<'p> {
    /// The policies.
    pub set: &'p PolicySet,
    /// For which instant.
    pub as_of: Instant,
    /// Using only what was recorded by then.
    pub known_at: Option<Instant>,
    /// Which obligations are wanted.
    pub wanted: Wanted,
    /// Which clauses; all when `None`.
    pub only: Option<Only<'p>>,
    /// One case only.
    pub case: Option<&'p str>,
    /// How many threads.
    pub threads: usize,
}

/// A wanted obligation, as it is met.
pub enum Met<'m> {
    /// One of a case, not yet in words.
    Case(&'m Found<'m>),
    /// One over many cases.
    Many(Obligation),
}

impl Met<'_> {
    /// All of it, in words.
    #[must_use]
    pub fn obligation(self) -> Obligation {
        match self {
            Self::Case(found) => found.obligation(),
            Self::Many(obligation) => obligation,
        }
    }
}

/// What is kept of each wanted obligation; made on the thread that judges.
pub type Make<'m, T> = dyn Fn(Met<'_>) -> T + Sync + 'm;

/// Why judging stopped.
#[derive(Debug)]
pub enum Stopped<E> {
    /// The store.
    Store(StoreError),
    /// Who takes the findings.
    Sink(E),
}

impl Stopped<Infallible> {
    /// The store's error, when nothing else can have stopped it.
    #[must_use]
    pub fn store(self) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Sink(never) => match never {},
        }
    }
}

/// Waivers by case.
pub type Waivers = HashMap<String, Vec<Waived>>;

/// Judges all cases of a source; obligations go to `sink` in words, in order of cases, then those over many cases.
///
/// # Errors
/// When the store is damaged, or the sink refuses.
pub fn judge_all<E>(
    plan: &Plan<'_>,
    source: &Source<'_>,
    sink: &mut dyn FnMut(Obligation) -> Result<(), E>,
    progress: &mut dyn FnMut(u64),
) -> Result<Summary, Stopped<E>> {
    judge_each(plan, source, &|met: Met<'_>| met.obligation(), sink, progress)
}

/// As [`judge_all`], keeping of each obligation what `make` makes of it.
///
/// # Errors
/// When the store is damaged, or the sink refuses.
pub fn judge_each<T: Send, E>(
    plan: &Plan<'_>,
    source: &Source<'_>,
    make: &Make<'_, T>,
    sink: &mut dyn FnMut(T) -> Result<(), E>,
    progress: &mut dyn FnMut(u64),
) -> Result<Summary, Stopped<E>> {
    let mut all = Part::default();
    let threads = plan.threads.max(1);
    let mut take = |part: Part<T>, all: &mut Part<T>| -> Result<Share, Stopped<E>> {
        for found in part.findings {
            sink(found).map_err(Stopped::Sink)?;
        }
        all.tallies.merge(part.tallies);
        all.summary.merge(part.summary);
        progress(all.summary.cases);
        Ok(part.share)
    };
    match source {
        Source::Cases(cases) => {
            let parents = parents(cases);
            let size = usize::try_from(PART).unwrap_or(1_024);
            let chunks: Vec<&[Case]> = cases.chunks(size).collect();
            let work = |chunk: &&[Case]| Worker::new(plan, make, &Waivers::new()).cases(chunk, &parents);
            in_order(&chunks, threads, work, &mut |part: Result<Part<T>, StoreError>| {
                take(part.map_err(Stopped::Store)?, &mut all).map(|_| ())
            })?;
        }
        Source::Store(store) => {
            let waivers = waivers_by_case(store, plan.known_at).map_err(Stopped::Store)?;
            if let Some(id) = plan.case {
                let part = Worker::new(plan, make, &waivers).stored(store, id).map_err(Stopped::Store)?;
                let _ = take(part, &mut all)?;
            } else {
                let ranges = parts_of(store).map_err(Stopped::Store)?;
                let mut share = Share::default();
                let work = |range: &_| Worker::new(plan, make, &waivers).range(store, range);
                in_order(&ranges, threads, work, &mut |part: Result<Part<T>, StoreError>| {
                    share = share.plus(take(part.map_err(Stopped::Store)?, &mut all)?);
                    Ok(())
                })?;
                store.prove(share).map_err(Stopped::Store)?;
            }
        }
    }
    let Part { tallies, mut summary, .. } = all;
    for obligation in conclude(plan.set, tallies, plan.as_of, Wanted::All) {
        let asked = plan.only.is_none_or(|only| plan.set.clauses.get(obligation.clause).is_some_and(only));
        if !asked || plan.case.is_some() {
            continue;
        }
        summary.counts.add(obligation.state, 1);
        if plan.wanted.holds(obligation.state) {
            sink(make(Met::Many(obligation))).map_err(Stopped::Sink)?;
        }
    }
    Ok(summary)
}

/// The stored cases in parts that are judged one by one.
pub(super) fn parts_of(store: &Store) -> Result<Vec<CaseRange>, StoreError> {
    store.ranges(usize::try_from(store.len()? / PART + 1).unwrap_or(1))
}

/// A stored waiver as judging takes it.
#[must_use]
pub fn waived(waiver: &Waiver) -> Waived {
    Waived { clause: waiver.clause.clone(), instance: waiver.instance.clone(), from: waiver.from, until: waiver.until }
}

/// The waivers of a store by case, as known at an instant.
///
/// # Errors
/// When the store cannot be read.
pub fn waivers_by_case(store: &Store, known_at: Option<Instant>) -> Result<Waivers, StoreError> {
    let mut map = Waivers::new();
    for waiver in store.waivers()? {
        if known_at.is_none_or(|known| waiver.recorded <= known) {
            map.entry(waiver.case.clone()).or_default().push(waived(&waiver));
        }
    }
    Ok(map)
}
