//! Some rows of a block looked at together: what is asked of every case is asked of all of them at once, a bit for each.
//!
//! Only plain rows are surveyed: nothing of them lies in the future, no fact of theirs changed. Of the others nothing is said.

use std::{cmp::Ordering, rc::Rc, sync::Arc};

use super::{
    BEFORE_ALL, Batch, Position, Read, Subject, Words,
    batch::Reading,
    facts::{against, read_cell, symbol_of},
    place,
};
use crate::{
    atom::{Atom, Symbol, Word},
    pack::{Block, Cell, TextId},
    policy::vocabulary::Kind,
    time::{Instant, Zone},
    value::Type,
};

/// Rows that are looked at together, at most.
pub const LANES: usize = 64;

/// Some of the rows: a bit for each lane.
pub type Lanes = u64;

/// The lanes of a set, ascending.
pub fn lanes(mut set: Lanes) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lane = usize::try_from(set.trailing_zeros()).ok().filter(|lane| *lane < LANES)?;
        set &= set - 1;
        Some(lane)
    })
}

/// The set of the lanes of which something is so.
pub fn gather(set: Lanes, mut is_so: impl FnMut(usize) -> bool) -> Lanes {
    lanes(set).fold(0, |so, lane| so | Lanes::from(is_so(lane)) << lane)
}

/// For each lane a position.
pub type Positions = [Position; LANES];

/// Rows of a block, of one kind, at an instant.
#[derive(Debug)]
pub struct Survey {
    batch: Rc<Batch>,
    reading: Rc<Reading>,
    /// The kind.
    pub kind: Arc<Kind>,
    /// The kind's index in its policy set.
    pub index: usize,
    /// As-of: nothing later is visible.
    pub as_of: Instant,
    zone: Zone,
    /// The row of the first lane.
    start: usize,
    /// Lanes that are surveyed.
    rows: Lanes,
    /// For each event type, the positions of the first event of it.
    first: Vec<Positions>,
    /// For each event type, the lanes that have one.
    has: Vec<Lanes>,
    /// For each event type, the lanes that have more than one.
    again: Vec<Lanes>,
    /// Where the events of each lane begin in the block, and how many there are.
    events: [(usize, Position); LANES],
    /// Lanes whose case has ended.
    ended: Lanes,
}

impl Survey {
    /// Surveys the lanes around a case: those of its kind.
    #[must_use]
    pub fn around(subject: &Subject, as_of: Instant, zone: Zone) -> Self {
        let mut survey = Self {
            reading: subject.batch.reading(subject.index, &subject.kind),
            batch: Rc::clone(&subject.batch),
            kind: Arc::clone(&subject.kind),
            index: subject.index,
            as_of,
            zone,
            start: 0,
            rows: 0,
            first: Vec::new(),
            has: Vec::new(),
            again: Vec::new(),
            events: [(0, 0); LANES],
            ended: 0,
        };
        survey.read(subject.row);
        survey
    }

    /// Surveys others, in the room of these.
    pub fn turn_to(&mut self, subject: &Subject, as_of: Instant, zone: Zone) {
        if !Rc::ptr_eq(&self.batch, &subject.batch) || self.index != subject.index {
            self.reading = subject.batch.reading(subject.index, &subject.kind);
            self.batch = Rc::clone(&subject.batch);
            self.kind = Arc::clone(&subject.kind);
            self.index = subject.index;
        }
        (self.as_of, self.zone) = (as_of, zone);
        self.read(subject.row);
    }

    /// Whether its rows are of a batch.
    #[must_use]
    pub fn is_of(&self, batch: &Rc<Batch>) -> bool {
        Rc::ptr_eq(&self.batch, batch)
    }

    /// The lane of a case, when it is among those that were looked at.
    #[must_use]
    pub fn lane(&self, subject: &Subject) -> Option<usize> {
        let lane = subject.row.checked_sub(self.start).filter(|lane| *lane < LANES)?;
        (self.index == subject.index && Rc::ptr_eq(&self.batch, &subject.batch)).then_some(lane)
    }

    fn read(&mut self, row: usize) {
        self.start = row - row % LANES;
        let types = self.kind.events.len();
        self.first.resize(types, [BEFORE_ALL; LANES]);
        self.has.clear();
        self.has.resize(types, 0);
        self.again.clear();
        self.again.resize(types, 0);
        (self.rows, self.ended) = (0, 0);
        let block = Rc::clone(&self.batch.block);
        let kind = block.kind(row);
        for lane in 0..LANES.min(block.len().saturating_sub(self.start)) {
            if block.kind(self.start + lane) == kind {
                self.read_lane(&block, lane);
            }
        }
        self.ended = self.kind.ends.iter().fold(0, |ended, kind| ended | self.has(*kind));
    }

