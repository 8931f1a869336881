//! Tests of the module, and the calendars they share.

mod calendars;
mod clocks;
mod days;
mod laws;
mod ledgers;
mod oracle;
mod plain;
mod texts;
mod zones;

use chrono::NaiveDate;

use crate::time::{Calendar, CalendarSpec, Clock, DateHours, Hours, Instant, Pause, Span, Zone, parse_date, parse_dates, parse_hours};

pub(super) fn zone(name: &str) -> Zone {
    Zone::parse(name).unwrap()
}

pub(super) fn shanghai() -> Zone {
    zone("Asia/Shanghai")
}

pub(super) fn at(text: &str) -> Instant {
    Instant::parse(text, shanghai()).unwrap()
}

pub(super) fn span(text: &str) -> Span {
    Span::parse(text).unwrap()
}

pub(super) fn date(text: &str) -> NaiveDate {
    parse_date(text).unwrap()
}

pub(super) fn pause(from: &str, until: &str) -> Pause {
    Pause { from: at(from), until: at(until) }
}

pub(super) fn weekdays(hours: &str) -> [Vec<Hours>; 7] {
    std::array::from_fn(|day| parse_hours(if day < 5 { hours } else { "" }).unwrap())
}

pub(super) fn office(zone: Zone, hours: &str) -> Calendar {
    Calendar::new(CalendarSpec { name: "office".into(), zone, week: weekdays(hours), ..CalendarSpec::default() }).unwrap()
}

/// The Chinese calendar of 2026, with these hours on working days.
pub(super) fn china(hours: &str) -> Calendar {
    let holidays = [
        ("2026-01-01..2026-01-03", "元旦"),
        ("2026-02-15..2026-02-23", "春节"),
        ("2026-04-04..2026-04-06", "清明节"),
        ("2026-05-01..2026-05-05", "劳动节"),
        ("2026-06-19..2026-06-21", "端午节"),
        ("2026-09-25..2026-09-27", "中秋节"),
        ("2026-10-01..2026-10-07", "国庆节"),
    ];
    let make_up = ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"];
    Calendar::new(CalendarSpec {
        name: "china".into(),
        zone: shanghai(),
        week: weekdays(hours),
        holidays: holidays
            .iter()
            .map(|(dates, name)| {
                let (from, until) = parse_dates(dates).unwrap();
                (from, until, (*name).to_owned())
            })
            .collect(),
        dates: make_up.iter().map(|day| (date(day), DateHours::LikeWeekday(0))).collect(),
        covers: Some((date("2020-01-01"), date("2026-12-31"))),
    })
    .unwrap()
}

pub(super) const OFFICE: &str = "09:00-12:00 13:00-18:00";
pub(super) const WHOLE: &str = "00:00-24:00";

/// The due instant of a span from a start, in the zone of the calendar.
pub(super) fn due(clock: Clock<'_>, start: &str, length: &str, pauses: &[Pause]) -> String {
    let zone = clock.calendar.zone();
    clock.add(Instant::parse(start, zone).unwrap(), span(length), pauses).at.to_rfc3339(zone)
}
