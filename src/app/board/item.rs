//! One obligation that is not met, as the board holds it.

use super::names::Name;
use crate::{desk::Hand, finding::State, policy::clause::Severity, store::FindingKey, time::Instant};

/// An obligation that is not met: all that counting, choosing and sorting need. In words it is put only when a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The case; `None` for a clause over many cases.
    pub case: Option<Box<str>>,
    /// The group of a clause over many cases.
    pub group: Option<Box<str>>,
    /// The clause, by its number on the board.
    pub clause: Name,
    /// The obligation of this clause.
    pub instance: Box<str>,
    pub(super) state: State,
    pub(super) open: bool,
    pub(super) alarm: Option<Instant>,
    /// When it must be done.
    pub due: Option<Instant>,
    /// Whose move it is: a role.
    pub role: Option<Name>,
    /// The kind of case.
    pub kind: Option<Name>,
    /// The case's site.
    pub site: Option<Name>,
    /// When it was found first, for a finding; `None` when no run has found it yet.
    pub first_seen: Option<Instant>,
    /// How often it came back after it was cleared.
    pub reopened: u32,
    /// The person to whom it was given.
    pub to: Option<Name>,
    /// Whether somebody took note of it.
    pub seen: bool,
}

/// How an obligation stands at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stands {
    /// Its state.
    pub state: State,
    /// A violation that is not settled.
    pub open: bool,
}

impl Item {
    /// How it stands at an instant: what waits falls due by nothing but the passing of time.
    #[must_use]
    pub fn stands(&self, at: Instant) -> Stands {
        match (self.due, self.alarm) {
            (Some(due), Some(alarm)) if alarm <= at && matches!(self.state, State::Pending | State::DueSoon) => {
                let late = at > due;
                Stands { state: if late { State::Overdue } else { State::DueSoon }, open: late }
            }
            _ => Stands { state: self.state, open: self.open },
        }
    }

    pub(super) fn take(&mut self, hand: &Hand, to: Option<Name>) {
        self.to = to;
        self.seen = hand.seen.is_some();
    }
}

/// A clause as the board shows it.
#[derive(Clone, Debug)]
pub struct ClauseRow {
    /// `policy/article`.
    pub id: String,
    /// The policy, by number.
    pub policy: Name,
    /// How much a violation matters.
    pub severity: Severity,
    /// The form's name.
    pub form: &'static str,
    /// The clause's index in the policy set; `None` when the policies have it no longer.
    pub index: Option<usize>,
}

impl super::Board {
    /// What identifies an item.
    #[must_use]
    pub fn key(&self, item: &Item) -> FindingKey {
        FindingKey {
            case: item.case.as_deref().map(str::to_owned),
            group: item.group.as_deref().map(str::to_owned),
            clause: self.clause(item).map_or_else(String::new, |row| row.id.clone()),
            instance: item.instance.to_string(),
        }
    }

    /// The clause of an item.
    #[must_use]
    pub fn clause(&self, item: &Item) -> Option<&ClauseRow> {
        usize::try_from(item.clause).ok().and_then(|number| self.clauses.get(number))
    }
}
