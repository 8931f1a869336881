//! Findings as a table for people: what is overdue first.

use comfy_table::{Cell, ContentArrangement, LineStyle, Table, presets};

use crate::{
    finding::{Obligation, State},
    lang::Lang,
    policy::PolicySet,
    time::Zone,
};

/// A table of findings as given; `width` is that of the terminal.
#[must_use]
pub fn table(findings: &[&Obligation], set: &PolicySet, lang: Lang, width: Option<u16>) -> String {
    let mut table = Table::new();
    // A line under the head only: findings are many, and a screen is short.
    table.load_style(presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none())).set_content_arrangement(ContentArrangement::Dynamic);
    if let Some(width) = width {
        table.set_width(width);
    }
    let head = match lang {
        Lang::En => ["Case", "Clause", "State", "Due", "Late by", "Whose move", "What to do, or what is wrong"],
        Lang::Zh => ["个案", "条款", "状态", "到期", "逾期", "由谁", "下一步或问题"],
    };
    table.set_header(head);
    for found in findings {
        let zone = set.clauses.get(found.clause).map_or(Zone::UTC, |clause| clause.setup.zone());
        let due = found.due.map_or_else(String::new, |due| {
            let mark = if due.provisional { "?" } else { "" };
            format!("{}{mark}", due.at.show_due(zone))
        });
        let late = found.overdue_by.map_or_else(String::new, |late| crate::engine::duration(late).get(lang).trim().to_owned());
        let case = found.case.clone().or_else(|| found.group.clone()).unwrap_or_default();
        let role = found.next_action.as_ref().map_or_else(String::new, |action| set.org.label(&action.role).get(lang).to_owned());
        let what = match (&found.next_action, found.state) {
            (Some(action), State::Overdue | State::DueSoon | State::Pending) => action.text.get(lang).to_owned(),
            _ => found.message.get(lang).to_owned(),
        };
        table.add_row(vec![
            Cell::new(case),
            Cell::new(&found.clause_id),
            Cell::new(found.state.label().get(lang)),
            Cell::new(due),
            Cell::new(late),
            Cell::new(role),
            Cell::new(what),
        ]);
    }
    table.to_string()
}
