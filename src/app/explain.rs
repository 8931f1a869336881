//! Judging one case with its story.

use super::judging::waived;
use crate::{
    case::Case,
    engine::{Session, Verdict, Waived, Wanted, judge_case},
    policy::{Clause, PolicySet},
    store::{Store, StoreError},
    time::Instant,
};

/// What judging one case needs.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The case.
    pub case: Case,
    /// The case that it is part of.
    pub parent: Option<Case>,
    /// Its waivers.
    pub waivers: Vec<Waived>,
}

impl Subject {
    /// A case of the store, with what was known of it by an instant. `None` when there was none.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn stored(store: &Store, id: &str, known: Option<Instant>) -> Result<Option<Self>, StoreError> {
        let Some(case) = store.case(id)?.and_then(|record| record.known_at(known)) else { return Ok(None) };
        let parent = match &case.part_of {
            Some(parent) => store.case(parent)?.and_then(|record| record.known_at(known)),
            None => None,
        };
        let waivers = store.waivers()?;
        let waivers = waivers.iter().filter(|waiver| waiver.case == id && known.is_none_or(|known| waiver.recorded <= known));
        Ok(Some(Self { case, parent, waivers: waivers.map(waived).collect() }))
    }

    /// Judges it, and tells why. In the verdict nothing is judged when no policy declares the kind.
    ///
    /// # Errors
    /// When the case cannot be packed: a fault of this program.
    pub fn explain(self, set: &PolicySet, as_of: Instant, only: Option<&dyn Fn(&Clause) -> bool>) -> Result<Verdict, StoreError> {
        let mut session = Session::new(set, as_of, Wanted::All, only).telling();
        judge_case(&mut session, self.case, self.parent, &self.waivers).map_err(|error| StoreError::Unpacked { why: error.to_string() })
    }
}
