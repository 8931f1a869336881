//! Spans of days: the last date and the instant at which it ends.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::{
    clock::{Clock, Counting, DayEnd},
    instant::Instant,
    pause::{Pause, holding, whole_dates},
    span::Span,
};

/// Dates, first and last, that do not count.
type Ranges<'a> = &'a [(NaiveDate, NaiveDate)];

impl Clock<'_> {
    /// The last date of a span of days before and after prolongation, and the instant at which it
    /// ends. The dates are missing outside the years 1 to 9999.
    pub(super) fn dated(&self, start: Instant, span: Span, pauses: &[Pause]) -> (Option<(NaiveDate, NaiveDate)>, Instant) {
        let zone = self.calendar.zone();
        let out = whole_dates(pauses, zone);
        let today = start.date(zone);
        // A start at 00:00 is the 24:00 of the day before: a due instant, from which a warning counts back.
        let nominal = if span.is_negative() && zone.start_of(today) == start {
            let from_eve = today.pred_opt().and_then(|eve| self.last_date(eve, span, &out));
            match span {
                // From 1 July 00:00 a month back is 1 June 00:00, not the end of 30 May.
                Span::Months(_) => from_eve.max(self.last_date(today, span, &out).and_then(|date| date.pred_opt())),
                _ => from_eve,
            }
        } else {
            self.last_date(today, span, &out)
        };
        let Some(nominal) = nominal else {
            return (None, if span.is_negative() { Instant::MIN } else { Instant::MAX });
        };
        let last = if self.prolongs(span) { self.prolonged(nominal, &out) } else { nominal };
        let at_close = match span {
            Span::SameDay => false,
            Span::WorkingDays(_) => true,
            _ => self.day_end == DayEnd::Close,
        };
        let close = self.calendar.close_of(last).filter(|close| at_close && (*close >= start || span.is_negative()));
        (Some((nominal, last)), close.unwrap_or_else(|| zone.end_of(last)))
    }

    fn prolongs(&self, span: Span) -> bool {
        self.counting == Counting::Civil && matches!(span, Span::Days(_) | Span::Months(_)) && !span.is_negative()
    }

    fn prolonged(&self, date: NaiveDate, paused: Ranges<'_>) -> NaiveDate {
        let mut next = Some(date).filter(|date| self.calendar.is_working_day(*date));
        let mut from = date;
        loop {
            let Some(candidate) = next.or_else(|| self.calendar.next_working_day(from)) else { return date };
            let Some((_, last)) = holding(paused, candidate) else { return candidate };
            // One step over a pause without an end, not one for each of its dates.
            (next, from) = (None, last);
        }
    }

    fn last_date(&self, date: NaiveDate, span: Span, paused: Ranges<'_>) -> Option<NaiveDate> {
        match span {
            Span::Days(days) => stepped(date, days.into(), paused),
            Span::Months(_) => {
                let end = moved(date, span)?;
                let (first, last) = if end < date { (end, date.pred_opt()?) } else { (date.succ_opt()?, end) };
                let overlap = |(from, until): &(NaiveDate, NaiveDate)| ((*until).min(last) - (*from).max(first)).num_days() + 1;
                let missing: i64 = paused.iter().map(|range| overlap(range).max(0)).sum();
                stepped(end, if end < date { -missing } else { missing }, paused)
            }
            Span::WorkingDays(days) => self.working_days_from(date, days, paused),
            Span::Elapsed(_) | Span::Working(_) | Span::SameDay => Some(date),
        }
    }

    /// The Nth working day after a date, or before it when negative.
    pub(super) fn working_days_from(&self, date: NaiveDate, days: i32, paused: Ranges<'_>) -> Option<NaiveDate> {
        let mut at = date;
        let mut left = days.unsigned_abs();
        while left > 0 {
            at = if days < 0 { self.calendar.previous_working_day(at)? } else { self.calendar.next_working_day(at)? };
            match holding(paused, at) {
                Some((first, last)) => at = if days < 0 { first } else { last },
                None => left -= 1,
            }
        }
        Some(at)
    }
}

/// A date moved by days or months, within the years 1 to 9999.
pub(super) fn moved(date: NaiveDate, span: Span) -> Option<NaiveDate> {
    let moved = match span {
        Span::Days(days) if days < 0 => date.checked_sub_days(Days::new(days.unsigned_abs().into())),
        Span::Days(days) => date.checked_add_days(Days::new(days.unsigned_abs().into())),
        Span::Months(months) if months < 0 => date.checked_sub_months(Months::new(months.unsigned_abs())),
        Span::Months(months) => date.checked_add_months(Months::new(months.unsigned_abs())),
        Span::Elapsed(_) | Span::Working(_) | Span::WorkingDays(_) | Span::SameDay => Some(date),
    };
    moved.filter(|date| (1..=9999).contains(&date.year()))
}

/// The date so many dates on, not counting those of the ranges (in order, apart).
fn stepped(date: NaiveDate, days: i64, paused: Ranges<'_>) -> Option<NaiveDate> {
    let (mut at, mut left) = (date, days.abs());
    let back = days < 0;
    let mut jump = |first: NaiveDate, last: NaiveDate| {
        let (near, far) = if back { (last, first) } else { (first, last) };
        let ahead = if back { far < at } else { far > at };
        let gap = ((near - at).num_days().abs() - 1) * i64::from(if back { near < at } else { near > at });
        if left == 0 || !ahead || left <= gap {
            return;
        }
        left -= gap;
        at = far;
    };
    let order: &mut dyn Iterator<Item = &(NaiveDate, NaiveDate)> = if back { &mut paused.iter().rev() } else { &mut paused.iter() };
    for (first, last) in order {
        jump(*first, *last);
    }
    let days = i32::try_from(if back { -left } else { left }).ok()?;
    moved(at, Span::Days(days))
}
