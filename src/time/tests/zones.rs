//! Zones and clock changes.

use super::{at, date, office, shanghai, zone};
use crate::time::{Clock, Instant, Span, Zone};

fn utc(text: &str) -> Instant {
    Instant::parse(text, Zone::UTC).unwrap()
}

#[test]
fn zones_are_named() {
    for name in ["Asia/Shanghai", "UTC", "Etc/UTC", "+08:00", "-05:30"] {
        assert_eq!(zone(name).name(), name);
    }
    assert_eq!(zone("Z"), Zone::UTC);
    let error = Zone::parse("Asia/Shangai").unwrap_err();
    assert!(error.en.contains("did you mean `Asia/Shanghai`?"), "{}", error.en);
    assert!(!Zone::parse("Middle-earth/The_Shire").unwrap_err().en.contains("did you mean"));
    assert!(Zone::parse("").is_err() && Zone::parse("+8").is_err());
}

#[test]
fn a_skipped_time_is_the_change_and_a_repeated_one_the_first() {
    let amsterdam = zone("Europe/Amsterdam");
    let read = |text| Instant::parse(text, amsterdam).unwrap();
    for text in ["2026-03-29T02:00", "2026-03-29T02:30", "2026-03-29T02:59:59.999", "2026-03-29T03:00"] {
        assert_eq!(read(text), utc("2026-03-29T01:00Z"), "{text}");
    }
    assert_eq!(read("2026-03-29T01:59:59.999"), utc("2026-03-29T00:59:59.999Z"));
    assert_eq!(read("2026-10-25T02:30"), utc("2026-10-25T00:30Z"));
    assert_eq!(read("2026-10-25T03:00"), utc("2026-10-25T02:00Z"));
}

#[test]
fn a_date_may_begin_late_or_never() {
    // Midnight itself is skipped: Beirut goes from 24:00 to 01:00.
    let beirut = zone("Asia/Beirut");
    let start = beirut.start_of(date("2022-03-27"));
    assert_eq!(start.local(beirut).to_string(), "2022-03-27 01:00:00");
    assert_eq!(start, beirut.end_of(date("2022-03-26")));
    assert_eq!(start.show_due(beirut), "2022-03-26 24:00");
    // Samoa left out the whole of 30 December 2011.
    let apia = zone("Pacific/Apia");
    assert_eq!(apia.start_of(date("2011-12-30")), apia.end_of(date("2011-12-30")));
    assert_eq!(apia.end_of(date("2011-12-29")), apia.start_of(date("2011-12-31")));
}

#[test]
fn a_night_shift_has_the_hours_it_really_has() {
    let amsterdam = zone("Europe/Amsterdam");
    let week = std::array::from_fn(|_| crate::time::parse_hours("22:00-06:00").unwrap());
    let nights =
        crate::time::Calendar::new(crate::time::CalendarSpec { name: "nights".into(), zone: amsterdam, week, ..Default::default() })
            .unwrap();
    let clock = Clock::new(&nights);
    let read = |text| Instant::parse(text, amsterdam).unwrap();
    for (noon, next, hours) in [
        ("2026-03-28T12:00", "2026-03-29T12:00", 7),
        ("2026-10-24T12:00", "2026-10-25T12:00", 9),
        ("2026-06-01T12:00", "2026-06-02T12:00", 8),
    ] {
        assert_eq!(clock.between(read(noon), read(next), &[]), hours * 3_600_000);
        let end = clock.add(read(noon), Span::Working(hours * 3_600_000), &[]);
        assert_eq!(end.at.local(amsterdam).time().to_string(), "06:00:00");
    }
}

#[test]
fn a_day_is_not_always_24_hours() {
    let amsterdam = zone("Europe/Amsterdam");
    let calendar = office(amsterdam, "09:00-17:00");
    let civil = Clock::new(&calendar);
    let start = Instant::parse("2026-03-27T10:00", amsterdam).unwrap();
    // Saturday, prolonged over the Sunday of the change to the end of Monday.
    assert_eq!(civil.add(start, Span::Days(1), &[]).at, utc("2026-03-30T22:00Z"));
    let elapsed = Clock { counting: crate::time::Counting::Elapsed, ..civil };
    let saturday = Instant::parse("2026-03-28T10:00", amsterdam).unwrap();
    assert_eq!(elapsed.add(saturday, Span::Days(1), &[]).at.to_rfc3339(amsterdam), "2026-03-29T11:00:00+02:00");
    assert_eq!(elapsed.add(saturday, Span::Months(1), &[]).at.to_rfc3339(amsterdam), "2026-04-28T10:00:00+02:00");
}

#[test]
fn fixed_offsets_and_names_agree() {
    let fixed = zone("+08:00");
    let local = at("2026-03-02T09:00").local(shanghai());
    assert_eq!(fixed.resolve(local), shanghai().resolve(local));
    assert_eq!(fixed.start_of(date("2026-03-02")), shanghai().start_of(date("2026-03-02")));
}
