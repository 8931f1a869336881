//! The outbox: notices that are to be sent, in the order of when, and what became of them.
//!
//! A notice is known by its id, so that composing it again adds nothing. What waits stands in a queue of its own, so that finding it does not
//! mean reading all that was ever sent.

use super::error::StoreError;
use super::hex::hex;
use super::letter::{Envelope, Mark, Outgoing};
use super::record::Record;
use super::stage::Stage;
use super::walk::Walk;
use super::{Store, apply, codec, keys};
use crate::time::Instant;

impl Store {
    /// Puts notices into the outbox, in one group of journal entries; gives how many were not known.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written or the index is damaged.
    pub fn post(&mut self, envelopes: Vec<Envelope>, now: Instant) -> Result<usize, StoreError> {
        let mut records: Vec<(String, Record)> = Vec::new();
        for envelope in envelopes {
            let known = self.index.get(&keys::notice(&envelope.id))?.is_some() || records.iter().any(|(id, _)| *id == envelope.id);
            if !known {
                records.push((envelope.id.clone(), Record::Notice(Box::new(envelope))));
            }
        }
        let added = records.len();
        self.record_all(records.into_iter().map(|(_, record)| record).collect(), now)?;
        Ok(added)
    }

    /// Records what became of notices, in one group of journal entries.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written or the index is damaged.
    pub fn mark(&mut self, marks: Vec<Mark>, now: Instant) -> Result<(), StoreError> {
        self.record_all(marks.into_iter().map(Record::NoticeMark).collect(), now)
    }

    fn record_all(&mut self, records: Vec<Record>, now: Instant) -> Result<(), StoreError> {
        if records.is_empty() {
            return Ok(());
        }
        let recorded = self.journal.instant(now);
        let drafts = records.iter().map(|record| codec::draft(record, recorded)).collect::<Result<Vec<_>, _>>()?;
        let mut stage = Stage::new(&self.index)?;
        (self.journal.next_seq()..).zip(records).try_for_each(|(seq, record)| apply::apply(&mut stage, seq, recorded, record))?;
        stage.commit(&mut self.journal, &drafts)
    }

    /// A notice by its id.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn notice(&self, id: &str) -> Result<Option<Outgoing>, StoreError> {
        self.index.read(&keys::notice(id))
    }

    /// The text of a notice; that of one that was sent is read from the journal. Nothing where it was erased.
    ///
    /// # Errors
    ///
    /// When the index or the journal is damaged.
    pub fn notice_text(&self, notice: &Outgoing) -> Result<Option<String>, StoreError> {
        if !notice.envelope.body.is_empty() {
            return Ok(Some(notice.envelope.body.clone()));
        }
        let mut walk = Walk::holding(&self.journal.dir, notice.entry)?;
        while let Some(entry) = walk.next()? {
            if entry.header.seq < notice.entry {
                continue;
            }
            if entry.erased {
                return Ok(None);
            }
            return match codec::record(&entry.payload).map_err(|fault| walk.fault_of_last(fault))? {
                Record::Notice(envelope) => Ok(Some(envelope.body)),
                _ => Ok(None),
            };
        }
        Ok(None)
    }

    /// All notices, in the order of their ids.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn notices(&self) -> Result<Vec<Outgoing>, StoreError> {
        let mut all = Vec::new();
        let (start, end) = keys::notices();
        self.each(&start, &end, |key, sealed| {
            all.push(self.index.unseal(key, sealed)?);
            Ok(())
        })?;
        Ok(all)
    }

    /// The notices that are not sent and of which something is to be done by an instant, the earliest first. Up to [`Instant::MAX`] these are all
    /// that are not sent, those that were given up last.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn unsent(&self, until: Instant) -> Result<Vec<Outgoing>, StoreError> {
        let mut ids: Vec<String> = Vec::new();
        let (start, end) = keys::queue(until);
        self.each(&start, &end, |key, sealed| {
            ids.push(self.index.unseal(key, sealed)?);
            Ok(())
        })?;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            found.extend(self.notice(&id)?);
        }
        Ok(found)
    }

    /// Whether a series has told something already.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn was_told(&self, series: &str, what: &str) -> Result<bool, StoreError> {
        Ok(self.index.get(&keys::told(series, what))?.is_some())
    }

    /// The run that a series told of last.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn told_of(&self, series: &str) -> Result<Option<u64>, StoreError> {
        let last: Option<(Instant, u64)> = self.index.read(&keys::series(series))?;
        Ok(last.map(|(_, run)| run))
    }
}

/// A short name of texts, the same for the same texts: 20 hexadecimal digits.
#[must_use]
pub fn short(parts: &[&str]) -> String {
    let mut bytes = Vec::new();
    for part in parts {
        // The length first, so that no two lists of texts run into the same bytes.
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend(part.as_bytes());
    }
    hex(super::frame::sha256(&bytes).get(..10).unwrap_or_default())
}

/// Takes in a notice; one that is known already stays as it is.
pub(super) fn take(stage: &mut Stage<'_>, seq: u64, envelope: Envelope) -> Result<(), StoreError> {
    if stage.read::<Outgoing>(&keys::notice(&envelope.id))?.is_some() {
        return Ok(());
    }
    for what in &envelope.told {
        stage.put(keys::told(&envelope.series, what), &(), "what was told")?;
    }
    if envelope.run > 0 {
        let key = keys::series(&envelope.series);
        // What was salvaged comes in the order of ids.
        let known: Option<(Instant, u64)> = stage.read(&key)?;
        if known.is_none_or(|(at, _)| at <= envelope.created) {
            stage.put(key, &(envelope.created, envelope.run), "what was told")?;
        }
    }
    put(stage, &Outgoing { envelope, entry: seq, mark: None })
}

/// Takes in what became of a notice; one that is not known was erased, and there is nothing left to send.
pub(super) fn note(stage: &mut Stage<'_>, mark: Mark) -> Result<(), StoreError> {
    let Some(mut known) = stage.read::<Outgoing>(&keys::notice(&mark.id))? else {
        return Ok(());
    };
    if let Some(due) = known.due() {
        stage.remove(keys::queued(due, &known.envelope.id));
    }
    known.mark = Some(mark);
    if known.is_sent() {
        known.envelope.body.clear();
    }
    put(stage, &known)
}

fn put(stage: &mut Stage<'_>, notice: &Outgoing) -> Result<(), StoreError> {
    let id = &notice.envelope.id;
    if let Some(due) = notice.due() {
        stage.put(keys::queued(due, id), id, "a notice")?;
    }
    stage.put(keys::notice(id), notice, "a notice")
}
