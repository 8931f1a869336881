//! The functions that expressions may call. One table serves registration checks, type checks and the documentation
//! (`docs/policies.md` lists them; a test compares).

use std::collections::HashSet;

use chrono::{Datelike, NaiveDate, Timelike};
use rhai::{Engine, ImmutableString, Map};
use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::code::hours;
use super::frame::{Env, Frame, Ran, current, failed, missing, resolve, typed_data};
use crate::{
    time::{Instant, Span, parse_date},
    value::Val,
    view::Position,
};

/// Registers all of them.
pub(super) fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Instant>("instant");
    engine.register_type_with_name::<NaiveDate>("date");
    engine.register_type_with_name::<Span>("span");
    spans(engine);
    instants(engine);
    between(engine);
    events(engine);
    numbers(engine);
}

fn whole(number: Decimal) -> Ran<i64> {
    if number.is_integer() {
        number.to_i64().ok_or_else(|| failed("the number is too large"))
    } else {
        Err(failed(&format!("a whole number is needed, found {number}; use ceil() or floor()")))
    }
}

fn small(number: i64) -> Ran<i32> {
    i32::try_from(number).map_err(|_| failed("the number is too large"))
}

fn millis(number: Decimal, unit: i64) -> Ran<i64> {
    number.checked_mul(Decimal::from(unit)).and_then(|millis| millis.round().to_i64()).ok_or_else(|| failed("the number is too large"))
}

