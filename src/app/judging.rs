//! Holding many cases against a policy set, on several threads, in a stable order and in flat memory.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc,
        mpsc::{Receiver, sync_channel},
    },
};

use crate::{
    case::Case,
    engine::{Input, Judged, Tallies, Waived, Wanted, conclude, judge},
    finding::{Obligation, State},
    policy::{Clause, PolicySet},
    store::{CaseRange, Share, Store, StoreError, Waiver},
    time::Instant,
};

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

/// What came of it, besides the findings.
#[derive(Debug, Default)]
pub struct Summary {
    /// How many cases were judged.
    pub cases: u64,
    /// How many obligations are in each state.
    pub counts: HashMap<State, usize>,
    /// Kinds that no policy knows, and how many cases have them.
    pub unknown_kinds: BTreeMap<String, u64>,
    /// The next instant at which any verdict changes if nothing happens.
    pub valid_until: Option<Instant>,
}

impl Summary {
    /// How many obligations are in a state.
    #[must_use]
    pub fn count(&self, state: State) -> usize {
        self.counts.get(&state).copied().unwrap_or(0)
    }

    fn add(&mut self, kind: &str, judged: &Judged) {
        self.cases += 1;
        if judged.unknown_kind {
            *self.unknown_kinds.entry(kind.to_owned()).or_default() += 1;
        }
        for (state, count) in &judged.counts {
            *self.counts.entry(*state).or_default() += count;
        }
        self.valid_until = [self.valid_until, judged.valid_until].into_iter().flatten().min();
    }

    fn merge(&mut self, other: Self) {
        self.cases += other.cases;
        for (state, count) in other.counts {
            *self.counts.entry(state).or_default() += count;
        }
        for (kind, count) in other.unknown_kinds {
            *self.unknown_kinds.entry(kind).or_default() += count;
        }
        self.valid_until = [self.valid_until, other.valid_until].into_iter().flatten().min();
    }
}

/// Why judging stopped.
#[derive(Debug)]
pub enum Stopped<E> {
    /// The store.
    Store(StoreError),
    /// Who takes the findings.
    Sink(E),
}

/// What one part of the cases gave.
#[derive(Default)]
struct Part {
    findings: Vec<Obligation>,
    tallies: Tallies,
    summary: Summary,
    share: Share,
}

/// Waivers by case.
type Waivers = HashMap<String, Vec<Waived>>;

/// Judges all cases of a source; findings go to `sink` in order of cases, then those over many cases.
///
/// # Errors
/// When the store is damaged, or the sink refuses.
pub fn judge_all<E>(
    plan: &Plan<'_>,
    source: &Source<'_>,
    sink: &mut dyn FnMut(Obligation) -> Result<(), E>,
    progress: &mut dyn FnMut(u64),
) -> Result<Summary, Stopped<E>> {
    let mut summary = Summary::default();
    let mut tallies = Tallies::default();
    let threads = plan.threads.max(1);
    let mut take = |part: Part, summary: &mut Summary| -> Result<Share, Stopped<E>> {
        for finding in part.findings {
            sink(finding).map_err(Stopped::Sink)?;
        }
        tallies.merge(part.tallies);
        summary.merge(part.summary);
        progress(summary.cases);
        Ok(part.share)
    };
    match source {
        Source::Cases(cases) => {
            let parents = parents(cases);
            let size = usize::try_from(PART).unwrap_or(1_024);
            let chunks: Vec<&[Case]> = cases.chunks(size).collect();
            in_order(&chunks, threads, |chunk| judge_cases(plan, chunk, &parents), &mut |part| take(part, &mut summary).map(|_| ()))?;
        }
        Source::Store(store) => {
            let waivers = waivers_by_case(store, plan.known_at).map_err(Stopped::Store)?;
            if let Some(id) = plan.case {
                let mut part = Part::default();
                if let Some(record) = store.case(id).map_err(Stopped::Store)?
                    && let Some(case) = record.known_at(plan.known_at)
                {
                    judge_stored(plan, store, case, &waivers, &mut part).map_err(Stopped::Store)?;
                }
                let _ = take(part, &mut summary)?;
            } else {
                let len = store.len().map_err(Stopped::Store)?;
                let parts = usize::try_from(len / PART + 1).unwrap_or(1);
                let ranges = store.ranges(parts).map_err(Stopped::Store)?;
                let mut share = Share::default();
                in_order(&ranges, threads, |range| judge_range(plan, store, range, &waivers), &mut |part: Result<Part, StoreError>| {
                    share = share.plus(take(part.map_err(Stopped::Store)?, &mut summary)?);
                    Ok(())
                })?;
                store.prove(share).map_err(Stopped::Store)?;
            }
        }
    }
    for obligation in conclude(plan.set, tallies, plan.as_of, Wanted::All) {
        let asked = plan.only.is_none_or(|only| plan.set.clauses.get(obligation.clause).is_some_and(only));
        if !asked || plan.case.is_some() {
            continue;
        }
        *summary.counts.entry(obligation.state).or_default() += 1;
        let keep = match plan.wanted {
            Wanted::All => true,
            Wanted::Unmet => obligation.state != State::Met,
            Wanted::Findings => obligation.state.is_finding(),
        };
        if keep {
            sink(obligation).map_err(Stopped::Sink)?;
        }
    }
    Ok(summary)
}

