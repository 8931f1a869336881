//! A chain of roles before a gate: the events of each round are replayed.

use duly::case::Event;

use super::{
    clock::Ms,
    expr::Place,
    model::{Approval, Matcher, Post},
    scene::{BEFORE, Court},
    state::{Duty, Fate},
    threshold::span_of,
};

/// A round: from its opening up to the next one.
struct Round {
    opened: isize,
    /// The first event that belongs to it.
    first: isize,
    end: isize,
    superseded: bool,
}

/// What is taken for meant, of which it cannot be told.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Taken {
    Nothing,
    Approvals,
    Refusals,
    Gates,
}

pub fn judge(court: &Court<'_>, form: &Approval) -> Vec<Duty> {
    let scene = court.scene;
    let mut duties = Vec::new();
    let mut opened = isize::MAX;
    for (position, tell) in form.after.as_ref().map_or_else(Vec::new, |after| court.found(after)) {
        opened = opened.min(position);
        if let (true, Err(missing)) = (tell.is_err(), court.asks(&court.at_event(position), tell)) {
            duties.push(Duty::new(scene.id(position), scene.at(position), Fate::Untold(missing)));
        }
    }
    let gates = form.before.as_ref().filter(|_| form.after.is_some() && form.afterwards.is_none());
    let gates: Vec<_> = gates.map_or_else(Vec::new, |before| court.found(before));
    let mut early = gates.iter().filter(|(gate, _)| *gate < opened);
    if let Some((gate, tell)) = early.clone().find(|(_, tell)| tell.is_ok()).or(early.next()) {
        // Silent in the documents: a gate passed before any round is a breach named after the gate.
        let gate = *gate;
        let place = Place { upto: if court.clause.facts_latest { scene.last() } else { gate - 1 }, ..court.at_event(gate) };
        let duty = |fate| Duty::new(scene.id(gate), scene.at(gate), fate);
        match court.asks(&place, tell.clone()) {
            Ok(true) => duties.push(duty(Fate::Broken { at: scene.at(gate), settled: None }).due(Some(scene.at(gate)))),
            Ok(false) => {}
            Err(missing) => duties.push(duty(Fate::Untold(missing))),
        }
    }
    for round in &rounds(court, form) {
        duties.extend(judge_round(court, form, round));
    }
    duties
}

/// A round as it surely went; untold where it would stand otherwise had something been meant of which it cannot be told.
fn judge_round(court: &Court<'_>, form: &Approval, round: &Round) -> Option<Duty> {
    let plain = read_round(court, form, round, Taken::Nothing);
    let doubt = |matcher: Option<&Matcher>| (round.first..round.end).find_map(|position| court.matches(matcher?, position).err());
    let parts = [(Taken::Approvals, Some(&form.event)), (Taken::Refusals, form.refusal.as_ref()), (Taken::Gates, form.before.as_ref())];
    for (taken, matcher) in parts {
        let Some(missing) = doubt(matcher) else { continue };
        let other = read_round(court, form, round, taken);
        if word(plain.as_ref()) != word(other.as_ref()) {
            return plain.or(other).map(|duty| Duty { fate: Fate::Untold(missing), ..duty });
        }
    }
    plain
}

/// What is compared; a round that asks for nothing is as well as one that is done.
fn word(duty: Option<&Duty>) -> (&'static str, Option<Ms>) {
    match duty.map(|duty| (&duty.fate, duty.due)) {
        Some((Fate::Done(Some(at)), Some(due))) if *at > due => ("late", None),
        None | Some((Fate::Done(_), _)) => ("well", None),
        Some((Fate::Open, due)) => ("open", due),
        Some((Fate::Broken { settled: None, .. }, _)) => ("broken", None),
        Some((Fate::Broken { .. }, _)) => ("settled", None),
        Some((Fate::Untold(_), _)) => ("untold", None),
    }
}

fn rounds(court: &Court<'_>, form: &Approval) -> Vec<Round> {
    let scene = court.scene;
    let Some(after) = &form.after else {
        // Opens with the first event that makes the clause apply; one of which it cannot be told may be it.
        let own = scene.positions().filter(|position| !scene.seen(*position).of_parent);
        let opened = own.into_iter().find(|position| court.applies(&court.at_event(*position)) != Ok(false));
        let round = |opened| Round { opened, first: opened, end: scene.last() + 1, superseded: false };
        return opened.map(round).into_iter().collect();
    };
    let opened = court.certain(after);
    let next = opened.iter().skip(1).map(|end| (*end, true)).chain([(scene.last() + 1, false)]);
    opened.iter().zip(next).map(|(at, (end, superseded))| Round { opened: *at, first: at + 1, end, superseded }).collect()
}

