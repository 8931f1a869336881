//! A lowered expression: a small typed tree over fact slots and event types. It allocates nothing and looks nothing up by name.
//!
//! It gives exactly the value that rhai gives. Where it cannot (a number overflows, a division by zero, a value recorded in an unexpected type), it
//! says so and rhai is asked instead: so the words of an error are always rhai's. Of several facts that are missing it names the one that it comes to
//! first, which need not be the one rhai names.

use std::cmp::Ordering;

use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::{frame::Env, names::Names};
use crate::{
    atom::{Atom, Symbol, Word},
    script::Binding,
    time::{Instant, Span},
    value::Type,
    view::{Position, Read},
};

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The fact of this slot is not recorded.
    Fact(u32),
    /// Rhai must be asked.
    Interpret,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Sign {
    const fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Unequal => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::AtLeast => order.is_ge(),
        }
    }
}

/// An operation on two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Min,
    Max,
    HoursBetween,
}

impl Operation {
    /// Whether it is written as the call of a function.
    const fn is_called(self) -> bool {
        matches!(self, Self::Min | Self::Max | Self::HoursBetween)
    }
}

/// An operation on one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Not,
    Negate,
    Ceil,
    Floor,
    Round,
    Abs,
    Minutes,
    Hours,
    Days,
    Weeks,
    Months,
    Years,
    WorkingHours,
    WorkingDays,
    DateOf,
}

/// What is asked of the events of a type so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    Has,
    Count,
    First,
    Last,
    People,
}

/// What is read of the event at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OfEvent {
    At,
    By,
    Role,
}

/// An expression.
#[derive(Debug)]
pub(super) enum Code {
    Constant(Atom),
    /// A fact compared with a text: the commonest of all conditions.
    Is(usize, Symbol),
    /// A fact that is a number compared with one that is written down.
    Measures(usize, Sign, Atom),
    /// Events of the first type have happened, and none of the second.
    HasWithout(u16, u16),
    Name(Binding),
    Event(OfEvent),
    /// A declared field of the data of the event at hand.
    Datum(Box<str>, Type),
    And(Box<[Self]>),
    Or(Box<[Self]>),
    Compare(Sign, Box<(Self, Self)>),
    Operate(Operation, Box<(Self, Self)>),
    Change(Change, Box<Self>),
    Ask(Question, u16),
    Known(Box<Self>),
    /// Whether the event at hand says this of itself.
    Named(OfEvent),
    In(Box<Self>, Box<[Atom]>),
}

