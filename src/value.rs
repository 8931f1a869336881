//! Typed values: what a fact is once a policy has said what it means.

use std::{cmp::Ordering, fmt};

use chrono::NaiveDate;
use rhai::ImmutableString;
use rust_decimal::Decimal;

use crate::{
    case,
    time::{Instant, Span, Zone, parse_date},
};

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// A decimal number.
    Decimal,
    /// A text.
    Text,
    /// An instant.
    Instant,
    /// A date without a time.
    Date,
    /// A span of time.
    Span,
    /// A list of values.
    List,
    /// A map of named values: the data of an event.
    Map,
    /// Not known before it is evaluated.
    Any,
}

impl Type {
    /// The names under which a policy declares types.
    pub const NAMES: &'static [(&'static str, Self)] = &[
        ("text", Self::Text),
        ("integer", Self::Integer),
        ("decimal", Self::Decimal),
        ("boolean", Self::Boolean),
        ("instant", Self::Instant),
        ("date", Self::Date),
        ("span", Self::Span),
        ("list", Self::List),
    ];

    /// The name, as in a policy.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, kind)| *kind == self).map_or_else(|| if self == Self::Map { "map" } else { "any" }, |(name, _)| name)
    }

    /// The name in Chinese.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Boolean => "是否",
            Self::Integer => "整数",
            Self::Decimal => "小数",
            Self::Text => "文本",
            Self::Instant => "时刻",
            Self::Date => "日期",
            Self::Span => "时长",
            Self::List => "列表",
            Self::Map => "映射",
            Self::Any => "任意",
        }
    }

    /// Whether a number.
    #[must_use]
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal)
    }

    /// Whether a value of this type may stand where `wanted` is expected.
    #[must_use]
    pub const fn fits(self, wanted: Self) -> bool {
        matches!(self, Self::Any)
            || matches!(wanted, Self::Any)
            || self as u8 == wanted as u8
            || (self.is_number() && wanted.is_number())
            || (matches!(self, Self::Date) && matches!(wanted, Self::Instant))
    }
}

/// A typed value.
#[derive(Clone, Debug, PartialEq)]
pub enum Val {
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A decimal number.
    Decimal(Decimal),
    /// A text.
    Text(ImmutableString),
    /// An instant.
    Instant(Instant),
    /// A date.
    Date(NaiveDate),
    /// A span of time.
    Span(Span),
    /// A list.
    List(Vec<Self>),
}

impl Val {
    /// Reads a raw value as a type; `None` when it is empty, or not of that type.
    #[must_use]
    pub fn read(raw: &case::Value, kind: Type, zone: Zone) -> Option<Self> {
        Some(match (raw, kind) {
            (case::Value::Null, _) => return None,
            (case::Value::Text(text), _) if text.is_empty() && kind != Type::Text => return None,
            (case::Value::Bool(flag), Type::Boolean) => Self::Boolean(*flag),
            (case::Value::Text(text), Type::Boolean) => match text.as_str() {
                "true" => Self::Boolean(true),
                "false" => Self::Boolean(false),
                _ => return None,
            },
            (case::Value::Int(number), Type::Integer) => Self::Integer(*number),
            (case::Value::Int(number), Type::Decimal) => Self::Decimal(Decimal::from(*number)),
            (case::Value::Decimal(number), Type::Decimal) => Self::Decimal(*number),
            (case::Value::Decimal(number), Type::Integer) if number.is_integer() => Self::Integer(i64::try_from(*number).ok()?),
            (case::Value::Text(text), Type::Integer) => Self::Integer(text.trim().parse().ok()?),
            (case::Value::Text(text), Type::Decimal) => Self::Decimal(text.trim().parse().ok()?),
            (case::Value::Text(text), Type::Text) => Self::Text(text.as_str().into()),
            (case::Value::Int(number), Type::Text) => Self::Text(number.to_string().into()),
            (case::Value::Decimal(number), Type::Text) => Self::Text(number.to_string().into()),
            (case::Value::Bool(flag), Type::Text) => Self::Text(flag.to_string().into()),
            (case::Value::Text(text), Type::Instant) => Self::Instant(Instant::parse(text, zone).ok()?),
            (case::Value::Text(text), Type::Date) => match parse_date(text) {
                Ok(date) => Self::Date(date),
                Err(_) => Self::Date(Instant::parse(text, zone).ok()?.date(zone)),
            },
            (case::Value::Text(text), Type::Span) => Self::Span(Span::parse(text).ok()?),
            (case::Value::List(items), Type::List) => Self::List(items.iter().filter_map(Self::guess).collect()),
            (case::Value::Text(text), Type::List) => {
                Self::List(text.split([',', '、']).map(|part| Self::Text(part.trim().into())).collect())
            }
            (raw, Type::Any) => return Self::guess(raw),
            _ => return None,
        })
    }

