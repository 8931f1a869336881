//! Spans of days, months and working days.

use super::{OFFICE, WHOLE, at, china, date, due, pause, shanghai, span};
use crate::time::{Calendar, Clock, Counting, DayEnd, Span};

#[test]
fn days_are_counted_as_the_civil_code_counts() {
    let china = china(WHOLE);
    let clock = Clock::new(&china);
    for (start, length, end) in [
        ("2026-03-02T10:00", "3d", "2026-03-06T00:00:00+08:00"),
        ("2026-03-02T10:00", "1d", "2026-03-04T00:00:00+08:00"),
        ("2026-03-02T00:00", "1d", "2026-03-04T00:00:00+08:00"),
        ("2026-03-02T23:59:59", "1d", "2026-03-04T00:00:00+08:00"),
        ("2026-03-06T15:00", "3d", "2026-03-10T00:00:00+08:00"),
        ("2026-04-30T10:00", "1d", "2026-05-07T00:00:00+08:00"),
        ("2026-09-13T10:00", "1wk", "2026-09-21T00:00:00+08:00"),
        ("2026-03-02T10:00", "0d", "2026-03-03T00:00:00+08:00"),
        ("2026-03-02T10:00", "same day", "2026-03-03T00:00:00+08:00"),
        ("2026-05-01T10:00", "same day", "2026-05-02T00:00:00+08:00"),
    ] {
        assert_eq!(due(clock, start, length, &[]), end, "{start} + {length}");
    }
}

#[test]
fn months_end_on_the_corresponding_date_or_the_last() {
    let china = china(WHOLE);
    let dates = Clock { counting: Counting::Dates, ..Clock::new(&china) };
    for (start, length, end) in [
        ("2026-01-31T10:00", "1mo", "2026-03-01T00:00:00+08:00"),
        ("2024-01-31T10:00", "1mo", "2024-03-01T00:00:00+08:00"),
        ("2024-02-29T10:00", "1y", "2025-03-01T00:00:00+08:00"),
        ("2024-02-29T10:00", "4y", "2028-03-01T00:00:00+08:00"),
        ("2026-02-28T10:00", "1mo", "2026-03-29T00:00:00+08:00"),
        ("2026-08-31T10:00", "6mo", "2027-03-01T00:00:00+08:00"),
    ] {
        assert_eq!(due(dates, start, length, &[]), end, "{start} + {length}");
    }
    // 2026-02-28 is a make-up Saturday; 2026-03-28 a plain one.
    let civil = Clock::new(&china);
    assert_eq!(due(civil, "2026-01-28T10:00", "1mo", &[]), "2026-03-01T00:00:00+08:00");
    assert_eq!(due(civil, "2026-02-28T10:00", "1mo", &[]), "2026-03-31T00:00:00+08:00");
}

#[test]
fn a_last_day_may_end_at_the_close() {
    let office = china(OFFICE);
    let close = Clock { day_end: DayEnd::Close, ..Clock::new(&office) };
    assert_eq!(due(close, "2026-03-06T15:00", "3d", &[]), "2026-03-09T18:00:00+08:00");
    assert_eq!(due(close, "2026-03-06T15:00", "same day", &[]), "2026-03-07T00:00:00+08:00");
    let dates = Clock { counting: Counting::Dates, ..close };
    assert_eq!(due(dates, "2026-03-06T15:00", "1d", &[]), "2026-03-08T00:00:00+08:00");
    assert_eq!(due(close, "2026-03-06T20:00", "0d", &[]), "2026-03-07T00:00:00+08:00");
    let elapsed = Clock { counting: Counting::Elapsed, ..close };
    assert_eq!(due(elapsed, "2026-03-06T15:00", "1d", &[]), "2026-03-07T15:00:00+08:00");
    assert_eq!(due(elapsed, "2026-01-31T15:00", "1mo", &[]), "2026-02-28T15:00:00+08:00");
}

#[test]
fn working_days_end_at_the_close_of_the_last() {
    let office = china(OFFICE);
    let clock = Clock::new(&office);
    for (start, length, end) in [
        ("2026-03-02T08:00", "1 working day", "2026-03-03T18:00:00+08:00"),
        ("2026-03-06T20:00", "1 working day", "2026-03-09T18:00:00+08:00"),
        ("2026-09-18T16:00", "1 working day", "2026-09-20T18:00:00+08:00"),
        ("2026-09-19T16:00", "2 working days", "2026-09-21T18:00:00+08:00"),
        ("2026-09-30T16:00", "3 working days", "2026-10-10T18:00:00+08:00"),
        ("2026-03-02T10:00", "0 working days", "2026-03-02T18:00:00+08:00"),
        ("2026-03-02T19:00", "0 working days", "2026-03-03T00:00:00+08:00"),
        ("2026-03-03T10:00", "-1 working day", "2026-03-02T18:00:00+08:00"),
        ("2026-10-08T10:00", "-2 working days", "2026-09-29T18:00:00+08:00"),
    ] {
        assert_eq!(due(clock, start, length, &[]), end, "{start} + {length}");
    }
    let whole = china(WHOLE);
    assert_eq!(due(Clock::new(&whole), "2026-03-02T08:00", "1 working day", &[]), "2026-03-04T00:00:00+08:00");
    let always = Calendar::always(shanghai());
    assert_eq!(due(Clock::new(&always), "2026-03-06T08:00", "1 working day", &[]), "2026-03-08T00:00:00+08:00");
}

