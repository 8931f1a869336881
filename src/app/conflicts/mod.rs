//! Clauses that ask different things of the same event on the same case: of two policies, or of one.
//!
//! Which clauses can meet is read from their texts: the same kind, the same event or measure. Whether they do is tried: cases are made up from the
//! small set of values that the conditions name, and the judge that judges all cases hears both clauses on them. So conditions that exclude each
//! other make no conflict, and each conflict comes with a case that shows it.

mod approvals;
mod bounds;
mod forbids;
mod reading;
mod space;
mod stage;
mod terms;

use std::{collections::HashMap, sync::Arc};

use crate::{
    case::Case,
    diagnostic::Problems,
    lang::Text,
    policy::{
        Clause, PolicySet,
        sources::{Role, Sources},
    },
    script::engine,
    time::Zone,
    yaml::{self, Node},
};

use reading::Reading;
use stage::Stage;

/// In what two clauses differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// The same answer to the same event is due at different instants.
    Deadline,
    /// The same gate needs different approvals.
    Approval,
    /// The same measure has different bounds.
    Bounds,
    /// The same thing is done at different intervals.
    Recurrence,
    /// The same record is to be complete at different instants, or in other numbers.
    Record,
    /// The same thing is kept for different terms.
    Retention,
    /// One forbids what the other expects.
    Forbidden,
}

impl Sort {
    /// The word in output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Deadline => "deadline",
            Self::Approval => "approval",
            Self::Bounds => "bounds",
            Self::Recurrence => "recurrence",
            Self::Record => "record",
            Self::Retention => "retention",
            Self::Forbidden => "forbidden",
        }
    }

    /// What a person sees.
    #[must_use]
    pub fn label(self) -> Text {
        match self {
            Self::Deadline => Text::new("different deadlines", "时限不同"),
            Self::Approval => Text::new("different approvals", "审批不同"),
            Self::Bounds => Text::new("different bounds", "限值不同"),
            Self::Recurrence => Text::new("different intervals", "周期不同"),
            Self::Record => Text::new("different records", "记录要求不同"),
            Self::Retention => Text::new("different terms", "保存期限不同"),
            Self::Forbidden => Text::new("one forbids what the other expects", "一方禁止另一方所要求之事"),
        }
    }
}

/// What a pair of clauses was found to differ in.
struct Found {
    sort: Sort,
    /// What it is about: an event or a measure.
    about: Text,
    asks: [Text; 2],
    case: Case,
}

/// A conflict of two clauses.
#[derive(Debug)]
pub struct Conflict {
    /// In what they differ.
    pub sort: Sort,
    /// The kind of case.
    pub kind: String,
    /// The event or measure.
    pub about: Text,
    /// The clauses, in order of the files.
    pub clauses: [String; 2],
    /// What each asks in the example.
    pub asks: [Text; 2],
    /// The clause that prevails, where one of them says that it overrides the other.
    pub prevails: Option<String>,
    /// A case on which both speak.
    pub example: Case,
    /// The zone of its times.
    pub zone: Zone,
}

/// Finds all conflicts, in order of the files; a pair is told once.
#[must_use]
pub fn conflicts(sources: &Sources, mut set: PolicySet) -> Vec<Conflict> {
    // What prevails is told; but first it is to be seen what would be without.
    set.clauses.iter_mut().for_each(|clause| clause.overridden_by.clear());
    // The set compiled: whatever is wrong here was told then.
    let mut problems = Problems::default();
    let nodes: Vec<Node> = sources.of(Role::Policy).filter_map(|source| yaml::parse(&source.file, &mut problems)).collect();
    let readings = readings(&set, &nodes);
    let engine = Arc::new(engine());
    let mut list = Vec::new();
    let mut told: Vec<[&str; 2]> = Vec::new();
    for (number, a) in readings.iter().enumerate() {
        for b in readings.iter().skip(number + 1) {
            let ids = [a.id(), b.id()];
            if a.clause.kind != b.clause.kind || a.id() == b.id() || told.iter().any(|known| ids.iter().all(|id| known.contains(id))) {
                continue;
            }
            let Some(found) = Stage::new(&set, &engine, [a, b], &readings).and_then(|stage| weigh(&stage)) else { continue };
            told.push(ids);
            let overrides = |one: &Clause, other: &Clause| one.properties.overrides.contains(&other.properties.id);
            let prevails = [(a, b), (b, a)].into_iter().find(|(one, other)| overrides(one.clause, other.clause));
            list.push(Conflict {
                sort: found.sort,
                kind: set.kinds.get(a.clause.kind).map_or_else(String::new, |kind| kind.name.clone()),
                about: found.about,
                clauses: ids.map(str::to_owned),
                asks: found.asks,
                prevails: prevails.map(|(one, _)| one.id().to_owned()),
                example: Case { id: format!("conflict-{}", list.len() + 1), ..found.case },
                zone: a.clause.setup.zone(),
            });
        }
    }
    list
}

/// The clauses that are judged, each with its text, in order of the files.
fn readings<'s>(set: &'s PolicySet, nodes: &'s [Node]) -> Vec<Reading<'s>> {
    let mut texts: HashMap<(&str, usize), (&Node, Option<&Node>)> = HashMap::new();
    for node in nodes {
        for clause in node.get("clauses").map_or(&[][..], Node::items) {
            if let Some(id) = clause.get("id") {
                texts.insert((&id.place.file.path, id.place.span.start), (clause, node.get("derive")));
            }
        }
    }
    let active = set.clauses.iter().enumerate().filter(|(_, clause)| clause.inactive.is_none());
    let mut list: Vec<Reading<'s>> = active
        .filter_map(|(index, clause)| {
            let place = &clause.properties.place;
            let (node, derive) = texts.get(&(place.file.path.as_str(), place.span.start))?;
            Reading::new(index, clause, node, *derive)
        })
        .collect();
    let place = |reading: &Reading<'s>| &reading.clause.properties.place;
    list.sort_by(|a, b| (&place(a).file.path, place(a).span.start).cmp(&(&place(b).file.path, place(b).span.start)));
    list
}

fn weigh(stage: &Stage<'_>) -> Option<Found> {
    let [a, b] = stage.pair.map(|reading| reading.clause.form);
    match (a, b) {
        ("deadline", "deadline") => terms::deadlines(stage),
        ("retention", "retention") => terms::retentions(stage),
        ("record", "record") => terms::records(stage),
        ("recurrence", "recurrence") => terms::recurrences(stage),
        ("approval", "approval") => approvals::weigh(stage),
        ("limit", "limit") | ("threshold", "threshold") | ("target", "target") => bounds::weigh(stage),
        ("forbid", "deadline" | "recurrence") => forbids::weigh(stage, 0),
        ("deadline" | "recurrence", "forbid") => forbids::weigh(stage, 1),
        _ => None,
    }
}
