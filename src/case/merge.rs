//! Putting together what several lines say of one case.

use std::collections::HashMap;

use super::Case;

/// Joins cases of one id: events that are new are added in order, facts given later are added where they were not given; a kind that was empty is the one told first. The store
/// does the same with what it knows; this is for files that are judged without one.
pub fn merge(cases: &mut Vec<Case>) {
    let mut index: HashMap<String, usize> = HashMap::with_capacity(cases.len());
    let mut list: Vec<Case> = Vec::with_capacity(cases.len());
    for case in std::mem::take(cases) {
        match index.get(&case.id).and_then(|at| list.get_mut(*at)) {
            None => {
                index.insert(case.id.clone(), list.len());
                list.push(case);
            }
            Some(known) => {
                for event in case.events {
                    if !known.events.iter().any(|other| other.id == event.id) {
                        known.events.push(event);
                    }
                }
                known.events.sort_by_key(|event| event.at);
                for (name, value) in case.facts {
                    known.facts.entry(name).or_insert(value);
                }
                known.part_of = known.part_of.take().or(case.part_of);
                if known.kind.is_empty() {
                    known.kind = case.kind;
                }
            }
        }
    }
    *cases = list;
}
