//! Who is told what.

use super::LANGS;
use crate::{
    diagnostic::Problems,
    lang::{Lang, Text},
    policy::template::read_text,
    yaml::{Fields, Key, Kind, Node},
};

const RULE_KEYS: &[Key] = &[
    Key::required("what", "digest, new, escalation or assigned", "what is told", "发送的内容"),
    Key::required("to", "owners, {role} or {person}", "who is told", "发送对象"),
    Key::required("by", "channel, or list of them", "by which channel", "渠道"),
    Key::optional("of", "own, all or list of roles", "whose moves are told of (default: own)", "涉及谁的事项（默认 own，即本人的）"),
    Key::optional("every", "day, week or run", "how often a digest is sent (default: day)", "摘要的频率（默认 day）"),
    Key::optional("lang", "en or zh", "in which language", "语言"),
    Key::optional(
        "urgent",
        "true or false",
        "what is critical is sent in quiet hours as well (default: false)",
        "严重事项在静默时段也发送（默认 false）",
    ),
    Key::optional("intro", "text", "a line above", "开头的一句话"),
];

const TO_KEYS: &[Key] =
    &[Key::optional("role", "role", "those who hold it", "该角色的担任者"), Key::optional("person", "name", "one person", "某人")];

/// What a rule tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// What is overdue and what falls due.
    Digest,
    /// Findings that were not there before.
    New,
    /// What was overdue for long enough to go to somebody else.
    Escalation,
    /// What was given to somebody.
    Assigned,
}

impl What {
    /// The words of a rule, and of notices.
    pub const WORDS: &'static [(&'static str, Self)] =
        &[("digest", Self::Digest), ("new", Self::New), ("escalation", Self::Escalation), ("assigned", Self::Assigned)];

    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, what)| *what == self).map_or("", |(word, _)| word)
    }
}

/// Who is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// Whoever holds a role that has a move.
    Owners,
    /// Those who hold a role.
    Role(Node),
    /// One person.
    Person(Node),
}

/// Whose moves are told of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Of {
    /// Those of whoever is told.
    #[default]
    Own,
    /// All.
    All,
    /// Those of some roles.
    Roles(Vec<Node>),
}

/// How often a digest is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Every {
    /// At the first run of each day.
    #[default]
    Day,
    /// At the first run of each week.
    Week,
    /// At each run.
    Run,
}

/// Who is told what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What.
    pub what: What,
    /// Who.
    pub to: To,
    /// By which channels.
    pub by: Vec<Node>,
    /// Whose moves.
    pub of: Of,
    /// How often.
    pub every: Every,
    /// In which language.
    pub lang: Option<Lang>,
    /// Whether what is critical is sent in quiet hours as well.
    pub urgent: bool,
    /// A line above.
    pub intro: Option<Text>,
}

impl Rule {
    pub(super) fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let fields = Fields::read(node, RULE_KEYS, problems)?;
        let of = match fields.get("of") {
            None => Of::Own,
            Some(node) => match node.text() {
                Some("own") => Of::Own,
                Some("all") => Of::All,
                _ => Of::Roles(node.items().to_vec()),
            },
        };
        Some(Self {
            what: fields.word("what", What::WORDS, problems)?,
            to: fields.get("to").and_then(|node| read_to(node, problems))?,
            by: fields.list("by").to_vec(),
            of,
            every: fields.word("every", &[("day", Every::Day), ("week", Every::Week), ("run", Every::Run)], problems).unwrap_or_default(),
            lang: fields.word("lang", LANGS, problems),
            urgent: fields.flag("urgent", problems).unwrap_or(false),
            intro: fields.get("intro").and_then(|node| read_text(node, problems)),
        })
    }
}

fn read_to(node: &Node, problems: &mut Problems) -> Option<To> {
    if node.text() == Some("owners") {
        return Some(To::Owners);
    }
    if let Kind::Map(_) = node.kind {
        let fields = Fields::read(node, TO_KEYS, problems)?;
        match (fields.get("role"), fields.get("person")) {
            (Some(role), None) => return role.expect_text(problems).map(|_| To::Role(role.clone())),
            (None, Some(person)) => return person.expect_text(problems).map(|_| To::Person(person.clone())),
            _ if fields.misspelt => return None,
            _ => {}
        }
    }
    problems.error_with_help(
        "DU0105",
        &node.place,
        Text::new("this names nobody to be told", "此处未指明发送对象"),
        Text::new("`owners`, `{role: ...}` or `{person: ...}`", "应为 `owners`、`{role: ...}` 或 `{person: ...}`"),
    );
    None
}
