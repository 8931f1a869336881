//! The recorded case: facts and timestamped events, as a source gave them. No behaviour, no reading of types:
//! what a fact means is the policy's business.

mod depth;
mod identity;
mod merge;
mod record;
mod value;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::time::Instant;

pub use identity::{identify, identify_event};
pub use merge::merge;
pub use record::{CaseRecord, EventRecord, FactSet};
pub use value::Value;

/// Named values of a case or an event.
pub type Values = BTreeMap<String, Value>;

/// The event type whose data are changed facts of the case.
pub const FACTS: &str = "facts";

/// One thing that rules are held against: a complaint, a repair, a spare part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// The case's id, unique over all kinds.
    pub id: String,
    /// The kind, as declared by a policy.
    pub kind: String,
    /// The id of the case this one is part of.
    pub part_of: Option<String>,
    /// Facts as they were given with the case: they hold from its first event.
    pub facts: Values,
    /// Events in order: by instant, then by position in the source.
    pub events: Vec<Event>,
}

/// Something that happened to a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Unique within the case: given by the source, or derived by [`crate::case::identify`].
    pub id: String,
    /// The event type (`type` on input).
    pub kind: String,
    /// When it happened.
    pub at: Instant,
    /// Who did it.
    pub by: Option<String>,
    /// In which role.
    pub role: Option<String>,
    /// What was recorded with it.
    pub data: Values,
}
