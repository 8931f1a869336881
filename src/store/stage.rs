//! Changes to the index that are not yet applied, readable as if they were.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use serde::de::DeserializeOwned;
use sled::{Batch, IVec};

use super::error::StoreError;
use super::index::{Index, Position};
use super::journal::{Draft, Journal};
use super::span::Span;
use super::walk::Place;
use super::{keys, seal};
use crate::case::{Case, CaseRecord};

/// Forgotten changes at a time; those that are left are no harm, and go the next time.
const FORGOTTEN: usize = 100_000;

/// Changes in the making.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    pub(super) index: &'a Index,
    pub(super) writes: BTreeMap<IVec, Option<IVec>>,
    /// Cases that are new or changed, by id.
    pub(super) cases: BTreeMap<String, Staged>,
    pub(super) position: Position,
    pub(super) scratch: Vec<u8>,
    /// Single cases that changed, by journal entry.
    touched: BTreeMap<u64, Vec<String>>,
    /// Cases that were looked up in advance.
    fetched: HashMap<String, Option<Known>>,
    /// The range that was looked at last: ids mostly come in order.
    span: Option<Span>,
}

/// A case that is to be written.
#[derive(Debug)]
pub(super) struct Staged {
    pub(super) record: CaseRecord,
    pub(super) touched: u64,
    /// What the loose case that it replaces adds to the digest, where there is one.
    pub(super) loose: Option<u64>,
}

/// A case that was read in order to be changed.
#[derive(Debug)]
pub(super) struct Known {
    /// The case.
    pub(super) record: CaseRecord,
    parent: Option<String>,
    loose: Option<u64>,
}

impl<'a> Stage<'a> {
    /// Begins with no change.
    pub(super) fn new(index: &'a Index) -> Result<Self, StoreError> {
        Ok(Self {
            index,
            writes: BTreeMap::new(),
            cases: BTreeMap::new(),
            position: index.position()?,
            scratch: Vec::new(),
            touched: BTreeMap::new(),
            fetched: HashMap::new(),
            span: None,
        })
    }

    /// How many cases and other values are changed.
    pub(super) fn len(&self) -> usize {
        self.writes.len() + self.cases.len()
    }

    /// Looks up what is stored of cases in the order of their ids, which reads each block once. Where they come in that
    /// order anyway there is no need.
    pub(super) fn fetch(&mut self, cases: &[Case]) -> Result<(), StoreError> {
        if cases.is_sorted_by(|left, right| left.id <= right.id) {
            return Ok(());
        }
        let mut ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            let known = self.look_up(id)?;
            self.fetched.insert(id.to_owned(), known);
        }
        Ok(())
    }

    /// A case, with what putting it back needs.
    pub(super) fn case(&mut self, id: &str) -> Result<Option<Known>, StoreError> {
        if let Some(staged) = self.cases.get(id) {
            let parent = staged.record.part_of.clone();
            return Ok(Some(Known { record: staged.record.clone(), parent, loose: staged.loose }));
        }
        match self.fetched.remove(id) {
            Some(known) => Ok(known),
            None => self.look_up(id),
        }
    }

    fn look_up(&mut self, id: &str) -> Result<Option<Known>, StoreError> {
        let span = match self.span.take().filter(|span| span.has(id)) {
            Some(span) => span,
            None => self.index.span(id)?,
        };
        let span = self.span.insert(span);
        let known = |record: CaseRecord, loose| Some(Known { parent: record.part_of.clone(), record, loose });
        if span.has_loose
            && let Some((loose, share)) = self.index.loose(id)?
        {
            return Ok(known(loose.record, Some(share)));
        }
        let row = span.block.as_ref().and_then(|(block, _)| Some((block, block.find(id).ok()?)));
        Ok(row.and_then(|(block, row)| known(block.record(row), None)))
    }

    /// Puts in a case that was not known, as entry `seq` does.
    pub(super) fn add_case(&mut self, record: CaseRecord, seq: u64) -> Result<(), StoreError> {
        self.position.cases = self.position.cases.wrapping_add(1);
        self.put_case(record, None, None, seq)
    }

    /// Puts a case back that entry `seq` changed.
    pub(super) fn change_case(&mut self, known: Known, seq: u64) -> Result<(), StoreError> {
        self.put_case(known.record, known.parent.as_deref(), known.loose, seq)
    }

    fn put_case(&mut self, record: CaseRecord, parent: Option<&str>, loose: Option<u64>, touched: u64) -> Result<(), StoreError> {
        if record.part_of.as_deref() != parent {
            if let Some(parent) = parent {
                self.remove(keys::member(parent, &record.id));
            }
            if let Some(parent) = &record.part_of {
                self.put(keys::member(parent, &record.id), &(), "a member")?;
            }
        }
        self.cases.insert(record.id.clone(), Staged { record, touched, loose });
        Ok(())
    }

    /// Notes that entry `seq` changed a case, or how it is judged.
    pub(super) fn touch(&mut self, id: &str, seq: u64) {
        self.touched.entry(seq).or_default().push(id.to_owned());
    }

    /// Forgets which cases were changed by entries up to `seq`.
    pub(super) fn forget_changes(&mut self, seq: u64) -> Result<(), StoreError> {
        let mut pairs = Vec::new();
        let (start, end) = ([keys::CHANGE], keys::changes(seq.saturating_add(1)));
        self.index.block(std::ops::Bound::Included(&start), std::ops::Bound::Excluded(&end), FORGOTTEN, &mut pairs)?;
        self.writes.extend(pairs.into_iter().map(|(key, _)| (key, None)));
        Ok(())
    }

    /// A value that is no case, as these changes leave it.
    pub(super) fn read<T: DeserializeOwned>(&self, key: &[u8]) -> Result<Option<T>, StoreError> {
        match self.writes.get(key) {
            Some(sealed) => sealed.as_ref().map(|sealed| self.index.unseal(key, sealed)).transpose(),
            None => self.index.read(key),
        }
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
        self.settle()?;
        for (seq, ids) in std::mem::take(&mut self.touched) {
            self.put(keys::change(seq, keys::LOOSE, ""), &ids, "what changed")?;
        }
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
}
