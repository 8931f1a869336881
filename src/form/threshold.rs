//! A fact stays at or above, or at or below, a level.
//!
//! The value and its limits are read as of now. Outside the limits it is overdue since the first instant of the present run outside, or,
//! with `within`, when it has been outside for so long.
//!
//! States: met, pending (outside, but within the time allowed), overdue.
//!
//! Example: `threshold: {value: =on_hand + on_order, at_least: =minimum}`
//!
//! # 中文
//! 某个数值须不低于或不高于限值。
//!
//! 数值与限值均按当前读取。超出限值时，自本次超出之初起为逾期；有 `within` 时，超出达到该时长后为逾期。
//!
//! 状态：达成、未到期（超出但仍在允许时长内）、逾期。
//!
//! 示例：`threshold: {value: =on_hand + on_order, at_least: =minimum}`

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::{Applies, Ask, Duty, Evidence, Form, FormReader, Glance, Instance, Judge, Outcome, Outlook, Prospect, Quick, Rule, Say};
use crate::{
    atom::Atom,
    lang::Text,
    policy::lookup::Lookup,
    script::{Env, Expr, Sight, Trouble, compare_decimals},
    time::{Due, Span},
    value::Type,
    view::{BEFORE_ALL, Position, lanes},
    yaml::{Fields, Key},
};

pub(super) const FORM: Form =
    Form { name: "threshold", title: ("threshold", "限值"), keys: KEYS, source: include_str!("threshold.rs"), read };

const KEYS: &[Key] = &[
    Key::required("value", "=number", "what is measured", "被衡量的数值"),
    Key::optional("at_least", "number", "not below this", "不低于"),
    Key::optional("above", "number", "above this", "高于"),
    Key::optional("at_most", "number", "not above this", "不高于"),
    Key::optional("below", "number", "below this", "低于"),
    Key::optional("within", "span", "how long it may stay outside", "允许超出的时长"),
];

#[derive(Debug)]
struct Threshold {
    value: Lookup,
    bounds: Bounds,
    within: Option<Lookup>,
}

/// Limits of a number.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    list: Vec<(Bound, Lookup)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    AtLeast,
    Above,
    AtMost,
    Below,
}

impl Bounds {
    /// Reads the limits under their keys; `None` when one is wrong or there is none.
    pub(super) fn read(fields: &Fields<'_>, reader: &mut FormReader<'_, '_>) -> Option<Self> {
        let bounds = Self::under(&["at_least", "above", "at_most", "below"], fields, reader)?;
        if bounds.list.is_empty() {
            reader.problems.error(
                "DU0103",
                &fields.node.place,
                "a limit is missing: `at_least` or `at_most`",
                "缺少限值：`at_least` 或 `at_most`",
            );
            return None;
        }
        Some(bounds)
    }

    /// Reads those under some of the keys, of which there may be none; `None` when one is wrong.
    pub(super) fn under(keys: &[&str], fields: &Fields<'_>, reader: &mut FormReader<'_, '_>) -> Option<Self> {
        let mut list = Vec::new();
        for (name, bound) in [("at_least", Bound::AtLeast), ("above", Bound::Above), ("at_most", Bound::AtMost), ("below", Bound::Below)] {
            if keys.contains(&name) && fields.get(name).is_some() {
                list.push((bound, reader.lookup(fields, name, Type::Decimal)?));
            }
        }
        Some(Self { list })
    }

