//! Elapsed and working time.

use super::{OFFICE, WHOLE, at, china, due, office, pause, shanghai, span};
use crate::time::{Calendar, Clock, Instant, Pause, Span};

#[test]
fn working_hours_run_over_a_make_up_sunday() {
    let china = china(OFFICE);
    let clock = Clock::new(&china);
    assert_eq!(due(clock, "2026-09-18T16:00", "6 working hours", &[]), "2026-09-20T14:00:00+08:00");
    assert_eq!(due(clock, "2026-09-18T16:00", "7 working hours", &[]), "2026-09-20T15:00:00+08:00");
    assert_eq!(due(clock, "2026-09-30T17:00", "2 working hours", &[]), "2026-10-08T10:00:00+08:00");
}

#[test]
fn a_due_instant_may_be_a_closing_instant() {
    let works = office(shanghai(), "09:00-17:00");
    let clock = Clock::new(&works);
    assert_eq!(due(clock, "2026-03-02T09:00", "8 working hours", &[]), "2026-03-02T17:00:00+08:00");
    assert_eq!(due(clock, "2026-03-02T18:00", "8 working hours", &[]), "2026-03-03T17:00:00+08:00");
    assert_eq!(due(clock, "2026-03-02T20:00", "0 working hours", &[]), "2026-03-02T20:00:00+08:00");
    // Mirrored: back to an opening instant, never to the close before it.
    assert_eq!(due(clock, "2026-03-03T09:35", "-8 working hours", &[]), "2026-03-02T09:35:00+08:00");
    assert_eq!(due(clock, "2026-03-03T09:35", "-35 working minutes", &[]), "2026-03-03T09:00:00+08:00");
    assert_eq!(due(clock, "2026-01-01T09:35", "-1 working hours", &[]), "2025-12-31T16:35:00+08:00");
}

#[test]
fn pauses_stop_the_clock() {
    let works = office(shanghai(), "09:00-17:00");
    let clock = Clock::new(&works);
    let noon = pause("2026-03-02T11:00", "2026-03-02T13:00");
    let start = "2026-03-02T09:00";
    assert_eq!(due(clock, start, "4 working hours", &[noon]), "2026-03-02T15:00:00+08:00");
    assert_eq!(due(clock, start, "4h", &[noon]), "2026-03-02T15:00:00+08:00");
    assert_eq!(due(clock, start, "2h", &[noon]), "2026-03-02T11:00:00+08:00");
    // Overlapping ones count once; order and an empty one do not matter.
    let overlapping = [pause("2026-03-02T12:00", "2026-03-02T14:00"), noon, pause("2026-03-03", "2026-03-02")];
    assert_eq!(due(clock, start, "4 working hours", &overlapping), "2026-03-02T16:00:00+08:00");
    // Outside working hours, or before the start: nothing moves.
    let night = pause("2026-03-02T17:00", "2026-03-03T09:00");
    assert_eq!(due(clock, start, "8 working hours", &[night]), "2026-03-02T17:00:00+08:00");
    assert_eq!(due(clock, start, "9 working hours", &[night]), "2026-03-03T10:00:00+08:00");
    assert_eq!(due(clock, start, "1h", &[pause("2026-03-01", "2026-03-02")]), "2026-03-02T10:00:00+08:00");
    // From the start on; and without an end.
    assert_eq!(due(clock, start, "1h", &[pause("2026-03-01", "2026-03-02T12:00")]), "2026-03-02T13:00:00+08:00");
    let open = Pause { from: at("2026-03-02T10:00"), until: Instant::MAX };
    for length in ["2h", "2 working hours", "2d", "2mo", "2 working days"] {
        assert_eq!(clock.add(at(start), span(length), &[open]).at, Instant::MAX, "{length}");
    }
    assert_eq!(due(clock, start, "1h", &[open]), "2026-03-02T10:00:00+08:00");
    // Backwards.
    assert_eq!(due(clock, "2026-03-02T15:00", "-4 working hours", &[noon]), "2026-03-02T09:00:00+08:00");
    assert_eq!(due(clock, "2026-03-02T15:00", "-3h", &[noon]), "2026-03-02T10:00:00+08:00");
}

#[test]
fn between_is_signed_and_leaves_pauses_out() {
    let works = office(shanghai(), "09:00-17:00");
    let clock = Clock::new(&works);
    let (a, b) = (at("2026-03-02T10:00"), at("2026-03-04T10:00"));
    let hour = 3_600_000;
    assert_eq!(clock.between(a, b, &[]), 16 * hour);
    assert_eq!(clock.between(b, a, &[]), -16 * hour);
    assert_eq!(clock.between(a, a, &[]), 0);
    let pauses = [pause("2026-03-02T16:00", "2026-03-03T10:00"), pause("2026-03-04T09:00", "2026-03-05")];
    assert_eq!(clock.between(a, b, &pauses), 13 * hour);
    assert_eq!(clock.elapsed_between(a, b, &pauses), 29 * hour);
}

#[test]
fn extremes_saturate() {
    let china = china(WHOLE);
    let clock = Clock::new(&china);
    let start = at("2026-03-02T10:00");
    for amount in [i64::MAX, i64::MIN, i64::MAX / 2] {
        let expected = if amount < 0 { Instant::MIN } else { Instant::MAX };
        assert_eq!(clock.add(start, Span::Working(amount), &[]).at, expected);
        assert_eq!(clock.add(start, Span::Elapsed(amount), &[]).at, expected);
    }
    for amount in [i32::MAX, i32::MIN] {
        let expected = if amount < 0 { Instant::MIN } else { Instant::MAX };
        for span in [Span::Days(amount), Span::Months(amount), Span::WorkingDays(amount)] {
            assert_eq!(clock.add(start, span, &[]).at, expected, "{span:?}");
            assert_eq!(clock.shift_date(start.date(shanghai()), span), None);
        }
    }
    assert!(clock.between(Instant::MIN, Instant::MAX, &[]) > 0);
}

#[test]
fn the_index_and_the_years_outside_it_agree() {
    let always = Calendar::always(shanghai());
    let clock = Clock::new(&always);
    let years = at("2101-01-01").since(at("2100-01-01")) * 3;
    let start = at("2099-06-01");
    let end = clock.add(start, Span::Working(years), &[]).at;
    assert_eq!(end, start.plus(years));
    assert_eq!(clock.add(end, Span::Working(-years), &[]).at, start);
}

#[test]
fn adding_is_quick() {
    let china = china(OFFICE);
    let clock = Clock::new(&china);
    let start = at("2026-09-18T16:00");
    let begun = std::time::Instant::now();
    let mut last = start;
    for step in 0..100_000 {
        last = last.max(std::hint::black_box(clock.add(start.plus(step * 60_000), Span::Working(28_800_000), &[]).at));
    }
    // Well below 1 µs in a release build; a debug build on a busy machine gets a wide margin.
    assert!(begun.elapsed().as_millis() < 2000, "{:?}", begun.elapsed());
}
