//! Notices as the journal keeps them: what is to be sent to whom, and what became of it.

use serde::{Deserialize, Serialize};

use crate::lang::Text;
use crate::time::Instant;

/// How long an attempt may be under way, in milliseconds. One that has no outcome after that was cut off.
pub const LEASE: i64 = 15 * 60_000;

/// A notice that is to be sent. It never changes; [`Mark`]s tell what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// Its id, made from what it tells and to whom: one of the same id is the same notice.
    pub id: String,
    /// What sort of notice, by which channel, to whom, in short: the notices of one series follow each other.
    pub series: String,
    /// What sort of notice: `digest`, `new`, `escalation`, `assigned`.
    pub what: String,
    /// The run it tells of; 0 where it tells of a change between runs.
    pub run: u64,
    /// The name of the channel.
    pub channel: String,
    /// The role it is addressed to.
    pub role: Option<String>,
    /// The person it is addressed to.
    pub person: Option<String>,
    /// The language: `en` or `zh`.
    pub lang: String,
    /// Whether it is sent in quiet hours as well.
    pub urgent: bool,
    /// Its subject.
    pub subject: String,
    /// Its text, in the form that the channel takes. The index lets go of it once it is sent; the journal keeps it.
    pub body: String,
    /// What it tells that its series shall not tell again.
    pub told: Vec<String>,
    /// Before when it is not to be sent.
    pub earliest: Instant,
    /// When it was composed.
    pub created: Instant,
}

/// What became of a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The notice's id.
    pub id: String,
    /// How often it was tried, this attempt included.
    pub attempt: u32,
    /// When.
    pub at: Instant,
    /// What happened.
    pub fate: Fate,
}

/// What happened to a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fate {
    /// An attempt begins. Written before anything is sent.
    Begun,
    /// It was accepted.
    Sent,
    /// It was not, or nobody knows.
    Failed {
        /// Why.
        reason: Text,
        /// When it is tried next.
        next: Instant,
    },
    /// It was tried often enough.
    GivenUp {
        /// Why the last attempt failed.
        reason: Text,
    },
    /// It waits, without having failed: somebody asked for another round of attempts, or there was no time to try.
    Waits {
        /// When it is tried next.
        next: Instant,
    },
}

/// A notice and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    /// The notice; its text is empty once it is sent.
    pub envelope: Envelope,
    /// The journal entry that holds it.
    pub entry: u64,
    /// What became of it last; nothing yet where absent.
    pub mark: Option<Mark>,
}

impl Outgoing {
    /// How often it was tried.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.mark.as_ref().map_or(0, |mark| mark.attempt)
    }

    /// Whether it was accepted.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        matches!(self.mark, Some(Mark { fate: Fate::Sent, .. }))
    }

    /// Whether it was tried often enough, and is tried no more unless somebody asks.
    #[must_use]
    pub fn is_given_up(&self) -> bool {
        matches!(self.mark, Some(Mark { fate: Fate::GivenUp { .. }, .. }))
    }

    /// When something is to be done about it; the end of time where it was given up, nothing where it was sent.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        let Some(mark) = &self.mark else { return Some(self.envelope.earliest) };
        match mark.fate {
            Fate::Sent => None,
            Fate::GivenUp { .. } => Some(Instant::MAX),
            Fate::Begun => Some(mark.at.plus(LEASE)),
            Fate::Failed { next, .. } | Fate::Waits { next } => Some(next),
        }
    }
}
