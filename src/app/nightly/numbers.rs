//! The clauses of a policy set by the numbers that the ledger gives them, and which of them have changed.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::{
    engine::Counts,
    ledger::{ClauseRow, Sheet},
    policy::{Clause, PolicySet},
};

/// A clause that the ledger does not know so.
const GONE: [u8; 16] = [0; 16];

/// Numbers of clauses.
#[derive(Debug)]
pub(super) struct Numbers {
    /// The rows, by number.
    pub(super) rows: Vec<ClauseRow>,
    /// The number of each clause of the set, by index.
    of: Vec<u16>,
    /// For each number, the first number of the same id: versions and kinds of a clause are told as one.
    same: Vec<u16>,
    /// Whether the verdicts under a number no longer hold: its clause has changed, or gone.
    stale: Vec<bool>,
}

impl Numbers {
    /// Numbers the clauses of a set, those that a sheet knows as it does. Rows of clauses that are gone stay, so that what is stored under their numbers
    /// can still be told.
    pub(super) fn new(set: &PolicySet, sheet: Option<&Sheet>) -> Self {
        let mut rows: Vec<ClauseRow> = sheet.map_or_else(Vec::new, |sheet| sheet.clauses.clone());
        let key = |row: &ClauseRow| (row.id.clone(), row.kind.clone(), row.from.millis());
        // Where the newest version judges all triggers, an older one may begin with it: each has a number of its own.
        let mut known: HashMap<(String, String, i64), VecDeque<usize>> = HashMap::new();
        for (number, row) in rows.iter().enumerate() {
            known.entry(key(row)).or_default().push_back(number);
        }
        let mut stale = vec![true; rows.len()];
        let mut of = Vec::with_capacity(set.clauses.len());
        for clause in &set.clauses {
            let row = row(set, clause);
            let number = known.get_mut(&key(&row)).and_then(VecDeque::pop_front).unwrap_or_else(|| {
                rows.push(ClauseRow { digest: GONE, ..row.clone() });
                stale.push(true);
                rows.len() - 1
            });
            if let (Some(known), Some(stale)) = (rows.get_mut(number), stale.get_mut(number)) {
                *stale = known.digest != row.digest;
                known.digest = row.digest;
                known.owner.clone_from(&row.owner);
            }
            of.push(u16::try_from(number).unwrap_or(u16::MAX));
        }
        let mut first: HashMap<&str, u16> = HashMap::new();
        let same = (0..).zip(&rows).map(|(number, row)| *first.entry(row.id.as_str()).or_insert(number)).collect();
        drop(first);
        let used: HashSet<u16> = of.iter().copied().collect();
        for ((number, row), stale) in (0_u16..).zip(&mut rows).zip(&mut stale) {
            if !used.contains(&number) {
                // Nothing stands any more under the number of a clause that had gone before.
                *stale = row.digest != GONE;
                row.digest = GONE;
            }
        }
        Self { rows, of, same, stale }
    }

    /// The number of a clause of the set.
    pub(super) fn of(&self, index: usize) -> u16 {
        self.of.get(index).copied().unwrap_or(u16::MAX)
    }

    /// A number of a clause id.
    pub(super) fn named(&self, id: &str) -> Option<u16> {
        (0..).zip(&self.rows).find(|(_, row)| row.id == id).map(|(number, _)| number)
    }

    /// The clause of a number, by index in the set.
    pub(super) fn index(&self, number: u16) -> Option<usize> {
        self.of.iter().position(|of| *of == number)
    }

    /// The same number for all that are told as one clause.
    pub(super) fn same(&self, number: u16) -> u16 {
        self.same.get(usize::from(number)).copied().unwrap_or(number)
    }

    /// Whether what is stored under a number no longer holds.
    pub(super) fn is_stale(&self, number: u16) -> bool {
        self.stale.get(usize::from(number)).copied().unwrap_or(true)
    }

    /// Whether anything is stale.
    pub(super) fn any_stale(&self) -> bool {
        self.stale.contains(&true)
    }

    /// For each clause of the set, whether it has to be judged again everywhere.
    pub(super) fn edited(&self) -> Vec<bool> {
        self.of.iter().map(|number| self.is_stale(*number)).collect()
    }

    /// Whether a kind of cases has clauses that are stale.
    pub(super) fn is_kind_stale(&self, kind: &str) -> bool {
        self.rows.iter().zip(&self.stale).any(|(row, stale)| *stale && row.kind == kind)
    }
}

fn row(set: &PolicySet, clause: &Clause) -> ClauseRow {
    ClauseRow {
        id: clause.properties.id.clone(),
        kind: set.kinds.get(clause.kind).map_or_else(String::new, |kind| kind.name.clone()),
        owner: clause.properties.owner.clone(),
        from: clause.from,
        digest: clause.digest,
        counts: Counts::default(),
        open: 0,
    }
}
