//! Calendar periods: the grid on which recurrences, quotas and targets lie.

use chrono::{Datelike, Days, Months, NaiveDate, NaiveTime, Weekday};

use super::FormReader;
use crate::{
    lang::Text,
    time::{Calendar, Instant},
    yaml::{Fields, Key, Kind, Node},
};

/// A calendar period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Day,
    WorkingDay,
    Week,
    Month,
    Quarter,
    HalfYear,
    Year,
}

pub(super) const UNITS: &[(&str, Unit)] = &[
    ("day", Unit::Day),
    ("working-day", Unit::WorkingDay),
    ("week", Unit::Week),
    ("month", Unit::Month),
    ("quarter", Unit::Quarter),
    ("half-year", Unit::HalfYear),
    ("year", Unit::Year),
];

impl Unit {
    const fn months(self) -> Option<u32> {
        match self {
            Self::Month => Some(1),
            Self::Quarter => Some(3),
            Self::HalfYear => Some(6),
            Self::Year => Some(12),
            _ => None,
        }
    }

    /// The first day of the period that holds a date.
    pub(super) fn start(self, date: NaiveDate) -> NaiveDate {
        match (self, self.months()) {
            (_, Some(months)) => NaiveDate::from_ymd_opt(date.year(), date.month0() / months * months + 1, 1).unwrap_or(date),
            (Self::Week, _) => date - Days::new(u64::from(date.weekday().num_days_from_monday())),
            _ => date,
        }
    }

    /// The first day of the period after the one that begins on a date.
    pub(super) fn next(self, start: NaiveDate) -> NaiveDate {
        match (self, self.months()) {
            (_, Some(months)) => start.checked_add_months(Months::new(months)).unwrap_or(NaiveDate::MAX),
            (Self::Week, _) => start + Days::new(7),
            _ => start + Days::new(1),
        }
    }
}

/// One period: from when a doing counts, and when it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Period {
    /// Its first instant: its identity.
    pub(super) start: Instant,
    /// When it must be done.
    pub(super) due: Instant,
}

/// When something is due again and again.
#[derive(Debug)]
pub(super) enum Grid {
    Each {
        unit: Unit,
        month: Option<u32>,
        day: Option<i32>,
        weekday: Option<Weekday>,
        time: Option<NaiveTime>,
    },
    /// Ranges of month and day, in the order of the year.
    Seasons(Vec<((u32, u32), (u32, u32))>),
}

const KEYS: &[Key] = &[
    Key::optional("each", "day | working-day | week | month | quarter | half-year | year", "the period", "周期"),
    Key::optional("month", "1 to 12", "the month within the period", "周期内的月份"),
    Key::optional("day", "1 to 31, or -1 from the end", "by this day", "截止日"),
    Key::optional("weekday", "mon .. sun", "by this day of the week", "截止的星期"),
    Key::optional("time", "HH:MM", "by this hour", "截止时间"),
    Key::optional("seasons", "{name: MM-DD..MM-DD}", "once in each of these ranges of the year", "每年各时段一次"),
];

/// Reads a grid.
pub(super) fn read(node: &Node, reader: &mut FormReader<'_, '_>) -> Option<Grid> {
    let fields = Fields::read(node, KEYS, reader.problems)?;
    if let Some(seasons) = fields.get("seasons") {
        let Kind::Map(entries) = &seasons.kind else {
            seasons.expect_map(reader.problems);
            return None;
        };
        let mut list = Vec::new();
        for (_, range) in entries {
            let text = range.expect_text(reader.problems)?;
            let Some(season) = season(text) else {
                reader.problems.error_with_help(
                    "DU0105",
                    &range.place,
                    Text::new(format!("`{text}` is not a range of days"), format!("`{text}` 不是日期范围")),
                    Text::new("write it as `03-01..05-31`", "请写作 `03-01..05-31`"),
                );
                return None;
            };
            list.push(season);
        }
        list.sort_unstable();
        return Some(Grid::Seasons(list));
    }
    let unit = fields.word("each", UNITS, reader.problems);
    let Some(unit) = unit else {
        reader.problems.error("DU0103", &node.place, "`each` or `seasons` is missing", "缺少 `each` 或 `seasons`");
        return None;
    };
    let time = match fields.get("time") {
        Some(node) => {
            let text = node.expect_text(reader.problems)?;
            let time = NaiveTime::parse_from_str(text, "%H:%M").ok();
            if time.is_none() {
                reader.problems.error(
                    "DU0105",
                    &node.place,
                    format!("`{text}` is not a time of day; write `17:00`"),
                    format!("`{text}` 不是时间；请写作 `17:00`"),
                );
            }
            Some(time?)
        }
        None => None,
    };
    let days = [
        ("mon", Weekday::Mon),
        ("tue", Weekday::Tue),
        ("wed", Weekday::Wed),
        ("thu", Weekday::Thu),
        ("fri", Weekday::Fri),
        ("sat", Weekday::Sat),
        ("sun", Weekday::Sun),
    ];
    let small = |name: &str, low: i64, high: i64, reader: &mut FormReader<'_, '_>| -> Option<Option<i32>> {
        let Some(number) = fields.integer(name, reader.problems) else { return Some(None) };
        if !(low..=high).contains(&number) || number == 0 {
            let place = fields.get(name).map_or(&node.place, |node| &node.place);
            reader.problems.error(
                "DU0105",
                place,
                format!("`{name}` lies between {low} and {high}"),
                format!("`{name}` 须在 {low} 与 {high} 之间"),
            );
            return None;
        }
        Some(i32::try_from(number).ok())
    };
    Some(Grid::Each {
        unit,
        month: small("month", 1, 12, reader)?.and_then(|month| u32::try_from(month).ok()),
        day: small("day", -31, 31, reader)?,
        weekday: fields.word("weekday", &days, reader.problems),
        time,
    })
}

