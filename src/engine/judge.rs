//! One case held against the clauses of its kind.

use std::{collections::HashMap, rc::Rc, sync::Arc};

use smallvec::SmallVec;

use super::{
    counts::Counts,
    found::Found,
    state::{Circumstances, Stand, Waiting, stand},
    sweep::{Course, Sweeps},
};
use crate::{
    case::Case,
    finding::{Obligation, State},
    form::{Ask, Duty, Glance, Outcome, Quick, Rule},
    lang::Text,
    pack::Damaged,
    policy::{Clause, PolicySet},
    population::{Member, Population, Standing},
    script::{Env, Trouble},
    time::{Instant, Zone},
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
    pub met: Vec<(usize, u32)>,
    /// Why, when asked for.
    pub stories: Vec<Story>,
}

impl Judged {
    fn rejudge(&mut self, at: Option<Instant>) {
        if let Some(at) = at {
            self.until(Some(at));
            self.rejudge = Some(self.rejudge.map_or(at, |known| known.min(at)));
        }
    }

    fn note_met(&mut self, index: usize) {
        match self.met.last_mut() {
            Some((last, count)) if *last == index => *count += 1,
            _ => self.met.push((index, 1)),
        }
    }

    fn until(&mut self, at: Option<Instant>) {
        if let Some(at) = at {
            self.valid_until = Some(self.valid_until.map_or(at, |known| known.min(at)));
        }
    }
}

/// What is known of a clause's obligations once it is judged, for those that hang on it or give way to it.
type Outcomes<'s> = HashMap<&'s str, Vec<Known>>;

/// An obligation of such a clause.
struct Known {
    instance: String,
    /// Its due instant, or when it opened.
    when: Instant,
    stand: Stand,
    /// What leaves it undetermined.
    trouble: Option<Box<Trouble>>,
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
    tell: bool,
    /// Whether a glance may do.
    quick: bool,
    /// Whether what is met is told by clause.
    itemised: bool,
    /// Whether all rows of a block come one after the other.
    sweeping: bool,
    view: Option<Rc<CaseView>>,
    /// What was seen of the rows around.
    sweeps: Sweeps,
}

impl<'s> Session<'s> {
    /// Begins. `only` chooses clauses.
    #[must_use]
    pub fn new(set: &'s PolicySet, as_of: Instant, wanted: Wanted, only: Option<&dyn Fn(&Clause) -> bool>) -> Self {
        let asked = set.clauses.iter().map(|clause| only.is_none_or(|only| only(clause))).collect();
        let quick = !matches!(wanted, Wanted::All);
        Self { set, as_of, wanted, asked, tell: false, quick, itemised: false, sweeping: false, view: None, sweeps: Sweeps::default() }
    }

    /// The same, with stories.
    #[must_use]
    pub const fn telling(mut self) -> Self {
        (self.tell, self.sweeping) = (true, false);
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
        self.sweeping = self.quick && !self.tell;
        self
    }

    /// The same, without the quick way: what the tests hold it against.
    #[must_use]
    pub const fn thorough(mut self) -> Self {
        (self.quick, self.sweeping) = (false, false);
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
        let clauses = set.by_kind.get(subject.index).map_or(&[][..], Vec::as_slice);
        if clauses.is_empty() {
            return judged;
        }
        let zone = clauses.first().and_then(|first| set.clauses.get(*first)).map_or(Zone::UTC, |clause| clause.setup.zone());
        let mut sweeps = std::mem::take(&mut self.sweeps);
        // A parent's events and a waiver are its own.
        let swept = if self.sweeping && parent.is_none() && waivers.is_empty() {
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
                self.look_closely(subject, parent, waivers, left, zone, &mut judged, sink);
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
            self.look_closely(subject, parent, waivers, asked.into_iter(), zone, &mut judged, sink);
        }
        if self.itemised {
            judged.met.sort_unstable();
        }
        self.sweeps = sweeps;
        judged
    }

