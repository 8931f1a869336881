//! Who is told what by which channel: the rules of a company, with its people filled in.

use std::collections::BTreeSet;

use crate::{
    lang::{Lang, Text},
    policy::{
        PolicySet,
        notices::{Every, Notices, Of, Rule, To, Way, What},
    },
    store::short,
    time::Instant,
    yaml::Node,
};

/// In which form a channel takes a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Medium {
    /// Plain text.
    Mail,
    /// A JSON object.
    Json,
    /// Markdown of so many bytes at most.
    Robot(usize),
}

impl Medium {
    /// What a channel takes. A robot adds a line when it says something again, for which there is room.
    pub(super) const fn of(way: &Way) -> Self {
        match way {
            Way::Mail(_) => Self::Mail,
            Way::Webhook(_) => Self::Json,
            // 4096 bytes of content.
            Way::Wecom(_) => Self::Robot(3_800),
            // 20000 bytes of body, in which quotes and line ends take more room.
            Way::Dingtalk(_) | Way::Feishu(_) => Self::Robot(16_000),
        }
    }
}

/// Whose moves are told of.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Scope {
    All,
    /// Moves of these roles.
    Movers(BTreeSet<String>),
    /// What goes to these roles.
    Receivers(BTreeSet<String>),
}

/// One who is told something by a channel.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) what: What,
    pub(super) channel: String,
    pub(super) medium: Medium,
    pub(super) role: Option<String>,
    pub(super) person: Option<String>,
    pub(super) lang: Lang,
    pub(super) urgent: bool,
    pub(super) every: Every,
    pub(super) intro: Option<Text>,
    /// What, by which channel and to whom, in short.
    pub(super) series: String,
    scopes: Vec<Scope>,
}

impl Target {
    /// Whether a move of one role, or what goes to another, is told here.
    pub(super) fn covers(&self, mover: &str, receiver: Option<&str>) -> bool {
        self.scopes.iter().any(|scope| match scope {
            Scope::All => true,
            Scope::Movers(roles) => roles.contains(mover),
            Scope::Receivers(roles) => receiver.is_some_and(|receiver| roles.contains(receiver)),
        })
    }

    /// Whether moves of more than one role are told here, so that it must be said whose they are.
    pub(super) fn is_mixed(&self) -> bool {
        match self.scopes.as_slice() {
            [Scope::Movers(roles)] => roles.len() > 1,
            _ => true,
        }
    }
}

/// Somebody whom a rule means and no channel reaches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unreached {
    /// A person without a mail address.
    Person(String),
    /// A role that nobody holds.
    Role(String),
}

impl Unreached {
    /// In words.
    #[must_use]
    pub fn say(&self) -> Text {
        match self {
            Self::Person(person) => Text::new(
                format!("`{person}` has no mail address under `notices: people:`"),
                format!("`{person}` 在 `notices: people:` 中没有邮箱"),
            ),
            Self::Role(role) => Text::new(
                format!("nobody holds the role `{role}`, so nobody gets its mail"),
                format!("角色 `{role}` 无人担任，其邮件无人收取"),
            ),
        }
    }
}

/// Fills people into rules.
pub(super) struct Targets<'t> {
    set: &'t PolicySet,
    notices: &'t Notices,
    at: Instant,
    /// To whom something was given, who need not hold any role.
    given: Option<&'t str>,
    roles: BTreeSet<&'t str>,
    list: Vec<Target>,
    pub(super) unreached: BTreeSet<Unreached>,
}

