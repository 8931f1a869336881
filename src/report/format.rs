//! In which forms lists leave the program.

use std::path::Path;

/// How a list of anything is shown.
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

/// How findings are written: as any list, or as what other programs make of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// As a list.
    List(Format),
    /// A workbook of Excel.
    Xlsx,
    /// A page to be read or printed.
    Html,
    /// Test results in XML, as build servers show them.
    Junit,
    /// Results of an analysis: SARIF 2.1.0.
    Sarif,
}

impl Export {
    /// The words for `--format`.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("table", Self::List(Format::Table)),
        ("jsonl", Self::List(Format::Jsonl)),
        ("json", Self::List(Format::Json)),
        ("csv", Self::List(Format::Csv)),
        ("xlsx", Self::Xlsx),
        ("html", Self::Html),
        ("junit", Self::Junit),
        ("sarif", Self::Sarif),
    ];

    /// The format of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(name, _)| *name == word).map(|(_, export)| *export)
    }

    /// The format that the ending of a file's name tells.
    #[must_use]
    pub fn of_path(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        Some(match name.rsplit_once('.')?.1 {
            "jsonl" | "ndjson" => Self::List(Format::Jsonl),
            // What GitHub calls such files.
            "json" if name.ends_with(".sarif.json") => Self::Sarif,
            "json" => Self::List(Format::Json),
            "csv" => Self::List(Format::Csv),
            "xlsx" => Self::Xlsx,
            "html" | "htm" => Self::Html,
            "xml" => Self::Junit,
            "sarif" => Self::Sarif,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Export, Format};

    #[test]
    fn the_ending_of_a_name_tells_the_format() {
        let of = |name: &str| Export::of_path(name.as_ref());
        assert_eq!(of("out/Findings.XLSX"), Some(Export::Xlsx));
        assert_eq!(of("duly.sarif.json"), Some(Export::Sarif));
        assert_eq!(of("a.json"), Some(Export::List(Format::Json)));
        assert_eq!(of("junit.xml"), Some(Export::Junit));
        assert_eq!((of("findings.txt"), of("findings"), of("a.b/findings")), (None, None, None));
    }
}
