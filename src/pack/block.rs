//! Reading a block. Everything is checked when it is opened, so that what is read of it later needs no errors.

use std::cmp::Ordering;
use std::ops::Range;

use super::bytes::Reader;
use super::column::{Column, Word};
use super::numbers::Numbers;
use super::texts::{Blobs, Ends};
use super::{Cell, Damaged, EventId, NestedId, TextId, VERSION};
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
    text: String,
    ids: Ends,
    texts: Ends,
    names: usize,
    kinds: Numbers,
    parents: Numbers,
    touched: Numbers,
    /// When the facts of a row were recorded.
    pub(super) recorded: Numbers,
    /// One more than the number of a row's whole record; nought where the columns are all of it.
    pub(super) whole: Numbers,
    fact_names: Vec<TextId>,
    facts: Vec<Column>,
    words: Vec<Word>,
    events: Ends,
    types: Vec<TextId>,
    times: Vec<Instant>,
    by: Numbers,
    roles: Numbers,
    event_ids: Column,
    /// How much later than its row's facts an event was recorded, in milliseconds.
    pub(super) later: Numbers,
    data: Ends,
    data_names: Numbers,
    data_cells: Column,
    nested: Ends,
    /// Whole records.
    pub(super) wholes: Ends,
}

impl Block {
    /// Opens the bytes of a block.
    ///
    /// # Errors
    ///
    /// When they are not what [`super::pack`] writes.
    pub fn open(bytes: &[u8]) -> Result<Self, Damaged> {
        let reader = &mut Reader { bytes, at: 0 };
        if reader.byte()? != VERSION {
            return Err(Damaged("it is of another version"));
        }
        if u32::try_from(bytes.len()).is_err() {
            return Err(Damaged("it is too large"));
        }
        let rows = reader.count()?;
        let ids = Ends::read(reader, rows, 0)?;
        let (names, texts) = (reader.count()?, reader.count()?);
        let texts = Ends::read(reader, texts, ids.end())?;
        if names > texts.len() {
            return Err(Damaged("it has more names than texts"));
        }
        let nested = Blobs::read(reader)?;
        let wholes = Blobs::read(reader)?;
        let kinds = below(names, reader, rows)?;
        let parents = below(texts.len() + 1, reader, rows)?;
        let touched = Numbers::read(reader, rows)?;
        let recorded = Numbers::read(reader, rows)?;
        let whole = below(wholes.len() + 1, reader, rows)?;

        let columns = reader.count()?;
        let fact_names = (0..columns).map(|_| name(reader, names)).collect::<Result<Vec<_>, _>>()?;
        let mut words = Vec::new();
        let mut column = |reader: &mut Reader<'_>, rows| Column::read(reader, rows, texts.len(), nested.len(), &mut words);
        let facts = (0..columns).map(|_| column(reader, rows)).collect::<Result<Vec<_>, _>>()?;

        let events = Ends::read(reader, rows, 0)?;
        let count = events.end();
        let types = below(names, reader, count)?.all(bytes, text_id);
        let times = Numbers::read_wide(reader, count)?.all(bytes, Instant::from_millis);
        let by = below(texts.len() + 1, reader, count)?;
        let roles = below(names + 1, reader, count)?;
        let event_ids = column(reader, count)?;
        let later = Numbers::read(reader, count)?;
        let data = Ends::read(reader, count, 0)?;
        let cells = data.end();
        let data_names = Numbers::read_wide(reader, cells)?;
        if !data_names.are_below(bytes, names) {
            return Err(Damaged("a field of an event has no name"));
        }
        let data_cells = column(reader, cells)?;

        let (body, text) = bytes.split_at_checked(reader.at).unwrap_or_default();
        let text = std::str::from_utf8(text).map_err(|_| Damaged("its texts are not UTF-8"))?;
        let sound = texts.end() == text.len() && ids.iter().chain(texts.iter()).all(|end| text.is_char_boundary(end));
        let (bytes, text) = (body.to_vec(), text.to_owned());
        #[rustfmt::skip]
        let block = Self {
            bytes, text, ids, texts, names, kinds, parents, touched, recorded, whole, fact_names, facts, words, events, types, times,
            by, roles, event_ids, later, data, data_names, data_cells, nested, wholes,
        };
        if sound && (1..rows).all(|row| block.id(row - 1) < block.id(row)) { Ok(block) } else { Err(Damaged("its texts are not in order")) }
    }
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

/// A column of numbers below a limit.
fn below(limit: usize, reader: &mut Reader<'_>, count: usize) -> Result<Numbers, Damaged> {
    let column = Numbers::read(reader, count)?;
    if column.are_below(reader.bytes, limit) { Ok(column) } else { Err(Damaged("it names a text that is not there")) }
}

fn name(reader: &mut Reader<'_>, names: usize) -> Result<TextId, Damaged> {
    let name = reader.number()?;
    let known = usize::try_from(name).is_ok_and(|name| name < names);
    u32::try_from(name).ok().filter(|_| known).map(TextId).ok_or(Damaged("a fact has no name"))
}

fn text_id(number: i64) -> TextId {
    TextId(u32::try_from(number).unwrap_or(u32::MAX))
}

/// The text of what is one more than its number, or nought.
fn maybe(number: i64) -> Option<TextId> {
    u32::try_from(number).ok()?.checked_sub(1).map(TextId)
}
