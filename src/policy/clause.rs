//! What every clause has, whatever its form.

use super::{lookup::Lookup, matcher::Matcher, template::Template};
use crate::{diagnostic::Place, lang::Text, script::Expr};

/// How much a violation matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Little.
    Minor,
    /// Plainly.
    #[default]
    Major,
    /// Most.
    Critical,
}

impl Severity {
    /// The words of a policy, and of findings.
    pub const WORDS: &'static [(&'static str, Self)] = &[("minor", Self::Minor), ("major", Self::Major), ("critical", Self::Critical)];

    /// The word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }

    /// The word in Chinese.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Minor => "轻微",
            Self::Major => "一般",
            Self::Critical => "严重",
        }
    }
}

/// To whom a matter goes when it stays overdue.
#[derive(Debug)]
pub struct Escalation {
    /// How long after the due instant.
    pub after: Lookup,
    /// To which role.
    pub to: String,
}

/// The properties of a clause.
#[derive(Debug)]
pub struct Properties {
    /// `policy/article`.
    pub id: String,
    /// The policy's id.
    pub policy: String,
    /// Where it is in the document.
    pub article: String,
    /// Entries of the document's catalogue that it covers.
    pub covers: Vec<String>,
    /// The duty, in a few words.
    pub title: Text,
    /// The statement, in the policy's own words.
    pub says: Text,
    /// It applies only when this holds.
    pub when: Option<Expr>,
    /// It does not apply when this holds.
    pub unless: Option<Expr>,
    /// Whose move it is.
    pub owner: String,
    /// How much a violation matters.
    pub severity: Severity,
    /// How long before the due instant it is said to fall due.
    pub warn: Option<Lookup>,
    /// What to do next.
    pub next: Option<Template>,
    /// To whom it goes when it stays overdue.
    pub escalate: Option<Escalation>,
    /// The event that settles a breach.
    pub remedy: Option<Matcher>,
    /// What follows a violation: reported, never carried out.
    pub penalty: Option<Text>,
    /// Clauses that make no obligation where this one does.
    pub overrides: Vec<String>,
    /// Runs on after the end of the case.
    pub survives: bool,
    /// Judged by the newest version, not by that at the trigger.
    pub latest_version: bool,
    /// Reads the latest facts, not those at the trigger.
    pub latest_facts: bool,
    /// Where it stands.
    pub place: Place,
}
