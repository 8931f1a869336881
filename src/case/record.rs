//! A case as the store knows it: what happened, and when each part of it was recorded.

use serde::{Deserialize, Serialize};

use super::{Case, Event, FACTS, Values};
use crate::time::Instant;

/// A stored case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseRecord {
    /// The case's id.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// The case it is part of, as last given.
    pub part_of: Option<String>,
    /// The first set holds from the case's first event; each later one from its recorded instant.
    pub facts: Vec<FactSet>,
    /// In order: by when they happened, then by arrival.
    pub events: Vec<EventRecord>,
}

/// Facts that were recorded together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactSet {
    /// When they were recorded.
    pub recorded: Instant,
    /// In the first set all that were given, later only what was new or different.
    pub values: Values,
}

/// An event and when it was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRecord {
    /// When it was recorded.
    pub recorded: Instant,
    /// When it was taken back.
    pub retracted: Option<Instant>,
    /// The event.
    pub event: Event,
}

impl EventRecord {
    fn is_known(&self, known: Option<Instant>) -> bool {
        known.is_none_or(|known| self.recorded <= known) && !self.is_retracted(known)
    }

    fn is_retracted(&self, known: Option<Instant>) -> bool {
        self.retracted.is_some_and(|retracted| known.is_none_or(|known| retracted <= known))
    }
}

impl CaseRecord {
    /// As [`Self::known_at`], without copying where everything is known and nothing was changed or retracted.
    #[must_use]
    pub fn into_known_at(self, known: Option<Instant>) -> Option<Case> {
        if known.is_some() || self.facts.len() != 1 || self.events.iter().any(|event| event.retracted.is_some()) {
            return self.known_at(known);
        }
        Some(Case {
            facts: self.facts.into_iter().next()?.values,
            id: self.id,
            kind: self.kind,
            part_of: self.part_of,
            events: self.events.into_iter().map(|event| event.event).collect(),
        })
    }

    /// The case as it was known at an instant, inclusive; as it is known now where none is given. `None` when
    /// nothing of the case had been recorded by then.
    ///
    /// Later sets of facts become events of type `facts` at their recorded instants. Events that had been retracted
    /// are left out.
    #[must_use]
    pub fn known_at(&self, known: Option<Instant>) -> Option<Case> {
        let (first, later) = self.facts.split_first()?;
        if known.is_some_and(|known| known < first.recorded) {
            return None;
        }
        let told = self.events.iter().filter(|event| event.is_known(known)).map(|event| event.event.clone());
        let mut events: Vec<Event> = told.collect();
        let changes = later.iter().filter(|set| known.is_none_or(|known| set.recorded <= known));
        let before = events.len();
        events.extend(changes.map(FactSet::as_event));
        if events.len() > before {
            events.sort_by_key(|event| event.at);
        }
        Some(Case { id: self.id.clone(), kind: self.kind.clone(), part_of: self.part_of.clone(), facts: first.values.clone(), events })
    }
}

impl FactSet {
    fn as_event(&self) -> Event {
        Event {
            id: format!("{FACTS}@{}", self.recorded.millis()),
            kind: FACTS.to_owned(),
            at: self.recorded,
            by: None,
            role: None,
            data: self.values.clone(),
        }
    }
}
