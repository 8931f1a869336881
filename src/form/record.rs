//! Fields, attachments and signatures are there.
//!
//! Held against each event `at`; without `at`, once against the case's facts. A field counts when it is not empty in the event's data, in the
//! data of a later `completed_by` event, or as a fact of the same name. A missing field is a violation, never undetermined.
//!
//! States: met, `met_late`, pending and `due_soon` while `within` runs, overdue.
//!
//! Example: `record: {at: reported, fields: [occurred_at, place, description], within: 1d}`
//!
//! # 中文
//! 须有相应的字段、附件与签字。
//!
//! 对每个 `at` 事件检查；没有 `at` 则对个案的事实检查一次。字段在事件数据、其后 `completed_by` 事件的数据、或同名事实中非空即算有。缺少字段即为违反，不作待定。
//!
//! 状态：达成、逾期补齐；`within` 期间为未到期、即将到期；逾期。
//!
//! 示例：`record: {at: reported, fields: [occurred_at, place, description], within: 1d}`

use std::collections::BTreeSet;

use super::{Ask, Duty, Form, FormReader, Glance, Instance, Judge, Outcome, Outlook, Prospect, Quick, Rule, Say, signs::Signs};
use crate::{
    atom::Atom,
    case::Value,
    policy::{lookup::Lookup, matcher::Matcher},
    script::{Binding, Env, Expr, Sight, Trouble},
    time::{Due, Instant},
    value::{Type, Val},
    view::{BEFORE_ALL, Position, Read, lanes},
    yaml::{Fields, Key, Node},
};

pub(super) const FORM: Form = Form { name: "record", title: ("record", "记录"), keys: KEYS, source: include_str!("record.rs"), read };

const KEYS: &[Key] = &[
    Key::optional("at", "matcher", "the event whose record must be complete", "须记录完整的事件"),
    Key::optional("fields", "list of fields", "must not be empty", "不得为空的字段"),
    Key::optional("facts", "list of facts", "must not be empty", "不得为空的事实"),
    Key::optional("attachments", "list of names", "must be in `data.attachments`", "须在 `data.attachments` 中"),
    Key::optional("signatures", "list of names", "must be in `data.signatures`", "须在 `data.signatures` 中"),
    Key::optional("copies", "whole number", "`data.copies` at least", "`data.copies` 至少"),
    Key::optional("equal", "list of pairs", "pairs of expressions that must be equal", "须相等的表达式对"),
    Key::optional("completed_by", "matcher", "later events that may supply what is missing", "可补齐的后续事件"),
    Key::optional("within", "span", "time to complete it", "补齐时限"),
];

#[derive(Debug)]
struct Record {
    at: Option<Matcher>,
    fields: Vec<String>,
    facts: Vec<String>,
    lists: Vec<(&'static str, String)>,
    copies: Option<i64>,
    equal: Vec<(Expr, Expr)>,
    completed_by: Option<Matcher>,
    within: Option<Lookup>,
    /// The facts, where they are all that is asked of the case: then the quick way serves.
    slots: Option<Vec<usize>>,
}

fn names(nodes: &[Node], reader: &mut FormReader<'_, '_>) -> Option<Vec<String>> {
    nodes.iter().map(|node| node.expect_text(reader.problems).map(str::to_owned)).collect()
}

fn read(fields: &Fields<'_>, reader: &mut FormReader<'_, '_>) -> Option<Rule> {
    let at = if fields.get("at").is_some() { Some(reader.matcher(fields, "at")?) } else { None };
    let types = at.as_ref().map(Matcher::types);
    let mut lists = Vec::new();
    for list in ["attachments", "signatures"] {
        lists.extend(names(fields.list(list), reader)?.into_iter().map(|name| (list, name)));
    }
    for name in fields.list("facts").iter().chain(if at.is_none() { fields.list("fields") } else { &[] }) {
        // The check of the name as an expression says what is wrong with it.
        reader.expression(name, Type::Any, None)?;
    }
    let mut equal = Vec::new();
    for pair in fields.list("equal") {
        let [a, b] = pair.items() else {
            reader.problems.error("DU0105", &pair.place, "a pair of expressions is needed", "此处需要一对表达式");
            return None;
        };
        equal.push((reader.expression(a, Type::Any, types.as_deref())?, reader.expression(b, Type::Any, types.as_deref())?));
    }
    let completed_by = if fields.get("completed_by").is_some() { Some(reader.matcher(fields, "completed_by")?) } else { None };
    let within = if fields.get("within").is_some() { Some(reader.lookup(fields, "within", Type::Span)?) } else { None };
    let mut record = Record {
        at,
        fields: names(fields.list("fields"), reader)?,
        facts: names(fields.list("facts"), reader)?,
        lists,
        copies: fields.integer("copies", reader.problems),
        equal,
        completed_by,
        within,
        slots: None,
    };
    let more = record.at.is_some() || !record.fields.is_empty() || !record.lists.is_empty() || !record.equal.is_empty();
    if !more && record.copies.is_none() && record.within.is_none() {
        let slot = |name: &String| match reader.reader.context.names.find(name) {
            Some(Binding::Fact(slot)) => Some(slot),
            _ => None,
        };
        record.slots = record.facts.iter().map(slot).collect();
    }
    Some(Rule::Case(Box::new(record)))
}

fn given(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Text(text)) => !text.trim().is_empty(),
        Some(Value::List(list)) => !list.is_empty(),
        Some(Value::Map(map)) => !map.is_empty(),
        Some(_) => true,
    }
}

