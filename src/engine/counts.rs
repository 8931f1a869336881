//! How many obligations are in each state.

use serde::{Deserialize, Serialize};

use crate::finding::State;

/// A number for each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts([u64; State::ALL.len()]);

impl Counts {
    /// Adds to a state.
    pub fn add(&mut self, state: State, number: u64) {
        if let Some(count) = self.0.get_mut(state as usize) {
            *count = count.saturating_add(number);
        }
    }

    /// Takes off a state what had been added.
    pub fn take(&mut self, state: State, number: u64) {
        if let Some(count) = self.0.get_mut(state as usize) {
            *count = count.saturating_sub(number);
        }
    }

    /// How many there are in a state.
    #[must_use]
    pub fn of(&self, state: State) -> u64 {
        self.0.get(state as usize).copied().unwrap_or(0)
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        for state in State::ALL {
            self.add(*state, other.of(*state));
        }
    }

    /// Takes off all of another.
    pub fn part(&mut self, other: &Self) {
        for state in State::ALL {
            self.take(*state, other.of(*state));
        }
    }

    /// States that occur, the most pressing first, and how often.
    pub fn iter(&self) -> impl Iterator<Item = (State, u64)> {
        State::ALL.iter().map(|state| (*state, self.of(*state))).filter(|(_, count)| *count > 0)
    }
}