fn read_round(court: &Court<'_>, form: &Approval, round: &Round, taken: Taken) -> Option<Duty> {
    let scene = court.scene;
    let opened = scene.at(round.opened);
    let instance = scene.id(round.opened);
    let is_gate = |gate: &isize| form.before.as_ref().is_some_and(|before| court.matches(before, *gate).unwrap_or(taken == Taken::Gates));
    let gate = (round.first..round.end).find(is_gate);
    // Facts are read just before the gate, or as they are now.
    let upto = match gate {
        _ if court.clause.facts_latest => scene.last(),
        Some(gate) => gate - 1,
        None => round.end - 1,
    };
    let place = Place { upto: upto.max(BEFORE), ..court.at_event(round.opened) };
    let untold = |missing| Duty::new(instance.clone(), opened, Fate::Untold(missing));
    match court.applies(&place) {
        Ok(true) => {}
        Ok(false) => return None,
        Err(missing) => return Some(untold(missing)),
    }
    let chain = match court.amount(&form.chain, &place, |got| panic!("{got:?} is no chain")) {
        Ok(chain) => chain,
        Err(missing) => return Some(untold(missing)),
    };
    let (from, within) = match (gate, &form.afterwards) {
        (Some(gate), Some(afterwards)) => (scene.at(gate), Some(afterwards)),
        _ => (opened, form.within.as_ref()),
    };
    let due = match within.map(|within| court.amount(within, &place, span_of)) {
        Some(span) => span.map(|span| Some(court.clock(&[]).add(from, span))),
        // The gate is when the approvals had to be there.
        None => Ok(gate.map(|gate| scene.at(gate))),
    };
    let mut fate = match &due {
        Ok(_) => replay(court, form, round, &chain, gate, taken),
        Err(missing) => Fate::Untold(missing.clone()),
    };
    if round.superseded && gate.is_none() {
        match &mut fate {
            Fate::Broken { settled, .. } => *settled = settled.or(Some(scene.at(round.end))),
            Fate::Open | Fate::Untold(_) => return None,
            Fate::Done(_) => {}
        }
    }
    Some(Duty::new(instance, opened, fate).due(due.unwrap_or_default()))
}

fn replay(court: &Court<'_>, form: &Approval, round: &Round, chain: &[Vec<&'static str>], gate: Option<isize>, taken: Taken) -> Fate {
    let scene = court.scene;
    let mut steps: Vec<Option<(Ms, Option<String>)>> = vec![None; chain.len()];
    let mut out_of_order: Option<Ms> = None;
    for position in round.first..round.end {
        if gate == Some(position) && form.afterwards.is_none() {
            break;
        }
        if form.refusal.as_ref().is_some_and(|refusal| court.matches(refusal, position).unwrap_or(taken == Taken::Refusals)) {
            // A refusal voids the round; what counts then is another one.
            steps.fill(None);
            break;
        }
        if !court.matches(&form.event, position).unwrap_or(taken == Taken::Approvals) {
            continue;
        }
        let event = scene.event(position);
        let used = |by: &String| !form.any_person && steps.iter().flatten().any(|(_, who)| who.as_ref() == Some(by));
        let may = |role: &str| {
            fills(court, event, role) && event.by.as_ref().is_none_or(|by| !used(by) || is_deputy(court, by, role, scene.at(position)))
        };
        let open: Vec<usize> =
            (0..chain.len()).filter(|step| steps[*step].is_none() && chain[*step].iter().any(|role| may(role))).collect();
        let next = steps.iter().position(Option::is_none);
        match (open.iter().copied().find(|step| Some(*step) == next), open.first()) {
            (Some(step), _) => steps[step] = Some((scene.at(position), event.by.clone())),
            (None, Some(_)) if !form.any_order => out_of_order = out_of_order.or(Some(scene.at(position))),
            (None, Some(step)) => steps[*step] = Some((scene.at(position), event.by.clone())),
            (None, None) => {}
        }
    }
    if let Some(at) = out_of_order {
        return Fate::Broken { at, settled: None };
    }
    if steps.iter().all(Option::is_some) {
        return Fate::Done(steps.iter().flatten().map(|(at, _)| *at).max());
    }
    match gate {
        Some(gate) if form.afterwards.is_none() => Fate::Broken { at: scene.at(gate), settled: None },
        _ => Fate::Open,
    }
}

/// The role of the event tells the step; or the person holds the role or stands in for it.
fn fills(court: &Court<'_>, event: &Event, role: &str) -> bool {
    event.role.as_deref() == Some(role) || event.by.as_ref().is_some_and(|by| holds(court, by, role, event.at.millis(), |_| true))
}

fn is_deputy(court: &Court<'_>, by: &str, role: &str, at: Ms) -> bool {
    holds(court, by, role, at, |post| post.deputy)
}

fn holds(court: &Court<'_>, by: &str, role: &str, at: Ms, also: impl Fn(&Post) -> bool) -> bool {
    let calendar = court.calendar();
    court.law.posts.iter().any(|post| {
        post.role == role
            && post.person == by
            && post.from.is_none_or(|date| at >= calendar.start_of(date))
            && post.until.is_none_or(|date| at < calendar.start_of(date))
            && also(post)
    })
}
