//! Which clauses read otherwise under two sets.

use std::collections::{BTreeMap, HashSet};

use crate::{
    account::Scope,
    policy::{Clause, PolicySet, digest::Digest},
    time::Zone,
};

/// How a clause differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// It is in both, and reads otherwise, or something that it depends on does.
    Changed,
    /// It is not in the set as it is.
    New,
    /// It is not in the set as it would be.
    Gone,
}

impl Edit {
    /// The word in output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::New => "new",
            Self::Gone => "gone",
        }
    }

    /// What a person sees.
    #[must_use]
    pub const fn label(self) -> (&'static str, &'static str) {
        match self {
            Self::Changed => ("changed", "已修改"),
            Self::New => ("new", "新增"),
            Self::Gone => ("removed", "已删除"),
        }
    }
}

/// The clauses that read otherwise: an id with all its versions and kinds counts as one, since they are told as one.
pub(super) struct Edits {
    /// Ids, ascending.
    pub(super) ids: Vec<(String, Edit)>,
    /// How many more there are beyond the scope.
    pub(super) beyond: usize,
    /// For each clause of the old and of the new set, the place of its id.
    pub(super) places: [Vec<Option<usize>>; 2],
    kinds: HashSet<String>,
}

/// By id, the digests of all clauses of that id, in their order.
fn digests(set: &PolicySet) -> BTreeMap<&str, Vec<Digest>> {
    let mut map: BTreeMap<&str, Vec<Digest>> = BTreeMap::new();
    for clause in &set.clauses {
        map.entry(&clause.properties.id).or_default().push(clause.digest);
    }
    map
}

/// The zone in which the facts of a kind are read that have no offset: that of its first clause.
fn zone_of(set: &PolicySet, clause: &Clause) -> Option<Zone> {
    let first = set.by_kind.get(clause.kind)?.first()?;
    set.clauses.get(*first).map(|clause| clause.setup.zone())
}

impl Edits {
    pub(super) fn between(old: &PolicySet, new: &PolicySet, scope: &Scope) -> Self {
        let (before, after) = (digests(old), digests(new));
        // Kinds, people and what is recorded bear on every clause.
        let all = old.common != new.common;
        let zones = |set: &PolicySet| -> BTreeMap<String, Option<Zone>> {
            let named = |clause: &Clause| set.kinds.get(clause.kind).map(|kind| (kind.name.clone(), zone_of(set, clause)));
            set.clauses.iter().filter_map(named).collect()
        };
        let (was, is) = (zones(old), zones(new));
        let moved: HashSet<&str> = [(old, &is), (new, &was)]
            .into_iter()
            .flat_map(|(set, other)| set.clauses.iter().map(move |clause| (set, other, clause)))
            .filter(|(set, other, clause)| {
                let name = set.kinds.get(clause.kind).map(|kind| kind.name.as_str());
                name.and_then(|name| other.get(name)).is_some_and(|zone| *zone != zone_of(set, clause))
            })
            .map(|(_, _, clause)| clause.properties.id.as_str())
            .collect();
        let mut ids = Vec::new();
        let mut beyond = 0;
        let mut names: Vec<&str> = before.keys().chain(after.keys()).copied().collect();
        names.sort_unstable();
        names.dedup();
        for id in names {
            let edit = match (before.get(id), after.get(id)) {
                (Some(_), None) => Edit::Gone,
                (None, _) => Edit::New,
                (Some(was), Some(is)) if all || was != is || moved.contains(id) => Edit::Changed,
                _ => continue,
            };
            if scope.has_policy(id.split('/').next().unwrap_or("")) {
                ids.push((id.to_owned(), edit));
            } else {
                beyond += 1;
            }
        }
        let places = [old, new].map(|set| {
            let place = |clause: &Clause| ids.binary_search_by(|(id, _)| id.as_str().cmp(&clause.properties.id)).ok();
            set.clauses.iter().map(place).collect::<Vec<_>>()
        });
        let mut kinds = HashSet::new();
        for (set, places) in [old, new].into_iter().zip(&places) {
            let touched = set.clauses.iter().zip(places).filter(|(_, place)| place.is_some());
            kinds.extend(touched.filter_map(|(clause, _)| set.kinds.get(clause.kind)).map(|kind| kind.name.clone()));
        }
        Self { ids, beyond, places, kinds }
    }

    /// Whether a case of a kind has to be looked at.
    pub(super) fn has_kind(&self, kind: &str) -> bool {
        self.kinds.contains(kind)
    }
}
