//! Conditions asked of many rows at once: the answer is a bit for each.

use std::cmp::Ordering;

use super::{
    code::{Change, Code, Question},
    frame::Setup,
    names::Names,
    sight::Sight,
};
use crate::{
    atom::{Atom, Symbol, Word},
    script::Expr,
    time::Instant,
    value::{Type, Val},
    view::{BEFORE_ALL, Lanes, Position, Positions, Read, Survey, Words, lanes},
};

/// At which event of each row something is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Hand<'h> {
    /// At the last.
    Last,
    /// At these.
    At(&'h Positions),
}

/// Rows of a survey as expressions look at them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows<'r> {
    pub(crate) survey: &'r Survey,
    pub(crate) names: &'r Names,
    pub(crate) setup: &'r Setup,
    pub(crate) hand: Hand<'r>,
    /// Events after the one at hand are seen too.
    pub(crate) latest: bool,
}

/// Of which rows something is so, and of which it is not; of the others it cannot be told here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Truth {
    pub(crate) yes: Lanes,
    pub(crate) no: Lanes,
}

impl Truth {
    const fn of(yes: Lanes, rows: Lanes) -> Self {
        Self { yes: yes & rows, no: rows & !yes }
    }

    /// Asks row by row; `None` where it cannot be told.
    fn asked(among: Lanes, tell: impl Fn(usize) -> Option<bool>) -> Self {
        lanes(among).fold(Self { yes: 0, no: 0 }, |truth, lane| match tell(lane) {
            Some(true) => Self { yes: truth.yes | 1 << lane, ..truth },
            Some(false) => Self { no: truth.no | 1 << lane, ..truth },
            None => truth,
        })
    }
}

impl<'r> Rows<'r> {
    /// One row.
    pub(crate) fn row(&self, lane: usize) -> Row<'r> {
        let last = self.survey.last(lane);
        let hand = match self.hand {
            Hand::Last => last,
            Hand::At(positions) => positions.get(lane).copied().unwrap_or(BEFORE_ALL),
        };
        Row { rows: *self, lane, upto: if self.latest { last } else { hand }, hand }
    }

    /// The rows that have an event of a type so far.
    fn has(&self, kind: u16) -> Lanes {
        let there = self.survey.has(kind);
        match self.hand {
            Hand::At(positions) if !self.latest && there != 0 => {
                let firsts = self.survey.firsts(kind);
                let so_far = firsts.iter().zip(positions).rev().fold(0, |set, (first, upto)| set << 1 | Lanes::from(first <= upto));
                there & so_far
            }
            _ => there,
        }
    }
}

impl Expr {
    /// Of which rows it holds.
    pub(crate) fn truths(&self, rows: &Rows<'_>, among: Lanes) -> Truth {
        self.lowered().map_or(Truth { yes: 0, no: 0 }, |code| code.truths(rows, among))
    }
}

impl Code {
    fn truths(&self, rows: &Rows<'_>, among: Lanes) -> Truth {
        match self {
            Self::Ask(Question::Has, kind) => Truth::of(rows.has(*kind), among),
            Self::HasWithout(has, not) => Truth::of(rows.has(*has) & !rows.has(*not), among),
            Self::And(list) => list.iter().fold(Truth { yes: among, no: 0 }, |so_far, item| {
                let truth = item.truths(rows, so_far.yes);
                Truth { yes: truth.yes, no: so_far.no | truth.no }
            }),
            Self::Or(list) => list.iter().fold(Truth { yes: 0, no: among }, |so_far, item| {
                let truth = item.truths(rows, so_far.no);
                Truth { yes: so_far.yes | truth.yes, no: truth.no }
            }),
            Self::Change(Change::Not, inner) => {
                let truth = inner.truths(rows, among);
                Truth { yes: truth.no, no: truth.yes }
            }
            Self::Is(slot, symbol) => Truth::asked(among, |lane| Some(rows.survey.fact_symbol(lane, *slot)? == Some(*symbol))),
            Self::Measures(slot, sign, limit) => {
                Truth::asked(among, |lane| Some(sign.holds(rows.survey.fact_against(lane, *slot, limit)?)))
            }
            _ => Truth::asked(among, |lane| self.test(&rows.row(lane)).ok()),
        }
    }
}

/// A row of a survey, up to a position.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'r> {
    rows: Rows<'r>,
    lane: usize,
    upto: Position,
    hand: Position,
}

impl Row<'_> {
    /// The same, asked at an event.
    pub(crate) const fn at_event(self, hand: Position) -> Self {
        Self { hand, upto: if self.rows.latest { self.upto } else { hand }, ..self }
    }
}

impl Sight for Row<'_> {
    fn names(&self) -> &Names {
        self.rows.names
    }

    fn setup(&self) -> &Setup {
        self.rows.setup
    }

    fn words(&self) -> Words<'_> {
        self.rows.survey.words()
    }

    fn parameter(&self, index: usize) -> Option<&Val> {
        let at = self.instant(self.hand).unwrap_or(self.rows.survey.as_of);
        self.rows.names.parameters.get(index).and_then(|parameter| parameter.at(at, self.rows.setup.zone()))
    }

    fn fact(&self, slot: usize) -> Read {
        self.rows.survey.fact(self.lane, slot)
    }

    fn fact_symbol(&self, slot: usize) -> Option<Option<Symbol>> {
        self.rows.survey.fact_symbol(self.lane, slot)
    }

    fn fact_against(&self, slot: usize, number: &Atom) -> Option<Ordering> {
        self.rows.survey.fact_against(self.lane, slot, number)
    }

    fn first(&self, kind: u16) -> Option<Position> {
        self.rows.survey.first(kind, self.lane).filter(|first| *first <= self.upto)
    }

    fn all(&self, kind: u16) -> impl Iterator<Item = Position> {
        self.rows.survey.all(kind, self.lane).take_while(|position| *position <= self.upto)
    }

    fn hand(&self) -> Option<Position> {
        Some(self.hand).filter(|hand| *hand > BEFORE_ALL)
    }

    fn instant(&self, position: Position) -> Option<Instant> {
        self.rows.survey.at(self.lane, position)
    }

    fn by(&self, position: Position) -> Option<Word> {
        self.rows.survey.by(self.lane, position)
    }

    fn role(&self, position: Position) -> Option<Word> {
        self.rows.survey.role(self.lane, position)
    }

    fn datum(&self, _: Position, _: &str, _: Type) -> Read {
        // Data are seldom asked of all rows.
        Read::Other
    }
}
