//! A compiled policy set.

use std::{collections::HashSet, sync::Arc};

use super::{
    clause::Properties,
    company::Company,
    digest::Digest,
    org::Org,
    vocabulary::{Kind, Vocabulary},
};
use crate::{
    atom::Symbols,
    diagnostic::{Diagnostic, Place},
    form::Rule,
    lang::Text,
    script::{Names, Parameter, Setup},
    time::{Instant, Span},
    view::Present,
};

/// A clause of one version, compiled for one kind.
#[derive(Debug)]
pub struct Clause {
    /// What every clause has.
    pub properties: Properties,
    /// The form's name.
    pub form: &'static str,
    /// The form itself.
    pub rule: Rule,
    /// The kind it is for.
    pub kind: usize,
    /// The names its expressions use.
    pub names: Arc<Names>,
    /// How it counts time.
    pub setup: Arc<Setup>,
    /// The first instant at which its version holds.
    pub from: Instant,
    /// The first instant at which it no longer does.
    pub until: Option<Instant>,
    /// The first instant at which any version of the policy holds.
    pub first: Instant,
    /// From when to when any version of the policy has the clause.
    pub life: (Instant, Option<Instant>),
    /// What the company does not record, when it needs such: it is not judged then.
    pub inactive: Option<Text>,
    /// Event types of which a case must have one for there to be any duty; empty when there is no such condition.
    pub needs: Present,
    /// Clauses that prevail over this one where they make an obligation.
    pub overridden_by: Vec<String>,
    /// Whether other clauses need to know how this one came out.
    pub needed: bool,
    /// What it depends on, in short; the clauses that it depends on are in it.
    pub digest: Digest,
    /// Whether a glance at a case may be enough: no other clause needs to know more.
    pub glances: bool,
    /// Facts and events that it reads, by name.
    pub reads: Vec<String>,
}

impl Clause {
    /// Whether its version holds from a later instant on.
    #[must_use]
    pub fn is_to_come(&self, as_of: Instant) -> bool {
        self.from > as_of
    }

    /// When its version begins to hold, or ends.
    #[must_use]
    pub fn next_change(&self, as_of: Instant) -> Option<Instant> {
        if self.is_to_come(as_of) { Some(self.from) } else { self.until.filter(|until| *until > as_of) }
    }
}

/// A version of a policy.
#[derive(Debug)]
pub struct Edition {
    /// The policy's id.
    pub id: String,
    /// What a person sees.
    pub title: Text,
    /// The document it states.
    pub document: String,
    /// From when it holds.
    pub from: Instant,
    /// Its folder.
    pub folder: String,
    /// Parameters.
    pub parameters: Vec<Parameter>,
    /// The longest time for which a clause may be waived, where the policy says so.
    pub longest_waiver: Option<Span>,
    /// Entries that no clause can check, with the reason.
    pub not_computable: Vec<(Vec<String>, Text)>,
    /// Where it begins.
    pub place: Place,
}

/// A compiled policy set: all that judging needs. `Send + Sync`, no state.
#[derive(Debug)]
pub struct PolicySet {
    /// Kinds, facts and events.
    pub vocabulary: Vocabulary,
    /// The kinds, shared with views.
    pub kinds: Vec<Arc<Kind>>,
    /// Versions of policies.
    pub editions: Vec<Edition>,
    /// Clauses; those that hang on others come after them.
    pub clauses: Vec<Clause>,
    /// For each kind, the indices of its clauses in that order.
    pub by_kind: Vec<Vec<usize>>,
    /// The texts that clauses compare with.
    pub symbols: Arc<Symbols>,
    /// What the company says.
    pub company: Company,
    /// Who holds which role.
    pub org: Org,
    /// Whether any clause asks for events of the case that another is part of.
    pub uses_parents: bool,
    /// Warnings and notes found while compiling.
    pub remarks: Vec<Diagnostic>,
    /// What all clauses depend on, in short.
    pub common: Digest,
    /// The content hash of files and company settings.
    pub hash: [u8; 32],
}

impl PolicySet {
    /// The clauses of an id, over versions and kinds.
    pub fn named<'s>(&'s self, id: &'s str) -> impl Iterator<Item = (usize, &'s Clause)> {
        self.clauses.iter().enumerate().filter(move |(_, clause)| clause.properties.id == id)
    }

    /// The ids of all clauses, without repeats, in order of the files.
    #[must_use]
    pub fn clause_ids(&self) -> Vec<&str> {
        let mut seen = HashSet::new();
        let mut list: Vec<(&Place, &str)> = Vec::new();
        for clause in &self.clauses {
            if seen.insert(clause.properties.id.as_str()) {
                list.push((&clause.properties.place, &clause.properties.id));
            }
        }
        list.sort_by(|a, b| (&a.0.file.path, a.0.span.start).cmp(&(&b.0.file.path, b.0.span.start)));
        list.into_iter().map(|(_, id)| id).collect()
    }

    /// A kind by name.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<(usize, &Arc<Kind>)> {
        let index = self.vocabulary.find(name)?;
        self.kinds.get(index).map(|kind| (index, kind))
    }
}