    /// Holds a case against some clauses, one by one.
    #[expect(clippy::too_many_arguments, reason = "those of `judge`, and what it has found out")]
    fn look_closely(
        &mut self,
        subject: &Subject,
        parent: Option<&Subject>,
        waivers: &[Waived],
        clauses: impl Iterator<Item = usize>,
        zone: Zone,
        judged: &mut Judged,
        sink: &mut Sink<'_>,
    ) {
        let set = self.set;
        let view = self.look(subject, parent, zone);
        judged.rejudge(view.next_event);
        let mut outcomes = Outcomes::new();
        for index in clauses {
            let (Some(clause), Some(asked)) = (set.clauses.get(index), self.asked.get(index)) else { continue };
            if !self.tell && !clause.needs.is_empty() && !clause.needs.meets(view.present()) {
                continue;
            }
            if self.quick && clause.glances && self.glance(index, clause, &view, waivers, *asked, judged) {
                continue;
            }
            let turn = Turn {
                index,
                clause,
                view: &view,
                waivers,
                asked: *asked,
                wanted: self.wanted,
                tell: self.tell,
                itemised: self.itemised,
            };
            turn.judge(set, &mut outcomes, judged, sink);
        }
        self.view = Some(view);
    }

    /// Whether a glance at a clause was enough; what it showed is counted.
    fn glance(&self, index: usize, clause: &Clause, view: &Rc<CaseView>, waivers: &[Waived], asked: bool, judged: &mut Judged) -> bool {
        let Rule::Case(rule) = &clause.rule else { return false };
        if self.tell {
            return false;
        }
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

/// One clause's turn on one case.
struct Turn<'t> {
    index: usize,
    clause: &'t Clause,
    view: &'t Rc<CaseView>,
    waivers: &'t [Waived],
    asked: bool,
    wanted: Wanted,
    tell: bool,
    itemised: bool,
}

impl<'t> Turn<'t> {
    fn judge(&self, set: &'t PolicySet, outcomes: &mut Outcomes<'t>, judged: &mut Judged, sink: &mut Sink<'_>) {
        let clause = self.clause;
        let violations = self.violations(outcomes);
        let mut ask = Ask {
            env: Env {
                view: self.view,
                names: &clause.names,
                setup: &clause.setup,
                position: self.view.last(),
                event: None,
                at: self.view.as_of,
            },
            clause: &clause.properties,
            org: &set.org,
            effective: clause.first,
            window: (clause.from, clause.until),
            violations: &violations,
            duties: SmallVec::new(),
            story: (self.tell && self.asked).then(Vec::new),
            wake: None,
        };
        match &clause.rule {
            Rule::Case(rule) => rule.judge(&mut ask),
            Rule::Population(rule) => self.contribute(rule.as_ref(), &mut ask, outcomes, judged),
        }
        judged.rejudge(ask.wake);
        let mut duties = std::mem::take(&mut ask.duties);
        if !clause.overridden_by.is_empty() {
            self.yield_to_others(&mut duties, &mut ask, outcomes);
        }
        for duty in &duties {
            self.settle(duty, &mut ask, outcomes, judged, sink);
        }
        if let Some(lines) = ask.story {
            judged.stories.push(Story { clause: self.index, lines });
        }
    }

    /// The violations of the clause that this one hangs on.
    fn violations(&self, outcomes: &Outcomes<'_>) -> Vec<(String, Instant)> {
        let Rule::Case(rule) = &self.clause.rule else { return Vec::new() };
        let Some(known) = rule.hangs_on().and_then(|id| outcomes.get(id)) else { return Vec::new() };
        let violated = known.iter().filter(|known| known.stand.state.is_violation());
        violated.filter_map(|known| Some((known.instance.clone(), known.stand.since?))).collect()
    }

    fn contribute(&self, rule: &dyn Population, ask: &mut Ask<'_>, outcomes: &Outcomes<'_>, judged: &mut Judged) {
        let mut members = rule.contribute(ask);
        for known in rule.over_clause().and_then(|id| outcomes.get(id)).into_iter().flatten() {
            let standing = match known.stand.state {
                State::Met => Standing::Good,
                State::MetLate | State::Overdue | State::Breached => Standing::Bad,
                State::Undetermined => Standing::Unknown,
                State::Waived => Standing::Waived,
                State::Pending | State::DueSoon => continue,
            };
            members.extend(rule.contribute_obligation(ask, &known.instance, known.when, standing));
        }
        members.retain(|member| counts(self.clause, member));
        judged.members.extend(members.into_iter().map(|member| (self.index, member)));
    }

