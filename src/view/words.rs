//! Texts by reference: comparing them, and reading them where they stand.

use std::{cmp::Ordering, sync::Arc};

use super::{Batch, CaseView, Position};
use crate::{
    atom::{Symbol, Word},
    pack::TextId,
};

/// The texts of a case, and of the one that it is part of.
#[derive(Clone, Copy, Debug)]
pub struct Words<'w> {
    pub(super) own: &'w Batch,
    pub(super) parent: Option<&'w Batch>,
}

impl Words<'_> {
    /// The symbol of a text, when the policies name it.
    #[must_use]
    pub fn symbol(self, word: Word) -> Option<Symbol> {
        match word {
            Word::Symbol(symbol) => Some(symbol),
            Word::Own(id) => self.own.symbol(id),
            Word::Parent(id) => self.parent?.symbol(id),
        }
    }

    /// Whether two texts are the same.
    #[must_use]
    pub fn is_same(self, a: Word, b: Word) -> bool {
        match (a, b) {
            (Word::Symbol(a), Word::Symbol(b)) => a == b,
            // Within a block each text stands once.
            (Word::Own(a), Word::Own(b)) | (Word::Parent(a), Word::Parent(b)) => a == b,
            (Word::Symbol(symbol), other) | (other, Word::Symbol(symbol)) => self.symbol(other) == Some(symbol),
            (a, b) => self.compare(a, b) == Ordering::Equal,
        }
    }

    /// The order of two texts, by bytes.
    #[must_use]
    pub fn compare(self, a: Word, b: Word) -> Ordering {
        self.text_of(a).cmp(&self.text_of(b))
    }

    /// Whether a text is empty.
    #[must_use]
    pub fn is_empty(self, word: Word) -> bool {
        self.with_text(word, str::is_empty)
    }

    /// Looks at a text.
    pub fn with_text<T>(self, word: Word, look: impl FnOnce(&str) -> T) -> T {
        match (word, self.parent) {
            (Word::Symbol(symbol), _) => look(&self.own.symbols().text(symbol)),
            (Word::Own(id), _) => look(self.own.block.text(id)),
            (Word::Parent(id), Some(parent)) => look(parent.block.text(id)),
            (Word::Parent(_), None) => look(""),
        }
    }

    /// A text, copied.
    #[must_use]
    pub fn text_of(self, word: Word) -> Arc<str> {
        self.with_text(word, |text| text.into())
    }
}

impl CaseView {
    /// A text of the event at a position, by reference.
    pub(super) fn word(&self, position: Position, id: TextId) -> Word {
        if self.seen(position).is_some_and(|seen| seen.of_parent) { Word::Parent(id) } else { Word::Own(id) }
    }

    /// Its texts.
    #[must_use]
    pub fn words(&self) -> Words<'_> {
        Words { own: &self.own.batch, parent: self.parent.as_ref().map(|parent| &*parent.batch) }
    }
}
