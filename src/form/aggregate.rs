//! Counts and sums over the events of a case.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{Ask, FormReader};
use crate::{
    policy::{alternatives::read_matcher, lookup::Lookup, matcher::Matcher},
    script::{Expr, Trouble},
    value::{Type, Val},
    view::Position,
    yaml::{Fields, Key, Node},
};

/// What is counted or measured.
#[derive(Debug)]
pub(super) enum Aggregate {
    Count(Matcher),
    Distinct(Matcher, Expr),
    Sum(Matcher, Expr),
    Value(Lookup),
}

/// The key of an aggregate without partition.
pub(super) const WHOLE: &str = "";

const OF_KEYS: &[Key] = &[
    Key::required("of", "matcher", "the events", "所计的事件"),
    Key::required("value", "=expression", "what of each is taken", "每个事件取何值"),
];

impl Aggregate {
    /// Reads the aggregate that stands in a map; `None` when there is none or it is wrong.
    pub(super) fn read(node: &Node, reader: &mut FormReader<'_, '_>) -> Option<Self> {
        if let Some(count) = node.get("count") {
            return read_matcher(count, &reader.reader, reader.kinds, reader.problems).map(Self::Count);
        }
        for name in ["distinct", "sum"] {
            let Some(inner) = node.get(name) else { continue };
            let fields = Fields::read(inner, OF_KEYS, reader.problems)?;
            let matcher = reader.need_matcher(&fields, "of")?;
            let kind = if name == "sum" { Type::Decimal } else { Type::Any };
            let value = reader.expression(fields.get("value")?, kind, Some(&matcher.types()))?;
            return Some(if name == "sum" { Self::Sum(matcher, value) } else { Self::Distinct(matcher, value) });
        }
        if let Some(value) = node.get("value") {
            return crate::policy::lookup::read_lookup(value, Type::Decimal, &reader.reader, reader.problems).map(Self::Value);
        }
        reader.problems.error(
            "DU0103",
            &node.place,
            "say what is limited: `count`, `distinct`, `sum` or `value`",
            "须说明限制什么：`count`、`distinct`、`sum` 或 `value`",
        );
        None
    }

    /// The events that make it up; `None` for a value of facts.
    pub(super) const fn matcher(&self) -> Option<&Matcher> {
        match self {
            Self::Count(matcher) | Self::Distinct(matcher, _) | Self::Sum(matcher, _) => Some(matcher),
            Self::Value(_) => None,
        }
    }

    /// What one event adds to a sum, or the value by which it differs.
    pub(super) fn of_event(&self, ask: &Ask<'_>, position: Position) -> Result<Val, Trouble> {
        match self {
            Self::Count(_) | Self::Value(_) => Ok(Val::Integer(1)),
            Self::Distinct(_, expr) | Self::Sum(_, expr) => expr.value(&ask.env.at_event(position)),
        }
    }

    /// The number for each value of the key, over the events up to a position.
    pub(super) fn upto(&self, ask: &Ask<'_>, key: Option<&String>, upto: Position) -> Result<BTreeMap<String, Decimal>, Trouble> {
        let mut result: BTreeMap<String, Decimal> = BTreeMap::new();
        let Some(matcher) = self.matcher() else {
            let Self::Value(value) = self else { return Ok(result) };
            result.insert(WHOLE.to_owned(), value.number(&ask.env.at_event(upto))?);
            return Ok(result);
        };
        if key.is_none() {
            result.insert(WHOLE.to_owned(), Decimal::ZERO);
        }
        let mut seen: Vec<(String, String)> = Vec::new();
        for found in matcher.positions(&ask.env) {
            let position = match found {
                Ok(position) if position <= upto => position,
                Err(doubt) if doubt.position <= upto => return Err(doubt.trouble),
                Ok(_) | Err(_) => break,
            };
            let part = match key {
                Some(key) => {
                    ask.env.view.datum(position, key).as_ref().and_then(Val::guess).ok_or_else(|| Trouble::missing(key))?.to_string()
                }
                None => WHOLE.to_owned(),
            };
            let value = self.of_event(ask, position)?;
            let adds = match self {
                Self::Distinct(..) => {
                    let pair = (part.clone(), value.to_string());
                    if seen.contains(&pair) {
                        continue;
                    }
                    seen.push(pair);
                    Decimal::ONE
                }
                _ => value.number().ok_or_else(|| Trouble::missing("value"))?,
            };
            *result.entry(part).or_default() += adds;
        }
        Ok(result)
    }

    /// Its expressions.
    pub(super) fn expressions(&self) -> Vec<&Expr> {
        match self {
            Self::Count(matcher) => matcher.conditions().collect(),
            Self::Distinct(matcher, expr) | Self::Sum(matcher, expr) => matcher.conditions().chain([expr]).collect(),
            Self::Value(value) => value.expressions(),
        }
    }
}
