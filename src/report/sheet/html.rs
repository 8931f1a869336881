//! A table as HTML, to stand in a page.

use maud::{Markup, html};

use super::{Cell, Sheet};
use crate::{engine::duration, lang::Lang};

impl Sheet {
    /// The table as an HTML `table`; every text is escaped.
    #[must_use]
    pub fn to_html(&self, lang: Lang) -> Markup {
        html! {
            table {
                caption { (self.title) }
                thead { tr { @for column in &self.columns { th scope="col" { (column.label) } } } }
                tbody {
                    @for row in self.whole_rows() {
                        tr { @for cell in row { (td(cell, lang)) } }
                    }
                }
            }
        }
    }
}

fn td(cell: &Cell, lang: Lang) -> Markup {
    html! {
        @match cell {
            Cell::Empty => { td {} }
            Cell::Text(text) => { td { (text) } }
            Cell::Integer(number) => { td.number { (number) } }
            Cell::Decimal(number) => { td.number { (number.to_string()) } }
            Cell::Flag(flag) => { td { (if *flag { lang.pick("yes", "是") } else { lang.pick("no", "否") }) } }
            Cell::Date(date) => { td.time { (date.to_string()) } }
            Cell::Instant(at, zone) => { td.time { time datetime=(at.to_rfc3339(*zone)) { (at.show_due(*zone)) } } }
            Cell::Elapsed(millis) => { td.time { (duration(*millis).get(lang).trim()) } }
            Cell::List(items) => { td { (items.join(lang.pick(", ", "、"))) } }
        }
    }
}
