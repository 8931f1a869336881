//! Expressions, run by a plain rhai engine: what is known stands in the scope, and what is not is not there, so that reading it raises.

use std::{cell::RefCell, collections::HashMap};

use chrono::NaiveDate;
use duly::case::{Event, Value};
use rhai::{AST, Dynamic, Engine, EvalAltResult, Map, Scope};
use rust_decimal::Decimal;

use super::{
    clock::{Ms, Span},
    model::{DATA, FACTS, Law, Type, Version},
    scene::{Missing, Scene, Tell, typed},
};

/// Where an expression is asked.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub law: &'a Law,
    pub version: &'a Version,
    pub scene: &'a Scene,
    /// Facts are as they were here; later events are not seen.
    pub upto: isize,
    pub event: Option<isize>,
}

/// What an expression gave.
#[derive(Clone, Debug)]
pub enum Got {
    Flag(bool),
    Number(Decimal),
    Text(String),
    Instant(Ms),
    Date(NaiveDate),
    Span(Span),
}

#[derive(Clone, Copy, PartialEq, PartialOrd)]
struct At(Ms);

/// What the functions see: events so far, the names that are known.
#[derive(Default)]
struct Sight {
    events: Vec<Event>,
    known: Vec<String>,
}

thread_local! {
    static SIGHT: RefCell<Sight> = RefCell::default();
    static ENGINE: Engine = engine();
    static READ: RefCell<HashMap<String, AST>> = RefCell::default();
}

type Ran<T> = Result<T, Box<EvalAltResult>>;

fn missing(name: &str) -> Box<EvalAltResult> {
    EvalAltResult::ErrorVariableNotFound(name.to_owned(), rhai::Position::NONE).into()
}

fn of_type<T>(kind: &str, ask: impl Fn(&[&Event]) -> T) -> T {
    SIGHT.with_borrow(|sight| ask(&sight.events.iter().filter(|event| event.kind == kind).collect::<Vec<_>>()))
}

fn engine() -> Engine {
    let mut engine = Engine::new();
    engine.set_fail_on_invalid_map_property(true);
    engine.register_type::<At>().register_type::<NaiveDate>().register_type::<Span>();
    engine.register_fn("minutes", Span::Minutes).register_fn("days", Span::Days).register_fn("working_days", Span::WorkingDays);
    engine.register_fn("hours", |n: i64| Span::Minutes(n * 60)).register_fn("working_hours", |n: i64| Span::WorkingMinutes(n * 60));
    engine.register_fn("<", |a: At, b: At| a < b).register_fn(">", |a: At, b: At| a > b);
    engine.register_fn("-", |date: NaiveDate, span: Span| match span {
        Span::Days(n) => date - chrono::Days::new(u64::try_from(n).unwrap()),
        _ => panic!("only days are taken from dates"),
    });
    engine.register_fn("+", |at: At, span: Span| match span {
        Span::Minutes(n) => At(at.0 + n * super::clock::MINUTE),
        _ => panic!("only elapsed time is added to instants"),
    });
    engine.register_fn("has", |kind: &str| of_type(kind, |events| !events.is_empty()));
    engine.register_fn("count", |kind: &str| of_type(kind, |events| i64::try_from(events.len()).unwrap()));
    engine.register_fn("first", |kind: &str| -> Ran<At> {
        of_type(kind, |events| events.first().map(|event| At(event.at.millis()))).ok_or_else(|| missing(kind))
    });
    engine.register_fn("last", |kind: &str| -> Ran<At> {
        of_type(kind, |events| events.last().map(|event| At(event.at.millis()))).ok_or_else(|| missing(kind))
    });
    engine.register_fn("people", |kind: &str| {
        of_type(kind, |events| {
            let mut names: Vec<&String> = events.iter().filter_map(|event| event.by.as_ref()).collect();
            names.sort();
            names.dedup();
            i64::try_from(names.len()).unwrap()
        })
    });
    engine.register_fn("sum", |kind: &str, field: &str| -> Ran<Decimal> {
        of_type(kind, |events| {
            let number = |event: &&Event| match event.data.get(field) {
                Some(Value::Int(number)) => Ok(Decimal::from(*number)),
                _ => Err(missing(field)),
            };
            events.iter().map(number).sum()
        })
    });
    engine.register_fn("known", |name: &str| SIGHT.with_borrow(|sight| sight.known.iter().any(|known| known == name)));
    engine.register_fn("known", |data: Map, field: &str| data.get(field).is_some_and(|value| !value.is_unit()));
    engine
}

