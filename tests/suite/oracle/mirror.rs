//! What a store should know after each step of a history, kept in the plainest way: cases as told, corrected and taken back.

use std::collections::{BTreeMap, BTreeSet};

use duly::{
    case::{Case, Event, Values},
    time::Instant,
};

use super::{
    clock::Ms,
    history::{Step, Telling},
    model::{Law, Waiver},
};

pub struct Mirror {
    pub law: Law,
    pub cases: Vec<Case>,
    pub waivers: Vec<Waiver>,
    /// As-of of the next night.
    pub now: Ms,
    /// Nothing is recorded before what was recorded last.
    recorded: Ms,
    taken_back: BTreeSet<String>,
}

impl Mirror {
    pub fn new(law: Law, now: Ms) -> Self {
        Self { law, cases: Vec::new(), waivers: Vec::new(), now, recorded: now, taken_back: BTreeSet::new() }
    }

    /// The instant under which something is recorded now.
    pub fn record(&mut self) -> Ms {
        self.recorded = self.recorded.max(self.now);
        self.recorded
    }

    /// Whether a case has an event that may be taken back: one of several that still count.
    pub fn retractable(&self) -> Vec<(String, String)> {
        let mut list = Vec::new();
        for case in &self.cases {
            let counts = |event: &&Event| !self.taken_back.contains(&event.id) && !event.id.starts_with("facts@");
            let events: Vec<&Event> = case.events.iter().filter(counts).collect();
            if events.len() > 1 {
                list.extend(events.iter().map(|event| (case.id.clone(), event.id.clone())));
            }
        }
        list
    }

    pub fn take_back(&mut self, event: &str) {
        self.record();
        self.taken_back.insert(event.to_owned());
    }

    /// The cases with what counts now.
    pub fn known(&self) -> Vec<Case> {
        let mut cases = self.cases.clone();
        for case in &mut cases {
            case.events.retain(|event| !self.taken_back.contains(&event.id));
        }
        cases
    }

    /// A case that is sent again adds events with new ids, and facts with other values as a change.
    pub fn tell(&mut self, telling: &Telling) {
        let recorded = self.record();
        // Of two events of one id in one telling the earlier in time stays.
        let mut events = telling.events.clone();
        events.sort_by_key(|event| event.at);
        let part_of = telling.member.then(|| "S".to_owned());
        let Some(case) = self.cases.iter_mut().find(|case| case.id == telling.case) else {
            let mut case = Case {
                id: telling.case.clone(),
                kind: if telling.case == "S" { "site" } else { "job" }.to_owned(),
                part_of,
                facts: telling.facts.clone(),
                events: Vec::new(),
            };
            events.into_iter().for_each(|event| add(&mut case, event));
            self.cases.push(case);
            return;
        };
        // The facts as told so far, whatever types they have.
        let mut told: BTreeMap<_, _> = case.facts.clone();
        for change in case.events.iter().filter(|event| event.id.starts_with("facts@")) {
            told.extend(change.data.clone());
        }
        let other: Values = telling
            .facts
            .iter()
            .filter(|(name, value)| told.get(*name) != Some(value))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        for event in events {
            add(case, event);
        }
        if part_of.is_some() {
            case.part_of = part_of;
        }
        if other.is_empty() {
            return;
        }
        let id = format!("facts@{recorded}");
        match case.events.iter_mut().find(|event| event.id == id) {
            // Changes of one instant are one change.
            Some(change) => change.data.extend(other),
            None => {
                let at = Instant::from_millis(recorded);
                case.events.push(Event { id, kind: "facts".to_owned(), at, by: None, role: None, data: other });
            }
        }
        self.settle();
    }

    /// Changes of facts stand after all else of their instant.
    fn settle(&mut self) {
        for case in &mut self.cases {
            case.events.sort_by_key(|event| (event.at, event.id.starts_with("facts@")));
        }
    }

    pub fn event(&mut self, case: &str, event: &Event) {
        self.record();
        if let Some(case) = self.cases.iter_mut().find(|known| known.id == case) {
            add(case, event.clone());
        }
        self.settle();
    }

    /// The steps that change the law alone.
    pub fn legislate(&mut self, step: &Step) {
        let law = &mut self.law;
        let last = law.versions.last_mut().unwrap();
        match step {
            Step::Edit(clause) => {
                if let Some(known) = last.clauses.iter_mut().find(|known| known.id == clause.id) {
                    // What others hang on stays a deadline; what looks at many cases stays so.
                    let keeps = known.id != "1" && std::mem::discriminant(&known.form) != std::mem::discriminant(&clause.form);
                    if !keeps {
                        *known = clause.clone();
                    }
                }
            }
            Step::Add(clause) if last.clauses.iter().all(|known| known.id != clause.id) => last.clauses.push(clause.clone()),
            // The first is there for those that hang on it.
            Step::Remove(index) if last.clauses.len() > 1 => {
                last.clauses.remove(1 + index.index(last.clauses.len() - 1));
            }
            Step::Version(day, clause) => {
                let effective = super::random::date(*day);
                if last.effective < effective
                    && law.versions.len() < 3
                    && law.versions.iter().all(|version| version.clauses.iter().all(|clause| !clause.version_latest))
                {
                    let mut next = law.versions.last().unwrap().clone();
                    next.effective = effective;
                    law.versions.push(next);
                    self.legislate(&Step::Edit(clause.clone()));
                }
            }
            Step::Figure(figure) => last.figure = *figure,
            Step::Company(figure) => law.figure = *figure,
            Step::Holiday(date) => {
                let mut holidays = law.calendar.holidays.clone();
                holidays.insert(*date);
                let calendar = &law.calendar;
                law.calendar = super::clock::Calendar::new(calendar.zone, calendar.week.clone(), holidays, calendar.dates.clone());
            }
            Step::Posts(posts) => law.posts.clone_from(posts),
            _ => {}
        }
    }
}

/// The first telling of an event stays.
fn add(case: &mut Case, event: Event) {
    if case.events.iter().all(|known| known.id != event.id) {
        case.events.push(event);
        case.events.sort_by_key(|event| event.at);
    }
}
