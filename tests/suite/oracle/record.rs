//! Fields, facts and signatures are there.

use duly::case::{Value, Values};

use super::{
    clock::Ms,
    expr::{self, Got, Place},
    model::Record,
    scene::{BEFORE, Court, Missing},
    state::{Duty, Fate},
    threshold::span_of,
};

pub fn judge(court: &Court<'_>, form: &Record) -> Vec<Duty> {
    let Some(at) = &form.at else {
        let (_, opened) = court.start();
        return held(court, form, BEFORE, opened, "record".to_owned()).into_iter().collect();
    };
    let mut duties = Vec::new();
    for (position, tell) in court.found(at) {
        let (opened, instance) = (court.scene.at(position), court.scene.id(position));
        match court.asks(&court.at_event(position), tell) {
            Ok(false) => {}
            Err(missing) => duties.push(Duty::new(instance, opened, Fate::Untold(missing))),
            Ok(true) => duties.extend(held(court, form, position, opened, instance)),
        }
    }
    duties
}

fn held(court: &Court<'_>, form: &Record, position: isize, opened: Ms, instance: String) -> Option<Duty> {
    let last = court.scene.last();
    // Silent in the documents: without an event to hold it against, it is read as things are.
    let place = if form.at.is_some() { court.at_event(position) } else { Place { event: None, ..court.at_event(last) } };
    let untold = |missing| Some(Duty::new(instance.clone(), opened, Fate::Untold(missing)));
    match court.applies(&place) {
        Ok(true) => {}
        Ok(false) => return None,
        Err(missing) => return untold(missing),
    }
    let due = match form.within.as_ref().map(|within| court.amount(within, &place, span_of)) {
        None => opened,
        Some(Ok(span)) => court.clock(&[]).add(opened, span),
        Some(Err(missing)) => return untold(missing),
    };
    for (_, against) in &form.equal {
        // What a field is held against must be known.
        if let Err(missing) = expr::value(against, &Place { upto: last, ..place }) {
            return Some(Duty::new(instance, opened, Fate::Untold(missing)).due(Some(due)));
        }
    }
    let first = if form.at.is_some() { position } else { court.start().0 };
    let whole = |doubtful: bool| {
        let lacks = |upto| lacking(court, form, position, upto, doubtful);
        let done = (first..=last).find(|upto| lacks(*upto).is_empty()).filter(|_| lacks(last).is_empty());
        done.map(|done| if done == BEFORE { opened } else { court.scene.at(done) })
    };
    let (done, may) = (whole(false), whole(true));
    let state = |done: Option<Ms>| done.map(|at| at <= due);
    if state(done) != state(may) {
        // What may have completed it makes a difference.
        let missing = form.completed_by.iter().flat_map(|completed| (first + 1..=last).find_map(|at| court.matches(completed, at).err()));
        return Some(Duty::new(instance, opened, Fate::Untold(missing.flatten().collect())).due(Some(due)));
    }
    let fate = done.map_or(Fate::Open, |at| Fate::Done(Some(at)));
    Some(Duty { lacks: lacking(court, form, position, last, false), ..Duty::new(instance, opened, fate).due(Some(due)) })
}

fn empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::Text(text)) => text.is_empty(),
        Some(Value::List(items)) => items.is_empty(),
        _ => false,
    }
}

/// What is lacking once the events up to a position are there; those of which it cannot be told whether they complete it count when asked for.
fn lacking(court: &Court<'_>, form: &Record, at: isize, upto: isize, doubtful: bool) -> Missing {
    let scene = court.scene;
    let mut from: Vec<isize> = Vec::new();
    if form.at.is_some() {
        from.push(at);
    }
    if let Some(completed) = &form.completed_by {
        let first = if form.at.is_some() { at } else { court.start().0 };
        from.extend((first + 1..=upto).filter(|position| court.matches(completed, *position).unwrap_or(doubtful)));
    }
    let sources: Vec<&Values> = from.iter().map(|position| &scene.event(*position).data).collect();
    let fact = |name: &str| scene.fact(name, upto);
    let mut lacks = Missing::new();
    for field in &form.fields {
        if sources.iter().all(|data| empty(data.get(*field))) && empty(fact(field).as_ref()) {
            lacks.insert((*field).to_owned());
        }
    }
    lacks.extend(form.facts.iter().filter(|name| empty(fact(name).as_ref())).map(|name| (*name).to_owned()));
    for name in &form.signatures {
        let signed =
            |data: &&Values| matches!(data.get("signatures"), Some(Value::List(list)) if list.contains(&Value::Text((*name).to_owned())));
        if !sources.iter().any(signed) {
            lacks.insert((*name).to_owned());
        }
    }
    if let Some(copies) = form.copies {
        let enough = |data: &&Values| matches!(data.get("copies"), Some(Value::Int(number)) if *number >= copies);
        if !sources.iter().any(enough) {
            lacks.insert("copies".to_owned());
        }
    }
    for (left, right) in &form.equal {
        let equal = |position: &isize| {
            let place = Place { upto, ..court.at_event(*position) };
            matches!((expr::value(left, &place), expr::value(right, &place)), (Ok(left), Ok(right)) if same(&left, &right))
        };
        // What is lacking already is not named again for being unequal.
        let left_lacks = expr::value(left, &Place { upto, ..court.at_event(at) }).is_err_and(|missing| missing.is_subset(&lacks));
        if !from.iter().any(equal) && !left_lacks {
            lacks.insert(format!("{left} = {right}"));
        }
    }
    lacks
}

fn same(left: &Got, right: &Got) -> bool {
    match (left, right) {
        (Got::Number(a), Got::Number(b)) => a == b,
        (Got::Text(a), Got::Text(b)) => a == b,
        (Got::Flag(a), Got::Flag(b)) => a == b,
        _ => false,
    }
}
