//! Cases as they are read for judging: some hundred at a time, a block and the loose cases of its range.

use std::rc::Rc;

use super::cursor::Cursor;
use super::error::StoreError;
use super::fault::Fault;
use super::scan::{CaseRange, Share};
use super::span::Loose;
use super::{Store, keys, seal};
use crate::case::CaseRecord;
use crate::pack::{Block, pack};

/// Blocks read from sled at a time.
const BLOCKS: usize = 4;
/// Loose cases in a chunk at most.
const LOOSE: usize = 256;

/// Cases that stand together, in the order of their ids.
#[derive(Debug)]
pub struct Chunk {
    /// A block.
    pub block: Rc<Block>,
    /// Loose cases, in a block of their own.
    pub loose: Option<Rc<Block>>,
    /// Which rows count, in the order of their ids; all of the block where nothing is said.
    order: Option<Vec<Row>>,
}

/// A row of the block, or of the loose cases.
#[derive(Clone, Copy, Debug)]
enum Row {
    Block(usize),
    Loose(usize),
}

impl Chunk {
    /// The cases: each with the block that has it, and its row there. Ids ascend, and none comes twice.
    pub fn rows(&self) -> impl Iterator<Item = (&Rc<Block>, usize)> {
        (0..self.len()).filter_map(|place| match &self.order {
            None => Some((&self.block, place)),
            Some(order) => match *order.get(place)? {
                Row::Block(row) => Some((&self.block, row)),
                Row::Loose(row) => Some((self.loose.as_ref()?, row)),
            },
        })
    }

    /// How many cases there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.as_ref().map_or(self.block.len(), Vec::len)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first and the last id; nothing when there are no cases.
    #[must_use]
    pub fn ends(&self) -> Option<(String, String)> {
        let id = |(block, row): (&Rc<Block>, usize)| block.id(row).to_owned();
        Some((id(self.rows().next()?), id(self.rows().last()?)))
    }

    /// Some rows of a block that may be absent, and loose cases, of which `order` tells which count.
    fn new(
        block: Option<&Rc<Block>>,
        loose: Option<Rc<Block>>,
        order: impl FnOnce(Option<&Block>, Option<&Block>) -> Option<Vec<Row>>,
    ) -> Option<Self> {
        let order = order(block.map(AsRef::as_ref), loose.as_deref());
        match (block, loose) {
            (Some(block), loose) => Some(Self { block: Rc::clone(block), loose, order }),
            // Loose cases alone are a block like any other.
            (None, Some(loose)) => Some(Self { block: loose, loose: None, order: None }),
            (None, None) => None,
        }
    }
}

impl Store {
    /// Visits the cases of a range in the order of their ids, a chunk at a time.
    ///
    /// # Errors
    ///
    /// When the index is damaged, or what the visit fails with.
    pub fn scan_chunks(&self, range: &CaseRange, mut visit: impl FnMut(Chunk) -> Result<(), StoreError>) -> Result<Share, StoreError> {
        let mut share = Share::default();
        let mut blocks = Cursor::new(&self.index, range.start.key(keys::BLOCK), range.end.key(keys::BLOCK), BLOCKS);
        let mut loose = Cursor::new(&self.index, range.start.key(keys::LOOSE), range.end.key(keys::LOOSE), LOOSE);
        let mut stored = blocks.next()?;
        loop {
            let block = match &stored {
                Some((key, sealed)) => {
                    share.digest = share.digest.wrapping_add(seal::share(sealed));
                    Some(Rc::new(self.index.open_block(key, sealed)?))
                }
                None => None,
            };
            stored = blocks.next()?;
            let upper = stored.as_ref().and_then(|(key, _)| key.get(1..));
            let mut from = 0;
            loop {
                let piece = self.loose_piece(&mut loose, upper, &mut share)?;
                let full = piece.as_ref().is_some_and(|piece| piece.len() >= LOOSE);
                let last = piece.as_ref().filter(|_| full).map(|piece| piece.id(piece.len() - 1));
                let end = block
                    .as_ref()
                    .map_or(0, |block| last.map_or(block.len(), |last| block.find(last).map_or_else(|row| row, |row| row + 1)));
                let chunk = Chunk::new(block.as_ref(), piece.clone(), |block, loose| {
                    let whole = loose.is_none() && from == 0;
                    (!whole).then(|| merged(block, from..end, loose))
                });
                if let Some(chunk) = chunk {
                    share.cases = share.cases.wrapping_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
                    visit(chunk)?;
                }
                if !full {
                    break;
                }
                from = end;
            }
            if stored.is_none() {
                return Ok(share);
            }
        }
    }

