//! The functions that expressions may call. One table serves registration checks, type checks and the documentation
//! (`docs/policies.md` lists them; a test compares).

use chrono::{Datelike, NaiveDate, Timelike};
use rhai::{Engine, ImmutableString, Map};
use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::frame::{Ran, current, failed, missing, resolve, typed_data};
use crate::{
    case::Event,
    time::{Instant, Span, parse_date},
    value::Val,
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
    (number * Decimal::from(unit)).round().to_i64().ok_or_else(|| failed("the number is too large"))
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
    engine.register_fn("instant", |text: &str| Instant::parse(text, current()?.setup.zone()).map_err(|error| failed(&error.en)));
    engine.register_fn("date", |text: &str| parse_date(text).map_err(|error| failed(&error.en)));
    engine.register_fn("date_of", |at: Instant| Ok::<_, Box<rhai::EvalAltResult>>(at.date(current()?.setup.zone())));
    engine.register_fn("start_of", |date: NaiveDate| Ok::<_, Box<rhai::EvalAltResult>>(current()?.setup.zone().start_of(date)));
    engine.register_fn("end_of", |date: NaiveDate| Ok::<_, Box<rhai::EvalAltResult>>(current()?.setup.zone().end_of(date)));
    engine.register_fn("start_of", |at: Instant| {
        let zone = current()?.setup.zone();
        Ok::<_, Box<rhai::EvalAltResult>>(zone.start_of(at.date(zone)))
    });
    engine.register_fn("end_of", |at: Instant| {
        let zone = current()?.setup.zone();
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
        engine.register_fn(name, move |at: Instant| Ok::<_, Box<rhai::EvalAltResult>>(part(at.date(current()?.setup.zone()))));
    }
    engine.register_fn("hour", |at: Instant| Ok::<_, Box<rhai::EvalAltResult>>(i64::from(at.local(current()?.setup.zone()).hour())));
    engine.register_fn("is_open", |at: Instant| Ok::<_, Box<rhai::EvalAltResult>>(current()?.setup.calendar.is_open(at)));
    engine
        .register_fn("is_working_day", |date: NaiveDate| Ok::<_, Box<rhai::EvalAltResult>>(current()?.setup.calendar.is_working_day(date)));
    engine.register_fn("is_working_day", |at: Instant| {
        let env = current()?;
        Ok::<_, Box<rhai::EvalAltResult>>(env.setup.calendar.is_working_day(at.date(env.setup.zone())))
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
    Ok(current()?.setup.clock().add(at, span, &[]).at)
}

fn shifted(date: NaiveDate, span: Span) -> Ran<NaiveDate> {
    current()?
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

fn hours(millis: i64) -> Decimal {
    (Decimal::from(millis) / Decimal::from(3_600_000)).round_dp(6)
}

fn between(engine: &mut Engine) {
    engine.register_fn("hours_between", |a: Instant, b: Instant| hours(b.since(a)));
    engine.register_fn("days_between", |a: NaiveDate, b: NaiveDate| (b - a).num_days());
    engine.register_fn("days_between", |a: Instant, b: Instant| {
        let zone = current()?.setup.zone();
        Ok::<_, Box<rhai::EvalAltResult>>((b.date(zone) - a.date(zone)).num_days())
    });
    engine.register_fn("working_hours_between", |a: Instant, b: Instant| {
        Ok::<_, Box<rhai::EvalAltResult>>(hours(current()?.setup.clock().between(a, b, &[])))
    });
}

/// Calls `visit` for each event of a type so far, in order.
fn each(kind: &str, mut visit: impl FnMut(&Event) -> Ran<()>) -> Ran<()> {
    let env = current()?;
    for (position, seen) in env.view.own().take_while(|(position, _)| *position <= env.position) {
        if crate::view::CaseView::is_declared(seen)
            && let Some(event) = env.view.event(position).filter(|event| event.kind == kind)
        {
            visit(event)?;
        }
    }
    Ok(())
}

fn events(engine: &mut Engine) {
    engine.register_fn("count", |kind: &str| {
        let mut count = 0_i64;
        each(kind, |_| {
            count += 1;
            Ok(())
        })?;
        Ok::<_, Box<rhai::EvalAltResult>>(count)
    });
    engine.register_fn("has", |kind: &str| {
        let mut found = false;
        each(kind, |_| {
            found = true;
            Ok(())
        })?;
        Ok::<_, Box<rhai::EvalAltResult>>(found)
    });
    engine.register_fn("first", |kind: &str| {
        let mut first = None;
        each(kind, |event| {
            first = first.or(Some(event.at));
            Ok(())
        })?;
        first.ok_or_else(|| missing(kind))
    });
    engine.register_fn("last", |kind: &str| {
        let mut last = None;
        each(kind, |event| {
            last = Some(event.at);
            Ok(())
        })?;
        last.ok_or_else(|| missing(kind))
    });
    engine.register_fn("people", |kind: &str| {
        let mut people: Vec<String> = Vec::new();
        each(kind, |event| {
            people.extend(event.by.clone().filter(|by| !by.is_empty() && !people.contains(by)));
            Ok(())
        })?;
        Ok::<_, Box<rhai::EvalAltResult>>(i64::try_from(people.len()).unwrap_or(i64::MAX))
    });
    engine.register_fn("sum", |kind: &str, field: &str| {
        let mut sum = Decimal::ZERO;
        each(kind, |event| {
            let number = event.data.get(field).and_then(Val::guess).and_then(|value| value.number());
            sum += number.ok_or_else(|| missing(field))?;
            Ok(())
        })?;
        Ok::<_, Box<rhai::EvalAltResult>>(sum)
    });
    engine.register_fn("data_of", |kind: &str| {
        let env = current()?;
        let mut found = None;
        each(kind, |event| {
            found = Some(typed_data(&env, event));
            Ok(())
        })?;
        found.ok_or_else(|| missing(kind))
    });
    engine.register_fn("known", |name: &str| {
        let env = current()?;
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
