//! What random models are made of: few names and few instants, so that ties, misses and coincidences are common.

use chrono::NaiveDate;
use chrono_tz::Tz;
use proptest::{
    collection::vec,
    option::{of, weighted},
    prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof},
    sample::{select, subsequence},
};

use super::{
    clock::{Calendar, Hours, Span},
    model::{Amount, EVENTS, Matcher, One, PEOPLE, Post, ROLES},
};

/// Conditions on the case.
pub const CASE: [&str; 16] = [
    "units > 3",
    "units <= figure",
    "grade == \"high\"",
    "grade != \"low\"",
    "urgent",
    "!urgent",
    "known(\"units\") && units > 3",
    "known(\"grade\") && grade == \"high\"",
    "has(\"held\")",
    "count(\"asked\") > 1",
    "price > 10.5",
    "people(\"approved\") > 1",
    "sum(\"answered\", \"qty\") > 3",
    "last(\"answered\") > first(\"asked\")",
    "urgent && units > 3",
    "urgent || units > 3",
];

/// Conditions on an event at hand.
pub const EVENT: [&str; 8] = [
    "data.good",
    "data.qty > 2",
    "known(data, \"good\") && data.good",
    "by == \"ann\"",
    "known(\"by\") && by != \"bob\"",
    "data.qty > units",
    "data.part == \"A\"",
    "urgent",
];

/// Those of which it can always be told whether they hold.
pub const SURE: [&str; 2] = ["known(data, \"good\") && data.good", "known(\"by\") && by != \"bob\""];

pub fn text(list: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(list).prop_map(str::to_owned)
}

pub fn span() -> impl Strategy<Value = Span> {
    select(vec![
        Span::Minutes(30),
        Span::Minutes(24 * 60),
        Span::Days(1),
        Span::Days(2),
        Span::Days(10),
        Span::Months(1),
        Span::WorkingMinutes(60),
        Span::WorkingMinutes(600),
        Span::WorkingDays(1),
        Span::WorkingDays(3),
        Span::SameDay,
    ])
}

pub fn spans() -> BoxedStrategy<Amount<Span>> {
    prop_oneof![
        6 => span().prop_map(Amount::Is),
        2 => text(&["=days(units)", "=hours(units)", "=working_hours(units)", "=working_days(units)", "=hours(figure)"]).prop_map(Amount::Computed),
        2 => (span(), span()).prop_map(|(low, high)| Amount::ByGrade { low: Some(low), high: Some(high), otherwise: None }),
        1 => (span(), span()).prop_map(|(high, other)| Amount::ByGrade { low: None, high: Some(high), otherwise: Some(other) }),
    ]
    .boxed()
}

pub fn levels() -> BoxedStrategy<Amount<i64>> {
    prop_oneof![
        4 => (0_i64..6).prop_map(Amount::Is),
        1 => Just(Amount::Computed("=figure".to_owned())),
        1 => Just(Amount::Computed("=units".to_owned())),
        1 => (0_i64..6, 0_i64..6).prop_map(|(low, high)| Amount::ByGrade { low: Some(low), high: Some(high), otherwise: None }),
    ]
    .boxed()
}

fn types() -> impl Strategy<Value = Vec<&'static str>> + Clone {
    prop_oneof![
        8 => select(&EVENTS[..]).prop_map(|name| vec![name]),
        2 => subsequence(&EVENTS[..], 2),
        1 => Just(vec!["*"]),
        1 => Just(vec!["opened"]),
    ]
}

/// An alternative over some types; conditions that may not be told only where `doubt` says so.
fn one(types: impl Strategy<Value = Vec<&'static str>> + Clone + 'static, doubt: bool) -> BoxedStrategy<One> {
    let plain = types.clone().prop_map(|events| One { events, ..One::default() });
    let narrow = (types.clone(), of(select(&ROLES[..])), weighted(0.3, select(&PEOPLE[..]))).prop_map(|(events, role, by)| One {
        events,
        role,
        by,
        ..One::default()
    });
    let conditions: &'static [&'static str] = if doubt { &EVENT } else { &SURE };
    let condition = (types, text(conditions)).prop_map(|(events, when)| One { events, when: Some(when), ..One::default() });
    prop_oneof![4 => plain, 1 => narrow, 2 => condition].boxed()
}

/// A matcher of these types, mostly; one of which it can always be told whether it matches, unless `doubt`.
pub fn usually(names: &'static [&'static str], doubt: bool) -> BoxedStrategy<Matcher> {
    let parent = Just(One { events: vec!["rained"], of_parent: true, ..One::default() });
    let named = || one(select(names).prop_map(|name| vec![name]), doubt);
    prop_oneof![
        4 => select(names).prop_map(|name| Matcher(vec![One { events: vec![name], ..One::default() }])),
        4 => named().prop_map(|one| Matcher(vec![one])),
        1 => one(types(), doubt).prop_map(|one| Matcher(vec![one])),
        1 => (named(), one(types(), doubt)).prop_map(|(named, other)| Matcher(vec![named, other])),
        1 => parent.prop_map(|one| Matcher(vec![one])),
    ]
    .boxed()
}

pub fn date(day: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 2, 9).unwrap() + chrono::TimeDelta::days(day)
}

pub fn calendar() -> impl Strategy<Value = Calendar> {
    let zone = prop_oneof![3 => Just(Tz::Asia__Shanghai), 1 => Just(Tz::Europe__Amsterdam), 1 => Just(Tz::UTC)];
    let day = || {
        let shapes: Vec<Hours> = vec![
            vec![(9 * 60, 12 * 60), (13 * 60, 18 * 60)],
            vec![(9 * 60, 17 * 60)],
            vec![(0, 1440)],
            vec![(22 * 60, 30 * 60)],
            vec![(8 * 60 + 30, 12 * 60), (20 * 60, 26 * 60)],
        ];
        select(shapes)
    };
    let holidays = proptest::collection::btree_set((0_i64..60).prop_map(date), 0..12);
    let dates = proptest::collection::btree_map((0_i64..60).prop_map(date), day(), 0..3);
    (zone, day(), day(), weighted(0.2, day()), holidays, dates).prop_map(|(zone, most, friday, saturday, holidays, dates)| {
        let mut week: [Hours; 7] = std::array::from_fn(|_| most.clone());
        week[4] = friday;
        week[5] = saturday.unwrap_or_default();
        week[6] = Hours::new();
        // Hours over midnight must not run into those of the next day.
        if most.iter().any(|(from, _)| *from < 360) || week[4].iter().any(|(from, _)| *from < 360) {
            week = std::array::from_fn(|day| if day < 5 { vec![(0, 1440)] } else { Hours::new() });
        }
        let late = |hours: &Hours| hours.iter().any(|(from, to)| *to > 1440 || *from < 360);
        let dates = dates.into_iter().filter(|(_, hours)| !late(hours)).collect();
        if late(&week[5]) {
            week[5] = Hours::new();
        }
        Calendar::new(zone, week, holidays, dates)
    })
}

pub fn posts() -> impl Strategy<Value = Vec<Post>> {
    let post = (select(&ROLES[..]), select(&PEOPLE[..]), any::<bool>(), weighted(0.3, 0_i64..30), weighted(0.3, 0_i64..30));
    let post =
        post.prop_map(|(role, person, deputy, from, until)| Post { role, person, deputy, from: from.map(date), until: until.map(date) });
    vec(post, 0..5)
}
