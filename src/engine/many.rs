//! Clauses over many cases: merging what cases contributed, and concluding.

use std::{collections::BTreeMap, rc::Rc, sync::Arc};

use super::{
    judge::Wanted,
    message::{Situation, describe},
    state::{Circumstances, stand, warning},
};
use crate::{
    case::Case,
    finding::{NextAction, Obligation, State},
    form::{Duty, Outcome, Rule},
    policy::{Clause, PolicySet},
    population::{Close, Conclusion, Member, Tally},
    script::Env,
    time::Instant,
    view::{BEFORE_ALL, CaseView},
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
    for ((index, group, start), (end, mut tally)) in tallies.map {
        let Some(clause) = set.clauses.get(index) else { continue };
        let Rule::Population(rule) = &clause.rule else { continue };
        tally.close();
        let env = no_case(set, clause, start, as_of);
        let name = start.date(clause.setup.zone()).to_string();
        let close = Close { env, start, end, as_of, name, group: &group };
        for conclusion in rule.conclude(&tally, &close) {
            list.extend(obligation(set, index, clause, &close, &conclusion, wanted));
        }
    }
    list
}

/// Parameters as they were at the start of a period; a case without facts.
fn no_case(set: &PolicySet, clause: &Clause, start: Instant, as_of: Instant) -> Env {
    let kind = set.kinds.get(clause.kind).map_or_else(|| Arc::clone(&clause.names.kind), Arc::clone);
    let view = CaseView::new(&kind, Case::default(), None, None, as_of, clause.setup.zone());
    Env {
        view: Rc::new(view),
        names: Rc::new(Arc::clone(&clause.names)),
        setup: Rc::new(Arc::clone(&clause.setup)),
        position: BEFORE_ALL,
        event: None,
        at: start,
    }
}

fn obligation(
    set: &PolicySet,
    index: usize,
    clause: &Clause,
    close: &Close<'_>,
    conclusion: &Conclusion,
    wanted: Wanted,
) -> Option<Obligation> {
    let properties = &clause.properties;
    let duty = Duty {
        instance: conclusion.instance.clone(),
        opened: conclusion.opened,
        position: BEFORE_ALL,
        event: None,
        due: conclusion.due,
        started: None,
        // The period is everybody's time: it is pending to its end, unless the clause asks for a warning.
        stood: conclusion.due.map_or(0, |due| due.at.since(conclusion.opened)),
        outcome: conclusion.outcome.clone(),
        evidence: Vec::new(),
        actor: None,
        act: None,
        instead: None,
        about: conclusion.about.clone(),
        missing: std::collections::BTreeSet::new(),
    };
    let circumstances = Circumstances {
        as_of: close.as_of,
        end: None,
        warn: warning(properties, &close.env, duty.due),
        remedied: None,
        waived_until: None,
        waived_from: None,
    };
    let found = stand(&duty, &circumstances)?;
    let keep = match wanted {
        Wanted::All => true,
        Wanted::Unmet => found.state != State::Met,
        Wanted::Findings => found.state.is_finding(),
    };
    if !keep {
        return None;
    }
    let acts = found.open || matches!(found.state, State::Pending | State::DueSoon);
    let mut message = describe(&Situation {
        title: &properties.title,
        about: duty.about.as_ref(),
        trouble: if let Outcome::Unknown(trouble) = &duty.outcome { Some(trouble) } else { None },
        due: duty.due,
        stand: &found,
        zone: clause.setup.zone(),
    });
    // The figure is worth saying when all is well, too.
    if let (State::Met, Some(about)) = (found.state, &duty.about) {
        message = crate::lang::Text::new(format!("{}: {}", message.en, about.en), format!("{}：{}", message.zh, about.zh));
    }
    let missing = match &duty.outcome {
        Outcome::Unknown(crate::script::Trouble::Missing(names)) => names.iter().cloned().collect(),
        _ => Vec::new(),
    };
    Some(Obligation {
        case: None,
        group: Some(close.group.to_owned()),
        kind: set.kinds.get(clause.kind).map_or_else(String::new, |kind| kind.name.clone()),
        clause: index,
        policy: properties.policy.clone(),
        clause_id: properties.id.clone(),
        instance: duty.instance,
        state: found.state,
        open: found.open,
        severity: properties.severity,
        due: duty.due,
        since: found.since,
        met_at: found.met_at,
        overdue_by: found.overdue_by,
        next_action: acts.then(|| NextAction {
            role: properties.owner.clone(),
            text: properties.next.as_ref().map_or_else(|| properties.title.clone(), |next| next.fill(&close.env)),
            before: duty.due.map(|due| due.at),
        }),
        escalated_to: None,
        missing,
        evidence: conclusion.evidence.clone(),
        penalty: properties.penalty.clone().filter(|_| found.state.is_violation()),
        message,
    })
}
