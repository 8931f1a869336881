//! Findings as one page of HTML that needs nothing else: to be sent, read, printed.

use maud::{Markup, html};

use super::{About, Cell, Column, Sheet, findings, sheet::whole_page};
use crate::finding::{Obligation, State};

/// The columns that stand in the page, by key: those that a reader acts on.
const SHOWN: &[&str] = &["case", "clause", "title", "state", "severity", "due", "overdue_by", "next_role", "next_text", "message"];

/// The page; the findings stand in it as given.
#[must_use]
pub fn page(found: &[Obligation], about: &About<'_>) -> String {
    let lang = about.lang;
    let title = lang.pick("Findings", "检查结果");
    let as_of = about.as_of.show(about.zone);
    let sheet = shown(findings::sheet(found, about.set, lang));
    let body = html! {
        h1 { (title) }
        p { (lang.pick("As of ", "截至 ")) time datetime=(about.as_of.to_rfc3339(about.zone)) { (as_of) } }
        (counts(found, about))
        @if found.is_empty() {
            p { (lang.pick("Nothing was found.", "没有发现问题。")) }
        } @else {
            (sheet.to_html(lang))
        }
    };
    whole_page(&format!("{title} · {as_of}"), &body, lang)
}

/// How many there are, the most pressing first.
fn counts(found: &[Obligation], about: &About<'_>) -> Markup {
    let lang = about.lang;
    let number = |state: State| match &about.counts {
        Some(counts) => counts.of(state),
        None => u64::try_from(found.iter().filter(|found| found.state == state).count()).unwrap_or(u64::MAX),
    };
    html! {
        @if let Some(cases) = about.cases {
            p { (cases) (lang.pick(" cases were judged.", " 个个案已检查。")) }
        }
        ul.counts {
            @for state in State::ALL.iter().filter(|state| number(**state) > 0) {
                li { b { (number(*state)) } (state.label().get(lang)) }
            }
        }
    }
}

/// Only the columns that are shown.
fn shown(sheet: Sheet) -> Sheet {
    let Sheet { title, columns, rows } = sheet;
    let stays = |column: &Column| SHOWN.contains(&column.key.as_str());
    let keep = |row: Vec<Cell>| row.into_iter().zip(&columns).filter(|(_, column)| stays(column)).map(|(cell, _)| cell).collect();
    let rows = rows.into_iter().map(keep).collect();
    Sheet { title, columns: columns.iter().filter(|column| stays(column)).cloned().collect(), rows }
}
