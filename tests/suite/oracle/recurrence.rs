//! Something is done every period: from the last doing, or on a grid whose days are walked one by one.

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat};

use super::{
    clock::Ms,
    expr::{self, Got},
    model::{Period, Recurrence, Rhythm, Start},
    scene::{BEFORE, Court, Tell},
    state::{Duty, Fate, backwards},
    threshold::span_of,
};

struct Slot {
    start: Ms,
    /// From when a doing counts for it.
    opens: Ms,
    due: Ms,
    doings: Vec<Ms>,
}

pub fn judge(court: &Court<'_>, form: &Recurrence) -> Vec<Duty> {
    let scene = court.scene;
    let mut duties = Vec::new();
    let begin = match &form.start {
        None => Some(court.start()),
        Some(Start::Event(start)) => court.found(start).into_iter().find_map(|(position, tell)| {
            // What may have been the start is asked about.
            match court.asks(&court.at_event(position), tell.clone()) {
                Err(missing) if tell.is_err() => duties.push(Duty::new(scene.id(position), scene.at(position), Fate::Untold(missing))),
                _ => {}
            }
            tell.is_ok().then(|| (position, scene.at(position)))
        }),
        // A date stands whatever happened before it: an `until` that came earlier ends what never began.
        Some(Start::Instant(text)) => match expr::value(text, &court.as_at(scene.last())) {
            Ok(Got::Instant(at)) => Some((BEFORE, at)),
            Ok(Got::Date(date)) => Some((BEFORE, court.calendar().start_of(date))),
            Ok(other) => panic!("{other:?} is no instant"),
            Err(missing) => return vec![Duty::new("start", court.start().1, Fate::Untold(missing))],
        },
    };
    let Some((position, begin)) = begin else { return duties };
    // Periods start at the later of the start event and the policy's effective date.
    let begin = begin.max(court.effective);
    let stops = form.until.as_ref().map_or_else(Vec::new, |until| court.found(until));
    let stops: Vec<_> = stops.into_iter().filter(|(found, _)| *found > position).map(|(found, tell)| (scene.at(found), tell)).collect();
    let stopped = stops.iter().find(|(_, tell)| tell.is_ok()).map(|(at, _)| *at);
    let may_stop = stops.iter().find_map(|(at, tell)| Some((*at, tell.clone().err()?)));
    let stop = [stopped, scene.end.filter(|_| !court.clause.survives)].into_iter().flatten().min().unwrap_or(Ms::MAX);
    let found: Vec<_> = court.found(&form.expect).into_iter().map(|(position, tell)| (scene.at(position), tell)).collect();
    let doings: Vec<Ms> = found.iter().filter(|(_, tell)| tell.is_ok()).map(|(at, _)| *at).collect();
    let doubts: Vec<_> = found.into_iter().filter_map(|(at, tell)| Some((at, tell.err()?))).collect();
    let mut all: Vec<Ms> = doings.iter().copied().chain(doubts.iter().map(|(at, _)| *at)).collect();
    all.sort_unstable();
    let others = match &form.rhythm {
        Rhythm::Every(_) => None,
        Rhythm::Grid { .. } => grid(court, form, begin, stop, &all).ok(),
    };
    let slots = match &form.rhythm {
        Rhythm::Every(_) => rolling(court, form, begin, stop, &doings),
        Rhythm::Grid { .. } => grid(court, form, begin, stop, &doings),
    };
    let slots = match slots {
        Ok(slots) => slots,
        Err(missing) => {
            duties.push(Duty::new("period", begin, Fate::Untold(missing)));
            return duties;
        }
    };
    let lapses = |due| scene.end.is_some_and(|end| !court.clause.survives && end <= due);
    for slot in slots.into_iter().filter(|slot| slot.start <= scene.as_of) {
        let instance = name(court, slot.start);
        match court.applies(&court.at_event(scene.position_at(slot.start))) {
            Ok(false) => continue,
            Err(missing) => {
                duties.push(Duty::new(instance, slot.start, Fate::Untold(missing)));
                continue;
            }
            Ok(true) => {}
        }
        // A doing that may be one counts where the period would stand otherwise; and so does what may have been the end.
        let state = |slot: &Slot| slot.doings.get(form.times - 1).map(|done| *done <= slot.due);
        let told = state(&slot);
        let other = match &others {
            // Each period of a grid is the same, with other doings.
            Some(others) => others.iter().find(|other| other.start == slot.start).and_then(state),
            // A period that runs from a doing is the same up to the next doing.
            None => {
                let after = all.iter().copied().filter(|at| *at > slot.start);
                state(&Slot { doings: after.collect(), ..slot })
            }
        };
        let missing = doubts.iter().find(|(at, _)| others.is_some() || *at > slot.start);
        let stopped_before = may_stop.as_ref().filter(|(stop, _)| match told {
            None => slot.due > *stop,
            Some(in_time) => !in_time && slot.start >= *stop,
        });
        let lapsed = told.is_none() && stopped.is_some_and(|stop| slot.due > stop);
        let fate = if let (true, false, Some((_, missing))) = (told != other, lapsed, missing) {
            Fate::Untold(missing.clone())
        } else if let (false, Some((_, missing))) = (lapsed, stopped_before) {
            Fate::Untold(missing.clone())
        } else if slot.doings.len() >= form.times {
            Fate::Done(slot.doings.last().copied())
        } else if stopped.is_some_and(|stop| slot.due > stop) {
            // What would fall due after `until` is no longer asked for.
            continue;
        } else if !form.catch_up && scene.as_of > slot.due && !lapses(slot.due) {
            // What was missed can no longer be done.
            Fate::Broken { at: slot.due, settled: None }
        } else {
            Fate::Open
        };
        duties.push(Duty::new(instance, slot.start, fate).due(Some(slot.due)));
    }
    duties
}

