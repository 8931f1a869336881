//! Spans of time: what is added to an instant to get a due instant.

use serde::{Deserialize, Serialize};

use super::{error::TimeError, span_text};

/// A span of time, positive or negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Span {
    /// Milliseconds on the UTC line.
    Elapsed(i64),
    /// Dates (Civil Code of the PRC, articles 200 to 204, unless counted otherwise).
    Days(i32),
    /// Calendar months; a year is twelve.
    Months(i32),
    /// Milliseconds during which the calendar is open.
    Working(i64),
    /// Working days of the calendar.
    WorkingDays(i32),
    /// To the end of the day.
    SameDay,
}

/// A name for a number of something: English singular, English plural, Chinese measure and noun.
type Noun = (&'static str, &'static str, &'static str);

const CLOCK: [(i64, Noun); 3] =
    [(3_600_000, ("hour", "hours", "小时")), (60_000, ("minute", "minutes", "分钟")), (1000, ("second", "seconds", "秒"))];
const WORK: [(i64, Noun); 3] = [
    (3_600_000, ("working hour", "working hours", "个工作小时")),
    (60_000, ("working minute", "working minutes", "个工作分钟")),
    (1000, ("working second", "working seconds", "个工作秒")),
];
const DAYS: [(i64, Noun); 2] = [(7, ("week", "weeks", "周")), (1, ("day", "days", "天"))];
const MONTHS: [(i64, Noun); 2] = [(12, ("year", "years", "年")), (1, ("month", "months", "个月"))];
const WORKING_DAYS: [(i64, Noun); 1] = [(1, ("working day", "working days", "个工作日"))];

impl Span {
    /// Reads `30min`, `24h`, `1.5h`, `3d`, `2wk`, `1mo`, `1y`, `6 working hours`, `2 working days`,
    /// `same day`, ISO 8601 durations such as `PT2H` and `P3D`, and Chinese such as `2个工作日`.
    ///
    /// A leading minus counts backwards. Parts of one sort add up: `1h 30min`, `P1Y6M`.
    ///
    /// # Errors
    /// A unit is unknown (the nearest known one is suggested), a part that must be whole is not, or
    /// parts of different sorts are mixed.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        span_text::parse(text)
    }

    /// In English: `6 working hours`; readable by [`Self::parse`].
    #[must_use]
    pub fn en(&self) -> String {
        self.amount().map_or_else(
            || "same day".to_owned(),
            |(count, noun)| {
                let name = if count.trim_start_matches('-') == "1" { noun.0 } else { noun.1 };
                format!("{count} {name}")
            },
        )
    }

    /// In Chinese: `6个工作小时`; readable by [`Self::parse`].
    #[must_use]
    pub fn zh(&self) -> String {
        self.amount().map_or_else(|| "当天".to_owned(), |(count, noun)| format!("{count}{}", noun.2))
    }

    /// The same span counted the other way.
    #[must_use]
    pub const fn negated(self) -> Self {
        match self {
            Self::Elapsed(millis) => Self::Elapsed(millis.saturating_neg()),
            Self::Days(days) => Self::Days(days.saturating_neg()),
            Self::Months(months) => Self::Months(months.saturating_neg()),
            Self::Working(millis) => Self::Working(millis.saturating_neg()),
            Self::WorkingDays(days) => Self::WorkingDays(days.saturating_neg()),
            Self::SameDay => Self::SameDay,
        }
    }

    /// Whether the span counts backwards.
    #[must_use]
    pub const fn is_negative(&self) -> bool {
        match self {
            Self::Elapsed(amount) | Self::Working(amount) => *amount < 0,
            Self::Days(amount) | Self::Months(amount) | Self::WorkingDays(amount) => *amount < 0,
            Self::SameDay => false,
        }
    }

    /// An ISO 8601 duration in hours and below: `PT76H`, `PT1H30M`, `-PT20M`; nothing is `PT0S`.
    #[must_use]
    pub fn iso_elapsed(millis: i64) -> String {
        if millis == 0 {
            return "PT0S".to_owned();
        }
        let amount = millis.unsigned_abs();
        let mut text = String::from(if millis < 0 { "-PT" } else { "PT" });
        for (count, unit) in [(amount / 3_600_000, "H"), (amount / 60_000 % 60, "M")] {
            if count > 0 {
                text.push_str(&format!("{count}{unit}"));
            }
        }
        let rest = amount % 60_000;
        if rest > 0 {
            text = text + thousandths(rest / 1000, rest % 1000).as_str() + "S";
        }
        text
    }

    /// The number, in the largest unit that divides it, and the name of that unit.
    fn amount(self) -> Option<(String, Noun)> {
        let (amount, units): (i64, &[(i64, Noun)]) = match self {
            Self::Elapsed(millis) => (millis, &CLOCK),
            Self::Working(millis) => (millis, &WORK),
            Self::Days(days) => (days.into(), &DAYS),
            Self::Months(months) => (months.into(), &MONTHS),
            Self::WorkingDays(days) => (days.into(), &WORKING_DAYS),
            Self::SameDay => return None,
        };
        let last = units.last().map(|(_, noun)| *noun)?;
        if amount == 0 {
            return Some(("0".to_owned(), last));
        }
        let whole = units.iter().find(|(size, _)| amount % size == 0);
        Some(whole.map_or_else(
            || {
                let size = amount.unsigned_abs();
                let sign = if amount < 0 { "-" } else { "" };
                (format!("{sign}{}", thousandths(size / 1000, size % 1000)), last)
            },
            |(size, noun)| ((amount / size).to_string(), *noun),
        ))
    }
}

fn thousandths(whole: u64, thousandths: u64) -> String {
    format!("{whole}.{thousandths:03}").trim_end_matches('0').trim_end_matches('.').to_owned()
}
