//! Counting rows by section and by group, in one pass; each row is counted once, so that the figures add up.

use std::collections::HashMap;

use super::{
    Choice, Name, Section,
    choose::{View, Whose},
};
use crate::{
    policy::{clause::Severity, org::Org},
    time::Instant,
};

/// How many rows are in each section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    sections: [u64; 6],
    /// Those of them whose violation matters most.
    pub critical: u64,
}

impl Sums {
    /// How many are in a section.
    #[must_use]
    pub fn of(&self, section: Section) -> u64 {
        self.sections.get(section as usize).copied().unwrap_or(0)
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.sections.iter().sum()
    }

    /// Both together.
    #[must_use]
    pub fn plus(mut self, other: &Self) -> Self {
        self.sections.iter_mut().zip(other.sections).for_each(|(sum, more)| *sum += more);
        self.critical += other.critical;
        self
    }

    fn add(&mut self, section: Section, severity: Severity) {
        if let Some(count) = self.sections.get_mut(section as usize) {
            *count += 1;
        }
        self.critical += u64::from(severity == Severity::Critical);
    }
}

/// By what rows are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Whose move it is: the role.
    Role,
    /// The person.
    Person,
    /// The policy.
    Policy,
    /// How much a violation matters.
    Severity,
    /// The site.
    Site,
    /// The kind of case.
    Kind,
    /// The clause.
    Clause,
}

impl By {
    /// All of them, with the words of addresses and what a person sees.
    pub const WORDS: &'static [(&'static str, Self, (&'static str, &'static str))] = &[
        ("role", Self::Role, ("Role", "角色")),
        ("person", Self::Person, ("Person", "人员")),
        ("policy", Self::Policy, ("Policy", "策略")),
        ("severity", Self::Severity, ("Severity", "严重程度")),
        ("site", Self::Site, ("Site", "地点")),
        ("kind", Self::Kind, ("Kind", "种类")),
        ("clause", Self::Clause, ("Clause", "条款")),
    ];

    /// The grouping of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(name, ..)| *name == word).map(|(_, by, _)| *by)
    }
}

/// A group: what is common to its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// A name of the grouping's own list.
    Name(Name),
    /// A severity.
    Severity(Severity),
    /// Whose move it is.
    Whose(Whose),
    /// None: no site, nobody's move.
    None,
}

impl View<'_> {
    /// How many rows of a choice are in each section.
    #[must_use]
    pub fn sums(&self, choice: &Choice, org: &Org) -> Sums {
        let mut sums = Sums::default();
        self.each(choice, org, |item, stands| {
            let severity = self.board.clause(item).map_or_else(Severity::default, |row| row.severity);
            sums.add(self.present.section(item, stands), severity);
        });
        sums
    }

    /// The same by group, the most pressing group first.
    #[must_use]
    pub fn groups(&self, choice: &Choice, org: &Org, by: By) -> Vec<(Group, Sums)> {
        let mut map: HashMap<Group, Sums> = HashMap::new();
        self.each(choice, org, |item, stands| {
            let clause = self.board.clause(item);
            let severity = clause.map_or_else(Severity::default, |row| row.severity);
            let name = |name: Option<Name>| name.map_or(Group::None, Group::Name);
            let group = match by {
                By::Role => name(item.role),
                By::Person => Group::Whose(self.whose(item)),
                By::Policy => name(clause.map(|row| row.policy)),
                By::Severity => Group::Severity(severity),
                By::Site => name(item.site),
                By::Kind => name(item.kind),
                By::Clause => Group::Name(item.clause),
            };
            map.entry(group).or_default().add(self.present.section(item, stands), severity);
        });
        let mut list: Vec<(Group, Sums)> = map.into_iter().collect();
        let pressing = |sums: &Sums| (sums.of(Section::Overdue), sums.of(Section::Today), sums.of(Section::Week), sums.total());
        list.sort_by(|a, b| pressing(&b.1).cmp(&pressing(&a.1)).then_with(|| place(a.0).cmp(&place(b.0))));
        list
    }

    /// How many open violations were found first so many days ago: fewer than 1, 7, 30, 90, and more.
    #[must_use]
    pub fn ages(&self, choice: &Choice, org: &Org) -> [u64; 5] {
        let mut ages = [0; 5];
        self.each(choice, org, |item, stands| {
            if !stands.open {
                return;
            }
            let since = item.due.or(item.first_seen).unwrap_or(self.present.now);
            let place = age(self.present.now, since);
            if let Some(count) = ages.get_mut(place) {
                *count += 1;
            }
        });
        ages
    }
}

/// A stable order of groups with equal figures.
const fn place(group: Group) -> (u8, Name) {
    match group {
        Group::Name(name) => (0, name),
        Group::Severity(severity) => (1, severity as Name),
        Group::Whose(Whose::Person(name)) => (2, name),
        Group::Whose(Whose::Shared(name)) => (3, name),
        Group::Whose(Whose::Vacant(name)) => (4, name),
        Group::Whose(Whose::Nobody) | Group::None => (5, 0),
    }
}

fn age(now: Instant, since: Instant) -> usize {
    const DAY: i64 = 86_400_000;
    let days = now.since(since) / DAY;
    [1, 7, 30, 90].iter().position(|most| days < *most).unwrap_or(4)
}
