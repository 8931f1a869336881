//! Clauses among each other: versions, references, and the order in which they are judged.

use std::collections::HashMap;

use super::{
    clauses::Draft,
    digest::{Digest, Digester},
    set::{Clause, Edition},
};
use crate::{
    diagnostic::{Problems, did_you_mean},
    form::Rule,
    lang::Text,
    time::Instant,
    view::Present,
};

/// Puts clauses in order: those that hang on others after them. Gives them and, by kind, their indices.
pub(super) fn arrange(
    drafts: Vec<(usize, Draft)>,
    editions: &[Edition],
    kinds: usize,
    problems: &mut Problems,
) -> (Vec<Clause>, Vec<Vec<usize>>) {
    let ids: Vec<String> = drafts.iter().map(|(_, draft)| draft.properties.id.clone()).collect();
    let mut clauses: Vec<Clause> = drafts
        .into_iter()
        .map(|(edition, draft)| {
            let (from, until, first) = window(editions, edition);
            Clause {
                properties: draft.properties,
                form: draft.form,
                needs: match &draft.rule {
                    Rule::Case(rule) => Present::of(rule.needs()),
                    Rule::Population(_) => Present::default(),
                },
                overridden_by: Vec::new(),
                needed: false,
                glances: false,
                digest: draft.digest,
                rule: draft.rule,
                kind: draft.kind,
                names: draft.names,
                setup: draft.setup,
                from,
                until,
                first,
                life: (from, until),
                inactive: draft.inactive,
                reads: draft.reads,
            }
        })
        .collect();
    divide(&mut clauses);
    for clause in &clauses {
        for id in references(clause) {
            if !ids.contains(&id) {
                problems.error_with_help(
                    "DU0407",
                    &clause.properties.place,
                    Text::new(format!("unknown clause `{id}`"), format!("未知的条款 `{id}`")),
                    did_you_mean(&id, ids.iter().map(String::as_str)),
                );
            }
        }
    }
    refuse_crowds(&clauses, problems);
    let ranks = ranks(&clauses, problems);
    // Versions of a policy in the order of time, so that obligations come in the order of their triggers.
    clauses.sort_by(|a, b| {
        let rank = |clause: &Clause| ranks.get(&clause.properties.id).copied().unwrap_or(0);
        (rank(a), &a.properties.policy, a.from).cmp(&(rank(b), &b.properties.policy, b.from))
    });
    let needed: Vec<String> = clauses.iter().filter_map(hangs_on).collect();
    let overrides: Vec<(String, Vec<String>)> =
        clauses.iter().map(|clause| (clause.properties.id.clone(), clause.properties.overrides.clone())).collect();
    for clause in &mut clauses {
        let id = &clause.properties.id;
        clause.overridden_by = overrides.iter().filter(|(_, over)| over.contains(id)).map(|(by, _)| by.clone()).collect();
        clause.needed = needed.contains(id) || !clause.properties.overrides.is_empty();
        clause.glances = !clause.needed && clause.overridden_by.is_empty();
    }
    digest(&mut clauses);
    let mut by_kind = vec![Vec::new(); kinds];
    for (index, clause) in clauses.iter().enumerate() {
        if clause.inactive.is_none()
            && let Some(list) = by_kind.get_mut(clause.kind)
        {
            list.push(index);
        }
    }
    (clauses, by_kind)
}

/// Divides time among the versions of each clause.
fn divide(clauses: &mut [Clause]) {
    let mut lives: HashMap<String, Life> = HashMap::new();
    for clause in &*clauses {
        let Clause { from, until, first, .. } = *clause;
        let life = lives.entry(clause.properties.id.clone()).or_insert(Life { begin: from, newest: first, end: until, latest: false });
        life.begin = life.begin.min(from);
        if from >= life.newest {
            (life.newest, life.end, life.latest) = (from, until, clause.properties.latest_version);
        }
    }
    for clause in clauses {
        let Some(life) = lives.get(&clause.properties.id) else { continue };
        clause.life = (life.begin, life.end);
        if life.latest {
            // The newest version judges all triggers; older ones leave theirs to it.
            clause.life.0 = clause.first;
            (clause.from, clause.until) =
                if clause.from == life.newest { (clause.first, life.end) } else { (clause.from, Some(clause.from)) };
        }
    }
}

/// What the versions of a clause have in common.
struct Life {
    /// When the first of them begins.
    begin: Instant,
    /// When the newest begins, and when it ends.
    newest: Instant,
    end: Option<Instant>,
    /// Whether the newest judges all triggers.
    latest: bool,
}

