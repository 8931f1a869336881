//! Policies: from the files of a folder to a set of compiled clauses.
//!
//! `Sources` (texts with paths) -> YAML nodes -> headers and kinds -> clauses compiled against the merged vocabulary -> [`PolicySet`].

pub mod alternatives;
pub mod calendar;
pub mod clause;
mod clauses;
pub mod company;
mod compile;
mod derive;
pub mod digest;
pub mod entries;
mod header;
mod links;
pub mod lookup;
pub mod matcher;
pub mod notices;
pub mod org;
pub mod outline;
mod set;
mod shared;
pub mod sources;
pub mod table;
pub mod template;
pub mod vocabulary;
pub mod wording;
pub(crate) mod words;

pub use compile::compile;
pub use header::{CLAUSE_KEYS, POLICY_KEYS};
pub use set::{Clause, Edition, PolicySet};
pub use shared::VOCABULARY_KEYS;
