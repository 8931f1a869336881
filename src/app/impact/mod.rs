//! What a change of policies would do to the stored cases: which obligations would be newly violated, no longer violated, due at another instant.
//!
//! Only clauses that read otherwise are judged, under both sets, in one pass over the blocks; what is kept is counts and the first examples, so that the
//! memory does not grow with the cases. It finds what [`differences`](super::compare::differences) finds over two runs of everything, and a test holds
//! one against the other.

mod desk;
mod edits;
mod told;

use crate::{
    account::Scope,
    app::judging::{lanes::in_order, parts_of, waivers_by_case},
    policy::PolicySet,
    store::{CaseRange, Share, Store, StoreError},
    time::Instant,
};

pub use edits::Edit;
pub use told::{ClauseImpact, Counted};

use desk::{Desk, Part, conclude_both};
use edits::Edits;
use told::Told;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// The cases.
    pub store: &'q Store,
    /// The policies as they are.
    pub old: &'q PolicySet,
    /// The policies as they would be.
    pub new: &'q PolicySet,
    /// For which instant.
    pub as_of: Instant,
    /// Whose eyes see it: what lies beyond their policies and sites is not counted.
    pub scope: &'q Scope,
    /// How many threads.
    pub threads: usize,
    /// How many examples of each change of each clause are kept.
    pub most_examples: usize,
}

/// What a change would do.
#[derive(Debug, Default)]
pub struct Impact {
    /// The clauses that read otherwise, by id.
    pub clauses: Vec<ClauseImpact>,
    /// How many clauses besides read otherwise, of policies that are out of scope.
    pub beyond: usize,
    /// How many cases were held against these clauses.
    pub cases: u64,
}

impl Impact {
    /// The figures of all clauses.
    #[must_use]
    pub fn total(&self) -> Counted {
        let mut total = Counted::default();
        self.clauses.iter().for_each(|clause| total.merge(&clause.counted));
        total
    }
}

/// Finds out. `progress` is told how many cases were read.
///
/// # Errors
/// When the store cannot be read.
pub fn impact(question: &Question<'_>, progress: &mut dyn FnMut(u64)) -> Result<Impact, StoreError> {
    let edits = Edits::between(question.old, question.new, question.scope);
    let mut told = Told::new(edits.ids.len(), question.most_examples);
    let mut cases = 0;
    if !edits.ids.is_empty() {
        let store = question.store;
        let waivers = waivers_by_case(store, None)?;
        let mut share = Share::default();
        let mut tallies = (crate::engine::Tallies::default(), crate::engine::Tallies::default());
        let work = |range: &CaseRange| Desk::new(question, &edits, &waivers).range(range);
        in_order(&parts_of(store)?, question.threads.max(1), work, &mut |part: Result<Part, StoreError>| {
            let part = part?;
            share = share.plus(part.share);
            told.merge(part.told);
            cases += part.cases;
            tallies.0.merge(part.tallies.0);
            tallies.1.merge(part.tallies.1);
            progress(share.cases());
            Ok::<(), StoreError>(())
        })?;
        store.prove(share)?;
        conclude_both(question, &edits, tallies, &mut told);
    }
    Ok(Impact { clauses: told.close(&edits), beyond: edits.beyond, cases })
}
