//! The vocabulary as the clauses use it: each fact and event of each kind, the clauses that read it, the clauses that await it.

use serde_json::{Value, json};

use crate::{
    lang::{Lang, Text},
    policy::{
        PolicySet,
        outline::{Name, Outline, outlines},
        sources::Sources,
    },
};

/// A fact or an event of a kind.
#[derive(Debug)]
pub struct Word {
    /// The kind.
    pub kind: String,
    /// What people call the kind.
    pub kind_label: Text,
    /// Its name.
    pub name: String,
    /// What people call it.
    pub label: Text,
    /// The type of a fact; `None` for an event.
    pub fact: Option<&'static str>,
    /// It ends a case of the kind.
    pub ends: bool,
    /// The clauses that read it: a trigger, a condition, a figure.
    pub read_by: Vec<String>,
    /// The clauses that await it: it settles them.
    pub awaited_by: Vec<String>,
}

impl Word {
    /// Whether it is for nothing: no clause speaks of it, and it ends no case.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        self.read_by.is_empty() && self.awaited_by.is_empty() && !self.ends
    }

    /// The word as an object for programs.
    #[must_use]
    pub fn to_json(&self, lang: Lang) -> Value {
        json!({
            "kind": self.kind, "word": if self.fact.is_some() { "fact" } else { "event" }, "name": self.name, "label": self.label.get(lang),
            "type": self.fact, "ends": self.ends, "read_by": self.read_by, "awaited_by": self.awaited_by,
        })
    }
}

/// All facts and events, by kind in the order of their declarations.
#[must_use]
pub fn lexicon(sources: &Sources, set: &PolicySet) -> Vec<Word> {
    let (outlines, _) = outlines(sources, set);
    let mut words = Vec::new();
    for (index, kind) in set.kinds.iter().enumerate() {
        let facts = kind.facts.iter().map(|fact| (&fact.name, &fact.label, Some(fact.kind.name())));
        let events = kind.events.iter().map(|event| (&event.name, &event.label, None));
        for (name, label, fact) in facts.chain(events) {
            let key: Name = (index, name.clone());
            let awaits = |outline: &Outline| fact.is_none() && outline.awaits.contains(&key);
            let speaks = |outline: &Outline| if fact.is_some() { outline.facts.contains(&key) } else { outline.events.contains(&key) };
            words.push(Word {
                kind: kind.name.clone(),
                kind_label: kind.label.clone(),
                name: name.clone(),
                label: label.clone(),
                fact,
                ends: fact.is_none() && kind.event(name).is_some_and(|event| kind.ends.contains(&event)),
                read_by: ids(&outlines, |outline| speaks(outline) && !awaits(outline)),
                awaited_by: ids(&outlines, awaits),
            });
        }
    }
    words
}

/// The clauses of which something holds; versions of one count once.
fn ids(outlines: &[Outline], holds: impl Fn(&Outline) -> bool) -> Vec<String> {
    let mut list: Vec<String> = outlines.iter().filter(|outline| holds(outline)).map(|outline| outline.id.clone()).collect();
    list.dedup();
    list
}