    /// Of the same triggers only those that another clause takes up; where the two count different things, all. Where it cannot be told whether
    /// the other takes it up, it cannot be told of this one.
    fn yield_to_others(&self, duties: &mut SmallVec<[Duty<'_>; 1]>, ask: &mut Ask<'_>, outcomes: &Outcomes<'_>) {
        let others = self.clause.overridden_by.iter().filter_map(|other| outcomes.get(other.as_str()));
        let prevailing: Vec<&Known> = others.flatten().collect();
        let takes = |known: &Known, duty: &Duty<'_>| known.instance == *duty.instance.name(self.view);
        let same = duties.iter().any(|duty| prevailing.iter().any(|known| takes(known, duty)));
        let before = duties.len();
        duties.retain(|duty| {
            let mut taken = prevailing.iter().filter(|known| !same || takes(known, duty)).map(|known| &known.trouble);
            let Some(first) = taken.next() else { return true };
            if let (Some(trouble), true) = (first, taken.all(Option::is_some)) {
                duty.outcome = Outcome::Unknown(trouble.clone());
                return true;
            }
            false
        });
        if duties.len() < before {
            let other = self.clause.overridden_by.join(", ");
            ask.tell(|| Text::new(format!("`{other}` prevails here"), format!("此处以 `{other}` 为准")));
        }
    }

    /// Finds how a duty stands, and passes it on when it is wanted.
    fn settle(&self, duty: &Duty<'_>, ask: &mut Ask<'_>, outcomes: &mut Outcomes<'t>, judged: &mut Judged, sink: &mut Sink<'_>) {
        let clause = self.clause;
        if !in_force(clause, duty.opened) {
            ask.tell(|| not_in_force(clause, duty));
            return;
        }
        let circumstances = self.circumstances(ask, duty);
        let Some(found) = stand(duty, &circumstances) else {
            ask.tell(|| Text::new("lapsed when the case ended", "个案结束，义务终止"));
            return;
        };
        // Nothing but its own state changes when the time of a waiting obligation comes, unless somebody else looks at it.
        let waits = matches!(found.state, State::Pending | State::DueSoon) && duty.due.is_some();
        let alone = waits && !clause.needed && self.waivers.is_empty();
        if alone {
            judged.until(found.valid_until);
        } else {
            judged.rejudge(found.valid_until);
        }
        if clause.needed {
            outcomes.entry(clause.properties.id.as_str()).or_default().push(Known {
                instance: duty.instance.name(self.view).into_owned(),
                when: duty.due.map_or(duty.opened, |due| due.at),
                stand: found.clone(),
                trouble: if let Outcome::Unknown(trouble) = &duty.outcome { Some(trouble.clone()) } else { None },
            });
        }
        if !self.asked {
            return;
        }
        judged.counts.add(found.state, 1);
        if self.itemised && found.state == State::Met {
            judged.note_met(self.index);
        }
        if self.wanted.holds(found.state) {
            let alarm = found.valid_until.filter(|_| alone);
            sink(&Found { index: self.index, clause, env: ask.env, org: ask.org, duty, stand: &found, alarm });
        }
    }

    fn circumstances<'c>(&self, ask: &'c Ask<'_>, duty: &Duty<'_>) -> Circumstances<'c> {
        let now = self.view.as_of;
        let mut circumstances =
            Circumstances { as_of: now, end: ask.end(), clause: ask.clause, env: &ask.env, waived_until: None, waived_from: None };
        let ours = |waiver: &&Waived| {
            let instance = || duty.instance.name(self.view);
            waiver.clause == ask.clause.id && waiver.instance.as_ref().is_none_or(|given| *given == instance())
        };
        for waiver in self.waivers.iter().filter(ours) {
            if waiver.from > now {
                circumstances.waived_from = Some(circumstances.waived_from.map_or(waiver.from, |known| known.min(waiver.from)));
            } else if now < waiver.until {
                circumstances.waived_until = circumstances.waived_until.max(Some(waiver.until));
            }
        }
        circumstances
    }
}

pub(super) fn in_force(clause: &Clause, at: Instant) -> bool {
    at >= clause.from && clause.until.is_none_or(|until| at < until)
}

/// Whether a member is one of this version: a period is judged whole, by the version in force at its start, or by the first that has the clause.
fn counts(clause: &Clause, member: &Member) -> bool {
    let (begin, end) = clause.life;
    begin <= member.at && end.is_none_or(|end| member.at < end) && in_force(clause, member.start.max(begin))
}

fn not_in_force(clause: &Clause, duty: &Duty<'_>) -> Text {
    let zone = clause.setup.zone();
    let (at, from) = (duty.opened.show(zone), clause.from.show(zone));
    Text::new(
        format!("what happened {at} is judged by another version; this one holds from {from}"),
        format!("{at} 之事由另一版本判断；本版本自 {from} 起生效"),
    )
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
