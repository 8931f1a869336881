//! One thread's desk: cases are judged here, compared with how they stood, and entered.

use std::rc::Rc;

use super::{changes::Changes, known::parent_of, numbers::Numbers};
use crate::{
    app::judging::Waivers,
    engine::{Counts, Found, Session, Wanted},
    ledger::{Entry, EntryRef, Known, Mover, Past, Rest},
    policy::PolicySet,
    store::{Store, StoreError},
    time::Instant,
    view::{Batch, Subject},
};

/// What all desks share.
#[derive(Debug)]
pub(super) struct Office<'o> {
    pub(super) store: &'o Store,
    pub(super) set: &'o PolicySet,
    pub(super) numbers: &'o Numbers,
    pub(super) waivers: &'o Waivers,
    pub(super) as_of: Instant,
}

/// A desk.
pub(super) struct Desk<'o> {
    pub(super) office: &'o Office<'o>,
    whole: Session<'o>,
    part: Session<'o>,
    parent: Option<(String, Option<Subject>)>,
    /// Room for what is found of a case.
    room: Rest,
    /// What changed since the last run.
    pub(super) changes: Changes,
}

impl<'o> Desk<'o> {
    pub(super) fn new(office: &'o Office<'o>, fresh: bool) -> Self {
        let Office { set, as_of, numbers, .. } = *office;
        let whole = Session::new(set, as_of, Wanted::Unmet, None).itemised();
        let part = Session::of(set, as_of, Wanted::Unmet, numbers.edited()).itemised();
        Self { office, whole, part, parent: None, room: Rest::default(), changes: Changes::new(numbers.rows.len(), fresh) }
    }

    /// The same, for cases that come block by block: all of them, or all that the clauses that changed are for.
    pub(super) fn sweeping(self) -> Self {
        Self { whole: if self.changes.is_fresh() { self.whole.sweeping() } else { self.whole }, part: self.part.sweeping(), ..self }
    }

    /// Judges a case by all clauses.
    pub(super) fn judge(&mut self, batch: &Rc<Batch>, row: usize, old: Option<Rest>) -> Result<Entry, StoreError> {
        self.changes.judged += 1;
        let mut entry = Entry { id: batch.block.id(row).to_owned(), ..Entry::default() };
        if let Some(subject) = self.whole.subject(batch, row) {
            let parent = self.parent_of(batch, row)?;
            entry.rejudge = run(&mut self.whole, self.office, &subject, parent.as_ref(), &mut entry.rest);
        } else {
            entry.rest.unknown = Some(batch.block.text(batch.block.kind(row)).to_owned());
        }
        self.changes.compare(&entry.id, None, old, &mut entry.rest, self.office);
        Ok(entry)
    }

    /// Judges a case by the clauses that changed, and takes the rest as it stood. Gives nothing when all is as it was.
    pub(super) fn judge_part(&mut self, batch: &Rc<Batch>, row: usize, known: &EntryRef<'_>) -> Result<Option<Entry>, StoreError> {
        let Office { store, numbers, as_of, .. } = *self.office;
        let unreadable = |error| store.unreadable_page(error);
        let Some(subject) = self.part.subject(batch, row) else {
            return self.judge(batch, row, Some(known.rest().map_err(unreadable)?)).map(Some);
        };
        let parent = self.parent_of(batch, row)?;
        self.changes.judged += 1;
        let mut rest = std::mem::take(&mut self.room);
        let rejudge = run(&mut self.part, self.office, &subject, parent.as_ref(), &mut rest);
        // The instant at which an unchanged clause wakes the case may come from one that changed: then it is judged once too often.
        let is_sooner = rejudge.is_some_and(|at| known.rejudge.is_none_or(|before| at < before));
        let is_due = known.wake.is_some_and(|at| at <= as_of);
        // Periods of a clause that changed begin anew, also with members that are as they were.
        if !is_sooner && !is_due && rest.members.is_empty() && known.says(|number| numbers.is_stale(number), &rest).map_err(unreadable)? {
            // Nearly all cases read as they did: their room serves the next.
            rest.met.clear();
            rest.known.clear();
            self.room = rest;
            return Ok(None);
        }
        let old = known.rest().map_err(unreadable)?;
        let rejudge = [rejudge, known.rejudge].into_iter().flatten().min();
        rest.met.extend(old.met.iter().filter(|(number, _)| !numbers.is_stale(*number)));
        rest.met.sort_unstable();
        rest.known.extend(old.known.iter().filter(|known| !numbers.is_stale(known.clause)).cloned().map(|mut known| {
            known.advance(as_of);
            known
        }));
        rest.known.sort_by_key(|known| known.clause);
        rest.members.extend(old.members.iter().filter(|(number, _)| !numbers.is_stale(*number)).cloned());
        self.changes.compare(known.id, None, Some(old), &mut rest, self.office);
        Ok(Some(Entry { id: known.id.to_owned(), rejudge, rest }))
    }

    /// Moves a case on in time, where nothing else can have changed.
    pub(super) fn advance(&mut self, mut entry: Entry) -> Entry {
        let old = entry.rest.clone();
        entry.rest.known.iter_mut().for_each(|known| known.advance(self.office.as_of));
        self.changes.compare(&entry.id, None, Some(old), &mut entry.rest, self.office);
        entry
    }

    /// The case that another is part of, when a clause asks for it.
    fn parent_of(&mut self, batch: &Rc<Batch>, row: usize) -> Result<Option<Subject>, StoreError> {
        let Some(name) = batch.block.part_of(row).filter(|_| self.office.set.uses_parents) else { return Ok(None) };
        let id = batch.block.text(name);
        if self.parent.as_ref().is_none_or(|(known, _)| known != id) {
            self.parent = Some((id.to_owned(), parent_of(self.office.store, &self.whole, batch, row)?));
        }
        Ok(self.parent.as_ref().and_then(|(_, subject)| subject.clone()))
    }
}

/// Judges a case and adds what comes of it; gives from when on it must be judged again.
fn run(session: &mut Session<'_>, office: &Office<'_>, subject: &Subject, parent: Option<&Subject>, rest: &mut Rest) -> Option<Instant> {
    let waivers = if office.waivers.is_empty() { None } else { office.waivers.get(subject.batch.block.id(subject.row)) };
    let known = &mut rest.known;
    let judged = session.judge(subject, parent, waivers.map_or(&[][..], Vec::as_slice), &mut |found| {
        known.push(Known {
            clause: office.numbers.of(found.index),
            instance: found.instance(),
            standing: found.stand.state.into(),
            open: found.stand.open,
            due: found.duty.due.map(|due| due.at),
            alarm: found.alarm,
            mover: mover(found),
            first_seen: None,
            reopened: 0,
        });
    });
    rest.met.extend(judged.met.iter().map(|(index, count)| (office.numbers.of(*index), *count)));
    rest.members.extend(judged.members.into_iter().map(|(index, member)| (office.numbers.of(index), member)));
    judged.rejudge
}

fn mover(found: &Found<'_>) -> Mover {
    let role = found.role();
    match () {
        () if !found.acts() => Mover::Nobody,
        () if role == found.clause.properties.owner => Mover::Owner,
        () => Mover::Role(role.to_owned()),
    }
}

/// What is no longer there, remembered in case it comes back.
pub(super) fn remember(past: &mut Vec<Past>, clause: u16, instance: &str) {
    match past.iter_mut().find(|past| past.clause == clause && past.instance == instance) {
        Some(past) => past.times += 1,
        None => past.push(Past { clause, instance: instance.to_owned(), times: 1 }),
    }
}

/// Figures by clause.
pub(super) type ByClause = Vec<Counts>;
