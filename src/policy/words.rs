//! The words of a text: which names it speaks of, without reading it as an expression.

use crate::yaml::{Kind, Node};

/// All scalars of a tree.
pub(crate) fn words<'n>(node: &'n Node, list: &mut Vec<&'n str>) {
    match &node.kind {
        Kind::Null => {}
        Kind::Scalar { text, .. } => list.push(text),
        Kind::List(items) => items.iter().for_each(|item| words(item, list)),
        Kind::Map(entries) => entries.iter().for_each(|(_, value)| words(value, list)),
    }
}

/// Whether a text holds a word.
pub(crate) fn mentions(text: &str, word: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|part| part.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|part| part.chars().next());
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}
