//! How much falls due, and on whom: counts by role, person, policy, clause or day, over plain rows from wherever they come.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};

use crate::{
    finding::{Obligation, State},
    lang::{Lang, Text},
    policy::clause::Severity,
    policy::org::Org,
    time::{Instant, Zone},
};

/// An obligation that somebody must act on: all that a forecast needs to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The case; `None` for a clause over many cases.
    pub case: Option<String>,
    /// The clause, as `policy/article`.
    pub clause: String,
    /// The obligation of this clause.
    pub instance: String,
    /// Whose move it is.
    pub role: String,
    /// When it must be done.
    pub due: Instant,
    /// Its state.
    pub state: State,
    /// How much a violation matters.
    pub severity: Severity,
}

impl Move {
    /// What a forecast needs of an obligation; `None` when it has no due instant, or nobody's move it is.
    #[must_use]
    pub fn of(found: &Obligation) -> Option<Self> {
        Some(Self {
            case: found.case.clone(),
            clause: found.clause_id.clone(),
            instance: found.instance.clone(),
            role: found.next_action.as_ref()?.role.clone(),
            due: found.due?.at,
            state: found.state,
            severity: found.severity,
        })
    }
}

/// By what a forecast is grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Whose move it is.
    Role,
    /// Who holds that role.
    Person,
    /// The policy.
    Policy,
    /// The clause.
    Clause,
    /// The day on which it falls due.
    Day,
}

impl By {
    /// The words for `--by`.
    pub const WORDS: &'static [(&'static str, Self)] =
        &[("role", Self::Role), ("person", Self::Person), ("policy", Self::Policy), ("clause", Self::Clause), ("day", Self::Day)];

    /// The grouping of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(name, _)| *name == word).map(|(_, by)| *by)
    }

    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, by)| *by == self).map_or("", |(name, _)| name)
    }

    /// What stands over the first column.
    #[must_use]
    pub const fn title(self, lang: Lang) -> &'static str {
        match self {
            Self::Role => lang.pick("Role", "角色"),
            Self::Person => lang.pick("Person", "人员"),
            Self::Policy => lang.pick("Policy", "策略"),
            Self::Clause => lang.pick("Clause", "条款"),
            Self::Day => lang.pick("Day", "日期"),
        }
    }
}

/// How soon something is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// It is violated already.
    Overdue,
    /// In what remains of the day.
    Today,
    /// Later, by the end of Sunday.
    Week,
    /// After that.
    Later,
}

/// How many fall due when. Each is counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Violated already.
    pub overdue: u64,
    /// Due in what remains of the day.
    pub today: u64,
    /// Due later, by the end of Sunday.
    pub week: u64,
    /// Due after that.
    pub later: u64,
    /// Those of them whose violation matters most.
    pub critical: u64,
}

impl Counts {
    /// All of them.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.overdue + self.today + self.week + self.later
    }

    /// The counts under their names in output.
    #[must_use]
    pub const fn named(&self) -> [(&'static str, u64); 6] {
        [
            ("overdue", self.overdue),
            ("today", self.today),
            ("this_week", self.week),
            ("later", self.later),
            ("total", self.total()),
            ("critical", self.critical),
        ]
    }
}

/// A line of a forecast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is about: a role, a date, ...; `None` for a role that nobody holds, and for days gone by.
    pub key: Option<String>,
    /// What a person sees.
    pub label: Text,
    /// How many.
    pub counts: Counts,
}

impl Line {
    /// The line as a JSON object.
    #[must_use]
    pub fn to_json(&self, by: By, lang: Lang) -> Value {
        let mut line = json!({by.word(): self.key, "label": self.label.get(lang)});
        if let Value::Object(line) = &mut line {
            line.extend(self.counts.named().into_iter().map(|(name, count)| (name.to_owned(), count.into())));
        }
        line
    }
}

/// From where a forecast looks ahead.
pub struct Outlook<'o> {
    /// The present instant.
    pub as_of: Instant,
    /// In whose days and weeks it counts.
    pub zone: Zone,
    /// Who holds which role.
    pub org: &'o Org,
}

