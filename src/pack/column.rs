//! A column of cells: which rows have one, what kind each is of, and a number for each that needs one.

use rust_decimal::Decimal;

use super::bytes::{Reader, load};
use super::numbers::{self, Numbers};
use super::{Cell, Damaged, NestedId, TextId};

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INT: u8 = 3;
const TEXT: u8 = 4;
const NESTED: u8 = 5;
/// Decimals; the scale is added, so that 100.50 stays 100.50.
const DECIMAL: u8 = 6;
/// The tag of a decimal of the largest scale.
const LAST: u8 = DECIMAL + 28;
/// Stands in the place of a common tag where each cell has its own.
const EACH: u8 = 255;

/// 64 rows: which of them have a cell, and how many cells stand before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    bits: u64,
    before: usize,
}

/// Where a column of cells stands, and how it is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    rows: usize,
    /// The column's first word, where some rows have no cell.
    words: Option<usize>,
    tags: Tags,
    numbers: Numbers,
}

#[derive(Clone, Copy, Debug)]
enum Tags {
    All(u8),
    Each(usize),
}

/// Appends a column.
pub(super) fn write(cells: &[Cell], out: &mut Vec<u8>) {
    let there: Vec<(u8, Option<i64>)> = cells.iter().filter_map(split).collect();
    out.push(u8::from(there.len() < cells.len()));
    if there.len() < cells.len() {
        for part in cells.chunks(64) {
            let bits = part.iter().rev().fold(0_u64, |bits, cell| bits << 1 | u64::from(!matches!(cell, Cell::Absent)));
            out.extend(bits.to_le_bytes());
        }
    }
    match there.first() {
        Some((first, _)) if there.iter().any(|(tag, _)| tag != first) => {
            out.push(EACH);
            out.extend(there.iter().map(|(tag, _)| tag));
        }
        first => out.push(first.map_or(NULL, |(tag, _)| *tag)),
    }
    // A cell without a number repeats one of the others, which makes the numbers no longer.
    let filler = there.iter().find_map(|(_, number)| *number).unwrap_or(0);
    let numbers: Vec<i64> = there.iter().map(|(_, number)| number.unwrap_or(filler)).collect();
    numbers::write(&numbers, 0, out);
}

/// The digits of a decimal as a whole number, where a cell can hold them. (A negative zero becomes zero, as it does
/// in the journal.)
pub(super) fn mantissa(decimal: Decimal) -> Option<i64> {
    i64::try_from(decimal.mantissa()).ok()
}

fn split(cell: &Cell) -> Option<(u8, Option<i64>)> {
    Some(match *cell {
        Cell::Absent => return None,
        Cell::Null => (NULL, None),
        Cell::Bool(false) => (FALSE, None),
        Cell::Bool(true) => (TRUE, None),
        Cell::Int(number) => (INT, Some(number)),
        Cell::Text(id) => (TEXT, Some(i64::from(id.0))),
        Cell::Nested(id) => (NESTED, Some(i64::from(id.0))),
        // INVARIANT: the writer makes cells only of decimals that have a mantissa here; their scale is at most 28.
        Cell::Decimal(decimal) => (DECIMAL.saturating_add(u8::try_from(decimal.scale()).unwrap_or(0)), mantissa(decimal)),
    })
}

impl Column {
    /// Reads how a column of so many rows is stored, and checks its tags and ids. Words go to `words`.
    pub(super) fn read(reader: &mut Reader<'_>, rows: usize, texts: usize, nested: usize, words: &mut Vec<Word>) -> Result<Self, Damaged> {
        let (mut there, mut first) = (rows, None);
        if reader.byte()? != 0 {
            first = Some(words.len());
            there = 0;
            for _ in 0..rows.div_ceil(64) {
                let bits = load(reader.take(8)?, 0);
                words.push(Word { bits, before: there });
                there += usize::try_from(bits.count_ones()).unwrap_or(0);
            }
        }
        let common = reader.byte()?;
        let (tags, kinds) = if common == EACH {
            let at = reader.at;
            (Tags::Each(at), kinds(reader.take(there)?)?)
        } else {
            (Tags::All(common), kinds(&[common])?)
        };
        let column = Self { rows, words: first, tags, numbers: Numbers::read(reader, there)? };
        column.check(reader.bytes, there, kinds, texts, nested)?;
        Ok(column)
    }

    /// The cell of a row.
    #[inline]
    pub(super) fn cell(&self, bytes: &[u8], words: &[Word], row: usize) -> Cell {
        if row >= self.rows {
            return Cell::Absent;
        }
        let place = match self.words {
            None => row,
            Some(first) => match words.get(first + row / 64) {
                Some(word) if word.bits >> (row % 64) & 1 == 1 => {
                    let lower = word.bits & !(u64::MAX << (row % 64));
                    word.before + usize::try_from(lower.count_ones()).unwrap_or(0)
                }
                _ => return Cell::Absent,
            },
        };
        self.at(bytes, place)
    }

    #[inline]
    fn at(&self, bytes: &[u8], place: usize) -> Cell {
        let number = self.numbers.get(bytes, place);
        let id = u32::try_from(number).unwrap_or(u32::MAX);
        match self.tag(bytes, place) {
            NULL => Cell::Null,
            FALSE => Cell::Bool(false),
            TRUE => Cell::Bool(true),
            INT => Cell::Int(number),
            TEXT => Cell::Text(TextId(id)),
            NESTED => Cell::Nested(NestedId(id)),
            tag => Decimal::try_new(number, u32::from(tag.wrapping_sub(DECIMAL))).map_or(Cell::Absent, Cell::Decimal),
        }
    }

    #[inline]
    fn tag(&self, bytes: &[u8], place: usize) -> u8 {
        match self.tags {
            Tags::All(tag) => tag,
            Tags::Each(at) => bytes.get(at + place).copied().unwrap_or(NULL),
        }
    }

    fn check(&self, bytes: &[u8], there: usize, kinds: u64, texts: usize, nested: usize) -> Result<(), Damaged> {
        let has = |tag: u8| kinds >> tag & 1 == 1;
        let limit = match (has(TEXT), has(NESTED)) {
            (false, false) => return Ok(()),
            (true, false) => texts,
            (false, true) => nested,
            (true, true) => texts.min(nested),
        };
        // Nearly always all numbers of a column with texts are their ids, which is found out in one go.
        if self.numbers.are_below(bytes, limit) {
            return Ok(());
        }
        let below = |number: i64, limit: usize| usize::try_from(number).is_ok_and(|number| number < limit);
        let sound = (0..there).all(|place| match self.tag(bytes, place) {
            TEXT => below(self.numbers.get(bytes, place), texts),
            NESTED => below(self.numbers.get(bytes, place), nested),
            _ => true,
        });
        if sound { Ok(()) } else { Err(Damaged("a cell names what is not there")) }
    }
}

/// Which tags there are, as bits.
fn kinds(tags: &[u8]) -> Result<u64, Damaged> {
    let most = tags.iter().copied().max().unwrap_or(NULL);
    if most > LAST {
        return Err(Damaged("a cell is of no known kind"));
    }
    Ok(tags.iter().fold(0, |kinds, tag| kinds | 1 << tag))
}
