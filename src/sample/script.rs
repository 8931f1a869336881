//! A case in the making: a clock that moves, a cast of people, and what they record.

use rust_decimal::Decimal;

use super::{
    Sample,
    month::{CUT_OFF, DAY, WORK, add_work, day_of, instant, minute_of, working_day_from},
    people::{Role, holder},
    rng::Rng,
};
use crate::case::{Case, Event, FACTS, Value, Values};

/// In how many of a hundred cases that go wrong it is a fact that was left out, one that clauses read. Half of the cases hold none.
const FORGETFUL: i64 = 5;

/// What a case is made from: everything in it follows from these.
#[derive(Clone, Copy, Debug)]
pub(super) struct Brief {
    /// The whole sample.
    pub(super) sample: Sample,
    /// The position of the case in the sample.
    pub(super) index: u64,
    /// Decided beforehand; left to chance when `None`.
    pub(super) fate: Option<Fate>,
    /// Whether something goes wrong, where it was left to chance.
    pub(super) wrong: bool,
}

impl Brief {
    /// How many days the sample covers, up to its last.
    pub(super) fn days(&self) -> i64 {
        i64::from(self.sample.days)
    }
}

/// Decides beforehand how a case goes. Such a case begins early in the month, so that its end is seen.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fate {
    /// Everything in order.
    Good,
    /// The mishap at this place in the builder's list.
    Bad(usize),
}

/// When in the day a case begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hours {
    /// In office hours of a working day.
    Office,
    /// At any hour of any day.
    Any,
}

/// The id of a case.
pub(super) fn id_of(prefix: &str, index: u64) -> String {
    format!("{prefix}-{index:06}")
}

/// The ids of a case's first events, by far the most, ready made: formatting a million of them takes its time.
const EVENT_IDS: [&str; 16] = ["e1", "e2", "e3", "e4", "e5", "e6", "e7", "e8", "e9", "e10", "e11", "e12", "e13", "e14", "e15", "e16"];

/// A case in the making.
pub(super) struct Script {
    case: Case,
    brief: Brief,
    /// The chance that is left.
    pub(super) rng: Rng,
    /// The present minute of the story.
    pub(super) now: i64,
    /// Decides who of each role takes part.
    faces: u64,
    forgetful: bool,
}

impl Script {
    /// Begins a case somewhere in the month.
    pub(super) fn begin(brief: Brief, prefix: &str, kind: &str, hours: Hours) -> Self {
        let mut rng = Rng::of(brief.sample.seed, brief.index);
        let day = match brief.fate {
            Some(_) => rng.between(0, 7),
            // More in the last days than an even month would have, so that there is much under way.
            None if rng.chance(15) => rng.between(25, 29),
            None => rng.between(30 - brief.days(), 29),
        };
        let now = match hours {
            Hours::Office => add_work(working_day_from(day) * DAY, rng.between(1, WORK - 10)),
            Hours::Any => day * DAY + rng.between(0, if day == 29 { 1050 } else { DAY - 1 }),
        };
        let faces = rng.next();
        let forgetful = brief.fate.is_none() && brief.wrong && rng.chance(FORGETFUL);
        let case = Case { id: id_of(prefix, brief.index), kind: kind.to_owned(), events: Vec::with_capacity(8), ..Case::default() };
        Self { case, brief, rng, now, faces, forgetful }
    }

    /// Begins a case on a day between two; days before 0 lie before the month.
    pub(super) fn begin_between(brief: Brief, prefix: &str, kind: &str, first: i64, last: i64) -> Self {
        let mut script = Self::begin(brief, prefix, kind, Hours::Office);
        let day = script.rng.between(first, last);
        script.now = add_work(working_day_from(day) * DAY, script.rng.between(1, 200));
        script
    }

    /// Goes on with a case that is told already, from its first event.
    pub(super) fn reopen(brief: Brief, case: Case) -> Self {
        // Again another stream than that of the story.
        let mut rng = Rng::of(brief.sample.seed.rotate_left(48), brief.index);
        let faces = rng.next();
        let now = case.events.first().map_or(0, |event| minute_of(event.at));
        Self { case, brief, rng, now, faces, forgetful: false }
    }

    /// Makes the case part of another.
    pub(super) fn part_of(&mut self, id: String) {
        self.case.part_of = Some(id);
    }

    /// What goes wrong here, if anything.
    pub(super) fn mishap<M: Copy>(&mut self, list: &[M]) -> Option<M> {
        match self.brief.fate {
            Some(Fate::Bad(place)) => list.get(place).copied(),
            None if self.brief.wrong && !self.forgetful => self.rng.choose(list),
            Some(Fate::Good) | None => None,
        }
    }

    /// Goes back by whole weeks of four, so that cases that are told in days of the last month come all through the sample.
    pub(super) fn earlier(&mut self) {
        if self.brief.fate.is_none() {
            let months = (self.brief.days() - 30).max(0) / 28;
            self.now -= self.rng.between(0, months) * 28 * DAY;
        }
    }

    /// The facts so far.
    pub(super) const fn facts(&self) -> &Values {
        &self.case.facts
    }