    /// Visits some cases, whose ids must be in order; those that are not stored are left out. Loose ones come first: for them no block is read. Each
    /// block is read once.
    ///
    /// # Errors
    ///
    /// When the index is damaged, or what the visit fails with.
    pub fn some_chunks(&self, ids: &[String], mut visit: impl FnMut(Chunk) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let mut settled: Vec<&String> = Vec::new();
        for part in ids.chunks(LOOSE) {
            let mut found = Vec::new();
            let (Some(first), Some(last)) = (part.first(), part.last()) else { continue };
            // They are read one behind the other: what is asked for is mostly what is loose.
            let mut cursor = Cursor::new(&self.index, keys::loose(first), [keys::loose(last).as_slice(), &[0]].concat(), LOOSE);
            for id in part {
                while cursor.peek()?.is_some_and(|(key, _)| key.get(1..).is_some_and(|key| key < id.as_bytes())) {
                    cursor.next()?;
                }
                match cursor.peek()?.filter(|(key, _)| key.get(1..) == Some(id.as_bytes())) {
                    Some((key, sealed)) => found.push(self.index.unseal(key, sealed)?),
                    None => settled.push(id),
                }
            }
            if let Some(chunk) = Chunk::new(None, self.packed(&found)?, |_, _| None) {
                visit(chunk)?;
            }
        }
        let mut rest = settled.as_slice();
        while let Some(first) = rest.first() {
            let Some((_, block, _)) = self.index.block_of(first)? else { return Ok(()) };
            let last = block.len().checked_sub(1).map_or("", |last| block.id(last));
            // An id behind the last one of its block is not stored.
            let (here, after) = rest.split_at(rest.partition_point(|id| id.as_str() <= last).max(1));
            rest = after;
            let rows: Vec<Row> = here.iter().filter_map(|id| block.find(id).ok()).map(Row::Block).collect();
            if !rows.is_empty() {
                visit(Chunk { block: Rc::new(block), loose: None, order: Some(rows) })?;
            }
        }
        Ok(())
    }

    /// The next loose cases that stand before `upper`.
    fn loose_piece(&self, cursor: &mut Cursor<'_>, upper: Option<&[u8]>, share: &mut Share) -> Result<Option<Rc<Block>>, StoreError> {
        let mut found: Vec<Loose> = Vec::new();
        while found.len() < LOOSE
            && let Some((key, _)) = cursor.peek()?
            && upper.is_none_or(|upper| key.get(1..).is_some_and(|id| id < upper))
            && let Some((key, sealed)) = cursor.next()?
        {
            share.digest = share.digest.wrapping_add(seal::share(&sealed));
            found.push(self.index.unseal(&key, &sealed)?);
        }
        self.packed(&found)
    }

    fn packed(&self, loose: &[Loose]) -> Result<Option<Rc<Block>>, StoreError> {
        if loose.is_empty() {
            return Ok(None);
        }
        let rows: Vec<(&CaseRecord, u64)> = loose.iter().map(|loose| (&loose.record, loose.touched)).collect();
        let unreadable = |damaged| self.index.damaged(Fault::Unreadable { why: format!("{damaged}") });
        Block::open(&pack(&rows)).map(|block| Some(Rc::new(block))).map_err(unreadable)
    }
}

/// Rows of a block and loose cases in the order of their ids; a loose case takes the place of the row of its id.
fn merged(block: Option<&Block>, rows: std::ops::Range<usize>, loose: Option<&Block>) -> Vec<Row> {
    let mut order = Vec::new();
    let mut rows = rows.peekable();
    let id = |row: &usize| block.map_or("", |block| block.id(*row));
    for place in 0..loose.map_or(0, Block::len) {
        let own = loose.map_or("", |loose| loose.id(place));
        while let Some(row) = rows.next_if(|row| id(row) < own) {
            order.push(Row::Block(row));
        }
        let _ = rows.next_if(|row| id(row) == own);
        order.push(Row::Loose(place));
    }
    order.extend(rows.map(Row::Block));
    order
}
