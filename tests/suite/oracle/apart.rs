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
    let mut done: Vec<(usize, String)> = Vec::new();
    let mut duties = Vec::new();
    let mut last = BEFORE;
    for position in scene.positions() {
        let event = scene.event(position);
        let Some(who) = (if form.by_role { event.role.clone() } else { event.by.clone() }) else { continue };
        let matches = |matcher: &Matcher| court.matches(matcher, position) == Ok(true);
        // A step of which it cannot be told whether it was one, by somebody who did another.
        let doubt = form.steps.iter().enumerate().find_map(|(step, matcher)| {
            let missing = court.matches(matcher, position).err()?;
            done.iter().any(|(other, name)| *other != step && *name == who).then_some(missing)
        });
        if let Some(missing) = doubt {
            duties.push(Duty::new(scene.id(position), scene.at(position), Fate::Untold(missing)));
        }
        let steps: Vec<usize> = (0..form.steps.len()).filter(|step| matches(&form.steps[*step])).collect();
        if steps.is_empty() {
            continue;
        }
        last = position;
        let mut clash = false;
        for step in steps {
            clash |= done.iter().any(|(other, name)| *other != step && *name == who);
            done.push((step, who.clone()));
        }
        if clash {
            let at = scene.at(position);
            let fate = applied(court, position, Fate::Broken { at, settled: None });
            duties.extend(fate.map(|fate| Duty::new(scene.id(position), at, fate)));
        }
    }
    // Silent in the documents: what is well is told once, as of the last step done.
    let clashed = duties.iter().any(|duty| matches!(duty.fate, Fate::Broken { .. }));
    if !clashed && done.iter().any(|(step, _)| *step != done[0].0) {
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
                let inside = within(court, after.as_ref(), before.as_ref(), position);
                let applies = inside.and_then(|inside| Ok(inside && court.applies(&place)?));
                let excepted = || except.as_ref().map_or(Ok(false), |text| expr::holds(text, &place));
                match applies {
                    Ok(false) => {}
                    Err(missing) => duties.push(Duty::new(id, at, Fate::Untold(missing))),
                    Ok(true) => match tell.and_then(|()| excepted()) {
                        Ok(true) => {}
                        Ok(false) => duties.push(Duty::new(id, at, Fate::Broken { at, settled: None })),
                        // Silent in the documents: what many events lack is one question.
                        Err(missing) if court.in_force(at) => untold.get_or_insert((at, Missing::new())).1.extend(missing),
                        Err(_) => {}
                    },
                }
            }
            duties.extend(untold.map(|(at, missing)| Duty::new("case", at, Fate::Untold(missing))));
            duties
        }
        Forbid::State(state) => stretches(court, state),
    }
}

/// Whether an event stands after the first of `after`, and before the first of `before`.
fn within(court: &Court<'_>, after: Option<&Matcher>, before: Option<&Matcher>, position: isize) -> Tell<bool> {
    let happened = |matcher: &Matcher, upto: isize| -> Tell<bool> {
        let mut doubt = None;
        for other in 0..upto {
            match court.matches(matcher, other) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(missing) => doubt = doubt.or(Some(missing)),
            }
        }
        doubt.map_or(Ok(false), Err)
    };
    if !after.map_or(Ok(true), |after| happened(after, position))? {
        return Ok(false);
    }
    Ok(!before.map_or(Ok(false), |before| happened(before, position + 1))?)
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
        let holds = court.applies(&place).and_then(|applies| Ok(applies && expr::holds(state, &place)?));
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