/// Does one thing to each item on several threads, and passes the results on in the order of the items. Each thread has every so-many-th
/// item and may be two results ahead, so that the order costs no memory. Threads live as long as the whole: a new one for each item would
/// begin with an empty heap.
fn in_order<I: Sync, T: Send, E>(
    items: &[I],
    threads: usize,
    work: impl Fn(&I) -> T + Sync,
    take: &mut dyn FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let work = &work;
    std::thread::scope(|scope| {
        let mut lanes = Vec::with_capacity(threads);
        for lane in 0..threads.min(items.len()) {
            let (send, receive) = sync_channel(2);
            scope.spawn(move || {
                for item in items.iter().skip(lane).step_by(threads) {
                    // Nobody listens any more once the results are refused.
                    if send.send(work(item)).is_err() {
                        break;
                    }
                }
            });
            lanes.push(receive);
        }
        for (lane, _) in (0..lanes.len()).cycle().zip(items) {
            // A lane that ends early has panicked, and the scope passes that on.
            let Some(Ok(result)) = lanes.get(lane).map(Receiver::recv) else { break };
            take(result)?;
        }
        Ok(())
    })
}

/// Cases that others are part of.
fn parents(cases: &[Case]) -> HashMap<String, Arc<Case>> {
    let wanted: std::collections::HashSet<&str> = cases.iter().filter_map(|case| case.part_of.as_deref()).collect();
    cases.iter().filter(|case| wanted.contains(case.id.as_str())).map(|case| (case.id.clone(), Arc::new(case.clone()))).collect()
}

fn judge_cases(plan: &Plan<'_>, cases: &[Case], parents: &HashMap<String, Arc<Case>>) -> Part {
    let mut part = Part::default();
    for case in cases.iter().filter(|case| plan.case.is_none_or(|id| case.id == id)) {
        let parent = case.part_of.as_ref().and_then(|id| parents.get(id)).cloned();
        judge_one(plan, case.clone(), parent, &[], &mut part);
    }
    part
}

fn judge_range(plan: &Plan<'_>, store: &Store, range: &CaseRange, waivers: &Waivers) -> Result<Part, StoreError> {
    let mut part = Part::default();
    let mut failed = None;
    let share = store.scan_range(range, |record| {
        if let Some(case) = record.into_known_at(plan.known_at)
            && let Err(error) = judge_stored(plan, store, case, waivers, &mut part)
        {
            failed = Some(error);
        }
    })?;
    part.share = share;
    failed.map_or(Ok(part), Err)
}

fn judge_stored(plan: &Plan<'_>, store: &Store, case: Case, waivers: &Waivers, part: &mut Part) -> Result<(), StoreError> {
    let parent = match case.part_of.as_ref().filter(|_| plan.set.uses_parents) {
        Some(id) => store.case(id)?.and_then(|record| record.known_at(plan.known_at)).map(Arc::new),
        None => None,
    };
    let waived = waivers.get(&case.id).map_or(&[][..], Vec::as_slice);
    judge_one(plan, case, parent, waived, part);
    Ok(())
}

fn judge_one(plan: &Plan<'_>, case: Case, parent: Option<Arc<Case>>, waivers: &[Waived], part: &mut Part) {
    let kind = case.kind.clone();
    let only = plan.only.map(|only| only as &dyn Fn(&Clause) -> bool);
    let judged = judge(plan.set, Input { case, parent, waivers }, plan.as_of, plan.wanted, only, false);
    part.summary.add(&kind, &judged);
    part.findings.extend(judged.obligations);
    part.tallies.add(judged.members);
}

/// A stored waiver as judging takes it.
#[must_use]
pub fn waived(waiver: &Waiver) -> Waived {
    Waived { clause: waiver.clause.clone(), instance: waiver.instance.clone(), from: waiver.from, until: waiver.until }
}

fn waivers_by_case(store: &Store, known_at: Option<Instant>) -> Result<Waivers, StoreError> {
    let mut map = Waivers::new();
    for waiver in store.waivers()? {
        if known_at.is_none_or(|known| waiver.recorded <= known) {
            map.entry(waiver.case.clone()).or_default().push(waived(&waiver));
        }
    }
    Ok(map)
}
