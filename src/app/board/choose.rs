//! Choosing, sorting and turning pages. One pass over the rows, and no more of them sorted than a page needs.

use std::cmp::Reverse;

use super::{Board, Item, Name, Stands};
use crate::{
    account::Scope,
    finding::State,
    policy::{clause::Severity, org::Org},
    time::{Instant, Zone},
};
use chrono::Datelike;

/// A part of the board. Each row is in one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Section {
    /// Late or broken, and not settled.
    Overdue,
    /// Due in what remains of the day.
    Today,
    /// Due later, by the end of Sunday.
    Week,
    /// Due after that.
    Later,
    /// Cannot be told.
    Undetermined,
    /// A waiver holds.
    Waived,
}

impl Section {
    /// All of them, with the words of addresses.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("overdue", Self::Overdue),
        ("today", Self::Today),
        ("week", Self::Week),
        ("later", Self::Later),
        ("undetermined", Self::Undetermined),
        ("waived", Self::Waived),
    ];

    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, section)| *section == self).map_or("", |(word, _)| word)
    }

    /// What a person sees.
    #[must_use]
    pub const fn label(self) -> (&'static str, &'static str) {
        match self {
            Self::Overdue => ("Overdue", "已逾期"),
            Self::Today => ("Due today", "今日到期"),
            Self::Week => ("Due this week", "本周到期"),
            Self::Later => ("Due later", "以后到期"),
            Self::Undetermined => ("Undetermined", "待定"),
            Self::Waived => ("Waived", "已豁免"),
        }
    }
}

/// The present, and where its days and weeks end.
#[derive(Clone, Copy, Debug)]
pub struct Present {
    /// The instant.
    pub now: Instant,
    /// The end of its day.
    pub day: Instant,
    /// The end of its week, on Sunday.
    pub week: Instant,
}

impl Present {
    /// The present of a zone.
    #[must_use]
    pub fn new(now: Instant, zone: Zone) -> Self {
        let today = now.date(zone);
        let left = 6 - u64::from(today.weekday().num_days_from_monday());
        let sunday = today.checked_add_days(chrono::Days::new(left)).unwrap_or(today);
        Self { now, day: zone.end_of(today), week: zone.end_of(sunday) }
    }

    /// The section of a row. What ends at 24:00 belongs to the day that ends.
    #[must_use]
    pub fn section(&self, item: &Item, stands: Stands) -> Section {
        match stands.state {
            State::Undetermined => Section::Undetermined,
            State::Waived => Section::Waived,
            _ if stands.open => Section::Overdue,
            _ => match item.due {
                Some(due) if due <= self.day => Section::Today,
                Some(due) if due <= self.week => Section::Week,
                _ => Section::Later,
            },
        }
    }
}

/// Whose move a row is, by person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whose {
    /// This person's: it was given to them, or they alone hold the role.
    Person(Name),
    /// That of one of several who hold the role.
    Shared(Name),
    /// That of a role which nobody holds.
    Vacant(Name),
    /// Nobody's.
    Nobody,
}

/// By what rows are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The most pressing first: by state, severity, due instant.
    #[default]
    Pressing,
    /// By due instant.
    Due,
    /// By case.
    Case,
    /// By clause.
    Clause,
}

impl Sort {
    /// The words of addresses.
    pub const WORDS: &'static [(&'static str, Self)] =
        &[("pressing", Self::Pressing), ("due", Self::Due), ("case", Self::Case), ("clause", Self::Clause)];
}

/// Which rows are wanted.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Of this section.
    pub section: Option<Section>,
    /// In this state.
    pub state: Option<State>,
    /// This role's move.
    pub role: Option<String>,
    /// This person's move, given to them or theirs alone.
    pub person: Option<String>,
    /// What this person may do: theirs, and what they share with others.
    pub mine: Option<String>,
    /// The move of several people who hold this role.
    pub shared: Option<String>,
    /// Of this policy.
    pub policy: Option<String>,
    /// Of this clause.
    pub clause: Option<String>,
    /// So much a violation matters.
    pub severity: Option<Severity>,
    /// At this site; an empty text: at none.
    pub site: Option<String>,
    /// Cases of this kind.
    pub kind: Option<String>,
    /// Of clauses of this form.
    pub form: Option<String>,
    /// Found first by the last run, or since.
    pub new: bool,
    /// Whose case's id has this in it.
    pub text: Option<String>,
    /// Due from this instant on.
    pub from: Option<Instant>,
    /// Due before this instant.
    pub until: Option<Instant>,
}

