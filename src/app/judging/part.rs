//! One thread's work on one part of the cases.

use std::{collections::HashMap, rc::Rc};

use super::{Batches, Make, Met, Plan, Summary, Waivers};
use crate::{
    case::{Case, CaseRecord},
    engine::{Session, Tallies},
    pack::Damaged,
    policy::{Clause, PolicySet},
    store::{CaseRange, Chunk, Share, Store, StoreError},
    time::Instant,
    view::{Batch, Subject, block_of},
};

/// Cases packed into one block where they come from no store.
const BLOCK: usize = 256;

/// What one part of the cases gave.
pub(super) struct Part<T> {
    pub(super) findings: Vec<T>,
    pub(super) tallies: Tallies,
    pub(super) summary: Summary,
    pub(super) share: Share,
}

impl<T> Default for Part<T> {
    fn default() -> Self {
        Self { findings: Vec::new(), tallies: Tallies::default(), summary: Summary::default(), share: Share::default() }
    }
}

/// Cases that others are part of.
pub(super) type Parents<'c> = HashMap<&'c str, &'c Case>;

/// The cases that others of a list are part of.
pub(super) fn parents(cases: &[Case]) -> Parents<'_> {
    let wanted: std::collections::HashSet<&str> = cases.iter().filter_map(|case| case.part_of.as_deref()).collect();
    cases.iter().filter(|case| wanted.contains(case.id.as_str())).map(|case| (case.id.as_str(), case)).collect()
}

/// Judges one part.
pub(super) struct Worker<'w, T> {
    plan: &'w Plan<'w>,
    make: &'w Make<'w, T>,
    waivers: &'w Waivers,
    session: Session<'w>,
    /// The parent of the case before, which often is that of the next, too.
    parent: Option<(String, Option<Subject>)>,
    part: Part<T>,
}

/// What was packed a moment ago cannot be read: a fault of this program, told as what it would be in a store.
fn unreadable(damaged: &Damaged) -> StoreError {
    StoreError::Unpacked { why: damaged.to_string() }
}

/// Cases that come from no block, in one of their own.
pub(in crate::app) fn batch_of(set: &PolicySet, cases: impl IntoIterator<Item = Case>) -> Result<Rc<Batch>, StoreError> {
    let block = block_of(cases).map_err(|damaged| unreadable(&damaged))?;
    Ok(Rc::new(Batch::new(Rc::new(block), &set.symbols)))
}

impl<'w, T> Worker<'w, T> {
    pub(super) fn new(plan: &'w Plan<'w>, make: &'w Make<'w, T>, waivers: &'w Waivers) -> Self {
        let only = plan.only.map(|only| only as &dyn Fn(&Clause) -> bool);
        let session = Session::new(plan.set, plan.as_of, plan.wanted, only).sweeping();
        Self { plan, make, waivers, session, parent: None, part: Part::default() }
    }

    /// Cases from files, in their order.
    pub(super) fn cases(mut self, cases: &[Case], parents: &Parents<'_>) -> Result<Part<T>, StoreError> {
        for chunk in cases.chunks(BLOCK) {
            let mut order: Vec<&Case> = chunk.iter().filter(|case| self.plan.case.is_none_or(|id| case.id == id)).collect();
            let listed = order.clone();
            order.sort_by(|a, b| a.id.cmp(&b.id));
            let batch = batch_of(self.plan.set, order.into_iter().cloned())?;
            let set = self.plan.set;
            let before = std::mem::take(&mut self.part.findings);
            let mut found = Vec::with_capacity(batch.block.len());
            for row in 0..batch.block.len() {
                self.one(&batch, row, |id| parents.get(id).map(|parent| batch_of(set, [(*parent).clone()])).transpose())?;
                found.push(std::mem::take(&mut self.part.findings));
            }
            self.part.findings = before;
            for case in listed {
                let rows = batch.block.find(&case.id).ok().and_then(|row| found.get_mut(row));
                self.part.findings.extend(rows.into_iter().flat_map(std::mem::take));
            }
        }
        Ok(self.part)
    }

