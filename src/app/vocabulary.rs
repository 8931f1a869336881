//! What a source sends, against what the policies declare: lenient, since a source may send more than rules read.

use std::collections::BTreeMap;

use crate::{
    case::{Case, FACTS, Value},
    lang::Text,
    policy::PolicySet,
    value::Val,
};

/// How often names came, by kind.
type Counts = BTreeMap<String, BTreeMap<String, u64>>;

/// Names and values that the policies do not know, and how often they came.
#[derive(Debug, Default)]
pub struct Census {
    kinds: BTreeMap<String, u64>,
    facts: Counts,
    events: Counts,
    values: BTreeMap<(String, String, String), u64>,
}

impl Census {
    /// Looks at a case.
    pub fn look(&mut self, case: &Case, set: &PolicySet) {
        let Some((_, kind)) = set.kind(&case.kind) else {
            *self.kinds.entry(case.kind.clone()).or_default() += 1;
            return;
        };
        let zone = set.clauses.first().map_or(crate::time::Zone::UTC, |clause| clause.setup.zone());
        let changes = case.events.iter().filter(|event| event.kind == FACTS).flat_map(|event| &event.data);
        for (name, raw) in case.facts.iter().chain(changes) {
            let Some(decl) = kind.fact(name).and_then(|slot| kind.facts.get(slot)) else {
                add(&mut self.facts, &case.kind, name);
                continue;
            };
            if matches!(raw, Value::Null) || matches!(raw, Value::Text(text) if text.is_empty()) {
                continue;
            }
            let value = Val::read(raw, decl.kind, zone);
            let is_value = |value: &Val| {
                let shown = value.to_string();
                decl.values.iter().any(|(allowed, _)| *allowed == shown)
            };
            let allowed = decl.values.is_empty() || value.as_ref().is_some_and(is_value);
            let enough = decl.min.is_none_or(|min| value.as_ref().and_then(Val::number).is_none_or(|number| number >= min.into()));
            let fits = value.is_some() && allowed && enough;
            if !fits {
                let text = value.map_or_else(|| format!("{raw:?}"), |value| value.to_string());
                if self.values.len() < 1_000 {
                    *self.values.entry((case.kind.clone(), name.clone(), text)).or_default() += 1;
                }
            }
        }
        for event in case.events.iter().filter(|event| event.kind != FACTS && kind.event(&event.kind).is_none()) {
            add(&mut self.events, &case.kind, &event.kind);
        }
    }

    /// What was noticed, the most frequent first, at most twenty lines.
    #[must_use]
    pub fn warnings(&self) -> Vec<Text> {
        let mut list: Vec<(u64, Text)> = Vec::new();
        for (kind, count) in &self.kinds {
            list.push((
                *count,
                Text::new(
                    format!("{count} cases are of kind `{kind}`, which no policy declares"),
                    format!("{count} 个个案的种类 `{kind}` 未声明"),
                ),
            ));
        }
        for (kind, name, count) in each(&self.facts) {
            list.push((
                *count,
                Text::new(
                    format!("{count} x fact `{name}`, which kind `{kind}` does not declare"),
                    format!("{count} 次出现 `{kind}` 未声明的事实 `{name}`"),
                ),
            ));
        }
        for (kind, name, count) in each(&self.events) {
            list.push((
                *count,
                Text::new(
                    format!("{count} x event `{name}`, which kind `{kind}` does not declare"),
                    format!("{count} 次出现 `{kind}` 未声明的事件 `{name}`"),
                ),
            ));
        }
        for ((kind, name, value), count) in &self.values {
            list.push((*count, Text::new(
                format!("{count} x `{name}` of kind `{kind}` is `{value}`, which is not of its type or allowed values; rules read it as missing where it is not of the type"),
                format!("{count} 次：`{kind}` 的 `{name}` 为 `{value}`，不符合其类型或取值；类型不符者按缺失处理"),
            )));
        }
        list.sort_by_key(|item| std::cmp::Reverse(item.0));
        list.into_iter().take(20).map(|(_, text)| text).collect()
    }
}

/// Counts a name; nearly all have come before.
fn add(counts: &mut Counts, kind: &str, name: &str) {
    if let Some(count) = counts.get_mut(kind).and_then(|names| names.get_mut(name)) {
        *count += 1;
    } else {
        counts.entry(kind.to_owned()).or_default().insert(name.to_owned(), 1);
    }
}

/// All counts, by kind and name.
fn each(counts: &Counts) -> impl Iterator<Item = (&String, &String, &u64)> {
    counts.iter().flat_map(|(kind, names)| names.iter().map(move |(name, count)| (kind, name, count)))
}
