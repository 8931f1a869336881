//! The head of a step, a fact or a field: its name, its chance, and the facts on which it hangs.

use super::super::rng::Rng;
use crate::case::{Value, Values};

/// `NAME [N%] [if FACT | if !FACT | if FACT=VALUE | if FACT!=VALUE]...`
#[derive(Debug, Default)]
pub(super) struct Head {
    /// The name; empty for steps that belong together.
    pub(super) name: String,
    /// In how many of a hundred cases.
    chance: Option<i64>,
    holds: Vec<Condition>,
}

#[derive(Debug)]
struct Condition {
    fact: String,
    /// The value as text; `None` asks for `true`.
    value: Option<String>,
    not: bool,
}

impl Head {
    /// With this name, always.
    pub(super) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Takes `N%`; whether it was one.
    pub(super) fn take_chance(&mut self, word: &str) -> bool {
        let chance = word.strip_suffix('%').and_then(|number| number.parse().ok());
        self.chance = chance.or(self.chance);
        chance.is_some()
    }

    /// Takes what stands behind `if`.
    pub(super) fn take_condition(&mut self, word: &str) {
        let (left, value) = word.split_once('=').map_or((word, None), |(left, value)| (left, Some(value.to_owned())));
        let fact = left.trim_matches('!').to_owned();
        self.holds.push(Condition { not: fact.len() != left.len(), fact, value });
    }

    /// Whether the facts allow it.
    pub(super) fn fits(&self, facts: &Values) -> bool {
        self.holds.iter().all(|condition| condition.holds(facts))
    }

    /// Whether chance brings it.
    pub(super) fn strikes(&self, rng: &mut Rng) -> bool {
        self.chance.is_none_or(|chance| rng.chance(chance))
    }
}

impl Condition {
    fn holds(&self, facts: &Values) -> bool {
        let found = facts.get(&self.fact);
        let same = match &self.value {
            Some(wanted) => found.is_some_and(|value| is_text(value, wanted)),
            None => found == Some(&Value::Bool(true)),
        };
        same != self.not
    }
}

fn is_text(value: &Value, wanted: &str) -> bool {
    match value {
        Value::Text(text) => text == wanted,
        Value::Int(number) => number.to_string() == wanted,
        Value::Bool(truth) => truth.to_string() == wanted,
        _ => false,
    }
}