impl<'t> Targets<'t> {
    /// All who are told something, each once for what and by which channel.
    pub(super) fn of(
        set: &'t PolicySet,
        notices: &'t Notices,
        (at, given): (Instant, Option<&'t str>),
        wanted: impl Fn(What) -> bool,
    ) -> (Vec<Target>, BTreeSet<Unreached>) {
        let posts = set.org.posts.iter().map(|post| post.role.as_str());
        let roles = set.org.labels.keys().map(String::as_str).chain(posts).collect();
        let mut targets = Self { set, notices, at, given, roles, list: Vec::new(), unreached: BTreeSet::new() };
        for rule in notices.send.iter().filter(|rule| wanted(rule.what)) {
            for by in &rule.by {
                targets.rule(rule, by.text().unwrap_or(""));
            }
        }
        (targets.list, targets.unreached)
    }

    fn rule(&mut self, rule: &'t Rule, channel: &str) {
        let Some(medium) = self.notices.channels.get(channel).map(|known| Medium::of(&known.way)) else { return };
        let by_mail = medium == Medium::Mail;
        let text = |node: &'t Node| node.text().unwrap_or("");
        match &rule.to {
            To::Person(node) => {
                let person = text(node);
                self.add(rule, (channel, medium), None, Some(person), self.held_by(person));
            }
            To::Role(node) => {
                let role = text(node);
                if by_mail {
                    self.mail_to(rule, (channel, medium), role, true);
                } else {
                    self.add(rule, (channel, medium), Some(role), None, BTreeSet::from([role.to_owned()]));
                }
            }
            To::Owners if by_mail && self.given.is_some() => {
                let person = self.given.unwrap_or("");
                self.add(rule, (channel, medium), None, Some(person), self.held_by(person));
            }
            To::Owners => {
                for role in self.roles.clone() {
                    if by_mail {
                        self.mail_to(rule, (channel, medium), role, false);
                    } else {
                        self.add(rule, (channel, medium), Some(role), None, BTreeSet::from([role.to_owned()]));
                    }
                }
            }
        }
    }

    /// A mail to each of those on whom the moves of a role fall; `named` tells that a rule names the role, so that nobody is worth a word.
    fn mail_to(&mut self, rule: &Rule, by: (&str, Medium), role: &str, named: bool) {
        let people: Vec<String> = self.set.org.acting(role, self.at).into_iter().map(str::to_owned).collect();
        if people.is_empty() && named {
            self.unreached.insert(Unreached::Role(role.to_owned()));
        }
        for person in people {
            self.add(rule, by, None, Some(&person), BTreeSet::from([role.to_owned()]));
        }
    }

    /// The roles whose moves fall on a person.
    fn held_by(&self, person: &str) -> BTreeSet<String> {
        self.roles.iter().filter(|role| self.set.org.acting(role, self.at).contains(&person)).map(|role| (*role).to_owned()).collect()
    }

    fn add(&mut self, rule: &Rule, (channel, medium): (&str, Medium), role: Option<&str>, person: Option<&str>, own: BTreeSet<String>) {
        let contact = person.and_then(|person| self.notices.people.get(person));
        if let (Medium::Mail, Some(person)) = (medium, person)
            && contact.is_none_or(|contact| contact.mail.is_none())
        {
            self.unreached.insert(Unreached::Person(person.to_owned()));
            return;
        }
        let scope = match &rule.of {
            Of::All => Scope::All,
            Of::Roles(nodes) => Scope::Movers(nodes.iter().filter_map(|node| node.text().map(str::to_owned)).collect()),
            Of::Own if rule.what == What::Escalation => Scope::Receivers(own),
            Of::Own => Scope::Movers(own),
        };
        let whom = match (role, person) {
            (_, Some(person)) => ["person", person],
            (role, None) => ["role", role.unwrap_or("")],
        };
        let series = short(&[rule.what.word(), channel, whom[0], whom[1]]);
        if let Some(known) = self.list.iter_mut().find(|known| known.series == series) {
            // Two rules mean the same person: one notice tells of both.
            known.urgent |= rule.urgent;
            known.intro = known.intro.take().or_else(|| rule.intro.clone());
            match (known.scopes.iter_mut().find(|other| same_sort(other, &scope)), scope) {
                (Some(Scope::Movers(roles) | Scope::Receivers(roles)), Scope::Movers(more) | Scope::Receivers(more)) => roles.extend(more),
                (Some(_), _) => {}
                (None, scope) => known.scopes.push(scope),
            }
            return;
        }
        self.list.push(Target {
            what: rule.what,
            channel: channel.to_owned(),
            medium,
            role: role.map(str::to_owned),
            person: person.map(str::to_owned),
            lang: rule.lang.or_else(|| contact.and_then(|contact| contact.lang)).unwrap_or(self.notices.lang),
            urgent: rule.urgent,
            every: rule.every,
            intro: rule.intro.clone(),
            series,
            scopes: vec![scope],
        });
    }
}

const fn same_sort(a: &Scope, b: &Scope) -> bool {
    matches!((a, b), (Scope::All, Scope::All) | (Scope::Movers(_), Scope::Movers(_)) | (Scope::Receivers(_), Scope::Receivers(_)))
}
