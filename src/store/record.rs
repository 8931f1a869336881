//! What a journal entry says. Postcard numbers the kinds by their place here, so that new kinds go to the end and
//! the fields of a kind never change: what was written stays readable.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::hex::{self, Hash};
use crate::account::{Account, Token};
use crate::case::{Case, CaseRecord, Event};
use crate::desk::Act;
use crate::time::Instant;

/// The payload of a journal entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    /// What was new in cases that a source sent.
    Import {
        /// Where they came from: a file, a connector.
        source: String,
        /// New cases whole; of known ones only new facts and events.
        cases: Vec<Case>,
    },
    /// One event of a known case.
    Event {
        /// The case's id.
        case: String,
        /// The event.
        event: Event,
    },
    /// An event that turned out wrong; it stays readable for what was known before.
    Retract {
        /// The case's id.
        case: String,
        /// The event's id.
        event: String,
        /// Who took it back.
        by: String,
        /// Why.
        reason: String,
    },
    /// A waiver.
    Waiver(Waiver),
    /// A policy, calendar or parameter file, once for each content.
    Content {
        /// The SHA-256 of its bytes.
        #[serde(with = "hex::hash")]
        hash: Hash,
        /// The name it had.
        name: String,
        /// Its bytes.
        #[serde(with = "hex::bytes")]
        bytes: Vec<u8>,
    },
    /// A run of the check over the store.
    Run(Run),
    /// How the findings differ from those of the run before; stands in one group with its run.
    Findings {
        /// New ones, and ones that read differently now.
        changed: Vec<FindingRecord>,
        /// Those that are no longer there.
        gone: Vec<FindingKey>,
    },
    /// Contents of an index that outlived its journal, with their recorded instants inside.
    Salvage(Box<Salvage>),
    /// What somebody did at the board.
    Act(Act),
    /// An account, as it is from now on.
    Account(Account),
    /// A token, as it is from now on.
    Token(Token),
}

impl Record {
    /// The number of the kind, which the header of the entry repeats.
    #[must_use]
    pub const fn kind(&self) -> u8 {
        match self {
            Self::Import { .. } => IMPORT,
            Self::Event { .. } => 1,
            Self::Retract { .. } => 2,
            Self::Waiver(_) => 3,
            Self::Content { .. } => 4,
            Self::Run(_) => 5,
            Self::Findings { .. } => 6,
            Self::Salvage(_) => 7,
            Self::Act(_) => 8,
            Self::Account(_) => 9,
            Self::Token(_) => 10,
        }
    }
}

/// The kind of [`Record::Import`], which is written without building the record.
pub(super) const IMPORT: u8 = 0;

/// How many kinds this program knows.
pub(super) const KINDS: u8 = 11;

/// A recorded, approved, expiring decision that an obligation need not be met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// Its id; the store gives one where this is empty.
    pub id: String,
    /// The case it is for.
    pub case: String,
    /// The clause, as `policy/article`.
    pub clause: String,
    /// One instance of the clause; all where absent.
    pub instance: Option<String>,
    /// From when it holds, inclusive.
    pub from: Instant,
    /// Until when, exclusive.
    pub until: Instant,
    /// Who asked for it.
    pub by: String,
    /// Who approved it.
    pub approved_by: String,
    /// Why.
    pub reason: String,
    /// When it was recorded; set by the store.
    pub recorded: Instant,
}

/// What makes a finding the same one in the next run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FindingKey {
    /// The case; absent for findings about a group.
    pub case: Option<String>,
    /// The group of a population clause.
    pub group: Option<String>,
    /// The clause, as `policy/article`.
    pub clause: String,
    /// The obligation of this clause.
    pub instance: String,
}

/// A finding as the last run left it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingRecord {
    /// The case; absent for findings about a group.
    pub case: Option<String>,
    /// The group of a population clause.
    pub group: Option<String>,
    /// The clause, as `policy/article`.
    pub clause: String,
    /// The obligation of this clause.
    pub instance: String,
    /// The state's name.
    pub state: String,
    /// Until when it should have been met.
    pub due: Option<Instant>,
    /// The as-of of the run that found it first.
    pub first_seen: Instant,
    /// How often it came back after it was cleared.
    pub reopened: u32,
    /// Whether it is a violation.
    pub violation: bool,
    /// Whether it is open.
    pub open: bool,
}

impl FindingRecord {
    /// What identifies it.
    #[must_use]
    pub fn key(&self) -> FindingKey {
        FindingKey { case: self.case.clone(), group: self.group.clone(), clause: self.clause.clone(), instance: self.instance.clone() }
    }
}

/// One run of the check, with how its findings differ from those of the run before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The number of its journal entry; set by the store.
    pub id: u64,
    /// When it was recorded; set by the store.
    pub at: Instant,
    /// For which instant it judged.
    pub as_of: Instant,
    /// The hash of the policies it used.
    #[serde(with = "hex::hash")]
    pub policies: Hash,
    /// How many cases it judged.
    pub cases: u64,
    /// How many obligations it found, by state.
    pub counts: BTreeMap<String, u64>,
    /// Findings that were not there before.
    pub opened: Vec<FindingKey>,
    /// Findings that are no longer there.
    pub cleared: Vec<FindingKey>,
    /// Findings that had been cleared and are back.
    pub reopened: Vec<FindingKey>,
    /// Whether it ran the last good policies because the newest could not be used.
    pub fallback: bool,
    /// How many cases it judged; the others were known to stand as before.
    pub judged: u64,
    /// How long it took until it was recorded, in milliseconds.
    pub millis: u64,
}

/// Contents of an index, as they stood in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Salvage {
    /// Cases with their recorded instants.
    pub cases: Vec<CaseRecord>,
    /// Waivers.
    pub waivers: Vec<Waiver>,
    /// Files by content.
    pub contents: Vec<Content>,
    /// Runs.
    pub runs: Vec<Run>,
    /// The findings of the last run.
    pub findings: Vec<FindingRecord>,
    /// What people did.
    pub acts: Vec<Act>,
    /// Accounts.
    pub accounts: Vec<Account>,
    /// Tokens.
    pub tokens: Vec<Token>,
}

/// A file that a run used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The SHA-256 of its bytes.
    #[serde(with = "hex::hash")]
    pub hash: Hash,
    /// The name it had when it was stored first.
    pub name: String,
    /// Its bytes.
    #[serde(with = "hex::bytes")]
    pub bytes: Vec<u8>,
}
