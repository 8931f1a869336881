//! Runs beside each other: does it get better or worse?

use serde_json::{Value, json};

use crate::{
    finding::State,
    store::{Hash, Run, hex},
    time::{Instant, Zone},
};

/// A run as the trend shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The run's id.
    pub run: u64,
    /// When it was recorded.
    pub at: Instant,
    /// For which instant it judged.
    pub as_of: Instant,
    /// How many cases there were.
    pub cases: u64,
    /// Violations not settled.
    pub open: u64,
    /// Obligations inside their warning span.
    pub due_soon: u64,
    /// Findings that were never there before.
    pub new: usize,
    /// Findings that went.
    pub cleared: usize,
    /// Findings that came back.
    pub reopened: usize,
    /// The hash of its policies.
    pub policies: Hash,
    /// Whether they are other than those of the run before.
    pub changed: bool,
    /// Whether it fell back to the last good policies.
    pub fallback: bool,
}

impl Row {
    /// The row as a JSON object, instants in a zone.
    #[must_use]
    pub fn to_json(&self, zone: Zone) -> Value {
        json!({
            "run": self.run, "at": self.at.to_rfc3339(zone), "as_of": self.as_of.to_rfc3339(zone), "cases": self.cases,
            "open": self.open, "due_soon": self.due_soon, "new": self.new, "cleared": self.cleared, "reopened": self.reopened,
            "policies": hex(&self.policies), "policies_changed": self.changed, "fallback": self.fallback,
        })
    }
}

/// The last runs as rows, the oldest first; `kept` findings are those of the very last run.
///
/// A run counts obligations by state, and a state does not say whether a breach was remedied. But each run tells which findings came and
/// went; so their number is followed backwards from the last run, and what is left without those that are no violations is open.
#[must_use]
pub fn rows(runs: &[Run], kept: u64, most: usize) -> Vec<Row> {
    let mut there = kept;
    let mut rows = Vec::new();
    for (index, run) in runs.iter().enumerate().rev().take(most) {
        let count = |state: State| run.counts.get(state.word()).copied().unwrap_or(0);
        let before = index.checked_sub(1).and_then(|index| runs.get(index));
        rows.push(Row {
            run: run.id,
            at: run.at,
            as_of: run.as_of,
            cases: run.cases,
            open: there.saturating_sub(count(State::DueSoon) + count(State::Undetermined)),
            due_soon: count(State::DueSoon),
            new: run.opened.len(),
            cleared: run.cleared.len(),
            reopened: run.reopened.len(),
            policies: run.policies,
            changed: before.is_some_and(|before| before.policies != run.policies),
            fallback: run.fallback,
        });
        there = (there + run.cleared.len() as u64).saturating_sub((run.opened.len() + run.reopened.len()) as u64);
    }
    rows.reverse();
    rows
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::store::FindingKey;

    fn run(id: u64, opened: usize, cleared: usize, due_soon: u64, policies: u8) -> Run {
        let keys = |count| {
            (0..count).map(|n: usize| FindingKey { case: Some(n.to_string()), group: None, clause: "p/1".into(), instance: "e".into() })
        };
        Run {
            id,
            at: Instant::from_millis(0),
            as_of: Instant::from_millis(0),
            policies: [policies; 32],
            cases: 9,
            counts: BTreeMap::from([("due_soon".to_owned(), due_soon), ("met".to_owned(), 4)]),
            opened: keys(opened).collect(),
            cleared: keys(cleared).collect(),
            reopened: Vec::new(),
            fallback: false,
            judged: 0,
            millis: 0,
        }
    }

    #[test]
    fn open_violations_are_followed_backwards() {
        let runs = [run(1, 5, 0, 1, 7), run(2, 2, 3, 0, 7), run(3, 0, 1, 2, 8)];
        let all = rows(&runs, 3, 10);
        assert_eq!(all.iter().map(|row| row.open).collect::<Vec<_>>(), [4, 4, 1]);
        assert_eq!(all.iter().map(|row| row.changed).collect::<Vec<_>>(), [false, false, true]);
        assert_eq!(rows(&runs, 3, 2), all[1..], "fewer rows are the same rows");
        assert!(rows(&[], 0, 5).is_empty());
    }
}
