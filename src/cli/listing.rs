//! Lists of objects that are no findings, in the forms that programs read; and the table that people read.

use std::io;

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, presets};
use serde_json::Value;

use super::{Failure, Screen, output::Output};
use crate::{
    lang::Text,
    report::{
        Export, Format, Sheet, harmless,
        sheet::{Head, to_xlsx},
    },
};

/// Prints objects one a line.
pub(super) fn jsonl(objects: impl IntoIterator<Item = Value>, screen: &Screen) -> Result<(), Failure> {
    objects.into_iter().try_for_each(|object| screen.say(object))
}

/// Prints a value over several lines.
pub(super) fn json(value: &Value, screen: &Screen) -> Result<(), Failure> {
    screen.say(serde_json::to_string_pretty(value).map_err(io::Error::from)?)
}

/// Prints some fields of objects as CSV with a header; the items of a list stand in one cell with spaces between them.
pub(super) fn csv(columns: &[&str], objects: impl IntoIterator<Item = Value>, screen: &Screen) -> Result<(), Failure> {
    let write = || -> Result<(), csv::Error> {
        let mut writer = csv::Writer::from_writer(screen.output());
        writer.write_record(columns)?;
        for object in objects {
            let cell = |name: &&str| match object.get(name) {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => harmless(text.clone()),
                Some(Value::Array(items)) => harmless(items.iter().map(plain).collect::<Vec<_>>().join(" ")),
                Some(other) => other.to_string(),
            };
            writer.write_record(columns.iter().map(cell))?;
        }
        Ok(writer.flush()?)
    };
    write().map_err(io::Error::from).map_err(Failure::from)
}

/// Writes a table of anything in a form for programs and spreadsheets, or as a page.
pub(super) fn sheet(sheet: &Sheet, export: Export, out: &mut Output, screen: &Screen) -> Result<(), Failure> {
    let writer = out.writer();
    match export {
        Export::List(Format::Json | Format::Table) => {
            writeln!(writer, "{}", serde_json::to_string_pretty(&sheet.to_json()).map_err(io::Error::from)?)?;
        }
        Export::List(Format::Jsonl) => {
            for object in sheet.to_json().as_array().into_iter().flatten() {
                writeln!(writer, "{object}")?;
            }
        }
        Export::List(Format::Csv) => sheet.write_csv(Head::Keys, writer).map_err(io::Error::from)?,
        Export::Xlsx => {
            let bytes = to_xlsx(std::slice::from_ref(sheet)).map_err(|error| {
                let text = error.text();
                Failure::new(text.en, text.zh)
            })?;
            writer.write_all(&bytes)?;
        }
        Export::Html => writeln!(writer, "{}", sheet.to_page(screen.lang))?,
        Export::Junit | Export::Sarif => {
            return Err(Failure::with_help(
                Text::new("junit and sarif are forms of findings; this is a table of figures", "junit 与 sarif 用于检查结果；此处是统计表"),
                Text::new("use table, jsonl, json, csv, xlsx or html", "请用 table、jsonl、json、csv、xlsx 或 html"),
            ));
        }
    }
    Ok(())
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Rows under a head: as wide as the terminal, or as Markdown. `right` tells which columns hold numbers.
pub(super) fn grid(head: &[&str], rows: &[Vec<String>], right: impl Fn(usize) -> bool, markdown: bool, screen: &Screen) -> String {
    if markdown {
        let line = |cells: &mut dyn Iterator<Item = String>| format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "));
        let mut text = line(&mut head.iter().map(|name| (*name).to_owned()));
        text.push_str(&line(&mut (0..head.len()).map(|column| if right(column) { "---:" } else { "---" }.to_owned())));
        for row in rows {
            text.push_str(&line(&mut row.iter().map(|cell| cell.replace('|', "\\|"))));
        }
        return text.trim_end().to_owned();
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none())).set_content_arrangement(ContentArrangement::Dynamic);
    if let Some(width) = screen.width() {
        table.set_width(width);
    }
    table.set_header(head);
    for row in rows {
        let cell = |(column, text): (usize, &String)| {
            let cell = Cell::new(text);
            if right(column) { cell.set_alignment(CellAlignment::Right) } else { cell }
        };
        table.add_row(row.iter().enumerate().map(cell));
    }
    table.to_string()
}
