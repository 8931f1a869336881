//! Values without allocation: what a lowered expression works on.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::{
    pack::TextId,
    time::{Instant, Span},
    value::Val,
};

/// The number of a text that a policy set names: two of them compare as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Symbol(u32);

impl Symbol {
    /// The number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The symbol of a number that [`Self::number`] gave.
    #[must_use]
    pub const fn of_number(number: u32) -> Self {
        Self(number)
    }
}

/// The texts that the clauses of a policy set compare with, numbered while they are compiled.
#[derive(Debug, Default)]
pub struct Symbols {
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    numbers: HashMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
}

impl Symbols {
    /// The symbol of a text; a new one when it has none.
    pub fn intern(&self, text: &str) -> Symbol {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = known.numbers.get(text) {
            return Symbol(*number);
        }
        let number = u32::try_from(known.texts.len()).unwrap_or(u32::MAX);
        let text: Arc<str> = text.into();
        known.texts.push(Arc::clone(&text));
        known.numbers.insert(text, number);
        Symbol(number)
    }

    /// The symbol of a text that has one.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Symbol> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).numbers.get(text).map(|number| Symbol(*number))
    }

    /// The text of a symbol.
    #[must_use]
    pub fn text(&self, symbol: Symbol) -> Arc<str> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        usize::try_from(symbol.0).ok().and_then(|number| known.texts.get(number)).map_or_else(|| "".into(), Arc::clone)
    }
}

/// A text, by reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// One of the policy set.
    Symbol(Symbol),
    /// One of the case.
    Own(TextId),
    /// One of the case that it is part of.
    Parent(TextId),
}

/// A value that can be copied.
#[derive(Clone, Copy, Debug)]
pub enum Atom {
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A decimal number.
    Decimal(Decimal),
    /// A text.
    Text(Word),
    /// An instant.
    Instant(Instant),
    /// A date.
    Date(NaiveDate),
    /// A span of time.
    Span(Span),
}

impl Atom {
    /// A value as an atom; a text becomes a symbol, and a list none.
    #[must_use]
    pub fn constant(value: &Val, symbols: &Symbols) -> Option<Self> {
        Some(match value {
            Val::Text(text) => Self::Text(Word::Symbol(symbols.intern(text))),
            other => return Self::plain(other),
        })
    }

    /// A value that is neither text nor list.
    #[must_use]
    pub fn plain(value: &Val) -> Option<Self> {
        Some(match value {
            Val::Boolean(flag) => Self::Boolean(*flag),
            Val::Integer(number) => Self::Integer(*number),
            Val::Decimal(number) => Self::Decimal(*number),
            Val::Instant(at) => Self::Instant(*at),
            Val::Date(date) => Self::Date(*date),
            Val::Span(span) => Self::Span(*span),
            Val::Text(_) | Val::List(_) => return None,
        })
    }

    /// As a number.
    #[must_use]
    pub fn number(self) -> Option<Decimal> {
        match self {
            Self::Integer(number) => Some(Decimal::from(number)),
            Self::Decimal(number) => Some(number),
            _ => None,
        }
    }
}
