//! The board: every obligation that is not met, in memory, so that counting, choosing and turning pages touch no disk.
//!
//! It begins with what the last nightly run left. Cases that change, or whose time comes, are judged again by the same judge and take their rows'
//! place; that the time of a waiting obligation comes needs no judging at all. Clauses over many cases stand as the last run left them.

mod build;
mod choose;
mod count;
mod item;
mod live;
mod names;

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
};

use crate::{store::Run, time::Instant};

pub(in crate::app) use build::{columns as site_columns, site_of};
pub use build::{site_of_facts, site_of_record};
pub use choose::{Choice, Page, Present, Section, Sort, View, Whose};
pub use count::{By, Group, Sums};
pub use item::{ClauseRow, Item, Stands};
pub use names::{Name, Names};

/// How far ahead the board keeps the instants at which cases must be judged again: the next nightly run comes before.
const AHEAD: i64 = 48 * 3_600_000;

/// What the last run was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastRun {
    /// Its number.
    pub id: u64,
    /// When it was recorded.
    pub at: Instant,
    /// For which instant it judged.
    pub as_of: Instant,
    /// Whether it ran the last good policies because the newest could not be used.
    pub fallback: bool,
}

impl From<&Run> for LastRun {
    fn from(run: &Run) -> Self {
        Self { id: run.id, at: run.at, as_of: run.as_of, fallback: run.fallback }
    }
}

/// The board.
#[derive(Clone, Debug, Default)]
pub struct Board {
    /// The last run; `None` before the first, when there is nothing to show.
    pub run: Option<LastRun>,
    /// The clauses.
    pub clauses: Vec<ClauseRow>,
    /// The policies.
    pub policies: Names,
    /// The roles.
    pub roles: Names,
    /// The kinds of cases.
    pub kinds: Names,
    /// The sites.
    pub sites: Names,
    /// The people to whom something was given.
    pub people: Names,
    /// Changes with every change of a row.
    pub version: u64,
    clause_numbers: Names,
    items: Vec<Item>,
    /// Rows that no longer count; their places are taken by later ones.
    free: Vec<usize>,
    dead: Vec<bool>,
    cases: HashMap<Box<str>, Vec<usize>>,
    wakes: BinaryHeap<Reverse<(Instant, Box<str>)>>,
}

impl Board {
    /// The rows that count.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().zip(&self.dead).filter(|(_, dead)| !**dead).map(|(item, _)| item)
    }

    /// How many rows count.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.items.len() - self.free.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows of a case.
    pub fn of_case<'b>(&'b self, case: &str) -> impl Iterator<Item = &'b Item> + use<'b> {
        self.cases.get(case).into_iter().flatten().filter_map(|at| self.items.get(*at))
    }

    fn put(&mut self, item: Item) {
        let place = self.free.pop().unwrap_or_else(|| {
            self.dead.push(true);
            self.items.len()
        });
        if let Some(case) = &item.case {
            self.cases.entry(case.clone()).or_default().push(place);
        }
        if let Some(dead) = self.dead.get_mut(place) {
            *dead = false;
        }
        match self.items.get_mut(place) {
            Some(room) => *room = item,
            None => self.items.push(item),
        }
        self.version += 1;
    }

    /// Takes the rows of a case away, and gives them.
    fn take(&mut self, case: &str) -> Vec<Item> {
        let places = self.cases.remove(case).unwrap_or_default();
        let mut taken = Vec::with_capacity(places.len());
        for place in places {
            if let (Some(item), Some(dead)) = (self.items.get(place), self.dead.get_mut(place)) {
                taken.push(item.clone());
                *dead = true;
                self.free.push(place);
                self.version += 1;
            }
        }
        taken
    }
}
