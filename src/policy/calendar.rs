//! Calendars as YAML.

use std::{collections::HashMap, sync::Arc};

use super::{
    sources::{Role, Source},
    template::read_text,
};
use crate::{
    diagnostic::{Place, Problems, SourceFile, did_you_mean},
    lang::Text,
    time::{Calendar, CalendarSpec, DateHours, Zone, parse_date, parse_dates, parse_hours},
    yaml::{self, Fields, Key, Node},
};

/// Keys of a calendar.
pub const KEYS: &[Key] = &[
    Key::required("calendar", "id", "its name", "名称"),
    Key::optional("title", "text", "what a person sees", "显示名称"),
    Key::optional("extends", "calendar", "takes zone, holidays, dates and covers from another", "沿用另一日历的时区、节假日、日期与范围"),
    Key::optional("zone", "time zone", "an IANA name, or an offset", "时区"),
    Key::optional("week", "{mon-fri: hours, ...}", "hours of the week's days", "每周工作时间"),
    Key::optional("covers", "date..date", "for which dates holidays are known", "节假日已公布的日期范围"),
    Key::optional("holidays", "{date or range: name}", "days without hours", "节假日"),
    Key::optional("dates", "{date: hours or = weekday}", "dates with hours of their own", "有单独工作时间的日期"),
];

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The calendars shipped with the program.
const BUNDLED: &[(&str, &str)] = &[
    ("china.yaml", include_str!("../../policies/calendars/china.yaml")),
    ("china-office.yaml", include_str!("../../policies/calendars/china-office.yaml")),
];

/// Calendars by name.
#[derive(Clone, Debug, Default)]
pub struct Calendars {
    list: HashMap<String, Arc<Calendar>>,
    /// Declared, but refused: what is wrong with them has been said.
    refused: Vec<String>,
}

impl Calendars {
    /// Reads calendars; those of the files take the place of bundled ones.
    pub fn read<'s>(sources: impl Iterator<Item = &'s Source>, problems: &mut Problems) -> Self {
        let mut nodes: Vec<(String, Node)> = Vec::new();
        let mut add = |file: &Arc<SourceFile>, problems: &mut Problems| {
            let Some(node) = yaml::parse(file, problems) else { return };
            let Some(name) = node.get("calendar").and_then(Node::text).map(str::to_owned) else {
                problems.error("DU0103", &Place::start_of(file), "`calendar:` with its name is missing", "缺少 `calendar:` 名称");
                return;
            };
            nodes.retain(|(known, _)| *known != name);
            nodes.push((name, node));
        };
        for (path, text) in BUNDLED {
            add(&Arc::new(SourceFile { path: (*path).to_owned(), text: (*text).to_owned() }), problems);
        }
        for source in sources.filter(|source| source.role == Role::Calendar) {
            add(&source.file, problems);
        }
        let mut calendars = Self::default();
        for (name, node) in &nodes {
            calendars.refused.push(name.clone());
            let Some(spec) = read(node, &nodes, &mut Vec::new(), problems) else { continue };
            match Calendar::new(spec) {
                Ok(calendar) => {
                    calendars.refused.pop();
                    calendars.list.insert(name.clone(), Arc::new(calendar));
                }
                Err(error) => {
                    let place = node.get("week").unwrap_or(node).place.clone();
                    problems.error("DU0501", &place, format!("calendar `{name}`: {}", error.en), format!("日历 `{name}`：{}", error.zh));
                }
            }
        }
        calendars
    }

    /// A calendar by name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Calendar>> {
        self.list.get(name)
    }

    /// A calendar by name, its absence noted.
    pub fn need(&self, node: &Node, problems: &mut Problems) -> Option<Arc<Calendar>> {
        let name = node.expect_text(problems)?;
        let found = self.get(name).cloned();
        if found.is_none() && !self.refused.iter().any(|refused| refused == name) {
            problems.error_with_help(
                "DU0502",
                &node.place,
                Text::new(format!("there is no calendar `{name}`"), format!("没有日历 `{name}`")),
                did_you_mean(name, self.list.keys().map(String::as_str)),
            );
        }
        found
    }

    /// The names.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.list.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }
}

/// Reads one calendar file into a calendar of its own.
pub fn read_file(file: &Arc<SourceFile>, problems: &mut Problems) -> Option<Arc<Calendar>> {
    let source = Source { role: Role::Calendar, folder: String::new(), file: Arc::clone(file) };
    let name = yaml::parse(file, &mut Problems::default()).and_then(|node| node.get("calendar").and_then(Node::text).map(str::to_owned));
    let calendars = Calendars::read(std::iter::once(&source), problems);
    calendars.get(&name?).cloned()
}

