//! The sentence that a finding is.

use super::state::Stand;
use crate::{
    finding::State,
    lang::Text,
    script::Trouble,
    time::{Due, Zone},
};

/// What a sentence is made of.
pub(super) struct Situation<'s> {
    pub(super) title: &'s Text,
    pub(super) about: Option<&'s Text>,
    pub(super) trouble: Option<&'s Trouble>,
    pub(super) due: Option<Due>,
    pub(super) stand: &'s Stand,
    pub(super) zone: Zone,
}

/// The duty and how it stands.
pub(super) fn describe(situation: &Situation<'_>) -> Text {
    let mut en = situation.title.en.clone();
    let mut zh = situation.title.zh.clone();
    let mut add = |more_en: String, more_zh: String| {
        en.push_str(if en.contains(": ") { "; " } else { ": " });
        zh.push_str(if zh.contains('：') { "；" } else { "：" });
        en.push_str(&more_en);
        zh.push_str(&more_zh);
    };
    match situation.trouble {
        Some(Trouble::Missing(names)) => {
            let list = names.iter().cloned().collect::<Vec<_>>().join(", ");
            add(format!("cannot be told, not recorded: {list}"), format!("无法判断，未记录：{list}"));
        }
        Some(Trouble::Failed { message, place }) => {
            let place = place.show();
            add(format!("cannot be told, {} ({place})", message.en), format!("无法判断，{}（{place}）", message.zh));
        }
        None => {}
    }
    if let Some(about) = situation.about.filter(|_| !matches!(situation.stand.state, State::Met | State::MetLate)) {
        add(about.en.clone(), about.zh.clone());
    }
    let due = situation.due.map(|due| due.at.show_due(situation.zone));
    let late = situation.stand.overdue_by.map(duration);
    match (situation.stand.state, due, late) {
        (State::Overdue, Some(due), Some(late)) => {
            add(format!("was due {due}, {} late", late.en), format!("应于 {due} 前完成，已逾期{}", late.zh));
        }
        (State::MetLate, Some(due), Some(late)) => {
            add(format!("done {} late, was due {due}", late.en), format!("逾期{}完成，应于 {due} 前完成", late.zh));
        }
        (State::DueSoon | State::Pending, Some(due), _) => add(format!("due {due}"), format!("应于 {due} 前完成")),
        _ => {}
    }
    if let (State::Breached, Some(at)) = (situation.stand.state, situation.stand.since) {
        let at = at.show(situation.zone);
        add(format!("since {at}"), format!("自 {at} 起"));
    }
    Text::new(en, zh)
}

/// A length of time for people: days and hours, or hours and minutes.
#[must_use]
pub fn duration(millis: i64) -> Text {
    let minutes = millis / 60_000;
    let (days, hours, rest) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
    let parts: Vec<(i64, &str, &str)> = match (days, hours) {
        (0, 0) if rest == 0 => return Text::new("under a minute", "不足 1 分钟"),
        (0, _) => vec![(hours, "h", "小时"), (rest, "min", "分钟")],
        _ => vec![(days, "d", "天"), (hours, "h", "小时")],
    };
    let parts: Vec<_> = parts.into_iter().filter(|(number, ..)| *number > 0).collect();
    Text::new(
        parts.iter().map(|(number, en, _)| format!("{number} {en}")).collect::<Vec<_>>().join(" "),
        format!(" {}", parts.iter().map(|(number, _, zh)| format!("{number} {zh}")).collect::<Vec<_>>().join(" ")),
    )
}
