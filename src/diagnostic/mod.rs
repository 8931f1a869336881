//! A message with a place in a file, a severity and help, in both languages.

mod render;
mod suggest;

use std::{ops::Range, sync::Arc};

use crate::lang::Text;

pub use render::{render, render_all};
pub use suggest::{did_you_mean, nearest};

/// A text file that was read, kept so that a message can show its lines.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// The path as the user knows it.
    pub path: String,
    /// The whole text.
    pub text: String,
}

/// A range of bytes in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Arc<SourceFile>,
    /// Bytes, end excluded.
    pub span: Range<usize>,
}

impl Place {
    /// The whole of a file: its first byte.
    #[must_use]
    pub fn start_of(file: &Arc<SourceFile>) -> Self {
        Self { file: Arc::clone(file), span: 0..0 }
    }

    /// Line and column, from 1, the column in characters.
    #[must_use]
    pub fn line_column(&self) -> (usize, usize) {
        let before = self.file.text.get(..self.span.start).unwrap_or(&self.file.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
        (line, column)
    }

    /// `path:line:column`.
    #[must_use]
    pub fn show(&self) -> String {
        let (line, column) = self.line_column();
        format!("{}:{line}:{column}", self.file.path)
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The policy set cannot be used.
    Error,
    /// It can be used, but is probably not what was meant.
    Warning,
    /// Worth knowing.
    Note,
}

/// One message to the author of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code, such as `DU0102`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong: a lower-case fragment.
    pub message: Text,
    /// Where; `None` when it concerns no file.
    pub place: Option<Place>,
    /// What to do.
    pub help: Option<Text>,
}

impl Diagnostic {
    /// An error at a place.
    #[must_use]
    pub fn error(code: &'static str, place: &Place, message: Text) -> Self {
        Self { code, severity: Severity::Error, message, place: Some(place.clone()), help: None }
    }

    /// A warning at a place.
    #[must_use]
    pub fn warning(code: &'static str, place: &Place, message: Text) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place, message) }
    }

    /// A note at a place.
    #[must_use]
    pub fn note(code: &'static str, place: &Place, message: Text) -> Self {
        Self { severity: Severity::Note, ..Self::error(code, place, message) }
    }

    /// An error that concerns a file as a whole, or none.
    #[must_use]
    pub const fn general(code: &'static str, message: Text) -> Self {
        Self { code, severity: Severity::Error, message, place: None, help: None }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: Option<Text>) -> Self {
        self.help = help;
        self
    }
}

/// The messages collected while reading: reading goes on after each, so that all come at once.
#[derive(Debug, Default)]
pub struct Problems {
    list: Vec<Diagnostic>,
}

impl Problems {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if !self.list.contains(&diagnostic) {
            self.list.push(diagnostic);
        }
    }

    /// Adds an error.
    pub fn error(&mut self, code: &'static str, place: &Place, en: impl Into<String>, zh: impl Into<String>) {
        self.push(Diagnostic::error(code, place, Text::new(en, zh)));
    }

    /// Adds an error with help.
    pub fn error_with_help(&mut self, code: &'static str, place: &Place, message: Text, help: impl Into<Option<Text>>) {
        self.push(Diagnostic::error(code, place, message).help(help.into()));
    }

    /// Whether there is an error among them.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|item| item.severity == Severity::Error)
    }

    /// How many errors there are.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.list.iter().filter(|item| item.severity == Severity::Error).count()
    }

    /// All of them, by file and place.
    #[must_use]
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_key(|item| item.place.as_ref().map(|place| (place.file.path.clone(), place.span.start)));
        self.list
    }
}
