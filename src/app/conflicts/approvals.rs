//! Two approvals of the same gate: whoever satisfies one chain has not satisfied the other.

use super::{
    Found, Sort,
    space::{Setting, Space},
    stage::{MINUTE, Opening, Stage},
};
use crate::{
    case::{Case, Event},
    finding::{Obligation, State},
    lang::Text,
    time::Instant,
};

/// No chain is longer.
const LONGEST: usize = 12;

/// The approvals that satisfy a clause, and by which roles, in order.
struct Chain {
    roles: Vec<String>,
    events: Vec<Event>,
}

pub(super) fn weigh(stage: &Stage<'_>) -> Option<Found> {
    let (approvals, gates) = (stage.common("event"), stage.common("before"));
    let [a, b] = stage.pair;
    let open_ended = a.form.get("before").is_none() && b.form.get("before").is_none();
    if approvals.is_empty() || (gates.is_empty() && !open_ended) {
        return None;
    }
    let opening = opening(stage)?;
    let mut apart = approvals.clone();
    apart.extend(gates.iter().cloned());
    let space = stage.given(&opening, &["after"], &apart);
    let base = stage.bases[0];
    space.settings().find_map(|setting| {
        let case = stage.open(&opening, &setting, base);
        let gate = gates.first();
        let chains = [chain(stage, &case, &approvals, base, 0)?, chain(stage, &case, &approvals, base, 1)?];
        let [of_a, of_b] = &chains;
        if satisfies(stage, &case, of_a, gate, 1) && satisfies(stage, &case, of_b, gate, 0) {
            return None;
        }
        let about = stage.label(gate.or(approvals.first())?);
        let asks = chains.map(|chain| {
            let names: Vec<Text> = chain.roles.iter().map(|role| stage.role(role)).collect();
            let join = |pick: fn(&Text) -> &str| names.iter().map(pick).collect::<Vec<_>>().join(" → ");
            Text::new(format!("approved by {}", join(|text| &text.en)), format!("由 {} 批准", join(|text| &text.zh)))
        });
        Some(Found { sort: Sort::Approval, about, asks, case })
    })
}

/// What opens a round of both: an event that both name, or one of each.
fn opening(stage: &Stage<'_>) -> Option<Opening> {
    if let Some(event) = stage.common("after").into_iter().next() {
        return Some(Opening::of(vec![event]));
    }
    let of_each = stage.pair.map(|reading| (reading.form.get("after").is_some(), reading.types("after").into_iter().next()));
    let mut events = Vec::new();
    for (asked, event) in of_each {
        match event {
            Some(event) => events.push(event.to_owned()),
            None if asked => return None,
            None => {}
        }
    }
    Some(Opening::of(events))
}

/// Lets whose move it is approve, until the clause is satisfied; `None` when it asks for nothing, or cannot be satisfied so.
fn chain(stage: &Stage<'_>, case: &Case, approvals: &[String], base: Instant, side: usize) -> Option<Chain> {
    let mut case = case.clone();
    let mut chain = Chain { roles: Vec::new(), events: Vec::new() };
    for number in 1..=LONGEST {
        let at = base.plus(MINUTE * i64::try_from(number).unwrap_or(0));
        let Wait::For(role) = waiting(stage, &case, at, side)? else { return (!chain.roles.is_empty()).then_some(chain) };
        let mut space = Space::default();
        stage.at_hand(approvals, &[], &mut space);
        let moved = approvals.iter().flat_map(|approval| space.settings().map(move |own| (approval, own))).find_map(|(approval, own)| {
            let event = approved(stage, approval, number, at, &role, &own);
            let mut next = case.clone();
            next.events.push(event.clone());
            (waiting(stage, &next, at, side)? != Wait::For(role.clone())).then_some((event, next))
        });
        let (event, next) = moved?;
        chain.roles.push(role);
        chain.events.push(event);
        case = next;
    }
    None
}

fn approved(stage: &Stage<'_>, kind: &str, number: usize, at: Instant, role: &str, own: &Setting) -> Event {
    let mut event = stage.event(kind, &format!("approval-{number}"), at, own);
    event.role = Some(role.to_owned());
    event.by = Some(format!("person-{number}"));
    event
}

/// How far a clause's approvals are.
#[derive(PartialEq, Eq)]
enum Wait {
    /// It is this role's move.
    For(String),
    /// All have approved.
    Over,
}

/// How far the approvals of a clause are; `None` when it asks for nothing or cannot be told.
fn waiting(stage: &Stage<'_>, case: &Case, as_of: Instant, side: usize) -> Option<Wait> {
    let heard = stage.hear(case, as_of);
    let found: &Obligation = heard.obligations.get(side)?.last()?;
    match found.state {
        State::Met | State::MetLate => Some(Wait::Over),
        State::Pending | State::DueSoon | State::Overdue => found.next_action.as_ref().map(|action| Wait::For(action.role.clone())),
        _ => None,
    }
}

/// Whether a chain lets the gate be passed as a clause wants it.
fn satisfies(stage: &Stage<'_>, case: &Case, chain: &Chain, gate: Option<&String>, side: usize) -> bool {
    let mut case = case.clone();
    case.events.extend(chain.events.iter().cloned());
    let last = case.events.last().map_or(stage.bases[0], |event| event.at).plus(MINUTE);
    case.events.extend(gate.map(|gate| stage.event(gate, "gate", last, &Setting::new())));
    let heard = stage.hear(&case, last);
    heard.obligations.get(side).and_then(|list| list.last()).is_some_and(|found| matches!(found.state, State::Met | State::MetLate))
}
