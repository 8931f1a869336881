//! How a span is counted from an instant.

use chrono::NaiveDate;

use super::{
    calendar::Calendar,
    dates::moved,
    instant::Instant,
    ledger::Ledger,
    pause::{Pause, merged},
    span::Span,
};

const DAY: i64 = 86_400_000;

/// How days, weeks, months and years are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Counting {
    /// As the Civil Code of the PRC, articles 200 to 204: the day of the trigger is not counted, and
    /// a last day that is a rest day moves on to the next working day.
    #[default]
    Civil,
    /// The same, but a last day stays where it falls.
    Dates,
    /// A day is 24 hours; a month keeps the clock time on the corresponding date.
    Elapsed,
}

/// When the last day of a span of days ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DayEnd {
    /// At 24:00.
    #[default]
    Midnight,
    /// At the close of business (Civil Code of the PRC, article 203); 24:00 on a rest day.
    Close,
}

/// The instant at which a span ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Due {
    /// The last instant that is still in time. [`Instant::MAX`] when it never comes: the clock is
    /// paused for good, or the calendar does not open often enough.
    pub at: Instant,
    /// It lies outside the dates the calendar covers (or working time was counted from there), so
    /// that a holiday not yet announced may move it.
    pub provisional: bool,
}

/// A calendar and the way spans are counted on it.
#[derive(Clone, Copy, Debug)]
pub struct Clock<'a> {
    /// When work is done.
    pub calendar: &'a Calendar,
    /// How days and months are counted.
    pub counting: Counting,
    /// When a last day ends.
    pub day_end: DayEnd,
}

/// What lets a clock run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Running {
    Always,
    WhileOpen,
}

impl<'a> Clock<'a> {
    /// A clock on a calendar, counting as the law does.
    #[must_use]
    pub const fn new(calendar: &'a Calendar) -> Self {
        Self { calendar, counting: Counting::Civil, day_end: DayEnd::Midnight }
    }

    /// The instant at which a span that begins at `start` ends.
    ///
    /// Elapsed and working time end at the earliest instant by which that much has run outside the
    /// pauses: a closing instant, never the next opening. Working days end at the close of the Nth
    /// after the day of `start`. Days and months end with their last date, as [`Counting`] and
    /// [`DayEnd`] say; a date that a pause covers whole does not count.
    ///
    /// Negative spans mirror this: working time ends at the latest instant (an opening), and days
    /// count back from the day of `start`, which is not counted (a `start` at 00:00 is the 24:00 of
    /// the day before), to the end of the last one; they are not prolonged.
    #[must_use]
    pub fn add(&self, start: Instant, span: Span, pauses: &[Pause]) -> Due {
        // Most clocks are never stopped.
        let pauses = if pauses.is_empty() { Vec::new() } else { merged(pauses) };
        let at = match self.measure(start, span) {
            Some((running, amount)) => self.run(running, start, amount, &pauses),
            None => self.dated(start, span, &pauses).1,
        };
        self.due(start, span, at)
    }

    /// The instant at which a span ends that follows a due instant: a 24:00 belongs to the day that it ends, and that day is the one not counted.
    #[must_use]
    pub fn after_due(&self, due: Instant, span: Span) -> Due {
        let zone = self.calendar.zone();
        let of_days = self.measure(due, span).is_none() && !span.is_negative();
        let at_midnight = of_days && zone.start_of(due.date(zone)) == due;
        self.add(if at_midnight { due.plus(-1) } else { due }, span, &[])
    }

    /// As [`Self::add`], and how it was counted.
    #[must_use]
    pub fn explain(&self, start: Instant, span: Span, pauses: &[Pause]) -> (Due, Ledger) {
        let due = self.add(start, span, pauses);
        (due, Ledger::of(self, start, span, &merged(pauses), due))
    }

    /// Open milliseconds between two instants, outside the pauses; negative when `b` is the earlier.
    #[must_use]
    pub fn between(&self, a: Instant, b: Instant, pauses: &[Pause]) -> i64 {
        self.signed(Running::WhileOpen, a, b, pauses)
    }

