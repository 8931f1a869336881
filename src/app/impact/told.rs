//! What came of it, by clause: counts, and the first examples of each change.

use super::edits::{Edit, Edits};
use crate::{
    app::compare::{Brief, Change, Difference, Key},
    engine::Counts,
};

/// Figures of a clause, or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    changes: [u64; Change::ALL.len()],
    /// How many obligations stand as they stood.
    pub unchanged: u64,
    /// How many are in each state under the policies as they are.
    pub before: Counts,
    /// The same under the policies as they would be.
    pub after: Counts,
}

impl Counted {
    /// How many obligations differ so.
    #[must_use]
    pub fn of(&self, change: Change) -> u64 {
        self.changes.get(change as usize).copied().unwrap_or(0)
    }

    /// How many differ in any way.
    #[must_use]
    pub fn changed(&self) -> u64 {
        self.changes.iter().sum()
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.changes.iter_mut().zip(other.changes).for_each(|(sum, more)| *sum += more);
        self.unchanged += other.unchanged;
        self.before.merge(&other.before);
        self.after.merge(&other.after);
    }
}

/// What a change would do to the obligations of one clause.
#[derive(Debug)]
pub struct ClauseImpact {
    /// `policy/article`.
    pub id: String,
    /// How the clause differs.
    pub edit: Edit,
    /// Figures.
    pub counted: Counted,
    /// Examples of each change, in order of changes, then of cases.
    pub examples: Vec<Difference>,
}

#[derive(Default)]
struct One {
    counted: Counted,
    examples: [Vec<Difference>; Change::ALL.len()],
}

/// What came of some cases.
pub(super) struct Told {
    clauses: Vec<One>,
    most: usize,
}

impl Told {
    pub(super) fn new(clauses: usize, most: usize) -> Self {
        Self { clauses: (0..clauses).map(|_| One::default()).collect(), most }
    }

    /// Takes one obligation of a clause in; `key` is made only where it is kept.
    pub(super) fn add(&mut self, place: usize, before: Option<Brief>, after: Option<Brief>, key: impl FnOnce() -> Key) {
        let Some(one) = self.clauses.get_mut(place) else { return };
        let counted = &mut one.counted;
        before.iter().for_each(|brief| counted.before.add(brief.state, 1));
        after.iter().for_each(|brief| counted.after.add(brief.state, 1));
        let Some(change) = Change::between(before, after) else {
            counted.unchanged += 1;
            return;
        };
        if let Some(count) = counted.changes.get_mut(change as usize) {
            *count += 1;
        }
        if let Some(examples) = one.examples.get_mut(change as usize).filter(|examples| examples.len() < self.most) {
            examples.push(Difference { key: key(), change, before, after });
        }
    }

    /// Takes what came of later cases in.
    pub(super) fn merge(&mut self, other: Self) {
        let most = self.most;
        for (own, other) in self.clauses.iter_mut().zip(other.clauses) {
            own.counted.merge(&other.counted);
            for (own, other) in own.examples.iter_mut().zip(other.examples) {
                let room = most.saturating_sub(own.len());
                own.extend(other.into_iter().take(room));
            }
        }
    }

    pub(super) fn close(self, edits: &Edits) -> Vec<ClauseImpact> {
        let clauses = edits.ids.iter().cloned().zip(self.clauses);
        let told = clauses.map(|((id, edit), one)| {
            let mut examples: Vec<Difference> = one.examples.into_iter().flatten().collect();
            examples.sort_by(|a, b| (a.change, &a.key).cmp(&(b.change, &b.key)));
            ClauseImpact { id, edit, counted: one.counted, examples }
        });
        told.collect()
    }
}
