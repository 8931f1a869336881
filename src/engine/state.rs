//! From a duty to a state: the only place where as-of meets a due instant.

use crate::{
    finding::State,
    form::{Duty, Outcome},
    policy::{clause::Properties, matcher::Matcher},
    script::Env,
    time::{Due, Instant},
};

/// A day: the longest default warning, in milliseconds.
const DAY: i64 = 24 * 3_600_000;

/// A state, and until when it holds if nothing happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stand {
    pub(super) state: State,
    pub(super) open: bool,
    pub(super) since: Option<Instant>,
    pub(super) met_at: Option<Instant>,
    pub(super) overdue_by: Option<i64>,
    pub(super) valid_until: Option<Instant>,
}

impl Stand {
    const fn plain(state: State) -> Self {
        Self { state, open: false, since: None, met_at: None, overdue_by: None, valid_until: None }
    }
}

/// What the state depends on besides the duty.
pub(super) struct Circumstances {
    pub(super) as_of: Instant,
    /// When the case ended, unless the clause survives it.
    pub(super) end: Option<Instant>,
    /// How long before the due instant it is said to fall due.
    pub(super) warn: Option<i64>,
    /// When a remedy after the breach was recorded.
    pub(super) remedied: Option<Instant>,
    /// Until when a waiver holds.
    pub(super) waived_until: Option<Instant>,
    /// When a waiver begins to hold.
    pub(super) waived_from: Option<Instant>,
}

/// How a duty stands; `None` when it lapsed with the end of its case.
pub(super) fn stand(duty: &Duty, now: &Circumstances) -> Option<Stand> {
    let mut stand = match &duty.outcome {
        Outcome::Unknown(_) => return Some(Stand::plain(State::Undetermined)),
        Outcome::Met(at) => return Some(met(*at, duty.due)),
        Outcome::Broken { at, settled } => {
            let settled = [*settled, now.remedied].into_iter().flatten().min();
            Stand { open: settled.is_none(), since: Some(*at), met_at: settled, ..Stand::plain(State::Breached) }
        }
        Outcome::Pending => pending(duty, now)?,
    };
    let waivable = stand.open || matches!(stand.state, State::Pending | State::DueSoon);
    if let (true, Some(until)) = (waivable, now.waived_until) {
        return Some(Stand { valid_until: Some(until), ..Stand::plain(State::Waived) });
    }
    if waivable {
        stand.valid_until = [stand.valid_until, now.waived_from].into_iter().flatten().min();
    }
    Some(stand)
}

fn met(at: Option<Instant>, due: Option<Due>) -> Stand {
    let late = at.zip(due).map(|(at, due)| at.since(due.at)).filter(|late| *late > 0);
    let state = if late.is_some() { State::MetLate } else { State::Met };
    Stand { met_at: at, overdue_by: late, since: late.and(due.map(|due| due.at)), ..Stand::plain(state) }
}

fn pending(duty: &Duty, now: &Circumstances) -> Option<Stand> {
    let Some(due) = duty.due else {
        return now.end.is_none().then(|| Stand::plain(State::Pending));
    };
    if let Some(end) = now.end {
        // What fell due before the case ended can no longer be done in it; the rest lapses.
        return (end > due.at).then(|| Stand { open: true, since: Some(due.at), ..Stand::plain(State::Breached) });
    }
    let late = now.as_of.since(due.at);
    let began = duty.started.unwrap_or(duty.opened);
    // A limit without time to run is overdue at once: a record, a level.
    if late > 0 || (late == 0 && due.at == began) {
        return Some(Stand { open: true, since: Some(due.at), overdue_by: Some(late), ..Stand::plain(State::Overdue) });
    }
    let span = (due.at.since(began) - duty.stood).max(0);
    let warn_at = due.at.plus(-now.warn.unwrap_or_else(|| (span / 4).min(DAY)));
    let (state, next) = if now.as_of >= warn_at { (State::DueSoon, due.at.plus(1)) } else { (State::Pending, warn_at) };
    Some(Stand { valid_until: Some(next), ..Stand::plain(state) })
}

/// When a remedy was recorded after a breach.
pub(super) fn remedied(remedy: Option<&Matcher>, env: &Env, duty: &Duty) -> Option<Instant> {
    let Outcome::Broken { at, .. } = &duty.outcome else { return None };
    let after = env.view.position_at(*at);
    let found = remedy?.certain(env).into_iter().find(|position| *position > after)?;
    env.view.at(found)
}

/// The warning span in milliseconds before the due instant, when the clause gives one.
pub(super) fn warning(clause: &Properties, env: &Env, due: Option<Due>) -> Option<i64> {
    let span = clause.warn.as_ref()?.span(env).ok()?;
    let due = due?;
    Some(due.at.since(env.setup.clock().add(due.at, span.negated(), &[]).at))
}
