//! Calendars.

use super::{OFFICE, WHOLE, at, china, date, office, shanghai, weekdays};
use crate::time::{Calendar, CalendarSpec, DateHours, Hours, Instant, Zone, parse_hours};

fn spec() -> CalendarSpec {
    CalendarSpec { name: "works".into(), zone: shanghai(), week: weekdays(OFFICE), ..CalendarSpec::default() }
}

fn refused(spec: CalendarSpec) -> String {
    Calendar::new(spec).unwrap_err().en
}

#[test]
fn unsound_calendars_are_refused() {
    assert!(refused(CalendarSpec { name: "empty".into(), ..CalendarSpec::default() }).contains("never open"));
    let closed = (date("0001-01-01"), date("9999-12-31"), "closed".to_owned());
    assert!(refused(CalendarSpec { holidays: vec![closed], ..spec() }).contains("never open"));
    let eighth = vec![(date("2026-01-04"), DateHours::LikeWeekday(7))];
    assert!(refused(CalendarSpec { dates: eighth, ..spec() }).contains("weekday"));
    let reversed = vec![(date("2026-01-04"), date("2026-01-03"), "x".to_owned())];
    assert!(refused(CalendarSpec { holidays: reversed, ..spec() }).contains("backwards"));
    let covers = Some((date("2026-12-31"), date("2026-01-01")));
    assert!(refused(CalendarSpec { covers, ..spec() }).contains("backwards"));
    let mut overlapping = spec();
    overlapping.week[0] = vec![Hours { from: 0, to: 60 }, Hours { from: 30, to: 90 }];
    assert!(refused(overlapping).contains("overlap"));
    // Open on one day only is open.
    let once = (date("2026-05-01"), DateHours::Own(parse_hours("09:00-10:00").unwrap()));
    let once = Calendar::new(CalendarSpec { week: Default::default(), dates: vec![once], ..spec() }).unwrap();
    assert_eq!(once.next_open(at("2020-01-01")), Some(at("2026-05-01T09:00")));
    assert_eq!(once.next_open(at("2026-05-01T10:00")), None);
    assert_eq!(once.next_close(at("2026-05-01T09:30")), Some(at("2026-05-01T10:00")));
    assert_eq!(once.next_close(at("2026-05-01T10:00")), None);
}

#[test]
fn dates_beat_holidays_and_holidays_beat_the_week() {
    let china = china(OFFICE);
    for (day, works) in [
        ("2026-09-18", true),
        ("2026-09-19", false),
        ("2026-09-20", true),
        ("2026-09-25", false),
        ("2026-10-01", false),
        ("2026-10-10", true),
        ("2026-10-11", false),
        ("2150-03-04", true),
    ] {
        assert_eq!(china.is_working_day(date(day)), works, "{day}");
    }
    assert_eq!(china.day_name(date("2026-10-03")), Some("国庆节"));
    assert_eq!(china.day_name(date("2026-10-08")), None);
    assert!(china.is_make_up(date("2026-09-20")) && !china.is_make_up(date("2026-09-18")));
    assert!(china.is_covered(date("2026-12-31")) && !china.is_covered(date("2027-01-01")));
    let inside = (date("2026-10-03"), DateHours::Own(parse_hours("10:00-11:00").unwrap()));
    let holiday = (date("2026-10-01"), date("2026-10-07"), "国庆节".to_owned());
    let works = Calendar::new(CalendarSpec { holidays: vec![holiday], dates: vec![inside], ..spec() }).unwrap();
    assert!(works.is_open(at("2026-10-03T10:30")) && !works.is_open(at("2026-10-02T10:30")));
    assert_eq!(works.day_name(date("2026-10-03")), Some("国庆节"));
}

#[test]
fn the_later_hours_of_a_date_hold() {
    let short = DateHours::Own(parse_hours("09:00-10:00").unwrap());
    let dates = vec![(date("2026-01-04"), DateHours::LikeWeekday(0)), (date("2026-01-04"), short)];
    let works = Calendar::new(CalendarSpec { dates, ..spec() }).unwrap();
    assert_eq!(works.close_of(date("2026-01-04")), Some(at("2026-01-04T10:00")));
}

