//! What is known of a clause besides its text: how its obligations came out at the last run, and which tests speak of it.

use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::{
    diagnostic::{Place, Problems},
    engine::Counts,
    finding::State,
    policy::{
        PolicySet,
        sources::{Role, Sources},
    },
    store::{Store, StoreError},
    time::{Instant, Zone},
    trial::read_trials,
};

/// How the obligations of a clause came out at the last run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outturn {
    /// How many were in each state.
    pub counts: Counts,
    /// How many violations were not settled.
    pub open: u64,
}

impl Outturn {
    /// How many were violations: met late, overdue or breached.
    #[must_use]
    pub fn violations(&self) -> u64 {
        State::ALL.iter().filter(|state| state.is_violation()).map(|state| self.counts.of(*state)).sum()
    }

    /// How many it can be told of whether they were kept: those that were met, and the violations.
    #[must_use]
    pub fn told(&self) -> u64 {
        self.counts.of(State::Met) + self.violations()
    }

    /// How many there were in any state.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.counts.iter().map(|(_, count)| count).sum()
    }

    /// The fire rate in percent, with one decimal: violations among what can be told. `None` where nothing can.
    #[must_use]
    pub fn rate(&self) -> Option<Decimal> {
        let told = self.told();
        let share = Decimal::from(self.violations().saturating_mul(100)).checked_div(Decimal::from(told))?;
        Some(share.round_dp_with_strategy(1, rust_decimal::RoundingStrategy::MidpointAwayFromZero).normalize())
    }
}

/// By clause, how its obligations came out at the last run, and for which instant that was; `None` before the first.
///
/// # Errors
/// When the store cannot be read.
pub fn outturns(store: &Store) -> Result<Option<(Instant, HashMap<String, Outturn>)>, StoreError> {
    let Some(sheet) = store.sheet()? else { return Ok(None) };
    let mut map: HashMap<String, Outturn> = HashMap::new();
    for row in sheet.clauses {
        let outturn = map.entry(row.id).or_default();
        outturn.counts.merge(&row.counts);
        outturn.open += row.open;
    }
    Ok(Some((sheet.as_of, map)))
}

/// A test that speaks of a clause.
#[derive(Clone, Debug)]
pub struct Naming {
    /// What it shows.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// What it expects of the clause, and at which instant; no state where it expects that there is no obligation.
    pub expects: Vec<(Instant, Vec<String>)>,
}

/// The tests that speak of a clause, in order of the files; none where the files of tests were not read.
#[must_use]
pub fn tests_of(sources: &Sources, set: &PolicySet, id: &str) -> Vec<Naming> {
    let policy = id.split('/').next().unwrap_or("");
    let zone = set.clauses.iter().find(|clause| clause.properties.policy == policy).map_or(Zone::UTC, |clause| clause.setup.zone());
    // A test file that does not read well is `duly test`'s to tell of.
    let mut problems = Problems::default();
    let mut list = Vec::new();
    for source in sources.of(Role::Test) {
        if !set.editions.iter().any(|edition| edition.id == policy && edition.folder == source.folder) {
            continue;
        }
        for trial in read_trials(&source.file, policy, zone, &mut problems) {
            let own = trial.expect.into_iter().filter(|expectation| expectation.clause == id);
            let expects: Vec<_> = own.map(|expectation| (expectation.at, expectation.states)).collect();
            if !expects.is_empty() {
                list.push(Naming { name: trial.name, place: trial.place, expects });
            }
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_counts_what_can_be_told() {
        let mut outturn = Outturn::default();
        assert_eq!(outturn.rate(), None);
        for (state, count) in
            [(State::Met, 5), (State::MetLate, 1), (State::Overdue, 1), (State::Pending, 40), (State::Undetermined, 9), (State::Waived, 3)]
        {
            outturn.counts.add(state, count);
        }
        assert_eq!((outturn.told(), outturn.violations(), outturn.all()), (7, 2, 59));
        assert_eq!(outturn.rate().map(|rate| rate.to_string()).as_deref(), Some("28.6"));
    }
}
