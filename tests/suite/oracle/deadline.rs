//! After A, B within a span: the events are replayed one by one.

use duly::case::Value;

use super::{
    clock::{Ms, Pause},
    expr::{self, Got},
    model::{Deadline, Matcher, NotBefore},
    scene::{Court, Missing, Tell},
    state::{Duty, Fate},
};

/// A trigger and what has become of it so far.
#[derive(Clone)]
struct Open {
    /// Answers and gates come after this: what begins with the case may be done or ended by its first event.
    after: isize,
    duty: Duty,
    key: Option<Value>,
    earliest: Option<Ms>,
    /// Settled or broken: nothing later matters, but a late answer mends what a gate broke.
    decided: bool,
    /// What the events lack that were taken for answers or gates.
    lacks: Option<Missing>,
}

/// What an event is taken for, of which it cannot be told, by one trigger.
#[derive(Clone, Copy, PartialEq)]
enum Taken {
    Answer,
    Gate,
}

pub fn judge(court: &Court<'_>, form: &Deadline) -> Vec<Duty> {
    let mut duties = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    for (position, at, instance, tell) in triggers(court, form) {
        match court
            .asks(&court.at_event(position), tell)
            .and_then(|asks| Ok(if asks { Some(timing(court, form, position, at)?) } else { None }))
        {
            Err(missing) => duties.push(Duty::new(instance, at, Fate::Untold(missing))),
            Ok(None) => {}
            Ok(Some((due, stood, earliest))) => {
                let duty = Duty { stood, ..Duty::new(instance, at, Fate::Open).due(due) };
                let after = if form.after.is_none() && form.violation.is_none() { position - 1 } else { position };
                open.push(Open { after, duty, key: key_at(court, form, position), earliest, decided: false, lacks: None });
            }
        }
    }
    let plain = replay(court, form, &open, None);
    for (number, trigger) in plain.iter().enumerate() {
        // What cannot be told matters where the duty would stand otherwise.
        let otherwise = |taken| {
            let other = replay(court, form, &open, Some((number, taken))).swap_remove(number);
            other.lacks.filter(|_| word(&other.duty) != word(&trigger.duty))
        };
        let fate = otherwise(Taken::Answer).or_else(|| otherwise(Taken::Gate)).map_or(trigger.duty.fate.clone(), Fate::Untold);
        duties.push(Duty { fate, ..trigger.duty.clone() });
    }
    duties
}

fn word(duty: &Duty) -> &'static str {
    match duty.fate {
        Fate::Done(Some(at)) if duty.due.is_some_and(|due| at > due) => "late",
        Fate::Done(_) => "met",
        Fate::Broken { .. } => "broken",
        Fate::Open | Fate::Untold(_) => "open",
    }
}

fn replay(court: &Court<'_>, form: &Deadline, open: &[Open], taken: Option<(usize, Taken)>) -> Vec<Open> {
    let mut open = open.to_vec();
    for position in court.scene.positions() {
        step(court, form, position, &mut open, taken);
    }
    open
}

/// Position, instant, instance; `Err` where it cannot be told whether it is one.
fn triggers(court: &Court<'_>, form: &Deadline) -> Vec<(isize, Ms, String, Tell<()>)> {
    let scene = court.scene;
    let mut list: Vec<_> = match (&form.after, &form.violation) {
        (Some(after), _) => {
            court.found(after).into_iter().map(|(position, tell)| (position, scene.at(position), scene.id(position), tell)).collect()
        }
        (None, Some(_)) => court.violations.iter().map(|(instance, at)| (scene.position_at(*at), *at, instance.clone(), Ok(()))).collect(),
        (None, None) => {
            let (position, at) = court.start();
            vec![(position, at, "case".to_owned(), Ok(()))]
        }
    };
    if form.first_only {
        // Silent in the documents: an event that may have been the first, and the first that surely is one.
        let first = list.iter().position(|(.., tell)| tell.is_ok()).map_or(list.len(), |index| index + 1);
        list.truncate(first);
    }
    list
}

fn key_at(court: &Court<'_>, form: &Deadline, position: isize) -> Option<Value> {
    if !form.key || position < 0 {
        return None;
    }
    court.scene.event(position).data.get("part").cloned()
}