fn season(text: &str) -> Option<((u32, u32), (u32, u32))> {
    let day = |text: &str| {
        let (month, day) = text.trim().split_once('-')?;
        let found = (month.parse().ok()?, day.parse().ok()?);
        NaiveDate::from_ymd_opt(2024, found.0, found.1).map(|_| found)
    };
    let (from, to) = text.split_once("..")?;
    let (from, to) = (day(from)?, day(to)?);
    (from <= to).then_some((from, to))
}

/// More periods than any clause has in a century of days would be a mistake in the data.
const MOST: usize = 40_000;

impl Grid {
    /// The periods whose due instant lies after `from`, up to and including the first due after `until`.
    pub(super) fn periods(&self, calendar: &Calendar, from: Instant, until: Instant) -> Vec<Period> {
        let zone = calendar.zone();
        let mut list: Vec<Period> = Vec::new();
        let mut push = |start: NaiveDate, due: Instant| {
            if due > from {
                list.push(Period { start: zone.start_of(start), due });
            }
            due <= until && list.len() < MOST
        };
        match self {
            Self::Seasons(seasons) => {
                let mut year = from.date(zone).year();
                'years: loop {
                    for ((month, day), (end_month, end_day)) in seasons {
                        let (Some(start), Some(end)) = (date(year, *month, *day), date(year, *end_month, *end_day)) else { break 'years };
                        if !push(start, zone.end_of(end)) {
                            break 'years;
                        }
                    }
                    year += 1;
                }
            }
            Self::Each { unit, .. } => {
                let mut start = unit.start(from.date(zone));
                loop {
                    let skip = *unit == Unit::WorkingDay && !calendar.is_working_day(start);
                    if !skip && !push(start, self.due_of(*unit, start, calendar)) {
                        break;
                    }
                    start = unit.next(start);
                    if start.year() > 9000 {
                        break;
                    }
                }
            }
        }
        list
    }

    fn due_of(&self, unit: Unit, start: NaiveDate, calendar: &Calendar) -> Instant {
        let zone = calendar.zone();
        let Self::Each { month, day, weekday, time, .. } = self else { return zone.end_of(start) };
        let mut due = unit.next(start).pred_opt().unwrap_or(start);
        if let Some(month) = month {
            let first = start.checked_add_months(Months::new(month - 1)).unwrap_or(start);
            due = Unit::Month.next(Unit::Month.start(first)).pred_opt().unwrap_or(first);
        }
        if let Some(day) = day {
            let first = Unit::Month.start(if month.is_some() || *day < 0 { due } else { start });
            let length = i32::try_from(Unit::Month.next(first).signed_duration_since(first).num_days()).unwrap_or(31);
            let wanted = if *day < 0 { length + 1 + day } else { (*day).min(length) };
            due = first + Days::new(u64::try_from(wanted.max(1) - 1).unwrap_or(0));
        }
        if let Some(weekday) = weekday {
            let monday = Unit::Week.start(if unit == Unit::Week { start } else { due });
            due = monday + Days::new(u64::from(weekday.num_days_from_monday()));
        }
        match time {
            Some(time) => zone.resolve(due.and_time(*time)),
            None => zone.end_of(due),
        }
    }
}

/// A day of a year; 29 February falls on the 28th in other years.
fn date(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day).or_else(|| NaiveDate::from_ymd_opt(year, month, day - 1))
}