fn read(node: &Node, all: &[(String, Node)], path: &mut Vec<String>, problems: &mut Problems) -> Option<CalendarSpec> {
    let fields = Fields::read(node, KEYS, problems)?;
    let name = fields.text("calendar", problems)?.to_owned();
    let mut spec = match fields.get("extends") {
        Some(base) => {
            let wanted = base.expect_text(problems)?;
            path.push(name.clone());
            if path.iter().any(|seen| seen == wanted) {
                // Told once, by the calendar that comes first: each of the circle would tell it otherwise.
                if path.iter().min() == path.first() {
                    let circle = path.iter().map(String::as_str).chain([wanted]).collect::<Vec<_>>().join(" → ");
                    problems.error(
                        "DU0403",
                        &base.place,
                        format!("calendars extend each other in a circle: {circle}"),
                        format!("日历循环引用：{circle}"),
                    );
                }
                return None;
            }
            let Some((_, found)) = all.iter().find(|(known, _)| known == wanted) else {
                problems.error_with_help(
                    "DU0502",
                    &base.place,
                    Text::new(format!("there is no calendar `{wanted}`"), format!("没有日历 `{wanted}`")),
                    did_you_mean(wanted, all.iter().map(|(known, _)| known.as_str())),
                );
                return None;
            };
            read(found, all, path, problems)?
        }
        None => CalendarSpec::default(),
    };
    spec.name = name;
    if let Some(title) = fields.get("title") {
        read_text(title, problems);
    }
    let mut said = |node: &Node, error: crate::time::TimeError| problems_push(problems, node, error);
    if let Some(zone) = fields.get("zone") {
        match Zone::parse(zone.text().unwrap_or("")) {
            Ok(found) => spec.zone = found,
            Err(error) => said(zone, error),
        }
    }
    if let Some(covers) = fields.get("covers") {
        match parse_dates(covers.text().unwrap_or("")) {
            Ok(range) => spec.covers = Some(range),
            Err(error) => said(covers, error),
        }
    }
    if let Some(week) = fields.get("week") {
        spec.week = Default::default();
        read_week(week, &mut spec, problems);
    }
    if let Some(holidays) = fields.get("holidays") {
        for (dates, name) in holidays.expect_map(problems) {
            match parse_dates(dates.text().unwrap_or("")) {
                Ok((from, to)) => spec.holidays.push((from, to, name.text().unwrap_or("").to_owned())),
                Err(error) => problems_push(problems, dates, error),
            }
        }
    }
    if let Some(dates) = fields.get("dates") {
        for (date, hours) in dates.expect_map(problems) {
            let text = hours.text().unwrap_or("");
            let own = match text.strip_prefix('=') {
                Some(day) => {
                    if let Some(day) = DAYS.iter().position(|name| *name == day.trim()) {
                        DateHours::LikeWeekday(day)
                    } else {
                        problems.error(
                            "DU0105",
                            &hours.place,
                            format!("`{text}` names no weekday; write `= mon`"),
                            format!("`{text}` 不是星期；请写 `= mon`"),
                        );
                        continue;
                    }
                }
                None => match parse_hours(text) {
                    Ok(list) => DateHours::Own(list),
                    Err(error) => {
                        problems_push(problems, hours, error);
                        continue;
                    }
                },
            };
            match parse_date(date.text().unwrap_or("")) {
                Ok(date) => spec.dates.push((date, own)),
                Err(error) => problems_push(problems, date, error),
            }
        }
    }
    Some(spec)
}

fn problems_push(problems: &mut Problems, node: &Node, error: crate::time::TimeError) {
    problems.error("DU0105", &node.place, error.en, error.zh);
}

fn read_week(node: &Node, spec: &mut CalendarSpec, problems: &mut Problems) {
    for (days, hours) in node.expect_map(problems) {
        let name = days.text().unwrap_or("");
        let find = |name: &str| DAYS.iter().position(|day| *day == name.trim());
        let range = match name.split_once('-') {
            Some((from, to)) => find(from).zip(find(to)),
            None => find(name).map(|day| (day, day)),
        };
        let Some((from, to)) = range.filter(|(from, to)| from <= to) else {
            problems.error_with_help(
                "DU0105",
                &days.place,
                Text::new(format!("`{name}` is not a day of the week"), format!("`{name}` 不是星期")),
                Text::new("write `mon`, `tue`, .. `sun`, or a range as `mon-fri`", "请写 `mon`、`tue` … `sun`，或 `mon-fri`"),
            );
            continue;
        };
        match parse_hours(hours.text().unwrap_or("")) {
            Ok(list) => spec.week.iter_mut().skip(from).take(to - from + 1).for_each(|day| day.clone_from(&list)),
            Err(error) => problems_push(problems, hours, error),
        }
    }
}
