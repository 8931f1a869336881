//! Where a case stands: the block whose range has its id, and the loose cases of that range.

use std::ops::Bound;

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::fault::Fault;
use super::index::{Index, Pair};
use super::{keys, seal};
use crate::case::CaseRecord;
use crate::pack::Block;

/// A loose case as it is stored.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Loose {
    /// The case.
    pub(super) record: CaseRecord,
    /// The entry that changed it last.
    pub(super) touched: u64,
}

/// A range of ids, with what is stored of it.
#[derive(Debug)]
pub(super) struct Span {
    /// The first id of the range, and the bound of its block.
    pub(super) bound: String,
    /// The bound of the next block; nothing after the last one.
    pub(super) upper: Option<String>,
    /// The block, and what it adds to the digest; absent only while there is no block at all.
    pub(super) block: Option<(Block, u64)>,
    /// Whether there are loose cases in the range.
    pub(super) has_loose: bool,
}

impl Span {
    /// Whether the range has an id.
    pub(super) fn has(&self, id: &str) -> bool {
        *self.bound <= *id && self.is_below(id)
    }

    /// Whether an id stands before the end of the range.
    pub(super) fn is_below(&self, id: &str) -> bool {
        self.upper.as_deref().is_none_or(|upper| id < upper)
    }
}

impl Index {
    /// The range that has an id.
    pub(super) fn span(&self, id: &str) -> Result<Span, StoreError> {
        let block = self.block_of(id)?;
        let bound = block.as_ref().map_or_else(String::new, |(bound, ..)| bound.clone());
        let from = keys::block(&bound);
        let start = if block.is_some() { Bound::Excluded(from.as_slice()) } else { Bound::Included(from.as_slice()) };
        let next = self.first(start, &[keys::BLOCK + 1])?;
        let upper = next.map(|(key, _)| self.id_of(&key)).transpose()?;
        let end = upper.as_deref().map_or_else(|| vec![keys::LOOSE + 1], keys::loose);
        let has_loose = self.first(Bound::Included(&keys::loose(&bound)), &end)?.is_some();
        Ok(Span { bound, upper, block: block.map(|(_, block, share)| (block, share)), has_loose })
    }

    /// The block whose range has an id, with its bound and what it adds to the digest.
    pub(super) fn block_of(&self, id: &str) -> Result<Option<(String, Block, u64)>, StoreError> {
        let found = self.last_until(&[keys::BLOCK], &keys::block(id))?;
        found.map(|(key, sealed)| Ok((self.id_of(&key)?, self.open_block(&key, &sealed)?, seal::share(&sealed)))).transpose()
    }

    /// Up to `most` of the loose cases of a range, from an id on: each with its id and its share of the digest.
    pub(super) fn loose_cases(&self, span: &Span, from: &str, most: usize) -> Result<Vec<(Loose, u64)>, StoreError> {
        let end = span.upper.as_deref().map_or_else(|| vec![keys::LOOSE + 1], keys::loose);
        let mut pairs: Vec<Pair> = Vec::new();
        self.block(Bound::Included(&keys::loose(from)), Bound::Excluded(&end), most, &mut pairs)?;
        pairs.iter().map(|(key, sealed)| Ok((self.unseal(key, sealed)?, seal::share(sealed)))).collect()
    }

    /// The loose case of an id, and its share of the digest.
    pub(super) fn loose(&self, id: &str) -> Result<Option<(Loose, u64)>, StoreError> {
        let key = keys::loose(id);
        self.get(&key)?.map(|sealed| Ok((self.unseal(&key, &sealed)?, seal::share(&sealed)))).transpose()
    }

    /// The block of what was read as stored.
    pub(super) fn open_block(&self, key: &[u8], sealed: &[u8]) -> Result<Block, StoreError> {
        open_block(key, sealed).map_err(|fault| self.damaged(fault))
    }

    /// The id that a key ends with.
    pub(super) fn id_of(&self, key: &[u8]) -> Result<String, StoreError> {
        let id = key.get(1..).and_then(|id| std::str::from_utf8(id).ok());
        id.map(str::to_owned).ok_or_else(|| self.damaged(Fault::Unreadable { why: "a key is not UTF-8".to_owned() }))
    }
}

/// The block of what was read as stored.
pub(super) fn open_block(key: &[u8], sealed: &[u8]) -> Result<Block, Fault> {
    Block::open(seal::unwrap(key, sealed)?).map_err(|damaged| Fault::Unreadable { why: damaged.to_string() })
}
