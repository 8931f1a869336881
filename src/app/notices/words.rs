//! The texts of notices in both languages: one file, so that the pairs are found.

use super::gather::{Basket, Part};
use crate::{
    engine::duration,
    finding::{Obligation, State},
    lang::Lang,
    policy::{PolicySet, clause::Severity, notices::What},
    store::{FindingKey, short},
    time::{Instant, Zone},
};

/// What tells an obligation that is told of from another: the same one of another due instant, or that came back, is another.
pub(super) fn item_key(key: &FindingKey, due: Option<Instant>, reopened: u32) -> String {
    let due = due.map_or_else(String::new, |due| due.millis().to_string());
    let part = |text: &Option<String>| text.clone().unwrap_or_default();
    short(&[&part(&key.case), &part(&key.group), &key.clause, &key.instance, &due, &reopened.to_string()])
}

/// One line of a notice, in pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// The case, or the group.
    pub(super) about: String,
    /// What to do, or what is wrong.
    pub(super) what: String,
    /// `critical`, `new`.
    pub(super) marks: Vec<&'static str>,
    /// The clause with its title.
    pub(super) clause: String,
    /// When it is due, and how late it is.
    pub(super) due: Option<String>,
    /// Whose move it is, where that is not plain.
    pub(super) whose: Option<String>,
    /// Where it is shown.
    pub(super) link: Option<String>,
}

/// From where items are told.
pub(super) struct Teller<'t> {
    pub(super) set: &'t PolicySet,
    pub(super) lang: Lang,
    pub(super) link: Option<&'t str>,
    /// Whether it is said whose move it is.
    pub(super) mixed: bool,
}

impl Teller<'_> {
    /// An obligation as an item.
    pub(super) fn item(&self, found: &Obligation, new: bool) -> Item {
        let lang = self.lang;
        let clause = self.set.clauses.get(found.clause);
        let zone = clause.map_or(Zone::UTC, |clause| clause.setup.zone());
        let what = match (&found.next_action, found.state) {
            (Some(action), State::Overdue | State::DueSoon | State::Pending) => action.text.get(lang).to_owned(),
            _ => found.message.get(lang).to_owned(),
        };
        let mut marks = Vec::new();
        if found.severity == Severity::Critical {
            marks.push(lang.pick("critical", "严重"));
        }
        if new {
            marks.push(lang.pick("new", "新增"));
        }
        let title = clause.map_or("", |clause| clause.properties.title.get(lang));
        Item {
            about: found.case.clone().or_else(|| found.group.clone()).unwrap_or_default(),
            what,
            marks,
            clause: if title.is_empty() { found.clause_id.clone() } else { format!("{} {title}", found.clause_id) },
            due: due(found, zone, lang),
            whose: found.next_action.as_ref().filter(|_| self.mixed).map(|action| self.set.org.label(&action.role).get(lang).to_owned()),
            link: self.link.and_then(|link| Some(case_link(link, found.case.as_deref()?))),
        }
    }
}

fn due(found: &Obligation, zone: Zone, lang: Lang) -> Option<String> {
    let due = found.due?;
    let at = format!("{}{}", due.at.show_due(zone), if due.provisional { "?" } else { "" });
    let late = found.overdue_by.filter(|_| found.open).map(duration);
    Some(match (late, lang) {
        (Some(late), Lang::En) => format!("was due {at}, {} late", late.en),
        (Some(late), Lang::Zh) => format!("应于 {at} 前完成，已逾期{}", late.zh),
        (None, Lang::En) => format!("due {at}"),
        (None, Lang::Zh) => format!("应于 {at} 前完成"),
    })
}

