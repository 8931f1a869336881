//! What the files say of each clause beyond what judging needs: which entries it covers and where, which facts, events and parameters it
//! speaks of, which event it awaits. Read from the texts of a set that compiled, so that a night pays nothing for it.

use std::collections::BTreeSet;

use super::{
    alternatives::is_of_parent,
    set::{Edition, PolicySet},
    sources::{Role, Source, Sources},
    vocabulary::Kind as CaseKind,
    words::{mentions, words},
};
use crate::{
    diagnostic::{Place, Problems},
    form::FORMS,
    yaml::{self, Kind, Node},
};

/// The keys of forms and clauses whose events are awaited: what settles the clause.
const AWAITED: &[(&str, &[&str])] = &[
    ("deadline", &["expect"]),
    ("approval", &["event"]),
    ("recurrence", &["expect"]),
    ("order", &["requires"]),
    ("record", &["completed_by"]),
    ("retention", &["review"]),
];

/// A name of a kind: the kind's index and the fact or event.
pub type Name = (usize, String);

/// What the files say of a clause.
#[derive(Debug)]
pub struct Outline {
    /// `policy/article`.
    pub id: String,
    /// The index of its version.
    pub edition: usize,
    /// The form.
    pub form: &'static str,
    /// The entries that it covers, as written, and where it says so.
    pub covers: Vec<(String, Place)>,
    /// Facts that it speaks of.
    pub facts: BTreeSet<Name>,
    /// Events that it speaks of.
    pub events: BTreeSet<Name>,
    /// Those of them that it awaits.
    pub awaits: BTreeSet<Name>,
    /// Parameters that it speaks of.
    pub parameters: Vec<String>,
    /// The script that it runs, below its policy's folder.
    pub script: Option<String>,
    /// Where it stands.
    pub place: Place,
}

/// What a policy says that no clause can check: an entry, as written, and where; in the order of `Edition::not_computable`.
pub type Reasons = Vec<Vec<(String, Place)>>;

/// The outlines of all clauses of all versions, in order of the files, and for each version the entries that it says no clause can check.
#[must_use]
pub fn outlines(sources: &Sources, set: &PolicySet) -> (Vec<Outline>, Vec<Reasons>) {
    let mut list = Vec::new();
    let mut reasons = Vec::new();
    // The set compiled: whatever is wrong here was told then.
    let mut problems = Problems::default();
    for (index, (edition, source)) in set.editions.iter().zip(sources.of(Role::Policy)).enumerate() {
        let Some(node) = yaml::parse(&source.file, &mut problems) else { continue };
        let page = Page { sources, set, source, edition, derive: derived(&node) };
        list.extend(clauses(&node).iter().filter_map(|clause| page.outline(clause, index)));
        let given = node.get("not_computable").map_or(&[][..], Node::items);
        reasons.push(given.iter().map(|item| placed(item.get("covers"))).collect());
    }
    (list, reasons)
}

/// The outlines of one clause, by version: only the files of its policy are read.
#[must_use]
pub fn outlines_of(sources: &Sources, set: &PolicySet, id: &str) -> Vec<Outline> {
    let mut problems = Problems::default();
    let mut list = Vec::new();
    let (policy, article) = id.split_once('/').unwrap_or((id, ""));
    for (index, (edition, source)) in set.editions.iter().zip(sources.of(Role::Policy)).enumerate() {
        if edition.id != policy {
            continue;
        }
        let Some(node) = yaml::parse(&source.file, &mut problems) else { continue };
        let page = Page { sources, set, source, edition, derive: derived(&node) };
        let named = clauses(&node).iter().filter(|clause| clause.get("id").and_then(Node::text) == Some(article));
        list.extend(named.filter_map(|clause| page.outline(clause, index)));
    }
    list
}

fn clauses(node: &Node) -> &[Node] {
    node.get("clauses").map_or(&[][..], Node::items)
}

/// Derived facts: name and words of the value.
fn derived(node: &Node) -> Vec<(&str, Vec<&str>)> {
    let Some(Kind::Map(entries)) = node.get("derive").map(|node| &node.kind) else { return Vec::new() };
    entries.iter().filter_map(|(name, what)| Some((name.text()?, all_words(what.get("value")?)))).collect()
}

fn all_words(node: &Node) -> Vec<&str> {
    let mut list = Vec::new();
    words(node, &mut list);
    list
}

fn placed(node: Option<&Node>) -> Vec<(String, Place)> {
    node.map_or(&[][..], Node::items).iter().filter_map(|item| Some((item.text()?.to_owned(), item.place.clone()))).collect()
}

/// A file of a policy version.
struct Page<'p> {
    sources: &'p Sources,
    set: &'p PolicySet,
    source: &'p Source,
    edition: &'p Edition,
    derive: Vec<(&'p str, Vec<&'p str>)>,
}

