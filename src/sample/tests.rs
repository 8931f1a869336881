//! What a user of the sample relies on.

use std::collections::{BTreeMap, BTreeSet};

use super::{generate, month::CUT_OFF, month::instant, people};

const KINDS: usize = 22;

#[test]
fn a_shorter_sample_is_the_beginning_of_a_longer_one() {
    let long: Vec<_> = generate(500, 7).collect();
    let short: Vec<_> = generate(120, 7).collect();
    assert!(long.starts_with(&short));
    assert_ne!(long, generate(500, 8).collect::<Vec<_>>());
}

#[test]
fn every_kind_is_among_the_first() {
    let kinds: BTreeSet<String> = generate(40, 1).map(|case| case.kind).collect();
    assert_eq!(kinds.len(), KINDS, "{kinds:?}");
}

#[test]
fn cases_are_well_formed() {
    let mut ids = BTreeSet::new();
    for case in generate(20_000, 3) {
        assert!(!case.events.is_empty(), "{case:?}");
        assert!(case.events.is_sorted_by_key(|event| event.at), "{case:?}");
        assert!(case.events.iter().all(|event| event.at <= instant(CUT_OFF)), "{case:?}");
        assert_eq!(case.events.iter().map(|event| &event.id).collect::<BTreeSet<_>>().len(), case.events.len());
        assert!(case.part_of.as_ref().is_none_or(|parent| ids.contains(parent)), "{case:?}");
        assert!(ids.insert(case.id));
    }
}

#[test]
fn everyone_who_acts_is_listed_in_the_role() {
    let listed: BTreeMap<&str, Vec<&str>> = people().into_iter().collect();
    let mut strangers = 0;
    for event in generate(5000, 5).flat_map(|case| case.events) {
        if let (Some(by), Some(role)) = (&event.by, &event.role) {
            strangers += usize::from(!listed.get(role.as_str()).is_some_and(|names| names.contains(&by.as_str())));
        }
    }
    // A purchaser who accepts his own order does it in the keeper's role: a mishap, and rare.
    assert!(strangers < 60, "{strangers}");
}