    /// Milliseconds on the UTC line between two instants, outside the pauses; negative when `b` is
    /// the earlier.
    #[must_use]
    pub fn elapsed_between(&self, a: Instant, b: Instant, pauses: &[Pause]) -> i64 {
        self.signed(Running::Always, a, b, pauses)
    }

    /// A date moved by days, weeks, months, years or working days, without prolongation.
    ///
    /// None for spans below a day, and outside the years 1 to 9999. A month ends on the
    /// corresponding date, or on the month's last day (Civil Code of the PRC, article 202).
    #[must_use]
    pub fn shift_date(&self, date: NaiveDate, span: Span) -> Option<NaiveDate> {
        match span {
            Span::Elapsed(_) | Span::Working(_) => None,
            Span::WorkingDays(days) => self.working_days_from(date, days, &[]),
            Span::Days(_) | Span::Months(_) | Span::SameDay => moved(date, span),
        }
    }

    fn due(&self, start: Instant, span: Span, at: Instant) -> Due {
        let counted = matches!(span, Span::Working(_) | Span::WorkingDays(_));
        let provisional = !self.calendar.covers(at) || (counted && !self.calendar.covers(start));
        Due { at, provisional }
    }

    /// What lets the clock run and for how many milliseconds; none for spans that end with a date.
    pub(super) fn measure(&self, start: Instant, span: Span) -> Option<(Running, i64)> {
        match (span, self.counting) {
            (Span::Elapsed(millis), _) => Some((Running::Always, millis)),
            (Span::Working(millis), _) => Some((Running::WhileOpen, millis)),
            (Span::Days(days), Counting::Elapsed) => Some((Running::Always, i64::from(days) * DAY)),
            (Span::Months(months), Counting::Elapsed) => {
                let zone = self.calendar.zone();
                let local = start.local(zone);
                let end = moved(local.date(), Span::Months(months)).map(|date| zone.resolve(date.and_time(local.time())));
                let never = if months < 0 { Instant::MIN } else { Instant::MAX };
                Some((Running::Always, end.unwrap_or(never).since(start)))
            }
            _ => None,
        }
    }

    /// Lets the clock run for so many milliseconds outside the merged pauses, forwards or backwards.
    fn run(&self, running: Running, start: Instant, amount: i64, pauses: &[Pause]) -> Instant {
        let (mut at, mut left) = (start, amount.saturating_abs());
        if left == 0 {
            return start;
        }
        if amount > 0 {
            for pause in pauses.iter().filter(|pause| pause.until > start) {
                let runs = self.runs(running, at, pause.from);
                if left <= runs {
                    break;
                }
                left -= runs;
                at = pause.until;
            }
            match running {
                Running::Always => at.plus(left),
                Running::WhileOpen => self.calendar.forward(at, left),
            }
        } else {
            for pause in pauses.iter().rev().filter(|pause| pause.from < start) {
                let runs = self.runs(running, pause.until, at);
                if left <= runs {
                    break;
                }
                left -= runs;
                at = pause.from;
            }
            match running {
                Running::Always => at.plus(-left),
                Running::WhileOpen => self.calendar.backward(at, left),
            }
        }
    }

    fn signed(&self, running: Running, a: Instant, b: Instant, pauses: &[Pause]) -> i64 {
        if b < a {
            return -self.signed(running, b, a, pauses);
        }
        let lost = |pause: &Pause| self.runs(running, pause.from.max(a), pause.until.min(b));
        self.runs(running, a, b) - merged(pauses).iter().map(lost).sum::<i64>()
    }

    /// Milliseconds the clock runs from one instant to a later one; 0 if that one is not later.
    fn runs(&self, running: Running, from: Instant, until: Instant) -> i64 {
        match running {
            Running::Always => until.since(from).max(0),
            Running::WhileOpen => self.calendar.open_between(from, until),
        }
    }
}
