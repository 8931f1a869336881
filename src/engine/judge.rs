//! One case held against the clauses of its kind.

use std::{rc::Rc, sync::Arc};

use smallvec::SmallVec;

use super::{
    counts::Counts,
    found::Found,
    state::Waiting,
    sweep::{Course, Sweeps},
    turn::{Outcomes, Turn, in_force},
};
use crate::{
    case::Case,
    finding::{Obligation, State},
    form::{Glance, Quick, Rule},
    lang::Text,
    pack::Damaged,
    policy::{Clause, PolicySet},
    population::Member,
    script::Env,
    time::{Instant, Pause, Zone},
    view::{Batch, CaseView, Subject, block_of},
};

/// A waiver of a case's obligation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waived {
    /// The clause, `policy/article`.
    pub clause: String,
    /// One instance, or all of them.
    pub instance: Option<String>,
    /// From when.
    pub from: Instant,
    /// Until when, excluded.
    pub until: Instant,
}

/// Which obligations are wanted in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Violations, due soon, undetermined.
    Findings,
    /// These and what is pending or waived.
    Unmet,
    /// Every obligation.
    All,
}

impl Wanted {
    /// Whether an obligation in a state is wanted.
    #[must_use]
    pub const fn holds(self, state: State) -> bool {
        match self {
            Self::All => true,
            Self::Unmet => !matches!(state, State::Met),
            Self::Findings => state.is_finding(),
        }
    }
}

/// Why the obligations of one clause are as they are.
#[derive(Clone, Debug)]
pub struct Story {
    /// The clause's index.
    pub clause: usize,
    /// Lines, in order.
    pub lines: Vec<Text>,
    /// When its clocks stood still.
    pub still: Vec<Pause>,
}

/// What judging a case gives besides its obligations.
#[derive(Debug, Default)]
pub struct Judged {
    /// What the case contributes to clauses over many cases, by clause index.
    pub members: Vec<(usize, Member)>,
    /// The next instant at which the verdict changes if nothing happens.
    pub valid_until: Option<Instant>,
    /// From when on the case must be judged again, whatever happens: the instants at which no more than the state of a waiting obligation changes are
    /// left out.
    pub rejudge: Option<Instant>,
    /// How many obligations are in each state, the unwanted included.
    pub counts: Counts,
    /// How many obligations of each clause are met, by clause index, when asked for.
    pub met: SmallVec<[(usize, u32); 24]>,
    /// Why, when asked for.
    pub stories: Vec<Story>,
}

impl Judged {
    pub(super) fn rejudge(&mut self, at: Option<Instant>) {
        if let Some(at) = at {
            self.until(Some(at));
            self.rejudge = Some(self.rejudge.map_or(at, |known| known.min(at)));
        }
    }

    pub(super) fn note_met(&mut self, index: usize) {
        match self.met.last_mut() {
            Some((last, count)) if *last == index => *count += 1,
            _ => self.met.push((index, 1)),
        }
    }

    pub(super) fn until(&mut self, at: Option<Instant>) {
        if let Some(at) = at {
            self.valid_until = Some(self.valid_until.map_or(at, |known| known.min(at)));
        }
    }
}

/// Takes the wanted obligations, in order of clauses and triggers.
pub type Sink<'k> = dyn FnMut(&Found<'_>) + 'k;

/// Holds cases against a policy set, one after the other. It keeps nothing of a case but room for the next.
#[derive(Debug)]
pub struct Session<'s> {
    set: &'s PolicySet,
    as_of: Instant,
    wanted: Wanted,
    /// For each clause, whether it was asked for.
    asked: Vec<bool>,
    way: Way,
    /// Whether what is met is told by clause.
    itemised: bool,
    view: Option<Rc<CaseView>>,
    /// What was seen of the rows around.
    sweeps: Sweeps,
}

/// How cases are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// In full.
    Thorough,
    /// In full, and it is told why things are so.
    Telling,
    /// At a glance first.
    Quick,
    /// With those around them first, then at a glance.
    Sweeping,
}

/// A case, and what belongs to it.
#[derive(Clone, Copy)]
struct Matter<'m> {
    subject: &'m Subject,
    parent: Option<&'m Subject>,
    waivers: &'m [Waived],
    zone: Zone,
}

impl<'s> Session<'s> {
    /// Begins. `only` chooses clauses.
    #[must_use]
    pub fn new(set: &'s PolicySet, as_of: Instant, wanted: Wanted, only: Option<&dyn Fn(&Clause) -> bool>) -> Self {
        Self::of(set, as_of, wanted, set.clauses.iter().map(|clause| only.is_none_or(|only| only(clause))).collect())
    }

