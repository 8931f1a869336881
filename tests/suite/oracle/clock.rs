//! How time is counted, the slow way: working time minute by minute, days date by date.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap},
    rc::Rc,
};

use chrono::{DateTime, Datelike, LocalResult, Months, NaiveDate, NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

/// Milliseconds since the epoch.
pub type Ms = i64;
pub const MINUTE: Ms = 60_000;
pub const HOUR: Ms = 60 * MINUTE;
pub const DAY: Ms = 24 * HOUR;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    Civil,
    Dates,
    Elapsed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    Minutes(i64),
    Days(i64),
    Months(i64),
    WorkingMinutes(i64),
    WorkingDays(i64),
    SameDay,
}

impl Span {
    pub fn text(self) -> String {
        match self {
            Self::Minutes(n) => format!("{n}min"),
            Self::Days(n) => format!("{n}d"),
            Self::Months(n) => format!("{n}mo"),
            Self::WorkingMinutes(n) => format!("{n} working minutes"),
            Self::WorkingDays(n) => format!("{n} working days"),
            Self::SameDay => "same day".to_owned(),
        }
    }
}

/// Hours of a date in minutes from its 00:00; more than 1440 is past midnight.
pub type Hours = Vec<(u32, u32)>;

#[derive(Clone, Debug)]
pub struct Calendar {
    pub zone: Tz,
    pub week: [Hours; 7],
    pub holidays: BTreeSet<NaiveDate>,
    pub dates: BTreeMap<NaiveDate, Hours>,
    known: RefCell<HashMap<NaiveDate, Rc<Vec<(Ms, Ms)>>>>,
}

impl Calendar {
    pub fn new(zone: Tz, week: [Hours; 7], holidays: BTreeSet<NaiveDate>, dates: BTreeMap<NaiveDate, Hours>) -> Self {
        Self { zone, week, holidays, dates, known: RefCell::default() }
    }

    /// A date's own hours beat a holiday, a holiday beats the week.
    pub fn hours(&self, date: NaiveDate) -> &[(u32, u32)] {
        match self.dates.get(&date) {
            Some(own) => own,
            None if self.holidays.contains(&date) => &[],
            None => &self.week[date.weekday().num_days_from_monday() as usize],
        }
    }

    pub fn works(&self, date: NaiveDate) -> bool {
        !self.hours(date).is_empty()
    }

    pub fn date(&self, at: Ms) -> NaiveDate {
        local(self.zone, at).date()
    }

    pub fn start_of(&self, date: NaiveDate) -> Ms {
        self.instant(date, 0)
    }

    /// The 24:00 of a date.
    pub fn end_of(&self, date: NaiveDate) -> Ms {
        self.start_of(date.succ_opt().unwrap())
    }

    /// A wall clock minute of a date: what a clock change skips is the change, what it repeats is the first.
    pub fn instant(&self, date: NaiveDate, minute: u32) -> Ms {
        let wall = date.and_hms_opt(0, 0, 0).unwrap() + TimeDelta::minutes(minute.into());
        resolve(self.zone, wall)
    }

    /// The open stretches that begin on a date.
    fn stretches(&self, date: NaiveDate) -> Rc<Vec<(Ms, Ms)>> {
        let mut known = self.known.borrow_mut();
        let fresh = || self.hours(date).iter().map(|(from, to)| (self.instant(date, *from), self.instant(date, *to))).collect();
        Rc::clone(known.entry(date).or_insert_with(|| Rc::new(fresh())))
    }

    pub fn is_open(&self, at: Ms) -> bool {
        let date = self.date(at);
        [date, date.pred_opt().unwrap()].into_iter().any(|date| self.stretches(date).iter().any(|(from, to)| *from <= at && at < *to))
    }

    /// When a date closes: its last closing time, or its 24:00 where it has no hours.
    fn close_of(&self, date: NaiveDate) -> Ms {
        self.stretches(date).iter().map(|(_, to)| *to).max().unwrap_or_else(|| self.end_of(date))
    }
}

fn local(zone: Tz, at: Ms) -> NaiveDateTime {
    DateTime::from_timestamp_millis(at).unwrap().with_timezone(&zone).naive_local()
}

fn resolve(zone: Tz, wall: NaiveDateTime) -> Ms {
    match zone.from_local_datetime(&wall) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.timestamp_millis(),
        // Skipped: the first minute after it that exists is the instant of the change.
        LocalResult::None => resolve(zone, wall + TimeDelta::minutes(1)),
    }
}

/// A stretch in which the clock stands still; `None`: it still does.
pub type Pause = (Ms, Option<Ms>);

/// How spans are counted for a clause.
#[derive(Clone, Copy, Debug)]
pub struct Clock<'c> {
    pub calendar: &'c Calendar,
    pub counting: Counting,
    pub close: bool,
    pub pauses: &'c [Pause],
}