    /// One stored case.
    pub(super) fn stored(mut self, store: &Store, id: &str) -> Result<Part<T>, StoreError> {
        if let Some(case) = store.case(id)?.and_then(|record| record.known_at(self.plan.known_at)) {
            let batch = batch_of(self.plan.set, [case])?;
            self.one_stored(store, &batch, 0)?;
        }
        Ok(self.part)
    }

    /// The stored cases of a range.
    pub(super) fn range(mut self, store: &Store, range: &CaseRange) -> Result<Part<T>, StoreError> {
        self.part.share = match self.plan.known_at {
            None => store.scan_chunks(range, |chunk| self.chunk(store, &chunk))?,
            known_at => self.range_as_known(store, range, known_at)?,
        };
        Ok(self.part)
    }

    /// The cases of a chunk, in the order of their ids.
    fn chunk(&mut self, store: &Store, chunk: &Chunk) -> Result<(), StoreError> {
        Batches::new(chunk, self.plan.set).rows().try_for_each(|(batch, row)| self.one_stored(store, batch, row))
    }

    /// The stored cases of a range as they were known at an instant: from their whole records.
    fn range_as_known(&mut self, store: &Store, range: &CaseRange, known_at: Option<Instant>) -> Result<Share, StoreError> {
        let mut cases: Vec<Case> = Vec::with_capacity(BLOCK);
        let mut failed = Ok(());
        let share = store.scan_range(range, |record: CaseRecord| {
            cases.extend(record.into_known_at(known_at));
            if cases.len() == BLOCK && failed.is_ok() {
                failed = self.some_stored(store, std::mem::take(&mut cases));
            }
        })?;
        failed?;
        self.some_stored(store, cases)?;
        Ok(share)
    }

    fn some_stored(&mut self, store: &Store, cases: Vec<Case>) -> Result<(), StoreError> {
        let batch = batch_of(self.plan.set, cases)?;
        (0..batch.block.len()).try_for_each(|row| self.one_stored(store, &batch, row))
    }

    fn one_stored(&mut self, store: &Store, batch: &Rc<Batch>, row: usize) -> Result<(), StoreError> {
        let (set, known_at) = (self.plan.set, self.plan.known_at);
        self.one(batch, row, |id| {
            let case = store.case(id)?.and_then(|record| record.known_at(known_at));
            case.map(|case| batch_of(set, [case])).transpose()
        })
    }

    fn one(
        &mut self,
        batch: &Rc<Batch>,
        row: usize,
        find: impl FnOnce(&str) -> Result<Option<Rc<Batch>>, StoreError>,
    ) -> Result<(), StoreError> {
        let Some(subject) = self.session.subject(batch, row) else {
            let block = &batch.block;
            self.part.summary.add_unknown(block.text(block.kind(row)));
            return Ok(());
        };
        let mut parent = None;
        if self.plan.set.uses_parents
            && let Some(name) = batch.block.part_of(row)
        {
            let id = batch.block.text(name);
            if self.parent.as_ref().is_none_or(|(known, _)| known != id) {
                let found = find(id)?.and_then(|batch| self.session.subject(&batch, 0));
                self.parent = Some((id.to_owned(), found));
            }
            parent = self.parent.as_ref().and_then(|(_, subject)| subject.as_ref());
        }
        let waivers = if self.waivers.is_empty() { None } else { self.waivers.get(batch.block.id(row)) };
        let (make, findings) = (self.make, &mut self.part.findings);
        let waivers = waivers.map_or(&[][..], Vec::as_slice);
        let judged = self.session.judge(&subject, parent, waivers, &mut |found| findings.push(make(Met::Case(found))));
        self.part.summary.add(&judged);
        self.part.tallies.add(judged.members);
        Ok(())
    }
}
