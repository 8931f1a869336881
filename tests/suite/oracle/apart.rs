//! Separation of duties, and what must not be: forms whose life is a breach or nothing.

use super::{
    clock::Ms,
    expr,
    model::{Forbid, Matcher, Separation},
    scene::{BEFORE, Court, Missing, Tell},
    state::{Duty, Fate},
};

pub fn separation(court: &Court<'_>, form: &Separation) -> Vec<Duty> {
    let scene = court.scene;
    let mut done: Vec<(usize, String, Tell<()>)> = Vec::new();
    let mut duties = Vec::new();
    let mut last = BEFORE;
    for position in scene.positions() {
        let event = scene.event(position);
        let Some(who) = (if form.by_role { event.role.clone() } else { event.by.clone() }) else { continue };
        // One event is one breach: one that is sure, or else one that cannot be told.
        let mut clashes: Vec<Tell<()>> = Vec::new();
        for (step, matcher) in form.steps.iter().enumerate() {
            let tell = match court.matches(matcher, position) {
                Ok(false) => continue,
                Ok(true) => Ok(()),
                Err(missing) => Err(missing),
            };
            let others = done.iter().filter(|(other, name, _)| *other != step && *name == who);
            clashes.extend(others.map(|(.., other)| tell.clone().and(other.clone())));
            if tell.is_ok() {
                last = position;
            }
            done.push((step, who.clone(), tell));
        }
        let at = scene.at(position);
        let fate = match clashes.iter().find(|clash| clash.is_ok()).or(clashes.first()) {
            None => continue,
            Some(Ok(())) => Fate::Broken { at, settled: None },
            Some(Err(missing)) => Fate::Untold(missing.clone()),
        };
        duties.extend(applied(court, position, fate).map(|fate| Duty::new(scene.id(position), at, fate)));
    }
    // Silent in the documents: what is well is told once, as of the last step done.
    let mut steps = done.iter().filter(|(.., tell)| tell.is_ok()).map(|(step, ..)| step);
    let first = steps.next();
    if duties.is_empty() && steps.any(|step| Some(step) != first) {
        let at = scene.at(last);
        duties.extend(applied(court, last, Fate::Done(Some(at))).map(|fate| Duty::new("steps", at, fate)));
    }
    duties
}

/// What is so if the clause applies at an event; nothing if it does not.
fn applied(court: &Court<'_>, position: isize, fate: Fate) -> Option<Fate> {
    match court.applies(&court.at_event(position)) {
        Ok(true) => Some(fate),
        Ok(false) => None,
        Err(missing) => Some(Fate::Untold(missing)),
    }
}

pub fn forbid(court: &Court<'_>, form: &Forbid) -> Vec<Duty> {
    match form {
        Forbid::Event { event, after, before, except } => {
            let mut duties = Vec::new();
            let mut untold: Option<(Ms, Missing)> = None;
            for (position, tell) in court.found(event) {
                let (at, id) = (court.scene.at(position), court.scene.id(position));
                let place = court.at_event(position);
                let excepted = except.as_ref().map_or(Ok(false), |text| expr::holds(text, &place));
                let happened = |matcher: &Option<Matcher>, upto| matcher.as_ref().map(|matcher| happened(court, matcher, upto));
                let opened = happened(after, position).unwrap_or(Ok(true));
                let closed = happened(before, position + 1).unwrap_or(Ok(false));
                let demands = [tell.map(|()| true), opened, closed.map(|closed| !closed), excepted.map(|excepted| !excepted)];
                // What is surely allowed is so whatever cannot be told.
                if demands.contains(&Ok(false)) {
                    continue;
                }
                match court.applies(&place) {
                    Ok(false) => {}
                    Err(missing) => duties.push(Duty::new(id, at, Fate::Untold(missing))),
                    Ok(true) => match demands.into_iter().find_map(Result::err) {
                        None => duties.push(Duty::new(id, at, Fate::Broken { at, settled: None })),
                        // Silent in the documents: what many events lack is one question.
                        Some(missing) if court.in_force(at) => untold.get_or_insert((at, Missing::new())).1.extend(missing),
                        Some(_) => {}
                    },
                }
            }
            duties.extend(untold.map(|(at, missing)| Duty::new("case", at, Fate::Untold(missing))));
            duties
        }
        Forbid::State(state) => stretches(court, state),
    }
}

/// Whether such an event stands before a position.
fn happened(court: &Court<'_>, matcher: &Matcher, upto: isize) -> Tell<bool> {
    let told: Vec<Tell<bool>> = (0..upto).map(|position| court.matches(matcher, position)).collect();
    if told.contains(&Ok(true)) {
        return Ok(true);
    }
    told.into_iter().find(Result::is_err).unwrap_or(Ok(false))
}

/// Each stretch of time in which a condition holds, settled when it is known to have ended.
fn stretches(court: &Court<'_>, state: &str) -> Vec<Duty> {
    let scene = court.scene;
    let (start, opened) = court.start();
    let mut duties: Vec<Duty> = Vec::new();
    let mut running: Option<Duty> = None;
    for position in start..=scene.last() {
        let place = court.as_at(position);
        let at = if position == BEFORE { opened } else { scene.at(position) };
        let (applies, state) = (court.applies(&place), expr::holds(state, &place));
        // What surely is not so is not forbidden, whether the clause applies or not.
        let holds = if applies.is_err() && state == Ok(false) { Ok(false) } else { applies.and_then(|applies| Ok(applies && state?)) };
        match holds {
            Ok(true) if running.is_none() => {
                let instance = if position == BEFORE { "state".to_owned() } else { scene.id(position) };
                running = Some(Duty::new(instance, at, Fate::Broken { at, settled: None }));
            }
            Ok(false) => {
                let ended = running.take().map(|duty| Duty { fate: Fate::Broken { at: duty.opened, settled: Some(at) }, ..duty });
                duties.extend(ended);
            }
            Err(missing) if position == scene.last() && running.is_none() => duties.push(Duty::new("state", at, Fate::Untold(missing))),
            _ => {}
        }
    }
    duties.extend(running);
    duties
}
