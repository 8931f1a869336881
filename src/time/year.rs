//! The open intervals of one calendar year, made ready for binary search.

use chrono::{Datelike, NaiveDate};

use super::{calendar::Calendar, instant::Instant};

/// An open interval `[from, until)`, in milliseconds since the epoch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    pub from: i64,
    pub until: i64,
    /// Open milliseconds of the year before this interval.
    before: i64,
}

/// One local year: the window it fills on the UTC line and what is open inside it.
///
/// Intervals are merged where they touch and cut at the ends of the window, so that figures of
/// several years add up.
#[derive(Clone, Debug)]
pub(super) struct Year {
    pub from: i64,
    pub until: i64,
    spans: Vec<Open>,
    /// Open milliseconds in the whole year.
    pub total: i64,
    /// One bit a date, set on working days.
    working: [u64; 6],
}

impl Year {
    /// Builds the index of a year between 1 and 9999.
    pub(super) fn build(calendar: &Calendar, number: i32) -> Self {
        let zone = calendar.zone();
        let bound = |year| NaiveDate::from_ymd_opt(year, 1, 1).map_or(Instant::MAX, |date| zone.start_of(date)).millis();
        let mut year = Self { from: bound(number), until: bound(number + 1), spans: Vec::new(), total: 0, working: [0; 6] };
        // Hours reach at most to the end of the next date, so one date before the year is enough.
        let first = NaiveDate::from_yo_opt(number, 1).unwrap_or_default();
        let dates = first.pred_opt().into_iter().chain(first.iter_days().take_while(|date| date.year() == number));
        for date in dates {
            let hours = calendar.hours_on(date);
            if date.year() == number && !hours.is_empty() {
                year.mark(date);
            }
            for span in hours {
                year.open(zone.minute_of(date, span.from).millis(), zone.minute_of(date, span.to).millis());
            }
        }
        for span in &mut year.spans {
            span.before = year.total;
            year.total += span.until - span.from;
        }
        year
    }

    fn mark(&mut self, date: NaiveDate) {
        let day = date.ordinal0();
        if let Some(word) = usize::try_from(day / 64).ok().and_then(|word| self.working.get_mut(word)) {
            *word |= 1 << (day % 64);
        }
    }

    fn open(&mut self, from: i64, until: i64) {
        let (from, until) = (from.max(self.from), until.min(self.until));
        if from >= until {
            return;
        }
        match self.spans.last_mut() {
            Some(last) if from <= last.until => last.until = last.until.max(until),
            _ => self.spans.push(Open { from, until, before: 0 }),
        }
    }

    /// Whether a date of this year has hours of its own.
    pub(super) fn is_working(&self, date: NaiveDate) -> bool {
        let day = date.ordinal0();
        let word = usize::try_from(day / 64).ok().and_then(|word| self.working.get(word));
        word.is_some_and(|word| word >> (day % 64) & 1 == 1)
    }

    /// The interval that contains an instant, or the next of this year.
    pub(super) fn current_or_next(&self, at: i64) -> Option<&Open> {
        self.spans.get(self.spans.partition_point(|span| span.until <= at))
    }

    /// Open milliseconds of the year before an instant.
    pub(super) fn before(&self, at: i64) -> i64 {
        let begun = self.spans.partition_point(|span| span.from < at);
        self.last_of(begun).map_or(0, |span| span.before + at.min(span.until) - span.from)
    }

    /// The earliest instant with so many open milliseconds before it, `0 < amount <= total`: a closing
    /// instant rather than the next opening.
    pub(super) fn earliest(&self, amount: i64) -> Option<i64> {
        let span = self.last_of(self.spans.partition_point(|span| span.before < amount))?;
        Some(span.from + amount - span.before)
    }

    /// The latest instant with so many open milliseconds before it, `0 <= amount < total`: an opening
    /// instant rather than the closing before it.
    pub(super) fn latest(&self, amount: i64) -> Option<i64> {
        let span = self.last_of(self.spans.partition_point(|span| span.before <= amount))?;
        Some(span.from + amount - span.before)
    }

    fn last_of(&self, count: usize) -> Option<&Open> {
        self.spans.get(count.checked_sub(1)?)
    }
}
