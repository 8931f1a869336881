//! Reading an open block: of what opening has checked, so that no answer needs an error.

use std::cmp::Ordering;
use std::ops::Range;

use super::column::{Column, Word};
use super::numbers::Numbers;
use super::texts::Ends;
use super::{Cell, EventId, NestedId, TextId};
use crate::case::Value;
use crate::time::Instant;

/// An open block. Rows are cases in the order of their ids; events of all rows stand one behind the other.
///
/// What is asked of a row, an event or a text that is not there has an answer without a meaning, and no panic.
#[derive(Debug)]
pub struct Block {
    /// All but the texts.
    pub(super) bytes: Vec<u8>,
    /// Ids and texts.
    pub(super) text: String,
    pub(super) ids: Ends,
    pub(super) texts: Ends,
    pub(super) names: usize,
    pub(super) kinds: Numbers,
    pub(super) parents: Numbers,
    pub(super) touched: Numbers,
    /// When the facts of a row were recorded.
    pub(super) recorded: Numbers,
    /// One more than the number of a row's whole record; nought where the columns are all of it.
    pub(super) whole: Numbers,
    pub(super) fact_names: Vec<TextId>,
    pub(super) facts: Vec<Column>,
    pub(super) words: Vec<Word>,
    pub(super) events: Ends,
    pub(super) types: Vec<TextId>,
    pub(super) times: Vec<Instant>,
    pub(super) by: Numbers,
    pub(super) roles: Numbers,
    pub(super) event_ids: Column,
    /// How much later than its row's facts an event was recorded, in milliseconds.
    pub(super) later: Numbers,
    pub(super) data: Ends,
    pub(super) data_names: Numbers,
    pub(super) data_cells: Column,
    pub(super) nested: Ends,
    /// Whole records.
    pub(super) wholes: Ends,
}

impl Block {
    /// How many cases there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The id of a case.
    #[must_use]
    pub fn id(&self, row: usize) -> &str {
        self.text.get(self.ids.place(row)).unwrap_or_default()
    }

    /// The row of a case, or the one before which it would stand.
    ///
    /// # Errors
    ///
    /// The place where it would stand, when it is not there.
    pub fn find(&self, id: &str) -> Result<usize, usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.id(middle).cmp(id) {
                Ordering::Less => low = middle + 1,
                Ordering::Equal => return Ok(middle),
                Ordering::Greater => high = middle,
            }
        }
        Err(low)
    }

    /// How many texts there are.
    #[must_use]
    pub const fn texts(&self) -> usize {
        self.texts.len()
    }

    /// How many of the texts, which are the first, are names: kinds, names of facts, event types, roles, names of event data.
    #[must_use]
    pub const fn names(&self) -> usize {
        self.names
    }

    /// A text.
    #[must_use]
    pub fn text(&self, id: TextId) -> &str {
        self.text.get(self.texts.place(id.index())).unwrap_or_default()
    }

    /// All texts with their numbers, which ascend by one.
    pub fn text_ids(&self) -> impl Iterator<Item = (TextId, &str)> {
        (0..).map(TextId).take(self.texts()).map(|id| (id, self.text(id)))
    }

    /// The kind of a case.
    #[must_use]
    pub fn kind(&self, row: usize) -> TextId {
        text_id(self.kinds.get(&self.bytes, row))
    }

    /// The case that a case is part of.
    #[must_use]
    pub fn part_of(&self, row: usize) -> Option<TextId> {
        maybe(self.parents.get(&self.bytes, row))
    }

    /// The number of the journal entry that changed a case last.
    #[must_use]
    pub fn touched(&self, row: usize) -> u64 {
        self.touched.get(&self.bytes, row).cast_unsigned()
    }

    /// The names of the fact columns.
    #[must_use]
    pub fn fact_names(&self) -> &[TextId] {
        &self.fact_names
    }

    /// A fact as it was given with the case.
    #[inline]
    #[must_use]
    pub fn fact(&self, column: usize, row: usize) -> Cell {
        self.facts.get(column).map_or(Cell::Absent, |column| column.cell(&self.bytes, &self.words, row))
    }

    /// A list, a map, or a decimal too large for a column.
    ///
    /// These alone are not looked into when a block is opened. What [`super::pack`] did not write shows as null.
    #[must_use]
    pub fn nested(&self, id: NestedId) -> Value {
        let place = self.nested.place(usize::try_from(id.0).unwrap_or(usize::MAX));
        self.bytes.get(place).and_then(|bytes| postcard::from_bytes(bytes).ok()).unwrap_or(Value::Null)
    }

    /// The value of a cell; none where it is absent.
    #[must_use]
    pub fn value(&self, cell: Cell) -> Option<Value> {
        Some(match cell {
            Cell::Absent => return None,
            Cell::Null => Value::Null,
            Cell::Bool(truth) => Value::Bool(truth),
            Cell::Int(number) => Value::Int(number),
            Cell::Decimal(decimal) => Value::Decimal(decimal),
            Cell::Text(id) => Value::Text(self.text(id).to_owned()),
            Cell::Nested(id) => self.nested(id),
        })
    }

    /// The events of a case: their places in what follows.
    #[must_use]
    pub fn events(&self, row: usize) -> Range<usize> {
        self.events.place(row)
    }

    /// The types of all events.
    #[must_use]
    pub fn event_types(&self) -> &[TextId] {
        &self.types
    }

    /// When all events happened.
    #[must_use]
    pub fn event_times(&self) -> &[Instant] {
        &self.times
    }

    /// Who did an event.
    #[inline]
    #[must_use]
    pub fn by(&self, event: usize) -> Option<TextId> {
        maybe(self.by.get(&self.bytes, event))
    }

    /// In which role.
    #[inline]
    #[must_use]
    pub fn role(&self, event: usize) -> Option<TextId> {
        maybe(self.roles.get(&self.bytes, event))
    }

    /// The id of an event.
    #[must_use]
    pub fn event_id(&self, event: usize) -> EventId<'_> {
        match self.event_ids.cell(&self.bytes, &self.words, event) {
            Cell::Int(number) => EventId::Derived(number.to_be_bytes()),
            Cell::Text(id) => EventId::Given(self.text(id)),
            _ => EventId::Given(""),
        }
    }

    /// Whether any event has data.
    #[must_use]
    pub fn has_data(&self) -> bool {
        self.data.end() > 0
    }

    /// What was recorded with an event, in the order of names.
    pub fn data(&self, event: usize) -> impl Iterator<Item = (TextId, Cell)> {
        self.data.place(event).map(|place| (self.data_name(place), self.data_cell(place)))
    }

    /// One field of what was recorded with an event.
    #[must_use]
    pub fn datum(&self, event: usize, name: TextId) -> Cell {
        self.data.place(event).find(|place| self.data_name(*place) == name).map_or(Cell::Absent, |place| self.data_cell(place))
    }

    fn data_name(&self, place: usize) -> TextId {
        text_id(self.data_names.get(&self.bytes, place))
    }

    fn data_cell(&self, place: usize) -> Cell {
        self.data_cells.cell(&self.bytes, &self.words, place)
    }
}

pub(super) fn text_id(number: i64) -> TextId {
    TextId(u32::try_from(number).unwrap_or(u32::MAX))
}

/// The text of what is one more than its number, or nought.
fn maybe(number: i64) -> Option<TextId> {
    u32::try_from(number).ok()?.checked_sub(1).map(TextId)
}