/// Rows of a page.
#[derive(Debug)]
pub struct Page<'b> {
    /// The rows, with how they stand.
    pub rows: Vec<(&'b Item, Stands)>,
    /// How many rows there are on all pages.
    pub total: usize,
}

/// What a person sees of the board: it, the present, their scope, and who holds which role.
pub struct View<'b> {
    /// The board.
    pub board: &'b Board,
    /// The present.
    pub present: Present,
    pub(super) whose: Vec<Whose>,
    policies: Vec<bool>,
    sites: Option<Vec<bool>>,
}

impl<'b> View<'b> {
    /// What somebody sees.
    #[must_use]
    pub fn new(board: &'b Board, present: Present, scope: &Scope, org: &Org) -> Self {
        let whose = board.roles.all().map(|(number, role)| whose(board, org, number, role, present.now)).collect();
        let policies = board.policies.all().map(|(_, policy)| scope.has_policy(policy)).collect();
        let sites = (!scope.sites.is_empty()).then(|| board.sites.all().map(|(_, site)| scope.has_site(Some(site))).collect());
        Self { board, present, whose, policies, sites }
    }

    /// Whose move a row is.
    #[must_use]
    pub fn whose(&self, item: &Item) -> Whose {
        match (item.to, item.role) {
            (Some(person), _) => Whose::Person(person),
            (None, Some(role)) => at(&self.whose, role).copied().unwrap_or(Whose::Vacant(role)),
            (None, None) => Whose::Nobody,
        }
    }

    fn is_seen(&self, item: &Item) -> bool {
        let policy = self.board.clause(item).map(|row| row.policy);
        policy.is_none_or(|policy| at(&self.policies, policy).copied().unwrap_or(false))
            && self.sites.as_ref().is_none_or(|sites| item.site.is_some_and(|site| at(sites, site).copied().unwrap_or(false)))
    }

    /// Visits the rows of a choice that this person may see.
    pub fn each(&self, choice: &Choice, org: &Org, mut visit: impl FnMut(&'b Item, Stands)) {
        let Some(wanted) = Wanted::new(self, choice, org) else { return };
        for item in self.board.items() {
            let stands = item.stands(self.present.now);
            if self.is_seen(item) && wanted.holds(self, item, stands) {
                visit(item, stands);
            }
        }
    }

    /// Some rows of a choice, sorted.
    #[must_use]
    pub fn page(&self, choice: &Choice, org: &Org, sort: Sort, from: usize, size: usize) -> Page<'b> {
        let mut all: Vec<(&Item, Stands)> = Vec::new();
        self.each(choice, org, |item, stands| all.push((item, stands)));
        let total = all.len();
        let board = self.board;
        let severity = |item: &Item| board.clause(item).map(|row| Reverse(row.severity));
        let pressing = |a: &(&Item, Stands), b: &(&Item, Stands)| {
            let key = |one: &(&Item, Stands)| (one.1.state, severity(one.0), one.0.due.is_none(), one.0.due);
            key(a).cmp(&key(b)).then_with(|| (&a.0.case, a.0.clause, &a.0.instance).cmp(&(&b.0.case, b.0.clause, &b.0.instance)))
        };
        let order = |a: &(&Item, Stands), b: &(&Item, Stands)| match sort {
            Sort::Pressing => pressing(a, b),
            Sort::Due => (a.0.due.is_none(), a.0.due).cmp(&(b.0.due.is_none(), b.0.due)).then_with(|| pressing(a, b)),
            Sort::Case => a.0.case.cmp(&b.0.case).then_with(|| pressing(a, b)),
            Sort::Clause => {
                let (left, right) = (board.clause(a.0).map(|row| &row.id), board.clause(b.0).map(|row| &row.id));
                left.cmp(&right).then_with(|| pressing(a, b))
            }
        };
        // Only what is before the end of the page is brought into order.
        let end = from.saturating_add(size).min(total);
        if end < total {
            all.select_nth_unstable_by(end, order);
            all.truncate(end);
        }
        all.sort_unstable_by(order);
        Page { rows: all.into_iter().skip(from).collect(), total }
    }
}