fn spans(engine: &mut Engine) {
    engine.register_fn("span", |text: &str| Span::parse(text).map_err(|error| failed(&error.en)));
    type Make = fn(i64) -> Ran<Span>;
    let whole_units: [(&str, Make); 5] = [
        ("days", |n| Ok(Span::Days(small(n)?))),
        ("weeks", |n| Ok(Span::Days(small(n.saturating_mul(7))?))),
        ("months", |n| Ok(Span::Months(small(n)?))),
        ("years", |n| Ok(Span::Months(small(n.saturating_mul(12))?))),
        ("working_days", |n| Ok(Span::WorkingDays(small(n)?))),
    ];
    for (name, make) in whole_units {
        engine.register_fn(name, make);
        engine.register_fn(name, move |n: Decimal| make(whole(n)?));
    }
    type Measure = (&'static str, i64, fn(i64) -> Span);
    let measured: [Measure; 3] =
        [("minutes", 60_000, Span::Elapsed), ("hours", 3_600_000, Span::Elapsed), ("working_hours", 3_600_000, Span::Working)];
    for (name, unit, make) in measured {
        engine.register_fn(name, move |n: i64| Ok::<_, Box<rhai::EvalAltResult>>(make(n.saturating_mul(unit))));
        engine.register_fn(name, move |n: Decimal| millis(n, unit).map(make));
    }
    engine.register_fn("==", |a: Span, b: Span| a == b);
    engine.register_fn("!=", |a: Span, b: Span| a != b);
    engine.register_fn("<", |a: Span, b: Span| Ok::<_, Box<rhai::EvalAltResult>>(length(a)? < length(b)?));
    engine.register_fn("<=", |a: Span, b: Span| Ok::<_, Box<rhai::EvalAltResult>>(length(a)? <= length(b)?));
    engine.register_fn(">", |a: Span, b: Span| Ok::<_, Box<rhai::EvalAltResult>>(length(a)? > length(b)?));
    engine.register_fn(">=", |a: Span, b: Span| Ok::<_, Box<rhai::EvalAltResult>>(length(a)? >= length(b)?));
}

/// A length by which spans of elapsed time compare; those of days and working time depend on where they lie.
fn length(span: Span) -> Ran<i64> {
    match span {
        Span::Elapsed(millis) => Ok(millis),
        other => Err(failed(&format!("the length of {} depends on the calendar; compare instants instead", other.en()))),
    }
}

fn instants(engine: &mut Engine) {
    engine.register_fn("instant", |text: &str| Instant::parse(text, current()?.env().setup.zone()).map_err(|error| failed(&error.en)));
    engine.register_fn("date", |text: &str| parse_date(text).map_err(|error| failed(&error.en)));
    engine.register_fn("date_of", |at: Instant| Ok::<_, Box<rhai::EvalAltResult>>(at.date(current()?.env().setup.zone())));
    engine.register_fn("start_of", |date: NaiveDate| Ok::<_, Box<rhai::EvalAltResult>>(current()?.env().setup.zone().start_of(date)));
    engine.register_fn("end_of", |date: NaiveDate| Ok::<_, Box<rhai::EvalAltResult>>(current()?.env().setup.zone().end_of(date)));
    engine.register_fn("start_of", |at: Instant| {
        let zone = current()?.env().setup.zone();
        Ok::<_, Box<rhai::EvalAltResult>>(zone.start_of(at.date(zone)))
    });
    engine.register_fn("end_of", |at: Instant| {
        let zone = current()?.env().setup.zone();
        Ok::<_, Box<rhai::EvalAltResult>>(zone.end_of(at.date(zone)))
    });
    type Part = fn(NaiveDate) -> i64;
    let parts: [(&str, Part); 4] = [
        ("year", |date| i64::from(date.year())),
        ("month", |date| i64::from(date.month())),
        ("day", |date| i64::from(date.day())),
        ("weekday", |date| i64::from(date.weekday().number_from_monday())),
    ];
    for (name, part) in parts {
        engine.register_fn(name, move |date: NaiveDate| part(date));
        engine.register_fn(name, move |at: Instant| Ok::<_, Box<rhai::EvalAltResult>>(part(at.date(current()?.env().setup.zone()))));
    }
    engine.register_fn("hour", |at: Instant| Ok::<_, Box<rhai::EvalAltResult>>(i64::from(at.local(current()?.env().setup.zone()).hour())));
    engine.register_fn("is_open", |at: Instant| Ok::<_, Box<rhai::EvalAltResult>>(current()?.env().setup.calendar.is_open(at)));
    engine.register_fn("is_working_day", |date: NaiveDate| {
        Ok::<_, Box<rhai::EvalAltResult>>(current()?.env().setup.calendar.is_working_day(date))
    });
    engine.register_fn("is_working_day", |at: Instant| {
        let frame = current()?;
        let setup = frame.env().setup;
        Ok::<_, Box<rhai::EvalAltResult>>(setup.calendar.is_working_day(at.date(setup.zone())))
    });
    compare::<Instant>(engine);
    compare::<NaiveDate>(engine);
    engine.register_fn("+", |at: Instant, span: Span| moved(at, span));
    engine.register_fn("-", |at: Instant, span: Span| moved(at, span.negated()));
    engine.register_fn("+", |date: NaiveDate, span: Span| shifted(date, span));
    engine.register_fn("-", |date: NaiveDate, span: Span| shifted(date, span.negated()));
    engine.register_fn("-", |a: Instant, b: Instant| Span::Elapsed(a.since(b)));
}

fn moved(at: Instant, span: Span) -> Ran<Instant> {
    Ok(current()?.env().setup.clock().add(at, span, &[]).at)
}

fn shifted(date: NaiveDate, span: Span) -> Ran<NaiveDate> {
    current()?
        .env()
        .setup
        .clock()
        .shift_date(date, span)
        .ok_or_else(|| failed(&format!("a date cannot be moved by {}; use start_of() or end_of() first", span.en())))
}

fn compare<T: Copy + Ord + Send + Sync + 'static>(engine: &mut Engine) {
    engine.register_fn("<", |a: T, b: T| a < b);
    engine.register_fn("<=", |a: T, b: T| a <= b);
    engine.register_fn(">", |a: T, b: T| a > b);
    engine.register_fn(">=", |a: T, b: T| a >= b);
    engine.register_fn("==", |a: T, b: T| a == b);
    engine.register_fn("!=", |a: T, b: T| a != b);
}

fn between(engine: &mut Engine) {
    engine.register_fn("hours_between", |a: Instant, b: Instant| hours(b.since(a)));
    engine.register_fn("days_between", |a: NaiveDate, b: NaiveDate| (b - a).num_days());
    engine.register_fn("days_between", |a: Instant, b: Instant| {
        let zone = current()?.env().setup.zone();
        Ok::<_, Box<rhai::EvalAltResult>>((b.date(zone) - a.date(zone)).num_days())
    });
    engine.register_fn("working_hours_between", |a: Instant, b: Instant| {
        Ok::<_, Box<rhai::EvalAltResult>>(hours(current()?.env().setup.clock().between(a, b, &[])))
    });
}

