//! One clause's turn on one case: its duties, how they stand, and who hears of it.

use std::{collections::HashMap, rc::Rc};

use smallvec::SmallVec;

use super::{
    found::Found,
    judge::{Judged, Sink, Story, Waived, Wanted},
    state::{Circumstances, Stand, stand},
};
use crate::{
    finding::State,
    form::{Ask, Duty, Outcome, Rule},
    lang::Text,
    policy::{Clause, PolicySet},
    population::{Member, Population, Standing},
    script::{Env, Trouble},
    time::Instant,
    view::CaseView,
};

/// What is known of a clause's obligations once it is judged, for those that hang on it or give way to it.
pub(super) type Outcomes<'s> = HashMap<&'s str, Vec<Known>>;

/// An obligation of such a clause.
pub(super) struct Known {
    instance: String,
    /// Its due instant, or when it opened.
    when: Instant,
    stand: Stand,
    /// What leaves it undetermined.
    trouble: Option<Box<Trouble>>,
}

/// One clause's turn on one case.
pub(super) struct Turn<'t> {
    pub(super) index: usize,
    pub(super) clause: &'t Clause,
    pub(super) view: &'t Rc<CaseView>,
    pub(super) waivers: &'t [Waived],
    pub(super) asked: bool,
    pub(super) wanted: Wanted,
    pub(super) tell: bool,
    pub(super) itemised: bool,
}

impl<'t> Turn<'t> {
    pub(super) fn judge(&self, set: &'t PolicySet, outcomes: &mut Outcomes<'t>, judged: &mut Judged, sink: &mut Sink<'_>) {
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
            still: Vec::new(),
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
            judged.stories.push(Story { clause: self.index, lines, still: ask.still });
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
