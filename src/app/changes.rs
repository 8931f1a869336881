//! What became of findings since an earlier run: new, persisting, cleared, reopened. One run or several lie between, so that whoever
//! missed a report misses no change.

use std::collections::HashMap;

use crate::{
    finding::Obligation,
    store::{FindingKey, Run},
};

/// What became of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was never there before.
    New,
    /// It was there then, and is.
    Persisting,
    /// It is there no more.
    Cleared,
    /// It had been cleared, and is back.
    Reopened,
}

impl Change {
    /// The word in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Persisting => "persisting",
            Self::Cleared => "cleared",
            Self::Reopened => "reopened",
        }
    }
}

/// What identifies an obligation as a finding of the store.
#[must_use]
pub fn key(found: &Obligation) -> FindingKey {
    FindingKey { case: found.case.clone(), group: found.group.clone(), clause: found.clause_id.clone(), instance: found.instance.clone() }
}

/// The first and the last thing that happened to a finding.
#[derive(Clone, Copy)]
struct Course {
    first: Change,
    last: Change,
}

/// What became of findings since an earlier run.
#[derive(Debug, Default)]
pub struct Changes {
    there: HashMap<FindingKey, Change>,
    cleared: Vec<FindingKey>,
}

impl Changes {
    /// Over the runs after the one that was told last, the oldest first.
    #[must_use]
    pub fn over<'r>(runs: impl IntoIterator<Item = &'r Run>) -> Self {
        let mut courses: HashMap<&FindingKey, Course> = HashMap::new();
        for run in runs {
            for (keys, change) in [(&run.opened, Change::New), (&run.reopened, Change::Reopened), (&run.cleared, Change::Cleared)] {
                for key in keys {
                    courses.entry(key).and_modify(|course| course.last = change).or_insert(Course { first: change, last: change });
                }
            }
        }
        let mut changes = Self::default();
        for (key, course) in courses {
            match (course.first, course.last) {
                (Change::Cleared, Change::Cleared) => changes.cleared.push(key.clone()),
                // It came and went between two reports: there is nothing to do about it.
                (_, Change::Cleared) => {}
                (Change::Cleared, _) => drop(changes.there.insert(key.clone(), Change::Reopened)),
                (first, _) => drop(changes.there.insert(key.clone(), first)),
            }
        }
        changes.cleared.sort_unstable();
        changes
    }

    /// What became of a finding that is there.
    #[must_use]
    pub fn of(&self, key: &FindingKey) -> Change {
        self.there.get(key).copied().unwrap_or(Change::Persisting)
    }

    /// Those that are there no more, in order.
    #[must_use]
    pub fn cleared(&self) -> &[FindingKey] {
        &self.cleared
    }

    /// How many are new, and how many are back.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let new = self.there.values().filter(|change| **change == Change::New).count();
        (new, self.there.len() - new)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::time::Instant;

    fn key(case: &str) -> FindingKey {
        FindingKey { case: Some(case.into()), group: None, clause: "p/1".into(), instance: "e1".into() }
    }

    fn run(opened: &[&str], cleared: &[&str], reopened: &[&str]) -> Run {
        let keys = |cases: &[&str]| cases.iter().map(|case| key(case)).collect();
        Run {
            id: 0,
            at: Instant::from_millis(0),
            as_of: Instant::from_millis(0),
            policies: [0; 32],
            cases: 0,
            counts: BTreeMap::new(),
            opened: keys(opened),
            cleared: keys(cleared),
            reopened: keys(reopened),
            fallback: false,
            judged: 0,
            millis: 0,
        }
    }

    #[test]
    fn several_runs_are_told_as_one() {
        // a comes; b goes; c goes and comes back; d comes and goes; e comes, goes and comes back; f comes back and goes.
        let runs = [run(&["a", "d", "e"], &["b", "c"], &["f"]), run(&[], &["d", "e", "f"], &["c"]), run(&[], &[], &["e"])];
        let changes = Changes::over(&runs);
        assert_eq!(changes.of(&key("a")), Change::New);
        assert_eq!(changes.of(&key("c")), Change::Reopened);
        assert_eq!(changes.of(&key("e")), Change::New, "nobody was told of it before");
        assert_eq!(changes.of(&key("z")), Change::Persisting);
        assert_eq!(changes.cleared(), [key("b")]);
        assert_eq!(changes.counts(), (2, 1));
    }

    #[test]
    fn one_run_is_told_as_it_is() {
        let changes = Changes::over(&[run(&["a"], &["b"], &["c"])]);
        assert_eq!((changes.of(&key("a")), changes.of(&key("c"))), (Change::New, Change::Reopened));
        assert_eq!(changes.cleared(), [key("b")]);
    }
}
