//! Findings as text for people and programs.

mod csv;
mod explanation;
mod harmless;
mod json;
pub mod schema;
pub mod sheet;
mod table;

pub use csv::write_csv;
pub use explanation::explanation_to_json;
pub use harmless::{harmless, is_formula};
pub use json::to_json;
pub use table::table;

/// How findings are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Table,
    /// One JSON object a line.
    Jsonl,
    /// One JSON array.
    Json,
    /// Comma-separated values.
    Csv,
}

impl Format {
    /// The words for `--format`.
    pub const WORDS: &'static [(&'static str, Self)] =
        &[("table", Self::Table), ("jsonl", Self::Jsonl), ("json", Self::Json), ("csv", Self::Csv)];

    /// The format of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(name, _)| *name == word).map(|(_, format)| *format)
    }
}