    /// Whether there is none.
    pub(super) const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How a number is outside; `None` when it is inside. What is surely outside one limit is outside, whatever another one misses.
    pub(super) fn outside(&self, number: Decimal, env: &Env<'_>) -> Result<Option<Say<'static>>, Trouble> {
        let mut inside = Ok(None);
        for (bound, limit) in &self.list {
            let limit = match limit.number(env) {
                Ok(limit) => limit,
                Err(trouble) => {
                    inside = inside.and(Err(trouble));
                    continue;
                }
            };
            let order = compare_decimals(number, limit);
            let (keeps, words) = match bound {
                Bound::AtLeast => (order.is_ge(), ("below", "低于")),
                Bound::Above => (order.is_gt(), ("not above", "未高于")),
                Bound::AtMost => (order.is_le(), ("above", "高于")),
                Bound::Below => (order.is_lt(), ("not below", "未低于")),
            };
            if !keeps {
                return Ok(Some(Say::Outside { number, limit, words }));
            }
        }
        inside
    }

    /// Whether a number is inside, where that can be seen at a glance.
    pub(super) fn admit(&self, number: Atom, sight: &impl Sight) -> Option<bool> {
        for (bound, limit) in &self.list {
            let order = match limit.written() {
                Some(limit) => order(&number, limit),
                None => order(&number, &limit.atom(sight).ok()?),
            }?;
            let inside = match bound {
                Bound::AtLeast => order.is_ge(),
                Bound::Above => order.is_gt(),
                Bound::AtMost => order.is_le(),
                Bound::Below => order.is_lt(),
            };
            if !inside {
                return Some(false);
            }
        }
        Some(true)
    }

    /// Its expressions.
    pub(super) fn expressions(&self) -> impl Iterator<Item = &Expr> {
        self.list.iter().flat_map(|(_, limit)| limit.expressions())
    }
}

/// How two numbers compare.
fn order(a: &Atom, b: &Atom) -> Option<Ordering> {
    Some(match (a, b) {
        (Atom::Integer(a), Atom::Integer(b)) => a.cmp(b),
        _ => compare_decimals(a.number()?, b.number()?),
    })
}

fn read(fields: &Fields<'_>, reader: &mut FormReader<'_, '_>) -> Option<Rule> {
    let threshold = Threshold {
        value: reader.lookup(fields, "value", Type::Decimal)?,
        bounds: Bounds::read(fields, reader)?,
        within: reader.lookup(fields, "within", Type::Span),
    };
    Some(Rule::Case(Box::new(threshold)))
}

/// Whether the clause applies and its value lies outside, at a position.
enum Level {
    NotAsked,
    Inside,
    Outside(Say<'static>),
    Unknown(Trouble),
}

impl Threshold {
    fn level(&self, ask: &Ask<'_>, position: Position) -> Level {
        let env = ask.env.at_event(position);
        match ask.applies(&env) {
            Applies::No(..) => return Level::NotAsked,
            Applies::Unknown(trouble) => return Level::Unknown(trouble),
            Applies::Yes => {}
        }
        match self.value.number(&env).and_then(|number| self.bounds.outside(number, &env)) {
            Ok(None) => Level::Inside,
            Ok(Some(why)) => Level::Outside(why),
            Err(trouble) => Level::Unknown(trouble),
        }
    }
}

impl Judge for Threshold {
    fn glance(&self, look: &Glance<'_>) -> Quick {
        let view = look.env.view;
        let env = look.env.at_event(view.last());
        if let Some(quick) = look.spared(&env) {
            return quick;
        }
        match self.value.atom(&env).map(|value| self.bounds.admit(value, &env)) {
            Ok(Some(true)) => Quick::Met(view.as_of.max(look.start())),
            _ => Quick::Full,
        }
    }

    fn survey(&self, prospect: &Prospect<'_>, outlook: &mut Outlook) {
        let survey = prospect.survey;
        let (rows, asked) = prospect.asked_now(outlook);
        for lane in lanes(asked) {
            let row = rows.row(lane);
            if self.value.atom(&row).is_ok_and(|value| self.bounds.admit(value, &row) == Some(true)) {
                outlook.is_met(lane, survey.as_of.max(prospect.start(lane)));
            }
        }
    }

    fn judge<'a>(&'a self, ask: &mut Ask<'a>) {
        let last = ask.env.view.last();
        let now = self.level(ask, last);
        if matches!(now, Level::NotAsked) {
            ask.tell(|| Text::new("does not apply as things are", "目前不适用"));
            return;
        }
        let mut duty = Duty::new(Instance::Word("level"), ask.env.view.as_of.max(ask.start().1), last);
        duty.evidence.clear();
        match now {
            Level::NotAsked => return,
            Level::Unknown(trouble) => duty.outcome = trouble.into(),
            Level::Inside => duty.outcome = Outcome::Met(None),
            Level::Outside(why) => {
                let since = ask.run(|position| matches!(self.level(ask, position), Level::Outside(_)));
                let at = ask.instant_of(since);
                let span = self.within.as_ref().map_or(Ok(Span::Elapsed(0)), |within| within.span(&ask.env));
                match span {
                    Ok(span) => {
                        duty.due = Some(if self.within.is_some() {
                            ask.env.setup.clock().add(at, span, &[])
                        } else {
                            Due { at, provisional: false }
                        });
                    }
                    Err(trouble) => duty.outcome = trouble.into(),
                }
                duty.started = Some(at);
                duty.evidence = if since > BEFORE_ALL { Evidence::from_slice(&[since]) } else { Evidence::new() };
                duty.about = Some(why);
            }
        }
        ask.duties.push(duty);
    }

    fn breaks(&self) -> bool {
        false
    }

    fn expressions(&self) -> Vec<&Expr> {
        self.value
            .expressions()
            .into_iter()
            .chain(self.bounds.expressions())
            .chain(self.within.iter().flat_map(Lookup::expressions))
            .collect()
    }
}
