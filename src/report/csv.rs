//! Findings as CSV. A cell that a spreadsheet would take for a formula is made harmless.

use std::io::Write;

use serde_json::Value;

use super::{harmless, to_json};
use crate::{finding::Obligation, lang::Lang, policy::PolicySet};

const COLUMNS: &[&str] = &[
    "case",
    "group",
    "kind",
    "policy",
    "clause",
    "instance",
    "state",
    "violation",
    "open",
    "severity",
    "due",
    "provisional",
    "since",
    "met_at",
    "overdue_by",
    "next_role",
    "next_text",
    "missing",
    "evidence",
    "message",
];

/// Writes findings as CSV with a header.
///
/// # Errors
/// When it cannot be written.
pub fn write_csv(findings: &[Obligation], set: &PolicySet, lang: Lang, out: &mut dyn Write) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(COLUMNS)?;
    for found in findings {
        let object = to_json(found, set, lang);
        let cell = |name: &str| -> String {
            let value = match name {
                "next_role" => object.get("next_action").and_then(|action| action.get("role")),
                "next_text" => object.get("next_action").and_then(|action| action.get("text")),
                _ => object.get(name),
            };
            match value {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => harmless(text.clone()),
                Some(Value::Array(items)) => harmless(items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")),
                Some(other) => other.to_string(),
            }
        };
        writer.write_record(COLUMNS.iter().map(|name| cell(name)))?;
    }
    writer.flush()?;
    Ok(())
}
