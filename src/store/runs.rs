//! Waivers, the files that runs used, and runs with their findings.

use serde::de::DeserializeOwned;

use super::error::StoreError;
use super::frame::sha256;
use super::hex::Hash;
use super::record::{Content, FindingRecord, Record, Run, Waiver};
use super::{Store, keys};
use crate::time::Instant;

/// Bytes of a stored file at most.
const MOST_FILE: usize = 16 << 20;

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

    /// The findings of the last run, by case.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn findings(&self) -> Result<Vec<FindingRecord>, StoreError> {
        match self.sheet()? {
            Some(sheet) => self.ledger_findings(&sheet),
            None => self.all(keys::FINDING),
        }
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

    /// The last runs, the newest first.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn last_runs(&self, most: usize) -> Result<Vec<Run>, StoreError> {
        let mut runs = Vec::new();
        let mut end = vec![keys::RUN + 1];
        while runs.len() < most {
            let Some((key, sealed)) = self.index.before(&[keys::RUN], &end)? else { break };
            runs.push(self.index.unseal(&key, &sealed)?);
            end = key.to_vec();
        }
        Ok(runs)
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
}
