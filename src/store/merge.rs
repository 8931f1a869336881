//! How a case that is sent again changes the stored one. Replaying the journal goes through the same function as the
//! import did, and merging what was new has the same outcome as merging all.

use std::collections::HashSet;

use crate::case::{Case, CaseRecord, Event, EventRecord, FactSet, Values};
use crate::time::Instant;

/// From this many comparisons of ids on, a set is cheaper than looking through the list.
const MANY: usize = 256;

/// What a merge found.
#[derive(Debug, Default)]
pub(super) struct Merged {
    /// Only what was new; absent when nothing was.
    pub(super) news: Option<Case>,
    /// Events that were new.
    pub(super) events_new: u64,
    /// Events that were known.
    pub(super) events_same: u64,
    /// Those among the known whose content is another now; the first one stays.
    pub(super) events_differing: u64,
}

/// The record of a case that was not known.
pub(super) fn first(case: Case, recorded: Instant) -> CaseRecord {
    let mut record = CaseRecord {
        id: case.id,
        kind: case.kind,
        part_of: case.part_of,
        facts: vec![FactSet { recorded, values: case.facts }],
        events: Vec::with_capacity(case.events.len()),
    };
    record.events.extend(case.events.into_iter().map(|event| EventRecord { recorded, retracted: None, event }));
    sort(&mut record.events);
    record
}

/// Leaves one event of each id, the first.
pub(super) fn drop_repeats(case: &mut Case) -> u64 {
    let before = case.events.len();
    if before <= 16 {
        let mut kept = 0;
        while kept < case.events.len() {
            let (known, rest) = case.events.split_at(kept);
            let repeats = rest.first().is_some_and(|event| known.iter().any(|other| other.id == event.id));
            if repeats {
                case.events.remove(kept);
            } else {
                kept += 1;
            }
        }
    } else {
        let ids: Vec<String> = case.events.iter().map(|event| event.id.clone()).collect();
        let mut seen = HashSet::with_capacity(before);
        let mut fresh = ids.iter().map(|id| seen.insert(id.as_str()));
        case.events.retain(|_| fresh.next().unwrap_or(true));
    }
    count(before - case.events.len())
}

/// Takes into `record` what `case` adds to it.
pub(super) fn merge(record: &mut CaseRecord, case: Case, recorded: Instant) -> Merged {
    let mut merged = Merged::default();
    let facts = changed_facts(record, case.facts);
    let part_of = case.part_of.filter(|part_of| record.part_of.as_ref() != Some(part_of));
    let events = new_events(record, case.events, &mut merged);
    merged.events_new = count(events.len());
    if facts.is_empty() && part_of.is_none() && events.is_empty() {
        return merged;
    }
    if !facts.is_empty() {
        add_facts(record, &facts, recorded);
    }
    if part_of.is_some() {
        record.part_of.clone_from(&part_of);
    }
    add_events(record, events.iter().cloned(), recorded);
    merged.news = Some(Case { id: case.id, kind: case.kind, part_of, facts, events });
    merged
}

/// Adds events that are known to be new.
pub(super) fn add_events(record: &mut CaseRecord, events: impl Iterator<Item = Event>, recorded: Instant) {
    record.events.extend(events.map(|event| EventRecord { recorded, retracted: None, event }));
    sort(&mut record.events);
}

/// The sort is stable and new events stand last, so that equal instants keep the order of arrival.
fn sort(events: &mut [EventRecord]) {
    if !events.is_sorted_by_key(|event| event.event.at) {
        events.sort_by_key(|event| event.event.at);
    }
}

fn changed_facts(record: &CaseRecord, mut facts: Values) -> Values {
    facts.retain(|name, value| {
        let stored = record.facts.iter().rev().find_map(|set| set.values.get(name));
        stored != Some(value)
    });
    facts
}

/// Sets after the first that were recorded in the same millisecond are one, since their instant is their identity.
fn add_facts(record: &mut CaseRecord, facts: &Values, recorded: Instant) {
    match record.facts.as_mut_slice() {
        [_, .., last] if last.recorded == recorded => last.values.extend(facts.clone()),
        _ => record.facts.push(FactSet { recorded, values: facts.clone() }),
    }
}

fn new_events(record: &CaseRecord, events: Vec<Event>, merged: &mut Merged) -> Vec<Event> {
    let ids: Option<HashSet<&str>> = (record.events.len().saturating_mul(events.len()) > MANY)
        .then(|| record.events.iter().map(|known| known.event.id.as_str()).collect());
    let mut fresh = Vec::new();
    for event in events {
        if ids.as_ref().is_some_and(|ids| !ids.contains(event.id.as_str())) {
            fresh.push(event);
            continue;
        }
        match record.events.iter().find(|known| known.event.id == event.id) {
            None => fresh.push(event),
            Some(known) => {
                merged.events_same += 1;
                merged.events_differing += u64::from(known.event != event);
            }
        }
    }
    fresh
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
