//! Where a lowered expression looks: at a case in full, or at one row of a survey.

use std::cmp::Ordering;

use super::{
    frame::{Env, Setup},
    names::Names,
};
use crate::{
    atom::{Atom, Symbol, Word},
    value::{Type, Val},
    view::{Position, Read, Words},
};

/// A case up to a position, with or without an event at hand.
pub(crate) trait Sight {
    /// The names.
    fn names(&self) -> &Names;
    /// The clause's clock.
    fn setup(&self) -> &Setup;
    /// The texts.
    fn words(&self) -> Words<'_>;
    /// The value of a parameter here.
    fn parameter(&self, index: usize) -> Option<&Val>;
    /// A fact.
    fn fact(&self, slot: usize) -> Read;
    /// Which of the policies' texts a fact that is a text is, if any; `None` when it must be read another way.
    #[expect(clippy::option_option, reason = "no text of the policies, and not to be told so, are two things here")]
    fn fact_symbol(&self, slot: usize) -> Option<Option<Symbol>>;
    /// How a fact that is a number compares with a number; `None` when it must be read another way.
    fn fact_against(&self, slot: usize, number: &Atom) -> Option<Ordering>;
    /// The first event of a type so far.
    fn first(&self, kind: u16) -> Option<Position>;
    /// All events of a type so far, in order.
    fn all(&self, kind: u16) -> impl Iterator<Item = Position>;
    /// The event at hand.
    fn hand(&self) -> Option<Position>;
    /// When an event happened.
    fn instant(&self, position: Position) -> Option<crate::time::Instant>;
    /// Who did it.
    fn by(&self, position: Position) -> Option<Word>;
    /// In which role.
    fn role(&self, position: Position) -> Option<Word>;
    /// A field of its data, of a declared type.
    fn datum(&self, position: Position, field: &str, kind: Type) -> Read;
}

impl Sight for Env<'_> {
    fn names(&self) -> &Names {
        self.names
    }

    fn setup(&self) -> &Setup {
        self.setup
    }

    fn words(&self) -> Words<'_> {
        self.view.words()
    }

    fn parameter(&self, index: usize) -> Option<&Val> {
        Env::parameter(self, index)
    }

    fn fact(&self, slot: usize) -> Read {
        self.view.read_fact(slot, self.position)
    }

    fn fact_symbol(&self, slot: usize) -> Option<Option<Symbol>> {
        self.view.fact_symbol(slot, self.position)
    }

    fn fact_against(&self, slot: usize, number: &Atom) -> Option<Ordering> {
        self.view.fact_against(slot, self.position, number)
    }

    fn first(&self, kind: u16) -> Option<Position> {
        self.view.first_of(kind).filter(|first| *first <= self.position)
    }

    fn all(&self, kind: u16) -> impl Iterator<Item = Position> {
        self.view.all_of(kind).take_while(|position| *position <= self.position)
    }

    fn hand(&self) -> Option<Position> {
        self.event
    }

    fn instant(&self, position: Position) -> Option<crate::time::Instant> {
        self.view.at(position)
    }

    fn by(&self, position: Position) -> Option<Word> {
        self.view.by_word(position)
    }

    fn role(&self, position: Position) -> Option<Word> {
        self.view.role_word(position)
    }

    fn datum(&self, position: Position, field: &str, kind: Type) -> Read {
        self.view.read_datum(position, field, kind)
    }
}
