//! Event matchers: which events a clause means.

use std::ops::Range;

use super::lookup::Name;
use crate::{
    atom::Word,
    lang::Text,
    script::{Env, Expr, Trouble},
    view::{CaseView, Position, Present, Seen},
};

/// Which event types an alternative takes.
#[derive(Clone, Debug)]
pub(super) enum Types {
    Any,
    Opened,
    These(Vec<u16>, Present),
}

#[derive(Debug)]
pub(super) struct Alternative {
    pub(super) types: Types,
    pub(super) role: Option<Name>,
    pub(super) by: Option<Name>,
    pub(super) when: Option<Expr>,
    /// The kind of the case that this one is part of, when its events are meant.
    pub(super) parent: Option<usize>,
}

/// Matches events: any of its alternatives.
#[derive(Debug)]
pub struct Matcher {
    alternatives: Vec<Alternative>,
    /// The only type that it takes, of events of the case itself.
    single: Option<u16>,
    /// What it means, for people.
    pub label: Text,
}

/// An event of which it cannot be told whether it matches.
#[derive(Clone, Debug)]
pub struct Doubt {
    /// Its position.
    pub position: Position,
    /// What the condition misses.
    pub trouble: Trouble,
}

/// The matching positions, in order.
pub struct Matches<'a> {
    matcher: &'a Matcher,
    env: Env<'a>,
    next: Option<Position>,
    end: Position,
}

impl Iterator for Matches<'_> {
    type Item = Result<Position, Box<Doubt>>;

    fn next(&mut self) -> Option<Self::Item> {
        let view = self.env.view;
        while let Some(position) = self.next.filter(|position| *position < self.end) {
            let seen = view.seen(position)?;
            self.next = if self.matcher.single.is_some() { view.next_of(position) } else { Some(position + 1) };
            match self.matcher.matches(&self.env, position, seen) {
                Ok(true) => return Some(Ok(position)),
                Ok(false) => {}
                Err(trouble) => return Some(Err(Box::new(Doubt { position, trouble }))),
            }
        }
        None
    }
}

impl Matches<'_> {
    /// The first that matches and fits.
    ///
    /// # Errors
    /// The first that fits of which it cannot be told, where none surely matches.
    pub fn first(self, fits: impl Fn(Position) -> bool) -> Result<Option<Position>, Box<Doubt>> {
        let mut unsure = None;
        for found in self {
            match found {
                Ok(position) if fits(position) => return Ok(Some(position)),
                Err(doubt) if unsure.is_none() && fits(doubt.position) => unsure = Some(doubt),
                Ok(_) | Err(_) => {}
            }
        }
        unsure.map_or(Ok(None), Err)
    }
}

