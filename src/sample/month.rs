//! The sample's time, counted in minutes from Monday 2026-03-02 00:00 in Shanghai; what was before is negative.
//!
//! Knows just enough of office hours to place events plausibly. Verdicts never come from here: the
//! engine counts on the real calendars.

use chrono::{Days, NaiveDate};

use crate::time::Instant;

/// Minutes of a day.
pub(super) const DAY: i64 = 1440;
/// Minutes of office work in a working day: 09:00 to 12:00 and 13:00 to 18:00.
pub(super) const WORK: i64 = 480;
/// 2026-03-31 18:00, after which nothing is recorded yet.
pub(super) const CUT_OFF: i64 = 29 * DAY + 18 * 60;

/// 2026-03-02T00:00+08:00 in milliseconds since the epoch.
const ORIGIN: i64 = 1_772_380_800_000;
const FIRST: NaiveDate = match NaiveDate::from_ymd_opt(2026, 3, 2) {
    Some(date) => date,
    None => NaiveDate::MIN,
};

/// The instant of a minute.
pub(super) const fn instant(minute: i64) -> Instant {
    Instant::from_millis(ORIGIN + minute * 60_000)
}

/// The minute of an instant.
pub(super) const fn minute_of(instant: Instant) -> i64 {
    (instant.millis() - ORIGIN).div_euclid(60_000)
}

/// The day that a minute falls on; 0 is 2026-03-02.
pub(super) const fn day_of(minute: i64) -> i64 {
    minute.div_euclid(DAY)
}

/// A day as `2026-03-02`.
pub(super) fn date_text(day: i64) -> String {
    date_of(day).to_string()
}

/// A minute as `2026-03-02T09:00:00+08:00`.
pub(super) fn time_text(minute: i64) -> String {
    let of_day = minute.rem_euclid(DAY);
    format!("{}T{:02}:{:02}:00+08:00", date_of(day_of(minute)), of_day / 60, of_day % 60)
}

/// The date of a day.
pub(super) fn date_of(day: i64) -> NaiveDate {
    let by = Days::new(day.unsigned_abs());
    let moved = if day < 0 { FIRST.checked_sub_days(by) } else { FIRST.checked_add_days(by) };
    moved.unwrap_or(FIRST)
}

/// Whether people are in the office that day. Knows the holidays of China from April 2025 on, and their make-up days.
pub(super) const fn is_working_day(day: i64) -> bool {
    match day {
        // Qingming, Labour Day, Dragon Boat, National Day, New Year, Spring Festival.
        -332..=-330 | -305..=-301 | -275..=-273 | -152..=-145 | -60..=-58 | -15..=-7 => false,
        -309 | -155 | -142 | -57 | -16 | -2 => true,
        _ => day.rem_euclid(7) < 5,
    }
}

/// The first working day on or after a day.
pub(super) const fn working_day_from(mut day: i64) -> i64 {
    while !is_working_day(day) {
        day += 1;
    }
    day
}

/// The minute so many minutes of office work later.
pub(super) const fn add_work(minute: i64, work: i64) -> i64 {
    let today = day_of(minute);
    let mut day = working_day_from(today);
    let done = if day == today { worked(minute.rem_euclid(DAY)) } else { 0 };
    let mut left = done + if work < 1 { 1 } else { work };
    while left > WORK {
        left -= WORK;
        day = working_day_from(day + 1);
    }
    day * DAY + if left < 180 { 540 + left } else { 600 + left }
}

/// Office minutes that have passed by a minute of a working day.
const fn worked(of_day: i64) -> i64 {
    match of_day {
        ..540 => 0,
        540..720 => of_day - 540,
        720..780 => 180,
        780..1080 => of_day - 600,
        _ => WORK,
    }
}

#[cfg(test)]
mod tests {
    use super::{CUT_OFF, DAY, add_work, date_text, instant, time_text};
    use crate::time::{Instant, Zone};

    #[test]
    fn origin_and_cut_off() {
        let zone = Zone::parse("Asia/Shanghai").unwrap_or_default();
        assert_eq!(Instant::parse("2026-03-02", zone).ok(), Some(instant(0)));
        assert_eq!(time_text(CUT_OFF), "2026-03-31T18:00:00+08:00");
        assert_eq!(instant(CUT_OFF).to_rfc3339(zone), time_text(CUT_OFF));
        assert_eq!(date_text(-2), "2026-02-28");
    }

    #[test]
    fn work_skips_nights_lunch_and_weekends() {
        assert_eq!(time_text(add_work(9 * 60, 180)), "2026-03-02T13:00:00+08:00");
        assert_eq!(time_text(add_work(17 * 60 + 50, 20)), "2026-03-03T09:10:00+08:00");
        // Friday evening, two hours of work: Monday 11:00.
        assert_eq!(time_text(add_work(4 * DAY + 22 * 60, 120)), "2026-03-09T11:00:00+08:00");
    }
}
