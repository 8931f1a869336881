//! The same cases judged by two policy sets: which are newly violated, cleared or moved. An officer asks this before every change.

use std::collections::BTreeMap;

use crate::{
    finding::{Obligation, State},
    time::Instant,
};

/// What identifies an obligation under both sets.
pub type Key = (Option<String>, Option<String>, String, String);

/// How an obligation differs between two policy sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A violation that was none.
    NewlyViolated,
    /// No violation any more.
    Cleared,
    /// Due at another instant.
    Moved,
    /// In another state otherwise: it appeared, went, or changed.
    Other,
}

impl Change {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::NewlyViolated, Self::Cleared, Self::Moved, Self::Other];

    /// How an obligation differs; `None` where it stands as it stood.
    #[must_use]
    pub fn between(before: Option<Brief>, after: Option<Brief>) -> Option<Self> {
        let violated = |brief: Option<Brief>| brief.is_some_and(|brief| brief.state.is_violation());
        match (violated(before), violated(after)) {
            (false, true) => Some(Self::NewlyViolated),
            (true, false) => Some(Self::Cleared),
            _ if before == after => None,
            _ => match before.zip(after) {
                Some((before, after)) if before.due != after.due => Some(Self::Moved),
                _ => Some(Self::Other),
            },
        }
    }

    /// The word in output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NewlyViolated => "newly_violated",
            Self::Cleared => "cleared",
            Self::Moved => "moved",
            Self::Other => "other",
        }
    }

    /// What a person sees.
    #[must_use]
    pub const fn label(self) -> (&'static str, &'static str) {
        match self {
            Self::NewlyViolated => ("newly violated", "新增违反"),
            Self::Cleared => ("cleared", "不再违反"),
            Self::Moved => ("due moved", "到期变动"),
            Self::Other => ("other change", "其他变化"),
        }
    }
}

/// What is compared of an obligation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brief {
    /// Its state.
    pub state: State,
    /// When it is due.
    pub due: Option<Instant>,
}

/// One difference.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The obligation.
    pub key: Key,
    /// How it differs.
    pub change: Change,
    /// Under the policies compared against; `None` when it is not there.
    pub before: Option<Brief>,
    /// Under the policies asked about; `None` when it is not there.
    pub after: Option<Brief>,
}

/// The obligations of one set, by key.
#[derive(Debug, Default)]
pub struct Side {
    map: BTreeMap<Key, Brief>,
}

impl Side {
    /// Takes an obligation in.
    pub fn add(&mut self, obligation: Obligation) {
        let brief = Brief { state: obligation.state, due: obligation.due.map(|due| due.at) };
        self.map.insert((obligation.case, obligation.group, obligation.clause_id, obligation.instance), brief);
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }
}

/// The differences between two sets, in order of cases; the second figure counts what is unchanged.
#[must_use]
pub fn differences(before: &Side, after: &Side) -> (Vec<Difference>, usize) {
    let mut list = Vec::new();
    let mut same = 0;
    let mut keys: Vec<&Key> = before.map.keys().chain(after.map.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        let (old, new) = (before.map.get(key).copied(), after.map.get(key).copied());
        match Change::between(old, new) {
            Some(change) => list.push(Difference { key: key.clone(), change, before: old, after: new }),
            None => same += 1,
        }
    }
    list.sort_by(|a, b| (a.change, &a.key).cmp(&(b.change, &b.key)));
    (list, same)
}
