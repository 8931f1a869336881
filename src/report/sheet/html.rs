//! A table as HTML, to stand in a page or to be one.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Cell, Sheet};
use crate::{engine::duration, lang::Lang};

/// Colours come from the system, so that the page is dark where all else is; on paper it is black on white.
const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:15px/1.45 system-ui,'Noto Sans CJK SC','Microsoft YaHei',sans-serif;margin:2rem auto;max-width:90rem;padding:0 1rem}\
h1{font-size:1.5rem;margin:0 0 .25rem}p{margin:.25rem 0}\
ul.counts{display:flex;flex-wrap:wrap;gap:.5rem;list-style:none;padding:0;margin:1rem 0}\
ul.counts li{border:1px solid color-mix(in srgb,currentColor 25%,transparent);border-radius:.4rem;padding:.3rem .7rem}\
ul.counts b{font-size:1.2rem;margin-right:.3rem}\
table{border-collapse:collapse;width:100%}caption{text-align:left;font-weight:600;padding:.5rem 0}\
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid color-mix(in srgb,currentColor 20%,transparent);overflow-wrap:anywhere}\
thead th{border-bottom-width:2px}td.time{white-space:nowrap}td.number{text-align:right}\
@media print{body{margin:0;max-width:none;font-size:10pt}thead{display:table-header-group}tr{break-inside:avoid}}";

/// A page that needs nothing else: to be sent, read, printed.
#[must_use]
pub fn whole_page(title: &str, body: &Markup, lang: Lang) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(lang.pick("en", "zh-CN")) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content=(concat!("duly ", env!("CARGO_PKG_VERSION")));
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    };
    page.into_string()
}

impl Sheet {
    /// The table as a page that needs nothing else.
    #[must_use]
    pub fn to_page(&self, lang: Lang) -> String {
        whole_page(&self.title, &self.to_html(lang), lang)
    }

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