impl Page<'_> {
    fn outline(&self, clause: &Node, edition: usize) -> Option<Outline> {
        let id = clause.get("id")?;
        let (form, node) = FORMS.iter().find_map(|form| Some((form.name, clause.get(form.name)?)))?;
        let kinds: Vec<usize> = clause.get("for")?.items().iter().filter_map(|kind| self.set.vocabulary.find(kind.text()?)).collect();
        let mut outline = Outline {
            id: format!("{}/{}", self.edition.id, id.text()?),
            edition,
            form,
            covers: placed(Some(clause.get("covers").unwrap_or(id))),
            facts: BTreeSet::new(),
            events: BTreeSet::new(),
            awaits: BTreeSet::new(),
            parameters: Vec::new(),
            script: node.get("script").and_then(Node::text).map(str::to_owned),
            place: id.place.clone(),
        };
        let mut said = said(clause, node);
        said.extend(outline.script.as_deref().and_then(|script| self.script(script)));
        self.follow(&mut said);
        let named = |name: &str| said.iter().any(|text| mentions(text, name));
        for index in &kinds {
            let Some(kind) = self.set.kinds.get(*index) else { continue };
            outline.facts.extend(kind.facts.iter().filter(|fact| named(&fact.name)).map(|fact| (*index, fact.name.clone())));
            outline.events.extend(events(kind, *index, &said));
            let awaited = AWAITED.iter().filter(|(name, _)| *name == form).flat_map(|(_, keys)| *keys).filter_map(|key| node.get(key));
            for node in awaited.chain(clause.get("remedy")) {
                outline.awaits.extend(events(kind, *index, &all_words(node)));
            }
        }
        self.of_parents(node, &kinds, &mut outline);
        let parameters = self.edition.parameters.iter().filter(|parameter| named(&parameter.name));
        outline.parameters.extend(parameters.map(|parameter| parameter.name.clone()));
        Some(outline)
    }

    /// The text of a script of this policy.
    fn script(&self, path: &str) -> Option<&str> {
        let name = path.rsplit(['/', '\\']).next()?;
        let ours = |script: &&Source| script.folder == self.source.folder && script.file.path.rsplit(['/', '\\']).next() == Some(name);
        self.sources.of(Role::Script).find(ours).map(|script| script.file.text.as_str())
    }

    /// Adds what derived facts say that are spoken of, and those of which these speak.
    fn follow<'s>(&'s self, said: &mut Vec<&'s str>) {
        let mut known = vec![false; self.derive.len()];
        loop {
            let mut more = Vec::new();
            for ((name, words), known) in self.derive.iter().zip(&mut known) {
                if !*known && said.iter().any(|text| mentions(text, name)) {
                    *known = true;
                    more.extend(words.iter().copied());
                }
            }
            if more.is_empty() {
                return;
            }
            said.extend(more);
        }
    }

    /// Events of the case that another is part of stand with the kind that has them.
    fn of_parents(&self, node: &Node, own: &[usize], outline: &mut Outline) {
        match &node.kind {
            Kind::Map(_) if is_of_parent(node) => {
                let names = node.get("event").map(all_words).unwrap_or_default();
                let named = node.get("on").and_then(|on| on.get("parent")).map(all_words);
                let has = |kind: &CaseKind, name: &str| kind.event(name).is_some();
                let kinds = self.set.kinds.iter().enumerate();
                let meant: Vec<_> = match &named {
                    Some(named) => kinds.filter(|(_, kind)| named.contains(&kind.name.as_str())).collect(),
                    None => kinds.filter(|(_, kind)| names.iter().all(|name| has(kind, name))).take(1).collect(),
                };
                if !meant.is_empty() && !meant.iter().any(|(index, _)| own.contains(index)) {
                    let ours = |(kind, name): &Name| own.contains(kind) && names.contains(&name.as_str());
                    outline.events.retain(|name| !ours(name));
                }
                for (index, kind) in meant {
                    outline.events.extend(names.iter().filter(|name| has(kind, name)).map(|name| (index, (*name).to_owned())));
                }
            }
            Kind::Map(entries) => entries.iter().for_each(|(_, value)| self.of_parents(value, own, outline)),
            Kind::List(items) => items.iter().for_each(|item| self.of_parents(item, own, outline)),
            Kind::Null | Kind::Scalar { .. } => {}
        }
    }
}

/// Everything of a clause that is read in judging it or in telling of it; prose is not.
fn said<'n>(clause: &'n Node, form: &'n Node) -> Vec<&'n str> {
    let mut list = all_words(form);
    for key in ["when", "unless", "warn", "escalate", "remedy"] {
        list.extend(clause.get(key).map(all_words).unwrap_or_default());
    }
    for text in clause.get("next").map(all_words).unwrap_or_default() {
        list.extend(text.split('{').skip(1).filter_map(|part| part.split('}').next()));
    }
    list
}

fn events<'k>(kind: &'k CaseKind, index: usize, said: &'k [&str]) -> impl Iterator<Item = Name> + 'k {
    kind.events.iter().filter(|event| said.iter().any(|text| mentions(text, &event.name))).map(move |event| (index, event.name.clone()))
}
