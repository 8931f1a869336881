//! One period of a clause over many cases.

use serde::{Deserialize, Serialize};

use super::entry::Known;
use crate::{
    population::{Member, Share},
    time::Instant,
};

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
    /// How many of its members count how.
    pub share: Share,
    /// How many of its obligations are met.
    pub met: u32,
    /// The others.
    pub known: Vec<Known>,
    /// Findings that were cleared: instance, how often.
    pub past: Vec<(String, u32)>,
}

/// A period that a run concluded: how it stands, and whose members came and went.
#[derive(Clone, Debug)]
pub struct Concluded {
    /// Which.
    pub group: Group,
    /// How it stands.
    pub head: Head,
    /// Its members begin anew: those that were known are gone.
    pub anew: bool,
    /// Members that came.
    pub came: Vec<Member>,
    /// Members that went.
    pub left: Vec<Member>,
}
