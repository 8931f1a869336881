//! Random cases: few instants, so that events coincide; facts that are missing, empty, of another type, or change.

use chrono::TimeDelta;
use duly::{
    case::{Case, Event, Value, Values},
    time::Instant,
};
use proptest::{
    collection::vec,
    option::weighted,
    prelude::{Just, Strategy, prop_oneof},
    sample::{Index, select},
};

use super::{
    clock::{DAY, HOUR, MINUTE, Ms},
    model::{EVENTS, PEOPLE, ROLES, Waiver},
    random::date,
};

/// 2026-02-09T00:00 in UTC.
pub fn base() -> Ms {
    date(0).and_hms_opt(0, 0, 0).unwrap().and_utc().timestamp_millis()
}

/// An instant of a wide calendar, mostly on whole hours.
pub fn instant() -> impl Strategy<Value = Ms> {
    let offset = prop_oneof![6 => Just(0), 1 => Just(30 * MINUTE), 1 => Just(MINUTE + 1), 1 => Just(999)];
    (0_i64..30, select(vec![0_i64, 1, 5, 8, 9, 10, 13, 16, 23]), offset)
        .prop_map(|(day, hour, offset)| base() + day * DAY + hour * HOUR + offset)
}

/// The instants from which those of one scenario are taken.
pub fn pool() -> impl Strategy<Value = Vec<Ms>> {
    vec(instant(), 4..9)
}

