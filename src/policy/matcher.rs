//! Event matchers: which events a clause means.

use std::{ops::Range, sync::Arc};

use super::lookup::{Name, Reader};
use crate::{
    atom::Word,
    diagnostic::{Problems, did_you_mean},
    lang::Text,
    policy::vocabulary::{Kind as CaseKind, UNKNOWN_EVENT},
    script::{Context, Env, Expr, Trouble},
    value::Type,
    view::{CaseView, Position, Present, Seen},
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
    These(Vec<u16>, Present),
}

#[derive(Debug)]
struct Alternative {
    types: Types,
    role: Option<Name>,
    by: Option<Name>,
    when: Option<Expr>,
    of_parent: bool,
}

/// Matches events: any of its alternatives.
#[derive(Debug)]
pub struct Matcher {
    alternatives: Vec<Alternative>,
    /// The only type that it takes, of events of the case itself.
    single: Option<u16>,
    /// What it means, for people.
    pub label: Text,
}

/// An event of which it cannot be told whether it matches.
#[derive(Clone, Debug)]
pub struct Doubt {
    /// Its position.
    pub position: Position,
    /// What the condition misses.
    pub trouble: Trouble,
}

/// The matching positions, in order.
pub struct Matches<'a> {
    matcher: &'a Matcher,
    env: Env<'a>,
    next: Option<Position>,
    end: Position,
}

impl Iterator for Matches<'_> {
    type Item = Result<Position, Box<Doubt>>;

    fn next(&mut self) -> Option<Self::Item> {
        let view = self.env.view;
        while let Some(position) = self.next.filter(|position| *position < self.end) {
            let seen = view.seen(position)?;
            self.next = if self.matcher.single.is_some() { view.next_of(position) } else { Some(position + 1) };
            match self.matcher.matches(&self.env, position, seen) {
                Ok(true) => return Some(Ok(position)),
                Ok(false) => {}
                Err(trouble) => return Some(Err(Box::new(Doubt { position, trouble }))),
            }
        }
        None
    }
}

impl Matches<'_> {
    /// The first that matches and fits.
    ///
    /// # Errors
    /// The first that fits of which it cannot be told, where none surely matches.
    pub fn first(self, fits: impl Fn(Position) -> bool) -> Result<Option<Position>, Box<Doubt>> {
        let mut unsure = None;
        for found in self {
            match found {
                Ok(position) if fits(position) => return Ok(Some(position)),
                Err(doubt) if unsure.is_none() && fits(doubt.position) => unsure = Some(doubt),
                Ok(_) | Err(_) => {}
            }
        }
        unsure.map_or(Ok(None), Err)
    }
}

