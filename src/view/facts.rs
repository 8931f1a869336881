//! The facts of a case, as they were at a position.

use std::cmp::Ordering;

use super::{Batch, CaseView, Position};
use crate::{
    atom::{Atom, Symbol, Word},
    case::Value,
    pack::{Block, Cell},
    script::compare_decimals,
    value::{Type, Val},
};

/// A fact that changed at a position.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    position: Position,
    slot: usize,
    cell: Cell,
}

/// A fact, read without allocation.
#[derive(Clone, Copy, Debug)]
pub enum Read {
    /// Not recorded, or not of its type.
    Missing,
    /// Its value.
    Atom(Atom),
    /// Recorded in a way that only [`CaseView::fact`] reads.
    Other,
}

impl CaseView {
    pub(super) fn read_changes(&mut self) {
        let Some(facts) = self.own.batch.facts() else { return };
        let kind = std::sync::Arc::clone(&self.kind);
        let mut changes = std::mem::take(&mut self.changes);
        let block = self.own.block();
        for (position, seen) in self.own() {
            let Ok(index) = usize::try_from(seen.index) else { continue };
            if block.event_types().get(index) != Some(&facts) {
                continue;
            }
            for (name, cell) in block.data(index) {
                let Some(slot) = kind.fact(block.text(name)) else { continue };
                // What is not of its type leaves the fact as it was.
                if self.typed(cell, slot).is_some() {
                    changes.push(Change { position, slot, cell });
                }
            }
        }
        self.changes = changes;
    }

    fn cell(&self, slot: usize, position: Position) -> Cell {
        if !self.changes.is_empty()
            && let Some(change) = self.changes.iter().rev().find(|change| change.slot == slot && change.position <= position)
        {
            return change.cell;
        }
        match self.own.reading.columns.get(slot) {
            Some(Some(column)) => self.own.block().fact(*column, self.own.row),
            _ => Cell::Absent,
        }
    }

    fn typed(&self, cell: Cell, slot: usize) -> Option<Val> {
        let decl = self.kind.facts.get(slot)?;
        Val::read(&self.own.block().value(cell)?, decl.kind, self.zone)
    }

    /// A fact as it was at a position.
    #[must_use]
    pub fn fact(&self, slot: usize, position: Position) -> Option<Val> {
        match self.cell(slot, position) {
            Cell::Absent => None,
            cell => self.typed(cell, slot),
        }
    }

    /// Which of the policies' texts a fact that is a text is, if any; `None` when it must be read another way.
    #[must_use]
    pub fn fact_symbol(&self, slot: usize, position: Position) -> Option<Option<Symbol>> {
        symbol_of(&self.own.batch, self.cell(slot, position), self.kind.facts.get(slot)?.kind)
    }

    /// How a fact that is a number compares with a number; `None` when it must be read another way.
    #[must_use]
    pub(crate) fn fact_against(&self, slot: usize, position: Position, number: &Atom) -> Option<Ordering> {
        against(self.cell(slot, position), self.kind.facts.get(slot)?.kind, number)
    }

    /// The same without allocation, for what can be read so.
    #[must_use]
    pub fn read_fact(&self, slot: usize, position: Position) -> Read {
        let cell = self.cell(slot, position);
        let Some(decl) = self.kind.facts.get(slot) else { return Read::Missing };
        read_cell(self.own.block(), cell, decl.kind, Word::Own, self.zone)
    }

    /// A field of the data at a position, of a declared type. What is recorded in another type is [`Read::Other`].
    #[must_use]
    pub fn read_datum(&self, position: Position, name: &str, kind: Type) -> Read {
        let Some((cell, source)) = self.datum_cell(position, name) else { return Read::Missing };
        let of_parent = self.seen(position).is_some_and(|seen| seen.of_parent);
        match (read_cell(source.block(), cell, kind, if of_parent { Word::Parent } else { Word::Own }, self.zone), cell) {
            (Read::Missing, Cell::Absent | Cell::Null) => Read::Missing,
            (Read::Missing, _) => Read::Other,
            (read, _) => read,
        }
    }

    /// An atom as a value.
    #[must_use]
    pub fn value_of(&self, atom: Atom) -> Val {
        match atom {
            Atom::Boolean(flag) => Val::Boolean(flag),
            Atom::Integer(number) => Val::Integer(number),
            Atom::Decimal(number) => Val::Decimal(number),
            Atom::Text(word) => Val::Text(self.words().with_text(word, |text| text.into())),
            Atom::Instant(at) => Val::Instant(at),
            Atom::Date(date) => Val::Date(date),
            Atom::Span(span) => Val::Span(span),
        }
    }

    /// Whether every fact is at the last position what it was before all events.
    #[must_use]
    pub fn facts_are_constant(&self) -> bool {
        self.changes.is_empty()
    }
}

/// Which of the policies' texts a cell is, if any; `None` when it must be read another way.
#[expect(clippy::option_option, reason = "no text of the policies, and not to be told so, are two things here")]
pub(super) fn symbol_of(batch: &Batch, cell: Cell, kind: Type) -> Option<Option<Symbol>> {
    match (cell, kind) {
        (Cell::Text(text), Type::Text) => Some(batch.symbol(text)),
        _ => None,
    }
}

/// How a cell that is a number compares with a number; `None` when it must be read another way.
pub(super) fn against(cell: Cell, kind: Type, number: &Atom) -> Option<Ordering> {
    match (cell, kind, number) {
        (Cell::Int(fact), Type::Integer | Type::Decimal, Atom::Integer(number)) => Some(fact.cmp(number)),
        (Cell::Int(fact), Type::Integer | Type::Decimal, Atom::Decimal(number)) => Some(compare_decimals(fact.into(), *number)),
        (Cell::Decimal(fact), Type::Decimal, Atom::Decimal(number)) => Some(compare_decimals(fact, *number)),
        _ => None,
    }
}

pub(super) fn read_cell(block: &Block, cell: Cell, kind: Type, word: fn(crate::pack::TextId) -> Word, zone: crate::time::Zone) -> Read {
    Read::Atom(match (cell, kind) {
        (Cell::Absent | Cell::Null, _) => return Read::Missing,
        (Cell::Bool(flag), Type::Boolean) => Atom::Boolean(flag),
        (Cell::Int(number), Type::Integer) => Atom::Integer(number),
        (Cell::Int(number), Type::Decimal) => Atom::Decimal(number.into()),
        (Cell::Decimal(number), Type::Decimal) => Atom::Decimal(number),
        (Cell::Text(text), Type::Text) => Atom::Text(word(text)),
        (cell, kind) => return other(block.value(cell), kind, zone),
    })
}

fn other(value: Option<Value>, kind: Type, zone: crate::time::Zone) -> Read {
    match value.and_then(|value| Val::read(&value, kind, zone)) {
        None => Read::Missing,
        Some(value) => Atom::plain(&value).map_or(Read::Other, Read::Atom),
    }
}
