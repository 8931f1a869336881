//! Reading event matchers: each alternative against the kind of the clause, or against the kinds that its parent may be of.

use std::sync::Arc;

use super::{
    clauses::unknown_kind,
    lookup::{Name, Reader},
    matcher::{Alternative, Matcher, Types},
    vocabulary::{Kind, UNKNOWN_EVENT},
};
use crate::{
    diagnostic::{Problems, did_you_mean},
    lang::Text,
    script::{Context, Expr},
    value::Type,
    yaml::{Fields, Key, Kind as Shape, Node},
};

/// Keys of a matcher.
pub const KEYS: &[Key] = &[
    Key::required(
        "event",
        "event type or list",
        "the event type; `*` is any, `opened` the first",
        "事件类型；`*` 为任意，`opened` 为首个事件",
    ),
    Key::optional("role", "role", "in which role it was done", "以何角色"),
    Key::optional("by", "person", "by whom", "由谁"),
    Key::optional("when", "expression", "a condition on the event: `data.result == \"pass\"`", "对事件的条件"),
    Key::optional("on", "parent | {parent: kind}", "events of the case this one is part of", "所属上级个案的事件"),
];

/// The kinds whose events a matcher may mean.
#[derive(Clone, Copy, Debug)]
pub struct Kinds<'k> {
    /// All, by index; the case that this one is part of is of one of them.
    pub all: &'k [Arc<Kind>],
    /// Those that the clause is for.
    pub ours: &'k [Arc<Kind>],
}

/// Whether a written matcher means events of the case that another is part of.
#[must_use]
pub fn is_of_parent(matcher: &Node) -> bool {
    matcher.get("on").is_some_and(|on| on.text() == Some("parent") || on.get("parent").is_some())
}

/// Reads a matcher. Where a clause is for several kinds, an alternative need not exist in all of them, but each of them has one.
pub fn read_matcher(node: &Node, reader: &Reader<'_>, kinds: Kinds<'_>, problems: &mut Problems) -> Option<Matcher> {
    let mut reading = Reading { reader, kinds, labels: Vec::new(), elsewhere: Vec::new(), problems };
    let mut alternatives = Vec::new();
    for item in node.items() {
        reading.alternative(item, &mut alternatives)?;
    }
    if alternatives.is_empty() {
        for node in std::mem::take(&mut reading.elsewhere) {
            reading.unknown(node, &reader.context.names.kind);
        }
        return None;
    }
    let join = |pick: fn(&Text) -> &str, word: &str| reading.labels.iter().map(pick).collect::<Vec<_>>().join(word);
    let label = Text::new(join(|text| &text.en, " or "), join(|text| &text.zh, "或"));
    Some(Matcher::new(alternatives, label))
}

/// A matcher while it is read.
struct Reading<'r, 'n> {
    reader: &'r Reader<'r>,
    kinds: Kinds<'r>,
    labels: Vec<Text>,
    /// Types that only another kind of the clause has.
    elsewhere: Vec<&'n Node>,
    problems: &'r mut Problems,
}

/// A kind whose events are meant, and its index where it is that of the parent.
type Whose = (Option<usize>, Arc<Kind>);

