//! Calendars: weekly hours, holidays, dates with hours of their own, in a zone.

use std::{collections::BTreeMap, ops::Deref, sync::OnceLock};

use chrono::{Datelike, Days, NaiveDate};

use super::{
    error::TimeError,
    hours::{DAY, Hours, in_order},
    instant::Instant,
    year::Year,
    zone::Zone,
};

const FIRST_KEPT: i32 = 1970;
const LAST_KEPT: i32 = 2100;

/// What a calendar is made from, as its file says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CalendarSpec {
    /// Its name.
    pub name: String,
    /// The zone its hours and dates are meant in.
    pub zone: Zone,
    /// The hours of each weekday, Monday first; empty is closed.
    pub week: [Vec<Hours>; 7],
    /// Holidays: first date, last date (included), name. They beat the week. Where two overlap, the
    /// one that begins first gives its name.
    pub holidays: Vec<(NaiveDate, NaiveDate, String)>,
    /// Dates with hours of their own: make-up working days (调休), short days. They beat holidays. Of
    /// two for one date the later in the list holds, so that a calendar can build on another.
    pub dates: Vec<(NaiveDate, DateHours)>,
    /// The dates, both included, for which holidays are known.
    pub covers: Option<(NaiveDate, NaiveDate)>,
}

/// The hours of one date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DateHours {
    /// Those of a weekday; 0 is Monday.
    LikeWeekday(usize),
    /// Its own; empty is closed.
    Own(Vec<Hours>),
}

/// When work is done: the answer to "is it open?" for every instant, and to "is it a working day?"
/// for every date.
///
/// Figures for the years 1970 to 2100 are kept, each year from its first use on.
#[derive(Debug)]
pub struct Calendar {
    spec: CalendarSpec,
    /// In order, apart.
    holidays: Vec<(NaiveDate, NaiveDate, String)>,
    dates: BTreeMap<NaiveDate, Vec<Hours>>,
    covered: Option<(Instant, Instant)>,
    years: Box<[OnceLock<Year>]>,
}

/// A year of a calendar: a kept one, or one made for this question only.
pub(super) enum YearRef<'a> {
    Kept(&'a Year),
    Made(Box<Year>),
}

impl Deref for YearRef<'_> {
    type Target = Year;

    fn deref(&self) -> &Year {
        match self {
            Self::Kept(year) => year,
            Self::Made(year) => year,
        }
    }
}

impl Calendar {
    /// Makes a calendar.
    ///
    /// # Errors
    /// Hours overlap or have no length, a range of dates runs backwards, a weekday does not exist, or
    /// the calendar is never open. The text does not name the calendar.
    pub fn new(mut spec: CalendarSpec) -> Result<Self, TimeError> {
        for hours in &mut spec.week {
            *hours = in_order(std::mem::take(hours))
                .ok_or_else(|| TimeError::new("hours of a weekday overlap or have no length", "某个星期几的时段重叠或长度为零"))?;
        }
        let reversed = spec.holidays.iter().map(|(from, until, _)| (*from, *until)).chain(spec.covers);
        if let Some((from, until)) = reversed.into_iter().find(|(from, until)| from > until) {
            return Err(TimeError::new(
                format!("`{from}..{until}` runs backwards; expected the earlier date first"),
                format!("`{from}..{until}` 首尾颠倒；应先写较早的日期"),
            ));
        }
        let mut dates = BTreeMap::new();
        for (date, hours) in &spec.dates {
            let hours = match hours {
                DateHours::LikeWeekday(day) => spec.week.get(*day).cloned(),
                DateHours::Own(hours) => in_order(hours.clone()),
            };
            let hours = hours.ok_or_else(|| {
                TimeError::new(
                    format!("`{date}` has overlapping hours or copies a weekday that does not exist"),
                    format!("`{date}` 的时段重叠，或照搬了不存在的星期几"),
                )
            })?;
            dates.insert(*date, hours);
        }
        let covered = spec.covers.map(|(from, until)| (spec.zone.start_of(from), spec.zone.end_of(until)));
        let years = (FIRST_KEPT..=LAST_KEPT).map(|_| OnceLock::new()).collect();
        let calendar = Self { holidays: apart(&spec.holidays), dates, covered, years, spec };
        if calendar.is_ever_open() {
            Ok(calendar)
        } else {
            Err(TimeError::new("never open; expected hours on at least one day", "从不营业；至少一天应有时段"))
        }
    }

