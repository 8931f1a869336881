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
    let begin = match &form.start {
        None => Some(court.start()),
        Some(Start::Event(start)) => court.certain(start).first().map(|position| (*position, scene.at(*position))),
        // A date stands whatever happened before it: an `until` that came earlier ends what never began.
        Some(Start::Instant(text)) => match expr::value(text, &court.as_at(scene.last())) {
            Ok(Got::Instant(at)) => Some((BEFORE, at)),
            Ok(Got::Date(date)) => Some((BEFORE, court.calendar().start_of(date))),
            Ok(other) => panic!("{other:?} is no instant"),
            Err(missing) => return vec![Duty::new("start", court.start().1, Fate::Untold(missing))],
        },
    };
    let Some((position, begin)) = begin else { return Vec::new() };
    // Periods start at the later of the start event and the policy's effective date.
    let begin = begin.max(court.effective);
    let stopped = form.until.as_ref().and_then(|until| court.certain(until).into_iter().find(|found| *found > position));
    let stopped = stopped.map(|position| scene.at(position));
    let stop = [stopped, scene.end.filter(|_| !court.clause.survives)].into_iter().flatten().min().unwrap_or(Ms::MAX);
    let doings: Vec<Ms> = court.certain(&form.expect).into_iter().map(|position| scene.at(position)).collect();
    let slots = match &form.rhythm {
        Rhythm::Every(_) => rolling(court, form, begin, stop, &doings),
        Rhythm::Grid { .. } => grid(court, form, begin, stop, &doings),
    };
    let slots = match slots {
        Ok(slots) => slots,
        Err(missing) => return vec![Duty::new("period", begin, Fate::Untold(missing))],
    };
    let lapses = |due| scene.end.is_some_and(|end| !court.clause.survives && end <= due);
    let mut duties = Vec::new();
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
        let fate = if slot.doings.len() >= form.times {
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
