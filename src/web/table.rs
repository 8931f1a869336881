//! A table on a page: the same rows leave as CSV, XLSX or JSON.

use maud::{Markup, html};

use super::visit::{Answer, Refusal, Reply, Visit};
use crate::{
    engine::duration,
    lang::{Lang, Text},
    report::sheet::{Cell, Column, Head, Sheet, to_xlsx},
};

/// The forms in which a table leaves.
const FORMATS: [(&str, &str); 3] = [("csv", "CSV"), ("xlsx", "XLSX"), ("json", "JSON")];

/// A cell on a page.
#[derive(Clone, Debug, Default)]
pub struct Td {
    /// Its value.
    pub cell: Cell,
    /// What a person sees in its place.
    pub shown: Option<Markup>,
    /// Where it leads.
    pub href: Option<String>,
}

impl<C: Into<Cell>> From<C> for Td {
    fn from(cell: C) -> Self {
        Self { cell: cell.into(), shown: None, href: None }
    }
}

impl Td {
    /// A value that leads somewhere.
    #[must_use]
    pub fn link(cell: impl Into<Cell>, href: impl Into<String>) -> Self {
        Self { cell: cell.into(), shown: None, href: Some(href.into()) }
    }

    /// A value that is shown in its own way.
    #[must_use]
    pub fn shown(cell: impl Into<Cell>, shown: Markup) -> Self {
        Self { cell: cell.into(), shown: Some(shown), href: None }
    }
}

/// A table.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// What it is called: in a workbook, and as a file.
    pub title: String,
    /// What stands over it, where the heading above does not say it.
    pub caption: Option<String>,
    columns: Vec<Column>,
    rows: Vec<Vec<Td>>,
    /// Columns that leave with the table and are not shown: another one shows what they say.
    hidden: Vec<&'static str>,
}

impl Table {
    /// A table with these columns: the name for programs, and what a person sees.
    #[must_use]
    pub fn new(title: &str, lang: Lang, columns: &[(&str, &str, &str)]) -> Self {
        let columns = columns.iter().map(|(key, en, zh)| Column::new(*key, lang.pick(en, zh))).collect();
        Self { title: title.to_owned(), caption: None, columns, rows: Vec::new(), hidden: Vec::new() }
    }

    /// The same with a caption.
    #[must_use]
    pub fn with_caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = Some(caption.into());
        self
    }

    /// The same with a column that is not shown on the page.
    #[must_use]
    pub fn hiding(mut self, column: &'static str) -> Self {
        self.hidden.push(column);
        self
    }

    /// Adds a row.
    pub fn push(&mut self, row: Vec<Td>) {
        self.rows.push(row);
    }

    /// Its first rows, and its last, which sums them up.
    #[must_use]
    pub fn first(mut self, most: usize) -> Self {
        if self.rows.len() > most.saturating_add(1) {
            let last = self.rows.pop();
            self.rows.truncate(most);
            self.rows.extend(last);
        }
        self
    }

    /// The table on a page.
    #[must_use]
    pub fn html(&self, lang: Lang) -> Markup {
        if self.rows.is_empty() {
            return html! { p.soft { (lang.pick("Nothing here.", "暂无内容。")) } };
        }
        let shown = |column: &Column| !self.hidden.contains(&column.key.as_str());
        let numeric =
            |at: usize| self.rows.iter().any(|row| matches!(row.get(at).map(|td| &td.cell), Some(Cell::Integer(_) | Cell::Decimal(_))));
        html! {
            div.scroll tabindex="0" role="region" aria-label=(self.caption.as_deref().unwrap_or(&self.title)) {
                table.cards {
                    @if let Some(caption) = &self.caption { caption { (caption) } }
                    thead { tr {
                        @for (at, column) in self.columns.iter().enumerate().filter(|(_, column)| shown(column)) { th.number[numeric(at)] scope="col" { (column.label) } }
                    } }
                    tbody {
                        @for row in &self.rows {
                            tr { @for (td, column) in row.iter().zip(&self.columns).filter(|(_, column)| shown(column)) { (cell(td, &column.label, lang)) } }
                        }
                    }
                }
            }
        }
    }

    /// The ways in which it leaves, for the page that shows it.
    #[must_use]
    pub fn ways_out(visit: &Visit<'_>, name: &str) -> Markup {
        html! {
            p.export.soft {
                (visit.t("Take out: ", "导出："))
                @for (at, (format, label)) in FORMATS.iter().enumerate() {
                    @if at > 0 { " · " }
                    a href=(format!("{}{}", visit.path, visit.query.with("table", name).with("format", format).query())) { (label) }
                }
            }
        }
    }

    /// The form in which this table is asked for.
    #[must_use]
    pub fn asked<'v>(visit: &'v Visit<'_>, name: &str) -> Option<&'v str> {
        visit.query.get("format").filter(|_| visit.query.get("table") == Some(name))
    }

    /// The table as a file.
    ///
    /// # Errors
    /// When there is no such form, or it cannot be written.
    pub fn file(self, format: &str, name: &str) -> Answer {
        let rows = self.rows.into_iter().map(|row| row.into_iter().map(|td| td.cell).collect()).collect();
        let sheet = Sheet { title: self.title, columns: self.columns, rows };
        let wrong = |error: String| Refusal::Wrong(Text::same(error));
        let reply = match format {
            "csv" => Reply::new("text/csv; charset=utf-8", sheet.to_csv(Head::Labels).map_err(|error| wrong(error.to_string()))?),
            "xlsx" => {
                let book = to_xlsx(std::slice::from_ref(&sheet)).map_err(|error| wrong(error.to_string()))?;
                Reply::new("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", book)
            }
            "json" => Reply::json(&sheet.to_json()),
            other => {
                return Err(Refusal::Wrong(Text::new(
                    format!("there is no format `{other}`; csv, xlsx and json are there"),
                    format!("没有格式 `{other}`；可用 csv、xlsx、json"),
                )));
            }
        };
        Ok(reply.with_header("content-disposition", format!("attachment; filename=\"duly-{name}.{format}\"")))
    }
}

fn cell(td: &Td, label: &str, lang: Lang) -> Markup {
    let class = match &td.cell {
        Cell::Integer(0) => "number zero",
        Cell::Integer(_) | Cell::Decimal(_) => "number",
        Cell::Date(_) | Cell::Instant(..) | Cell::Elapsed(_) => "time",
        Cell::Text(text) if td.href.is_some() && text.len() <= 48 && !text.contains(' ') && text.is_ascii() => "id",
        _ => "",
    };
    let value = td.shown.clone().unwrap_or_else(|| value(&td.cell, lang));
    html! {
        td class=(class) data-label=(label) {
            @if let Some(href) = &td.href { a href=(href) { (value) } } @else { (value) }
        }
    }
}

fn value(cell: &Cell, lang: Lang) -> Markup {
    html! {
        @match cell {
            Cell::Empty => {}
            Cell::Text(text) => (text),
            Cell::Integer(number) => (number),
            Cell::Decimal(number) => (number.to_string()),
            Cell::Flag(flag) => (if *flag { lang.pick("yes", "是") } else { lang.pick("no", "否") }),
            Cell::Date(date) => (date.to_string()),
            Cell::Instant(at, zone) => time datetime=(at.to_rfc3339(*zone)) { (at.show_due(*zone)) },
            Cell::Elapsed(millis) => (duration(*millis).get(lang).trim()),
            Cell::List(items) => (items.join(lang.pick(", ", "、"))),
        }
    }
}
