//! What a company says about its notices in its workspace (`notices:` in `duly.yaml`): by which channels, to whom, when not.

mod channel;
mod rule;

use std::collections::BTreeMap;

pub use channel::{Channel, Hook, Secret, Smtp, Tls, Unsure, Way};
pub use rule::{Every, Of, Rule, To, What};

use super::{calendar::Calendars, org::Org};
use crate::{
    diagnostic::{Problems, did_you_mean},
    lang::{Lang, Text},
    time::{Calendar, parse_hours},
    yaml::{Fields, Key, Node},
};

/// Keys of `notices:`.
pub const KEYS: &[Key] = &[
    Key::optional("from", "mail address", "whom mail comes from", "邮件的发件人"),
    Key::optional("link", "address", "where the board is; notices link to it", "看板地址；通知中的链接指向它"),
    Key::optional("lang", "en or zh", "the language where nothing else says (default: en)", "未另行指定时的语言（默认 en）"),
    Key::optional("quiet", "{calendar, from, to}", "when nothing is sent that is not urgent", "静默时段：非紧急通知不发送"),
    Key::optional("people", "{person: {mail, lang}}", "how people are reached", "人员的联系方式"),
    Key::required("channels", "{name: {mail, webhook, wecom, dingtalk or feishu}}", "ways to send", "发送渠道"),
    Key::required("send", "list of {what, to, by}", "who is told what", "向谁发送什么"),
];

const QUIET_KEYS: &[Key] = &[
    Key::optional("calendar", "calendar", "quiet while it is closed", "日历不在工作时间即静默"),
    Key::optional("from", "hh:mm", "quiet from then on", "静默开始"),
    Key::optional("to", "hh:mm", "until then", "静默结束"),
];

const PERSON_KEYS: &[Key] =
    &[Key::optional("mail", "mail address", "where mail goes", "邮箱"), Key::optional("lang", "en or zh", "the person's language", "语言")];

/// The words for a language.
pub(super) const LANGS: &[(&str, Lang)] = &[("en", Lang::En), ("zh", Lang::Zh)];

/// How a person is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// Where mail goes.
    pub mail: Option<String>,
    /// The language.
    pub lang: Option<Lang>,
}

/// When nothing is sent that is not urgent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quiet {
    /// The calendar that must be open, as written.
    pub calendar: Option<Node>,
    /// From which minute of the day to which; over midnight where the second is the smaller.
    pub hours: Option<(u16, u16)>,
}

/// The notices of a company.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notices {
    /// Whom mail comes from.
    pub from: String,
    /// Where the board is, without a slash at the end.
    pub link: Option<String>,
    /// The language where nothing else says.
    pub lang: Lang,
    /// When nothing is sent that is not urgent.
    pub quiet: Quiet,
    /// How people are reached.
    pub people: BTreeMap<String, Contact>,
    /// Ways to send, by name.
    pub channels: BTreeMap<String, Channel>,
    /// Who is told what.
    pub send: Vec<Rule>,
}