    /// A calendar that is always open: every day is a working day.
    #[must_use]
    pub fn always(zone: Zone) -> Self {
        let week = std::array::from_fn(|_| vec![Hours::ALL_DAY]);
        let spec = CalendarSpec { name: "always".to_owned(), zone, week, ..CalendarSpec::default() };
        let years = (FIRST_KEPT..=LAST_KEPT).map(|_| OnceLock::new()).collect();
        Self { holidays: Vec::new(), dates: BTreeMap::new(), covered: None, years, spec }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.spec.name
    }

    /// The zone its hours and dates are meant in.
    #[must_use]
    pub const fn zone(&self) -> Zone {
        self.spec.zone
    }

    /// What it was made from, the hours of each weekday in order.
    #[must_use]
    pub const fn spec(&self) -> &CalendarSpec {
        &self.spec
    }

    /// Whether any hours begin on a date.
    #[must_use]
    pub fn is_working_day(&self, date: NaiveDate) -> bool {
        match self.kept(date.year()) {
            Some(year) => year.is_working(date),
            None => !self.hours_on(date).is_empty(),
        }
    }

    /// The name of the holiday a date belongs to, even if it has hours of its own.
    #[must_use]
    pub fn day_name(&self, date: NaiveDate) -> Option<&str> {
        let begun = self.holidays.partition_point(|(from, ..)| *from <= date);
        let (_, until, name) = self.holidays.get(begun.checked_sub(1)?)?;
        (date <= *until).then_some(name)
    }

    /// Whether holidays are known for a date; always so without a range of cover.
    #[must_use]
    pub fn is_covered(&self, date: NaiveDate) -> bool {
        self.spec.covers.is_none_or(|(from, until)| from <= date && date <= until)
    }

    /// As [`Self::is_covered`], for an instant; one between two dates belongs to either, so that the 24:00 of
    /// the last date is covered.
    #[must_use]
    pub fn covers(&self, at: Instant) -> bool {
        self.covered.is_none_or(|(from, until)| from <= at && at <= until)
    }

    /// The hours that begin on a date: its own, else none on a holiday, else those of its weekday.
    #[must_use]
    pub fn hours_on(&self, date: NaiveDate) -> &[Hours] {
        if let Some(own) = self.dates.get(&date) {
            return own;
        }
        if self.day_name(date).is_some() {
            return &[];
        }
        usize::try_from(date.weekday().num_days_from_monday()).ok().and_then(|day| self.spec.week.get(day)).map_or(&[], |hours| hours)
    }

    /// Whether a date works only because it has hours of its own: a make-up working day (调休).
    #[must_use]
    pub fn is_make_up(&self, date: NaiveDate) -> bool {
        let weekday = usize::try_from(date.weekday().num_days_from_monday()).ok().and_then(|day| self.spec.week.get(day));
        let closed = self.day_name(date).is_some() || weekday.is_none_or(Vec::is_empty);
        closed && self.dates.get(&date).is_some_and(|own| !own.is_empty())
    }

    /// The instant at which a date closes; none on a rest day.
    ///
    /// That is when its last hours end, or later those of the night before that run into it.
    #[must_use]
    pub fn close_of(&self, date: NaiveDate) -> Option<Instant> {
        let close = |date| self.hours_on(date).last().map(|hours| self.zone().minute_of(date, hours.to));
        let own = close(date)?;
        Some(date.pred_opt().and_then(close).map_or(own, |night| own.max(night)))
    }

