//! Telling a life: from its steps and chance to a case.

use std::borrow::Cow;

use super::{
    super::{
        month::{CUT_OFF, DAY, add_work, minute_of},
        script::{Brief, Hours, Script},
    },
    Begins, Doing, Field, Head, Life, Mishap, Step, Value, Which,
    pace::Wait,
};
use crate::case::{self, Case, Values};

/// The case that a life makes of a brief.
pub(super) fn case(life: &'static Life, brief: Brief, parent: Option<String>) -> Case {
    let mut script = match life.begins {
        Begins::Office => Script::begin(brief, &life.prefix, &life.kind, Hours::Office),
        Begins::Any => Script::begin(brief, &life.prefix, &life.kind, Hours::Any),
        Begins::Before(first, last) => {
            let day = 30 - brief.days();
            let mut script = Script::begin_between(brief, &life.prefix, &life.kind, day + first, day + last);
            script.now = script.today() * DAY + 540 + script.rng.between(1, 30);
            script
        }
    };
    if let Some(id) = parent {
        script.part_of(id);
    }
    let mishap = script.mishap(&life.mishaps.iter().collect::<Vec<_>>());
    let mut teller = Teller { script, index: brief.index, mishap, seen: Vec::new(), stops: Vec::new(), fresh: true, again: false };
    teller.facts(&life.facts);
    teller.steps(&life.steps);
    if let Some(Mishap::Also(step)) = teller.mishap {
        teller.step(step);
    }
    teller.stop();
    teller.script.end()
}

/// A case that is told already, with what a life adds to it.
pub(super) fn beside(life: &'static Life, case: Case, brief: Brief) -> Case {
    let seen = case.events.iter().map(|event| (Cow::Owned(event.kind.clone()), minute_of(event.at), event.data.clone())).collect();
    let script = Script::reopen(brief, case);
    let mut teller = Teller { script, index: brief.index, mishap: None, seen, stops: Vec::new(), fresh: false, again: false };
    teller.facts(&life.facts);
    teller.steps(&life.steps);
    teller.stop();
    teller.script.end()
}

struct Teller {
    script: Script,
    index: u64,
    /// What is still to go wrong.
    mishap: Option<&'static Mishap>,
    /// What happened so far: event, its minute, its data.
    seen: Vec<(Cow<'static, str>, i64, Values)>,
    /// Events that come again, and the event that stops them.
    stops: Vec<(&'static str, &'static str)>,
    /// The next event comes without a wait of its own: it is the first of the case, or of steps that belong together.
    fresh: bool,
    /// Inside of steps that come again: the mishap befalls one of them, not always the first.
    again: bool,
}

impl Teller {
    fn facts(&mut self, fields: &'static [Field]) {
        for field in fields {
            let name = field.head.name.as_str();
            if !self.comes(&field.head) {
                continue;
            }
            match self.mishap {
                Some(Mishap::Unknown(unknown)) if unknown == name => self.mishap = None,
                Some(Mishap::Fact(other, value)) if other == name => {
                    self.mishap = None;
                    let value = self.value(value);
                    self.script.fact(name, value);
                }
                _ => {
                    let value = self.value(&field.value);
                    self.script.fact(name, value);
                }
            }
        }
    }

    fn comes(&mut self, head: &Head) -> bool {
        head.fits(self.script.facts()) && head.strikes(&mut self.script.rng)
    }

    fn steps(&mut self, steps: &'static [Step]) {
        for step in steps {
            self.step(step);
        }
    }

    fn step(&mut self, step: &'static Step) {
        if !self.comes(&step.head) {
            return;
        }
        let here = self.script.now;
        if let Some(from) = &step.pace.from {
            match self.last(from) {
                Some(minute) => self.script.now = minute,
                None => return,
            }
        }
        if let Some(again) = step.pace.again {
            if let Some(until) = &step.pace.until {
                self.stops.push((&step.head.name, until));
            }
            let outer = std::mem::replace(&mut self.again, true);
            for minute in again.minutes(self.script.now, step.pace.wait, &mut self.script.rng) {
                self.script.now = minute;
                self.fresh = true;
                self.act(step);
            }
            self.fresh = false;
            self.again = outer;
            self.script.now = here;
            return;
        }
        let event = matches!(step.doing, Doing::Event { .. });
        if step.pace.wait.is_some() || (event && !self.fresh) {
            self.script.now = step.pace.wait.unwrap_or(Wait::SHORT).from(self.script.now, &mut self.script.rng);
        }
        self.fresh = !event && (self.fresh || step.pace.wait.is_some());
        self.act(step);
        if step.pace.aside {
            self.script.now = here;
        }
    }

