//! A block of cases as one policy set reads it: names of the block as slots and numbers of the policies, worked out once for all its cases.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
};

use crate::{
    atom::{Symbol, Symbols},
    case::FACTS,
    pack::{Block, TextId},
    policy::vocabulary::{Kind, Vocabulary},
};

/// Not asked yet.
const UNASKED: u32 = 0;
/// The policies do not name this text.
const FOREIGN: u32 = 1;
/// Symbols are kept as their number and this.
const FIRST: u32 = 2;

/// A block and what its names mean.
#[derive(Debug)]
pub struct Batch {
    /// The block.
    pub block: Rc<Block>,
    symbols: Arc<Symbols>,
    /// For each text, what symbol it is; asked for when first needed.
    memo: Box<[Cell<u32>]>,
    kinds: RefCell<Vec<(usize, Rc<Reading>)>>,
    last_kind: Cell<Option<(TextId, usize)>>,
    facts: Option<TextId>,
}

/// How the cases of one kind read the names of a block.
#[derive(Debug)]
pub(super) struct Reading {
    /// The event type of each name.
    pub(super) events: Box<[u16]>,
    /// The column of each fact, by slot.
    pub(super) columns: Box<[Option<usize>]>,
}

impl Batch {
    /// Takes a block.
    #[must_use]
    pub fn new(block: Rc<Block>, symbols: &Arc<Symbols>) -> Self {
        let facts = block.text_ids().take(block.names()).find(|(_, text)| *text == FACTS).map(|(id, _)| id);
        let memo = vec![Cell::new(UNASKED); block.texts()].into_boxed_slice();
        Self { symbols: Arc::clone(symbols), memo, kinds: RefCell::default(), last_kind: Cell::new(None), facts, block }
    }

    /// The symbol of a text of the block, when the policies name it.
    #[must_use]
    pub fn symbol(&self, text: TextId) -> Option<Symbol> {
        let memo = self.memo.get(text.index())?;
        if memo.get() == UNASKED {
            memo.set(self.symbols.find(self.block.text(text)).map_or(FOREIGN, |symbol| symbol.number().saturating_add(FIRST)));
        }
        memo.get().checked_sub(FIRST).map(Symbol::of_number)
    }

    /// The index of a case's kind.
    #[must_use]
    pub fn kind(&self, row: usize, vocabulary: &Vocabulary) -> Option<usize> {
        let name = self.block.kind(row);
        if let Some((known, index)) = self.last_kind.get()
            && known == name
        {
            return Some(index);
        }
        let index = vocabulary.find(self.block.text(name))?;
        self.last_kind.set(Some((name, index)));
        Some(index)
    }

    /// The name of the event type whose data are changed facts.
    pub(super) const fn facts(&self) -> Option<TextId> {
        self.facts
    }

    pub(super) fn symbols(&self) -> &Arc<Symbols> {
        &self.symbols
    }

    /// How a kind reads this block.
    pub(super) fn reading(&self, index: usize, kind: &Kind) -> Rc<Reading> {
        if let Some((_, reading)) = self.kinds.borrow().iter().find(|(known, _)| *known == index) {
            return Rc::clone(reading);
        }
        let events = self.block.text_ids().take(self.block.names()).map(|(_, name)| kind.event_or_unknown(name)).collect();
        let mut columns = vec![None; kind.facts.len()].into_boxed_slice();
        for (column, name) in self.block.fact_names().iter().enumerate() {
            if let Some(place) = kind.fact(self.block.text(*name)).and_then(|slot| columns.get_mut(slot)) {
                *place = Some(column);
            }
        }
        let reading = Rc::new(Reading { events, columns });
        self.kinds.borrow_mut().push((index, Rc::clone(&reading)));
        reading
    }
}
