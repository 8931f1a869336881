//! What a fact or a field of a life holds, before chance has decided.

use rust_decimal::Decimal;

use super::super::month::{date_of, date_text, day_of, time_text};
use crate::{
    case,
    yaml::{Kind, Node},
};
use chrono::Months;

/// A value in the making.
#[derive(Debug)]
pub(super) enum Value {
    /// As it stands. A text may hold `<n>`, the number of the case.
    Plain(case::Value),
    /// One of several: `a | b | c`.
    Choice(Vec<Self>),
    /// A whole number: `1..40`.
    Number(i64, i64),
    /// True in so many of a hundred cases: `70%`.
    Chance(i64),
    /// A fact that is known by then: `=quantity`, or a field of an earlier event: `=agreed.amount`.
    Copy(String),
    /// Who of a role takes part: `who:driver`.
    Person(String),
    /// An instant or a date: `time:now`, `time:+2h`, `date:+10..30d`, `date:handed_over+24mo`.
    Moment { date: bool, event: Option<String>, low: i64, high: i64, unit: Unit },
}

/// What a moment is moved by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Minutes.
    Minutes,
    /// Days.
    Days,
    /// Months of the calendar.
    Months,
}

impl Value {
    /// Reads a node.
    pub(super) fn read(node: &Node) -> Option<Self> {
        match &node.kind {
            Kind::Scalar { text, quoted: true } => Some(Self::Plain(case::Value::Text(text.clone()))),
            Kind::Scalar { text, .. } => Self::of_text(text),
            Kind::List(items) => {
                let texts = items.iter().map(|item| item.text().map(|text| case::Value::Text(text.to_owned())));
                Some(Self::Plain(case::Value::List(texts.collect::<Option<_>>()?)))
            }
            _ => None,
        }
    }

    /// Reads a text; `None` where it begins like a moment and is none.
    pub(super) fn of_text(text: &str) -> Option<Self> {
        if text.contains(" | ") {
            return text.split(" | ").map(|part| Self::of_text(part.trim())).collect::<Option<_>>().map(Self::Choice);
        }
        if let Some(name) = text.strip_prefix('=') {
            return Some(Self::Copy(name.to_owned()));
        }
        if let Some(role) = text.strip_prefix("who:") {
            return Some(Self::Person(role.to_owned()));
        }
        if let Some(rest) = text.strip_prefix("date:") {
            return moment(true, rest);
        }
        if let Some(rest) = text.strip_prefix("time:") {
            return moment(false, rest);
        }
        if let Some(chance) = text.strip_suffix('%').and_then(|number| number.parse().ok()) {
            return Some(Self::Chance(chance));
        }
        if let Some((low, high)) = text.split_once("..")
            && let (Ok(low), Ok(high)) = (low.parse(), high.parse())
        {
            return Some(Self::Number(low, high));
        }
        Some(Self::Plain(match text {
            "true" => case::Value::Bool(true),
            "false" => case::Value::Bool(false),
            _ => text
                .parse()
                .map(case::Value::Int)
                .or_else(|_| text.parse::<Decimal>().map(case::Value::Decimal))
                .unwrap_or_else(|_| case::Value::Text(text.to_owned())),
        }))
    }

    /// The text of a moment moved from a minute.
    pub(super) fn moved(date: bool, minute: i64, by: i64, unit: Unit) -> case::Value {
        let (day, minute) = match unit {
            Unit::Minutes => (day_of(minute + by), minute + by),
            Unit::Days => (day_of(minute) + by, minute + by * super::super::month::DAY),
            Unit::Months => {
                let from = date_of(day_of(minute));
                let months = Months::new(u32::try_from(by.unsigned_abs()).unwrap_or(0));
                let to = if by < 0 { from.checked_sub_months(months) } else { from.checked_add_months(months) };
                let days = (to.unwrap_or(from) - from).num_days();
                (day_of(minute) + days, minute + days * super::super::month::DAY)
            }
        };
        case::Value::Text(if date { date_text(day) } else { time_text(minute) })
    }
}

fn moment(date: bool, text: &str) -> Option<Value> {
    let at = text.find(['+', '-']).unwrap_or(text.len());
    let (name, by) = text.split_at_checked(at)?;
    let event = (!name.is_empty() && name != "now").then(|| name.to_owned());
    if by.is_empty() {
        return Some(Value::Moment { date, event, low: 0, high: 0, unit: Unit::Minutes });
    }
    let sign = if by.starts_with('-') { -1 } else { 1 };
    let by = by.get(1..)?;
    let (numbers, unit) = by.split_at_checked(by.find(|c: char| c.is_ascii_alphabetic())?)?;
    let (low, high) = numbers.split_once("..").unwrap_or((numbers, numbers));
    let (unit, times) = match unit {
        "min" => (Unit::Minutes, sign),
        "h" => (Unit::Minutes, sign * 60),
        "d" => (Unit::Days, sign),
        "mo" => (Unit::Months, sign),
        _ => return None,
    };
    let (one, other) = (low.parse::<i64>().ok()? * times, high.parse::<i64>().ok()? * times);
    Some(Value::Moment { date, event, low: one.min(other), high: one.max(other), unit })
}
