//! Reading the whole chain again, as an auditor would.

use super::Store;
use super::error::StoreError;
use super::fault::Fault;
use super::hex::Hash;
use super::walk::Walk;

/// What a whole and unchanged journal consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Its entries.
    pub entries: u64,
    /// Its segments.
    pub segments: u64,
    /// The hash of its last entry.
    pub head: Hash,
    /// Entries whose payload was erased.
    pub erased: u64,
}

impl Store {
    /// Reads the journal from its first entry to its last, and compares every checksum, digest and hash.
    ///
    /// # Errors
    ///
    /// [`StoreError::Journal`] names the first entry that was changed, removed, inserted or reordered;
    /// [`StoreError::CutOff`] and [`StoreError::CheckpointDiffers`] tell that the files changed under the open store.
    pub fn verify(&self) -> Result<Audit, StoreError> {
        let (seq, head) = self.checkpoint();
        self.verify_against(seq, &head)
    }

    /// The same, and that the journal still holds an entry of which a checkpoint was kept elsewhere: only that can
    /// find a tail that was cut off cleanly, or a chain that was computed anew.
    ///
    /// # Errors
    ///
    /// As [`Store::verify`].
    pub fn verify_against(&self, seq: u64, hash: &Hash) -> Result<Audit, StoreError> {
        let mut walk = Walk::all(&self.journal.dir)?.with_payloads();
        let mut erased = 0;
        let mut at_checkpoint = (seq == 0).then_some([0; 32]);
        while let Some(entry) = walk.next()? {
            if entry.header.seq == seq {
                at_checkpoint = Some(entry.hash);
            }
            if entry.erased {
                erased += 1;
                continue;
            }
            // The digest proves the rest; a payload begins with its kind.
            if entry.payload.first() != Some(&entry.header.kind) {
                let why = format!("its header says kind {}", entry.header.kind);
                return Err(walk.fault_of_last(Fault::Unreadable { why }));
            }
        }
        if walk.incomplete {
            return Err(walk.fault(Fault::CutOff));
        }
        let last = walk.place.seq;
        match at_checkpoint {
            None => return Err(StoreError::CutOff { seq, last }),
            Some(found) if found != *hash => return Err(StoreError::CheckpointDiffers { seq }),
            Some(_) => {}
        }
        let (own, head) = self.checkpoint();
        if last < own {
            return Err(StoreError::CutOff { seq: own, last });
        }
        if walk.place.hash != head {
            return Err(StoreError::CheckpointDiffers { seq: own });
        }
        Ok(Audit { entries: last, segments: walk.number, head, erased })
    }
}
