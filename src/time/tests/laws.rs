//! What holds for every calendar, start, span and pause.

use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};

use super::{date, zone};
use crate::time::{Calendar, CalendarSpec, Clock, Counting, DateHours, DayEnd, Hours, Instant, Pause, Span};

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

fn hours() -> impl Strategy<Value = Vec<Hours>> {
    prop::collection::btree_set(0_u16..=48, 0..6).prop_map(|cuts| {
        let cuts: Vec<u16> = cuts.into_iter().map(|half| half * 30).collect();
        cuts.chunks_exact(2).filter(|pair| pair[0] < 1440).map(|pair| Hours { from: pair[0], to: pair[1] }).collect()
    })
}

fn night() -> impl Strategy<Value = Vec<Hours>> {
    (20_u16..24, 25_u16..40).prop_map(|(from, to)| vec![Hours { from: from * 60, to: to * 60 }])
}

fn day() -> impl Strategy<Value = chrono::NaiveDate> {
    (0_u64..420).prop_map(|days| date("2025-12-01") + chrono::Days::new(days))
}

/// A calendar of 2026: random hours, nights among them, holidays and dates of its own.
pub(super) fn spec() -> impl Strategy<Value = CalendarSpec> {
    let day_hours = || proptest::prop_oneof![4 => hours(), 1 => night(), 1 => proptest::prelude::Just(vec![])];
    let zones = prop::sample::select(vec!["Asia/Shanghai", "Europe/Amsterdam", "America/New_York", "+05:30"]);
    let holidays = prop::collection::vec((day(), 0_u64..9), 0..8);
    let dates = prop::collection::btree_map(day(), day_hours(), 0..6);
    (prop::array::uniform7(day_hours()), zones, holidays, dates).prop_map(|(mut week, name, holidays, dates)| {
        week[2].push(Hours { from: 0, to: 30 });
        week[2].truncate(1);
        CalendarSpec {
            name: "any".into(),
            zone: zone(name),
            week,
            holidays: holidays.into_iter().map(|(from, more)| (from, from + chrono::Days::new(more), "x".into())).collect(),
            dates: dates.into_iter().map(|(date, hours)| (date, DateHours::Own(hours))).collect(),
            covers: None,
        }
    })
}

pub(super) fn instant() -> impl Strategy<Value = Instant> {
    (0_i64..400 * 1440 * 4).prop_map(|quarters| Instant::from_millis(1_764_547_200_000 + quarters * 15_000))
}

pub(super) fn pauses() -> impl Strategy<Value = Vec<Pause>> {
    prop::collection::vec((instant(), 0_i64..6 * 1440), 0..5)
        .prop_map(|rows| rows.into_iter().map(|(from, len)| Pause { from, until: from.plus(len * MINUTE) }).collect())
}

fn any_span() -> impl Strategy<Value = (Span, Span)> {
    let pair = (0_i32..60, 0_i32..60).prop_map(|(a, b)| (a.min(b), a.max(b)));
    (pair, 0..5).prop_map(|((a, b), sort)| match sort {
        0 => (Span::Elapsed(i64::from(a) * MINUTE * 90), Span::Elapsed(i64::from(b) * MINUTE * 90)),
        1 => (Span::Working(i64::from(a) * MINUTE * 90), Span::Working(i64::from(b) * MINUTE * 90)),
        2 => (Span::Days(a), Span::Days(b)),
        3 => (Span::Months(a % 20), Span::Months(b.max(a % 20))),
        _ => (Span::WorkingDays(a), Span::WorkingDays(b)),
    })
}