    fn act(&mut self, step: &'static Step) {
        match &step.doing {
            Doing::Steps(steps) => self.steps(steps),
            Doing::Event { role, data } => self.event(&step.head.name, role.as_deref(), data),
        }
    }

    fn event(&mut self, name: &'static str, role: Option<&'static str>, data: &'static [Field]) {
        let slip = self.slip(name, role);
        let here = self.script.now;
        let mut role = role;
        match slip {
            Some(Mishap::Miss(_)) => return,
            Some(Mishap::Late(_, low, high)) => self.script.now = add_work(here, self.script.rng.between(*low, *high)),
            Some(Mishap::Role(_, other)) => role = Some(other),
            Some(Mishap::First(_, other)) => {
                if let Some(minute) = self.last(other) {
                    self.script.now = minute - 1;
                }
            }
            _ => {}
        }
        if self.script.now > CUT_OFF {
            return;
        }
        let mut values = Values::new();
        for field in data {
            let name = field.head.name.as_str();
            if !self.comes(&field.head) {
                continue;
            }
            match slip {
                Some(Mishap::Blank(_, blank)) if blank == name => {}
                Some(Mishap::Set(_, other, value)) if other == name => drop(values.insert(name.to_owned(), self.value(value))),
                _ => drop(values.insert(name.to_owned(), self.value(&field.value))),
            }
        }
        let person = role.map(|role| self.script.who(role));
        self.script.happens(name, person.zip(role), values.clone());
        self.seen.push((Cow::Borrowed(name), self.script.now, values));
        if matches!(slip, Some(Mishap::First(..))) {
            self.script.now = here;
        }
    }

    /// Takes away what came again after the event that stops it.
    fn stop(&mut self) {
        for (name, until) in std::mem::take(&mut self.stops) {
            if let Some(stop) = self.seen.iter().filter(|(event, ..)| event == until).map(|(_, minute, _)| *minute).min() {
                self.script.forget_after(name, stop);
            }
        }
    }

    /// The mishap that befalls this event, once.
    fn slip(&mut self, name: &str, role: Option<&str>) -> Option<&'static Mishap> {
        let mishap = self.mishap?;
        let which = match mishap {
            Mishap::Miss(which)
            | Mishap::Late(which, ..)
            | Mishap::Role(which, _)
            | Mishap::Blank(which, _)
            | Mishap::Set(which, ..)
            | Mishap::First(which, _) => which,
            Mishap::Unknown(_) | Mishap::Fact(..) | Mishap::Also(_) => return None,
        };
        if !which.is(name, role) || (self.again && !self.script.rng.chance(40)) {
            return None;
        }
        self.mishap.take()
    }

    fn last(&self, name: &str) -> Option<i64> {
        self.seen.iter().filter(|(event, ..)| event == name).map(|(_, minute, _)| *minute).max()
    }

    fn value(&mut self, value: &'static Value) -> case::Value {
        match value {
            Value::Plain(case::Value::Text(text)) if text.contains("<n>") => {
                case::Value::Text(text.replace("<n>", &self.index.to_string()))
            }
            Value::Plain(plain) => plain.clone(),
            Value::Choice(list) => {
                let last = i64::try_from(list.len()).unwrap_or(1) - 1;
                let place = usize::try_from(self.script.rng.between(0, last)).unwrap_or(0);
                list.get(place).map_or(case::Value::Null, |value| self.value(value))
            }
            Value::Number(low, high) => case::Value::Int(self.script.rng.between(*low, *high)),
            Value::Chance(chance) => case::Value::Bool(self.script.rng.chance(*chance)),
            Value::Copy(name) => self.copied(name),
            Value::Person(role) => case::Value::Text(self.script.who(role).to_owned()),
            Value::Moment { date, event, low, high, unit } => {
                let from = event.as_deref().and_then(|event| self.last(event)).unwrap_or(self.script.now);
                let by = self.script.rng.between(*low, *high);
                Value::moved(*date, from, by, *unit)
            }
        }
    }

    fn copied(&self, name: &str) -> case::Value {
        let found = match name.split_once('.') {
            Some((event, field)) => self.seen.iter().rev().find(|(seen, ..)| seen == event).and_then(|(.., data)| data.get(field)),
            None => self.script.facts().get(name),
        };
        found.cloned().unwrap_or(case::Value::Null)
    }
}

impl Which {
    fn is(&self, name: &str, role: Option<&str>) -> bool {
        self.event == name && (self.role.is_none() || self.role.as_deref() == role)
    }
}