impl Matcher {
    /// Whether the event at a position matches.
    ///
    /// # Errors
    /// What the condition misses.
    pub fn matches(&self, env: &Env<'_>, position: Position, seen: &Seen) -> Result<bool, Trouble> {
        for alternative in &self.alternatives {
            if alternative.matches(env, position, seen)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// All matching positions, in order; and those of which it cannot be told.
    pub fn positions<'a>(&'a self, env: &Env<'a>) -> Matches<'a> {
        self.positions_in(env, 0..Position::MAX)
    }

    /// The same, in a stretch of the case.
    pub fn positions_in<'a>(&'a self, env: &Env<'a>, stretch: Range<Position>) -> Matches<'a> {
        let next = match self.single {
            Some(kind) => env.view.all_of(kind).find(|position| *position >= stretch.start),
            None => Some(stretch.start),
        };
        Matches { matcher: self, env: *env, next, end: stretch.end }
    }

    /// The matching positions, those whose condition cannot be told left out.
    pub fn certain<'a>(&'a self, env: &Env<'a>) -> impl Iterator<Item = Position> + use<'a> {
        self.positions(env).filter_map(Result::ok)
    }

    /// Event type ids that can match; empty when any can.
    #[must_use]
    pub fn types(&self) -> Vec<u16> {
        let mut list = Vec::new();
        for alternative in &self.alternatives {
            match &alternative.types {
                Types::These(ids, _) => list.extend(ids),
                Types::Any | Types::Opened => return Vec::new(),
            }
        }
        list
    }

    /// The only type that it takes, where it asks for nothing else.
    #[must_use]
    pub fn plain(&self) -> Option<u16> {
        self.single.filter(|_| self.alternatives.iter().all(Alternative::is_plain))
    }

    /// Whether it takes an event for its type alone; `None` when it asks for more.
    #[must_use]
    pub fn takes_type(&self, view: &CaseView, seen: &Seen) -> Option<bool> {
        match self.alternatives.as_slice() {
            [only] if only.is_plain() => Some(only.fits(view, seen)),
            _ => None,
        }
    }

    /// The only type that it takes, where it asks for nothing else but a role.
    #[must_use]
    pub fn plain_with_role(&self) -> Option<(u16, Option<&Name>)> {
        match (self.single, self.alternatives.as_slice()) {
            (Some(kind), [Alternative { role, by: None, when: None, .. }]) => Some((kind, role.as_ref())),
            _ => None,
        }
    }

    /// The conditions on events.
    pub fn conditions(&self) -> impl Iterator<Item = &Expr> {
        self.alternatives.iter().filter_map(|alternative| alternative.when.as_ref())
    }
}

impl Alternative {
    /// Asks for nothing but a type.
    const fn is_plain(&self) -> bool {
        self.role.is_none() && self.by.is_none() && self.when.is_none() && !self.of_parent && matches!(self.types, Types::These(..))
    }

    fn fits(&self, view: &CaseView, seen: &Seen) -> bool {
        self.of_parent == seen.of_parent
            && match &self.types {
                Types::Any => true,
                Types::These(ids, set) => set.has(seen.kind) && (seen.kind < Present::SHARED || ids.contains(&seen.kind)),
                Types::Opened => view.opened().is_some_and(|(_, at)| at == seen.at),
            }
    }

    fn matches(&self, env: &Env<'_>, position: Position, seen: &Seen) -> Result<bool, Trouble> {
        if !self.fits(env.view, seen) {
            return Ok(false);
        }
        if matches!(self.types, Types::Opened) && env.view.opened().map(|(first, _)| first) != Some(position) {
            return Ok(false);
        }
        let is = |wanted: &Name, given: Option<Word>| given.and_then(|word| env.view.symbol(word)) == Some(wanted.symbol);
        if self.role.as_ref().is_some_and(|role| !is(role, env.view.role_word(position)))
            || self.by.as_ref().is_some_and(|by| !is(by, env.view.by_word(position)))
        {
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
    if alternatives.len() > 1 && alternatives.iter().all(Alternative::is_plain) {
        alternatives = vec![merged(&alternatives)];
    }
    let single = match alternatives.as_slice() {
        [Alternative { types: Types::These(ids, _), of_parent: false, .. }] if ids.len() == 1 => ids.first().copied(),
        _ => None,
    };
    (!alternatives.is_empty()).then_some(Matcher { alternatives, single, label })
}

/// Several types as one alternative.
fn merged(list: &[Alternative]) -> Alternative {
    let ids = list.iter().flat_map(|alternative| match &alternative.types {
        Types::These(ids, _) => ids.as_slice(),
        Types::Any | Types::Opened => &[],
    });
    Alternative { types: these(ids.copied().collect()), role: None, by: None, when: None, of_parent: false }
}

fn these(ids: Vec<u16>) -> Types {
    let set = Present::of(ids.iter().copied());
    Types::These(ids, set)
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
        Types::These(ids, _) if !of_parent => ids.clone(),
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
    let name = |text: &str| Name::new(text, &reader.context.names.symbols);
    let role = fields.text("role", problems).map(name);
    let by = fields.text("by", problems).map(name);
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
    Some(these(ids))
}