impl Notices {
    /// Reads `notices:`.
    pub fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let fields = Fields::read(node, KEYS, problems)?;
        let mut notices = Self {
            from: address(&fields, "from", problems).unwrap_or_default(),
            link: fields.text("link", problems).map(|link| link.trim_end_matches('/').to_owned()),
            lang: fields.word("lang", LANGS, problems).unwrap_or_default(),
            quiet: fields.get("quiet").map(|node| read_quiet(node, problems)).unwrap_or_default(),
            ..Self::default()
        };
        for (name, what) in fields.get("people").map_or(&[][..], |node| node.expect_map(problems)) {
            let Some(fields) = Fields::read(what, PERSON_KEYS, problems) else { continue };
            let contact = Contact { mail: address(&fields, "mail", problems), lang: fields.word("lang", LANGS, problems) };
            notices.people.insert(name.text().unwrap_or("").to_owned(), contact);
        }
        for (name, what) in fields.get("channels").map_or(&[][..], |node| node.expect_map(problems)) {
            if let Some(channel) = Channel::read(what, problems) {
                if matches!(channel.way, Way::Mail(_)) && notices.from.is_empty() && fields.get("from").is_none() {
                    let message = Text::new("mail needs `from:` in `notices:`", "邮件渠道需要在 `notices:` 中写明 `from:`");
                    let help = Text::new("write the address whom mail comes from", "请写明发件人地址");
                    problems.error_with_help("DU0103", &name.place, message, help);
                }
                notices.channels.insert(name.text().unwrap_or("").to_owned(), channel);
            }
        }
        let names: Vec<&str> =
            fields.get("channels").map_or(&[][..], |node| node.expect_map(problems)).iter().filter_map(|(name, _)| name.text()).collect();
        for node in fields.list("send") {
            let Some(rule) = Rule::read(node, problems) else { continue };
            for by in &rule.by {
                let name = by.text().unwrap_or("");
                if !names.contains(&name) {
                    problems.error_with_help(
                        "DU0409",
                        &by.place,
                        Text::new(format!("unknown channel `{name}`"), format!("未知的渠道 `{name}`")),
                        did_you_mean(name, names.iter().copied()),
                    );
                }
            }
            notices.send.push(rule);
        }
        Some(notices)
    }

    /// What only the policies can tell: whether there are such roles, people and a calendar. Gives the calendar of quiet hours.
    pub(super) fn check(&self, calendars: &Calendars, org: &Org, problems: &mut Problems) -> Option<std::sync::Arc<Calendar>> {
        let roles: Vec<&str> = org.labels.keys().map(String::as_str).chain(org.posts.iter().map(|post| post.role.as_str())).collect();
        let people: Vec<&str> = self.people.keys().map(String::as_str).chain(org.posts.iter().map(|post| post.person.as_str())).collect();
        for rule in &self.send {
            let named = match &rule.of {
                Of::Roles(list) => list.as_slice(),
                Of::Own | Of::All => &[],
            };
            let to = match &rule.to {
                To::Role(node) => Some(node),
                To::Owners | To::Person(_) => None,
            };
            for node in named.iter().chain(to) {
                let role = node.text().unwrap_or("");
                if !roles.contains(&role) {
                    problems.error_with_help(
                        "DU0402",
                        &node.place,
                        Text::new(format!("unknown role `{role}`"), format!("未知的角色 `{role}`")),
                        did_you_mean(role, roles.iter().copied()),
                    );
                }
            }
            if let To::Person(node) = &rule.to {
                self.check_person(rule, node, &people, problems);
            }
        }
        self.quiet.calendar.as_ref().and_then(|node| calendars.need(node, problems))
    }

    fn check_person(&self, rule: &Rule, node: &Node, people: &[&str], problems: &mut Problems) {
        let person = node.text().unwrap_or("");
        if !people.contains(&person) {
            problems.error_with_help(
                "DU0409",
                &node.place,
                Text::new(
                    format!("`{person}` holds no role and is not under `people:`"),
                    format!("`{person}` 不担任任何角色，也不在 `people:` 中"),
                ),
                did_you_mean(person, people.iter().copied()),
            );
            return;
        }
        let by_mail = rule.by.iter().filter_map(|by| self.channels.get(by.text()?)).any(|channel| matches!(channel.way, Way::Mail(_)));
        if by_mail && self.people.get(person).is_none_or(|contact| contact.mail.is_none()) {
            problems.error_with_help(
                "DU0409",
                &node.place,
                Text::new(format!("`{person}` has no mail address"), format!("`{person}` 没有邮箱")),
                Text::new(format!("add `people: {{{person}: {{mail: ...}}}}`"), format!("请加上 `people: {{{person}: {{mail: ...}}}}`")),
            );
        }
    }
}

fn read_quiet(node: &Node, problems: &mut Problems) -> Quiet {
    let Some(fields) = Fields::read(node, QUIET_KEYS, problems) else { return Quiet::default() };
    let mut quiet = Quiet { calendar: fields.get("calendar").cloned(), hours: None };
    match (fields.text("from", problems), fields.text("to", problems)) {
        (None, None) if quiet.calendar.is_some() => {}
        (Some(from), Some(to)) => match parse_hours(&format!("{from}-{to}")).as_deref() {
            Ok([hours]) => quiet.hours = Some((hours.from, hours.to % 1_440)),
            Ok(_) => {}
            Err(error) => problems.error("DU0105", &node.place, error.en.clone(), error.zh.clone()),
        },
        _ => {
            let message = Text::new("quiet hours need a calendar, or `from` and `to`", "静默时段需要日历，或 `from` 与 `to`");
            problems.error_with_help(
                "DU0103",
                &node.place,
                message,
                Text::new("as `{from: \"20:00\", to: \"08:00\"}`", "如 `{from: \"20:00\", to: \"08:00\"}`"),
            );
        }
    }
    quiet
}

/// A mail address, with or without a name before it.
fn address(fields: &Fields<'_>, name: &str, problems: &mut Problems) -> Option<String> {
    let text = fields.text(name, problems)?;
    let bare = text.rsplit_once('<').map_or(text, |(_, rest)| rest.trim_end_matches('>')).trim();
    let sound = bare.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'));
    if !sound || bare.contains([' ', '\r', '\n', ',', '<', '>']) || text.contains(['\r', '\n']) {
        if let Some(node) = fields.get(name) {
            problems.error("DU0105", &node.place, format!("`{text}` is not a mail address"), format!("`{text}` 不是邮箱"));
        }
        return None;
    }
    Some(text.to_owned())
}
