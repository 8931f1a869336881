//! Time zones, and what a local time means where a clock change skips or repeats it.

use chrono::{Days, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};

use super::{
    error::{TimeError, edits, nearest},
    instant::Instant,
    read::Reader,
};

/// A time zone: a name of the IANA database, or a fixed offset from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Zone(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Named(Tz),
    /// Seconds east of UTC.
    Fixed(i32),
}

impl Default for Zone {
    fn default() -> Self {
        Self::UTC
    }
}

impl Zone {
    /// Coordinated Universal Time.
    pub const UTC: Self = Self(Kind::Named(Tz::UTC));

    /// Reads `Asia/Shanghai`, `UTC`, `Z` or an offset such as `+08:00`.
    ///
    /// # Errors
    /// The text is neither; the nearest name is suggested.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("z") || text.eq_ignore_ascii_case("utc") {
            return Ok(Self::UTC);
        }
        if let Ok(named) = text.parse::<Tz>() {
            return Ok(Self(Kind::Named(named)));
        }
        let mut reader = Reader::new(text);
        if let Some(offset) = reader.offset().filter(|_| reader.is_done()) {
            return Ok(Self(Kind::Fixed(offset)));
        }
        let (mut en, mut zh) = (String::new(), String::new());
        if let Some(name) = nearest(text, TZ_VARIANTS.iter().map(|zone| zone.name())).filter(|name| edits(text, name) <= 4) {
            en = format!("; did you mean `{name}`?");
            zh = format!("；是否指 `{name}`？");
        }
        Err(TimeError::new(
            format!("unknown time zone `{text}`; expected a name such as `Asia/Shanghai` or an offset such as `+08:00`{en}"),
            format!("未知时区 `{text}`；应为 `Asia/Shanghai` 之类的名称或 `+08:00` 之类的偏移{zh}"),
        ))
    }

    /// The name as it is read: `Asia/Shanghai`, `+08:00`.
    #[must_use]
    pub fn name(&self) -> String {
        match self.0 {
            Kind::Named(zone) => zone.name().to_owned(),
            Kind::Fixed(seconds) => offset_text(seconds),
        }
    }

    /// The instant of a local time: one that a clock change skips means the instant of the change,
    /// one that occurs twice means the first.
    #[must_use]
    pub fn resolve(self, local: NaiveDateTime) -> Instant {
        let wall = local.and_utc().timestamp_millis();
        let zone = match self.0 {
            Kind::Fixed(seconds) => return Instant::from_millis(wall - i64::from(seconds) * 1000),
            Kind::Named(zone) => zone,
        };
        match zone.from_local_datetime(&local) {
            MappedLocalTime::Single(at) => Instant::from_millis(at.timestamp_millis()),
            MappedLocalTime::Ambiguous(a, b) => Instant::from_millis(a.timestamp_millis().min(b.timestamp_millis())),
            MappedLocalTime::None => self.change_over(wall),
        }
    }

    /// The instant of the clock change that skips the local time `wall` (ms, as if it were UTC).
    fn change_over(self, wall: i64) -> Instant {
        const DAY: i64 = 86_400_000;
        let before = self.offset_at(Instant::from_millis(wall - 2 * DAY));
        let after = self.offset_at(Instant::from_millis(wall + 2 * DAY));
        // At `low` the old offset still holds and the wall clock is short of `wall`; at `high` it
        // is past it. The change lies between.
        let mut low = wall - i64::from(after.max(before)) * 1000;
        let mut high = wall - i64::from(after.min(before)) * 1000;
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if middle + i64::from(self.offset_at(Instant::from_millis(middle))) * 1000 > wall {
                high = middle;
            } else {
                low = middle;
            }
        }
        Instant::from_millis(high)
    }

    /// The first instant of a local date.
    #[must_use]
    pub fn start_of(self, date: NaiveDate) -> Instant {
        self.resolve(date.and_time(NaiveTime::MIN))
    }

    /// The instant at which a local date ends, its 24:00: the first instant of the next date.
    #[must_use]
    pub fn end_of(self, date: NaiveDate) -> Instant {
        self.minute_of(date, 24 * 60)
    }

    /// The instant so many minutes of wall clock after a date begins; 1440 and more reach into the next.
    pub(super) fn minute_of(self, date: NaiveDate, minute: u16) -> Instant {
        let date = date.checked_add_days(Days::new(u64::from(minute / 1440))).unwrap_or(date);
        self.resolve(date.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(minute % 1440)))
    }

    /// Seconds east of UTC at an instant.
    pub(super) fn offset_at(self, at: Instant) -> i32 {
        match self.0 {
            Kind::Fixed(seconds) => seconds,
            Kind::Named(zone) => zone.offset_from_utc_datetime(&at.utc()).fix().local_minus_utc(),
        }
    }
}

/// An offset as RFC 3339 writes it; the seconds of an old local mean time are left out.
pub(super) fn offset_text(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}