/// A period is named by its start in the zone.
fn name(court: &Court<'_>, start: Ms) -> String {
    let at = DateTime::from_timestamp_millis(start).unwrap().with_timezone(&court.calendar().zone);
    at.to_rfc3339_opts(if start % 1000 == 0 { SecondsFormat::Secs } else { SecondsFormat::Millis }, false)
}

/// Each period runs from the last doing; the next begins when it is done.
fn rolling(court: &Court<'_>, form: &Recurrence, begin: Ms, stop: Ms, doings: &[Ms]) -> Tell<Vec<Slot>> {
    let Rhythm::Every(every) = &form.rhythm else { return Ok(Vec::new()) };
    let mut slots = Vec::new();
    let mut start = begin;
    while start <= court.scene.as_of && start < stop {
        let place = court.at_event(court.scene.position_at(start));
        let mut due = court.clock(&[]).add(start, court.amount(every, &place, span_of)?);
        if let Some(grace) = form.grace {
            due = court.clock(&[]).after_due(due, grace);
        }
        let doings: Vec<Ms> = doings.iter().copied().filter(|doing| *doing > start).take(form.times).collect();
        let whole = doings.len() == form.times;
        let last = doings.last().copied();
        slots.push(Slot { start, opens: start, due, doings });
        match last {
            Some(last) if whole => start = last,
            _ => break,
        }
    }
    Ok(slots)
}

/// The periods that touch the time from `begin` to as-of: dates are walked, and each that begins a period makes one.
fn grid(court: &Court<'_>, form: &Recurrence, begin: Ms, stop: Ms, doings: &[Ms]) -> Tell<Vec<Slot>> {
    let Rhythm::Grid { each, day, minute } = form.rhythm else { return Ok(Vec::new()) };
    let calendar = court.calendar();
    let mut date = calendar.date(begin);
    while !begins(each, date) {
        date = date.pred_opt().unwrap();
    }
    let mut slots: Vec<Slot> = Vec::new();
    loop {
        let first = date;
        date = next(each, first);
        let by = due_day(each, first, day);
        let due = minute.map_or_else(|| calendar.end_of(by), |minute| calendar.instant(by, minute));
        let start = calendar.start_of(first);
        if start.max(begin) >= stop {
            break;
        }
        if due > begin {
            let opens = form.window.map_or(start.max(begin), |window| court.clock(&[]).add(due, backwards(window)));
            let late = form.grace.map_or(due, |grace| court.clock(&[]).after_due(due, grace));
            slots.push(Slot { start: start.max(begin), opens, due: late, doings: Vec::new() });
        }
        // The period that is under way, or the next when it is due already, is the last.
        if due > court.scene.as_of {
            break;
        }
    }
    for doing in doings {
        // A doing counts once, for the earliest unmet period whose window is open, or past where it can be caught up with.
        let open = |slot: &Slot| slot.opens <= *doing && (form.catch_up || *doing <= slot.due);
        if let Some(slot) = slots.iter_mut().find(|slot| slot.doings.len() < form.times && open(slot)) {
            slot.doings.push(*doing);
        }
    }
    Ok(slots)
}

pub fn begins(each: Period, date: NaiveDate) -> bool {
    match each {
        Period::Day => true,
        Period::Week => date.weekday() == chrono::Weekday::Mon,
        Period::Month => date.day() == 1,
        Period::Quarter => date.day() == 1 && date.month0().is_multiple_of(3),
        Period::Year => date.ordinal() == 1,
    }
}

/// The first date after one that begins a period.
pub fn next(each: Period, date: NaiveDate) -> NaiveDate {
    let mut date = date.succ_opt().unwrap();
    while !begins(each, date) {
        date = date.succ_opt().unwrap();
    }
    date
}

/// The day of a period by which it is due: a weekday of the week, a day of the month, or the last day.
fn due_day(each: Period, first: NaiveDate, day: Option<u32>) -> NaiveDate {
    let last = next(each, first).pred_opt().unwrap();
    match (each, day) {
        (Period::Week, Some(weekday)) => first + chrono::Days::new(weekday.into()),
        (Period::Month, Some(day)) => first.with_day(day).unwrap_or(last),
        _ => last,
    }
}