/// The due instant, how much later it is for pauses, and before when an answer does not settle.
fn timing(court: &Court<'_>, form: &Deadline, position: isize, at: Ms) -> Tell<(Option<Ms>, Ms, Option<Ms>)> {
    let place = court.at_event(position);
    let (mut due, mut stood) = (None, 0);
    if let Some(text) = &form.due {
        due = match expr::value(text, &place)? {
            Got::Instant(at) => Some(at),
            Got::Date(date) => Some(court.calendar().end_of(date)),
            other => panic!("{other:?} is no instant"),
        };
    } else if let Some(within) = &form.within {
        let span = court.amount(within, &place, |got| match got {
            Got::Span(span) => span,
            other => panic!("{other:?} is no span"),
        })?;
        let pauses = pauses(court, &form.pauses, at);
        let ended: Vec<Pause> = pauses.iter().copied().filter(|(_, until)| until.is_some()).collect();
        let end = court.clock(&ended).add(at, span);
        let lasting = pauses.iter().filter(|(_, until)| until.is_none()).map(|(from, _)| *from).min();
        // A clock that stands still says no due instant, unless it had run out before.
        if lasting.is_none_or(|from| end <= from) {
            due = Some(end);
            stood = end - court.clock(&[]).add(at, span);
        }
    }
    let earliest = match &form.not_before {
        None => None,
        Some(NotBefore::Span(span)) => {
            let span = court.amount(span, &place, |got| match got {
                Got::Span(span) => span,
                other => panic!("{other:?} is no span"),
            })?;
            Some(court.clock(&[]).add(at, span))
        }
        Some(NotBefore::Instant(text)) => match expr::value(text, &place)? {
            Got::Instant(at) => Some(at),
            Got::Date(date) => Some(court.calendar().start_of(date)),
            other => panic!("{other:?} is no instant"),
        },
    };
    Ok((due, stood, earliest))
}

/// From each beginning to the first end after it, no earlier than the trigger; merged where they overlap.
fn pauses(court: &Court<'_>, pairs: &[(Matcher, Matcher)], trigger: Ms) -> Vec<Pause> {
    let mut list = Vec::new();
    for (from, until) in pairs {
        let (begins, ends) = (court.certain(from), court.certain(until));
        let mut standing: Option<Ms> = None;
        for position in court.scene.positions() {
            if let (Some(since), true) = (standing, ends.contains(&position)) {
                list.push((since.max(trigger), Some(court.scene.at(position).max(trigger))));
                standing = None;
            } else if standing.is_none() && begins.contains(&position) {
                standing = Some(court.scene.at(position));
            }
        }
        list.extend(standing.map(|since| (since.max(trigger), None)));
    }
    list.retain(|(from, until)| until.is_none_or(|until| *from < until));
    list
}

/// One event: an answer settles every open trigger before it (or the first, one to one); a gate that comes first breaks them.
fn step(court: &Court<'_>, form: &Deadline, position: isize, open: &mut [Open], taken: Option<(usize, Taken)>) {
    let at = court.scene.at(position);
    let key = key_at(court, form, position);
    let pairs = |trigger: &Open| !form.key || (trigger.key.is_some() && trigger.key == key);
    let answer = court.matches(&form.expect, position);
    for (number, trigger) in open.iter_mut().enumerate() {
        let later = position > trigger.after;
        if !((form.anywhere || later) && pairs(trigger) && trigger.earliest.is_none_or(|earliest| at >= earliest)) {
            continue;
        }
        match &answer {
            Ok(true) => {}
            Err(missing) if taken == Some((number, Taken::Answer)) && !trigger.decided => trigger.lacks = Some(missing.clone()),
            _ => continue,
        }
        match &mut trigger.duty.fate {
            // Silent in the documents: what a gate broke is mended by the answer that comes after all.
            Fate::Broken { settled, .. } if settled.is_none() => *settled = Some(at),
            Fate::Open if !trigger.decided => {
                trigger.duty.fate = Fate::Done(Some(at.max(trigger.duty.opened)));
                trigger.decided = true;
                if form.one_to_one {
                    break;
                }
            }
            _ => {}
        }
    }
    let Some(before) = &form.before else { return };
    let gate = court.matches(before, position);
    for (number, trigger) in open.iter_mut().enumerate() {
        if trigger.decided || position <= trigger.after || !pairs(trigger) {
            continue;
        }
        match &gate {
            Ok(true) => {}
            Err(missing) if taken == Some((number, Taken::Gate)) => trigger.lacks = Some(missing.clone()),
            _ => continue,
        }
        trigger.duty.fate = Fate::Broken { at, settled: None };
        trigger.decided = true;
    }
}
