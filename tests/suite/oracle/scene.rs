//! A case as one sees it at an instant: what has happened, which facts hold, and when it ended.

use std::collections::BTreeSet;

use duly::case::{Case, Event, Value};

use super::{
    clock::{Calendar, Clock, Counting, Ms, Pause},
    expr::{self, Got, Place},
    model::{Amount, Clause, FACTS, Law, Matcher, One, Type, Version},
};

/// The names of what is missing.
pub type Missing = BTreeSet<String>;
pub type Tell<T> = Result<T, Missing>;

/// Before the first event.
pub const BEFORE: isize = -1;

#[derive(Clone, Debug)]
pub struct Seen {
    pub event: Event,
    pub of_parent: bool,
}

#[derive(Debug)]
pub struct Scene {
    pub case: Case,
    pub events: Vec<Seen>,
    pub as_of: Ms,
    pub end: Option<Ms>,
}

impl Scene {
    pub fn new(case: &Case, parent: Option<&Case>, as_of: Ms) -> Self {
        let seen = |case: &Case, of_parent| -> Vec<Seen> {
            let past = case.events.iter().filter(|event| event.at.millis() <= as_of);
            past.map(|event| Seen { event: event.clone(), of_parent }).collect()
        };
        let mut events = seen(case, false);
        // The documents do not say which goes first at one instant; the case's own events do.
        events.extend(parent.map(|parent| seen(parent, true)).unwrap_or_default());
        events.sort_by_key(|seen| seen.event.at);
        let end = events.iter().find(|seen| !seen.of_parent && seen.event.kind == "closed").map(|seen| seen.event.at.millis());
        Self { case: case.clone(), events, as_of, end }
    }

    pub fn positions(&self) -> impl Iterator<Item = isize> + use<> {
        0..isize::try_from(self.events.len()).unwrap()
    }

    pub fn last(&self) -> isize {
        isize::try_from(self.events.len()).unwrap() - 1
    }

    pub fn seen(&self, position: isize) -> &Seen {
        &self.events[usize::try_from(position).unwrap()]
    }

    pub fn event(&self, position: isize) -> &Event {
        &self.seen(position).event
    }

    pub fn at(&self, position: isize) -> Ms {
        self.event(position).at.millis()
    }

    /// The id of an event is one only within its case.
    pub fn id(&self, position: isize) -> String {
        let seen = self.seen(position);
        match self.case.part_of.as_ref().filter(|_| seen.of_parent) {
            Some(parent) => format!("{parent}/{}", seen.event.id),
            None => seen.event.id.clone(),
        }
    }

    /// The first event of the case itself.
    pub fn opened(&self) -> Option<isize> {
        self.positions().find(|position| !self.seen(*position).of_parent)
    }

    /// The last position at or before an instant.
    pub fn position_at(&self, at: Ms) -> isize {
        self.positions().filter(|position| self.at(*position) <= at).last().unwrap_or(BEFORE)
    }

    /// A fact as it was just after a position. Facts given with a case hold from its first event, and before it too, since a case without events
    /// has facts as well. Silent in the documents: what is empty, or not of its type, leaves the fact as it was.
    pub fn fact(&self, name: &str, position: isize) -> Option<Value> {
        let kind = FACTS.iter().find(|(known, _)| *known == name)?.1;
        let mut value = self.case.facts.get(name).and_then(|raw| typed(raw, kind));
        for seen in self.positions().take_while(|at| *at <= position).map(|at| self.seen(at)) {
            if !seen.of_parent && seen.event.kind == "facts" {
                value = seen.event.data.get(name).and_then(|raw| typed(raw, kind)).or(value);
            }
        }
        value
    }
}

/// A value, when it is of the type that is declared.
pub fn typed(raw: &Value, kind: Type) -> Option<Value> {
    let fits = match (raw, kind) {
        (Value::Text(text), Type::Date | Type::Instant) => !text.is_empty(),
        (Value::Text(_), Type::Text)
        | (Value::Int(_), Type::Integer | Type::Decimal)
        | (Value::Decimal(_), Type::Decimal)
        | (Value::Bool(_), Type::Boolean)
        | (Value::List(_), Type::List) => true,
        _ => false,
    };
    fits.then(|| raw.clone())
}

/// What one clause, of one version, sees of one case.
pub struct Court<'a> {
    pub law: &'a Law,
    pub version: &'a Version,
    pub clause: &'a Clause,
    pub scene: &'a Scene,
    /// From when the first version holds.
    pub effective: Ms,
    /// From when until when the version judges what was opened.
    pub window: (Ms, Option<Ms>),
    /// The violations of the clause that this one hangs on: instance and since when.
    pub violations: &'a [(String, Ms)],
}