impl Matcher {
    /// Whether the event at a position matches.
    ///
    /// # Errors
    /// What the condition misses.
    pub fn matches(&self, env: &Env<'_>, position: Position, seen: &Seen) -> Result<bool, Trouble> {
        for alternative in &self.alternatives {
            if alternative.matches(env, position, seen)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// All matching positions, in order; and those of which it cannot be told.
    pub fn positions<'a>(&'a self, env: &Env<'a>) -> Matches<'a> {
        self.positions_in(env, 0..Position::MAX)
    }

    /// The same, in a stretch of the case.
    pub fn positions_in<'a>(&'a self, env: &Env<'a>, stretch: Range<Position>) -> Matches<'a> {
        let next = match self.single {
            Some(kind) => env.view.all_of(kind).find(|position| *position >= stretch.start),
            None => Some(stretch.start),
        };
        Matches { matcher: self, env: *env, next, end: stretch.end }
    }

    /// The matching positions, those whose condition cannot be told left out.
    pub fn certain<'a>(&'a self, env: &Env<'a>) -> impl Iterator<Item = Position> + use<'a> {
        self.positions(env).filter_map(Result::ok)
    }

    /// Ids of the event types of the case itself that can match; empty when any can, or those of another case.
    #[must_use]
    pub fn types(&self) -> Vec<u16> {
        let mut list = Vec::new();
        for alternative in &self.alternatives {
            match (&alternative.types, alternative.parent) {
                (Types::These(ids, _), None) => list.extend(ids),
                _ => return Vec::new(),
            }
        }
        list
    }

    /// The only type that it takes, where it asks for nothing else.
    #[must_use]
    pub fn plain(&self) -> Option<u16> {
        self.single.filter(|_| self.alternatives.iter().all(Alternative::is_plain))
    }

    /// Whether it takes an event for its type alone; `None` when it asks for more.
    #[must_use]
    pub fn takes_type(&self, view: &CaseView, seen: &Seen) -> Option<bool> {
        match self.alternatives.as_slice() {
            [only] if only.is_plain() => Some(only.fits(view, seen)),
            _ => None,
        }
    }

    /// Whether it takes a type of the case itself; `None` when it asks for more.
    #[must_use]
    pub fn takes_kind(&self, kind: u16) -> Option<bool> {
        match self.alternatives.as_slice() {
            [only @ Alternative { types: Types::These(ids, set), .. }] if only.is_plain() => Some(is_among(ids, set, kind)),
            _ => None,
        }
    }

    /// The only type that it takes, where it asks for nothing else but a role.
    #[must_use]
    pub fn plain_with_role(&self) -> Option<(u16, Option<&Name>)> {
        match (self.single, self.alternatives.as_slice()) {
            (Some(kind), [Alternative { role, by: None, when: None, .. }]) => Some((kind, role.as_ref())),
            _ => None,
        }
    }

    /// The conditions on events.
    pub fn conditions(&self) -> impl Iterator<Item = &Expr> {
        self.alternatives.iter().filter_map(|alternative| alternative.when.as_ref())
    }
}

impl Alternative {
    /// Asks for nothing but a type.
    const fn is_plain(&self) -> bool {
        self.role.is_none() && self.by.is_none() && self.when.is_none() && self.parent.is_none() && matches!(self.types, Types::These(..))
    }

    fn fits(&self, view: &CaseView, seen: &Seen) -> bool {
        self.parent.is_some() == seen.of_parent
            && (self.parent.is_none() || self.parent == view.parent_kind())
            && match &self.types {
                Types::Any => true,
                Types::These(ids, set) => is_among(ids, set, seen.kind),
                Types::Opened => view.opened().is_some_and(|(_, at)| at == seen.at),
            }
    }

    fn matches(&self, env: &Env<'_>, position: Position, seen: &Seen) -> Result<bool, Trouble> {
        if !self.fits(env.view, seen) {
            return Ok(false);
        }
        if matches!(self.types, Types::Opened) && env.view.opened().map(|(first, _)| first) != Some(position) {
            return Ok(false);
        }
        let is = |wanted: &Name, given: Option<Word>| given.and_then(|word| env.view.words().symbol(word)) == Some(wanted.symbol);
        if self.role.as_ref().is_some_and(|role| !is(role, env.view.role_word(position)))
            || self.by.as_ref().is_some_and(|by| !is(by, env.view.by_word(position)))
        {
            return Ok(false);
        }
        match &self.when {
            Some(when) => when.holds(&env.at_event(position)),
            None => Ok(true),
        }
    }
}

impl Matcher {
    /// Of its alternatives, of which there is one at least.
    pub(super) fn new(mut alternatives: Vec<Alternative>, label: Text) -> Self {
        if alternatives.len() > 1 && alternatives.iter().all(Alternative::is_plain) {
            alternatives = vec![merged(&alternatives)];
        }
        let single = match alternatives.as_slice() {
            [Alternative { types: Types::These(ids, _), parent: None, .. }] if ids.len() == 1 => ids.first().copied(),
            _ => None,
        };
        Self { alternatives, single, label }
    }
}

/// Whether a type is one of some, of which only the first have a bit of their own.
fn is_among(ids: &[u16], set: &Present, kind: u16) -> bool {
    set.has(kind) && (kind < Present::SHARED || ids.contains(&kind))
}

/// Several types as one alternative.
fn merged(list: &[Alternative]) -> Alternative {
    let ids = list.iter().flat_map(|alternative| match &alternative.types {
        Types::These(ids, _) => ids.as_slice(),
        Types::Any | Types::Opened => &[],
    });
    Alternative { types: Types::these(ids.copied().collect()), role: None, by: None, when: None, parent: None }
}

impl Types {
    pub(super) fn these(ids: Vec<u16>) -> Self {
        let set = Present::of(ids.iter().copied());
        Self::These(ids, set)
    }
}