    /// Reads a raw value as what it looks like; times stay text.
    #[must_use]
    pub fn guess(raw: &case::Value) -> Option<Self> {
        Some(match raw {
            case::Value::Null | case::Value::Map(_) => return None,
            case::Value::Bool(flag) => Self::Boolean(*flag),
            case::Value::Int(number) => Self::Integer(*number),
            case::Value::Decimal(number) => Self::Decimal(*number),
            case::Value::Text(text) => Self::Text(text.as_str().into()),
            case::Value::List(items) => Self::List(items.iter().filter_map(Self::guess).collect()),
        })
    }

    /// Its type.
    #[must_use]
    pub const fn kind(&self) -> Type {
        match self {
            Self::Boolean(_) => Type::Boolean,
            Self::Integer(_) => Type::Integer,
            Self::Decimal(_) => Type::Decimal,
            Self::Text(_) => Type::Text,
            Self::Instant(_) => Type::Instant,
            Self::Date(_) => Type::Date,
            Self::Span(_) => Type::Span,
            Self::List(_) => Type::List,
        }
    }

    /// As a number.
    #[must_use]
    pub fn number(&self) -> Option<Decimal> {
        match self {
            Self::Integer(number) => Some(Decimal::from(*number)),
            Self::Decimal(number) => Some(*number),
            _ => None,
        }
    }

    /// Order of two values of like type; `None` for unlike ones.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => Some(a.as_str().cmp(b.as_str())),
            (Self::Boolean(a), Self::Boolean(b)) => Some(a.cmp(b)),
            (Self::Instant(a), Self::Instant(b)) => Some(a.cmp(b)),
            (Self::Date(a), Self::Date(b)) => Some(a.cmp(b)),
            _ => Some(self.number()?.cmp(&other.number()?)),
        }
    }

    /// For people, in a zone and language.
    #[must_use]
    pub fn show(&self, zone: Zone, zh: bool) -> String {
        match self {
            Self::Boolean(flag) => match (flag, zh) {
                (true, false) => "yes".to_owned(),
                (false, false) => "no".to_owned(),
                (true, true) => "是".to_owned(),
                (false, true) => "否".to_owned(),
            },
            Self::Instant(at) => at.show(zone),
            Self::Span(span) => {
                if zh {
                    span.zh()
                } else {
                    span.en()
                }
            }
            Self::List(items) => items.iter().map(|item| item.show(zone, zh)).collect::<Vec<_>>().join(if zh { "、" } else { ", " }),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for Val {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(flag) => write!(formatter, "{flag}"),
            Self::Integer(number) => write!(formatter, "{number}"),
            Self::Decimal(number) => write!(formatter, "{}", number.normalize()),
            Self::Text(text) => formatter.write_str(text),
            Self::Instant(at) => formatter.write_str(&at.to_rfc3339(Zone::UTC)),
            Self::Date(date) => write!(formatter, "{date}"),
            Self::Span(span) => formatter.write_str(&span.en()),
            Self::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        formatter.write_str(", ")?;
                    }
                    write!(formatter, "{item}")?;
                }
                Ok(())
            }
        }
    }
}
