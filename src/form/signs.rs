//! The events that a matcher takes, beside those of which it cannot be told.

use super::Evidence;
use crate::{
    policy::matcher::{Doubt, Matcher},
    script::Env,
    view::Position,
};

/// What may decide an obligation, in order.
#[derive(Debug, Default)]
pub(super) struct Signs {
    pub(super) sure: Evidence,
    pub(super) doubts: Vec<Doubt>,
}

impl Signs {
    pub(super) fn of(matcher: &Matcher, env: &Env<'_>) -> Self {
        let mut signs = Self::default();
        for found in matcher.positions(env) {
            match found {
                Ok(position) => signs.sure.push(position),
                Err(doubt) => signs.doubts.push(*doubt),
            }
        }
        signs
    }

    /// Of a matcher that may be left out.
    pub(super) fn of_any(matcher: Option<&Matcher>, env: &Env<'_>) -> Self {
        matcher.map(|matcher| Self::of(matcher, env)).unwrap_or_default()
    }

    /// The first that fits, and the first that may.
    pub(super) fn first(&self, fits: impl Fn(Position) -> bool) -> (Option<Position>, Option<&Doubt>) {
        (self.sure.iter().copied().find(|sign| fits(*sign)), self.doubts.iter().find(|doubt| fits(doubt.position)))
    }

    /// All of them, as if those had been told that may be meant.
    pub(super) fn all(&self) -> Evidence {
        let mut all: Evidence = self.sure.iter().copied().chain(self.doubts.iter().map(|doubt| doubt.position)).collect();
        all.sort_unstable();
        all
    }
}