impl Code {
    /// The value of a condition; it needs no room for other values.
    pub(super) fn test(&self, env: &Env<'_>) -> Result<bool, Stop> {
        match self {
            Self::Ask(Question::Has, kind) => Ok(env.view.first_of(*kind).is_some_and(|first| first <= env.position)),
            // "It has happened, and that other thing has not": spelt out, since half of all conditions are of this shape.
            Self::HasWithout(has, not) => {
                let before = |kind: u16| env.view.first_of(kind).is_some_and(|first| first <= env.position);
                Ok(before(*has) && !before(*not))
            }
            Self::And(list) => {
                for item in list {
                    if !item.test(env)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Or(list) => {
                for item in list {
                    if item.test(env)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Change(Change::Not, inner) => Ok(!inner.test(env)?),
            Self::Is(slot, symbol) => match env.view.fact_is(*slot, env.position, *symbol) {
                Some(same) => Ok(same),
                None => is(*slot, *symbol, env),
            },
            Self::Measures(slot, sign, limit) => match env.view.fact_against(*slot, env.position, limit) {
                Some(order) => Ok(sign.holds(order)),
                None => compare(*sign, name(Binding::Fact(*slot), env)?, *limit, env),
            },
            Self::Compare(sign, pair) => compare(*sign, pair.0.value(env)?, pair.1.value(env)?, env),
            _ => match self.value(env)? {
                Atom::Boolean(flag) => Ok(flag),
                _ => Err(Stop::Interpret),
            },
        }
    }

    /// The value.
    pub(super) fn value(&self, env: &Env<'_>) -> Result<Atom, Stop> {
        match self {
            Self::Constant(atom) => Ok(*atom),
            Self::Name(binding) => name(*binding, env),
            Self::Event(what) => of_event(*what, env),
            Self::Datum(field, kind) => match env.event.map(|position| env.view.read_datum(position, field, *kind)) {
                Some(Read::Atom(atom)) => Ok(atom),
                _ => Err(Stop::Interpret),
            },
            Self::And(_)
            | Self::Or(_)
            | Self::Compare(..)
            | Self::Is(..)
            | Self::Measures(..)
            | Self::HasWithout(..)
            | Self::Change(Change::Not, _)
            | Self::Ask(Question::Has, _) => self.test(env).map(Atom::Boolean),
            Self::Operate(operation, pair) if operation.is_called() && matches!(pair.0, Self::Name(_)) => {
                // Rhai makes `f(name, x)` a method call `name.f(x)`, and so looks at the name last.
                let second = pair.1.value(env)?;
                operate(*operation, pair.0.value(env)?, second, env)
            }
            Self::Operate(operation, pair) => operate(*operation, pair.0.value(env)?, pair.1.value(env)?, env),
            Self::Change(change, inner) => changed(*change, inner.value(env)?, env),
            Self::Ask(question, kind) => ask(*question, *kind, env),
            Self::Known(inner) => match inner.value(env) {
                Ok(Atom::Text(word)) => Ok(Atom::Boolean(!env.view.is_empty_word(word))),
                Ok(_) => Ok(Atom::Boolean(true)),
                Err(Stop::Fact(_)) => Ok(Atom::Boolean(false)),
                Err(Stop::Interpret) => Err(Stop::Interpret),
            },
            Self::Named(what) => match of_event(*what, env) {
                Ok(_) => Ok(Atom::Boolean(true)),
                Err(_) if env.event.is_some() => Ok(Atom::Boolean(false)),
                Err(stop) => Err(stop),
            },
            Self::In(inner, list) => {
                let value = inner.value(env)?;
                for item in list {
                    if compare(Sign::Equal, *item, value, env)? {
                        return Ok(Atom::Boolean(true));
                    }
                }
                Ok(Atom::Boolean(false))
            }
        }
    }
}

impl Code {
    /// Whether it looks at no event at hand, and at no dated figure.
    pub(super) fn is_without_event(&self, names: &Names) -> bool {
        match self {
            Self::Constant(_) | Self::Is(..) | Self::Measures(..) | Self::HasWithout(..) | Self::Name(Binding::Fact(_)) | Self::Ask(..) => {
                true
            }
            Self::Name(Binding::Parameter(_)) | Self::Event(_) | Self::Datum(..) | Self::Named(_) => false,
            Self::Name(Binding::Derived(_)) => self.is_of_facts(names),
            Self::And(list) | Self::Or(list) => list.iter().all(|item| item.is_without_event(names)),
            Self::Compare(_, pair) | Self::Operate(_, pair) => pair.0.is_without_event(names) && pair.1.is_without_event(names),
            Self::Change(_, inner) | Self::Known(inner) | Self::In(inner, _) => inner.is_without_event(names),
        }
    }

    /// Whether it reads facts and figures alone, and no events.
    pub(super) fn is_of_facts(&self, names: &Names) -> bool {
        match self {
            Self::Constant(_) | Self::Is(..) | Self::Measures(..) | Self::Name(Binding::Fact(_)) => true,
            // A dated figure changes in time.
            Self::Name(Binding::Parameter(_))
            | Self::Event(_)
            | Self::Datum(..)
            | Self::Ask(..)
            | Self::HasWithout(..)
            | Self::Named(_) => false,
            Self::Name(Binding::Derived(index)) => names.derived.get(*index).is_some_and(|derived| derived.value.is_of_facts(names)),
            Self::And(list) | Self::Or(list) => list.iter().all(|item| item.is_of_facts(names)),
            Self::Compare(_, pair) | Self::Operate(_, pair) => pair.0.is_of_facts(names) && pair.1.is_of_facts(names),
            Self::Change(_, inner) | Self::Known(inner) | Self::In(inner, _) => inner.is_of_facts(names),
        }
    }
}

fn name(binding: Binding, env: &Env<'_>) -> Result<Atom, Stop> {
    match binding {
        Binding::Fact(slot) => match env.view.read_fact(slot, env.position) {
            Read::Atom(atom) => Ok(atom),
            Read::Missing => Err(missing(slot)),
            Read::Other => Err(Stop::Interpret),
        },
        Binding::Parameter(index) => {
            env.parameter(index).and_then(|value| Atom::constant(value, &env.names.symbols)).ok_or(Stop::Interpret)
        }
        Binding::Derived(index) => env.names.derived.get(index).map_or(Err(Stop::Interpret), |derived| derived.value.atom(env)),
    }
}

fn of_event(what: OfEvent, env: &Env<'_>) -> Result<Atom, Stop> {
    let position = env.event.ok_or(Stop::Interpret)?;
    let word = match what {
        OfEvent::At => return env.view.at(position).map(Atom::Instant).ok_or(Stop::Interpret),
        OfEvent::By => env.view.by_word(position),
        OfEvent::Role => env.view.role_word(position),
    };
    // What is empty counts as missing; rhai finds the words.
    word.filter(|word| !env.view.is_empty_word(*word)).map(Atom::Text).ok_or(Stop::Interpret)
}

/// A fact is not recorded.
fn missing(slot: usize) -> Stop {
    u32::try_from(slot).map_or(Stop::Interpret, Stop::Fact)
}

/// Whether a fact is a text of the policies, the long way.
#[cold]
fn is(slot: usize, symbol: Symbol, env: &Env<'_>) -> Result<bool, Stop> {
    compare(Sign::Equal, name(Binding::Fact(slot), env)?, Atom::Text(Word::Symbol(symbol)), env)
}

fn compare(sign: Sign, a: Atom, b: Atom, env: &Env<'_>) -> Result<bool, Stop> {
    let equal = |same: bool| match sign {
        Sign::Equal => Ok(same),
        Sign::Unequal => Ok(!same),
        _ => Err(Stop::Interpret),
    };
    Ok(match (a, b) {
        (Atom::Integer(a), Atom::Integer(b)) | (Atom::Span(Span::Elapsed(a)), Atom::Span(Span::Elapsed(b))) => sign.holds(a.cmp(&b)),
        (Atom::Decimal(a), Atom::Decimal(b)) => sign.holds(compare_decimals(a, b)),
        (Atom::Integer(a), Atom::Decimal(b)) => sign.holds(compare_decimals(a.into(), b)),
        (Atom::Decimal(a), Atom::Integer(b)) => sign.holds(compare_decimals(a, b.into())),
        (Atom::Text(a), Atom::Text(b)) if matches!(sign, Sign::Equal | Sign::Unequal) => equal(env.view.is_same(a, b))?,
        (Atom::Text(a), Atom::Text(b)) => sign.holds(env.view.compare_words(a, b)),
        (Atom::Instant(a), Atom::Instant(b)) => sign.holds(a.cmp(&b)),
        (Atom::Date(a), Atom::Date(b)) => sign.holds(a.cmp(&b)),
        (Atom::Boolean(a), Atom::Boolean(b)) => equal(a == b)?,
        (Atom::Span(a), Atom::Span(b)) => equal(a == b)?,
        _ => return Err(Stop::Interpret),
    })
}

/// Decimals compare as whole numbers once they are of one scale; that of the usual ones is near enough.
pub(crate) fn compare_decimals(a: Decimal, b: Decimal) -> Ordering {
    let (scale_a, scale_b) = (a.scale(), b.scale());
    let lifted = |number: Decimal, by: u32| {
        // Nine digits more still fit beside any mantissa of 64 bits.
        let mantissa = i64::try_from(number.mantissa()).ok().filter(|_| by <= 9)?;
        Some(i128::from(mantissa) * i128::from(10_i64.pow(by)))
    };
    match (lifted(a, scale_b.saturating_sub(scale_a)), lifted(b, scale_a.saturating_sub(scale_b))) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => a.cmp(&b),
    }
}

fn operate(operation: Operation, a: Atom, b: Atom, env: &Env<'_>) -> Result<Atom, Stop> {
    let result = match (a, b) {
        (Atom::Integer(a), Atom::Integer(b)) => match operation {
            Operation::Add => a.checked_add(b),
            Operation::Subtract => a.checked_sub(b),
            Operation::Multiply => a.checked_mul(b),
            Operation::Remainder => a.checked_rem(b),
            Operation::Min => Some(a.min(b)),
            Operation::Max => Some(a.max(b)),
            Operation::Divide | Operation::HoursBetween => None,
        }
        .map(Atom::Integer),
        (Atom::Instant(a), Atom::Instant(b)) => match operation {
            Operation::Subtract => Some(Atom::Span(Span::Elapsed(a.since(b)))),
            Operation::HoursBetween => Some(Atom::Decimal(hours(b.since(a)))),
            _ => None,
        },
        (Atom::Instant(at), Atom::Span(span)) => moved(operation, at, span, env),
        (Atom::Date(date), Atom::Span(span)) => {
            let span = match operation {
                Operation::Add => Some(span),
                Operation::Subtract => Some(span.negated()),
                _ => None,
            };
            span.and_then(|span| env.setup.clock().shift_date(date, span)).map(Atom::Date)
        }
        (a, b) => decimal(operation, a, b).map(Atom::Decimal),
    };
    result.ok_or(Stop::Interpret)
}

/// Hours of milliseconds, to six places.
pub(super) fn hours(millis: i64) -> Decimal {
    (Decimal::from(millis) / Decimal::from(3_600_000)).round_dp(6)
}

fn moved(operation: Operation, at: Instant, span: Span, env: &Env<'_>) -> Option<Atom> {
    let span = match operation {
        Operation::Add => span,
        Operation::Subtract => span.negated(),
        _ => return None,
    };
    Some(Atom::Instant(env.setup.clock().add(at, span, &[]).at))
}

fn decimal(operation: Operation, a: Atom, b: Atom) -> Option<Decimal> {
    let (a, b) = (a.number()?, b.number()?);
    match operation {
        Operation::Add => a.checked_add(b),
        Operation::Subtract => a.checked_sub(b),
        Operation::Multiply => a.checked_mul(b),
        Operation::Divide => a.checked_div(b),
        Operation::Remainder => a.checked_rem(b),
        Operation::Min => Some(a.min(b)),
        Operation::Max => Some(a.max(b)),
        Operation::HoursBetween => None,
    }
}

fn changed(change: Change, value: Atom, env: &Env<'_>) -> Result<Atom, Stop> {
    match (change, value) {
        (Change::Not, Atom::Boolean(flag)) => Some(Atom::Boolean(!flag)),
        (Change::Negate, Atom::Integer(number)) => number.checked_neg().map(Atom::Integer),
        (Change::Negate, Atom::Decimal(number)) => Some(Atom::Decimal(-number)),
        (Change::Ceil | Change::Floor | Change::Round, Atom::Integer(number)) => Some(Atom::Integer(number)),
        (Change::Ceil, Atom::Decimal(number)) => Some(Atom::Decimal(number.ceil())),
        (Change::Floor, Atom::Decimal(number)) => Some(Atom::Decimal(number.floor())),
        (Change::Round, Atom::Decimal(number)) => Some(Atom::Decimal(number.round())),
        (Change::Abs, Atom::Integer(number)) => number.checked_abs().map(Atom::Integer),
        (Change::Abs, Atom::Decimal(number)) => Some(Atom::Decimal(number.abs())),
        (Change::DateOf, Atom::Instant(at)) => Some(Atom::Date(at.date(env.setup.zone()))),
        (change, number @ (Atom::Integer(_) | Atom::Decimal(_))) => span(change, number).map(Atom::Span),
        _ => None,
    }
    .ok_or(Stop::Interpret)
}

fn span(change: Change, number: Atom) -> Option<Span> {
    let measured = |unit: i64| match number {
        // A whole number of hours beyond all time is the end of time.
        Atom::Integer(number) => Some(number.saturating_mul(unit)),
        Atom::Decimal(number) => number.checked_mul(Decimal::from(unit))?.round().to_i64(),
        _ => None,
    };
    let counted = |factor: i64| {
        let whole = match number {
            Atom::Integer(number) => number,
            Atom::Decimal(number) if number.is_integer() => number.to_i64()?,
            _ => return None,
        };
        i32::try_from(whole.saturating_mul(factor)).ok()
    };
    Some(match change {
        Change::Minutes => Span::Elapsed(measured(60_000)?),
        Change::Hours => Span::Elapsed(measured(3_600_000)?),
        Change::WorkingHours => Span::Working(measured(3_600_000)?),
        Change::Days => Span::Days(counted(1)?),
        Change::Weeks => Span::Days(counted(7)?),
        Change::Months => Span::Months(counted(1)?),
        Change::Years => Span::Months(counted(12)?),
        Change::WorkingDays => Span::WorkingDays(counted(1)?),
        _ => return None,
    })
}

fn ask(question: Question, kind: u16, env: &Env<'_>) -> Result<Atom, Stop> {
    let view = env.view;
    let so_far = || view.all_of(kind).take_while(|position| *position <= env.position);
    let at = |position: Option<Position>| position.and_then(|position| view.at(position)).map(Atom::Instant).ok_or(Stop::Interpret);
    match question {
        Question::Has => Ok(Atom::Boolean(so_far().next().is_some())),
        Question::Count => Ok(Atom::Integer(i64::try_from(so_far().count()).unwrap_or(i64::MAX))),
        Question::First => at(view.first_of(kind).filter(|first| *first <= env.position)),
        Question::Last => at(so_far().last()),
        Question::People => {
            let mut count = 0_i64;
            let named = |position: Position| view.by_word(position).filter(|by| !view.is_empty_word(*by));
            for position in so_far() {
                // Few events have a type in common, so that looking back is cheaper than a set.
                let by = named(position);
                let known = |by: Word| {
                    so_far().take_while(|other| *other < position).any(|other| named(other).is_some_and(|other| view.is_same(by, other)))
                };
                count += i64::from(by.is_some_and(|by| !known(by)));
            }
            Ok(Atom::Integer(count))
        }
    }
}
