//! One thread's desk: each case is held against both sets, and what came of it is compared and forgotten.

use std::{collections::BTreeMap, rc::Rc};

use super::{Question, edits::Edits, told::Told};
use crate::{
    app::{
        board::{site_columns, site_of},
        compare::Brief,
        judging::{Batches, Waivers, batch_of},
    },
    engine::{Session, Tallies, Waived, Wanted, conclude},
    pack::Block,
    policy::PolicySet,
    store::{CaseRange, Chunk, Share, Store, StoreError},
    view::{Batch, Subject},
};

/// What came of one part of the cases.
pub(super) struct Part {
    pub(super) told: Told,
    pub(super) tallies: (Tallies, Tallies),
    pub(super) cases: u64,
    pub(super) share: Share,
}

/// What the obligations of a case, or of a group, are under both sets: by the place of the clause, the group, the instance.
type Pairs = BTreeMap<(usize, Option<String>, String), (Option<Brief>, Option<Brief>)>;

/// One of the two sets.
struct Side<'d> {
    set: &'d PolicySet,
    session: Session<'d>,
    places: &'d [Option<usize>],
    /// The parent of the case before, which often is that of the next, too.
    parent: Option<(String, Option<Subject>)>,
    tallies: Tallies,
}

impl<'d> Side<'d> {
    fn new(question: &Question<'d>, set: &'d PolicySet, places: &'d [Option<usize>]) -> Self {
        let asked = places.iter().map(Option::is_some).collect();
        Self { set, session: Session::of(set, question.as_of, Wanted::All, asked), places, parent: None, tallies: Tallies::default() }
    }

    /// The case that another is part of, when a clause asks for it.
    fn parent_of(&mut self, store: &Store, batch: &Rc<Batch>, row: usize) -> Result<Option<Subject>, StoreError> {
        let Some(name) = batch.block.part_of(row).filter(|_| self.set.uses_parents) else { return Ok(None) };
        let id = batch.block.text(name);
        if self.parent.as_ref().is_none_or(|(known, _)| known != id) {
            let case = store.case(id)?.and_then(|record| record.known_at(None));
            let batch = case.map(|case| batch_of(self.set, [case])).transpose()?;
            self.parent = Some((id.to_owned(), batch.and_then(|batch| self.session.subject(&batch, 0))));
        }
        Ok(self.parent.as_ref().and_then(|(_, subject)| subject.clone()))
    }

    /// Judges a case.
    fn judge(
        &mut self,
        store: &Store,
        batch: &Rc<Batch>,
        row: usize,
        waived: &[Waived],
        found: &mut dyn FnMut(usize, String, Brief),
    ) -> Result<(), StoreError> {
        let Some(subject) = self.session.subject(batch, row) else { return Ok(()) };
        let parent = self.parent_of(store, batch, row)?;
        let places = self.places;
        let judged = self.session.judge(&subject, parent.as_ref(), waived, &mut |one| {
            if let Some(place) = places.get(one.index).copied().flatten() {
                found(place, one.instance(), Brief { state: one.stand.state, due: one.duty.due.map(|due| due.at) });
            }
        });
        self.tallies.add(judged.members);
        Ok(())
    }
}

/// A desk.
pub(super) struct Desk<'d> {
    question: &'d Question<'d>,
    edits: &'d Edits,
    waivers: &'d Waivers,
    before: Side<'d>,
    after: Side<'d>,
    told: Told,
    cases: u64,
    room: Pairs,
}

impl<'d> Desk<'d> {
    pub(super) fn new(question: &'d Question<'d>, edits: &'d Edits, waivers: &'d Waivers) -> Self {
        let [old, new] = &edits.places;
        Self {
            question,
            edits,
            waivers,
            before: Side::new(question, question.old, old),
            after: Side::new(question, question.new, new),
            told: Told::new(edits.ids.len(), question.most_examples),
            cases: 0,
            room: Pairs::new(),
        }
    }