fn clock(calendar: &Calendar, counting: u8, close: bool) -> Clock<'_> {
    let counting = [Counting::Civil, Counting::Dates, Counting::Elapsed][usize::from(counting % 3)];
    Clock { calendar, counting, day_end: if close { DayEnd::Close } else { DayEnd::Midnight } }
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(128))]

    #[test]
    fn between_undoes_add(spec in spec(), start in instant(), amount in -40 * 60_i64..40 * 60, pauses in pauses()) {
        let calendar = Calendar::new(spec).unwrap();
        let clock = Clock::new(&calendar);
        let amount = amount * MINUTE;
        let working = clock.add(start, Span::Working(amount), &pauses).at;
        prop_assert_eq!(clock.between(start, working, &pauses), amount);
        let elapsed = clock.add(start, Span::Elapsed(amount), &pauses).at;
        prop_assert_eq!(clock.elapsed_between(start, elapsed, &pauses), amount);
        let plain = clock.add(start, Span::Elapsed(amount), &[]).at;
        prop_assert_eq!(plain.since(start), amount);
        // The earliest such instant forwards, the latest backwards.
        if amount != 0 {
            let inward = working.plus(-amount.signum());
            prop_assert_eq!(clock.between(start, inward, &pauses), amount - amount.signum());
        }
    }

    #[test]
    fn later_starts_and_longer_spans_are_not_due_earlier(
        spec in spec(), start in instant(), more in 0_i64..5 * DAY, (short, long) in any_span(),
        pauses in pauses(), counting in any::<u8>(), close in any::<bool>(),
    ) {
        let calendar = Calendar::new(spec).unwrap();
        let clock = clock(&calendar, counting, close);
        let at = clock.add(start, short, &pauses).at;
        prop_assert!(at >= start);
        prop_assert!(clock.add(start, long, &pauses).at >= at, "longer: {long:?}");
        // Months that keep the clock time: from 30 January 23:00 to 28 February 23:00, from 31 January
        // 00:00 to 28 February 00:00. The calendar wills it so.
        if !(clock.counting == Counting::Elapsed && matches!(short, Span::Months(_))) {
            let (later, back) = (start.plus(more), short.negated());
            prop_assert!(clock.add(later, short, &pauses).at >= at, "later: {short:?}");
            prop_assert!(clock.add(start, back, &pauses).at <= clock.add(later, back, &pauses).at, "later: {back:?}");
        }
    }

    #[test]
    fn a_holiday_or_a_pause_more_makes_nothing_due_earlier(
        spec in spec(), start in instant(), (span, _) in any_span(), from in day(), days in 0_u64..9,
        pauses in pauses(), close in any::<bool>(),
    ) {
        let before = Calendar::new(spec.clone()).unwrap();
        let mut with = spec;
        with.holidays.push((from, from + chrono::Days::new(days), "more".into()));
        let after = Calendar::new(with).unwrap();
        let zero = matches!(span, Span::WorkingDays(0)) || (close && matches!(span, Span::Days(0) | Span::Months(0)));
        let at = clock(&before, 0, close).add(start, span, &pauses).at;
        prop_assert!(zero || clock(&after, 0, close).add(start, span, &pauses).at >= at);
        prop_assert!(clock(&before, 0, close).add(start, span, &[]).at <= at);
    }

    #[test]
    fn a_ledger_ends_where_the_clock_does(
        spec in spec(), start in instant(), (_, span) in any_span(), pauses in pauses(), counting in any::<u8>(), back in any::<bool>(),
    ) {
        let calendar = Calendar::new(spec).unwrap();
        let clock = clock(&calendar, counting, false);
        let span = if back { span.negated() } else { span };
        let (due, ledger) = clock.explain(start, span, &pauses);
        prop_assert_eq!(due, clock.add(start, span, &pauses));
        prop_assert!(ledger.lines.len() <= 41);
        let total = ledger.lines.last().map_or(0, |line| line.total);
        prop_assert_eq!(total, ledger.lines.iter().map(|line| line.counted).sum::<i64>());
        match span {
            Span::Elapsed(amount) | Span::Working(amount) => prop_assert_eq!(total, amount.abs()),
            Span::WorkingDays(days) => prop_assert_eq!(total, i64::from(days.abs())),
            Span::Days(days) if clock.counting != Counting::Elapsed => prop_assert_eq!(total, i64::from(days.abs())),
            _ => {}
        }
        prop_assert!(ledger.render(calendar.zone(), true).iter().all(|line| !line.is_empty()));
    }

    #[test]
    fn reading_never_panics(text in "\\PC{0,24}", numbers in "[-0-9TZ:.+ PDWYMHSwdhmo]{0,24}") {
        for text in [text, numbers] {
            let _ = Instant::parse(&text, zone("Europe/Amsterdam"));
            let _ = crate::time::Zone::parse(&text);
            let _ = crate::time::parse_hours(&text);
            let _ = crate::time::parse_dates(&text);
            if let Ok(span) = Span::parse(&text) {
                prop_assert_eq!(Span::parse(&span.en()).unwrap(), span);
                prop_assert_eq!(Span::parse(&span.zh()).unwrap(), span);
            }
        }
    }
}