    /// States a fact.
    pub(super) fn fact(&mut self, name: &str, value: impl Datum) {
        self.case.facts.insert(name.to_owned(), value.value());
    }

    /// States a fact that conditions of clauses read. A forgetful source leaves it out.
    pub(super) fn asked(&mut self, name: &str, value: impl Datum) {
        if !self.forgetful {
            self.fact(name, value);
        }
    }

    /// Time passes, at any hour.
    pub(super) fn wait(&mut self, low: i64, high: i64) {
        self.now += self.rng.between(low, high);
    }

    /// Office hours pass.
    pub(super) fn work(&mut self, low: i64, high: i64) {
        self.now = add_work(self.now, self.rng.between(low, high));
    }

    /// Goes to the morning of a day, or of the first working day after it.
    pub(super) fn morning_of(&mut self, day: i64) {
        self.now = working_day_from(day) * DAY + 540 + self.rng.between(2, 90);
    }

    /// The present day; 0 is the first of the month's working days.
    pub(super) const fn today(&self) -> i64 {
        day_of(self.now)
    }

    /// Whether the story has run past what is recorded.
    pub(super) const fn is_over(&self) -> bool {
        self.now > CUT_OFF
    }

    /// Who of a role takes part: the same person throughout a case.
    pub(super) fn person(&self, role: Role) -> &'static str {
        let count = u64::try_from(role.people.len()).unwrap_or(1).max(1);
        role.people.get(usize::try_from(self.faces % count).unwrap_or(0)).copied().unwrap_or_default()
    }

    /// Who of a role takes part, by the role's name.
    pub(super) fn who(&self, role: &str) -> &'static str {
        holder(role, self.faces)
    }

    /// Something happens now, with these data.
    pub(super) fn happens(&mut self, kind: &str, who: Option<(&str, &str)>, data: Values) {
        if let Entry(Some(event)) = self.record(kind, who) {
            event.data = data;
        }
    }

    /// Takes away the events of a type from a minute on.
    pub(super) fn forget_after(&mut self, kind: &str, minute: i64) {
        self.case.events.retain(|event| event.kind != kind || event.at < instant(minute));
    }

    /// Something happens now that nobody of the company does.
    pub(super) fn note(&mut self, kind: &str) -> Entry<'_> {
        self.record(kind, None)
    }

    /// Somebody of a role does something now.
    pub(super) fn act(&mut self, kind: &str, role: Role) -> Entry<'_> {
        let person = self.person(role);
        self.record(kind, Some((person, role.name)))
    }

    /// A fact changes now.
    pub(super) fn change(&mut self, name: &str, value: impl Datum) {
        self.note(FACTS).with(name, value);
    }

    fn record(&mut self, kind: &str, who: Option<(&str, &str)>) -> Entry<'_> {
        if self.now > CUT_OFF {
            return Entry(None);
        }
        self.case.events.push(Event {
            id: String::new(),
            kind: kind.to_owned(),
            at: instant(self.now),
            by: who.map(|(person, _)| person.to_owned()),
            role: who.map(|(_, role)| role.to_owned()),
            data: Values::new(),
        });
        Entry(self.case.events.last_mut())
    }

    /// The finished case: events in order, each with its id.
    pub(super) fn end(mut self) -> Case {
        if !self.case.events.is_sorted_by_key(|event| event.at) {
            self.case.events.sort_by_key(|event| event.at);
        }
        for (place, event) in self.case.events.iter_mut().enumerate() {
            event.id = EVENT_IDS.get(place).map_or_else(|| format!("e{}", place + 1), |id| (*id).to_owned());
        }
        self.case
    }
}

/// An event just recorded, or nothing where it lies past the cut-off.
pub(super) struct Entry<'a>(Option<&'a mut Event>);

impl Entry<'_> {
    /// Adds to its data.
    pub(super) fn with(self, name: &str, value: impl Datum) -> Self {
        self.with_if(true, name, value)
    }

    /// Adds to its data, unless left out.
    pub(super) fn with_if(mut self, given: bool, name: &str, value: impl Datum) -> Self {
        if let Some(event) = self.0.as_mut().filter(|_| given) {
            event.data.insert(name.to_owned(), value.value());
        }
        self
    }

    /// Puts another person in the place of the role's own.
    pub(super) fn done_by(mut self, person: &str) -> Self {
        if let Some(event) = &mut self.0 {
            event.by = Some(person.to_owned());
        }
        self
    }
}

/// What can stand in a fact or an event's data.
pub(super) trait Datum {
    /// As a value of a case.
    fn value(self) -> Value;
}

impl Datum for &str {
    fn value(self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl Datum for Value {
    fn value(self) -> Value {
        self
    }
}

impl Datum for String {
    fn value(self) -> Value {
        Value::Text(self)
    }
}

impl Datum for i64 {
    fn value(self) -> Value {
        Value::Int(self)
    }
}

impl Datum for bool {
    fn value(self) -> Value {
        Value::Bool(self)
    }
}

impl Datum for Decimal {
    fn value(self) -> Value {
        Value::Decimal(self)
    }
}

impl Datum for &[&str] {
    fn value(self) -> Value {
        Value::List(self.iter().map(|text| text.value()).collect())
    }
}
