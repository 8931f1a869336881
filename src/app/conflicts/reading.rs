//! A clause beside the text it was read from, so that it can be compared with others.

use std::collections::BTreeSet;

use crate::{
    policy::{
        Clause,
        alternatives::is_of_parent,
        words::{mentions, words},
    },
    yaml::{Kind, Node},
};

/// A clause and its text.
#[derive(Debug)]
pub(super) struct Reading<'s> {
    /// Its index in the policy set.
    pub(super) index: usize,
    pub(super) clause: &'s Clause,
    /// The form's map.
    pub(super) form: &'s Node,
    /// What its verdicts hang on: conditions, form, and the derived facts of which these speak.
    scope: Vec<&'s Node>,
}

impl<'s> Reading<'s> {
    /// Reads a clause's map; `derive` is that of its policy.
    pub(super) fn new(index: usize, clause: &'s Clause, node: &'s Node, derive: Option<&'s Node>) -> Option<Self> {
        let form = node.get(clause.form)?;
        // What a record asks for is what a case may lack; only where it asks for it is a matter of conditions.
        let decides = if clause.form == "record" { form.get("at") } else { Some(form) };
        let mut scope: Vec<&Node> = ["when", "unless"].iter().filter_map(|key| node.get(key)).chain(decides).collect();
        let derived = match derive.map(|node| &node.kind) {
            Some(Kind::Map(entries)) => entries.as_slice(),
            _ => &[],
        };
        let mut at = 0;
        while let Some(node) = scope.get(at).copied() {
            at += 1;
            let mut said = Vec::new();
            words(node, &mut said);
            for value in derived.iter().filter(|(name, _)| name.text().is_some_and(|name| said.iter().any(|text| mentions(text, name)))) {
                if let Some(value) = value.1.get("value")
                    && !scope.iter().any(|known| std::ptr::eq(*known, value))
                {
                    scope.push(value);
                }
            }
        }
        Some(Self { index, clause, form, scope })
    }

    /// The clause's id.
    pub(super) fn id(&self) -> &'s str {
        &self.clause.properties.id
    }

    /// The event types that the matcher under a key names, of the case itself.
    pub(super) fn types(&self, key: &str) -> BTreeSet<&'s str> {
        self.form.get(key).map(types).unwrap_or_default()
    }

    /// The values of a word of matchers, `role` or `by`, under a key.
    pub(super) fn named(&self, key: &str, word: &str) -> BTreeSet<&'s str> {
        let matchers = self.form.get(key).map_or(&[][..], Node::items);
        matchers.iter().filter_map(|matcher| matcher.get(word)?.text()).collect()
    }

    /// A text under a key.
    pub(super) fn text(&self, key: &str) -> Option<&'s str> {
        self.form.get(key).and_then(Node::text)
    }

    /// The clause on whose violation it hangs, in full.
    pub(super) fn violation(&self) -> Option<String> {
        let id = self.form.get("after")?.get("violation")?.text()?;
        Some(if id.contains('/') { id.to_owned() } else { format!("{}/{id}", self.clause.properties.policy) })
    }

    /// Whether its verdicts may hang on a name.
    pub(super) fn speaks_of(&self, name: &str) -> bool {
        self.scope.iter().any(|node| {
            let mut said = Vec::new();
            words(node, &mut said);
            said.iter().any(|text| mentions(text, name))
        })
    }

    /// Whether an expression asks for events of a type.
    pub(super) fn asks_for(&self, event: &str) -> bool {
        let quoted = format!("\"{event}\"");
        self.scope.iter().any(|node| {
            let mut said = Vec::new();
            words(node, &mut said);
            said.iter().any(|text| text.contains(&quoted))
        })
    }

    /// The texts that say with what a name is compared: expressions, and tables that select by it.
    pub(super) fn about(&self, name: &str) -> Vec<&'s str> {
        let mut list = Vec::new();
        self.scope.iter().for_each(|node| gather(node, name, &mut list));
        list
    }
}

/// The event types of a matcher, those of a parent case left out.
pub(super) fn types(node: &Node) -> BTreeSet<&str> {
    let own = |item: &&Node| !is_of_parent(item);
    let named = node.items().iter().filter(own).flat_map(|item| match &item.kind {
        Kind::Map(_) => item.get("event").map_or(&[][..], Node::items),
        _ => std::slice::from_ref(item),
    });
    named.filter_map(Node::text).filter(|name| *name != "*").collect()
}

fn gather<'n>(node: &'n Node, name: &str, list: &mut Vec<&'n str>) {
    match &node.kind {
        Kind::Null => {}
        Kind::Scalar { text, .. } => list.extend(mentions(text, name).then_some(text.as_str())),
        Kind::List(items) => items.iter().for_each(|item| gather(item, name, list)),
        Kind::Map(entries) => {
            let selects =
                node.get("select").is_some_and(|select| select.items().iter().filter_map(Node::text).any(|text| mentions(text, name)));
            if selects {
                entries.iter().for_each(|(_, value)| everything(value, list));
            } else {
                entries.iter().for_each(|(_, value)| gather(value, name, list));
            }
        }
    }
}

/// All texts, keys too: the keys of a table's rows are values.
fn everything<'n>(node: &'n Node, list: &mut Vec<&'n str>) {
    match &node.kind {
        Kind::Null => {}
        Kind::Scalar { text, .. } => list.push(text),
        Kind::List(items) => items.iter().for_each(|item| everything(item, list)),
        Kind::Map(entries) => entries.iter().for_each(|(key, value)| {
            everything(key, list);
            everything(value, list);
        }),
    }
}

/// What a node says, whatever the way of writing: `=x` is `x`, a list of one is its item, a matcher of nothing but a type is the type.
pub(super) fn canonical(node: &Node) -> String {
    match &node.kind {
        Kind::Null => String::new(),
        Kind::Scalar { text, .. } => text.trim().trim_start_matches('=').split_whitespace().collect::<Vec<_>>().join(" "),
        Kind::List(items) => match items.as_slice() {
            [only] => canonical(only),
            many => format!("[{}]", many.iter().map(canonical).collect::<Vec<_>>().join(", ")),
        },
        Kind::Map(entries) => match entries.as_slice() {
            [(key, value)] if key.text() == Some("event") => canonical(value),
            many => {
                let mut parts: Vec<String> = many.iter().map(|(key, value)| format!("{}: {}", canonical(key), canonical(value))).collect();
                parts.sort();
                format!("{{{}}}", parts.join(", "))
            }
        },
    }
}
