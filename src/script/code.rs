//! A lowered expression: a small typed tree over fact slots and event types. It allocates nothing and looks nothing up by name.
//!
//! It gives exactly the value that rhai gives. Where it cannot (a number overflows, a division by zero, a value recorded in an unexpected type), it
//! says so and rhai is asked instead: so the words of an error are always rhai's. Of several facts that are missing it names the one that it comes to
//! first, which need not be the one rhai names.

use std::cmp::Ordering;

use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::{names::Names, sight::Sight};
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
    pub(super) const fn holds(self, order: Ordering) -> bool {
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
    pub(super) fn test(&self, sight: &impl Sight) -> Result<bool, Stop> {
        match self {
            Self::Ask(Question::Has, kind) => Ok(sight.first(*kind).is_some()),
            // "It has happened, and that other thing has not": spelt out, since half of all conditions are of this shape.
            Self::HasWithout(has, not) => Ok(sight.first(*has).is_some() && sight.first(*not).is_none()),
            Self::And(list) => {
                for item in list {
                    if !item.test(sight)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Or(list) => {
                for item in list {
                    if item.test(sight)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Change(Change::Not, inner) => Ok(!inner.test(sight)?),
            Self::Is(slot, symbol) => match sight.fact_symbol(*slot) {
                Some(found) => Ok(found == Some(*symbol)),
                None => is(*slot, *symbol, sight),
            },
            Self::Measures(slot, sign, limit) => match sight.fact_against(*slot, limit) {
                Some(order) => Ok(sign.holds(order)),
                None => compare(*sign, name(Binding::Fact(*slot), sight)?, *limit, sight),
            },
            Self::Compare(sign, pair) => compare(*sign, pair.0.value(sight)?, pair.1.value(sight)?, sight),
            _ => match self.value(sight)? {
                Atom::Boolean(flag) => Ok(flag),
                _ => Err(Stop::Interpret),
            },
        }
    }

    /// The value.
    pub(super) fn value(&self, sight: &impl Sight) -> Result<Atom, Stop> {
        match self {
            Self::Constant(atom) => Ok(*atom),
            Self::Name(binding) => name(*binding, sight),
            Self::Event(what) => of_event(*what, sight),
            Self::Datum(field, kind) => match sight.hand().map(|position| sight.datum(position, field, *kind)) {
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
            | Self::Ask(Question::Has, _) => self.test(sight).map(Atom::Boolean),
            Self::Operate(operation, pair) if operation.is_called() && matches!(pair.0, Self::Name(_)) => {
                // Rhai makes `f(name, x)` a method call `name.f(x)`, and so looks at the name last.
                let second = pair.1.value(sight)?;
                operate(*operation, pair.0.value(sight)?, second, sight)
            }
            Self::Operate(operation, pair) => operate(*operation, pair.0.value(sight)?, pair.1.value(sight)?, sight),
            Self::Change(change, inner) => changed(*change, inner.value(sight)?, sight),
            Self::Ask(question, kind) => ask(*question, *kind, sight),
            Self::Known(inner) => match inner.value(sight) {
                Ok(Atom::Text(word)) => Ok(Atom::Boolean(!sight.words().is_empty(word))),
                Ok(_) => Ok(Atom::Boolean(true)),
                Err(Stop::Fact(_)) => Ok(Atom::Boolean(false)),
                Err(Stop::Interpret) => Err(Stop::Interpret),
            },
            Self::Named(what) => match of_event(*what, sight) {
                Ok(_) => Ok(Atom::Boolean(true)),
                Err(_) if sight.hand().is_some() => Ok(Atom::Boolean(false)),
                Err(stop) => Err(stop),
            },
            Self::In(inner, list) => {
                let value = inner.value(sight)?;
                for item in list {
                    if compare(Sign::Equal, *item, value, sight)? {
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

fn name(binding: Binding, sight: &impl Sight) -> Result<Atom, Stop> {
    match binding {
        Binding::Fact(slot) => match sight.fact(slot) {
            Read::Atom(atom) => Ok(atom),
            Read::Missing => Err(missing(slot)),
            Read::Other => Err(Stop::Interpret),
        },
        Binding::Parameter(index) => {
            sight.parameter(index).and_then(|value| Atom::constant(value, &sight.names().symbols)).ok_or(Stop::Interpret)
        }
        Binding::Derived(index) => sight.names().derived.get(index).map_or(Err(Stop::Interpret), |derived| derived.value.atom(sight)),
    }
}

fn of_event(what: OfEvent, sight: &impl Sight) -> Result<Atom, Stop> {
    let position = sight.hand().ok_or(Stop::Interpret)?;
    let word = match what {
        OfEvent::At => return sight.instant(position).map(Atom::Instant).ok_or(Stop::Interpret),
        OfEvent::By => sight.by(position),
        OfEvent::Role => sight.role(position),
    };
    // What is empty counts as missing; rhai finds the words.
    word.filter(|word| !sight.words().is_empty(*word)).map(Atom::Text).ok_or(Stop::Interpret)
}

/// A fact is not recorded.
fn missing(slot: usize) -> Stop {
    u32::try_from(slot).map_or(Stop::Interpret, Stop::Fact)
}

/// Whether a fact is a text of the policies, the long way.
#[cold]
fn is(slot: usize, symbol: Symbol, sight: &impl Sight) -> Result<bool, Stop> {
    compare(Sign::Equal, name(Binding::Fact(slot), sight)?, Atom::Text(Word::Symbol(symbol)), sight)
}

fn compare(sign: Sign, a: Atom, b: Atom, sight: &impl Sight) -> Result<bool, Stop> {
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
        (Atom::Text(a), Atom::Text(b)) if matches!(sign, Sign::Equal | Sign::Unequal) => equal(sight.words().is_same(a, b))?,
        (Atom::Text(a), Atom::Text(b)) => sign.holds(sight.words().compare(a, b)),
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

fn operate(operation: Operation, a: Atom, b: Atom, sight: &impl Sight) -> Result<Atom, Stop> {
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
        (Atom::Instant(at), Atom::Span(span)) => moved(operation, at, span, sight),
        (Atom::Date(date), Atom::Span(span)) => {
            let span = match operation {
                Operation::Add => Some(span),
                Operation::Subtract => Some(span.negated()),
                _ => None,
            };
            span.and_then(|span| sight.setup().clock().shift_date(date, span)).map(Atom::Date)
        }
        (a, b) => decimal(operation, a, b).map(Atom::Decimal),
    };
    result.ok_or(Stop::Interpret)
}

/// Hours of milliseconds, to six places.
pub(super) fn hours(millis: i64) -> Decimal {
    (Decimal::from(millis) / Decimal::from(3_600_000)).round_dp(6)
}

fn moved(operation: Operation, at: Instant, span: Span, sight: &impl Sight) -> Option<Atom> {
    let span = match operation {
        Operation::Add => span,
        Operation::Subtract => span.negated(),
        _ => return None,
    };
    Some(Atom::Instant(sight.setup().clock().add(at, span, &[]).at))
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

fn changed(change: Change, value: Atom, sight: &impl Sight) -> Result<Atom, Stop> {
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
        (Change::DateOf, Atom::Instant(at)) => Some(Atom::Date(at.date(sight.setup().zone()))),
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

fn ask(question: Question, kind: u16, sight: &impl Sight) -> Result<Atom, Stop> {
    let at = |position: Option<Position>| position.and_then(|position| sight.instant(position)).map(Atom::Instant).ok_or(Stop::Interpret);
    match question {
        Question::Has => Ok(Atom::Boolean(sight.first(kind).is_some())),
        Question::Count => Ok(Atom::Integer(i64::try_from(sight.all(kind).count()).unwrap_or(i64::MAX))),
        Question::First => at(sight.first(kind)),
        Question::Last => at(sight.all(kind).last()),
        Question::People => {
            let mut count = 0_i64;
            let words = sight.words();
            let named = |position: Position| sight.by(position).filter(|by| !words.is_empty(*by));
            for position in sight.all(kind) {
                // Few events have a type in common, so that looking back is cheaper than a set.
                let by = named(position);
                let known = |by: Word| {
                    sight
                        .all(kind)
                        .take_while(|other| *other < position)
                        .any(|other| named(other).is_some_and(|other| words.is_same(by, other)))
                };
                count += i64::from(by.is_some_and(|by| !known(by)));
            }
            Ok(Atom::Integer(count))
        }
    }
}
