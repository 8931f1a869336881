//! Waivers, the files that runs used, and runs with their findings.

use std::collections::HashMap;

use serde::de::DeserializeOwned;

use super::error::StoreError;
use super::frame::sha256;
use super::hex::Hash;
use super::record::{Content, FindingKey, FindingRecord, Record, Run, Waiver};
use super::{Stage, Store, apply, codec, keys};
use crate::time::Instant;

/// Bytes of a stored file at most.
const MOST_FILE: usize = 16 << 20;
/// Findings in one journal entry at most.
const FINDINGS: usize = 5_000;

impl Store {
    /// Records a waiver, and gives it back with the id and the recorded instant that it got.
    ///
    /// # Errors
    ///
    /// [`StoreError::WaiverKnown`], or when the journal cannot be written or the index is damaged.
    pub fn add_waiver(&mut self, mut waiver: Waiver, now: Instant) -> Result<Waiver, StoreError> {
        waiver.recorded = self.journal.instant(now);
        if waiver.id.is_empty() {
            waiver.id = format!("W-{}", self.journal.next_seq());
        }
        if self.index.get(&keys::waiver(&waiver.id))?.is_some() {
            return Err(StoreError::WaiverKnown { id: waiver.id });
        }
        self.record(Record::Waiver(waiver.clone()), now)?;
        Ok(waiver)
    }

    /// All waivers, in the order of their ids.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn waivers(&self) -> Result<Vec<Waiver>, StoreError> {
        self.all(keys::WAIVER)
    }

    /// Keeps a file that a run uses, once for each content, and gives its hash.
    ///
    /// # Errors
    ///
    /// [`StoreError::TooLarge`], or when the journal cannot be written or the index is damaged.
    pub fn put_content(&mut self, name: &str, bytes: &[u8], now: Instant) -> Result<Hash, StoreError> {
        if bytes.len() > MOST_FILE {
            return Err(StoreError::TooLarge { what: format!("`{name}`"), size: bytes.len(), limit: MOST_FILE });
        }
        let hash = sha256(bytes);
        if self.index.get(&keys::content(&hash))?.is_none() {
            self.record(Record::Content { hash, name: name.to_owned(), bytes: bytes.to_vec() }, now)?;
        }
        Ok(hash)
    }

    /// A file by its hash.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn content(&self, hash: &Hash) -> Result<Option<Content>, StoreError> {
        self.index.read(&keys::content(hash))
    }

    /// Records a run and its findings, which replace those of the run before; the journal gets what differs. Gives
    /// the run's id. The run's own `id` and `at` are set by the store.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written or the index is damaged.
    pub fn put_run(&mut self, run: Run, findings: impl IntoIterator<Item = FindingRecord>, now: Instant) -> Result<u64, StoreError> {
        let recorded = self.journal.instant(now);
        let (changed, gone) = self.difference(findings)?;
        let mut records = Vec::new();
        let mut gone = gone.into_iter();
        for part in gone.by_ref().collect::<Vec<_>>().chunks(FINDINGS) {
            records.push(Record::Findings { changed: Vec::new(), gone: part.to_vec() });
        }
        for part in changed.chunks(FINDINGS) {
            records.push(Record::Findings { changed: part.to_vec(), gone: Vec::new() });
        }
        records.push(Record::Run(run));
        let mut drafts = Vec::with_capacity(records.len());
        let mut stage = Stage::new(&self.index)?;
        let mut seq = self.journal.place.seq;
        for record in records {
            seq = seq.saturating_add(1);
            drafts.push(codec::draft(&record, recorded)?);
            apply::apply(&mut stage, seq, recorded, record)?;
        }
        stage.commit(&mut self.journal, &drafts)?;
        Ok(seq)
    }

    /// The findings of the last run, by case.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn findings(&self) -> Result<Vec<FindingRecord>, StoreError> {
        self.all(keys::FINDING)
    }

    /// The last run.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn last_run(&self) -> Result<Option<Run>, StoreError> {
        let last = self.index.last(keys::RUN)?;
        last.map(|(key, sealed)| self.index.unseal(&key, &sealed)).transpose()
    }

    /// All runs, the oldest first.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn runs(&self) -> Result<Vec<Run>, StoreError> {
        self.all(keys::RUN)
    }

    /// Everything whose key begins with `prefix`, in the order of keys.
    pub(super) fn all<T: DeserializeOwned>(&self, prefix: u8) -> Result<Vec<T>, StoreError> {
        let mut all = Vec::new();
        self.each(&[prefix], &[prefix.saturating_add(1)], |key, sealed| {
            all.push(self.index.unseal(key, sealed)?);
            Ok(())
        })?;
        Ok(all)
    }

    /// Findings that are new or other than stored, and those stored that are no longer there.
    fn difference(&self, findings: impl IntoIterator<Item = FindingRecord>) -> Result<(Vec<FindingRecord>, Vec<FindingKey>), StoreError> {
        let mut stored = HashMap::new();
        for finding in self.findings()? {
            stored.insert(finding.key(), finding);
        }
        let mut changed = Vec::new();
        for finding in findings {
            if stored.remove(&finding.key()).is_none_or(|before| before != finding) {
                changed.push(finding);
            }
        }
        let mut gone: Vec<FindingKey> = stored.into_keys().collect();
        gone.sort_unstable();
        Ok((changed, gone))
    }
}
