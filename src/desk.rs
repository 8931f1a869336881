//! What people do at the board: who took which finding on, who said what of a case, who asked for a waiver. Each is an act, and the journal keeps it.

use serde::{Deserialize, Serialize};

use crate::{store::FindingKey, time::Instant};

/// Something that a person did, or tried to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// The number of its journal entry; set by the store.
    pub seq: u64,
    /// When it was recorded; set by the store.
    pub at: Instant,
    /// The account.
    pub by: String,
    /// By which way: `web`, `api`, `cli`.
    pub via: String,
    /// What.
    pub deed: Deed,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deed {
    /// Signed in.
    SignedIn,
    /// Signed out.
    SignedOut,
    /// Was not let in; why.
    Refused(String),
    /// An account was made or changed; which, and how.
    Account {
        /// The account.
        name: String,
        /// What changed.
        change: String,
    },
    /// A token was made or taken back.
    Token {
        /// What it is for.
        label: String,
        /// What changed.
        change: String,
    },
    /// A finding was given to a person, or to nobody in particular.
    Assigned {
        /// Which.
        key: FindingKey,
        /// To whom.
        to: Option<String>,
    },
    /// A finding was seen and taken note of.
    Acknowledged(FindingKey),
    /// Something was said of a case.
    Commented {
        /// The case.
        case: String,
        /// What.
        text: String,
    },
    /// An event was recorded.
    Recorded {
        /// The case.
        case: String,
        /// The event's id.
        event: String,
        /// Its type.
        kind: String,
    },
    /// An event was taken back.
    Retracted {
        /// The case.
        case: String,
        /// The event's id.
        event: String,
        /// Why.
        reason: String,
    },
    /// A waiver was asked for.
    Asked(Ask),
    /// A waiver that was asked for was granted or refused.
    Decided {
        /// What was asked for.
        ask: Ask,
        /// The waiver, when it was granted.
        waiver: Option<String>,
    },
    /// A check was run.
    Ran(u64),
    /// Cases were taken in.
    Imported {
        /// Where they came from.
        source: String,
        /// How many were new or changed.
        cases: u64,
    },
    /// A table was taken out.
    Exported(String),
    /// A notice that could not be sent was put back into the outbox.
    Resent(String),
}

impl Deed {
    /// The case that it is about.
    #[must_use]
    pub fn case(&self) -> Option<&str> {
        match self {
            Self::Assigned { key, .. } | Self::Acknowledged(key) => key.case.as_deref(),
            Self::Commented { case, .. } | Self::Recorded { case, .. } | Self::Retracted { case, .. } => Some(case),
            Self::Asked(ask) | Self::Decided { ask, .. } => Some(&ask.case),
            _ => None,
        }
    }
}

/// A waiver that was asked for and is not decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// Its id; set by the store.
    pub id: String,
    /// The case.
    pub case: String,
    /// The clause, as `policy/article`.
    pub clause: String,
    /// One obligation of the clause; all of them where absent.
    pub instance: Option<String>,
    /// From when.
    pub from: Instant,
    /// Until when.
    pub until: Instant,
    /// Why.
    pub reason: String,
    /// Who asked.
    pub by: String,
    /// Who is to decide.
    pub approver: String,
}

/// Who has a finding in hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hand {
    /// To whom it was given.
    pub to: Option<String>,
    /// Who took note of it, and when.
    pub seen: Option<(String, Instant)>,
}
