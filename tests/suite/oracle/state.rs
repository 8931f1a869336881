//! From what became of a duty to the state it is in: design.md, "States of an obligation", "End of a case", "Waivers".

use super::{
    clock::{DAY, Ms},
    model::Waiver,
    scene::{Court, Missing},
};

/// What became of a duty.
#[derive(Clone, Debug)]
pub enum Fate {
    Open,
    Done(Option<Ms>),
    Broken { at: Ms, settled: Option<Ms> },
    Untold(Missing),
}

#[derive(Clone, Debug)]
pub struct Duty {
    pub instance: String,
    /// The trigger: it chooses the version.
    pub opened: Ms,
    pub due: Option<Ms>,
    /// When the time began to run, where not when it opened.
    pub began: Option<Ms>,
    /// How much later it is due for pauses.
    pub stood: Ms,
    pub fate: Fate,
    /// What a record lacks.
    pub lacks: Missing,
}

impl Duty {
    pub fn new(instance: impl Into<String>, opened: Ms, fate: Fate) -> Self {
        Self { instance: instance.into(), opened, due: None, began: None, stood: 0, fate, lacks: Missing::new() }
    }

    pub fn due(self, due: Option<Ms>) -> Self {
        Self { due, ..self }
    }
}

/// An obligation as the oracle sees it, and as duly says it: what is compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Verdict {
    pub case: Option<String>,
    pub group: Option<String>,
    pub clause: String,
    pub instance: String,
    pub state: &'static str,
    pub open: bool,
    pub due: Option<Ms>,
    pub since: Option<Ms>,
    pub met_at: Option<Ms>,
    pub overdue_by: Option<Ms>,
    pub missing: Vec<String>,
}

impl Verdict {
    pub fn is_violation(&self) -> bool {
        matches!(self.state, "overdue" | "breached" | "met_late")
    }

    /// Whether the nightly check keeps it: open violations, what falls due, what cannot be told.
    pub fn is_noted(&self) -> bool {
        (self.is_violation() && self.open) || matches!(self.state, "due_soon" | "undetermined")
    }
}

/// A state with its instants, before waivers.
struct Stand {
    state: &'static str,
    open: bool,
    since: Option<Ms>,
    met_at: Option<Ms>,
    overdue_by: Option<Ms>,
}

const fn plain(state: &'static str) -> Stand {
    Stand { state, open: false, since: None, met_at: None, overdue_by: None }
}

fn stand(court: &Court<'_>, duty: &Duty) -> Option<Stand> {
    let as_of = court.scene.as_of;
    let end = court.scene.end.filter(|_| !court.clause.survives);
    Some(match (&duty.fate, duty.due) {
        (Fate::Untold(_), _) => plain("undetermined"),
        // Late is strictly after due.
        (Fate::Done(Some(at)), Some(due)) if *at > due => {
            Stand { since: Some(due), met_at: Some(*at), overdue_by: Some(at - due), ..plain("met_late") }
        }
        (Fate::Done(at), _) => Stand { met_at: *at, ..plain("met") },
        (Fate::Broken { at, settled }, _) => {
            let settled = [*settled, remedied(court, *at)].into_iter().flatten().min();
            Stand { open: settled.is_none(), since: Some(*at), met_at: settled, ..plain("breached") }
        }
        // Unmet obligations due after the end lapse; those already late become breached.
        (Fate::Open, None) if end.is_some() => return None,
        (Fate::Open, None) => plain("pending"),
        (Fate::Open, Some(due)) if end.is_some_and(|end| end <= due) => return None,
        (Fate::Open, Some(due)) if end.is_some() => {
            let settled = remedied(court, due);
            Stand { open: settled.is_none(), since: Some(due), met_at: settled, ..plain("breached") }
        }
        (Fate::Open, Some(due)) => {
            let began = duty.began.unwrap_or(duty.opened);
            // Silent in the documents: what has no time at all (a record that must be complete at once) is overdue at once.
            if as_of > due || (as_of == due && due == began) {
                Stand { open: true, since: Some(due), overdue_by: Some(as_of - due), ..plain("overdue") }
            } else if as_of >= warns_at(court, duty, due, began) {
                plain("due_soon")
            } else {
                plain("pending")
            }
        }
    })
}

/// The beginning of the warning span: what the clause says, or a quarter of the span, at most 24 h. Pauses do not lengthen the span.
fn warns_at(court: &Court<'_>, duty: &Duty, due: Ms, began: Ms) -> Ms {
    match court.clause.warn {
        Some(span) => court.clock(&[]).add(due, backwards(span)),
        None => due - ((due - began - duty.stood).max(0) / 4).min(DAY),
    }
}

pub fn backwards(span: super::clock::Span) -> super::clock::Span {
    use super::clock::Span;
    match span {
        Span::Minutes(n) => Span::Minutes(-n),
        Span::Days(n) => Span::Days(-n),
        Span::Months(n) => Span::Months(-n),
        Span::WorkingMinutes(n) => Span::WorkingMinutes(-n),
        Span::WorkingDays(n) => Span::WorkingDays(-n),
        Span::SameDay => Span::SameDay,
    }
}

/// When the remedy was recorded, after the breach.
fn remedied(court: &Court<'_>, breach: Ms) -> Option<Ms> {
    let remedy = court.clause.remedy.as_ref()?;
    court.certain(remedy).into_iter().map(|position| court.scene.at(position)).find(|at| *at > breach)
}

/// How a duty stands under the waivers of its case; `None` when it lapsed.
pub fn verdict(court: &Court<'_>, duty: &Duty, waivers: &[Waiver]) -> Option<Verdict> {
    let mut found = stand(court, duty)?;
    let clause = format!("{}/{}", super::model::POLICY, court.clause.id);
    let as_of = court.scene.as_of;
    let holds = |waiver: &Waiver| {
        waiver.case == court.scene.case.id
            && waiver.clause == clause
            && waiver.instance.as_ref().is_none_or(|instance| *instance == duty.instance)
            && waiver.from <= as_of
            && as_of < waiver.until
    };
    if (found.open || matches!(found.state, "pending" | "due_soon")) && waivers.iter().any(holds) {
        found = plain("waived");
    }
    let missing = match &duty.fate {
        Fate::Untold(missing) => missing,
        _ => &duty.lacks,
    };
    Some(Verdict {
        case: Some(court.scene.case.id.clone()),
        group: None,
        clause,
        instance: duty.instance.clone(),
        state: found.state,
        open: found.open,
        due: duty.due,
        since: found.since,
        met_at: found.met_at,
        overdue_by: found.overdue_by,
        missing: missing.iter().cloned().collect(),
    })
}