/// Calls `visit` for the position of each event of a type so far, in order.
fn each(env: &Env<'_>, kind: &str, mut visit: impl FnMut(Position) -> Ran<()>) -> Ran<()> {
    let Some(id) = env.view.kind.event(kind) else { return Ok(()) };
    env.view.all_of(id).take_while(|position| *position <= env.position).try_for_each(&mut visit)
}

/// The positions of the events of a type so far.
fn positions(kind: &str) -> Ran<(Frame, Vec<Position>)> {
    let frame = current()?;
    let mut list = Vec::new();
    each(&frame.env(), kind, |position| {
        list.push(position);
        Ok(())
    })?;
    Ok((frame, list))
}

fn events(engine: &mut Engine) {
    engine
        .register_fn("count", |kind: &str| Ok::<_, Box<rhai::EvalAltResult>>(i64::try_from(positions(kind)?.1.len()).unwrap_or(i64::MAX)));
    engine.register_fn("has", |kind: &str| Ok::<_, Box<rhai::EvalAltResult>>(!positions(kind)?.1.is_empty()));
    engine.register_fn("first", |kind: &str| {
        let (frame, list) = positions(kind)?;
        list.first().and_then(|position| frame.env().view.at(*position)).ok_or_else(|| missing(kind))
    });
    engine.register_fn("last", |kind: &str| {
        let (frame, list) = positions(kind)?;
        list.last().and_then(|position| frame.env().view.at(*position)).ok_or_else(|| missing(kind))
    });
    engine.register_fn("people", |kind: &str| {
        let (frame, list) = positions(kind)?;
        let env = frame.env();
        let people: HashSet<&str> = list.iter().filter_map(|position| env.view.by(*position)).filter(|by| !by.is_empty()).collect();
        Ok::<_, Box<rhai::EvalAltResult>>(i64::try_from(people.len()).unwrap_or(i64::MAX))
    });
    engine.register_fn("sum", |kind: &str, field: &str| {
        let (frame, list) = positions(kind)?;
        let env = frame.env();
        let mut sum = Decimal::ZERO;
        for position in list {
            let number = env.view.datum(position, field).as_ref().and_then(Val::guess).and_then(|value| value.number());
            let number = number.ok_or_else(|| missing(field))?;
            sum = sum.checked_add(number).ok_or_else(|| failed("the sum is too large"))?;
        }
        Ok::<_, Box<rhai::EvalAltResult>>(sum)
    });
    engine.register_fn("data_of", |kind: &str| {
        let (frame, list) = positions(kind)?;
        list.last().map(|position| typed_data(&frame.env(), *position)).ok_or_else(|| missing(kind))
    });
    engine.register_fn("known", |name: &str| {
        let frame = current()?;
        let env = frame.env();
        let value = match env.names.find(name) {
            Some(binding) => env.value(binding).ok(),
            // `by` and the like, of the event at hand.
            None => return Ok(matches!(resolve(name), Ok(Some(_)))),
        };
        Ok::<_, Box<rhai::EvalAltResult>>(value.is_some_and(|value| !matches!(&value, Val::Text(text) if text.is_empty())))
    });
    engine.register_fn("known", |data: Map, field: ImmutableString| {
        data.get(field.as_str()).is_some_and(|value| !value.is_unit() && !value.as_immutable_string_ref().is_ok_and(|text| text.is_empty()))
    });
}

fn numbers(engine: &mut Engine) {
    for name in ["ceil", "floor", "round"] {
        engine.register_fn(name, |number: i64| number);
    }
    engine.register_fn("ceil", |number: Decimal| number.ceil());
    engine.register_fn("floor", |number: Decimal| number.floor());
    engine.register_fn("round", |number: Decimal| number.round());
    engine.register_fn("min", |a: i64, b: Decimal| Decimal::from(a).min(b));
    engine.register_fn("min", |a: Decimal, b: i64| a.min(Decimal::from(b)));
    engine.register_fn("max", |a: i64, b: Decimal| Decimal::from(a).max(b));
    engine.register_fn("max", |a: Decimal, b: i64| a.max(Decimal::from(b)));
}
