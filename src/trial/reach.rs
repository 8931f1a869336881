//! How far tests reach: which clauses they expect something of, and whether a violation and its contrary are among it. Nothing is judged.

use std::collections::{BTreeMap, BTreeSet};

use super::read::read_trials;
use crate::{
    diagnostic::Problems,
    finding::State,
    form::Rule,
    policy::{
        PolicySet,
        sources::{Role, Sources},
    },
    time::Zone,
};

/// What tests expect of a clause.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// The numbers of the tests, over all files.
    pub tests: BTreeSet<usize>,
    /// One expects a violation.
    pub violated: bool,
    /// One expects that it is kept.
    pub kept: bool,
}

/// By clause, what the tests of all policies expect.
pub fn reach(sources: &Sources, set: &PolicySet, problems: &mut Problems) -> BTreeMap<String, Reach> {
    let mut reach: BTreeMap<String, Reach> = BTreeMap::new();
    let mut number = 0;
    for source in sources.of(Role::Test) {
        let Some(edition) = set.editions.iter().find(|edition| edition.folder == source.folder) else { continue };
        for trial in read_trials(&source.file, &edition.id, Zone::UTC, problems) {
            number += 1;
            for expectation in &trial.expect {
                let entry = reach.entry(expectation.clause.clone()).or_default();
                entry.tests.insert(number);
                let clause = set.named(&expectation.clause).next().map(|(_, clause)| clause);
                let states = || State::ALL.iter().filter(|state| expectation.states.iter().any(|word| word == state.word()));
                entry.violated |= states().any(|state| state.is_violation());
                entry.kept |= match clause.map(|clause| (clause.form, &clause.rule)) {
                    // These say so by their silence, and while the term runs.
                    Some(("forbid" | "rule", _) | ("limit", Rule::Population(_))) if expectation.states.is_empty() => true,
                    Some(("retention", _)) if states().any(|state| *state == State::Pending) => true,
                    _ => states().any(|state| *state == State::Met),
                };
            }
        }
    }
    reach
}
