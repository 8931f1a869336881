//! Reading the digits of dates and times, strictly and without panics.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::error::TimeError;

/// The rest of a text that is being read from the left.
pub(super) struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self(text)
    }

    pub(super) const fn is_done(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn skip_spaces(&mut self) {
        self.0 = self.0.trim_start();
    }

    /// Takes one character if it is one of `wanted`.
    pub(super) fn take(&mut self, wanted: &[char]) -> Option<char> {
        let found = self.0.chars().next().filter(|next| wanted.contains(next))?;
        self.0 = self.0.get(found.len_utf8()..).unwrap_or_default();
        Some(found)
    }

    /// Takes all leading ASCII digits.
    pub(super) fn digits(&mut self) -> &'a str {
        let end = self.0.find(|next: char| !next.is_ascii_digit()).unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at_checked(end).unwrap_or_default();
        self.0 = rest;
        digits
    }

    /// Takes everything up to the next ASCII digit.
    pub(super) fn word(&mut self) -> &'a str {
        let end = self.0.find(|next: char| next.is_ascii_digit()).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at_checked(end).unwrap_or_default();
        self.0 = rest;
        word
    }

    fn number(&mut self, digits: usize) -> Option<u32> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.0 = rest;
        number.parse().ok()
    }

    /// `2026-03-02`, in the years 0001 to 9999.
    pub(super) fn date(&mut self) -> Option<NaiveDate> {
        let year = self.number(4).filter(|year| *year > 0)?;
        self.take(&['-'])?;
        let month = self.number(2)?;
        self.take(&['-'])?;
        NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, self.number(2)?)
    }

    /// `09:00`, `09:00:30` or `09:00:30.5` on a date; 24:00 is the next date's 00:00. Digits of the
    /// fraction beyond milliseconds are cut off.
    pub(super) fn time_on(&mut self, date: NaiveDate) -> Option<NaiveDateTime> {
        let hour = self.number(2)?;
        self.take(&[':'])?;
        let minute = self.number(2)?;
        let second = if self.take(&[':']).is_some() { self.number(2)? } else { 0 };
        let fraction = if self.take(&['.']).is_some() { self.digits() } else { "0" };
        if fraction.is_empty() || fraction.len() > 9 {
            return None;
        }
        let milli = fraction.bytes().chain(*b"00").take(3).fold(0, |milli, digit| milli * 10 + u32::from(digit & 15));
        if hour == 24 && minute == 0 && second == 0 && milli == 0 {
            return Some(date.succ_opt()?.and_time(NaiveTime::MIN));
        }
        // A leap second is written 60; the line of UTC seconds that computers keep has no place for it.
        let time = NaiveTime::from_hms_milli_opt(hour, minute, second.min(59), milli)?;
        match second {
            0..60 => Some(date.and_time(time)),
            60 if minute == 59 => date.and_time(time).checked_add_signed(TimeDelta::seconds(1)),
            _ => None,
        }
    }

    /// `+08:00`, `-0530` or `+08`, in seconds east of UTC; `Z` is 0.
    pub(super) fn offset(&mut self) -> Option<i32> {
        if self.take(&['Z', 'z']).is_some() {
            return Some(0);
        }
        let sign = if self.take(&['+', '-'])? == '-' { -1 } else { 1 };
        let hours = self.number(2).filter(|hours| *hours < 24)?;
        let colon = self.take(&[':']).is_some();
        let minutes = if !colon && self.is_done() { 0 } else { self.number(2)? };
        let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
        (minutes < 60).then_some(sign * seconds)
    }
}

/// Reads a date such as `2026-03-02`.
///
/// # Errors
/// The text is not a date of the years 0001 to 9999 in that shape.
pub fn parse_date(text: &str) -> Result<NaiveDate, TimeError> {
    let mut reader = Reader::new(text.trim());
    reader.date().filter(|_| reader.is_done()).ok_or_else(|| {
        TimeError::new(
            format!("`{text}` is not a date; expected one such as `2026-03-02`"),
            format!("`{text}` 不是日期；应形如 `2026-03-02`"),
        )
    })
}

/// Reads a range of dates such as `2026-02-15..2026-02-23`, both ends included, or one date.
///
/// # Errors
/// An end is not a date, or the range runs backwards.
pub fn parse_dates(text: &str) -> Result<(NaiveDate, NaiveDate), TimeError> {
    let Some((from, until)) = text.split_once("..") else {
        return parse_date(text).map(|date| (date, date));
    };
    let (from, until) = (parse_date(from)?, parse_date(until)?);
    if from > until {
        return Err(TimeError::new(
            format!("`{}` runs backwards; expected the earlier date first", text.trim()),
            format!("`{}` 首尾颠倒；应先写较早的日期", text.trim()),
        ));
    }
    Ok((from, until))
}