impl Court<'_> {
    pub fn in_force(&self, at: Ms) -> bool {
        at >= self.window.0 && self.window.1.is_none_or(|until| at < until)
    }

    pub fn calendar(&self) -> &Calendar {
        &self.law.calendar
    }

    pub fn clock<'c>(&'c self, pauses: &'c [Pause]) -> Clock<'c> {
        Clock {
            calendar: &self.law.calendar,
            counting: self.clause.counting.unwrap_or(Counting::Civil),
            close: self.clause.day_end_close,
            pauses,
        }
    }

    /// At an event: its data at hand, facts as they were then, or the latest ones where the clause says so.
    pub fn at_event(&self, position: isize) -> Place<'_> {
        let facts = if self.clause.facts_latest { self.scene.last() } else { position };
        let event = (position > BEFORE).then_some(position);
        Place { law: self.law, version: self.version, scene: self.scene, upto: facts, event }
    }

    /// No event at hand, as things were at a position.
    pub fn as_at(&self, position: isize) -> Place<'_> {
        Place { law: self.law, version: self.version, scene: self.scene, upto: position, event: None }
    }

    /// Whether the clause applies in a place.
    pub fn applies(&self, place: &Place<'_>) -> Tell<bool> {
        if let Some(when) = &self.clause.when
            && !expr::holds(when, place)?
        {
            return Ok(false);
        }
        match &self.clause.unless {
            Some(unless) => Ok(!expr::holds(unless, place)?),
            None => Ok(true),
        }
    }

    /// Whether an event is asked about: the clause applies in a place, and the event is surely meant. Where the clause does not apply, it does not
    /// matter what cannot be told.
    pub fn asks(&self, place: &Place<'_>, tell: Tell<()>) -> Tell<bool> {
        let applies = self.applies(place)?;
        if applies { tell.map(|()| true) } else { Ok(false) }
    }

    pub fn matches(&self, matcher: &Matcher, position: isize) -> Tell<bool> {
        for one in &matcher.0 {
            if self.fits(one, position) && one.when.as_ref().map_or(Ok(true), |when| self.condition(when, position))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A condition on an event is read at that event, whatever `facts` says.
    fn condition(&self, when: &str, position: isize) -> Tell<bool> {
        expr::holds(when, &Place { upto: position, ..self.at_event(position) })
    }

    fn fits(&self, one: &One, position: isize) -> bool {
        let seen = self.scene.seen(position);
        let named = one.events.iter().any(|name| match *name {
            "*" => true,
            "opened" => self.scene.opened() == Some(position),
            name => seen.event.kind == name,
        });
        seen.of_parent == one.of_parent
            && named
            && one.role.is_none_or(|role| seen.event.role.as_deref() == Some(role))
            && one.by.is_none_or(|by| seen.event.by.as_deref() == Some(by))
    }

    /// Positions that match for certain, and those of which it cannot be told.
    pub fn found(&self, matcher: &Matcher) -> Vec<(isize, Tell<()>)> {
        let look = |position| match self.matches(matcher, position) {
            Ok(true) => Some((position, Ok(()))),
            Ok(false) => None,
            Err(missing) => Some((position, Err(missing))),
        };
        self.scene.positions().filter_map(look).collect()
    }

    pub fn certain(&self, matcher: &Matcher) -> Vec<isize> {
        self.found(matcher).into_iter().filter(|(_, tell)| tell.is_ok()).map(|(position, _)| position).collect()
    }

    /// Where a case without a trigger begins: its first event, or the policy's effective date.
    pub fn start(&self) -> (isize, Ms) {
        self.scene.opened().map_or((BEFORE, self.effective), |position| (position, self.scene.at(position)))
    }

    /// A value that may be chosen by `grade`.
    pub fn amount<T: Clone>(&self, amount: &Amount<T>, place: &Place<'_>, read: impl Fn(Got) -> T) -> Tell<T> {
        match amount {
            Amount::Is(value) => Ok(value.clone()),
            Amount::Computed(text) => expr::value(text, place).map(read),
            Amount::ByGrade { low, high, otherwise } => {
                let missing = || Missing::from(["grade".to_owned()]);
                let row = match self.scene.fact("grade", place.upto).ok_or_else(missing)? {
                    Value::Text(grade) if grade == "low" => low,
                    Value::Text(grade) if grade == "high" => high,
                    _ => &None,
                };
                row.clone().or_else(|| otherwise.clone()).ok_or_else(missing)
            }
        }
    }
}