impl Clock<'_> {
    fn stands(&self, at: Ms) -> bool {
        self.pauses.iter().any(|(from, until)| *from <= at && until.is_none_or(|until| at < until))
    }

    /// The next instant at which anything may change: a whole minute, or an edge of a pause.
    fn step(&self, at: Ms, back: bool) -> Ms {
        let edges = self.pauses.iter().flat_map(|(from, until)| [Some(*from), *until]).flatten();
        if back {
            let minute = (at - 1).div_euclid(MINUTE) * MINUTE;
            edges.filter(|edge| *edge < at).fold(minute, Ms::max)
        } else {
            let minute = (at.div_euclid(MINUTE) + 1) * MINUTE;
            edges.filter(|edge| *edge > at).fold(minute, Ms::min)
        }
    }

    /// Walks until so much time has run; `open` asks that the calendar be open as well.
    fn walk(&self, start: Ms, amount: Ms, open: bool) -> Ms {
        let (back, mut left, mut at) = (amount < 0, amount.abs(), start);
        while left > 0 {
            let next = self.step(at, back);
            let (from, to) = (at.min(next), at.max(next));
            if !self.stands(from) && (!open || self.calendar.is_open(from)) {
                if to - from >= left {
                    return if back { at - left } else { at + left };
                }
                left -= to - from;
            }
            at = next;
        }
        at
    }

    /// A date that a pause covers whole does not count.
    fn counts(&self, date: NaiveDate) -> bool {
        let (from, to) = (self.calendar.start_of(date), self.calendar.end_of(date));
        let mut at = from;
        while at < to {
            if !self.stands(at) {
                return true;
            }
            at = self.step(at, false);
        }
        false
    }

    fn date_after(&self, start: NaiveDate, number: i64, counted: impl Fn(NaiveDate) -> bool) -> NaiveDate {
        let (mut date, mut left) = (start, number.abs());
        while left > 0 {
            date = if number < 0 { date.pred_opt() } else { date.succ_opt() }.unwrap();
            left -= i64::from(counted(date));
        }
        date
    }

    /// The end of the last day of a span of dates: not on a rest day, when counted as the Civil Code does.
    fn last_day(&self, start: Ms, mut date: NaiveDate, forward: bool) -> Ms {
        while forward && self.counting == Counting::Civil && !(self.calendar.works(date) && self.counts(date)) {
            date = date.succ_opt().unwrap();
        }
        if self.close { self.close_after(start, date, forward) } else { self.calendar.end_of(date) }
    }

    /// When a date closes. Silent in the documents: a close that is past already, as on the day of the trigger itself, gives way to 24:00.
    fn close_after(&self, start: Ms, date: NaiveDate, forward: bool) -> Ms {
        let close = self.calendar.close_of(date);
        if forward && close < start { self.calendar.end_of(date) } else { close }
    }

    pub fn add(&self, start: Ms, span: Span) -> Ms {
        let date = self.calendar.date(start);
        let negative = matches!(span, Span::Days(n) | Span::WorkingDays(n) if n < 0);
        // Backwards, a 24:00 belongs to the day that it ends.
        let date = if negative && self.calendar.start_of(date) == start { date.pred_opt().unwrap() } else { date };
        match span {
            Span::Minutes(n) => self.walk(start, n * MINUTE, false),
            Span::WorkingMinutes(n) => self.walk(start, n * MINUTE, true),
            Span::Days(n) if self.counting == Counting::Elapsed => self.walk(start, n * DAY, false),
            Span::Days(n) => self.last_day(start, self.date_after(date, n, |date| self.counts(date)), n >= 0),
            Span::Months(n) => self.months(start, date, n),
            Span::WorkingDays(n) => {
                let counted = |date| self.calendar.works(date) && self.counts(date);
                self.close_after(start, self.date_after(date, n, counted), n >= 0)
            }
            Span::SameDay => self.calendar.end_of(date),
        }
    }

    /// A span that follows something due. A due of 24:00 belongs to the day that it ends: counted in days, it begins on that one.
    pub fn after_due(&self, due: Ms, span: Span) -> Ms {
        let of_days = match span {
            Span::Minutes(_) | Span::WorkingMinutes(_) => false,
            Span::Days(_) | Span::Months(_) => self.counting != Counting::Elapsed,
            Span::WorkingDays(_) | Span::SameDay => true,
        };
        let at_midnight = self.calendar.start_of(self.calendar.date(due)) == due;
        self.add(if of_days && at_midnight { due - 1 } else { due }, span)
    }

    /// The corresponding date, or the month's last day.
    fn months(&self, start: Ms, date: NaiveDate, number: i64) -> Ms {
        let months = Months::new(u32::try_from(number.abs()).unwrap());
        let mut end = if number < 0 { date.checked_sub_months(months) } else { date.checked_add_months(months) }.unwrap();
        if self.counting == Counting::Elapsed {
            let wall = local(self.calendar.zone, start);
            return self.walk(start, resolve(self.calendar.zone, end.and_time(wall.time())) - start, false);
        }
        if number < 0 {
            // From a 24:00, the later of what the day that ends and the day that begins come to: from 30 June 24:00 a month back is 31 May 24:00.
            let eve = date.pred_opt().and_then(|eve| eve.checked_sub_months(months)).unwrap();
            let at_midnight = self.calendar.start_of(date) == start;
            return self.last_day(start, if at_midnight { eve.max(end.pred_opt().unwrap()) } else { end }, false);
        }
        // Dates that a pause covers whole do not count: the span grows by them, and by those that it grows into.
        let mut seen = date;
        while seen < end {
            seen = seen.succ_opt().unwrap();
            if !self.counts(seen) {
                end = end.succ_opt().unwrap();
            }
        }
        self.last_day(start, end, true)
    }
}
