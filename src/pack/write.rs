//! Packing cases into a block.

use super::bytes::put_count;
use super::texts::{Blobs, Texts, length};
use super::{Cell, TextId, VERSION, column, numbers};
use crate::case::{Case, CaseRecord, Event, EventRecord, Value, Values};

/// Packs cases, each with the number of the journal entry that changed it last.
///
/// The ids must ascend (by bytes) and be distinct; a block of others cannot be opened.
#[must_use]
pub fn pack(rows: &[(&CaseRecord, u64)]) -> Vec<u8> {
    let known: Vec<Option<Case>> = rows.iter().map(|(record, _)| changed(record)).collect();
    let rows: Vec<Row<'_>> = rows.iter().zip(&known).map(|((record, touched), known)| Row::new(record, *touched, known.as_ref())).collect();
    let events: Vec<&Event> = rows.iter().flat_map(|row| row.events.iter().copied()).collect();
    let mut packer = Packer::default();

    // Names come first in the dictionary, so they must be met before any other text.
    let kinds = ids(rows.iter().map(|row| row.kind), &mut packer.texts);
    let types = ids(events.iter().map(|event| event.kind.as_str()), &mut packer.texts);
    let roles = maybe(events.iter().map(|event| event.role.as_deref()), &mut packer.texts);
    let data_names = ids(events.iter().flat_map(|event| event.data.keys()).map(String::as_str), &mut packer.texts);
    let fact_names = fact_names(&rows, &mut packer.texts);
    let names = packer.texts.list().len();

    let facts = packer.facts(&rows, &fact_names);
    let parents = maybe(rows.iter().map(|row| row.part_of), &mut packer.texts);
    let by = maybe(events.iter().map(|event| event.by.as_deref()), &mut packer.texts);
    let data: Vec<Cell> = events.iter().flat_map(|event| event.data.values()).map(|value| packer.cell(Some(value))).collect();
    // Given ids come last: they are the texts that are hardly ever asked for.
    let event_ids: Vec<Cell> = events.iter().map(|event| packer.event_id(&event.id)).collect();
    let mut wholes = Blobs::default();
    let whole = all(rows.iter().map(|row| row.whole.map_or(0, |record| i64::from(wholes.id(encode(record)).0) + 1)));

    let mut out = vec![VERSION];
    put_count(rows.len(), &mut out);
    numbers::write(&all(rows.iter().map(|row| length(row.id.len()))), 0, &mut out);
    put_count(names, &mut out);
    put_count(packer.texts.list().len(), &mut out);
    numbers::write(&all(packer.texts.list().iter().map(|text| length(text.len()))), 0, &mut out);
    packer.nested.write(&mut out);
    wholes.write(&mut out);
    numbers::write(&kinds, 0, &mut out);
    numbers::write(&parents, 0, &mut out);
    numbers::write(&all(rows.iter().map(|row| row.touched.cast_signed())), 0, &mut out);
    numbers::write(&all(rows.iter().map(|row| row.recorded)), 0, &mut out);
    numbers::write(&whole, 0, &mut out);
    out.extend(facts);
    numbers::write(&all(rows.iter().map(|row| length(row.events.len()))), 0, &mut out);
    numbers::write(&types, 0, &mut out);
    numbers::write(&all(events.iter().map(|event| event.at.millis())), 1, &mut out);
    numbers::write(&by, 0, &mut out);
    numbers::write(&roles, 0, &mut out);
    column::write(&event_ids, &mut out);
    numbers::write(&all(rows.iter().flat_map(|row| row.later.iter().copied())), 0, &mut out);
    numbers::write(&all(events.iter().map(|event| length(event.data.len()))), 0, &mut out);
    numbers::write(&data_names, 1, &mut out);
    column::write(&data, &mut out);
    rows.iter().for_each(|row| out.extend(row.id.as_bytes()));
    packer.texts.list().iter().for_each(|text| out.extend(text.as_bytes()));
    out
}

/// The case as known now, where that is not all that is known of it.
fn changed(record: &CaseRecord) -> Option<Case> {
    let plain = record.facts.len() == 1 && record.events.iter().all(|event| event.retracted.is_none());
    let nothing = || Case { id: record.id.clone(), kind: record.kind.clone(), part_of: record.part_of.clone(), ..Case::default() };
    (!plain).then(|| record.known_at(None).unwrap_or_else(nothing))
}

