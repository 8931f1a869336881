//! Clauses over many cases, in three steps: each case contributes members, tallies of parts merge in any order, and a period's tally is concluded. So
//! they can be computed in parallel, and one changed case can be taken out of a tally and put in again.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    form::{Ask, Outcome},
    lang::Text,
    policy::org::Org,
    script::{Env, Expr},
    time::{Due, Instant},
};

/// How a member counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Standing {
    /// As it should be; for quotas, counted.
    Good,
    /// Not as it should be.
    Bad,
    /// Cannot be told: counted beside.
    Unknown,
    /// Waived: counted beside.
    Waived,
}

/// What one event or obligation of a case contributes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Member {
    /// The group, in words; empty when there is one only.
    pub group: String,
    /// The period's first instant.
    pub start: Instant,
    /// The period's end.
    pub end: Instant,
    /// When it happened: the order of members.
    pub at: Instant,
    /// The case.
    pub case: String,
    /// The event's id, or the obligation's instance.
    pub event: String,
    /// The number it adds.
    pub value: Decimal,
    /// What makes it different from others.
    pub mark: String,
    /// How it counts.
    pub standing: Standing,
}

impl Member {
    /// What tells it from all others: `case/event`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.case, self.event)
    }
}

/// The members of one group in one period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    members: Vec<Member>,
}

impl Tally {
    /// Adds a member.
    pub fn add(&mut self, member: Member) {
        self.members.push(member);
    }

    /// Takes another part's members in.
    pub fn merge(&mut self, mut other: Self) {
        self.members.append(&mut other.members);
    }

    /// Brings the members into their order: by instant, case, event. Merging in any order gives the same tally.
    pub fn close(&mut self) {
        self.members.sort_unstable_by(|a, b| (a.at, &a.case, &a.event).cmp(&(b.at, &b.case, &b.event)));
    }

    /// The members, in order once closed.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.iter()
    }
}

/// What concluding needs to know of the period.
pub struct Close<'a> {
    /// Parameters as they were at the period's start; no case.
    pub env: Env<'a>,
    /// Who holds which role.
    pub org: &'a Org,
    /// The period's first instant.
    pub start: Instant,
    /// The period's end.
    pub end: Instant,
    /// As-of.
    pub as_of: Instant,
    /// The period's name: its first day.
    pub name: String,
    /// The group.
    pub group: &'a str,
}

/// What a period's tally comes to.
#[derive(Clone, Debug)]
pub struct Conclusion {
    /// The period, or the member that went too far.
    pub instance: String,
    /// When the period began, or the event happened.
    pub opened: Instant,
    /// When the period ends.
    pub due: Option<Due>,
    /// What became of it.
    pub outcome: Outcome,
    /// The numbers, in words.
    pub about: Option<Text>,
    /// Members, as `case/event`.
    pub evidence: Vec<String>,
}

/// A form over many cases.
pub trait Population: std::fmt::Debug + Send + Sync {
    /// What a case contributes.
    fn contribute(&self, ask: &mut Ask<'_>) -> Vec<Member>;

    /// The clause whose obligations are the members.
    fn over_clause(&self) -> Option<&str> {
        None
    }

    /// What an obligation of that clause contributes.
    fn contribute_obligation(&self, _ask: &Ask<'_>, _instance: &str, _at: Instant, _standing: Standing) -> Option<Member> {
        None
    }

    /// Its expressions, for telling how each is run.
    fn expressions(&self) -> Vec<&Expr>;

    /// What a period's members come to.
    fn conclude(&self, tally: &Tally, close: &Close<'_>) -> Vec<Conclusion>;
}
