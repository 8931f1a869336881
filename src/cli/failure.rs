//! Why a command could not do its work.

use std::io;

use super::screen::harmless;
use crate::{
    diagnostic::{Diagnostic, Problems, render_all},
    lang::{Lang, Text},
};

/// Why a command could not do its work: exit code 2.
#[derive(Debug)]
pub enum Failure {
    /// Mistakes in files.
    Diagnostics(Vec<Diagnostic>),
    /// Anything else, and what to do.
    Message {
        /// What went wrong.
        text: Text,
        /// What to do.
        help: Option<Text>,
    },
    /// Nobody reads the output any more.
    ClosedPipe,
}

impl Failure {
    /// A failure in words.
    #[must_use]
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self::Message { text: Text::new(en, zh), help: None }
    }

    /// A failure in words, with what to do.
    #[must_use]
    pub fn with_help(text: Text, help: Text) -> Self {
        Self::Message { text, help: Some(help) }
    }

    /// The mistakes of a reading, when there are any.
    ///
    /// # Errors
    /// The mistakes.
    pub fn check(problems: Problems) -> Result<(), Self> {
        if problems.has_errors() { Err(Self::Diagnostics(problems.into_sorted())) } else { Ok(()) }
    }

    /// The failure as it is shown.
    #[must_use]
    pub fn show(&self, lang: Lang, colour: bool) -> String {
        match self {
            Self::Diagnostics(list) => {
                let errors = list.iter().filter(|item| item.severity == crate::diagnostic::Severity::Error).count();
                let closing = match lang {
                    Lang::En if errors == 1 => "1 error".to_owned(),
                    Lang::En => format!("{errors} errors"),
                    Lang::Zh => format!("共 {errors} 处错误"),
                };
                format!("{}\n\n{closing}", render_all(list, lang, colour))
            }
            Self::Message { text, help } => {
                let mut shown = format!("{}{}", lang.pick("error: ", "错误："), harmless(text.get(lang)));
                if let Some(help) = help {
                    shown.push_str(&format!("\n  {}{}", lang.pick("help: ", "建议："), harmless(help.get(lang))));
                }
                shown
            }
            Self::ClosedPipe => String::new(),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::ClosedPipe;
        }
        Self::new(format!("cannot write: {error}"), format!("无法写出：{error}"))
    }
}

impl From<Vec<Diagnostic>> for Failure {
    fn from(list: Vec<Diagnostic>) -> Self {
        Self::Diagnostics(list)
    }
}

impl From<Diagnostic> for Failure {
    fn from(item: Diagnostic) -> Self {
        Self::Diagnostics(vec![item])
    }
}
