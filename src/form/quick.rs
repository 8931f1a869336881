//! The quick way: most obligations are met, and that can be seen without making a duty of them.
//!
//! A form says at a glance how its only obligation in a case stands, or that it must be looked at in full. The glance never says more than the full
//! look would: a test holds both against each other.

use crate::{
    policy::clause::Properties,
    script::{Env, Expr},
    time::{Due, Instant},
    view::Position,
};

/// What a glance shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quick {
    /// It must be looked at in full.
    Full,
    /// There is no obligation.
    Nothing,
    /// There is one, opened then, and it is met in time.
    Met(Instant),
    /// There is one, opened then, and it waits; until its due instant, where it has one.
    Waits(Instant, Option<Due>),
}

/// What a glance looks at.
#[derive(Clone, Copy, Debug)]
pub struct Glance<'g> {
    /// The case as of now, no event at hand.
    pub env: &'g Env<'g>,
    /// The clause's properties.
    pub clause: &'g Properties,
    /// From when the policy holds.
    pub effective: Instant,
    /// Nobody is named for any role.
    pub unstaffed: bool,
}

impl<'g> Glance<'g> {
    /// Where values are read for a trigger: facts as they were then, or the latest ones.
    #[must_use]
    pub fn env_at(&self, position: Position) -> Env<'g> {
        let env = self.env.at_event(position);
        if self.clause.latest_facts { env.with_facts_of(self.env.view.last()) } else { env }
    }

    /// The same just before an event: facts as they were when it came, or the latest ones.
    #[must_use]
    pub fn env_before(&self, position: Position) -> Env<'g> {
        let env = self.env_at(position);
        if self.clause.latest_facts { env } else { env.with_facts_of(position - 1) }
    }

    /// Whether the clause applies; `None` when it must be looked at in full.
    #[must_use]
    pub fn applies(&self, env: &Env<'_>) -> Option<bool> {
        let holds = |condition: &Option<Expr>| condition.as_ref().map_or(Some(None), |condition| condition.glance(env).map(Some));
        Some(holds(&self.clause.when)? != Some(false) && holds(&self.clause.unless)? != Some(true))
    }

    /// What there is to say when no obligation can be seen: the clause does not apply, or it must be looked at in full.
    #[must_use]
    pub fn spared(&self, env: &Env<'_>) -> Option<Quick> {
        match self.applies(env) {
            Some(true) => None,
            Some(false) => Some(Quick::Nothing),
            None => Some(Quick::Full),
        }
    }

    /// Whether its conditions look at no event at hand.
    #[must_use]
    pub fn is_without_event(&self) -> bool {
        [&self.clause.when, &self.clause.unless].into_iter().flatten().all(|condition| condition.is_without_event(self.env.names))
    }

    /// Whether the clause asks for no condition.
    #[must_use]
    pub const fn is_unconditional(&self) -> bool {
        self.clause.when.is_none() && self.clause.unless.is_none()
    }

    /// Where a case without a trigger begins.
    #[must_use]
    pub fn start(&self) -> Instant {
        self.env.view.opened().map_or(self.effective, |(_, at)| at)
    }
}
