//! A count, a sum or a value inside bounds, on one case.

use std::collections::{BTreeMap, BTreeSet};

use duly::case::Value;
use rust_decimal::Decimal;

use super::{
    expr::{self, Got, Place},
    model::{Bound, Level, Limit, Measure},
    scene::{Court, Missing, Tell},
    state::{Duty, Fate},
    threshold::{level_of, within},
};

/// By the value of the key; one with an empty name where there is no key.
type Numbers = BTreeMap<String, Decimal>;

pub fn judge(court: &Court<'_>, form: &Limit) -> Vec<Duty> {
    match &form.at {
        Some(at) => {
            let mut duties = Vec::new();
            for (position, tell) in court.found(at) {
                duties.extend(at_event(court, form, position, tell));
            }
            duties
        }
        None => any_time(court, form),
    }
}

fn at_event(court: &Court<'_>, form: &Limit, position: isize, tell: Tell<()>) -> Vec<Duty> {
    let (at, instance) = (court.scene.at(position), court.scene.id(position));
    let untold = |missing| vec![Duty::new(instance.clone(), at, Fate::Untold(missing))];
    match court.asks(&court.at_event(position), tell) {
        Ok(true) => {}
        Ok(false) => return Vec::new(),
        Err(missing) => return untold(missing),
    }
    // A gate that names a part is about that part alone.
    let own = court.scene.event(position).data.get("part").filter(|_| form.key).map(text);
    match outside(court, form, position, own.as_ref()) {
        Err(missing) => untold(missing),
        Ok(parts) => {
            let ours = parts.into_iter().filter(|(part, _)| own.as_ref().is_none_or(|own| own == part));
            ours.map(|(part, out)| {
                let name = if part.is_empty() { instance.clone() } else { format!("{instance}:{part}") };
                let fate = if out { Fate::Broken { at, settled: None } } else { Fate::Done(Some(at)) };
                Duty::new(name, at, fate)
            })
            .collect()
        }
    }
}

fn any_time(court: &Court<'_>, form: &Limit) -> Vec<Duty> {
    let (start, opened) = court.start();
    let (last, now) = (court.scene.last(), court.scene.as_of.max(opened));
    let applies = |position| court.applies(&Place { upto: position, ..court.at_event(position) });
    let untold = |missing| vec![Duty::new("limit", now, Fate::Untold(missing))];
    match applies(last) {
        Ok(true) => {}
        Ok(false) => return Vec::new(),
        Err(missing) => return untold(missing),
    }
    let parts = match outside(court, form, last, None) {
        Ok(parts) => parts,
        Err(missing) => return untold(missing),
    };
    let mut duties = Vec::new();
    for (part, out) in parts {
        let instance = if part.is_empty() { "limit".to_owned() } else { part.clone() };
        if !out {
            duties.push(Duty::new(instance, now, Fate::Done(None)));
            continue;
        }
        let out_at = |position| {
            applies(position) == Ok(true) && outside(court, form, position, None).is_ok_and(|parts| parts.get(&part) == Some(&true))
        };
        let mut since = last;
        while since > start && out_at(since - 1) {
            since -= 1;
        }
        let since = if since < 0 { opened } else { court.scene.at(since) };
        duties.push(Duty { began: Some(since), ..Duty::new(instance, now, Fate::Open).due(Some(since)) });
    }
    duties
}

/// Whether each part is outside, with the events up to a position. A part that is asked for and has not been counted at all is zero.
fn outside(court: &Court<'_>, form: &Limit, position: isize, asked: Option<&String>) -> Tell<BTreeMap<String, bool>> {
    let place = Place { upto: position, ..court.at_event(position) };
    let mut numbers = measure(court, form, &form.measure, position)?;
    if let Some(asked) = asked {
        numbers.entry(asked.clone()).or_default();
    }
    let mut bounds = Vec::new();
    for (bound, level) in [(Bound::AtLeast, &form.at_least), (Bound::AtMost, &form.at_most)] {
        match level {
            None => {}
            Some(Level::Number(level)) => bounds.push((bound, Err(level_of(court, level, &place)))),
            Some(Level::Measure(other)) => bounds.push((bound, Ok(measure(court, form, other, position)?))),
        }
    }
    // What must be reached speaks of parts that have not been counted at all: they are at zero.
    for (_, levels) in bounds.iter().filter(|(bound, _)| *bound == Bound::AtLeast) {
        for part in levels.iter().flat_map(Numbers::keys) {
            numbers.entry(part.clone()).or_default();
        }
    }
    let mut result = BTreeMap::new();
    for (part, number) in numbers {
        let of_part = |levels: &Result<Numbers, Tell<Decimal>>| match levels {
            Ok(levels) => Ok(levels.get(&part).copied().unwrap_or_default()),
            Err(level) => level.clone(),
        };
        let bounds: Vec<_> = bounds.iter().map(|(bound, levels)| (*bound, of_part(levels))).collect();
        result.insert(part.clone(), !within(number, &bounds)?);
    }
    Ok(result)
}

fn measure(court: &Court<'_>, form: &Limit, measure: &Measure, upto: isize) -> Tell<Numbers> {
    let (matcher, value) = match measure {
        Measure::Count(matcher) => (matcher, None),
        Measure::Distinct(matcher, value) | Measure::Sum(matcher, value) => (matcher, Some(value)),
        Measure::Value(value) => {
            let place = Place { upto, ..court.at_event(upto) };
            return Ok(Numbers::from([(String::new(), expr::number(value, &place)?)]));
        }
    };
    let mut numbers = Numbers::new();
    let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
    if !form.key {
        numbers.insert(String::new(), Decimal::ZERO);
    }
    for position in 0..=upto {
        if !court.matches(matcher, position)? {
            continue;
        }
        let part = match court.scene.event(position).data.get("part") {
            _ if !form.key => String::new(),
            Some(part) => text(part),
            None => return Err(Missing::from(["part".to_owned()])),
        };
        let place = Place { upto: position, ..court.at_event(position) };
        let adds = match (measure, value) {
            (Measure::Distinct(..), Some(value)) => {
                if !seen.insert((part.clone(), words(&expr::value(value, &place)?))) {
                    continue;
                }
                Decimal::ONE
            }
            (_, Some(value)) => expr::number(value, &place)?,
            (_, None) => Decimal::ONE,
        };
        *numbers.entry(part).or_default() += adds;
    }
    Ok(numbers)
}

pub fn text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => panic!("{other:?} is no part"),
    }
}

/// A value in words: what makes it different, and the name of a group.
pub fn words(got: &Got) -> String {
    match got {
        Got::Flag(flag) => flag.to_string(),
        Got::Number(number) => number.normalize().to_string(),
        Got::Text(text) => text.clone(),
        other => panic!("{other:?} is not told in words"),
    }
}
