//! B only after A, nothing after Z; first in, first out.

use std::collections::BTreeMap;

use duly::case::Value;
use rust_decimal::Decimal;

use super::{
    expr::Place,
    model::{Matcher, Order},
    scene::{Court, Missing, Tell},
    state::{Duty, Fate},
};

pub fn judge(court: &Court<'_>, form: &Order) -> Vec<Duty> {
    let mut duties = Vec::new();
    for (position, tell) in court.found(&form.event) {
        let at = court.scene.at(position);
        let held = court.asks(&just_before(court, position), tell).and_then(|asks| {
            if !asks {
                return Ok(None);
            }
            in_its_place(court, form, position).map(Some)
        });
        let fate = match held {
            Ok(None) => continue,
            Ok(Some(true)) => Fate::Done(Some(at)),
            Ok(Some(false)) => Fate::Broken { at, settled: None },
            Err(missing) => Fate::Untold(missing),
        };
        duties.push(Duty::new(court.scene.id(position), at, fate));
    }
    duties
}

/// Facts are read just before the event, unless the clause wants the latest.
fn just_before<'c>(court: &'c Court<'_>, position: isize) -> Place<'c> {
    let place = court.at_event(position);
    if court.clause.facts_latest { place } else { Place { upto: position - 1, ..place } }
}

fn in_its_place(court: &Court<'_>, form: &Order, position: isize) -> Tell<bool> {
    let mut demands: Vec<Tell<bool>> = form.requires.iter().map(|required| before(court, form, required, position)).collect();
    demands.extend(form.never_after.iter().map(|never| before(court, form, never, position).map(|happened| !happened)));
    demands.extend(form.fifo.iter().map(|received| oldest_first(court, form, received, position)));
    // What is surely wrong is so whatever cannot be told.
    if demands.contains(&Ok(false)) {
        return Ok(false);
    }
    demands.into_iter().find(Result::is_err).unwrap_or(Ok(true))
}

/// Whether such an event stands before the position, of the same `part` when the clause has a key.
fn before(court: &Court<'_>, form: &Order, matcher: &Matcher, position: isize) -> Tell<bool> {
    let part = |position| court.scene.event(position).data.get("part");
    let mut doubt = None;
    for earlier in 0..position {
        if form.key && (part(position).is_none() || part(earlier) != part(position)) {
            continue;
        }
        match court.matches(matcher, earlier) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(missing) => doubt = doubt.or(Some(missing)),
        }
    }
    doubt.map_or(Ok(false), Err)
}

/// Replays what was received and issued: an older lot than the one issued must not have stock.
fn oldest_first(court: &Court<'_>, form: &Order, received: &Matcher, issue: isize) -> Tell<bool> {
    let lot = |position| match court.scene.event(position).data.get("part") {
        Some(Value::Text(lot)) => Ok(lot.clone()),
        _ => Err(Missing::from(["part".to_owned()])),
    };
    let quantity = |position| match court.scene.event(position).data.get("qty") {
        Some(Value::Int(number)) => Ok(Decimal::from(*number)),
        _ => Err(Missing::from(["qty".to_owned()])),
    };
    let mut age: Vec<String> = Vec::new();
    let mut stock: BTreeMap<String, Decimal> = BTreeMap::new();
    for (matcher, sign) in [(received, Decimal::ONE), (&form.event, -Decimal::ONE)] {
        for position in 0..issue {
            if !court.matches(matcher, position)? {
                continue;
            }
            let (quantity, lot) = (quantity(position)?, lot(position)?);
            if sign > Decimal::ZERO && !age.contains(&lot) {
                age.push(lot.clone());
            }
            *stock.entry(lot).or_default() += sign * quantity;
        }
    }
    quantity(issue)?;
    let issued = lot(issue)?;
    Ok(age.iter().take_while(|lot| **lot != issued).all(|lot| stock.get(lot).is_none_or(|left| *left <= Decimal::ZERO)))
}
