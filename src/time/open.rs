//! Questions to a calendar about instants: is it open, when next, how long.

use super::{calendar::Calendar, instant::Instant};

const LAST_YEAR: i32 = 9999;

impl Calendar {
    /// Whether an instant lies in opening hours, `[open, close)`.
    #[must_use]
    pub fn is_open(&self, at: Instant) -> bool {
        let at = at.millis();
        self.year(self.year_of(at)).current_or_next(at).is_some_and(|span| span.from <= at)
    }

    /// The instant itself if open, else the next opening; none if it never opens again.
    #[must_use]
    pub fn next_open(&self, at: Instant) -> Option<Instant> {
        self.next_span(at.millis()).map(|(_, from, _)| at.max(Instant::from_millis(from)))
    }

    /// The end of the current or next open interval, strictly after the instant; none if there is no
    /// such end. Hours that touch, as at midnight, are one interval.
    #[must_use]
    pub fn next_close(&self, at: Instant) -> Option<Instant> {
        let (mut number, _, mut until) = self.next_span(at.millis())?;
        // An interval cut at the end of its year goes on in the next.
        while until == self.year(number).until {
            if number >= LAST_YEAR {
                return None;
            }
            number += 1;
            let year = self.year(number);
            match year.current_or_next(until) {
                Some(span) if span.from == until => until = span.until,
                _ => break,
            }
            if number > self.last_special_year() && until == year.until && year.total == year.until - year.from {
                return None;
            }
        }
        Some(Instant::from_millis(until))
    }

    /// The year, start and end of the open interval that contains an instant, or of the next.
    fn next_span(&self, at: i64) -> Option<(i32, i64, i64)> {
        let first = self.year_of(at);
        // Past its last special date a calendar repeats the week, so one year more shows all.
        let last = self.last_special_year().max(first).saturating_add(1).min(LAST_YEAR);
        (first..=last).find_map(|number| self.year(number).current_or_next(at).map(|span| (number, span.from, span.until)))
    }

    /// Open milliseconds between two instants, the first not the later.
    pub(super) fn open_between(&self, from: Instant, until: Instant) -> i64 {
        let (from, until) = (from.millis(), until.millis());
        if from >= until {
            return 0;
        }
        let (first, last) = (self.year_of(from), self.year_of(until));
        let whole: i64 = (first..last).map(|number| self.year(number).total).sum();
        whole + self.year(last).before(until) - self.year(first).before(from)
    }

    /// The earliest instant with `amount > 0` open milliseconds between the start and it.
    pub(super) fn forward(&self, start: Instant, amount: i64) -> Instant {
        if amount >= Instant::MAX.since(start) {
            return Instant::MAX;
        }
        let first = self.year_of(start.millis());
        let last = if self.is_weekly() { LAST_YEAR } else { self.last_special_year().saturating_add(1).min(LAST_YEAR) };
        let mut wanted = amount + self.year(first).before(start.millis());
        for number in first..=last {
            let year = self.year(number);
            if wanted <= year.total {
                return year.earliest(wanted).map_or(Instant::MAX, Instant::from_millis);
            }
            wanted -= year.total;
        }
        Instant::MAX
    }

    /// The latest instant with `amount > 0` open milliseconds between it and the start.
    pub(super) fn backward(&self, start: Instant, amount: i64) -> Instant {
        if amount >= start.since(Instant::MIN) {
            return Instant::MIN;
        }
        let mut number = self.year_of(start.millis());
        let mut before = self.year(number).before(start.millis());
        let mut wanted = amount;
        while wanted > before {
            wanted -= before;
            number -= 1;
            if number < 1 {
                return Instant::MIN;
            }
            before = self.year(number).total;
        }
        self.year(number).latest(before - wanted).map_or(Instant::MIN, Instant::from_millis)
    }
}
