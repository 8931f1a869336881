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
    /// What is asked should it go too far, each once the one before is violated.
    pub sequels: Vec<Sequel>,
}

/// What is asked of a member should it go too far. Only its case can tell what became of it, and only many cases whether it is asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Sequel {
    /// When its time begins to run.
    pub opened: Instant,
    /// When it must be done; `None` when that cannot be told.
    pub due: Option<Instant>,
    /// The due instant lies where the calendar does not reach.
    pub provisional: bool,
    /// When it was done.
    pub done: Option<Instant>,
    /// When the case ended, unless the clause survives that.
    pub ended: Option<Instant>,
    /// The event that settled it, or may have: its id.
    pub answer: Option<String>,
    /// Names of what is missing, where it cannot be told.
    pub missing: Option<Vec<String>>,
}

impl Member {
    /// Whether it counts, rather than stands beside.
    #[must_use]
    pub const fn counts(&self) -> bool {
        matches!(self.standing, Standing::Good | Standing::Bad)
    }

    /// What tells it from all others: `case/event`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.case, self.event)
    }
}

/// How many members count how, and what they add up to: what a share or a mean follows from. A member can be put in and taken out again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Members that are as they should be.
    pub good: usize,
    /// Members that are not.
    pub bad: usize,
    /// Members that cannot be told.
    pub unknown: usize,
    /// Members that are waived.
    pub waived: usize,
    /// The numbers of those that count, added up.
    pub sum: Decimal,
}

impl Share {
    /// Adds a member.
    pub fn add(&mut self, member: &Member) {
        *self.of(member.standing) += 1;
        if member.counts() {
            self.sum = self.sum.saturating_add(member.value);
        }
    }

    /// Takes a member out that was added.
    pub fn take(&mut self, member: &Member) {
        let count = self.of(member.standing);
        *count = count.saturating_sub(1);
        if member.counts() {
            self.sum = self.sum.saturating_sub(member.value);
        }
    }

    /// Adds what another part counted.
    pub fn merge(&mut self, other: &Self) {
        self.good += other.good;
        self.bad += other.bad;
        self.unknown += other.unknown;
        self.waived += other.waived;
        self.sum = self.sum.saturating_add(other.sum);
    }

    /// Whether there is no member.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.good + self.bad + self.unknown + self.waived == 0
    }

    const fn of(&mut self, standing: Standing) -> &mut usize {
        match standing {
            Standing::Good => &mut self.good,
            Standing::Bad => &mut self.bad,
            Standing::Unknown => &mut self.unknown,
            Standing::Waived => &mut self.waived,
        }
    }
}

/// The members of one group in one period. Where a share is all that is asked for, the members themselves may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    share: Share,
    members: Vec<Member>,
}

impl Tally {
    /// What members come to that are not listed.
    #[must_use]
    pub const fn of_share(share: Share) -> Self {
        Self { share, members: Vec::new() }
    }

    /// Adds a member.
    pub fn add(&mut self, member: Member) {
        self.share.add(&member);
        self.members.push(member);
    }

    /// Takes another part's members in.
    pub fn merge(&mut self, mut other: Self) {
        self.share.merge(&other.share);
        self.members.append(&mut other.members);
    }

    /// How many members count how.
    #[must_use]
    pub const fn share(&self) -> &Share {
        &self.share
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
    /// What is asked of one member alone, where it is.
    pub asked: Option<Box<Asked>>,
}

/// What is asked of one member alone.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The member, as `case/event`.
    pub member: String,
    /// Whose move it is, when it is not the owner's.
    pub actor: Option<String>,
    /// What to do, when it is not what the clause says.
    pub act: Option<Text>,
    /// When the member's case ended, unless the clause survives that.
    pub ended: Option<Instant>,
    /// What is asked once this is violated.
    pub then: Option<Conclusion>,
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

    /// Whether the share is enough for telling how a period stands; only its words name members.
    fn is_share(&self) -> bool {
        false
    }

    /// What a period's members come to.
    fn conclude(&self, tally: &Tally, close: &Close<'_>) -> Vec<Conclusion>;
}