    fn read_lane(&mut self, block: &Block, lane: usize) {
        let events = block.events(self.start + lane);
        let (Some(times), Some(types)) = (block.event_times().get(events.clone()), block.event_types().get(events.clone())) else { return };
        if times.iter().any(|at| *at > self.as_of) || self.batch.facts().is_some_and(|facts| types.contains(&facts)) {
            return;
        }
        let bit = 1 << lane;
        self.rows |= bit;
        if let Some(there) = self.events.get_mut(lane) {
            *there = (events.start, place(types.len()));
        }
        for (position, name) in (0..).zip(types) {
            let Some(kind) = self.reading.events.get(name.index()).map(|kind| usize::from(*kind)) else { continue };
            let (Some(has), Some(again), Some(first)) = (self.has.get_mut(kind), self.again.get_mut(kind), self.first.get_mut(kind)) else {
                continue;
            };
            if *has & bit == 0 {
                *has |= bit;
                if let Some(first) = first.get_mut(lane) {
                    *first = position;
                }
            } else {
                *again |= bit;
            }
        }
    }

    /// The lanes that are surveyed.
    #[must_use]
    pub const fn rows(&self) -> Lanes {
        self.rows
    }

    /// The lanes whose case has ended.
    #[must_use]
    pub const fn ended(&self) -> Lanes {
        self.ended
    }

    /// The lanes that have an event of a type.
    #[must_use]
    pub fn has(&self, kind: u16) -> Lanes {
        self.has.get(usize::from(kind)).copied().unwrap_or(0)
    }

    /// The lanes that have more than one.
    #[must_use]
    pub fn again(&self, kind: u16) -> Lanes {
        self.again.get(usize::from(kind)).copied().unwrap_or(0)
    }

    /// The positions of the first events of a type; those of lanes without one mean nothing.
    #[must_use]
    pub fn firsts(&self, kind: u16) -> &Positions {
        self.first.get(usize::from(kind)).unwrap_or(&[BEFORE_ALL; LANES])
    }

    /// The position of the first event of a type.
    #[must_use]
    pub fn first(&self, kind: u16, lane: usize) -> Option<Position> {
        if self.has(kind) >> lane & 1 == 1 { self.firsts(kind).get(lane).copied() } else { None }
    }

    /// The position of the last event; before all where there is none.
    #[must_use]
    pub fn last(&self, lane: usize) -> Position {
        self.events.get(lane).map_or(BEFORE_ALL, |(_, count)| count - 1)
    }

    /// The types of the events of a lane.
    pub fn types(&self, lane: usize) -> impl Iterator<Item = (Position, u16)> {
        let block = &self.batch.block;
        let types = block.event_types().get(block.events(self.start + lane)).unwrap_or_default();
        let kind = |name: &TextId| self.reading.events.get(name.index()).copied().unwrap_or(crate::policy::vocabulary::UNKNOWN_EVENT);
        types.iter().enumerate().map(move |(position, name)| (place(position), kind(name)))
    }

    /// The positions of the events of a type.
    pub fn all(&self, kind: u16, lane: usize) -> impl Iterator<Item = Position> {
        // Nearly always there is only one.
        let more = self.again(kind) >> lane & 1 == 1;
        let first = self.first(kind, lane).filter(|_| !more);
        let all = more.then(|| self.types(lane).filter(move |(_, found)| *found == kind).map(|(position, _)| position));
        first.into_iter().chain(all.into_iter().flatten())
    }

    /// When an event happened.
    #[must_use]
    pub fn at(&self, lane: usize, position: Position) -> Option<Instant> {
        self.batch.block.event_times().get(self.placed(lane, position)?).copied()
    }

    /// Who did it.
    #[must_use]
    pub fn by(&self, lane: usize, position: Position) -> Option<Word> {
        self.batch.block.by(self.placed(lane, position)?).map(Word::Own)
    }

    /// In which role.
    #[must_use]
    pub fn role(&self, lane: usize, position: Position) -> Option<Word> {
        self.batch.block.role(self.placed(lane, position)?).map(Word::Own)
    }

    fn placed(&self, lane: usize, position: Position) -> Option<usize> {
        let (start, count) = *self.events.get(lane)?;
        if position < count { Some(start + usize::try_from(position).ok()?) } else { None }
    }

    /// The texts.
    #[must_use]
    pub fn words(&self) -> Words<'_> {
        Words { own: &self.batch, parent: None }
    }

    fn cell(&self, lane: usize, slot: usize) -> Cell {
        match self.reading.columns.get(slot) {
            Some(Some(column)) => self.batch.block.fact(*column, self.start + lane),
            _ => Cell::Absent,
        }
    }

    fn type_of(&self, slot: usize) -> Option<Type> {
        self.kind.facts.get(slot).map(|decl| decl.kind)
    }

    /// A fact.
    #[must_use]
    pub fn fact(&self, lane: usize, slot: usize) -> Read {
        let Some(kind) = self.type_of(slot) else { return Read::Missing };
        read_cell(&self.batch.block, self.cell(lane, slot), kind, Word::Own, self.zone)
    }

    /// Which of the policies' texts a fact that is a text is, if any; `None` when it must be read another way.
    #[must_use]
    pub fn fact_symbol(&self, lane: usize, slot: usize) -> Option<Option<Symbol>> {
        symbol_of(&self.batch, self.cell(lane, slot), self.type_of(slot)?)
    }

    /// How a fact that is a number compares with a number; `None` when it must be read another way.
    #[must_use]
    pub fn fact_against(&self, lane: usize, slot: usize, number: &Atom) -> Option<Ordering> {
        against(self.cell(lane, slot), self.type_of(slot)?, number)
    }
}
