//! Which cases changed, and which are part of another.

use std::collections::BTreeSet;

use super::error::StoreError;
use super::fault::Fault;
use super::{Store, keys};

impl Store {
    /// The ids of the cases that journal entries after `seq` changed, or put under a waiver, in order. A run forgets the
    /// changes before it, so that `seq` must not be smaller than the last run's id.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn changed_since(&self, seq: u64) -> Result<Vec<String>, StoreError> {
        let mut changed = BTreeSet::new();
        let start = keys::changes(seq.saturating_add(1));
        let seq_at = start.len();
        self.each(&start, &[keys::CHANGE + 1], |key, sealed| {
            let what = key.get(1..seq_at).and_then(|seq| Some((u64::from_be_bytes(*seq.first_chunk()?), key.get(seq_at..)?)));
            match what {
                Some((_, [keys::LOOSE])) => changed.extend(self.index.unseal::<Vec<String>>(key, sealed)?),
                Some((seq, [keys::BLOCK, first @ ..])) => {
                    let last: String = self.index.unseal(key, sealed)?;
                    self.touched_between(self.text(first)?, &last, seq, &mut changed)?;
                }
                _ => return Err(self.unreadable()),
            }
            Ok(())
        })?;
        Ok(changed.into_iter().collect())
    }

    /// The ids of the cases that are part of another, in order.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn members(&self, parent: &str) -> Result<Vec<String>, StoreError> {
        let start = keys::members(parent);
        // The end of the parent's id is two zero bytes.
        let end = [start.get(..start.len() - 1).unwrap_or_default(), &[1]].concat();
        let mut members = Vec::new();
        self.each(&start, &end, |key, sealed| {
            self.index.unseal::<()>(key, sealed)?;
            members.push(self.text(key.get(start.len()..).unwrap_or_default())?);
            Ok(())
        })?;
        Ok(members)
    }

    /// Adds the cases of a stretch of ids, ends included, that entry `seq` or a later one changed.
    fn touched_between(&self, mut first: String, last: &str, seq: u64, changed: &mut BTreeSet<String>) -> Result<(), StoreError> {
        loop {
            let span = self.index.span(&first)?;
            if let Some((block, _)) = &span.block {
                let from = block.find(&first).unwrap_or_else(|row| row);
                let rows = (from..block.len()).take_while(|row| block.id(*row) <= last).filter(|row| block.touched(*row) >= seq);
                changed.extend(rows.map(|row| block.id(row).to_owned()));
            }
            match span.upper {
                Some(upper) if *upper <= *last => first = upper,
                _ => return Ok(()),
            }
        }
    }

    fn text(&self, bytes: &[u8]) -> Result<String, StoreError> {
        std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| self.unreadable())
    }

    fn unreadable(&self) -> StoreError {
        self.index.damaged(Fault::Unreadable { why: "a key has no meaning".to_owned() })
    }
}
