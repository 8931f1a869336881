//! How a case stood.

use serde::{Deserialize, Serialize};

use crate::{engine::Counts, finding::State, population::Member, time::Instant};

/// The state of an obligation, as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing(u8);

impl Standing {
    /// The state.
    #[must_use]
    pub fn state(self) -> State {
        State::ALL.iter().copied().find(|state| *state as u8 == self.0).unwrap_or(State::Undetermined)
    }
}

impl From<State> for Standing {
    fn from(state: State) -> Self {
        Self(state as u8)
    }
}

/// Whose move it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mover {
    /// Nobody's.
    Nobody,
    /// The clause's owner's.
    Owner,
    /// That of another role.
    Role(String),
}

/// An obligation that is not simply met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The clause's number in the sheet.
    pub clause: u16,
    /// What tells it from others of its clause.
    pub instance: String,
    /// Its state.
    pub standing: Standing,
    /// A violation that is not settled.
    pub open: bool,
    /// When it must be done.
    pub due: Option<Instant>,
    /// When its state changes by nothing but the passing of time.
    pub alarm: Option<Instant>,
    /// Whose move it is.
    pub mover: Mover,
    /// The as-of of the run that found it first, for a finding.
    pub first_seen: Option<Instant>,
    /// How often it came back after it was cleared.
    pub reopened: u32,
}

impl Known {
    /// Whether it is told of as a finding: a violation that is open, what falls due soon, what cannot be told.
    #[must_use]
    pub fn is_finding(&self) -> bool {
        let state = self.standing.state();
        state.is_finding() && (self.open || !state.is_violation())
    }

    /// Moves on to an instant, where only time makes a difference.
    pub fn advance(&mut self, as_of: Instant) {
        let Some(due) = self.due.filter(|_| self.alarm.is_some_and(|alarm| alarm <= as_of)) else { return };
        let late = as_of > due;
        self.standing = if late { State::Overdue } else { State::DueSoon }.into();
        self.open = late;
        self.alarm = (!late).then(|| due.plus(1));
    }
}

/// A finding that was cleared, in case it comes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// The clause's number in the sheet.
    pub clause: u16,
    /// What told it from others of its clause.
    pub instance: String,
    /// How often it was cleared.
    pub times: u32,
}

/// What an entry says besides when it is to be looked at again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rest {
    /// Clauses with obligations that are met, and how many.
    pub met: Vec<(u16, u32)>,
    /// All other obligations, in order of clauses.
    pub known: Vec<Known>,
    /// Findings that were cleared.
    pub past: Vec<Past>,
    /// What the case contributes to clauses over many cases.
    pub members: Vec<(u16, Member)>,
    /// The case's kind, when no policy knows it.
    pub unknown: Option<String>,
}

impl Rest {
    /// Adds how many obligations are in each state, by clause.
    pub fn count(&self, mut add: impl FnMut(u16, State, u64)) {
        for (clause, number) in &self.met {
            add(*clause, State::Met, u64::from(*number));
        }
        for known in &self.known {
            add(known.clause, known.standing.state(), 1);
        }
    }

    /// How many obligations are in each state.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        self.count(|_, state, number| counts.add(state, number));
        counts
    }

    /// The next instant at which time alone changes something.
    #[must_use]
    pub fn alarm(&self) -> Option<Instant> {
        self.known.iter().filter_map(|known| known.alarm).min()
    }
}

/// How a case stood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The case.
    pub id: String,
    /// From when on it must be judged again, whatever happens.
    pub rejudge: Option<Instant>,
    /// The rest.
    pub rest: Rest,
}

impl Entry {
    /// When it is to be looked at again: to be judged, or because time alone changes something.
    #[must_use]
    pub fn wake(&self) -> Option<Instant> {
        [self.rejudge, self.rest.alarm()].into_iter().flatten().min()
    }
}
