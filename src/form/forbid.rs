//! An event or a state that must not occur.
//!
//! With `event`, each such event is a breach; `after` and `before` say when it is forbidden, `except` names exceptions, read at the event. With
//! `state`, each stretch of time in which the condition holds is a breach, settled when it ends.
//!
//! States: breached; undetermined when a condition cannot be told. What did not happen leaves no obligation.
//!
//! Example: `forbid: {event: discounted, after: invoiced, except: data.approved_by_head}`
//!
//! # 中文
//! 不得发生的事件或状态。
//!
//! 用 `event` 时，每个此类事件均为违反；`after`、`before` 限定何时禁止，`except` 为例外（按事件发生时判断）。用 `state` 时，条件成立的每一段时间为一次违反，条件结束即了结。
//!
//! 状态：违反；条件无法判断时为待定。没有发生则无义务。
//!
//! 示例：`forbid: {event: discounted, after: invoiced, except: data.approved_by_head}`

use std::collections::BTreeSet;

use super::{Applies, Ask, Duty, Form, FormReader, Glance, Instance, Judge, Outcome, Outlook, Prospect, Quick, Rule, Say};
use crate::{
    lang::Text,
    policy::{clause::Properties, matcher::Matcher},
    script::{Env, Expr, Trouble},
    time::Instant,
    value::Type,
    view::{BEFORE_ALL, Position, lanes},
    yaml::{Fields, Key},
};

pub(super) const FORM: Form =
    Form { name: "forbid", title: ("prohibition", "禁止"), keys: KEYS, source: include_str!("forbid.rs"), read };

const KEYS: &[Key] = &[
    Key::optional("event", "matcher", "must not occur", "不得发生的事件"),
    Key::optional("state", "expression", "must not hold", "不得成立的条件"),
    Key::optional("after", "matcher", "forbidden only after this", "仅在其后禁止"),
    Key::optional("before", "matcher", "forbidden only before this", "仅在其前禁止"),
    Key::optional("except", "expression", "exceptions, read at the event", "例外"),
];

#[derive(Debug)]
enum What {
    Event { event: Matcher, after: Option<Matcher>, before: Option<Matcher>, except: Option<Expr> },
    State(Expr),
}

#[derive(Debug)]
struct Forbid(What);

fn read(fields: &Fields<'_>, reader: &mut FormReader<'_, '_>) -> Option<Rule> {
    if let Some(node) = fields.get("state") {
        return Some(Rule::Case(Box::new(Forbid(What::State(reader.expression(node, Type::Boolean, None)?)))));
    }
    if fields.get("event").is_none() {
        reader.problems.error("DU0103", &fields.node.place, "`event` or `state` is missing", "缺少 `event` 或 `state`");
        return None;
    }
    let event = reader.need_matcher(fields, "event")?;
    let optional = |name: &str, reader: &mut FormReader<'_, '_>| match fields.get(name) {
        Some(_) => reader.matcher(fields, name).map(Some),
        None => Some(None),
    };
    let (after, before) = (optional("after", reader)?, optional("before", reader)?);
    let except = match fields.get("except") {
        Some(node) => Some(reader.expression(node, Type::Boolean, Some(&event.types()))?),
        None => None,
    };
    Some(Rule::Case(Box::new(Forbid(What::Event { event, after, before, except }))))
}

/// Whether a state is the same at every event.
fn is_steady(env: &Env<'_>, clause: &Properties, state: &Expr) -> bool {
    let conditions = [&clause.when, &clause.unless].into_iter().flatten();
    env.view.facts_are_constant() && conditions.chain([state]).all(|expr| expr.is_of_facts(env.names))
}

