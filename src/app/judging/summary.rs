//! What judging many cases came to, besides the findings.

use std::collections::BTreeMap;

use crate::{
    engine::{Counts, Judged},
    finding::State,
    time::Instant,
};

/// What came of it, besides the findings.
#[derive(Debug, Default)]
pub struct Summary {
    /// How many cases were judged.
    pub cases: u64,
    /// How many obligations are in each state.
    pub counts: Counts,
    /// Kinds that no policy knows, and how many cases have them.
    pub unknown_kinds: BTreeMap<String, u64>,
    /// The next instant at which any verdict changes if nothing happens.
    pub valid_until: Option<Instant>,
}

impl Summary {
    /// How many obligations are in a state.
    #[must_use]
    pub fn count(&self, state: State) -> u64 {
        self.counts.of(state)
    }

    pub(super) fn add(&mut self, judged: &Judged) {
        self.cases += 1;
        self.counts.merge(&judged.counts);
        self.valid_until = [self.valid_until, judged.valid_until].into_iter().flatten().min();
    }

    pub(super) fn add_unknown(&mut self, kind: &str) {
        self.cases += 1;
        *self.unknown_kinds.entry(kind.to_owned()).or_default() += 1;
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.cases += other.cases;
        self.counts.merge(&other.counts);
        for (kind, count) in other.unknown_kinds {
            *self.unknown_kinds.entry(kind).or_default() += count;
        }
        self.valid_until = [self.valid_until, other.valid_until].into_iter().flatten().min();
    }
}