/// What the columns show of a case.
struct Row<'a> {
    id: &'a str,
    kind: &'a str,
    part_of: Option<&'a str>,
    touched: u64,
    facts: Option<&'a Values>,
    events: Vec<&'a Event>,
    /// When the facts were recorded.
    recorded: i64,
    /// How much later each event was.
    later: Vec<i64>,
    /// The record, where the columns are not all of it.
    whole: Option<&'a CaseRecord>,
}

impl<'a> Row<'a> {
    fn new(record: &'a CaseRecord, touched: u64, known: Option<&'a Case>) -> Self {
        let recorded = record.facts.first().map_or(0, |set| set.recorded.millis());
        let (facts, events, later, whole) = if let Some(known) = known {
            (Some(&known.facts), known.events.iter().collect(), vec![0; known.events.len()], Some(record))
        } else {
            let later = |event: &EventRecord| event.recorded.millis() - recorded;
            let events = record.events.iter().map(|event| &event.event).collect();
            (record.facts.first().map(|set| &set.values), events, record.events.iter().map(later).collect(), None)
        };
        let (kind, part_of) = (&*record.kind, record.part_of.as_deref());
        Self { id: &record.id, kind, part_of, touched, facts, events, recorded, later, whole }
    }
}

/// The texts and the nested values that were met.
#[derive(Default)]
struct Packer<'a> {
    texts: Texts<'a>,
    nested: Blobs,
}

impl<'a> Packer<'a> {
    fn facts(&mut self, rows: &[Row<'a>], names: &[(TextId, &'a str)]) -> Vec<u8> {
        let mut out = Vec::new();
        put_count(names.len(), &mut out);
        names.iter().for_each(|(id, _)| put_count(id.index(), &mut out));
        for (_, name) in names {
            let cells: Vec<Cell> = rows.iter().map(|row| self.cell(row.facts.and_then(|facts| facts.get(*name)))).collect();
            column::write(&cells, &mut out);
        }
        out
    }

    fn cell(&mut self, value: Option<&'a Value>) -> Cell {
        match value {
            None => Cell::Absent,
            Some(Value::Null) => Cell::Null,
            Some(Value::Bool(truth)) => Cell::Bool(*truth),
            Some(Value::Int(number)) => Cell::Int(*number),
            Some(Value::Text(text)) => Cell::Text(self.texts.id(text)),
            Some(Value::Decimal(decimal)) if column::mantissa(*decimal).is_some() => Cell::Decimal(*decimal),
            Some(value) => Cell::Nested(self.nested.id(encode(value))),
        }
    }

    /// A derived id is a number, any other a text.
    fn event_id(&mut self, id: &'a str) -> Cell {
        derived(id).map_or_else(|| Cell::Text(self.texts.id(id)), |id| Cell::Int(id.cast_signed()))
    }
}

/// The number that 16 hex digits in lower case are.
fn derived(id: &str) -> Option<u64> {
    let digits = id.len() == 16 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    digits.then(|| u64::from_str_radix(id, 16).ok()).flatten()
}

/// The names of all facts of all rows.
fn fact_names<'a>(rows: &[Row<'a>], texts: &mut Texts<'a>) -> Vec<(TextId, &'a str)> {
    let mut names = Vec::new();
    let mut known = std::collections::HashSet::new();
    for name in rows.iter().filter_map(|row| row.facts).flat_map(|facts| facts.keys()) {
        if known.insert(name.as_str()) {
            names.push((texts.id(name), name.as_str()));
        }
    }
    names
}

fn ids<'a>(list: impl Iterator<Item = &'a str>, texts: &mut Texts<'a>) -> Vec<i64> {
    list.map(|text| i64::from(texts.id(text).0)).collect()
}

/// Nought where there is no text, else one more than its number.
fn maybe<'a>(list: impl Iterator<Item = Option<&'a str>>, texts: &mut Texts<'a>) -> Vec<i64> {
    list.map(|text| text.map_or(0, |text| i64::from(texts.id(text).0) + 1)).collect()
}

fn all(list: impl Iterator<Item = i64>) -> Vec<i64> {
    list.collect()
}

/// Encoding into memory cannot fail; were it ever to, the value would be null and the record as known now.
fn encode<T: serde::Serialize>(value: &T) -> Vec<u8> {
    postcard::to_allocvec(value).unwrap_or_default()
}