impl Forbid {
    fn events<'a>(ask: &mut Ask<'a>, event: &'a Matcher, after: Option<&'a Matcher>, before: Option<&'a Matcher>, except: Option<&Expr>) {
        let mut unknown: Option<(Position, BTreeSet<String>)> = None;
        for found in event.positions(&ask.env) {
            let (position, meant) = match found {
                Ok(position) => (position, Ok(true)),
                Err(doubt) => (doubt.position, Err(doubt.trouble)),
            };
            let env = ask.env_at(position);
            let happened = |matcher: Option<&'a Matcher>, upto: Position| {
                let found = matcher.map(|matcher| matcher.positions_in(&ask.env, 0..upto).first(|_| true));
                found.map(|found| found.map(|found| found.is_some()).map_err(|doubt| doubt.trouble))
            };
            // What is surely allowed is so whatever cannot be told; what is dearest to ask comes last.
            let opened = happened(after, position).unwrap_or(Ok(true));
            if opened == Ok(false) {
                continue;
            }
            let open = happened(before, position + 1).unwrap_or(Ok(false)).map(|closed| !closed);
            if open == Ok(false) {
                continue;
            }
            let forbidden = except.map_or(Ok(true), |except| except.holds(&env).map(|excepted| !excepted));
            if forbidden == Ok(false) {
                continue;
            }
            let demands = [meant, opened, open, forbidden];
            let (instance, at) = (Instance::Event(position), ask.instant_of(position));
            if !ask.takes(&env, &instance, at, position) {
                continue;
            }
            match demands.into_iter().find_map(Result::err) {
                // A fact that every event misses in the same way is one question, not one an event.
                Some(Trouble::Missing(names)) if ask.is_in_force(at) => {
                    unknown.get_or_insert((position, BTreeSet::new())).1.extend(names);
                }
                Some(Trouble::Missing(_)) => {}
                Some(trouble) => ask.unknown(instance, at, position, trouble),
                None => {
                    let mut duty = Duty::new(instance, at, position);
                    duty.outcome = Outcome::Broken { at, settled: None };
                    duty.about = Some(Say::Forbidden(&event.label));
                    ask.duties.push(duty);
                }
            }
        }
        if let Some((position, names)) = unknown {
            ask.unknown(Instance::Word("case"), ask.instant_of(position), position, Trouble::Missing(names));
        }
    }

    fn state(ask: &mut Ask<'_>, state: &Expr) {
        let mut run: Option<(Position, Instant)> = None;
        let last = ask.env.view.last();
        let (first, _) = ask.start();
        let mut stretches: Vec<(Position, Instant, Option<Instant>)> = Vec::new();
        // What speaks of facts that never changed is the same everywhere.
        let steady = is_steady(&ask.env, ask.clause, state);
        for position in if steady { last } else { first }..=last {
            let env = ask.env.at_event(position);
            let holds = match ask.applies(&env) {
                Applies::No(..) => Ok(false),
                Applies::Yes => state.holds(&env),
                // What surely is not so is not forbidden, whether the clause applies or not.
                Applies::Unknown(trouble) => {
                    if matches!(state.holds(&env), Ok(false)) {
                        Ok(false)
                    } else {
                        Err(trouble)
                    }
                }
            };
            let position = if steady && holds.is_ok() { first } else { position };
            let at = ask.instant_of(position);
            match (holds, run) {
                (Ok(true), None) => run = Some((position, at)),
                (Ok(false), Some((since, began))) => {
                    stretches.push((since, began, Some(at)));
                    run = None;
                }
                (Err(trouble), None) if position == last => ask.unknown(Instance::Word("state"), at, position, trouble),
                _ => {}
            }
        }
        stretches.extend(run.map(|(position, at)| (position, at, None)));
        for (position, at, settled) in stretches {
            let instance = if position > BEFORE_ALL { Instance::Event(position) } else { Instance::Word("state") };
            let mut duty = Duty::new(instance, at, position);
            duty.outcome = Outcome::Broken { at, settled };
            duty.about = Some(Text::new(format!("must not hold: {}", state.text), format!("不得成立：{}", state.text)).into());
            ask.duties.push(duty);
        }
    }
}

impl Judge for Forbid {
    fn glance(&self, look: &Glance<'_>) -> Quick {
        let view = look.env.view;
        match &self.0 {
            What::State(state) => {
                if !is_steady(look.env, look.clause, state) {
                    return Quick::Full;
                }
                let env = look.env.at_event(view.last());
                match (look.applies(&env), state.glance(&env)) {
                    (Some(false), _) | (Some(true), Some(false)) => Quick::Nothing,
                    _ => Quick::Full,
                }
            }
            What::Event { event, after, before: None, except } => {
                let from = match after.as_ref().map(Matcher::plain) {
                    None => BEFORE_ALL,
                    Some(None) => return Quick::Full,
                    Some(Some(after)) => match view.first_of(after) {
                        Some(first) => first,
                        None => return Quick::Nothing,
                    },
                };
                for (position, seen) in view.positions().skip(usize::try_from(from + 1).unwrap_or(0)) {
                    let harmless = match event.takes_type(view, seen) {
                        Some(false) => true,
                        Some(true) => except.as_ref().and_then(|except| except.glance(&look.env_at(position))) == Some(true),
                        None => false,
                    };
                    if !harmless {
                        return Quick::Full;
                    }
                }
                Quick::Nothing
            }
            What::Event { .. } => Quick::Full,
        }
    }

    fn survey(&self, prospect: &Prospect<'_>, outlook: &mut Outlook) {
        let What::Event { event, after, before: None, except } = &self.0 else { return };
        let after = match after.as_ref().map(Matcher::plain) {
            None => None,
            Some(None) => return,
            Some(after) => after,
        };
        let survey = prospect.survey;
        let rows = prospect.rows_now();
        let begun = after.map_or(survey.rows(), |after| survey.rows() & survey.has(after));
        outlook.nothing = survey.rows() & !begun;
        for lane in lanes(begun) {
            let from = after.and_then(|after| survey.first(after, lane)).unwrap_or(BEFORE_ALL);
            let row = rows.row(lane);
            let is_harmless = |(position, kind): (Position, u16)| match event.takes_kind(kind) {
                Some(false) => true,
                Some(true) => except.as_ref().is_some_and(|except| except.glance(&row.at_event(position)) == Some(true)),
                None => false,
            };
            if survey.types(lane).skip(usize::try_from(from + 1).unwrap_or(0)).all(is_harmless) {
                outlook.nothing |= 1 << lane;
            }
        }
    }

    fn judge<'a>(&'a self, ask: &mut Ask<'a>) {
        match &self.0 {
            What::Event { event, after, before, except } => Self::events(ask, event, after.as_ref(), before.as_ref(), except.as_ref()),
            What::State(state) => Self::state(ask, state),
        }
    }

    fn breaks(&self) -> bool {
        true
    }

    fn expressions(&self) -> Vec<&Expr> {
        match &self.0 {
            What::Event { event, after, before, except } => {
                let matchers = std::iter::once(event).chain(after).chain(before);
                matchers.flat_map(Matcher::conditions).chain(except).collect()
            }
            What::State(state) => vec![state],
        }
    }

    fn needs(&self) -> Vec<u16> {
        match &self.0 {
            What::Event { event, .. } => event.types(),
            What::State(_) => Vec::new(),
        }
    }
}