fn known(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Option<Value>> {
    weighted(0.7, value)
}

/// Facts, some of them missing, empty or of another type.
pub fn facts() -> impl Strategy<Value = Values> {
    let text = |list: Vec<&'static str>| select(list).prop_map(|text| Value::Text(text.to_owned()));
    let instant = instant().prop_map(|at| Value::Text(chrono::DateTime::from_timestamp_millis(at).unwrap().to_rfc3339()));
    let day = (0_i64..30).prop_map(|day| Value::Text((date(0) + TimeDelta::days(day)).to_string()));
    let units = prop_oneof![
        8 => (0_i64..8).prop_map(Value::Int),
        1 => Just(Value::Null),
        1 => Just(Value::Text("many".to_owned())),
    ];
    (
        known(text(vec!["low", "high"])),
        known(units),
        known(proptest::bool::ANY.prop_map(Value::Bool)),
        known(text(vec!["li", "wu"])),
        known(select(vec!["9.5", "10.5", "12"]).prop_map(|text| Value::Decimal(text.parse().unwrap()))),
        known(day),
        known(instant),
    )
        .prop_map(|(grade, units, urgent, adviser, price, due_on, due_at)| {
            let names = ["grade", "units", "urgent", "adviser", "price", "due_on", "due_at"];
            let values = [grade, units, urgent, adviser, price, due_on, due_at];
            names.iter().zip(values).filter_map(|(name, value)| Some(((*name).to_owned(), value?))).collect()
        })
}

fn data() -> impl Strategy<Value = Values> {
    let text = |list: Vec<&'static str>| select(list).prop_map(|text| Value::Text(text.to_owned()));
    let signatures = select(vec![vec![], vec!["ann"], vec!["ann", "bob"]]);
    let signatures = signatures.prop_map(|list| Value::List(list.into_iter().map(|name| Value::Text(name.to_owned())).collect()));
    (
        known(text(vec!["A", "B"])),
        known((0_i64..5).prop_map(Value::Int)),
        known(proptest::bool::ANY.prop_map(Value::Bool)),
        weighted(0.2, (0_i64..4).prop_map(Value::Int)),
        weighted(0.2, signatures),
    )
        .prop_map(|(part, qty, good, copies, signatures)| {
            let values = [("part", part), ("qty", qty), ("good", good), ("copies", copies), ("signatures", signatures)];
            values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
        })
}

/// An event of a job: its instant is to be taken from the pool.
pub fn event() -> impl Strategy<Value = (Index, Event)> {
    let kind = prop_oneof![8 => select(vec!["asked", "asked", "answered", "answered", "approved", "shipped"]), 3 => select(&EVENTS[..8]), 1 => Just("closed")];
    let told = (kind, weighted(0.7, select(&PEOPLE[..])), weighted(0.5, select(&ROLES[..])), data());
    let told = told.prop_map(|(kind, by, role, data)| (kind, by, role, data));
    let facts = facts().prop_map(|facts| ("facts", None, None, facts));
    (proptest::arbitrary::any::<Index>(), prop_oneof![8 => told, 1 => facts]).prop_map(|(index, (kind, by, role, data))| {
        let event = Event {
            id: String::new(),
            kind: kind.to_owned(),
            at: Instant::from_millis(0),
            by: by.map(str::to_owned),
            role: role.map(str::to_owned),
            data,
        };
        (index, event)
    })
}

/// A job, and whether it is part of the site; `number` makes its name.
fn job() -> impl Strategy<Value = (Values, Vec<(Index, Event)>, bool)> {
    (facts(), vec(event(), 0..12), proptest::bool::weighted(0.3))
}

/// Puts events in time, and names them; those of other cases bear the same names.
fn placed(events: Vec<(Index, Event)>, pool: &[Ms]) -> Vec<Event> {
    let name = |(number, (index, event)): (usize, (Index, Event))| Event {
        id: format!("e{number}"),
        at: Instant::from_millis(*index.get(pool)),
        ..event
    };
    let mut events: Vec<Event> = events.into_iter().enumerate().map(name).collect();
    events.sort_by_key(|event| event.at);
    events
}

/// Some jobs, and a site on which it rains.
pub fn cases(pool: Vec<Ms>) -> impl Strategy<Value = Vec<Case>> {
    let rain = vec(proptest::arbitrary::any::<Index>(), 0..3);
    (vec(job(), 1..4), rain).prop_map(move |(jobs, rain)| {
        let rained = |index: Index| {
            let event = Event {
                id: String::new(),
                kind: "rained".to_owned(),
                at: Instant::from_millis(0),
                by: None,
                role: None,
                data: Values::new(),
            };
            (index, event)
        };
        let site = Case {
            id: "S".to_owned(),
            kind: "site".to_owned(),
            part_of: None,
            facts: Values::new(),
            events: placed(rain.into_iter().map(rained).collect(), &pool),
        };
        let job = |(number, (facts, events, member)): (usize, (Values, Vec<(Index, Event)>, bool))| {
            let id = format!("J{number}");
            Case { events: placed(events, &pool), part_of: member.then(|| "S".to_owned()), kind: "job".to_owned(), facts, id }
        };
        let mut cases: Vec<Case> = jobs.into_iter().enumerate().map(job).collect();
        cases.push(site);
        cases
    })
}

pub fn waivers(pool: Vec<Ms>) -> impl Strategy<Value = Vec<Waiver>> {
    let instance = prop_oneof![
        2 => Just(None),
        1 => (0_usize..6).prop_map(|event| Some(format!("e{event}"))),
        1 => (0_usize..3, 0_usize..6).prop_map(|(case, event)| Some(format!("J{case}-e{event}"))),
        1 => select(vec!["case", "limit", "level"]).prop_map(|name| Some(name.to_owned())),
    ];
    let waiver = (0_usize..2, 0_usize..2, instance, select(pool.clone()), select(pool)).prop_map(|(case, clause, instance, a, b)| Waiver {
        case: format!("J{case}"),
        clause: format!("{}/{clause}", super::model::POLICY),
        instance,
        from: a.min(b),
        until: a.max(b),
    });
    vec(waiver, 0..3)
}

/// Long after everything.
pub fn late() -> Ms {
    base() + 50 * DAY
}

/// When to judge: at an instant of the pool, beside one, or long after.
pub fn as_of(pool: Vec<Ms>) -> impl Strategy<Value = Ms> {
    prop_oneof![
        4 => (select(pool), select(vec![0_i64, 0, 1, -1, HOUR, DAY])).prop_map(|(at, offset)| at + offset),
        2 => instant(),
        2 => Just(late()),
    ]
}
