//! Random histories: what may happen to a company between two nights, in any order.

use chrono::NaiveDate;
use duly::{
    case::{Event, Values},
    time::Instant,
};
use proptest::{
    arbitrary::any,
    collection::vec,
    option::weighted,
    prelude::{BoxedStrategy, Just, Strategy, prop_oneof},
    sample::{Index, select},
};

use super::{
    clock::{DAY, HOUR, Ms},
    model::{Clause, Law, Post, Waiver},
    random::{date, posts},
    random_case::{self, base, facts},
    random_clause::{clause, form, law},
};

/// What a source says of one case.
#[derive(Clone, Debug)]
pub struct Telling {
    pub case: String,
    pub facts: Values,
    pub events: Vec<Event>,
    pub member: bool,
}

#[derive(Clone, Debug)]
pub enum Step {
    Import(Vec<Telling>),
    Event(String, Event),
    Retract(Index),
    /// So much later; earlier, when negative.
    Clock(Ms),
    Edit(Clause),
    Add(Clause),
    Remove(Index),
    /// A version that holds from a date.
    Version(i64, Clause),
    Figure(i64),
    Company(Option<i64>),
    Holiday(NaiveDate),
    Posts(Vec<Post>),
    Waive(Waiver),
    Nothing,
}

/// A beginning and what follows.
#[derive(Clone, Debug)]
pub struct History {
    pub law: Law,
    pub steps: Vec<Step>,
}

/// The forms that a clause may have by itself, in a history.
const FORMS: [&str; 11] =
    ["deadline", "deadline", "approval", "threshold", "grid", "order", "record", "retention", "limit", "separation", "forbid"];

/// An event with one of few ids, so that it may be known already; rain comes after everything else.
fn event(case: usize, pool: Vec<Ms>) -> impl Strategy<Value = Event> {
    (0_usize..10, random_case::event()).prop_map(move |(number, (index, event))| Event {
        id: format!("J{case}-e{number}"),
        at: Instant::from_millis(*index.get(&pool)),
        ..event
    })
}

fn telling(pool: Vec<Ms>) -> BoxedStrategy<Telling> {
    let job = (0_usize..5).prop_flat_map(move |case| {
        (facts(), vec(event(case, pool.clone()), 1..6), any::<bool>()).prop_map(move |(facts, events, member)| Telling {
            case: format!("J{case}"),
            facts,
            events,
            member,
        })
    });
    let rain = (0_i64..6, 0_usize..4).prop_map(|(hours, number)| Telling {
        case: "S".to_owned(),
        facts: Values::new(),
        events: vec![Event {
            id: format!("S-e{number}"),
            kind: "rained".to_owned(),
            at: Instant::from_millis(base() + 31 * DAY + hours * HOUR),
            by: None,
            role: None,
            data: Values::new(),
        }],
        member: false,
    });
    prop_oneof![6 => job, 1 => rain].boxed()
}

fn step(pool: Vec<Ms>) -> BoxedStrategy<Step> {
    let clauses = || (0_usize..3, select(&FORMS[..])).prop_flat_map(|(id, name)| clause(id, form(name), false));
    let added = (3_usize..5, select(&FORMS[..])).prop_flat_map(|(id, name)| clause(id, form(name), false));
    let clock = select(vec![0, 1, HOUR, HOUR, 5 * HOUR, DAY, DAY, 3 * DAY, 10 * DAY, 40 * DAY, -HOUR, -5 * DAY]);
    let told = (0_usize..5, pool.clone()).1;
    let one =
        (0_usize..5).prop_flat_map(move |case| event(case, told.clone()).prop_map(move |event| Step::Event(format!("J{case}"), event)));
    let waivers = random_case::waivers(pool.clone()).prop_filter_map("none", |list| list.into_iter().next().map(Step::Waive));
    let version = (0_i64..30, clauses()).prop_map(|(day, clause)| Step::Version(day, clause));
    prop_oneof![
        5 => vec(telling(pool), 1..4).prop_map(Step::Import),
        3 => one,
        1 => any::<Index>().prop_map(Step::Retract),
        6 => clock.prop_map(Step::Clock),
        2 => clauses().prop_map(Step::Edit),
        1 => added.prop_map(Step::Add),
        1 => any::<Index>().prop_map(Step::Remove),
        1 => version,
        1 => (1_i64..6).prop_map(Step::Figure),
        1 => weighted(0.7, 1_i64..6).prop_map(Step::Company),
        1 => (0_i64..60).prop_map(|day| Step::Holiday(date(day))),
        1 => posts().prop_map(Step::Posts),
        2 => waivers,
        1 => Just(Step::Nothing),
    ]
    .boxed()
}

/// A law of three clauses, the third of which looks at the first or at many cases; sometimes.
pub fn histories(length: usize) -> impl Strategy<Value = History> {
    let third = select(vec!["chase", "on_time", "quota", "target", "approval", "limit"]);
    (select(&FORMS[..]), select(&FORMS[..]), third, random_case::pool()).prop_flat_map(move |(first, second, third, pool)| {
        let first = if third == "chase" || third == "on_time" { "deadline" } else { first };
        let begin = vec(telling(pool.clone()), 2..5).prop_map(Step::Import);
        (law(vec![first, second, third]), begin, vec(step(pool), 3..length)).prop_map(|(law, begin, mut steps)| {
            steps.insert(0, begin);
            History { law, steps }
        })
    })
}
