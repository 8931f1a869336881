//! The kinds of cases, with their facts and events: what clauses may speak of, and what a source may send.

use std::collections::HashMap;

use crate::{diagnostic::Place, lang::Text, value::Type};

/// The event type id of a type that no policy declares.
pub const UNKNOWN_EVENT: u16 = u16::MAX;

/// A fact that a case of a kind may have, or a field of an event's data.
#[derive(Clone, Debug)]
pub struct FactDecl {
    /// Its name in expressions.
    pub name: String,
    /// What a person sees.
    pub label: Text,
    /// Its type.
    pub kind: Type,
    /// The unit of a number.
    pub unit: Option<String>,
    /// The allowed values with their labels; empty when any value is.
    pub values: Vec<(String, Text)>,
    /// The least allowed number.
    pub min: Option<i64>,
    /// Where it is declared.
    pub place: Place,
}

/// An event type of a kind.
#[derive(Clone, Debug)]
pub struct EventDecl {
    /// The type.
    pub name: String,
    /// What a person sees.
    pub label: Text,
    /// The fields of its data.
    pub data: Vec<FactDecl>,
    /// Where it is declared.
    pub place: Place,
}

/// A kind of case.
#[derive(Clone, Debug)]
pub struct Kind {
    /// Its id.
    pub name: String,
    /// What a person sees.
    pub label: Text,
    /// A department, a site, a part: always there, with duties of its own.
    pub standing: bool,
    /// Facts, by slot.
    pub facts: Vec<FactDecl>,
    /// Event types, by id.
    pub events: Vec<EventDecl>,
    /// Ids of the event types that end a case.
    pub ends: Vec<u16>,
    /// Where it is first declared.
    pub place: Place,
    fact_slots: HashMap<String, usize>,
    event_ids: HashMap<String, u16>,
}

impl Kind {
    /// A kind without facts and events.
    #[must_use]
    pub fn new(name: &str, label: Text, standing: bool, place: Place) -> Self {
        Self {
            name: name.to_owned(),
            label,
            standing,
            facts: Vec::new(),
            events: Vec::new(),
            ends: Vec::new(),
            place,
            fact_slots: HashMap::new(),
            event_ids: HashMap::new(),
        }
    }

    /// The slot of a fact.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<usize> {
        self.fact_slots.get(name).copied()
    }

    /// The id of an event type.
    #[must_use]
    pub fn event(&self, name: &str) -> Option<u16> {
        self.event_ids.get(name).copied()
    }

    /// The id of an event type, [`UNKNOWN_EVENT`] when not declared.
    #[must_use]
    pub fn event_or_unknown(&self, name: &str) -> u16 {
        self.event(name).unwrap_or(UNKNOWN_EVENT)
    }

    /// The label of an event type.
    #[must_use]
    pub fn event_label(&self, id: u16) -> Text {
        self.events.get(usize::from(id)).map_or_else(Text::default, |event| event.label.clone())
    }

    /// Adds a fact, or the declaration it disagrees with.
    ///
    /// # Errors
    /// The earlier declaration, when its type or its allowed values differ.
    pub fn add_fact(&mut self, fact: FactDecl) -> Result<(), FactDecl> {
        if let Some(known) = self.fact(&fact.name).and_then(|slot| self.facts.get(slot)) {
            let names = |decl: &FactDecl| decl.values.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
            if known.kind == fact.kind && names(known) == names(&fact) {
                return Ok(());
            }
            return Err(known.clone());
        }
        self.fact_slots.insert(fact.name.clone(), self.facts.len());
        self.facts.push(fact);
        Ok(())
    }

    /// Adds an event type; the fields of two declarations merge.
    ///
    /// # Errors
    /// The earlier declaration of a field, when its type differs.
    pub fn add_event(&mut self, event: EventDecl) -> Result<(), FactDecl> {
        if let Some(known) = self.event(&event.name).and_then(|id| self.events.get_mut(usize::from(id))) {
            for field in event.data {
                match known.data.iter().find(|known| known.name == field.name) {
                    Some(earlier) if earlier.kind != field.kind => return Err(earlier.clone()),
                    Some(_) => {}
                    None => known.data.push(field),
                }
            }
            return Ok(());
        }
        let id = u16::try_from(self.events.len()).unwrap_or(UNKNOWN_EVENT);
        self.event_ids.insert(event.name.clone(), id);
        self.events.push(event);
        Ok(())
    }
}

/// All kinds of a policy set.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    /// The kinds, by index.
    pub kinds: Vec<Kind>,
    index: HashMap<String, usize>,
}

impl Vocabulary {
    /// The index of a kind.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    /// A kind by name.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<&Kind> {
        self.find(name).and_then(|index| self.kinds.get(index))
    }

    /// The kind of a name, made when it is new.
    pub fn entry(&mut self, name: &str, make: impl FnOnce() -> Kind) -> Option<&mut Kind> {
        let index = *self.index.entry(name.to_owned()).or_insert_with(|| {
            self.kinds.push(make());
            self.kinds.len() - 1
        });
        self.kinds.get_mut(index)
    }
}
