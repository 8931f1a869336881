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
    /// The state.
    pub state: State,
    /// A violation that is not settled.
    pub open: bool,
    /// Since when it is violated.
    pub since: Option<Instant>,
    /// When it was done, or mended.
    pub met_at: Option<Instant>,
    /// How late it is, or was done, in milliseconds.
    pub overdue_by: Option<i64>,
    /// When the state changes if nothing happens.
    pub valid_until: Option<Instant>,
}

impl Stand {
    const fn plain(state: State) -> Self {
        Self { state, open: false, since: None, met_at: None, overdue_by: None, valid_until: None }
    }
}

/// What the state depends on besides the duty.
pub(super) struct Circumstances<'c> {
    pub(super) as_of: Instant,
    /// When the case ended, unless the clause survives it.
    pub(super) end: Option<Instant>,
    /// The clause, and where its values are read.
    pub(super) clause: &'c Properties,
    pub(super) env: &'c Env<'c>,
    /// Until when a waiver holds.
    pub(super) waived_until: Option<Instant>,
    /// When a waiver begins to hold.
    pub(super) waived_from: Option<Instant>,
}

/// How a duty stands; `None` when it lapsed with the end of its case.
pub(super) fn stand(duty: &Duty<'_>, now: &Circumstances<'_>) -> Option<Stand> {
    let mut stand = match &duty.outcome {
        Outcome::Unknown(_) => return Some(Stand::plain(State::Undetermined)),
        Outcome::Met(at) => return Some(met(*at, duty.due)),
        Outcome::Broken { at, settled } => breached(*at, *settled, now),
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

/// Broken since an instant: open until it mended by itself, or its remedy was recorded.
fn breached(since: Instant, mended: Option<Instant>, now: &Circumstances<'_>) -> Stand {
    let settled = [mended, remedied(now.clause.remedy.as_ref(), now.env, since)].into_iter().flatten().min();
    Stand { open: settled.is_none(), since: Some(since), met_at: settled, ..Stand::plain(State::Breached) }
}

fn pending(duty: &Duty<'_>, now: &Circumstances<'_>) -> Option<Stand> {
    let Some(due) = duty.due else {
        return now.end.is_none().then(|| Stand::plain(State::Pending));
    };
    if let Some(end) = now.end {
        // What fell due before the case ended can no longer be done in it; the rest lapses.
        return (end > due.at).then(|| breached(due.at, None, now));
    }
    let waiting = Waiting { due: due.at, began: duty.started.unwrap_or(duty.opened), stood: duty.stood };
    let (state, next) = waiting.stand(now.clause, now.env);
    if state == State::Overdue {
        let late = now.as_of.since(due.at);
        return Some(Stand { open: true, since: Some(due.at), overdue_by: Some(late), ..Stand::plain(state) });
    }
    Some(Stand { valid_until: next, ..Stand::plain(state) })
}

/// Something that is not done yet and has a due instant.
pub(super) struct Waiting {
    pub(super) due: Instant,
    /// When its time began to run.
    pub(super) began: Instant,
    /// How long its clock stood still, in milliseconds.
    pub(super) stood: i64,
}

impl Waiting {
    /// Its state as of the case's instant, and when that changes by nothing but time.
    pub(super) fn stand(&self, clause: &Properties, env: &Env<'_>) -> (State, Option<Instant>) {
        self.at(env.view.as_of, warning(clause, env, self.due))
    }

    /// The same, where it is warned of a span before, in milliseconds, or as is usual.
    pub(super) fn at(&self, as_of: Instant, warning: Option<i64>) -> (State, Option<Instant>) {
        let late = as_of.since(self.due);
        // A limit without time to run is overdue at once: a record, a level.
        if late > 0 || (late == 0 && self.due == self.began) {
            return (State::Overdue, None);
        }
        let span = (self.due.since(self.began) - self.stood).max(0);
        let warn_at = self.due.plus(-warning.unwrap_or_else(|| (span / 4).min(DAY)));
        let late_at = self.due.plus(1);
        // Counted back to a close after midnight, a warning may come later than what it warns of.
        if as_of >= warn_at { (State::DueSoon, Some(late_at)) } else { (State::Pending, Some(warn_at.min(late_at))) }
    }
}

/// When a remedy was recorded after a breach.
fn remedied(remedy: Option<&Matcher>, env: &Env<'_>, broken: Instant) -> Option<Instant> {
    let remedy = remedy?;
    let after = env.view.position_at(broken);
    let found = remedy.certain(env).find(|position| *position > after)?;
    env.view.at(found)
}

/// The warning span in milliseconds before the due instant, when the clause gives one.
fn warning(clause: &Properties, env: &Env<'_>, due: Instant) -> Option<i64> {
    let span = clause.warn.as_ref()?.span(env).ok()?;
    Some(due.since(env.setup.clock().add(due, span.negated(), &[]).at))
}
