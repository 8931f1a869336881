//! Working-time facts taken from the tests of other projects, held against ours.
//!
//! The data is `tests/time/worktime_examples.json`. Rows of the five ops that [`duly::time::answer`] knows
//! must come out; rows of other ops are out of scope, by name; where the libraries disagree, the
//! tables below say which answer is ours, and why.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use chrono::NaiveDate;
use duly::time::{Calendar, CalendarSpec, DateHours, Hours, Instant, TimeError, Zone, answer, parse_date};
use serde_json::{Value, json};

/// Ops without a counterpart: how other libraries add days, roll backwards or list intervals.
const OUT_OF_SCOPE: [&str; 5] = ["add_days", "add_workdays", "count_workdays", "open_intervals", "prev_open"];

/// Rows of our ops on which the libraries disagree and the recorded answer is ours.
const AGREED: [(&str, &str); 8] = [
    ("working_hours-049", "the next close is strictly after the instant, so at closing it is the next day's"),
    ("working_hours-051", "the same at the lunch break: closing at noon is past, the next is 18:00"),
    ("working_hours-075", "a reversed range is negative, so that between(s, add(s, n)) = n for negative n too"),
    ("business_time-017", "a due instant may be a closing instant; it never jumps to the next opening"),
    ("businesstimedelta-002", "the same"),
    ("businesstimedelta-007", "the same, after a week with lunch breaks"),
    ("zammad-021", "the same, with a pause"),
    ("zammad-028", "the same, paused from the start"),
];

/// The row whose recorded answer is ours, of a pause outside hours.
const OUTSIDE: (&str, &str) = ("issue-014", "a pause wholly outside working hours moves nothing, nor does closing");

/// Rows whose recorded answer is not ours: id, our answer, why.
const OURS: [(&str, i64, &str); 2] = [
    ("biz-018", -142_200, "a reversed range is negative; biz clamps it to 0"),
    ("working_hours-083", 90_000, "elapsed time is measured on the UTC line: the Sunday of the clock change has 25 hours"),
];

fn data() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/time/worktime_examples.json");
    serde_json::from_str(&fs::read_to_string(&path).expect("the examples")).expect("well-formed examples")
}

fn minute(text: &Value) -> u16 {
    let (hour, minute) = text.as_str().and_then(|text| text.split_once(':')).expect("a time of day");
    hour.parse::<u16>().expect("an hour") * 60 + minute.parse::<u16>().expect("a minute")
}

fn hours(spans: &Value) -> Vec<Hours> {
    let spans = spans.as_array().expect("a list of spans");
    spans.iter().map(|span| Hours { from: minute(&span[0]), to: minute(&span[1]) }).collect()
}

/// Hours without the breaks in them.
fn without(hours: Vec<Hours>, breaks: &[Hours]) -> Vec<Hours> {
    breaks.iter().fold(hours, |hours, pause| {
        let parts =
            |span: Hours| [Hours { from: span.from, to: span.to.min(pause.from) }, Hours { from: span.from.max(pause.to), to: span.to }];
        hours.into_iter().flat_map(parts).filter(|span| span.from < span.to).collect()
    })
}

fn calendar(name: &str, raw: &Value) -> Calendar {
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let week = days.map(|day| hours(&raw["week"][day]));
    let by_date = |key: &str| -> BTreeMap<NaiveDate, Vec<Hours>> {
        let rows = raw[key].as_object().expect("a map of dates");
        rows.iter().map(|(date, spans)| (parse_date(date).expect("a date"), hours(spans))).collect()
    };
    let mut dates = by_date("dates");
    for (date, breaks) in by_date("breaks") {
        let weekday = chrono::Datelike::weekday(&date).num_days_from_monday() as usize;
        let own = dates.remove(&date).unwrap_or_else(|| week[weekday].clone());
        dates.insert(date, without(own, &breaks));
    }
    // A date without hours is a holiday there; here holidays are named, and hours beat them.
    let (open, closed): (Vec<_>, Vec<_>) = dates.into_iter().partition(|(_, hours)| !hours.is_empty());
    Calendar::new(CalendarSpec {
        name: name.to_owned(),
        zone: Zone::parse(raw["tz"].as_str().expect("a zone")).expect("a known zone"),
        week,
        holidays: closed.into_iter().map(|(date, _)| (date, date, "closed".to_owned())).collect(),
        dates: open.into_iter().map(|(date, hours)| (date, DateHours::Own(hours))).collect(),
        covers: None,
    })
    .expect("a sound calendar")
}

fn same(a: &Value, b: &Value) -> bool {
    match (a.as_str(), b.as_str()) {
        (Some(a), Some(b)) => Instant::parse(a, Zone::UTC).expect("an instant") == Instant::parse(b, Zone::UTC).expect("an instant"),
        _ => a == b,
    }
}

#[test]
fn worktime_examples_come_out() {
    let data = data();
    let calendars: BTreeMap<String, Arc<Calendar>> =
        data["calendars"].as_object().expect("calendars").iter().map(|(name, raw)| (name.clone(), Arc::new(calendar(name, raw)))).collect();
    let look_up = |name: &str| calendars.get(name).cloned().ok_or_else(|| TimeError::new("unknown calendar", "未知日历"));
    let agreed: BTreeMap<&str, &str> = AGREED.into_iter().chain([OUTSIDE]).collect();
    let mut wrong = Vec::new();
    let (mut held, mut outside, mut differing) = (0, 0, 0);
    for case in data["cases"].as_array().expect("cases") {
        let id = case["id"].as_str().expect("an id");
        if OUT_OF_SCOPE.contains(&case["op"].as_str().expect("an op")) {
            outside += 1;
            continue;
        }
        let ours = OURS.iter().find(|(row, ..)| *row == id);
        if case.get("differ").is_some() {
            differing += 1;
            assert!(ours.is_some() || agreed.contains_key(id), "{id}: the libraries disagree, so a table must say what is ours");
        }
        let expected = ours.map_or_else(|| case["expected"].clone(), |(_, seconds, _)| json!(seconds));
        let answer = answer(case, look_up);
        assert_eq!(answer["id"], case["id"]);
        if !same(&answer["result"], &expected) {
            wrong.push(format!("{id}: expected {expected}, found {answer}"));
        }
        held += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!((held, outside, differing), (55, 28, AGREED.len() + 1 + OURS.len()));
}
