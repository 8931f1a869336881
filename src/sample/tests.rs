//! What a user of the sample relies on.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Sample, generate,
    month::{CUT_OFF, DAY, instant},
    people, recorded,
};

#[test]
fn a_shorter_sample_is_the_beginning_of_a_longer_one() {
    let long: Vec<_> = generate(500, 7).collect();
    let short: Vec<_> = generate(120, 7).collect();
    assert!(long.starts_with(&short));
    assert_ne!(long, generate(500, 8).collect::<Vec<_>>());
}

#[test]
fn every_kind_is_among_the_first() {
    let kinds: BTreeSet<String> = generate(128, 1).map(|case| case.kind).collect();
    assert!(recorded().keys().eq(&kinds), "{kinds:?}");
    assert_eq!(kinds.len(), 59, "{kinds:?}");
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
    assert!(strangers < 40, "{strangers}");
}

#[test]
fn a_year_has_cases_in_every_month_and_fewer_days_lie_at_its_end() {
    let first = |sample: Sample| -> Vec<i64> {
        let begun = |index| sample.case_at(index).events.first().map_or(0, |event| event.at.millis());
        (128..1128).map(begun).collect()
    };
    let year = first(Sample::of(4));
    for month in 0..12 {
        let (from, until) = (instant((29 - 30 * (month + 1)) * DAY).millis(), instant((29 - 30 * month) * DAY).millis());
        assert!(year.iter().filter(|at| (from..until).contains(at)).count() > 30, "{month}");
    }
    let quarter = first(Sample { days: 90, ..Sample::of(4) });
    // Standing cases stand for longer.
    let earlier = quarter.iter().filter(|at| **at < instant(-61 * DAY).millis()).count();
    assert!(earlier < 60, "{earlier}");
}

#[test]
fn mishaps_come_in_their_stated_share() {
    for mishaps in [0, 8, 30] {
        let sample = Sample { mishaps, ..Sample::of(6) };
        let wrong = (128..20_128).filter(|index| sample.goes_wrong(*index)).count();
        let stated = 200 * usize::try_from(mishaps).unwrap_or(0);
        assert!(wrong.abs_diff(stated) < 150, "{wrong} of 20,000 at {mishaps} in a hundred");
    }
    assert!((0..128).all(|index| !Sample { mishaps: 0, ..Sample::of(6) }.goes_wrong(index)));
}