fn dynamic(value: &Value, kind: Option<Type>) -> Dynamic {
    match (value, kind) {
        (Value::Null | Value::Map(_), _) => Dynamic::UNIT,
        (Value::Bool(flag), _) => (*flag).into(),
        (Value::Int(number), Some(Type::Decimal)) => Decimal::from(*number).into(),
        (Value::Int(number), _) => (*number).into(),
        (Value::Decimal(number), _) => (*number).into(),
        (Value::Text(text), Some(Type::Date)) => Dynamic::from(text.parse::<NaiveDate>().unwrap()),
        (Value::Text(text), Some(Type::Instant)) => {
            Dynamic::from(At(chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()))
        }
        (Value::Text(text), _) => text.clone().into(),
        (Value::List(items), _) => items.iter().map(|item| dynamic(item, None)).collect::<Vec<_>>().into(),
    }
}

fn scope(place: &Place<'_>) -> Scope<'static> {
    let mut scope = Scope::new();
    for (name, kind) in FACTS {
        if let Some(value) = place.scene.fact(name, place.upto) {
            scope.push_dynamic(name, dynamic(&value, Some(kind)));
        }
    }
    scope.push("figure", place.law.figure.unwrap_or(place.version.figure));
    let Some(event) = place.event.map(|position| place.scene.event(position)) else { return scope };
    scope.push("at", At(event.at.millis()));
    scope.push("event_type", event.kind.clone());
    let mut data = Map::new();
    for (name, raw) in &event.data {
        let kind = DATA.iter().find(|(known, _)| known == name).map(|(_, kind)| *kind);
        let value = kind.and_then(|kind| typed(raw, kind)).map_or(Dynamic::UNIT, |value| dynamic(&value, kind));
        if !value.is_unit() {
            data.insert(name.as_str().into(), value);
        }
    }
    scope.push("data", data);
    for (name, value) in [("by", &event.by), ("role", &event.role)] {
        if let Some(value) = value {
            scope.push(name, value.clone());
        }
    }
    scope
}

fn run(text: &str, place: &Place<'_>) -> Result<Dynamic, Box<EvalAltResult>> {
    let mut scope = scope(place);
    let own = place.scene.positions().take_while(|position| *position <= place.upto).map(|position| place.scene.seen(position));
    let events = own.filter(|seen| !seen.of_parent).map(|seen| seen.event.clone()).collect();
    let known = scope.iter_raw().map(|(name, ..)| name.to_owned()).collect();
    SIGHT.set(Sight { events, known });
    ENGINE.with(|engine| {
        let ast =
            READ.with_borrow_mut(|read| read.entry(text.to_owned()).or_insert_with(|| engine.compile_expression(text).unwrap()).clone());
        engine.eval_ast_with_scope::<Dynamic>(&mut scope, &ast)
    })
}

/// The value of an expression.
///
/// # Errors
/// The name that is missing.
pub fn value(text: &str, place: &Place<'_>) -> Tell<Got> {
    let text = text.trim_start_matches('=');
    let found = run(text, place).map_err(|error| match error.unwrap_inner() {
        EvalAltResult::ErrorVariableNotFound(name, _) | EvalAltResult::ErrorPropertyNotFound(name, _) => Missing::from([name.clone()]),
        other => panic!("`{text}`: {other}"),
    })?;
    Ok(if let Ok(flag) = found.as_bool() {
        Got::Flag(flag)
    } else if let Ok(number) = found.as_int() {
        Got::Number(number.into())
    } else if let Ok(number) = found.as_decimal() {
        Got::Number(number)
    } else if found.is_string() {
        Got::Text(found.into_string().unwrap())
    } else if let Some(at) = found.clone().try_cast::<At>() {
        Got::Instant(at.0)
    } else if let Some(date) = found.clone().try_cast::<NaiveDate>() {
        Got::Date(date)
    } else {
        Got::Span(found.cast())
    })
}

/// Whether a condition holds.
///
/// # Errors
/// The name that is missing.
pub fn holds(text: &str, place: &Place<'_>) -> Tell<bool> {
    match value(text, place)? {
        Got::Flag(flag) => Ok(flag),
        other => panic!("`{text}` is no condition: {other:?}"),
    }
}

/// A number.
///
/// # Errors
/// The name that is missing.
pub fn number(text: &str, place: &Place<'_>) -> Tell<Decimal> {
    match value(text, place)? {
        Got::Number(number) => Ok(number),
        other => panic!("`{text}` is no number: {other:?}"),
    }
}
