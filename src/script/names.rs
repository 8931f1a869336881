//! The names an expression may use.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use chrono::NaiveDate;

use crate::{
    atom::Symbols,
    diagnostic::Place,
    lang::Text,
    policy::{lookup::Lookup, vocabulary::Kind},
    time::{Instant, Zone},
    value::{Type, Val},
};

/// Names with a meaning of their own wherever an event is at hand.
pub const RESERVED: &[&str] = &["at", "by", "role", "data", "event_type"];

/// Words that rhai keeps for itself.
const RHAI_WORDS: &[&str] = &[
    "case",
    "new",
    "default",
    "match",
    "with",
    "package",
    "public",
    "protected",
    "static",
    "shared",
    "go",
    "spawn",
    "thread",
    "var",
    "void",
    "null",
    "nil",
    "super",
    "sync",
    "async",
    "await",
    "yield",
    "module",
    "use",
    "is",
    "goto",
    "let",
    "const",
    "if",
    "else",
    "while",
    "loop",
    "for",
    "in",
    "continue",
    "break",
    "return",
    "throw",
    "try",
    "catch",
    "fn",
    "private",
    "import",
    "export",
    "as",
    "true",
    "false",
    "this",
    "global",
    "switch",
    "do",
    "until",
    "eval",
    "print",
    "debug",
    "type_of",
    "call",
    "curry",
];

/// Whether a word can be the name of a fact; else why not.
///
/// # Errors
/// What is wrong with it.
pub fn is_name(name: &str) -> Result<(), Text> {
    let starts = name.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_');
    if !starts || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return Err(Text::new(
            format!("`{name}` cannot be used in expressions: take letters, digits and `_`, beginning with a letter"),
            format!("`{name}` 不能用于表达式：只能用字母、数字和 `_`，并以字母开头"),
        ));
    }
    if RESERVED.contains(&name) || RHAI_WORDS.contains(&name) {
        return Err(Text::new(
            format!("`{name}` is a reserved word; choose another name, for example `{name}_`"),
            format!("`{name}` 是保留字；请改名，例如 `{name}_`"),
        ));
    }
    Ok(())
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// A fact of the case, by slot.
    Fact(usize),
    /// A derived fact, by index.
    Derived(usize),
    /// A parameter, by index.
    Parameter(usize),
}

/// A figure of a policy; may change at dates, may be set by the company.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// What a person sees.
    pub label: Text,
    /// Values and the dates from which they hold, in order; the first holds before all.
    pub values: Vec<(NaiveDate, Val)>,
    /// The document leaves it open, and the company has not set it.
    pub assumed: bool,
    /// The article that names it.
    pub article: Option<String>,
    /// Where it is declared.
    pub place: Place,
}

impl Parameter {
    /// The value at an instant.
    #[must_use]
    pub fn at(&self, at: Instant, zone: Zone) -> Option<&Val> {
        if let [(_, only)] = self.values.as_slice() {
            return Some(only);
        }
        let date = at.date(zone);
        let in_force = self.values.iter().rev().find(|(since, _)| *since <= date);
        in_force.or_else(|| self.values.first()).map(|(_, value)| value)
    }

    /// Its type.
    #[must_use]
    pub fn kind(&self) -> Type {
        self.values.first().map_or(Type::Any, |(_, value)| value.kind())
    }
}

/// A fact computed from facts.
#[derive(Debug)]
pub struct Derived {
    /// Its name.
    pub name: String,
    /// What a person sees.
    pub label: Text,
    /// Its type.
    pub kind: Type,
    /// Its value.
    pub value: Lookup,
}

/// The names that expressions of one policy version may use on one kind.
#[derive(Debug)]
pub struct Names {
    /// The kind whose facts and events are meant.
    pub kind: Arc<Kind>,
    /// Parameters.
    pub parameters: Vec<Parameter>,
    /// Derived facts.
    pub derived: Vec<Derived>,
    /// Types of derived facts, known before their values are compiled.
    pub derived_types: Vec<(String, Type, Vec<(String, Text)>)>,
    /// The texts that expressions compare with.
    pub symbols: Arc<Symbols>,
    bindings: HashMap<String, Binding>,
}

impl Names {
    /// The names of a kind's facts, a policy's parameters and its derived facts.
    #[must_use]
    pub fn new(
        kind: Arc<Kind>,
        parameters: Vec<Parameter>,
        derived_types: Vec<(String, Type, Vec<(String, Text)>)>,
        symbols: Arc<Symbols>,
    ) -> Self {
        let mut bindings = HashMap::new();
        for (index, parameter) in parameters.iter().enumerate() {
            bindings.insert(parameter.name.clone(), Binding::Parameter(index));
        }
        for (slot, fact) in kind.facts.iter().enumerate() {
            bindings.insert(fact.name.clone(), Binding::Fact(slot));
        }
        for (index, (name, ..)) in derived_types.iter().enumerate() {
            bindings.insert(name.clone(), Binding::Derived(index));
        }
        Self { kind, parameters, derived: Vec::new(), derived_types, symbols, bindings }
    }

    /// What a name stands for.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Binding> {
        self.bindings.get(name).copied()
    }

    /// The type of what a name stands for, and its allowed values when it has such.
    #[must_use]
    pub fn type_of(&self, binding: Binding) -> (Type, &[(String, Text)]) {
        match binding {
            Binding::Fact(slot) => self.kind.facts.get(slot).map_or((Type::Any, &[]), |fact| (fact.kind, &fact.values)),
            Binding::Derived(index) => self.derived_types.get(index).map_or((Type::Any, &[]), |(_, kind, values)| (*kind, values)),
            Binding::Parameter(index) => self.parameters.get(index).map_or((Type::Any, &[]), |parameter| (parameter.kind(), &[])),
        }
    }

    /// All names, in order.
    #[must_use]
    pub fn all(&self) -> BTreeMap<&str, Binding> {
        self.bindings.iter().map(|(name, binding)| (name.as_str(), *binding)).collect()
    }
}
