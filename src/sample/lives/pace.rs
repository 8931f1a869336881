//! When a step of a life comes: after a while, or again and again.

use super::super::{
    month::{CUT_OFF, DAY, WORK, add_work, date_of, day_of, working_day_from},
    rng::Rng,
};
use chrono::{Datelike, Months, NaiveDate};

/// When a step comes.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// The event from whose instant the wait runs; left out: the step before.
    pub(super) from: Option<String>,
    /// The wait, or the time of day or days into the period.
    pub(super) wait: Option<Wait>,
    /// Again and again, always from the same wait.
    pub(super) again: Option<Again>,
    /// Of the steps that come again, none after the first of this event stays.
    pub(super) until: Option<String>,
    /// The clock goes back to where it was once the step is over.
    pub(super) aside: bool,
}

/// A length of time between two bounds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait {
    low: i64,
    high: i64,
    unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    /// Elapsed minutes.
    Minutes,
    /// Minutes of office work.
    Work,
    /// Days, then the office hours of a working day.
    Days,
    /// Days, then the office hours of any day.
    AnyDays,
}

/// How a step comes again.
#[derive(Clone, Copy, Debug)]
pub(super) enum Again {
    /// So long after the last time.
    Every(Wait),
    /// Once in each calendar period.
    Each(Period),
}

/// A period of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Period {
    /// Every day.
    Day,
    /// Every day on which the office is open.
    WorkingDay,
    /// From Monday.
    Week,
    /// So many months, from January.
    Months(u32),
}

impl Wait {
    /// What is waited where nothing is said: some minutes of office work.
    pub(super) const SHORT: Self = Self { low: 5, high: 45, unit: Unit::Work };

    /// Reads `3d`, `2..20min`, `1..3wh`: `min`, `h` elapsed, `d` to a working day, `cd` to any day, `wmin`, `wh`, `wd` of office work.
    pub(super) fn read(text: &str) -> Option<Self> {
        let at = text.find(|c: char| c.is_ascii_alphabetic())?;
        let (numbers, unit) = text.split_at_checked(at)?;
        let (low, high) = numbers.split_once("..").unwrap_or((numbers, numbers));
        let (unit, times) = match unit {
            "min" => (Unit::Minutes, 1),
            "h" => (Unit::Minutes, 60),
            "d" => (Unit::Days, 1),
            "cd" => (Unit::AnyDays, 1),
            "wmin" => (Unit::Work, 1),
            "wh" => (Unit::Work, 60),
            "wd" => (Unit::Work, WORK),
            _ => return None,
        };
        let (low, high) = (low.parse::<i64>().ok()? * times, high.parse::<i64>().ok()? * times);
        (low <= high).then_some(Self { low, high, unit })
    }

    /// The bounds in minutes of office work, for a delay.
    pub(super) const fn work(self) -> (i64, i64) {
        match self.unit {
            Unit::Days | Unit::AnyDays => (self.low * WORK, self.high * WORK),
            Unit::Minutes | Unit::Work => (self.low, self.high),
        }
    }

    /// The minute at which it is over.
    pub(super) fn from(self, minute: i64, rng: &mut Rng) -> i64 {
        let length = rng.between(self.low, self.high);
        match self.unit {
            Unit::Minutes => minute + length,
            Unit::Work => add_work(minute, length),
            Unit::Days => working_day_from(day_of(minute) + length) * DAY + 540 + rng.between(2, 170),
            Unit::AnyDays => (day_of(minute) + length) * DAY + 540 + rng.between(2, 170),
        }
    }
}

impl Period {
    /// Reads the name of a period.
    pub(super) fn read(text: &str) -> Option<Self> {
        Some(match text {
            "day" => Self::Day,
            "working-day" => Self::WorkingDay,
            "week" => Self::Week,
            "month" => Self::Months(1),
            "quarter" => Self::Months(3),
            "half-year" => Self::Months(6),
            "year" => Self::Months(12),
            _ => return None,
        })
    }

    /// The first day of the period after the one of a day.
    fn next(self, day: i64) -> i64 {
        match self {
            Self::Day => day + 1,
            Self::WorkingDay => working_day_from(day + 1),
            Self::Week => day - day.rem_euclid(7) + 7,
            Self::Months(months) => {
                let date = date_of(day);
                let into = date.month0() % months;
                let first = NaiveDate::from_ymd_opt(date.year(), date.month(), 1).unwrap_or(date);
                let next = first.checked_add_months(Months::new(months - into)).unwrap_or(date);
                day + (next - date).num_days()
            }
        }
    }
}

impl Again {
    /// The minutes at which it comes, from a minute on, until the end of what is recorded.
    pub(super) fn minutes(self, from: i64, wait: Option<Wait>, rng: &mut Rng) -> Vec<i64> {
        let mut list = Vec::new();
        let mut minute = from;
        let mut day = day_of(from);
        if let Self::Each(period) = self {
            // The period under way at the beginning has its turn as well.
            let today = period.is_daily().then(|| Self::in_day(day, wait, rng)).filter(|minute| *minute > from);
            list.push(today.unwrap_or(from + rng.between(3, 40)));
        }
        loop {
            minute = match self {
                Self::Every(every) => every.from(minute, rng),
                Self::Each(period) => {
                    day = period.next(day);
                    if period.is_daily() {
                        Self::in_day(day, wait, rng)
                    } else {
                        wait.unwrap_or(Wait { low: 1, high: 3, unit: Unit::Days }).from(day * DAY, rng)
                    }
                }
            };
            if minute > CUT_OFF {
                return list;
            }
            list.push(minute);
        }
    }

    fn in_day(day: i64, wait: Option<Wait>, rng: &mut Rng) -> i64 {
        let Wait { low, high, .. } = wait.unwrap_or(Wait { low: 545, high: 605, unit: Unit::Minutes });
        day * DAY + rng.between(low, high)
    }
}

impl Period {
    const fn is_daily(self) -> bool {
        matches!(self, Self::Day | Self::WorkingDay)
    }
}
