//! Which figure of a finding is compared. The clauses of the peers give a due instant, or none; duly says when a thing was due where it was
//! due at all, and since when it is wrong.

use duly::engine::Found;
use peers::{
    case::{Clause, number},
    measure::Violation,
};

/// The figure of a clause.
enum Figure {
    /// When it had to be done: a deadline, the gate of an approval, the instant since which a limit is broken.
    Due,
    /// Since when it is broken: what happened when it must not.
    Since,
    /// Nothing but that it is broken.
    Nothing,
}

const fn figure(clause: Clause) -> Figure {
    match clause {
        Clause::Response
        | Clause::Resolution
        | Clause::Arrival
        | Clause::Dispatch
        | Clause::Approval
        | Clause::Revisit
        | Clause::Repair
        | Clause::WholeBatch
        | Clause::Reported
        | Clause::Archived
        | Clause::Investigation => Figure::Due,
        Clause::Signed => Figure::Since,
        Clause::Discount
        | Clause::Intake
        | Clause::Inspectors
        | Clause::Reorder
        | Clause::Contract
        | Clause::Deposit
        | Clause::Separation
        | Clause::AfterClose
        | Clause::Responder => Figure::Nothing,
    }
}

/// A finding in the terms of the peers; `None` when it is no violation.
pub fn compared(found: &Found<'_>) -> Option<Violation> {
    if !found.stand.state.is_violation() {
        return None;
    }
    let clause = Clause::named(found.clause.properties.id.rsplit('/').next()?)?;
    let at = match figure(clause) {
        Figure::Due => found.duty.due.map(|due| due.at),
        Figure::Since => found.stand.since,
        Figure::Nothing => None,
    };
    Some(Violation { case: number(found.case())?, clause, due: at.map(|at| at.millis().div_euclid(1_000)) })
}
