//! Findings for people who work in a spreadsheet: what a workbook and a table of a page show.

use super::sheet::{Cell, Column, Sheet};
use crate::{
    finding::Obligation,
    lang::Lang,
    policy::PolicySet,
    time::{Instant, Zone},
};

/// Columns: the key, and the head in both languages.
const COLUMNS: &[(&str, &str, &str)] = &[
    ("case", "Case", "个案"),
    ("clause", "Clause", "条款"),
    ("title", "Duty", "义务"),
    ("state", "State", "状态"),
    ("open", "Open", "未了结"),
    ("severity", "Severity", "严重程度"),
    ("due", "Due", "到期"),
    ("provisional", "Provisional", "暂定"),
    ("since", "Since", "自"),
    ("met_at", "Done", "完成"),
    ("overdue_by", "Late by", "逾期"),
    ("next_role", "Whose move", "由谁"),
    ("next_text", "What to do", "下一步"),
    ("escalated_to", "Escalated to", "已上报"),
    ("message", "What is wrong", "问题"),
    ("missing", "Missing", "缺少"),
    ("penalty", "What follows", "后果"),
    ("kind", "Kind", "种类"),
    ("policy", "Policy", "策略"),
    ("instance", "Instance", "实例"),
    ("evidence", "Events", "依据的事件"),
];

/// Findings as a table, in the order given; instants in the zone of the clause's calendar.
#[must_use]
pub fn sheet(findings: &[Obligation], set: &PolicySet, lang: Lang) -> Sheet {
    let columns = COLUMNS.iter().map(|(key, en, zh)| Column::new(*key, lang.pick(en, zh))).collect();
    let mut sheet = Sheet::new(lang.pick("Findings", "检查结果"), columns);
    sheet.rows = findings.iter().map(|found| row(found, set, lang)).collect();
    sheet
}

/// The cells of a finding, in the order of [`COLUMNS`].
fn row(found: &Obligation, set: &PolicySet, lang: Lang) -> Vec<Cell> {
    let clause = set.clauses.get(found.clause);
    let zone = clause.map_or(Zone::UTC, |clause| clause.setup.zone());
    let time = |at: Option<Instant>| at.map_or(Cell::Empty, |at| Cell::Instant(at, zone));
    let role = |role: &str| set.org.label(role).get(lang).to_owned();
    let next = found.next_action.as_ref();
    vec![
        found.case.clone().or_else(|| found.group.clone()).into(),
        found.clause_id.as_str().into(),
        clause.map(|clause| clause.properties.title.get(lang)).into(),
        found.state.label().get(lang).into(),
        found.open.into(),
        lang.pick(found.severity.word(), found.severity.zh()).into(),
        time(found.due.map(|due| due.at)),
        found.due.map(|due| due.provisional).into(),
        time(found.since),
        time(found.met_at),
        found.overdue_by.map_or(Cell::Empty, Cell::Elapsed),
        next.map(|action| role(&action.role)).into(),
        next.map(|action| action.text.get(lang)).into(),
        found.escalated_to.as_deref().map(role).into(),
        found.message.get(lang).into(),
        Cell::List(found.missing.clone()),
        found.penalty.as_ref().map(|text| text.get(lang)).into(),
        found.kind.as_str().into(),
        found.policy.as_str().into(),
        found.instance.as_str().into(),
        Cell::List(found.evidence.clone()),
    ]
}
