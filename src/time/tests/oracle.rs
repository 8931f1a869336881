//! The clock against a slow one that walks step by step and date by date.

use chrono::{NaiveDate, Timelike};
use proptest::prelude::{Strategy, any, prop_assert_eq, proptest};

use super::laws::{instant, pauses, spec};
use crate::time::{Calendar, Clock, Counting, Instant, Pause, Span};

const STEP: i64 = 15_000;

fn is_open(calendar: &Calendar, at: Instant) -> bool {
    let local = at.local(calendar.zone());
    let minute = local.hour() * 60 + local.minute();
    let holds = |date: NaiveDate, minute: u32| {
        calendar.hours_on(date).iter().any(|span| u32::from(span.from) <= minute && minute < u32::from(span.to))
    };
    holds(local.date(), minute) || holds(local.date().pred_opt().unwrap(), minute + 1440)
}

fn is_paused(pauses: &[Pause], at: Instant) -> bool {
    pauses.iter().any(|pause| pause.from <= at && at < pause.until)
}

/// Whole local dates under a pause, found step by step.
fn is_out(calendar: &Calendar, pauses: &[Pause], date: NaiveDate) -> bool {
    let (from, until) = (calendar.zone().start_of(date), calendar.zone().end_of(date));
    (0..until.since(from) / STEP).all(|step| is_paused(pauses, from.plus(step * STEP)))
}

/// Without zones that change their clocks: there the wall clock cannot be asked so simply.
fn steady() -> impl Strategy<Value = Calendar> {
    spec().prop_map(|mut spec| {
        if matches!(spec.zone.name().as_str(), "Europe/Amsterdam" | "America/New_York") {
            spec.zone = crate::time::Zone::UTC;
        }
        Calendar::new(spec).unwrap()
    })
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    #[test]
    fn working_time(calendar in steady(), start in instant(), steps in 1_i64..2000, back in any::<bool>(), pauses in pauses()) {
        let clock = Clock::new(&calendar);
        let (mut at, mut left) = (start, steps);
        while left > 0 {
            let stretch = if back { at.plus(-STEP) } else { at };
            left -= i64::from(is_open(&calendar, stretch) && !is_paused(&pauses, stretch));
            at = at.plus(if back { -STEP } else { STEP });
        }
        let amount = if back { -steps } else { steps } * STEP;
        prop_assert_eq!(clock.add(start, Span::Working(amount), &pauses).at, at);
        prop_assert_eq!(clock.between(start, at, &pauses), amount);
        prop_assert_eq!(calendar.is_open(at), is_open(&calendar, at));
    }

    #[test]
    fn days(calendar in steady(), start in instant(), days in 1_i32..30, sort in 0..3, back in any::<bool>(), pauses in pauses()) {
        let counting = if sort == 1 { Counting::Dates } else { Counting::Civil };
        let clock = Clock { counting, ..Clock::new(&calendar) };
        let zone = calendar.zone();
        let mut date = start.date(zone);
        if back && zone.start_of(date) == start {
            date = date.pred_opt().unwrap();
        }
        let works = |date| calendar.is_working_day(date);
        let mut left = days;
        while left > 0 {
            date = if back { date.pred_opt() } else { date.succ_opt() }.unwrap();
            left -= i32::from(!is_out(&calendar, &pauses, date) && (sort != 2 || works(date)));
        }
        while sort == 0 && !back && (!works(date) || is_out(&calendar, &pauses, date)) {
            date = date.succ_opt().unwrap();
        }
        let span = if sort == 2 { Span::WorkingDays(days) } else { Span::Days(days) };
        let end = if sort == 2 { calendar.close_of(date).unwrap() } else { zone.end_of(date) };
        prop_assert_eq!(clock.add(start, if back { span.negated() } else { span }, &pauses).at, end);
    }
}