/// Where the board shows a case.
pub(in crate::app) fn case_link(link: &str, case: &str) -> String {
    let mut text = format!("{link}/case/");
    for byte in case.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// What stands over a section.
pub(super) fn heading(part: Part, total: u64, lang: Lang) -> String {
    let name = match part {
        Part::Overdue => lang.pick("Overdue", "已逾期或违反"),
        Part::Today => lang.pick("Due today", "今日到期"),
        Part::Week => lang.pick("Due later this week", "本周内到期"),
        Part::New => lang.pick("New", "新增"),
        Part::Escalated => lang.pick("Escalated", "上报"),
        Part::Assigned => lang.pick("Assigned", "指派"),
    };
    match lang {
        Lang::En => format!("{name}: {total}"),
        Lang::Zh => format!("{name}：{total}"),
    }
}

/// What stands where items were left out.
pub(super) fn more(count: u64, lang: Lang) -> String {
    match lang {
        Lang::En => format!("... and {count} more"),
        Lang::Zh => format!("……另有 {count} 项"),
    }
}

/// What is counted in a subject.
pub(super) struct Counted {
    pub(super) overdue: u64,
    pub(super) today: u64,
    pub(super) week: u64,
    pub(super) new: u64,
    pub(super) undetermined: u64,
}

impl Counted {
    pub(super) const fn of(basket: &Basket) -> Self {
        let Basket { new, undetermined, .. } = *basket;
        Self { overdue: basket.overdue.total, today: basket.today.total, week: basket.week.total, new, undetermined }
    }

    /// Whether there is nothing to tell.
    pub(super) const fn is_nothing(&self) -> bool {
        self.overdue + self.today + self.week + self.undetermined == 0
    }

    fn say(&self, lang: Lang) -> String {
        let parts = [
            (self.overdue, "overdue", "逾期或违反"),
            (self.today, "due today", "今日到期"),
            (self.week, "due this week", "本周到期"),
            (self.undetermined, "cannot be told", "无法判断"),
        ];
        let there = parts.into_iter().filter(|(count, ..)| *count > 0);
        match lang {
            Lang::En => there.map(|(count, en, _)| format!("{count} {en}")).collect::<Vec<_>>().join(", "),
            Lang::Zh => there.map(|(count, _, zh)| format!("{zh} {count}")).collect::<Vec<_>>().join("，"),
        }
    }
}

/// The subject of a notice; `company` is what the workspace is called.
pub(super) fn subject(company: &str, what: What, total: u64, counted: Option<&Counted>, lang: Lang) -> String {
    let company = if company.is_empty() { "duly" } else { company };
    let text = match (what, counted, lang) {
        (What::Digest, Some(counted), _) => counted.say(lang),
        (What::Digest, None, Lang::En) => format!("{total} to do"),
        (What::Digest, None, Lang::Zh) => format!("待办 {total} 项"),
        (What::New, _, Lang::En) => format!("{total} new"),
        (What::New, _, Lang::Zh) => format!("新增 {total} 项"),
        (What::Escalation, _, Lang::En) => format!("{total} escalated"),
        (What::Escalation, _, Lang::Zh) => format!("上报 {total} 项"),
        (What::Assigned, _, Lang::En) => format!("{total} assigned to you"),
        (What::Assigned, _, Lang::Zh) => format!("指派给您 {total} 项"),
    };
    match lang {
        Lang::En => format!("{company}: {text}"),
        Lang::Zh => format!("{company}：{text}"),
    }
}

/// As of when, and for whom.
pub(super) fn opening(whom: &str, as_of: Instant, zone: Zone, lang: Lang) -> String {
    let at = as_of.show(zone);
    match lang {
        Lang::En => format!("For {whom}, as of {at}."),
        Lang::Zh => format!("致 {whom}，截至 {at}。"),
    }
}

/// How many are new, and how many cannot be told: the end of a digest.
pub(super) fn rest(counted: &Counted, lang: Lang) -> Vec<String> {
    let Counted { new, undetermined, .. } = *counted;
    let mut lines = Vec::new();
    if new > 0 {
        lines.push(match lang {
            Lang::En => format!("New since the last digest: {new}"),
            Lang::Zh => format!("自上次摘要以来新增：{new}"),
        });
    }
    if undetermined > 0 {
        lines.push(match lang {
            Lang::En => format!("Cannot be told, since something is not recorded: {undetermined}"),
            Lang::Zh => format!("因记录缺失无法判断：{undetermined}"),
        });
    }
    lines
}

/// The last line: by which name the notice is known.
pub(super) fn closing(id: &str, link: Option<&str>, lang: Lang) -> String {
    let link = link.map(|link| format!("{link} · ")).unwrap_or_default();
    match lang {
        Lang::En => format!("{link}notice {id}"),
        Lang::Zh => format!("{link}通知 {id}"),
    }
}

/// What a robot adds when it says something again.
pub(super) fn again(id: &str, attempt: u32, lang: Lang) -> String {
    match lang {
        Lang::En => format!("Attempt {attempt} to send notice {id}: if you have seen it before, it is the same one."),
        Lang::Zh => format!("第 {attempt} 次发送通知 {id}：如已收到，即为同一条。"),
    }
}
