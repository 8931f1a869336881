//! Instants: whole milliseconds since the Unix epoch.

use std::fmt::Write as _;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike};
use serde::{Deserialize, Serialize};

use super::{
    error::TimeError,
    plain,
    read::Reader,
    zone::{Zone, offset_text},
};

/// A point on the UTC line, in whole milliseconds since 1970-01-01T00:00:00Z.
///
/// Always within the years 0001 to 9999 (UTC), whatever is computed, so that writing it cannot fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "i64", into = "i64")]
pub struct Instant(i64);

impl From<i64> for Instant {
    fn from(millis: i64) -> Self {
        Self::from_millis(millis)
    }
}

impl From<Instant> for i64 {
    fn from(at: Instant) -> Self {
        at.0
    }
}

impl Instant {
    /// The start of the year 0001 (UTC).
    pub const MIN: Self = Self(-62_135_596_800_000);
    /// The last millisecond of the year 9999 (UTC). Also stands for "never".
    pub const MAX: Self = Self(253_402_300_799_999);

    /// The instant so many milliseconds after the epoch, brought inside [`Self::MIN`] and [`Self::MAX`].
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        if millis < Self::MIN.0 {
            Self::MIN
        } else if millis > Self::MAX.0 {
            Self::MAX
        } else {
            Self(millis)
        }
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339, with `T` or a space between date and time.
    ///
    /// Seconds may be left out; so may the offset, which then is that of the zone. A bare date is
    /// its 00:00 in the zone; 24:00 is the next date's 00:00. Fractions are cut to milliseconds.
    ///
    /// # Errors
    /// The text has another shape, or names a date or time that does not exist.
    pub fn parse(text: &str, zone: Zone) -> Result<Self, TimeError> {
        plain::read(text).or_else(|| read(text, zone)).ok_or_else(|| {
            TimeError::new(
                format!("`{text}` is not an instant; expected one such as `2026-03-02T09:00:00+08:00` or `2026-03-02 09:00`"),
                format!("`{text}` 不是有效的时刻；应形如 `2026-03-02T09:00:00+08:00` 或 `2026-03-02 09:00`"),
            )
        })
    }

    /// RFC 3339 in a zone: `2026-03-03T00:10:00+08:00`, with `.mmm` only when not whole seconds.
    ///
    /// Written in UTC where the zone's own notation cannot hold it: an offset with seconds (local
    /// mean time before about 1900), or a local year beyond 9999.
    #[must_use]
    pub fn to_rfc3339(self, zone: Zone) -> String {
        let offset = zone.offset_at(self);
        let local = self.at_offset(offset);
        if offset % 60 != 0 || !(1..=9999).contains(&local.year()) {
            return format!("{}{}", written(self.utc(), 'T', true), offset_text(0));
        }
        format!("{}{}", written(local, 'T', true), offset_text(offset))
    }

    /// For people: `2026-03-03 00:10` in a zone, with seconds only when they are not zero.
    #[must_use]
    pub fn show(self, zone: Zone) -> String {
        written(self.local(zone), ' ', false)
    }

    /// As [`Self::show`], but the end of a date is shown as its 24:00: `2026-03-05 24:00`.
    #[must_use]
    pub fn show_due(self, zone: Zone) -> String {
        let date = self.date(zone);
        match date.pred_opt() {
            Some(day_before) if zone.start_of(date) == self => format!("{day_before} 24:00"),
            _ => self.show(zone),
        }
    }

    /// The instant so many milliseconds later; earlier when negative.
    #[must_use]
    pub const fn plus(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// Milliseconds since an earlier instant; negative when that one is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// The local date.
    #[must_use]
    pub fn date(self, zone: Zone) -> NaiveDate {
        self.local(zone).date()
    }

    /// The local date and time.
    #[must_use]
    pub fn local(self, zone: Zone) -> NaiveDateTime {
        self.at_offset(zone.offset_at(self))
    }

    pub(super) fn utc(self) -> NaiveDateTime {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default().naive_utc()
    }

    fn at_offset(self, seconds: i32) -> NaiveDateTime {
        let utc = self.utc();
        utc.checked_add_signed(TimeDelta::seconds(i64::from(seconds))).unwrap_or(utc)
    }
}

/// Reads any shape that is allowed.
pub(super) fn read(text: &str, zone: Zone) -> Option<Instant> {
    let mut reader = Reader::new(text.trim());
    let date = reader.date()?;
    if reader.is_done() {
        return Some(zone.start_of(date));
    }
    reader.take(&['T', 't', ' '])?;
    let local = reader.time_on(date)?;
    reader.skip_spaces();
    if reader.is_done() {
        return Some(zone.resolve(local));
    }
    let offset = reader.offset().filter(|_| reader.is_done())?;
    Some(Instant::from_millis(local.and_utc().timestamp_millis() - i64::from(offset) * 1000))
}

fn written(local: NaiveDateTime, between: char, seconds: bool) -> String {
    let mut text = format!("{}{between}{:02}:{:02}", local.date(), local.hour(), local.minute());
    let milli = local.nanosecond() / 1_000_000;
    // Writing to a String cannot fail.
    if seconds || local.second() > 0 || milli > 0 {
        let _ = write!(text, ":{:02}", local.second());
    }
    if milli > 0 {
        let _ = write!(text, ".{milli:03}");
    }
    text
}
