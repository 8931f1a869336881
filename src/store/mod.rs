//! Keeps cases, waivers and runs: the journal is the truth, and sled is what follows from it.
//!
//! ```text
//! .duly/
//!   FORMAT        which program may touch this folder              format
//!   lock          who has it open                                  lock
//!   journal/      segments of framed entries, hash-chained         frame segment walk journal
//!   index/        sled: cases in a form made for reading           keys seal index span
//! ```
//!
//! A write computes what is new, appends it to the journal (`codec`), syncs, and takes it into the index (`stage`,
//! `apply`, `merge`, `settle`) in one batch that ends with the journal position. Most cases lie in blocks of columns
//! ([`crate::pack`]); the few that changed since lie beside them, and `chunk` reads both as one. Opening (`open`) compares the two: an index
//! behind the journal is caught up, a damaged one is made again, and one ahead of the journal stops everything, since
//! then the journal lost its tail.

mod apply;
mod archive;
mod changes;
mod chunk;
mod codec;
mod cursor;
mod desk;
mod dump;
mod erase;
mod error;
mod error_zh;
mod fault;
mod files;
mod format;
mod frame;
pub(crate) mod hex;
mod ids;
mod import;
mod imported;
mod index;
mod journal;
mod keys;
mod ledger;
mod lock;
mod merge;
mod open;
mod quiet;
mod record;
mod restore;
mod runs;
mod salvage;
mod scan;
mod seal;
mod segment;
mod settle;
mod span;
mod stage;
#[cfg(test)]
mod tests;
mod verify;
mod walk;

use std::path::PathBuf;

pub use crate::case::{CaseRecord, EventRecord, FactSet};
pub use archive::{Archive, PageBytes};
pub use chunk::Chunk;
pub use error::{Action, StoreError};
pub use fault::{Fault, Notice};
pub use hex::{Hash, hex, unhex_hash};
pub use imported::{Imported, Refusal};
pub use ledger::{Difference, Leaf, Series, record as ledger_record};
pub use lock::Owner;
pub use record::{Content, FindingKey, FindingRecord, Record, Run, Salvage, Waiver};
pub use salvage::Salvaged;
pub use scan::{CaseRange, Share};
pub use verify::Audit;

use index::Index;
use journal::{Draft, Journal};
use lock::Lock;
use stage::Stage;

/// An open store. One process has it at a time.
#[derive(Debug)]
pub struct Store {
    dir: PathBuf,
    journal: Journal,
    index: Index,
    // Last, so that it is given back after the index is closed.
    _lock: Lock,
}

impl Store {
    /// How many cases are stored.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn len(&self) -> Result<u64, StoreError> {
        Ok(self.index.position()?.cases)
    }

    /// Whether no case is stored.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn is_empty(&self) -> Result<bool, StoreError> {
        Ok(self.len()? == 0)
    }

    /// Reads a case.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn case(&self, id: &str) -> Result<Option<CaseRecord>, StoreError> {
        if let Some((loose, _)) = self.index.loose(id)? {
            return Ok(Some(loose.record));
        }
        let found = self.index.block_of(id)?;
        Ok(found.and_then(|(_, block, _)| Some(block.record(block.find(id).ok()?))))
    }

    /// The last journal entry and its hash: kept elsewhere, it proves later that nothing was cut off or rewritten.
    #[must_use]
    pub const fn checkpoint(&self) -> (u64, Hash) {
        (self.journal.place.seq, self.journal.place.hash)
    }

    /// Journals a single record and takes it into the index.
    fn record(&mut self, record: Record, now: crate::time::Instant) -> Result<u64, StoreError> {
        let recorded = self.journal.instant(now);
        let draft = codec::draft(&record, recorded)?;
        let mut stage = Stage::new(&self.index)?;
        let seq = self.journal.next_seq();
        apply::apply(&mut stage, seq, recorded, record)?;
        stage.commit(&mut self.journal, &[draft])?;
        Ok(seq)
    }
}
