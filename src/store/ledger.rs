//! The ledger of the nightly run in the index. It follows from nothing but a run, and is left out when the index is made again: then the next run
//! judges everything, and the findings of the last one stand under keys of their own.

use sled::Batch;

use super::archive::{Archive, PageBytes};
use super::error::StoreError;
use super::fault::Fault;
use super::record::{FindingKey, FindingRecord, Record, Run};
use super::stage::Stage;
use super::{Store, apply, codec, keys, seal};
use crate::ledger::{Concluded, Group, Head, Known, Made, Sheet, Unreadable};
use crate::population::Member;
use crate::time::Instant;

/// Findings in one journal entry at most.
const FINDINGS: usize = 5_000;

/// How a run's findings differ from those of the run before.
#[derive(Clone, Debug, Default)]
pub struct Difference {
    /// New ones, and ones that read differently now.
    pub changed: Vec<FindingRecord>,
    /// Those that are no longer there.
    pub gone: Vec<FindingKey>,
}

/// What a run leaves in the ledger together with itself.
#[derive(Debug, Default)]
pub struct Leaf {
    /// The sheet; its run is set by the store.
    pub sheet: Sheet,
    /// Periods that were concluded; those without members go.
    pub groups: Vec<Concluded>,
}

/// Pages of the ledger that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Series {
    /// Those of one of the two generations.
    Generation(u64),
    /// Those of the layer of a number.
    Layer(u64),
}

impl Series {
    fn key(self, number: u32) -> Vec<u8> {
        match self {
            Self::Generation(generation) => keys::page(generation, number),
            Self::Layer(layer) => keys::layer(layer, number),
        }
    }
}

