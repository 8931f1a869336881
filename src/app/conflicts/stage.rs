//! Made-up cases for a pair of clauses, and the judge who hears both on them.

use std::{collections::BTreeSet, sync::Arc};

use chrono::{Datelike, Days, NaiveDate};

use super::{
    reading::Reading,
    space::{Setting, Space, What, values},
};
use crate::{
    case::{Case, Event, Value, Values},
    engine::{Session, Waived, Wanted, judge_case},
    finding::{Obligation, State},
    lang::Text,
    policy::{Clause, PolicySet, vocabulary::Kind},
    time::{Instant, Zone},
};

/// A minute and an hour, in milliseconds.
pub(super) const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// How late a violation is certain to stand: ten years, in milliseconds.
const LATE: i64 = 3_653 * 24 * HOUR;

/// What opens the obligations of both clauses.
#[derive(Clone, Debug)]
pub(super) struct Opening {
    /// The event types, in order; none where the case itself opens them.
    pub(super) events: Vec<String>,
    /// They open when another clause is violated.
    late: bool,
}

impl Opening {
    /// These events.
    pub(super) const fn of(events: Vec<String>) -> Self {
        Self { events, late: false }
    }

    /// The instant as of which a case that began at another is looked at.
    pub(super) const fn as_of(&self, base: Instant) -> Instant {
        if self.late { base.plus(LATE) } else { base }
    }
}

/// What both clauses made of a case.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// The obligations of each.
    pub(super) obligations: [Vec<Obligation>; 2],
    /// Whether the case counts for each, where it is one of many.
    pub(super) members: [bool; 2],
}

impl Heard {
    /// Whether both clauses speak to the case.
    pub(super) fn both_apply(&self) -> bool {
        let [a, b] = &self.obligations;
        let applies = |list: &[Obligation], member: bool| member || list.iter().any(|found| found.state != State::Undetermined);
        let [first, second] = self.members;
        applies(a, first) && applies(b, second)
    }
}

/// Two clauses on one kind of case.
pub(super) struct Stage<'s> {
    set: &'s PolicySet,
    pub(super) pair: [&'s Reading<'s>; 2],
    /// The clause on whose violation both hang, where they do.
    opener: Option<&'s Reading<'s>>,
    pub(super) kind: &'s Kind,
    pub(super) zone: Zone,
    /// What bounds are read with.
    pub(super) engine: &'s Arc<rhai::Engine>,
    /// When cases begin: a Monday morning, and the Friday afternoon after it, since spans of days may end alike on one and not on the other.
    pub(super) bases: [Instant; 2],
}