#[test]
fn overlapping_holidays_keep_the_earlier_name() {
    let holidays = vec![
        (date("2026-02-10"), date("2026-02-12"), "b".to_owned()),
        (date("2026-02-01"), date("2026-02-28"), "a".to_owned()),
        (date("2026-02-27"), date("2026-03-02"), "c".to_owned()),
    ];
    let works = Calendar::new(CalendarSpec { holidays, ..spec() }).unwrap();
    let name = |day| works.day_name(date(day)).unwrap_or("-");
    assert_eq!(["2026-02-11", "2026-02-20", "2026-03-01", "2026-03-03"].map(name), ["a", "a", "c", "-"]);
}

#[test]
fn hours_over_midnight_belong_to_the_date_they_begin_on() {
    let friday_night = parse_hours("22:00-06:00").unwrap();
    let mut week: [Vec<Hours>; 7] = Default::default();
    week[4] = friday_night;
    // 2026-05-02 is a Saturday and a holiday: the night before is not cut.
    let holiday = (date("2026-05-02"), date("2026-05-02"), "x".to_owned());
    let nights = Calendar::new(CalendarSpec { week, holidays: vec![holiday], ..spec() }).unwrap();
    assert!(nights.is_open(at("2026-05-02T05:59")) && !nights.is_open(at("2026-05-02T06:00")));
    assert!(nights.is_working_day(date("2026-05-01")) && !nights.is_working_day(date("2026-05-02")));
    assert_eq!(nights.close_of(date("2026-05-01")), Some(at("2026-05-02T06:00")));
    assert_eq!(nights.next_close(at("2026-05-01T23:00")), Some(at("2026-05-02T06:00")));
    // A date does not close while the night before still runs.
    let long = std::array::from_fn(|day| parse_hours(if day == 0 { "20:00-26:00" } else { "00:00-01:00" }).unwrap());
    let long = Calendar::new(CalendarSpec { week: long, ..spec() }).unwrap();
    assert_eq!(long.close_of(date("2026-03-03")), Some(at("2026-03-03T02:00")));
    assert_eq!(long.close_of(date("2026-03-04")), Some(at("2026-03-04T01:00")));
}

#[test]
fn hours_run_on_over_the_end_of_a_year() {
    let week = std::array::from_fn(|_| parse_hours("22:00-06:00").unwrap());
    let nights = Calendar::new(CalendarSpec { week, ..spec() }).unwrap();
    assert!(nights.is_open(at("2026-01-01T00:00")));
    assert_eq!(nights.next_close(at("2025-12-31T23:00")), Some(at("2026-01-01T06:00")));
    assert_eq!(nights.next_open(at("2026-12-31T12:00")), Some(at("2026-12-31T22:00")));
}

#[test]
fn open_at_the_opening_and_closed_at_the_close() {
    let works = office(shanghai(), OFFICE);
    assert!(works.is_open(at("2026-03-02T09:00")) && !works.is_open(at("2026-03-02T12:00")));
    assert_eq!(works.next_open(at("2026-03-02T12:00")), Some(at("2026-03-02T13:00")));
    assert_eq!(works.next_open(at("2026-03-02T13:30")), Some(at("2026-03-02T13:30")));
    assert_eq!(works.next_close(at("2026-03-02T12:00")), Some(at("2026-03-02T18:00")));
    assert_eq!(works.next_open(at("2026-03-06T18:00")), Some(at("2026-03-09T09:00")));
    // Whole days that touch are one interval.
    assert_eq!(office(shanghai(), WHOLE).next_close(at("2026-03-02T10:00")), Some(at("2026-03-07")));
}

#[test]
fn always_open_never_closes() {
    let always = Calendar::always(Zone::UTC);
    for text in ["2026-03-02T10:00", "1800-01-01", "2400-06-01", "9999-12-31"] {
        assert!(always.is_open(at(text)));
        assert_eq!((always.next_open(at(text)), always.next_close(at(text))), (Some(at(text)), None));
    }
    assert!(always.is_working_day(date("2026-03-01")) && always.is_covered(date("3000-01-01")));
    assert!(always.is_open(Instant::MIN));
}