/// Whether a pair is equal, read with the event at hand whose data count.
fn equal((a, b): &(Expr, Expr), env: &Env<'_>, source: Option<Position>, upto: Position) -> bool {
    let mut env = env.with_facts_of(upto);
    env.event = source.or(env.event);
    match (a.value(&env), b.value(&env)) {
        (Ok(a), Ok(b)) => a == b || a.compare(&b) == Some(std::cmp::Ordering::Equal),
        _ => false,
    }
}

/// Whether a fact is there and not empty, where that can be seen without copying it.
fn slot_given(sight: &impl Sight, slot: usize) -> Option<bool> {
    match sight.fact(slot) {
        Read::Missing => Some(false),
        Read::Atom(Atom::Text(word)) => Some(sight.words().with_text(word, |text| match text.as_bytes().first() {
            Some(first) if first.is_ascii_graphic() => true,
            _ => !text.trim().is_empty(),
        })),
        Read::Atom(_) => Some(true),
        Read::Other => None,
    }
}

impl Record {
    fn fact_given(env: &Env<'_>, name: &str, position: Position) -> bool {
        let Some(binding) = env.names.find(name) else { return false };
        let env = env.with_facts_of(position);
        if let Binding::Fact(slot) = binding
            && let Some(given) = slot_given(&env, slot)
        {
            return given;
        }
        env.value(binding).is_ok_and(|value| !matches!(&value, Val::Text(text) if text.trim().is_empty()))
    }

    /// What is still missing when everything up to a position counts.
    fn missing(&self, env: &Env<'_>, at: Option<Position>, supplies: &[Position], upto: Position) -> BTreeSet<String> {
        let sources: Vec<Position> = at.into_iter().chain(supplies.iter().copied().filter(|position| *position <= upto)).collect();
        let in_data = |name: &str| sources.iter().any(|position| given(env.view.datum(*position, name).as_ref()));
        let in_list = |list: &str, name: &str| {
            sources.iter().filter_map(|position| env.view.datum(*position, list)).any(|value| match value {
                Value::List(items) => items.iter().any(|item| matches!(item, Value::Text(text) if text == name)),
                Value::Text(text) => text.split([',', '、']).any(|part| part.trim() == name),
                Value::Map(map) => given(map.get(name)),
                _ => false,
            })
        };
        let mut missing = BTreeSet::new();
        missing.extend(self.fields.iter().filter(|name| !in_data(name) && !Self::fact_given(env, name, upto)).cloned());
        missing.extend(self.facts.iter().filter(|name| !Self::fact_given(env, name, upto)).cloned());
        missing.extend(self.lists.iter().filter(|(list, name)| !in_list(list, name)).map(|(_, name)| name.clone()));
        if let Some(least) = self.copies {
            let most = sources.iter().filter_map(|position| match env.view.datum(*position, "copies")? {
                Value::Int(copies) => Some(copies),
                _ => None,
            });
            if most.max().unwrap_or(0) < least {
                missing.insert("copies".to_owned());
            }
        }
        let unequal = self
            .equal
            .iter()
            .filter(|pair| !sources.iter().rev().any(|source| equal(pair, env, Some(*source), upto)) && !equal(pair, env, None, upto));
        for (a, b) in unequal {
            // What is missing already is not named again for being unequal.
            let known = |trouble: Trouble| matches!(trouble, Trouble::Missing(names) if names.iter().all(|name| missing.contains(name)));
            if !a.value(&env.with_facts_of(upto)).is_err_and(known) {
                missing.insert(format!("{} = {}", a.text, b.text));
            }
        }
        missing
    }

    /// The left side of a pair is what is recorded: when it is missing, that is the violation. The right side is what it is held
    /// against: a fact missing there leaves the pair untold.
    fn unknown(&self, env: &Env<'_>) -> Option<Trouble> {
        let mut troubles = self.equal.iter().filter_map(|(_, against)| against.value(env).err());
        troubles.find(|trouble| match trouble {
            Trouble::Missing(names) => names.iter().any(|name| env.names.find(name).is_some()),
            Trouble::Failed { .. } => false,
        })
    }

