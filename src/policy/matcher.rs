//! Event matchers: which events a clause means.

use std::{rc::Rc, sync::Arc};

use super::lookup::Reader;
use crate::{
    diagnostic::{Problems, did_you_mean},
    lang::Text,
    policy::vocabulary::{Kind as CaseKind, UNKNOWN_EVENT},
    script::{Context, Env, Expr, Trouble},
    value::Type,
    view::{CaseView, Position, Seen},
    yaml::{Fields, Key, Kind, Node},
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
    Key::optional("on", "parent", "events of the case this one is part of", "所属上级个案的事件"),
];

/// Which event types an alternative takes.
#[derive(Clone, Debug)]
enum Types {
    Any,
    Opened,
    These(Vec<u16>),
}

#[derive(Debug)]
struct Alternative {
    types: Types,
    role: Option<String>,
    by: Option<String>,
    when: Option<Expr>,
    of_parent: bool,
}

/// Matches events: any of its alternatives.
#[derive(Debug)]
pub struct Matcher {
    alternatives: Vec<Alternative>,
    /// What it means, for people.
    pub label: Text,
}

impl Matcher {
    /// Whether the event at a position matches.
    ///
    /// # Errors
    /// What the condition misses.
    pub fn matches(&self, env: &Env, position: Position, seen: &Seen) -> Result<bool, Trouble> {
        for alternative in &self.alternatives {
            if alternative.matches(env, position, seen)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// All matching positions, in order; what a condition misses is noted by position.
    pub fn positions(&self, env: &Env) -> Vec<Result<Position, (Position, Trouble)>> {
        let view = Rc::clone(&env.view);
        view.positions()
            .filter_map(|(position, seen)| match self.matches(env, position, seen) {
                Ok(true) => Some(Ok(position)),
                Ok(false) => None,
                Err(trouble) => Some(Err((position, trouble))),
            })
            .collect()
    }

    /// The matching positions, those whose condition cannot be told left out.
    pub fn certain(&self, env: &Env) -> Vec<Position> {
        self.positions(env).into_iter().filter_map(Result::ok).collect()
    }

    /// The first match after a position.
    ///
    /// # Errors
    /// What a condition misses before any match is found.
    pub fn first_after(&self, env: &Env, after: Position) -> Result<Option<Position>, Trouble> {
        let view = Rc::clone(&env.view);
        for (position, seen) in view.positions().filter(|(position, _)| *position > after) {
            if self.matches(env, position, seen)? {
                return Ok(Some(position));
            }
        }
        Ok(None)
    }

    /// Event type ids that can match; empty when any can.
    #[must_use]
    pub fn types(&self) -> Vec<u16> {
        let mut list = Vec::new();
        for alternative in &self.alternatives {
            match &alternative.types {
                Types::These(ids) => list.extend(ids),
                Types::Any | Types::Opened => return Vec::new(),
            }
        }
        list
    }

    /// A quick look: whether an event of a fitting type is there at all.
    #[must_use]
    pub fn may_match(&self, view: &CaseView) -> bool {
        view.events().iter().any(|seen| self.alternatives.iter().any(|alternative| alternative.fits(view, seen)))
    }
}

impl Alternative {
    fn fits(&self, view: &CaseView, seen: &Seen) -> bool {
        self.of_parent == seen.of_parent
            && match &self.types {
                Types::Any => true,
                Types::These(ids) => ids.contains(&seen.kind),
                Types::Opened => view.opened().is_some_and(|(_, at)| at == seen.at),
            }
    }

    fn matches(&self, env: &Env, position: Position, seen: &Seen) -> Result<bool, Trouble> {
        if !self.fits(&env.view, seen) {
            return Ok(false);
        }
        if matches!(self.types, Types::Opened) && env.view.opened().map(|(first, _)| first) != Some(position) {
            return Ok(false);
        }
        let Some(event) = env.view.event(position) else { return Ok(false) };
        if self.role.is_some() && self.role != event.role || self.by.is_some() && self.by != event.by {
            return Ok(false);
        }
        match &self.when {
            Some(when) => when.holds(&env.at_event(position)),
            None => Ok(true),
        }
    }
}

/// Reads a matcher against a kind's events (a parent's events are looked up in all kinds by `parents`).
pub fn read_matcher(node: &Node, reader: &Reader<'_>, parents: &[Arc<CaseKind>], problems: &mut Problems) -> Option<Matcher> {
    let mut alternatives = Vec::new();
    let mut labels: Vec<Text> = Vec::new();
    for item in node.items() {
        alternatives.push(read_alternative(item, reader, parents, &mut labels, problems)?);
    }
    let join = |pick: fn(&Text) -> &str, word: &str| labels.iter().map(|label| pick(label).to_owned()).collect::<Vec<_>>().join(word);
    let label = Text::new(join(|text| &text.en, " or "), join(|text| &text.zh, "或"));
    (!alternatives.is_empty()).then_some(Matcher { alternatives, label })
}

fn read_alternative(
    node: &Node,
    reader: &Reader<'_>,
    parents: &[Arc<CaseKind>],
    labels: &mut Vec<Text>,
    problems: &mut Problems,
) -> Option<Alternative> {
    if !matches!(node.kind, Kind::Map(_)) {
        let types = read_types(std::slice::from_ref(node), &reader.context.names.kind, labels, problems)?;
        return Some(Alternative { types, role: None, by: None, when: None, of_parent: false });
    }
    let fields = Fields::read(node, KEYS, problems)?;
    let of_parent = fields.word("on", &[("parent", true), ("case", false)], problems).unwrap_or(false);
    let types = if of_parent {
        let kind =
            parents.iter().find(|kind| fields.list("event").iter().all(|name| name.text().is_some_and(|name| kind.event(name).is_some())));
        let kind = kind.unwrap_or(&reader.context.names.kind);
        read_types(fields.list("event"), kind, labels, problems)?
    } else {
        read_types(fields.list("event"), &reader.context.names.kind, labels, problems)?
    };
    let ids = match &types {
        Types::These(ids) if !of_parent => ids.clone(),
        _ => Vec::new(),
    };
    let when = match fields.get("when") {
        Some(condition) => {
            let text = condition.expect_text(problems)?;
            let text = text.trim().trim_start_matches('=').trim();
            let context = Context { event: Some(&ids), ..reader.context };
            Some(Expr::compile(reader.engine, text, &condition.place, &context, Type::Boolean, problems)?)
        }
        None => None,
    };
    let role = fields.text("role", problems).map(str::to_owned);
    let by = fields.text("by", problems).map(str::to_owned);
    Some(Alternative { types, role, by, when, of_parent })
}

fn read_types(nodes: &[Node], kind: &CaseKind, labels: &mut Vec<Text>, problems: &mut Problems) -> Option<Types> {
    let mut ids = Vec::new();
    for node in nodes {
        let name = node.expect_text(problems)?;
        match (name, kind.event(name)) {
            ("*", _) => {
                labels.push(Text::new("any event", "任何事件"));
                return Some(Types::Any);
            }
            ("opened", None) => {
                labels.push(Text::new("the case opened", "个案建立"));
                return Some(Types::Opened);
            }
            (_, Some(id)) => {
                labels.push(kind.event_label(id));
                ids.push(id);
            }
            (_, None) => {
                let known: Vec<&str> = kind.events.iter().map(|event| event.name.as_str()).collect();
                problems.error_with_help(
                    "DU0401",
                    &node.place,
                    Text::new(format!("kind `{}` has no event `{name}`", kind.name), format!("`{}` 没有事件 `{name}`", kind.name)),
                    did_you_mean(name, known.iter().copied())
                        .or_else(|| Some(Text::new("declare it under `kinds: .. events:`", "请在 `kinds: .. events:` 下声明"))),
                );
                ids.push(UNKNOWN_EVENT);
            }
        }
    }
    Some(Types::These(ids))
}