#[test]
fn counting_back() {
    let china = china(WHOLE);
    let clock = Clock::new(&china);
    for (start, length, end) in [
        // From within a day: to the end of the day so many before, rest day or not.
        ("2026-03-10T10:00", "-1d", "2026-03-10T00:00:00+08:00"),
        ("2026-03-10T10:00", "-3d", "2026-03-08T00:00:00+08:00"),
        ("2026-06-30T10:00", "-1mo", "2026-05-31T00:00:00+08:00"),
        // From the 24:00 of a day, as a warning before a due instant does.
        ("2026-03-10T00:00", "-1d", "2026-03-09T00:00:00+08:00"),
        ("2026-07-01T00:00", "-1mo", "2026-06-01T00:00:00+08:00"),
        ("2026-03-31T00:00", "-1mo", "2026-03-01T00:00:00+08:00"),
        ("2026-03-10T00:00", "-1 working day", "2026-03-07T00:00:00+08:00"),
    ] {
        assert_eq!(due(clock, start, length, &[]), end, "{start} {length}");
    }
}

#[test]
fn a_date_that_a_pause_covers_whole_does_not_count() {
    let china = china(WHOLE);
    let clock = Clock { counting: Counting::Dates, ..Clock::new(&china) };
    let start = "2026-03-02T10:00";
    let whole = pause("2026-03-03", "2026-03-05");
    assert_eq!(due(clock, start, "3d", &[whole]), "2026-03-08T00:00:00+08:00");
    assert_eq!(due(clock, start, "1d", &[whole]), "2026-03-06T00:00:00+08:00");
    assert_eq!(due(clock, start, "3d", &[pause("2026-03-03T00:01", "2026-03-04T23:59")]), "2026-03-06T00:00:00+08:00");
    // Two pauses that meet cover the date between them.
    let halves = [pause("2026-03-02T12:00", "2026-03-03T12:00"), pause("2026-03-03T12:00", "2026-03-04")];
    assert_eq!(due(clock, start, "3d", &halves), "2026-03-07T00:00:00+08:00");
    assert_eq!(due(clock, start, "1mo", &[whole]), "2026-04-05T00:00:00+08:00");
    assert_eq!(due(clock, start, "2 working days", &[whole]), "2026-03-07T00:00:00+08:00");
    assert_eq!(due(clock, "2026-03-10T10:00", "-6d", &[whole]), "2026-03-03T00:00:00+08:00");
    // Prolonged past a pause as well: 2026-03-07 is a Saturday.
    let civil = Clock::new(&china);
    assert_eq!(due(civil, "2026-03-06T10:00", "1d", &[pause("2026-03-09", "2026-03-10")]), "2026-03-11T00:00:00+08:00");
}

#[test]
fn beyond_the_cover_a_due_instant_is_provisional() {
    let china = china(WHOLE);
    let clock = Clock::new(&china);
    let provisional = |start, length| clock.add(at(start), span(length), &[]).provisional;
    assert!(provisional("2026-12-01T10:00", "60d"));
    assert!(provisional("2026-12-31T10:00", "5 working days"));
    assert!(!provisional("2026-12-30T10:00", "1d"));
    assert!(!provisional("2026-12-31T10:00", "same day"));
    assert!(provisional("2019-12-30T10:00", "5 working days"));
    let always = Calendar::always(shanghai());
    assert!(!Clock::new(&always).add(at("2090-01-01"), span("60d"), &[]).provisional);
}

#[test]
fn dates_are_moved_without_prolongation() {
    let china = china(OFFICE);
    let clock = Clock::new(&china);
    let moved = |from, length| clock.shift_date(date(from), span(length));
    assert_eq!(moved("2026-06-30", "-1mo"), Some(date("2026-05-30")));
    assert_eq!(moved("2026-04-30", "1d"), Some(date("2026-05-01")));
    assert_eq!(moved("2024-02-29", "1y"), Some(date("2025-02-28")));
    assert_eq!(moved("2026-09-18", "1 working day"), Some(date("2026-09-20")));
    assert_eq!(moved("2026-09-18", "same day"), Some(date("2026-09-18")));
    assert_eq!(moved("2026-09-18", "24h"), None);
    assert_eq!(moved("2026-09-18", "8 working hours"), None);
    assert_eq!(clock.shift_date(date("9999-12-31"), Span::Days(1)), None);
}