    /// The stored cases of a range.
    pub(super) fn range(mut self, range: &CaseRange) -> Result<Part, StoreError> {
        let share = self.question.store.scan_chunks(range, |chunk| self.chunk(&chunk))?;
        Ok(Part { told: self.told, tallies: (self.before.tallies, self.after.tallies), cases: self.cases, share })
    }

    fn chunk(&mut self, chunk: &Chunk) -> Result<(), StoreError> {
        let (before, after) = (Batches::new(chunk, self.question.old), Batches::new(chunk, self.question.new));
        let mut columns: Option<(*const Block, Vec<usize>)> = None;
        before.rows().zip(after.rows()).try_for_each(|((old, row), (new, _))| {
            let block = &old.block;
            if !self.edits.has_kind(block.text(block.kind(row))) || !self.is_seen(block, row, &mut columns) {
                return Ok(());
            }
            self.case(old, new, row)
        })
    }

    /// Whether a case lies in the scope of who asks.
    fn is_seen(&self, block: &Rc<Block>, row: usize, columns: &mut Option<(*const Block, Vec<usize>)>) -> bool {
        let scope = self.question.scope;
        if scope.sites.is_empty() {
            return true;
        }
        let at: *const Block = Rc::as_ptr(block);
        if columns.as_ref().is_none_or(|(known, _)| *known != at) {
            *columns = Some((at, site_columns(block, self.question.old)));
        }
        columns.as_ref().is_some_and(|(_, columns)| scope.has_site(site_of(block, row, columns)))
    }

    fn case(&mut self, old: &Rc<Batch>, new: &Rc<Batch>, row: usize) -> Result<(), StoreError> {
        let (store, id) = (self.question.store, old.block.id(row));
        let waived = if self.waivers.is_empty() { None } else { self.waivers.get(id) };
        let waived = waived.map_or(&[][..], Vec::as_slice);
        let room = &mut self.room;
        self.before.judge(store, old, row, waived, &mut |place, instance, brief| {
            room.entry((place, None, instance)).or_default().0 = Some(brief);
        })?;
        self.after.judge(store, new, row, waived, &mut |place, instance, brief| {
            room.entry((place, None, instance)).or_default().1 = Some(brief);
        })?;
        self.cases += 1;
        compare(&mut self.room, Some(id), self.edits, &mut self.told);
        Ok(())
    }
}

/// Compares what both sets found, and empties the room for what comes next.
fn compare(pairs: &mut Pairs, case: Option<&str>, edits: &Edits, told: &mut Told) {
    while let Some(((place, group, instance), (before, after))) = pairs.pop_first() {
        let id = || edits.ids.get(place).map_or_else(String::new, |(id, _)| id.clone());
        told.add(place, before, after, || (case.map(str::to_owned), group, id(), instance));
    }
}

/// Concludes the clauses over many cases under both sets. Who sees some sites only has not been told of all their members.
pub(super) fn conclude_both(question: &Question<'_>, edits: &Edits, tallies: (Tallies, Tallies), told: &mut Told) {
    if !question.scope.sites.is_empty() {
        return;
    }
    let [old, new] = &edits.places;
    let mut pairs = Pairs::new();
    let mut side = |set: &PolicySet, tallies: Tallies, places: &[Option<usize>], is_new: bool| {
        for found in conclude(set, tallies, question.as_of, Wanted::All) {
            let Some(place) = places.get(found.clause).copied().flatten() else { continue };
            let brief = Brief { state: found.state, due: found.due.map(|due| due.at) };
            let pair = pairs.entry((place, found.group, found.instance)).or_default();
            *(if is_new { &mut pair.1 } else { &mut pair.0 }) = Some(brief);
        }
    };
    side(question.old, tallies.0, old, false);
    side(question.new, tallies.1, new, true);
    compare(&mut pairs, None, edits, told);
}
