//! What a source sends, against what the policies declare: lenient, since a source may send more than rules read.

use std::collections::BTreeMap;

use crate::{
    case::{Case, FACTS},
    lang::Text,
    policy::PolicySet,
    value::Val,
};

/// Names and values that the policies do not know, and how often they came.
#[derive(Debug, Default)]
pub struct Census {
    kinds: BTreeMap<String, u64>,
    facts: BTreeMap<(String, String), u64>,
    events: BTreeMap<(String, String), u64>,
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
                *self.facts.entry((case.kind.clone(), name.clone())).or_default() += 1;
                continue;
            };
            let value = Val::read(raw, decl.kind, zone);
            let empty = matches!(raw, crate::case::Value::Null) || matches!(raw, crate::case::Value::Text(text) if text.is_empty());
            let shown = value.as_ref().map(ToString::to_string);
            let allowed = decl.values.is_empty() || shown.as_ref().is_some_and(|shown| decl.values.iter().any(|(value, _)| value == shown));
            let enough = decl.min.is_none_or(|min| value.as_ref().and_then(Val::number).is_none_or(|number| number >= min.into()));
            let fits = value.is_some() && allowed && enough;
            if !empty && !fits {
                let text = shown.unwrap_or_else(|| format!("{raw:?}"));
                if self.values.len() < 1_000 {
                    *self.values.entry((case.kind.clone(), name.clone(), text)).or_default() += 1;
                }
            }
        }
        for event in case.events.iter().filter(|event| event.kind != FACTS && kind.event(&event.kind).is_none()) {
            *self.events.entry((case.kind.clone(), event.kind.clone())).or_default() += 1;
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
        for ((kind, name), count) in &self.facts {
            list.push((
                *count,
                Text::new(
                    format!("{count} x fact `{name}`, which kind `{kind}` does not declare"),
                    format!("{count} 次出现 `{kind}` 未声明的事实 `{name}`"),
                ),
            ));
        }
        for ((kind, name), count) in &self.events {
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
