//! Taking in cases and events. Only what is new is journaled, so that sending a file again costs no space and proves
//! nothing false about when something was known.

use super::codec;
use super::error::StoreError;
use super::imported::{Imported, MOST_CASE, MOST_ID, Refusal};
use super::merge;
use super::record::Record;
use super::stage::{Known, Stage};
use super::{Draft, Store};
use crate::case::{Case, Event, identify, identify_event};
use crate::time::Instant;

/// Cases in one journal entry at most.
const CASES: usize = 1_000;
/// Bytes after which a journal entry takes no further case.
const BYTES: usize = 4 << 20;

impl Store {
    /// Takes in cases: one group of journal entries, one sync, one batch. Events without an id get one.
    ///
    /// Sending the same again changes nothing. Facts with other values than stored become a change at the recorded
    /// instant; facts that are absent stay as they are. An empty kind stands for that of the stored case.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written or the index is damaged. Nothing is acknowledged then.
    pub fn import(&mut self, source: &str, cases: Vec<Case>, now: Instant) -> Result<Imported, StoreError> {
        let recorded = self.journal.instant(now);
        let mut news = News { source, recorded, first: self.journal.next_seq(), drafts: Vec::new(), bytes: Vec::new(), count: 0 };
        let mut stage = Stage::new(&self.index)?;
        stage.fetch(&cases)?;
        let mut done = Imported::default();
        for mut case in cases {
            if case.id.is_empty() || case.id.len() > MOST_ID {
                let case = case.id.chars().take(80).collect();
                done.refused.push(Refusal::Id { case });
                continue;
            }
            identify(&mut case);
            let repeats = merge::drop_repeats(&mut case);
            match stage.case(&case.id)? {
                None if case.kind.is_empty() => {
                    done.refused.push(Refusal::NoKind { case: case.id });
                    continue;
                }
                None => add(case, &mut stage, &mut news, &mut done)?,
                Some(known) => change(known, case, &mut stage, &mut news, &mut done)?,
            }
            done.events_same += repeats;
        }
        news.close()?;
        if !news.drafts.is_empty() {
            stage.commit(&mut self.journal, &news.drafts)?;
        }
        Ok(done)
    }

    /// Records one event of a stored case; false when its id is known already.
    ///
    /// # Errors
    ///
    /// [`StoreError::UnknownCase`], or when the journal cannot be written or the index is damaged.
    pub fn add_event(&mut self, case: &str, mut event: Event, now: Instant) -> Result<bool, StoreError> {
        identify_event(&mut event);
        let record = self.case(case)?.ok_or_else(|| StoreError::UnknownCase { case: case.to_owned() })?;
        if record.events.iter().any(|known| known.event.id == event.id) {
            return Ok(false);
        }
        self.record(Record::Event { case: case.to_owned(), event }, now)?;
        Ok(true)
    }

    /// Takes an event back; false when it had been taken back already.
    ///
    /// # Errors
    ///
    /// [`StoreError::UnknownCase`], [`StoreError::UnknownEvent`], or when the journal cannot be written or the index
    /// is damaged.
    pub fn retract(&mut self, case: &str, event: &str, by: &str, reason: &str, now: Instant) -> Result<bool, StoreError> {
        let record = self.case(case)?.ok_or_else(|| StoreError::UnknownCase { case: case.to_owned() })?;
        let known = record.events.iter().find(|known| known.event.id == event);
        let (case, event) = (case.to_owned(), event.to_owned());
        match known.map(|known| known.retracted) {
            None => Err(StoreError::UnknownEvent { case, event }),
            Some(Some(_)) => Ok(false),
            Some(None) => {
                let (by, reason) = (by.to_owned(), reason.to_owned());
                self.record(Record::Retract { case, event, by, reason }, now)?;
                Ok(true)
            }
        }
    }
}

fn add(case: Case, stage: &mut Stage, news: &mut News, done: &mut Imported) -> Result<(), StoreError> {
    let seq = news.seq();
    let Some(()) = news.add(&case, done)? else {
        return Ok(());
    };
    done.cases_new += 1;
    done.events_new += u64::try_from(case.events.len()).unwrap_or(u64::MAX);
    stage.add_case(merge::first(case, news.recorded), seq)
}

fn change(mut known: Known, mut case: Case, stage: &mut Stage, news: &mut News, done: &mut Imported) -> Result<(), StoreError> {
    if case.kind.is_empty() {
        case.kind.clone_from(&known.record.kind);
    }
    if known.record.kind != case.kind {
        done.refused.push(Refusal::Kind { case: case.id, stored: known.record.kind, given: case.kind });
        return Ok(());
    }
    let merged = merge::merge(&mut known.record, case, news.recorded);
    done.events_same += merged.events_same;
    done.events_differing += merged.events_differing;
    let Some(fresh) = merged.news else {
        done.cases_same += 1;
        return Ok(());
    };
    let seq = news.seq();
    let Some(()) = news.add(&fresh, done)? else {
        return Ok(());
    };
    done.cases_changed += 1;
    done.events_new += merged.events_new;
    stage.change_case(known, seq)
}

/// What is to be journaled, in bytes already.
struct News<'a> {
    source: &'a str,
    recorded: Instant,
    /// The number of the first entry.
    first: u64,
    drafts: Vec<Draft>,
    bytes: Vec<u8>,
    count: usize,
}

impl News<'_> {
    /// The number of the entry to which the next case goes.
    fn seq(&self) -> u64 {
        self.first.saturating_add(u64::try_from(self.drafts.len()).unwrap_or(u64::MAX))
    }

    /// Adds a case; `None` when it is too large.
    fn add(&mut self, case: &Case, done: &mut Imported) -> Result<Option<()>, StoreError> {
        let size = codec::add_case(case, &mut self.bytes)?;
        if size > MOST_CASE {
            self.bytes.truncate(self.bytes.len() - size);
            done.refused.push(Refusal::Size { case: case.id.clone(), size });
            return Ok(None);
        }
        self.count += 1;
        if self.count >= CASES || self.bytes.len() >= BYTES {
            self.close()?;
        }
        Ok(Some(()))
    }

    fn close(&mut self) -> Result<(), StoreError> {
        if self.count > 0 {
            self.drafts.push(codec::import(self.source, self.count, &self.bytes, self.recorded)?);
            self.bytes.clear();
            self.count = 0;
        }
        Ok(())
    }
}