impl Outlook<'_> {
    /// Counts rows by group: days in their order, all else by how pressing it is.
    pub fn lines(&self, by: By, moves: &[Move]) -> Vec<Line> {
        let mut groups: BTreeMap<Option<String>, Counts> = BTreeMap::new();
        for row in moves {
            for key in self.keys(by, row) {
                self.count(row, groups.entry(key).or_default());
            }
        }
        let mut lines: Vec<Line> =
            groups.into_iter().map(|(key, counts)| Line { label: self.label(by, key.as_deref()), key, counts }).collect();
        if by != By::Day {
            let pressing = |line: &Line| (line.counts.overdue, line.counts.today, line.counts.week, line.counts.later);
            lines.sort_by(|a, b| pressing(b).cmp(&pressing(a)).then_with(|| a.key.cmp(&b.key)));
        }
        lines
    }

    /// The sum over rows, each counted once even where several people hold its role.
    #[must_use]
    pub fn sum(&self, moves: &[Move]) -> Counts {
        let mut counts = Counts::default();
        moves.iter().for_each(|row| self.count(row, &mut counts));
        counts
    }

    /// The groups of a row: several when several people hold its role.
    fn keys(&self, by: By, row: &Move) -> Vec<Option<String>> {
        match by {
            By::Role => vec![Some(row.role.clone())],
            By::Person => self.people(&row.role),
            By::Policy => vec![row.clause.split('/').next().map(str::to_owned)],
            By::Clause => vec![Some(row.clause.clone())],
            By::Day if row.state.is_violation() => vec![None],
            By::Day => vec![Some(self.day(row.due).to_string())],
        }
    }

    /// Those who hold a role, or else stand in for it, or else nobody.
    fn people(&self, role: &str) -> Vec<Option<String>> {
        let list = self.org.acting(role, self.as_of);
        if list.is_empty() { vec![None] } else { list.into_iter().map(|person| Some(person.to_owned())).collect() }
    }

    /// The day of a due instant; 24:00 belongs to the day that it ends.
    fn day(&self, at: Instant) -> NaiveDate {
        at.plus(-1).date(self.zone)
    }

    /// How soon something is to be done.
    #[must_use]
    pub fn when(&self, state: State, due: Instant) -> When {
        let (today, day) = (self.as_of.date(self.zone), self.day(due));
        let days_left = 6 - i64::from(today.weekday().num_days_from_monday());
        match (day - today).num_days() {
            _ if state.is_violation() => When::Overdue,
            ..=0 => When::Today,
            ahead if ahead <= days_left => When::Week,
            _ => When::Later,
        }
    }

    fn count(&self, row: &Move, counts: &mut Counts) {
        let field = match self.when(row.state, row.due) {
            When::Overdue => &mut counts.overdue,
            When::Today => &mut counts.today,
            When::Week => &mut counts.week,
            When::Later => &mut counts.later,
        };
        *field += 1;
        counts.critical += u64::from(row.severity == Severity::Critical);
    }

    fn label(&self, by: By, key: Option<&str>) -> Text {
        match (by, key) {
            (By::Day, None) => Text::new("overdue", "已逾期"),
            (_, None) => Text::new("(nobody)", "（无人担任）"),
            (By::Role, Some(role)) => self.org.label(role),
            (By::Day, Some(day)) => weekday(day),
            (_, Some(key)) => Text::same(key),
        }
    }
}

/// A date with its weekday.
fn weekday(day: &str) -> Text {
    const ZH: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];
    let Ok(date) = day.parse::<NaiveDate>() else { return Text::same(day) };
    let zh = ZH.iter().zip(0..).find(|(_, number)| *number == date.weekday().num_days_from_monday()).map_or("", |(name, _)| name);
    Text::new(format!("{day} {}", date.weekday()), format!("{day} 周{zh}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::org::Post;

    fn row(role: &str, due: &str, state: State, severity: Severity) -> Move {
        let due = Instant::parse(due, Zone::UTC).unwrap();
        Move { case: Some("C".into()), clause: "p/1".into(), instance: "e".into(), role: role.into(), due, state, severity }
    }

    fn org() -> Org {
        let post = |role: &str, person: &str, deputy| Post { role: role.into(), person: person.into(), deputy, from: None, until: None };
        Org {
            posts: vec![post("desk", "lin", false), post("desk", "wu", false), post("desk", "gu", true), post("head", "gu", true)],
            ..Org::default()
        }
    }

    /// Wednesday, 2026-03-04, noon.
    fn outlook(org: &Org) -> Outlook<'_> {
        Outlook { as_of: Instant::parse("2026-03-04T12:00Z", Zone::UTC).unwrap(), zone: Zone::UTC, org }
    }

    fn rows() -> Vec<Move> {
        vec![
            row("desk", "2026-03-04T09:00Z", State::Overdue, Severity::Critical),
            row("desk", "2026-03-05T00:00Z", State::DueSoon, Severity::Major),
            row("head", "2026-03-09T00:00Z", State::Pending, Severity::Minor),
            row("clerk", "2026-03-09T00:01Z", State::Pending, Severity::Critical),
        ]
    }

    #[test]
    fn a_day_ends_at_its_24_o_clock_and_a_week_on_sunday() {
        let org = org();
        let sum = outlook(&org).sum(&rows());
        assert_eq!(sum, Counts { overdue: 1, today: 1, week: 1, later: 1, critical: 2 });
        let days = outlook(&org).lines(By::Day, &rows());
        let labels: Vec<&str> = days.iter().map(|line| line.label.en.as_str()).collect();
        assert_eq!(labels, ["overdue", "2026-03-04 Wed", "2026-03-08 Sun", "2026-03-09 Mon"]);
        assert_eq!(days[2].label.zh, "2026-03-08 周日");
    }

    #[test]
    fn work_falls_on_holders_or_else_deputies_or_else_nobody() {
        let org = org();
        let lines = outlook(&org).lines(By::Person, &rows());
        let told: Vec<(Option<&str>, u64)> = lines.iter().map(|line| (line.key.as_deref(), line.counts.total())).collect();
        assert_eq!(told, [(Some("lin"), 2), (Some("wu"), 2), (Some("gu"), 1), (None, 1)]);
    }

    #[test]
    fn the_most_pressing_come_first() {
        let org = org();
        let lines = outlook(&org).lines(By::Role, &rows());
        assert_eq!(lines.iter().filter_map(|line| line.key.as_deref()).collect::<Vec<_>>(), ["desk", "head", "clerk"]);
    }
}