impl<'n> Reading<'_, 'n> {
    /// Adds what one item means: one alternative; one for each kind that the parent may be of; none where only another kind of the clause has it.
    fn alternative(&mut self, node: &'n Node, list: &mut Vec<Alternative>) -> Option<()> {
        let fields = match node.kind {
            Shape::Map(_) => Some(Fields::read(node, KEYS, self.problems)?),
            _ => None,
        };
        let events = if fields.is_some() { node.get("event").map_or(&[][..], Node::items) } else { std::slice::from_ref(node) };
        let whose = match fields.as_ref().and_then(|fields| fields.get("on").map(|on| (fields, on))) {
            Some((fields, on)) => self.whose(fields, on, events)?,
            None => vec![(None, Arc::clone(&self.reader.context.names.kind))],
        };
        let own = whose.iter().any(|(parent, _)| parent.is_none());
        let alike = if own { self.kinds.ours.to_vec() } else { whose.iter().map(|(_, kind)| Arc::clone(kind)).collect() };
        for (parent, kind) in &whose {
            let types = self.types(events, kind, &alike)?;
            let ids = match &types {
                Types::These(ids, _) if ids.is_empty() => continue,
                // Where the parent may be of several kinds, fields are read by their names.
                Types::These(ids, _) if whose.len() == 1 => ids.clone(),
                _ => Vec::new(),
            };
            let when = match fields.as_ref().and_then(|fields| fields.get("when")) {
                Some(condition) => Some(self.condition(condition, &ids, kind)?),
                None => None,
            };
            let mut name = |key: &str| {
                let text = fields.as_ref()?.text(key, self.problems)?;
                Some(Name::new(text, &self.reader.context.names.symbols))
            };
            list.push(Alternative { types, role: name("role"), by: name("by"), when, parent: *parent });
        }
        Some(())
    }

    fn condition(&mut self, node: &Node, ids: &[u16], of: &Kind) -> Option<Expr> {
        let text = node.expect_text(self.problems)?.trim().trim_start_matches('=').trim();
        let context = Context { event: Some(ids), of: Some(of), ..self.reader.context };
        Expr::compile(self.reader.engine, text, &node.place, &context, Type::Boolean, self.problems)
    }

    /// Whose events are meant: the case's own, or those of a parent of the kinds named, or of any that has one of the events.
    fn whose(&mut self, fields: &Fields<'_>, on: &Node, events: &[Node]) -> Option<Vec<Whose>> {
        let all = || self.kinds.all.iter().enumerate().map(|(index, kind)| (Some(index), Arc::clone(kind)));
        let Some(named) = on.get("parent") else {
            if !fields.word("on", &[("parent", true), ("case", false)], self.problems)? {
                return Some(vec![(None, Arc::clone(&self.reader.context.names.kind))]);
            }
            let has = |kind: &Kind, name: &str| matches!(name, "*" | "opened") || kind.event(name).is_some();
            let list: Vec<Whose> = all().filter(|(_, kind)| events.iter().filter_map(Node::text).any(|name| has(kind, name))).collect();
            if list.is_empty() {
                let own = Arc::clone(&self.reader.context.names.kind);
                events.iter().for_each(|event| self.unknown(event, &own));
                return None;
            }
            return Some(list);
        };
        let mut list = Vec::new();
        for node in named.items() {
            let name = node.expect_text(self.problems)?;
            let Some(found) = all().find(|(_, kind)| kind.name == name) else {
                unknown_kind(node, name, self.kinds.all, self.problems);
                return None;
            };
            list.push(found);
        }
        Some(list)
    }

    /// The types of a kind under these names; none where only kinds alike have them.
    fn types(&mut self, nodes: &'n [Node], kind: &Kind, alike: &[Arc<Kind>]) -> Option<Types> {
        let mut ids = Vec::new();
        for node in nodes {
            let name = node.expect_text(self.problems)?;
            match (name, kind.event(name)) {
                ("*", _) => {
                    self.label(Text::new("any event", "任何事件"));
                    return Some(Types::Any);
                }
                ("opened", None) => {
                    self.label(Text::new("the case opened", "个案建立"));
                    return Some(Types::Opened);
                }
                (_, Some(id)) => {
                    self.label(kind.event_label(id));
                    ids.push(id);
                }
                (_, None) if alike.iter().any(|other| other.event(name).is_some()) => self.elsewhere.push(node),
                (_, None) => {
                    self.unknown(node, kind);
                    ids.push(UNKNOWN_EVENT);
                }
            }
        }
        Some(Types::these(ids))
    }

    /// The same events of several kinds are said once.
    fn label(&mut self, label: Text) {
        if !self.labels.contains(&label) {
            self.labels.push(label);
        }
    }

    fn unknown(&mut self, node: &Node, kind: &Kind) {
        let name = node.text().unwrap_or_default();
        self.problems.error_with_help(
            "DU0401",
            &node.place,
            Text::new(format!("kind `{}` has no event `{name}`", kind.name), format!("`{}` 没有事件 `{name}`", kind.name)),
            did_you_mean(name, kind.events.iter().map(|event| event.name.as_str()))
                .or_else(|| Some(Text::new("declare it under `kinds: .. events:`", "请在 `kinds: .. events:` 下声明"))),
        );
    }
}