/// Makes each digest one of all that the clause depends on. Those it hangs on, or gives way to, stand before it.
fn digest(clauses: &mut [Clause]) {
    let mut known: HashMap<String, Vec<Digest>> = HashMap::new();
    for clause in clauses {
        let mut digester = Digester::default();
        let times = (clause.from, clause.until, clause.first, clause.life);
        digester.digest(&clause.digest).text(&format!("{} {times:?}", clause.kind));
        for id in hangs_on(clause).iter().chain(&clause.overridden_by) {
            known.get(id).into_iter().flatten().for_each(|other| {
                digester.digest(other);
            });
        }
        clause.digest = digester.close();
        known.entry(clause.properties.id.clone()).or_default().push(clause.digest);
    }
}

/// From when to when a version holds, and since when any does.
fn window(editions: &[Edition], index: usize) -> (Instant, Option<Instant>, Instant) {
    let Some(edition) = editions.get(index) else { return (Instant::MIN, None, Instant::MIN) };
    let same = || editions.iter().filter(|other| other.id == edition.id).map(|other| other.from);
    let until = same().filter(|from| *from > edition.from).min();
    (edition.from, until, same().min().unwrap_or(edition.from))
}

/// The clauses that must be judged before one.
fn hangs_on(clause: &Clause) -> Option<String> {
    match &clause.rule {
        Rule::Case(rule) => rule.hangs_on().map(str::to_owned),
        Rule::Population(rule) => rule.over_clause().map(str::to_owned),
    }
}

/// A breach over many cases is of a period, and so opens nothing in a case: what hangs on it would be silent for ever.
fn refuse_crowds(clauses: &[Clause], problems: &mut Problems) {
    let is_crowd = |id: &str| clauses.iter().any(|clause| clause.properties.id == id && matches!(clause.rule, Rule::Population(_)));
    for clause in clauses {
        let Some(id) = hangs_on(clause).filter(|id| is_crowd(id)) else { continue };
        problems.error_with_help(
            "DU0408",
            &clause.properties.place,
            Text::new(
                format!("`{id}` is a clause over many cases: its violations are of a period, not of a case"),
                format!("`{id}` 是跨个案的条款：其违反属于某个周期，而非某个个案"),
            ),
            Text::new(
                "what is asked of each event beyond a limit is its `excess`; or let the clause begin with an event of the case",
                "对每个超出限额的事件的要求，写在该限额的 `excess` 中；或让条款以个案的事件开始",
            ),
        );
    }
}

fn references(clause: &Clause) -> Vec<String> {
    let own = |id: &String| id.split('/').next() == Some(clause.properties.policy.as_str());
    // Another policy need not be loaded: the company may not use it.
    let overrides = clause.properties.overrides.iter().filter(|id| own(id)).cloned();
    overrides.chain(hangs_on(clause)).collect()
}

/// How many others come before each clause in its chain; a circle is an error.
fn ranks(clauses: &[Clause], problems: &mut Problems) -> HashMap<String, usize> {
    let mut before: HashMap<&str, Vec<String>> = HashMap::new();
    for clause in clauses {
        before.entry(clause.properties.id.as_str()).or_default().extend(hangs_on(clause));
    }
    let overriding =
        clauses.iter().flat_map(|clause| clause.properties.overrides.iter().map(move |over| (over.as_str(), clause.properties.id.clone())));
    for (overridden, by) in overriding {
        if let Some(list) = before.get_mut(overridden) {
            list.push(by);
        }
    }
    let mut ranks = HashMap::new();
    for clause in clauses {
        let mut path = Vec::new();
        if rank(&clause.properties.id, &before, &mut ranks, &mut path).is_none() {
            let circle = path.join(" → ");
            problems.error_with_help(
                "DU0403",
                &clause.properties.place,
                Text::new(format!("clauses depend on each other in a circle: {circle}"), format!("条款互相依赖，形成循环：{circle}")),
                Text::new("take out one `violation:`, `clause:` or `overrides:`", "请去掉其中一处 `violation:`、`clause:` 或 `overrides:`"),
            );
            break;
        }
    }
    ranks
}

fn rank(id: &str, before: &HashMap<&str, Vec<String>>, ranks: &mut HashMap<String, usize>, path: &mut Vec<String>) -> Option<usize> {
    if let Some(rank) = ranks.get(id) {
        return Some(*rank);
    }
    let known = path.iter().any(|seen| seen == id);
    path.push(id.to_owned());
    if known {
        return None;
    }
    let mut highest = 0;
    for other in before.get(id).into_iter().flatten() {
        highest = highest.max(rank(other, before, ranks, path)? + 1);
    }
    path.pop();
    ranks.insert(id.to_owned(), highest);
    Some(highest)
}
