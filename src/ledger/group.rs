//! One period of a clause over many cases.

use serde::{Deserialize, Serialize};

use super::entry::Known;
use crate::{population::Member, time::Instant};

/// Which period of which clause.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Group {
    /// The clause's number in the sheet.
    pub clause: u16,
    /// The group, in words.
    pub group: String,
    /// The period's first instant.
    pub start: Instant,
}

impl Group {
    /// The period that a member belongs to.
    #[must_use]
    pub fn of(clause: u16, member: &Member) -> Self {
        Self { clause, group: member.group.clone(), start: member.start }
    }
}

/// How a period stood.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The period's end.
    pub end: Instant,
    /// When it is to be concluded again.
    pub wake: Option<Instant>,
    /// How many of its obligations are met.
    pub met: u32,
    /// The others.
    pub known: Vec<Known>,
    /// Findings that were cleared: instance, how often.
    pub past: Vec<(String, u32)>,
}
