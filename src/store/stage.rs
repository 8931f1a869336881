//! Changes to the index that are not yet applied, readable as if they were.

use std::collections::BTreeMap;

use serde::Serialize;
use sled::{Batch, IVec};

use super::error::StoreError;
use super::index::{Index, Position};
use super::journal::{Draft, Journal};
use super::walk::Place;
use super::{keys, seal};
use crate::case::CaseRecord;

/// One case in so many bears a mark.
const MARKED: u64 = 512;

/// Changes in the making.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    index: &'a Index,
    writes: BTreeMap<IVec, Option<IVec>>,
    position: Position,
    scratch: Vec<u8>,
}

/// A case that was read in order to be changed.
#[derive(Debug)]
pub(super) struct Known {
    /// The case.
    pub(super) record: CaseRecord,
    share: u64,
}

impl<'a> Stage<'a> {
    /// Begins with no change.
    pub(super) fn new(index: &'a Index) -> Result<Self, StoreError> {
        Ok(Self { index, writes: BTreeMap::new(), scratch: Vec::new(), position: index.position()? })
    }

    /// How many keys are changed.
    pub(super) fn len(&self) -> usize {
        self.writes.len()
    }

    /// A case, with what putting it back needs.
    pub(super) fn case(&self, id: &str) -> Result<Option<Known>, StoreError> {
        let key = keys::case(id);
        let open = |sealed: &[u8]| -> Result<Known, StoreError> {
            Ok(Known { record: self.index.unseal(&key, sealed)?, share: seal::share(sealed) })
        };
        match self.writes.get(key.as_slice()) {
            Some(staged) => staged.as_deref().map(open).transpose(),
            None => self.index.get(&key)?.as_deref().map(open).transpose(),
        }
    }

    /// Puts in a case that was not known.
    pub(super) fn add_case(&mut self, record: &CaseRecord) -> Result<(), StoreError> {
        self.position.cases = self.position.cases.wrapping_add(1);
        if is_marked(&record.id) {
            self.put(keys::mark(&record.id), &(), "a mark")?;
        }
        self.put_case(record)
    }

    /// Puts a case back that was changed.
    pub(super) fn change_case(&mut self, known: &Known) -> Result<(), StoreError> {
        self.position.digest = self.position.digest.wrapping_sub(known.share);
        self.put_case(&known.record)
    }

    /// Sets a value that is no case.
    pub(super) fn put<T: Serialize>(&mut self, key: Vec<u8>, value: &T, what: &'static str) -> Result<(), StoreError> {
        let sealed = seal::seal(&key, value, what, &mut self.scratch)?;
        self.writes.insert(key.into(), Some(sealed));
        Ok(())
    }

    /// Takes a value away.
    pub(super) fn remove(&mut self, key: Vec<u8>) {
        self.writes.insert(key.into(), None);
    }

    /// Journals what the changes follow from, and applies them.
    pub(super) fn commit(self, journal: &mut Journal, drafts: &[Draft]) -> Result<(), StoreError> {
        journal.append(drafts)?;
        let place = journal.place;
        // With these entries missing, the index must not be moved past them: the next opening takes them in.
        self.apply(&place).inspect_err(|_| journal.close())
    }

    /// Applies all changes in one batch that says up to which entry the index now reflects the journal.
    pub(super) fn apply(mut self, place: &Place) -> Result<(), StoreError> {
        self.position.seq = place.seq;
        self.position.hash = place.hash;
        let position = self.position;
        self.put(keys::POSITION.to_vec(), &position, "the position")?;
        let mut batch = Batch::default();
        for (key, value) in self.writes {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        self.index.apply(batch)
    }

    fn put_case(&mut self, record: &CaseRecord) -> Result<(), StoreError> {
        let key = keys::case(&record.id);
        let sealed = seal::seal(&key, record, "a case", &mut self.scratch)?;
        self.position.digest = self.position.digest.wrapping_add(seal::share(&sealed));
        self.writes.insert(key.into(), Some(sealed));
        Ok(())
    }
}

/// Depends on the id alone, so that the index is the same whatever way it was made.
fn is_marked(id: &str) -> bool {
    let crc = u64::from(crc32fast::hash(id.as_bytes()));
    seal::mix(crc).is_multiple_of(MARKED)
}
