//! A fact stays at a level: the value is held against its bounds after every event.

use rust_decimal::Decimal;

use super::{
    expr::{self, Got, Place},
    model::{Amount, Bound, Threshold},
    scene::{Court, Tell},
    state::{Duty, Fate},
};

/// How the value stands at a position; `None` where the clause does not apply.
fn at(court: &Court<'_>, form: &Threshold, position: isize) -> Tell<Option<bool>> {
    let place = court.at_event(position);
    let place = Place { upto: position, ..place };
    if court.applies(&place)? { inside(court, form, &place).map(Some) } else { Ok(None) }
}

pub fn judge(court: &Court<'_>, form: &Threshold) -> Vec<Duty> {
    let (start, opened) = court.start();
    let now = court.scene.as_of.max(opened);
    let untold = |missing| vec![Duty::new("level", now, Fate::Untold(missing))];
    match at(court, form, court.scene.last()) {
        Err(missing) => untold(missing),
        Ok(None) => Vec::new(),
        Ok(Some(true)) => vec![Duty::new("level", now, Fate::Done(None))],
        Ok(Some(false)) => {
            // The first instant of the present run outside: back over the events for as long as it was outside.
            let mut since = court.scene.last();
            while since > start && at(court, form, since - 1) == Ok(Some(false)) {
                since -= 1;
            }
            let since = if since < 0 { opened } else { court.scene.at(since) };
            let due = match form.within.as_ref().map(|span| court.amount(span, &court.as_at(court.scene.last()), span_of)) {
                None => since,
                Some(Ok(span)) => court.clock(&[]).add(since, span),
                Some(Err(missing)) => return untold(missing),
            };
            vec![Duty { began: Some(since), ..Duty::new("level", now, Fate::Open).due(Some(due)) }]
        }
    }
}

pub fn span_of(got: Got) -> super::clock::Span {
    match got {
        Got::Span(span) => span,
        other => panic!("{other:?} is no span"),
    }
}

fn inside(court: &Court<'_>, form: &Threshold, place: &Place<'_>) -> Tell<bool> {
    let value = expr::number(&form.value, place)?;
    let bounds: Vec<_> = form.bounds.iter().map(|(bound, level)| (*bound, level_of(court, level, place))).collect();
    within(value, &bounds)
}

/// What is surely outside one bound is outside, whatever another one misses.
pub fn within(value: Decimal, bounds: &[(Bound, Tell<Decimal>)]) -> Tell<bool> {
    let keeps = |bound: &Bound, level: &Tell<Decimal>| level.as_ref().map(|level| holds(*bound, value, *level)).map_err(Clone::clone);
    let kept: Vec<Tell<bool>> = bounds.iter().map(|(bound, level)| keeps(bound, level)).collect();
    if kept.contains(&Ok(false)) { Ok(false) } else { kept.into_iter().find(Result::is_err).unwrap_or(Ok(true)) }
}

pub fn level_of(court: &Court<'_>, level: &Amount<i64>, place: &Place<'_>) -> Tell<Decimal> {
    match level {
        Amount::Computed(text) => expr::number(text, place),
        level => court.amount(level, place, |_| 0).map(Decimal::from),
    }
}

pub fn holds(bound: Bound, value: Decimal, level: Decimal) -> bool {
    match bound {
        Bound::AtLeast => value >= level,
        Bound::Above => value > level,
        Bound::AtMost => value <= level,
        Bound::Below => value < level,
    }
}
