//! Opening a block. Everything is checked here, so that what is read of it later needs no errors.

use super::block::{Block, text_id};
use super::bytes::Reader;
use super::column::Column;
use super::numbers::Numbers;
use super::texts::{Blobs, Ends};
use super::{Damaged, TextId, VERSION};
use crate::time::Instant;

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