    /// Begins, with the clauses that are asked for by their index.
    #[must_use]
    pub fn of(set: &'s PolicySet, as_of: Instant, wanted: Wanted, asked: Vec<bool>) -> Self {
        let way = if matches!(wanted, Wanted::All) { Way::Thorough } else { Way::Quick };
        Self { set, as_of, wanted, asked, way, itemised: false, view: None, sweeps: Sweeps::default() }
    }

    /// The same, with stories.
    #[must_use]
    pub const fn telling(mut self) -> Self {
        self.way = Way::Telling;
        self
    }

    /// The same, telling by clause what is met.
    #[must_use]
    pub const fn itemised(mut self) -> Self {
        self.itemised = true;
        self
    }

    /// The same, for cases that come block by block, all of their rows: then much is seen of many at once.
    #[must_use]
    pub const fn sweeping(mut self) -> Self {
        if matches!(self.way, Way::Quick) {
            self.way = Way::Sweeping;
        }
        self
    }

    /// The same, without the quick way: what the tests hold it against.
    #[must_use]
    pub const fn thorough(mut self) -> Self {
        self.way = Way::Thorough;
        self
    }

    /// The policies.
    #[must_use]
    pub const fn set(&self) -> &'s PolicySet {
        self.set
    }

    /// A case of a batch, when the policies know its kind.
    #[must_use]
    pub fn subject(&self, batch: &Rc<Batch>, row: usize) -> Option<Subject> {
        subject(self.set, batch, row)
    }

    /// Judges a case.
    pub fn judge(&mut self, subject: &Subject, parent: Option<&Subject>, waivers: &[Waived], sink: &mut Sink<'_>) -> Judged {
        let mut judged = Judged::default();
        let set = self.set;
        // Where no clause asks for what befell them, parents are not there: nothing may hang on whether they were looked up.
        let parent = parent.filter(|_| set.uses_parents);
        let clauses = set.by_kind.get(subject.index).map_or(&[][..], Vec::as_slice);
        if clauses.is_empty() {
            return judged;
        }
        let zone = clauses.first().and_then(|first| set.clauses.get(*first)).map_or(Zone::UTC, |clause| clause.setup.zone());
        let matter = Matter { subject, parent, waivers, zone };
        let mut sweeps = std::mem::take(&mut self.sweeps);
        // A parent's events and a waiver are its own.
        let swept = if self.way == Way::Sweeping && parent.is_none() && waivers.is_empty() {
            let course = Course { set, as_of: self.as_of, wanted: self.wanted, asked: &self.asked, zone };
            sweeps.of(subject, &course)
        } else {
            None
        };
        if let Some((sweep, lane)) = swept {
            judged.until(sweep.until(lane));
            judged.rejudge(sweep.horizon);
            sweep.count(lane, &mut judged.counts);
            let mut left = sweep.left(lane).filter_map(|place| clauses.get(place).copied()).peekable();
            // What is swept has no event to come.
            if left.peek().is_some() {
                self.look_closely(matter, left, &mut judged, sink);
            }
            if self.itemised {
                judged.met.extend(sweep.met(lane).filter_map(|place| Some((*clauses.get(place)?, 1))));
            }
        } else {
            let mut asked: SmallVec<[usize; 32]> = SmallVec::new();
            for index in clauses {
                let Some(clause) = set.clauses.get(*index).filter(|clause| clause.needed || self.asked.get(*index) == Some(&true)) else {
                    continue;
                };
                judged.rejudge(clause.next_change(self.as_of));
                if !clause.is_to_come(self.as_of) {
                    asked.push(*index);
                }
            }
            self.look_closely(matter, asked.into_iter(), &mut judged, sink);
        }
        if self.itemised {
            judged.met.sort_unstable();
        }
        self.sweeps = sweeps;
        judged
    }

    /// Holds a case against some clauses, one by one.
    fn look_closely(&mut self, matter: Matter<'_>, clauses: impl Iterator<Item = usize>, judged: &mut Judged, sink: &mut Sink<'_>) {
        let Matter { subject, parent, waivers, zone } = matter;
        let (set, tell) = (self.set, self.way == Way::Telling);
        let quick = matches!(self.way, Way::Quick | Way::Sweeping);
        let view = self.look(subject, parent, zone);
        judged.rejudge(view.next_event);
        let mut outcomes = Outcomes::new();
        for index in clauses {
            let (Some(clause), Some(asked)) = (set.clauses.get(index), self.asked.get(index)) else { continue };
            if !tell && !clause.needs.is_empty() && !clause.needs.meets(view.present()) {
                continue;
            }
            if quick && clause.glances && self.glance(index, clause, &view, waivers, *asked, judged) {
                continue;
            }
            let turn = Turn { index, clause, view: &view, waivers, asked: *asked, wanted: self.wanted, tell, itemised: self.itemised };
            turn.judge(set, &mut outcomes, judged, sink);
        }
        self.view = Some(view);
    }

    /// Whether a glance at a clause was enough; what it showed is counted.
    fn glance(&self, index: usize, clause: &Clause, view: &Rc<CaseView>, waivers: &[Waived], asked: bool, judged: &mut Judged) -> bool {
        let Rule::Case(rule) = &clause.rule else { return false };
        let env = Env { view, names: &clause.names, setup: &clause.setup, position: view.last(), event: None, at: view.as_of };
        let look = Glance { env: &env, clause: &clause.properties, effective: clause.first, unstaffed: self.set.org.posts.is_empty() };
        let (opened, state) = match rule.glance(&look) {
            Quick::Full => return false,
            Quick::Nothing => return true,
            Quick::Met(opened) => (opened, State::Met),
            Quick::Waits(opened, due) => {
                if !waivers.is_empty() || (view.end.is_some() && !clause.properties.survives) || self.wanted.holds(State::Pending) {
                    return false;
                }
                let Some(due) = due else { return self.count(index, clause, opened, State::Pending, asked, judged) };
                let waiting = Waiting { due: due.at, began: opened, stood: 0 };
                match waiting.stand(&clause.properties, &env) {
                    (State::Pending, Some(next)) if clause.from <= opened => {
                        judged.until(Some(next));
                        (opened, State::Pending)
                    }
                    _ => return false,
                }
            }
        };
        self.count(index, clause, opened, state, asked, judged)
    }

    fn count(&self, index: usize, clause: &Clause, opened: Instant, state: State, asked: bool, judged: &mut Judged) -> bool {
        if asked && in_force(clause, opened) {
            self.add(index, state, judged);
        }
        true
    }

    fn add(&self, index: usize, state: State, judged: &mut Judged) {
        judged.counts.add(state, 1);
        if self.itemised && state == State::Met {
            judged.note_met(index);
        }
    }

    /// Turns the view to a case.
    fn look(&mut self, subject: &Subject, parent: Option<&Subject>, zone: Zone) -> Rc<CaseView> {
        if let Some(mut view) = self.view.take()
            && let Some(room) = Rc::get_mut(&mut view)
        {
            room.turn_to(subject, parent, self.as_of, zone);
            return view;
        }
        Rc::new(CaseView::new(subject, parent, self.as_of, zone))
    }
}