    /// The first working day after a date; none if no more comes before the year 10000.
    #[must_use]
    pub fn next_working_day(&self, date: NaiveDate) -> Option<NaiveDate> {
        date.iter_days().skip(1).take_while(|next| self.may_open_after(*next)).find(|next| self.is_working_day(*next))
    }

    /// The last working day before a date; none if there is none since the year 0001.
    #[must_use]
    pub fn previous_working_day(&self, date: NaiveDate) -> Option<NaiveDate> {
        let first = self.dates.keys().next().copied();
        let early = if self.is_weekly() { NaiveDate::MIN } else { first.unwrap_or(NaiveDate::MAX) };
        std::iter::successors(date.pred_opt(), NaiveDate::pred_opt)
            .take_while(|previous| previous.year() > 0 && *previous >= early)
            .find(|previous| self.is_working_day(*previous))
    }

    /// Whether hours may still begin on a date or later.
    fn may_open_after(&self, date: NaiveDate) -> bool {
        date.year() < 10_000 && (self.is_weekly() || self.dates.keys().next_back().is_some_and(|last| date <= *last))
    }

    /// Whether some weekday has hours.
    pub(super) fn is_weekly(&self) -> bool {
        self.spec.week.iter().any(|hours| !hours.is_empty())
    }

    /// The last year in which some date differs from the week.
    pub(super) fn last_special_year(&self) -> i32 {
        let holiday = self.holidays.last().map(|(_, until, _)| *until);
        let date = self.dates.keys().next_back().copied();
        holiday.max(date).map_or(0, |date| date.year())
    }

    /// The local year an instant falls in.
    pub(super) fn year_of(&self, at: i64) -> i32 {
        // Good to a day or so; the windows of the years settle the rest.
        let days = at.div_euclid(i64::from(DAY) * 60_000);
        let mut number = i32::try_from(1970 + (days * 400).div_euclid(146_097)).unwrap_or(FIRST_KEPT).clamp(1, 9999);
        while number > 1 && at < self.year(number).from {
            number -= 1;
        }
        while number < 9999 && at >= self.year(number).until {
            number += 1;
        }
        number
    }

    /// The index of a year.
    pub(super) fn year(&self, number: i32) -> YearRef<'_> {
        self.kept(number).map_or_else(|| YearRef::Made(Box::new(Year::build(self, number))), YearRef::Kept)
    }

    fn kept(&self, number: i32) -> Option<&Year> {
        let slot = usize::try_from(number.checked_sub(FIRST_KEPT)?).ok()?;
        Some(self.years.get(slot)?.get_or_init(|| Year::build(self, number)))
    }

    fn is_ever_open(&self) -> bool {
        let after = self.holidays.iter().filter_map(|(_, until, _)| until.succ_opt());
        let starts = after.chain(NaiveDate::from_ymd_opt(1, 1, 1));
        self.dates.values().any(|hours| !hours.is_empty())
            || starts
                .flat_map(|start| (0..7).filter_map(move |day| start.checked_add_days(Days::new(day))))
                .any(|date| date.year() < 10_000 && !self.hours_on(date).is_empty())
    }
}

/// Holidays in order, cut so that none overlap.
fn apart(holidays: &[(NaiveDate, NaiveDate, String)]) -> Vec<(NaiveDate, NaiveDate, String)> {
    let mut sorted = holidays.to_vec();
    sorted.sort_by_key(|(from, ..)| *from);
    let mut apart: Vec<(NaiveDate, NaiveDate, String)> = Vec::with_capacity(sorted.len());
    for (from, until, name) in sorted {
        let free = apart.last().map_or(Some(from), |(_, taken, _)| taken.succ_opt().map(|next| from.max(next)));
        if let Some(from) = free.filter(|from| *from <= until) {
            apart.push((from, until, name));
        }
    }
    apart
}
