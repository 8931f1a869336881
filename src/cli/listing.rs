//! Lists of objects that are no findings, in the forms that programs read; and the table that people read.

use std::io;

use comfy_table::{ContentArrangement, LineStyle, Table, presets};
use serde_json::Value;

use super::{Failure, Screen};
use crate::report::harmless;

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
            let cell = |name: &&str| {
                harmless(match object.get(name) {
                    None | Some(Value::Null) => String::new(),
                    Some(Value::String(text)) => text.clone(),
                    Some(Value::Array(items)) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
                    Some(other) => other.to_string(),
                })
            };
            writer.write_record(columns.iter().map(cell))?;
        }
        Ok(writer.flush()?)
    };
    write().map_err(io::Error::from).map_err(Failure::from)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// An empty table: of the terminal's width, or as Markdown.
pub(super) fn table(markdown: bool, screen: &Screen) -> Table {
    let mut table = Table::new();
    if markdown {
        table.load_style(presets::ASCII_MARKDOWN);
        return table;
    }
    table.load_style(presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none())).set_content_arrangement(ContentArrangement::Dynamic);
    if let Some(width) = screen.width() {
        table.set_width(width);
    }
    table
}