/// A case of a batch, when the policies know its kind.
fn subject(set: &PolicySet, batch: &Rc<Batch>, row: usize) -> Option<Subject> {
    let index = batch.kind(row, &set.vocabulary)?;
    Some(Subject { batch: Rc::clone(batch), row, kind: Arc::clone(set.kinds.get(index)?), index })
}

/// A single case that stands in no store, with all that judging it gives.
#[derive(Debug, Default)]
pub struct Verdict {
    /// The wanted obligations, in order of clauses and triggers.
    pub obligations: Vec<Obligation>,
    /// The rest; `None` when the policies do not know the case's kind.
    pub judged: Option<Judged>,
}

impl Verdict {
    /// The next instant at which it changes if nothing happens.
    #[must_use]
    pub fn valid_until(&self) -> Option<Instant> {
        self.judged.as_ref().and_then(|judged| judged.valid_until)
    }
}

/// Judges one case that stands in no store, and the case that it is part of.
///
/// # Errors
/// When the case cannot be packed: a fault of this program.
pub fn judge_case(session: &mut Session<'_>, case: Case, parent: Option<Case>, waivers: &[Waived]) -> Result<Verdict, Damaged> {
    let set = session.set();
    let batch = |case: Case| -> Result<Option<Subject>, Damaged> {
        Ok(subject(set, &Rc::new(Batch::new(Rc::new(block_of([case])?), &set.symbols)), 0))
    };
    let parent = parent.map(batch).transpose()?.flatten();
    let Some(own) = batch(case)? else { return Ok(Verdict::default()) };
    let mut obligations = Vec::new();
    let judged = session.judge(&own, parent.as_ref(), waivers, &mut |found| obligations.push(found.obligation()));
    Ok(Verdict { obligations, judged: Some(judged) })
}