/// A choice with its names looked up.
struct Wanted<'c> {
    choice: &'c Choice,
    role: Option<Name>,
    person: Option<Name>,
    shared: Option<Name>,
    policy: Option<Name>,
    /// Where nothing is said, any; where it is said that there is none, those.
    #[expect(clippy::option_option, reason = "a site, none, or any")]
    site: Option<Option<Name>>,
    kind: Option<Name>,
    /// For each role, whether somebody may act in it.
    mine: Option<(Option<Name>, Vec<bool>)>,
    since: Option<Instant>,
}

impl<'c> Wanted<'c> {
    /// `None` when a name is unknown, so that nothing can be wanted.
    fn new(view: &View<'_>, choice: &'c Choice, org: &Org) -> Option<Self> {
        let board = view.board;
        let find = |names: &super::Names, name: &Option<String>| match name {
            None => Some(None),
            Some(name) => names.find(name).map(Some),
        };
        let site = match choice.site.as_deref() {
            None => None,
            Some("") => Some(None),
            Some(site) => Some(Some(board.sites.find(site)?)),
        };
        let mine = choice.mine.as_ref().map(|person| {
            let acts = board.roles.all().map(|(_, role)| org.may_act(person, role, view.present.now)).collect();
            (board.people.find(person), acts)
        });
        Some(Self {
            choice,
            role: find(&board.roles, &choice.role)?,
            person: find(&board.people, &choice.person)?,
            shared: find(&board.roles, &choice.shared)?,
            policy: find(&board.policies, &choice.policy)?,
            kind: find(&board.kinds, &choice.kind)?,
            site,
            mine,
            since: board.run.as_ref().map(|run| run.as_of),
        })
    }

    fn holds(&self, view: &View<'_>, item: &Item, stands: Stands) -> bool {
        let choice = self.choice;
        let clause = view.board.clause(item);
        choice.section.is_none_or(|section| view.present.section(item, stands) == section)
            && choice.state.is_none_or(|state| stands.state == state)
            && self.role.is_none_or(|role| item.role == Some(role))
            && self.person.is_none_or(|person| view.whose(item) == Whose::Person(person))
            && self.shared.is_none_or(|role| matches!(view.whose(item), Whose::Shared(of) | Whose::Vacant(of) if of == role))
            && self.mine.as_ref().is_none_or(|(person, roles)| match (item.to, item.role) {
                (Some(to), _) => *person == Some(to),
                (None, Some(role)) => at(roles, role).copied().unwrap_or(false),
                (None, None) => false,
            })
            && self.policy.is_none_or(|policy| clause.is_some_and(|row| row.policy == policy))
            && self.kind.is_none_or(|kind| item.kind == Some(kind))
            && self.site.is_none_or(|site| item.site == site)
            && choice.severity.is_none_or(|severity| clause.is_some_and(|row| row.severity == severity))
            && choice.clause.as_deref().is_none_or(|id| clause.is_some_and(|row| row.id == id))
            && choice.form.as_deref().is_none_or(|form| clause.is_some_and(|row| row.form == form))
            && (!choice.new || self.is_new(item, stands))
            && choice.from.is_none_or(|from| item.due.is_some_and(|due| due >= from))
            && choice.until.is_none_or(|until| item.due.is_some_and(|due| due < until))
            && choice.text.as_deref().is_none_or(|text| {
                let own = item.case.as_deref().or(item.group.as_deref()).unwrap_or("");
                own.to_lowercase().contains(text)
            })
    }

    /// Whether a finding was found first by the last run, or is one since.
    fn is_new(&self, item: &Item, stands: Stands) -> bool {
        stands.state.is_finding() && item.first_seen.is_none_or(|seen| Some(seen) == self.since)
    }
}

/// The entry of a number.
pub(super) fn at<T>(list: &[T], number: Name) -> Option<&T> {
    usize::try_from(number).ok().and_then(|number| list.get(number))
}

fn whose(board: &Board, org: &Org, number: Name, role: &str, now: Instant) -> Whose {
    let all = org.people(role, now);
    let holders: Vec<&str> = all.iter().copied().filter(|person| !org.is_deputy(person, role, now)).collect();
    let list = if holders.is_empty() { all } else { holders };
    match list.as_slice() {
        [] => Whose::Vacant(number),
        [one] => board.people.find(one).map_or(Whose::Shared(number), Whose::Person),
        _ => Whose::Shared(number),
    }
}
