//! Clauses over many cases: merging what cases contributed, and concluding.

use std::{collections::BTreeMap, rc::Rc, sync::Arc};

use super::{
    judge::Wanted,
    message::{Situation, describe},
    state::{Circumstances, Stand, stand},
};
use crate::{
    case::Case,
    finding::{NextAction, Obligation, State},
    form::{Duty, Instance, Outcome, Rule},
    lang::Text,
    pack::Damaged,
    policy::{Clause, PolicySet},
    population::{Close, Conclusion, Member, Tally},
    script::{Env, Trouble},
    time::Instant,
    view::{BEFORE_ALL, Batch, CaseView, Subject, block_of},
};

/// What cases contributed, by clause, group and period. Parts merge in any order.
#[derive(Debug, Default)]
pub struct Tallies {
    map: BTreeMap<(usize, String, Instant), (Instant, Tally)>,
}

impl Tallies {
    /// Adds the members of a case.
    pub fn add(&mut self, members: Vec<(usize, Member)>) {
        for (clause, member) in members {
            let entry = self.map.entry((clause, member.group.clone(), member.start)).or_insert_with(|| (member.end, Tally::default()));
            entry.1.add(member);
        }
    }

    /// Takes another part in.
    pub fn merge(&mut self, other: Self) {
        for (key, (end, tally)) in other.map {
            self.map.entry(key).or_insert_with(|| (end, Tally::default())).1.merge(tally);
        }
    }
}

/// Concludes all periods.
#[must_use]
pub fn conclude(set: &PolicySet, tallies: Tallies, as_of: Instant, wanted: Wanted) -> Vec<Obligation> {
    let mut list = Vec::new();
    for ((index, group, start), (end, tally)) in tallies.map {
        list.extend(conclude_one(set, &Period { clause: index, group: &group, start, end }, tally, as_of, wanted).0);
    }
    list
}

/// One period of a clause over many cases.
#[derive(Clone, Copy, Debug)]
pub struct Period<'p> {
    /// The clause's index.
    pub clause: usize,
    /// The group.
    pub group: &'p str,
    /// The first instant.
    pub start: Instant,
    /// The end.
    pub end: Instant,
}

/// Concludes one period; and tells when it must be concluded again if no member changes.
#[must_use]
pub fn conclude_one(
    set: &PolicySet,
    period: &Period<'_>,
    mut tally: Tally,
    as_of: Instant,
    wanted: Wanted,
) -> (Vec<Obligation>, Option<Instant>) {
    let mut list = Vec::new();
    let mut wake = (as_of < period.end).then_some(period.end);
    let Some(clause) = set.clauses.get(period.clause) else { return (list, wake) };
    let (Rule::Population(rule), Ok(view)) = (&clause.rule, no_case(set, clause, as_of)) else { return (list, wake) };
    tally.close();
    let Period { start, end, group, .. } = *period;
    let env = Env { view: &view, names: &clause.names, setup: &clause.setup, position: BEFORE_ALL, event: None, at: start };
    let name = start.date(clause.setup.zone()).to_string();
    let close = Close { env, org: &set.org, start, end, as_of, name, group };
    for conclusion in rule.conclude(&tally, &close) {
        let mut next = Some(&conclusion);
        while let Some(conclusion) = next {
            let Some((found, stand)) = obligation(set, period.clause, clause, &close, conclusion) else { break };
            wake = [wake, stand.valid_until].into_iter().flatten().min();
            if wanted.holds(stand.state) {
                list.push(found);
            }
            next = conclusion.asked.as_ref().and_then(|asked| asked.then.as_ref()).filter(|_| stand.state.is_violation());
        }
    }
    (list, wake)
}

/// A case without facts, so that figures can be read.
fn no_case(set: &PolicySet, clause: &Clause, as_of: Instant) -> Result<Rc<CaseView>, Damaged> {
    let batch = Rc::new(Batch::new(Rc::new(block_of([Case::default()])?), &set.symbols));
    let kind = set.kinds.get(clause.kind).map_or_else(|| Arc::clone(&clause.names.kind), Arc::clone);
    Ok(Rc::new(CaseView::new(&Subject { batch, row: 0, kind, index: clause.kind }, None, as_of, clause.setup.zone())))
}

/// An obligation and how it stands; `None` when it lapsed with the end of its member's case.
fn obligation(set: &PolicySet, index: usize, clause: &Clause, close: &Close<'_>, conclusion: &Conclusion) -> Option<(Obligation, Stand)> {
    let properties = &clause.properties;
    let asked = conclusion.asked.as_deref();
    let actor = asked.and_then(|asked| asked.actor.as_ref());
    let mut duty = Duty::new(Instance::Of(&conclusion.instance), conclusion.opened, BEFORE_ALL);
    duty.due = conclusion.due;
    // The period is everybody's time: it is pending to its end, unless the clause asks for a warning.
    duty.stood = conclusion.due.filter(|_| asked.is_none()).map_or(0, |due| due.at.since(conclusion.opened));
    duty.outcome = conclusion.outcome.clone();
    let end = asked.and_then(|asked| asked.ended);
    let circumstances =
        Circumstances { as_of: close.as_of, end, clause: properties, env: &close.env, waived_until: None, waived_from: None };
    let found = stand(&duty, &circumstances)?;
    let acts = found.open || matches!(found.state, State::Pending | State::DueSoon);
    let title = asked.map_or_else(
        || properties.title.clone(),
        |asked| Text::new(format!("{} ({})", properties.title.en, asked.member), format!("{}（{}）", properties.title.zh, asked.member)),
    );
    let mut message = describe(&Situation {
        title: &title,
        about: conclusion.about.as_ref(),
        trouble: if let Outcome::Unknown(trouble) = &duty.outcome { Some(&**trouble) } else { None },
        due: duty.due,
        stand: &found,
        zone: clause.setup.zone(),
    });
    // The figure is worth saying when all is well, too.
    if let (State::Met, Some(about)) = (found.state, &conclusion.about) {
        message = Text::new(format!("{}: {}", message.en, about.en), format!("{}：{}", message.zh, about.zh));
    }
    let missing = match &duty.outcome {
        Outcome::Unknown(trouble) => match &**trouble {
            Trouble::Missing(names) => names.iter().cloned().collect(),
            Trouble::Failed { .. } => Vec::new(),
        },
        _ => Vec::new(),
    };
    let obligation = Obligation {
        case: None,
        group: Some(close.group.to_owned()),
        kind: set.kinds.get(clause.kind).map_or_else(String::new, |kind| kind.name.clone()),
        clause: index,
        policy: properties.policy.clone(),
        clause_id: properties.id.clone(),
        instance: conclusion.instance.clone(),
        state: found.state,
        open: found.open,
        severity: properties.severity,
        due: duty.due,
        since: found.since,
        met_at: found.met_at,
        overdue_by: found.overdue_by,
        next_action: acts.then(|| NextAction {
            role: actor.unwrap_or(&properties.owner).clone(),
            text: asked
                .and_then(|asked| asked.act.clone())
                .or_else(|| properties.next.as_ref().map(|next| next.fill(&close.env)))
                .unwrap_or_else(|| properties.title.clone()),
            before: duty.due.map(|due| due.at),
        }),
        escalated_to: None,
        missing,
        evidence: conclusion.evidence.clone(),
        // It is for the clause's own owner: what falls to somebody else bears none.
        penalty: properties.penalty.clone().filter(|_| found.state.is_violation() && actor.is_none()),
        message,
    };
    Some((obligation, found))
}