    fn judge_one<'a>(&'a self, ask: &mut Ask<'a>, at: Option<Position>) -> Option<Duty<'a>> {
        let (position, opened) = match at {
            Some(position) => (position, ask.instant_of(position)),
            None => ask.start(),
        };
        let instance = if at.is_some() { Instance::Event(position) } else { Instance::Word("record") };
        let read_at = if at.is_some() { position } else { ask.env.view.last() };
        let env = ask.env_at(read_at);
        if !ask.takes(&env, &instance, opened, read_at) {
            return None;
        }
        let mut duty = Duty::new(instance, opened, position);
        let due = match self.within.as_ref().map(|within| within.span(&env)) {
            Some(Ok(span)) => env.setup.clock().add(opened, span, &[]),
            Some(Err(trouble)) => {
                duty.outcome = trouble.into();
                return Some(duty);
            }
            None => Due { at: opened, provisional: false },
        };
        duty.due = Some(due);
        let last = ask.env.view.last();
        if let Some(trouble) = self.unknown(&env.with_facts_of(last)) {
            duty.outcome = trouble.into();
            return Some(duty);
        }
        let mut supplies = Signs::of_any(self.completed_by.as_ref(), &ask.env);
        supplies.sure.retain(|found| *found > position);
        supplies.doubts.retain(|doubt| doubt.position > position);
        let missing = self.missing(&env, at, &supplies.sure, last);
        // The first instant at which nothing was missing any more.
        let whole_at = |supplies: &[Position]| {
            let done = (position..=last).find(|upto| self.missing(&env, at, supplies, *upto).is_empty())?;
            Some(if done > BEFORE_ALL { ask.instant_of(done) } else { opened })
        };
        let done = if missing.is_empty() { whole_at(&supplies.sure) } else { None };
        if let Some(doubt) = supplies.doubts.first() {
            let all = supplies.all();
            let may = if self.missing(&env, at, &all, last).is_empty() { whole_at(&all) } else { None };
            // What may have completed it matters where it would stand otherwise.
            let is_late = |done: Option<Instant>| done.map(|done| done > due.at);
            if is_late(may) != is_late(done) {
                duty.outcome = doubt.trouble.clone().into();
                duty.evidence.push(doubt.position);
                return Some(duty);
            }
        }
        if missing.is_empty() {
            duty.outcome = Outcome::Met(done.or(Some(opened)));
            duty.evidence.extend(supplies.sure);
        } else {
            let list: Vec<String> = missing.iter().cloned().collect();
            duty.about = Some(Say::NotRecorded(list.clone()));
            duty.act = Some(Say::Record(list));
            duty.missing = missing;
        }
        Some(duty)
    }
}

impl Judge for Record {
    fn glance(&self, look: &Glance<'_>) -> Quick {
        let view = look.env.view;
        let Some(slots) = self.slots.as_ref().filter(|_| view.facts_are_constant()) else { return Quick::Full };
        let env = look.env_at(view.last());
        if let Some(quick) = look.spared(&env) {
            return quick;
        }
        if slots.iter().all(|slot| slot_given(&env, *slot) == Some(true)) { Quick::Met(look.start()) } else { Quick::Full }
    }

    fn survey(&self, prospect: &Prospect<'_>, outlook: &mut Outlook) {
        let Some(slots) = &self.slots else { return };
        let (rows, asked) = prospect.asked_now(outlook);
        for lane in lanes(asked) {
            let row = rows.row(lane);
            if slots.iter().all(|slot| slot_given(&row, *slot) == Some(true)) {
                outlook.is_met(lane, prospect.start(lane));
            }
        }
    }

    fn judge<'a>(&'a self, ask: &mut Ask<'a>) {
        let Some(matcher) = &self.at else {
            let duty = self.judge_one(ask, None);
            ask.duties.extend(duty);
            return;
        };
        for found in matcher.positions(&ask.env) {
            if let Some(position) = ask.sure(found) {
                let duty = self.judge_one(ask, Some(position));
                ask.duties.extend(duty);
            }
        }
    }

    fn breaks(&self) -> bool {
        false
    }

    fn expressions(&self) -> Vec<&Expr> {
        let matchers = self.at.iter().chain(&self.completed_by);
        let pairs = self.equal.iter().flat_map(|(a, b)| [a, b]);
        pairs.chain(self.within.iter().flat_map(Lookup::expressions)).chain(matchers.flat_map(Matcher::conditions)).collect()
    }

    fn needs(&self) -> Vec<u16> {
        self.at.as_ref().map_or_else(Vec::new, Matcher::types)
    }
}
