//! Who may do what: accounts with a rank and a scope, and tokens for programs.

use serde::{Deserialize, Serialize};

use crate::{lang::Text, store::Hash, store::hex, time::Instant};

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Rank {
    /// Looks.
    Viewer,
    /// Acts on findings, too.
    Supervisor,
    /// Tries changes of policies and runs checks, too.
    Officer,
    /// Keeps accounts, too.
    Admin,
}

/// Something that not everybody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// Assign, acknowledge, comment, record events.
    Act,
    /// Ask for waivers and decide on them.
    Waive,
    /// Try a changed policy on stored cases.
    Try,
    /// Run a check, take cases in.
    Run,
    /// Keep accounts, read the audit.
    Administer,
}

impl Rank {
    /// All of them, with their words.
    pub const WORDS: &'static [(&'static str, Self)] =
        &[("viewer", Self::Viewer), ("supervisor", Self::Supervisor), ("officer", Self::Officer), ("admin", Self::Admin)];

    /// The rank of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(name, _)| *name == word).map(|(_, rank)| *rank)
    }

    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, rank)| *rank == self).map_or("", |(name, _)| name)
    }

    /// What a person sees.
    #[must_use]
    pub fn label(self) -> Text {
        match self {
            Self::Viewer => Text::new("viewer", "查看者"),
            Self::Supervisor => Text::new("supervisor", "主管"),
            Self::Officer => Text::new("compliance officer", "合规专员"),
            Self::Admin => Text::new("administrator", "管理员"),
        }
    }

    /// Whether it may do something.
    #[must_use]
    pub const fn may(self, power: Power) -> bool {
        match self {
            Self::Viewer => false,
            Self::Supervisor => matches!(power, Power::Act | Power::Waive),
            Self::Officer => matches!(power, Power::Act | Power::Try | Power::Run),
            Self::Admin => true,
        }
    }
}

/// What an account sees: everything, or only some policies or sites.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// These policies; all when empty.
    pub policies: Vec<String>,
    /// These sites; all when empty.
    pub sites: Vec<String>,
}

impl Scope {
    /// Whether it has everything.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.policies.is_empty() && self.sites.is_empty()
    }

    /// Whether it has a policy.
    #[must_use]
    pub fn has_policy(&self, policy: &str) -> bool {
        self.policies.is_empty() || self.policies.iter().any(|known| known == policy)
    }

    /// Whether it has a site; what has no site is seen by those who see all sites.
    #[must_use]
    pub fn has_site(&self, site: Option<&str>) -> bool {
        self.sites.is_empty() || site.is_some_and(|site| self.sites.iter().any(|known| known == site))
    }
}

/// Somebody who may sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The name to sign in with, and under which acts are recorded; the person's name in events where they are one.
    pub name: String,
    /// What it may do.
    pub rank: Rank,
    /// What it sees.
    pub scope: Scope,
    /// The password as argon2 keeps it (a PHC string).
    pub password: String,
    /// Whether it may not sign in any more.
    pub closed: bool,
    /// When it was last changed; set by the store.
    pub at: Instant,
}

/// What a program signs in with. The token itself is shown once and stored nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The SHA-256 of the token.
    #[serde(with = "hex::hash")]
    pub hash: Hash,
    /// The account in whose name it acts.
    pub account: String,
    /// What it is for.
    pub label: String,
    /// Whether it may do no more than read a calendar feed: its address stands in programs that others may see.
    pub feed: bool,
    /// Until when it holds.
    pub until: Option<Instant>,
    /// Whether it was taken back.
    pub closed: bool,
    /// When it was made; set by the store.
    pub at: Instant,
}