impl Store {
    /// What the last run left, when it still holds: nothing but imports may have been journaled since.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn sheet(&self) -> Result<Option<Sheet>, StoreError> {
        let Some(sheet) = self.index.read::<Sheet>(&keys::SHEET)? else { return Ok(None) };
        Ok(self.last_run()?.filter(|run| run.id == sheet.run).map(|_| sheet))
    }

    /// A page, as it was kept.
    ///
    /// # Errors
    ///
    /// When the index is damaged, or there is no such page.
    pub fn page(&self, series: Series, number: u32) -> Result<PageBytes, StoreError> {
        let key = series.key(number);
        let sealed = self.index.get(&key)?.ok_or_else(|| self.index.damaged(Fault::Missing { what: "a page of the ledger" }))?;
        PageBytes::open(&key, sealed).map_err(|fault| self.index.damaged(fault))
    }

    /// Keeps pages of a series that no sheet names yet, from a number on.
    ///
    /// # Errors
    ///
    /// When the index is damaged or cannot be written.
    pub fn keep_pages(&self, series: Series, from: u32, pages: &[Made]) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        let mut scratch = Vec::new();
        for (number, page) in (from..).zip(pages) {
            let key = series.key(number);
            batch.insert(key.as_slice(), seal::wrap(&key, &page.bytes, &mut scratch));
        }
        self.index.apply(batch)
    }

    /// Drops what the sheet does not name: layers that were folded in, and what a run left that was interrupted. The pages of the generation before stay
    /// until they are written over: dropping some thousands costs sled more than writing them.
    ///
    /// # Errors
    ///
    /// When the index is damaged or cannot be written.
    pub fn sweep(&self, sheet: &Sheet) -> Result<(), StoreError> {
        let first = sheet.layers.first().map_or(u64::MAX, |layer| layer.number);
        let behind = sheet.layers.last().map_or_else(|| keys::layer(u64::MAX, 0), |layer| keys::layer(layer.number, layer.pages));
        let pages = u32::try_from(sheet.pages.len()).unwrap_or(u32::MAX);
        let mut stale: Vec<Vec<u8>> = Vec::new();
        for (start, end) in [
            (keys::page(sheet.generation, pages), keys::page(sheet.generation.saturating_add(1), 0)),
            (keys::layer(0, 0), keys::layer(first, 0)),
            (behind, keys::layer(u64::MAX, u32::MAX)),
        ] {
            self.each(&start, &end, |key, _| {
                stale.push(key.to_vec());
                Ok(())
            })?;
        }
        let mut batch = Batch::default();
        stale.iter().for_each(|key| batch.remove(key.as_slice()));
        self.index.apply(batch)
    }

    /// How all periods of clauses over many cases stood.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn heads(&self) -> Result<Vec<(Group, Head)>, StoreError> {
        self.all(keys::HEAD)
    }

    /// The members of a period.
    ///
    /// # Errors
    ///
    /// When the index is damaged.
    pub fn tally(&self, group: &Group) -> Result<Vec<Member>, StoreError> {
        let (start, end) = keys::tally(group)?;
        let mut members = Vec::new();
        self.each(&start, &end, |key, sealed| {
            members.push(self.index.unseal(key, sealed)?);
            Ok(())
        })?;
        Ok(members)
    }

    /// Records a run with how its findings differ, and what it leaves; without a leaf the findings stand under keys of their own. Gives the run's id.
    /// The run's own `id` and `at` are set by the store.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written or the index is damaged.
    pub fn close_night(&mut self, run: Run, difference: &Difference, leaf: Option<Leaf>, now: Instant) -> Result<u64, StoreError> {
        let recorded = self.journal.instant(now);
        let seen = self.journal.place.seq;
        let mut records = Vec::new();
        for part in difference.gone.chunks(FINDINGS) {
            records.push(Record::Findings { changed: Vec::new(), gone: part.to_vec() });
        }
        for part in difference.changed.chunks(FINDINGS) {
            records.push(Record::Findings { changed: part.to_vec(), gone: Vec::new() });
        }
        let id = seen.saturating_add(u64::try_from(records.len()).unwrap_or(u64::MAX)).saturating_add(1);
        let run = Run { id, at: recorded, ..run };
        records.push(Record::Run(run.clone()));
        let drafts = records.iter().map(|record| codec::draft(record, recorded)).collect::<Result<Vec<_>, _>>()?;
        if leaf.is_none() {
            self.unfold()?;
        }
        let mut stage = Stage::new(&self.index)?;
        match leaf {
            Some(leaf) => self.stage_leaf(&mut stage, &run, leaf)?,
            None => {
                (seen.saturating_add(1)..).zip(records).try_for_each(|(seq, record)| apply::apply(&mut stage, seq, recorded, record))?;
            }
        }
        stage.forget_changes(seen)?;
        stage.commit(&mut self.journal, &drafts)?;
        Ok(id)
    }

    fn stage_leaf(&self, stage: &mut Stage<'_>, run: &Run, mut leaf: Leaf) -> Result<(), StoreError> {
        stage.put(keys::run(run), run, "a run")?;
        self.each(&[keys::FINDING], &[keys::FINDING + 1], |key, _| {
            stage.remove(key.to_vec());
            Ok(())
        })?;
        for Concluded { group, head, anew, came, left } in &leaf.groups {
            let at_head = keys::head(group)?;
            // What was cleared is remembered, though nobody is left in the period: a finding that comes back is one that is reopened.
            if head.share.is_empty() && head.past.is_empty() {
                stage.remove(at_head);
            } else {
                stage.put(at_head, &(group, head), "a period")?;
            }
            let (start, end) = keys::tally(group)?;
            if *anew {
                self.each(&start, &end, |key, _| {
                    stage.remove(key.to_vec());
                    Ok(())
                })?;
            }
            left.iter().for_each(|member| stage.remove(keys::tally_of(&start, member)));
            came.iter().try_for_each(|member| stage.put(keys::tally_of(&start, member), member, "a member of a period"))?;
        }
        leaf.sheet.run = run.id;
        stage.put(keys::SHEET.to_vec(), &leaf.sheet, "the sheet")
    }

    /// Gives the findings of the ledger keys of their own, and leaves the ledger out: what is done before a run that left nothing in it is taken in.
    pub(super) fn unfold(&self) -> Result<(), StoreError> {
        let Some(sheet) = self.index.read::<Sheet>(&keys::SHEET)? else { return Ok(()) };
        let mut batch = Batch::default();
        let mut scratch = Vec::new();
        for finding in self.ledger_findings(&sheet)? {
            let key = keys::finding(&finding.key());
            let sealed = seal::seal(&key, &finding, "a finding", &mut scratch)?;
            batch.insert(key, sealed);
        }
        batch.remove(keys::SHEET.as_slice());
        self.index.apply(batch)
    }

    /// Visits the obligations of the ledger that are not met, in the order of cases.
    ///
    /// # Errors
    ///
    /// When the index is damaged, or what the visit fails with.
    pub fn each_known(&self, sheet: &Sheet, mut visit: impl FnMut(&str, &Known) -> Result<(), StoreError>) -> Result<(), StoreError> {
        Archive::open(self, sheet)?.each(|entry| {
            let rest = entry.rest().map_err(|error| self.unreadable_page(error))?;
            rest.known.iter().try_for_each(|known| visit(entry.id, known))
        })
    }

    /// An error about a page, which also marks the index for being made again.
    pub fn unreadable_page(&self, error: Unreadable) -> StoreError {
        self.index.damaged(Fault::Unreadable { why: error.to_string() })
    }

    /// The findings that the ledger holds, as the journal tells them.
    pub(super) fn ledger_findings(&self, sheet: &Sheet) -> Result<Vec<FindingRecord>, StoreError> {
        let mut list = Vec::new();
        self.each_known(sheet, |case, known| {
            list.extend(record(sheet, known, Some(case.to_owned()), None));
            Ok(())
        })?;
        for (group, head) in self.heads()? {
            list.extend(head.known.iter().filter_map(|known| record(sheet, known, None, Some(group.group.clone()))));
        }
        list.sort_by_cached_key(|finding| keys::finding(&finding.key()));
        Ok(list)
    }
}

/// A finding as the journal tells it; `None` for an obligation that is none.
#[must_use]
pub fn record(sheet: &Sheet, known: &Known, case: Option<String>, group: Option<String>) -> Option<FindingRecord> {
    let clause = sheet.clauses.get(usize::from(known.clause))?;
    known.is_finding().then(|| FindingRecord {
        case,
        group,
        clause: clause.id.clone(),
        instance: known.instance.clone(),
        state: known.standing.state().word().to_owned(),
        due: known.due,
        first_seen: known.first_seen.unwrap_or_default(),
        reopened: known.reopened,
        violation: known.standing.state().is_violation(),
        open: known.open,
    })
}