impl<'s> Stage<'s> {
    /// Sets the stage; `None` when no instant lies in the versions of both.
    pub(super) fn new(
        set: &'s PolicySet,
        engine: &'s Arc<rhai::Engine>,
        pair: [&'s Reading<'s>; 2],
        all: &'s [Reading<'s>],
    ) -> Option<Self> {
        let [a, b] = pair.map(|reading| reading.clause);
        let zone = a.setup.zone();
        let usual = NaiveDate::from_ymd_opt(2026, 3, 2)?;
        let from = a.from.max(b.from).date(zone).checked_add_days(Days::new(1)).map_or(usual, |from| from.max(usual));
        let monday = from.checked_add_days(Days::new((7 - u64::from(from.weekday().num_days_from_monday())) % 7))?;
        let morning = zone.resolve(monday.and_hms_opt(9, 0, 0)?);
        let afternoon = zone.resolve(monday.checked_add_days(Days::new(4))?.and_hms_opt(16, 0, 0)?);
        let in_force = |clause: &Clause| clause.until.is_none_or(|until| afternoon < until);
        let kind = set.kinds.get(a.kind)?;
        let [one, other] = pair.map(Reading::violation);
        let opens = |reading: &&Reading<'_>| one.as_deref() == Some(reading.id()) && reading.clause.kind == a.kind;
        let opener = if one == other { all.iter().find(opens) } else { None };
        (in_force(a) && in_force(b)).then_some(Self { set, pair, opener, kind, zone, engine, bases: [morning, afternoon] })
    }

    /// The clauses on which it hangs what comes out.
    fn voices(&self) -> Vec<&'s Reading<'s>> {
        self.pair.into_iter().chain(self.opener).collect()
    }

    fn speaks_of(&self, name: &str) -> bool {
        self.voices().iter().any(|reading| reading.speaks_of(name))
    }

    /// Event types that both name under a key.
    pub(super) fn common(&self, key: &str) -> Vec<String> {
        let [a, b] = self.pair.map(|reading| reading.types(key));
        a.intersection(&b).map(|name| (*name).to_owned()).collect()
    }

    /// What opens both, by a key that may be left out in both, or name another clause.
    pub(super) fn openings(&self, key: &str) -> Vec<Opening> {
        let [a, b] = self.pair;
        if let Some(opener) = self.opener {
            return opener.types("after").into_iter().map(|event| Opening { events: vec![event.to_owned()], late: true }).collect();
        }
        match (a.form.get(key), b.form.get(key)) {
            (None, None) => vec![Opening::of(Vec::new())],
            (Some(_), Some(_)) => self.common(key).into_iter().map(|event| Opening::of(vec![event])).collect(),
            _ => Vec::new(),
        }
    }

    /// What may differ when a case is opened; not how often the events in `apart` happened before.
    pub(super) fn given(&self, opening: &Opening, keys: &[&str], apart: &[String]) -> Space {
        let mut space = Space::default();
        let voices = self.voices();
        for fact in self.kind.facts.iter().filter(|fact| self.speaks_of(&fact.name)) {
            space.add(What::Fact(fact.name.clone()), values(fact, &voices, self.bases[0], self.zone));
        }
        self.at_hand(&opening.events, keys, &mut space);
        for event in &self.kind.events {
            let taken = opening.events.contains(&event.name) || apart.contains(&event.name);
            if !taken && voices.iter().any(|reading| reading.asks_for(&event.name)) {
                space.add(What::Before(event.name.clone()), [0, 1, 3].map(Value::Int).to_vec());
            }
        }
        space
    }

    /// What may differ of an event that matchers under some keys take.
    pub(super) fn at_hand(&self, events: &[String], keys: &[&str], space: &mut Space) {
        let voices = self.voices();
        for (what, word) in [(What::Role, "role"), (What::By, "by")] {
            let named: BTreeSet<&str> = voices.iter().flat_map(|reading| keys.iter().flat_map(|key| reading.named(key, word))).collect();
            if !named.is_empty() {
                space.add(what, named.into_iter().map(|name| Value::Text(name.to_owned())).chain([Value::Null]).collect());
            }
        }
        for decl in self.kind.events.iter().filter(|event| events.contains(&event.name)) {
            for field in decl.data.iter().filter(|field| self.speaks_of(&field.name)) {
                space.add(What::Field(field.name.clone()), values(field, &voices, self.bases[0], self.zone));
            }
        }
    }

    /// An event as a setting has it.
    pub(super) fn event(&self, kind: &str, id: &str, at: Instant, setting: &Setting) -> Event {
        let mut event = Event { id: id.to_owned(), kind: kind.to_owned(), at, by: None, role: None, data: Values::new() };
        let declared = |name: &str| {
            self.kind
                .event(kind)
                .and_then(|id| self.kind.events.get(usize::from(id)))
                .is_some_and(|decl| decl.data.iter().any(|field| field.name == *name))
        };
        for (what, value) in setting {
            match (what, value) {
                (What::Field(name), value) if declared(name) => drop(event.data.insert(name.clone(), value.clone())),
                (What::Role, Value::Text(role)) => event.role = Some(role.clone()),
                (What::By, Value::Text(person)) => event.by = Some(person.clone()),
                _ => {}
            }
        }
        for key in self.pair.iter().filter_map(|reading| reading.text("key")) {
            event.data.entry(key.to_owned()).or_insert_with(|| Value::Text("x".to_owned()));
        }
        event
    }

    /// A case as a setting has it, with the events that open it.
    pub(super) fn open(&self, opening: &Opening, setting: &Setting, base: Instant) -> Case {
        let mut case = Case { id: "example".to_owned(), kind: self.kind.name.clone(), ..Case::default() };
        for (what, value) in setting {
            match (what, value) {
                (What::Fact(name), value) => drop(case.facts.insert(name.clone(), value.clone())),
                (What::Before(name), Value::Int(count)) => {
                    for number in 1..=*count {
                        let at = base.plus(-HOUR * (count - number + 1));
                        case.events.push(self.event(name, &format!("{name}-{number}"), at, &Setting::new()));
                    }
                }
                _ => {}
            }
        }
        // Where the first event of whatever type opens it, or nothing does, a case has to begin somehow.
        let of_any_type = |event: &&String| **event == "opened" && self.kind.event("opened").is_none();
        for event in opening.events.iter().filter(|event| !of_any_type(event)) {
            case.events.push(self.event(event, event, base, setting));
        }
        if case.events.is_empty()
            && let Some(first) = self.neutral()
        {
            case.events.push(self.event(&first, &first, base, setting));
        }
        case.events.sort_by_key(|event| event.at);
        case
    }

    /// An event of which neither clause speaks, and which ends nothing.
    fn neutral(&self) -> Option<String> {
        let mut events = (0_u16..).zip(&self.kind.events).filter(|(id, _)| !self.kind.ends.contains(id));
        events.find(|(_, event)| !self.speaks_of(&event.name)).map(|(_, event)| event.name.clone())
    }

    /// Has both clauses judge a case. What cannot be packed says nothing.
    pub(super) fn hear(&self, case: &Case, as_of: Instant) -> Heard {
        let [a, b] = self.pair;
        let only = |clause: &Clause| self.pair.iter().any(|reading| std::ptr::eq(reading.clause, clause));
        let mut session = Session::new(self.set, as_of, Wanted::All, Some(&only));
        let none: &[Waived] = &[];
        let verdict = judge_case(&mut session, case.clone(), None, none).unwrap_or_default();
        let mut heard = Heard::default();
        if let Some(judged) = &verdict.judged {
            heard.members = [a, b].map(|reading| judged.members.iter().any(|(index, _)| *index == reading.index));
        }
        for found in verdict.obligations {
            let [of_a, of_b] = &mut heard.obligations;
            if found.clause == a.index {
                of_a.push(found);
            } else if found.clause == b.index {
                of_b.push(found);
            }
        }
        heard
    }

    /// What people call an event type.
    pub(super) fn label(&self, event: &str) -> Text {
        self.kind.event(event).map_or_else(|| Text::same(event), |id| self.kind.event_label(id))
    }

    /// What people call a role.
    pub(super) fn role(&self, role: &str) -> Text {
        self.set.org.label(role)
    }
}
