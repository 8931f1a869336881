//! Holding what the last run left against a judgement of everything.

use std::collections::BTreeMap;

use super::known::each_lead;
use crate::{
    app::judging::{Met, Plan, Source, Stopped, judge_each},
    engine::Wanted,
    finding::State,
    policy::PolicySet,
    store::{FindingKey, Store, StoreError},
    time::Instant,
};

/// An obligation that the ledger and a judgement of everything tell differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The obligation.
    pub key: FindingKey,
    /// How the ledger has it: state and due instant.
    pub kept: Option<(State, Option<Instant>)>,
    /// How it was judged.
    pub judged: Option<(State, Option<Instant>)>,
}

/// Judges everything, and gives what differs from what the last run left; and how many obligations were compared.
///
/// # Errors
/// When the store cannot be read.
pub fn verify(
    store: &Store,
    set: &PolicySet,
    as_of: Instant,
    threads: usize,
    progress: &mut dyn FnMut(u64),
) -> Result<(Vec<Mismatch>, u64), StoreError> {
    let mut kept: BTreeMap<FindingKey, (State, Option<Instant>)> = BTreeMap::new();
    each_lead(store, set, as_of, |lead| {
        kept.insert(lead.key, (lead.state, lead.due));
        Ok(())
    })?;
    let mut wrong = Vec::new();
    let mut compared = 0;
    let plan = Plan { set, as_of, known_at: None, wanted: Wanted::Unmet, only: None, case: None, threads };
    let make = |met: Met<'_>| match met {
        Met::Case(found) => {
            let key = FindingKey {
                case: Some(found.case().to_owned()),
                group: None,
                clause: found.clause.properties.id.clone(),
                instance: found.instance(),
            };
            (key, (found.stand.state, found.duty.due.map(|due| due.at)))
        }
        Met::Many(found) => {
            let due = found.due.map(|due| due.at);
            (FindingKey { case: None, group: found.group, clause: found.clause_id, instance: found.instance }, (found.state, due))
        }
    };
    let mut sink = |(key, judged)| -> Result<(), std::convert::Infallible> {
        compared += 1;
        let known = kept.remove(&key);
        if known != Some(judged) {
            wrong.push(Mismatch { key, kept: known, judged: Some(judged) });
        }
        Ok(())
    };
    judge_each(&plan, &Source::Store(store), &make, &mut sink, progress).map_err(Stopped::store)?;
    compared += kept.len() as u64;
    wrong.extend(kept.into_iter().map(|(key, known)| Mismatch { key, kept: Some(known), judged: None }));
    Ok((wrong, compared))
}
