//! The terminal: language, colours, and the only places that print.

use std::{
    env,
    ffi::OsString,
    fmt::Display,
    io::{self, BufWriter, IsTerminal, Write},
};

use super::Failure;
use crate::lang::Lang;

/// What is known of the terminal.
pub struct Screen {
    /// The language.
    pub lang: Lang,
    colour: bool,
    /// Standard error is a terminal: progress may be shown.
    pub progress: bool,
}

/// The language asked for on the command line or by the environment.
#[must_use]
pub fn language(arguments: &[OsString]) -> Lang {
    let words: Vec<&str> = arguments.iter().filter_map(|word| word.to_str()).collect();
    let asked = words.iter().enumerate().find_map(|(index, word)| match word.strip_prefix("--lang=") {
        Some(lang) => Some(lang),
        None if *word == "--lang" => words.get(index + 1).copied(),
        None => None,
    });
    let from_environment = || {
        ["DULY_LANG", "LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .filter_map(|name| env::var(name).ok())
            .find(|value| !value.is_empty())
            .and_then(|value| Lang::from_locale(&value))
    };
    asked.and_then(Lang::from_locale).or_else(from_environment).unwrap_or_default()
}

impl Screen {
    /// Looks at the terminal.
    #[must_use]
    pub fn new(lang: Lang) -> Self {
        let plain = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let terminal = io::stderr().is_terminal();
        Self { lang, colour: terminal && !plain, progress: terminal }
    }

    /// Whether messages may have colours.
    #[must_use]
    pub const fn colour(&self) -> bool {
        self.colour
    }

    /// The width that a table may take: that of the terminal, wide enough for a file otherwise.
    #[must_use]
    pub fn width(&self) -> Option<u16> {
        let asked = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        if io::stdout().is_terminal() { asked } else { asked.or(Some(160)) }
    }

    /// Picks the text of the language.
    #[must_use]
    pub const fn pick<'a>(&self, en: &'a str, zh: &'a str) -> &'a str {
        self.lang.pick(en, zh)
    }

    /// Prints a line on standard output.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn say(&self, line: impl Display) -> Result<(), Failure> {
        writeln!(io::stdout().lock(), "{}", harmless(&line.to_string())).map_err(Failure::from)
    }

    /// Standard output, buffered.
    #[must_use]
    pub fn output(&self) -> BufWriter<io::Stdout> {
        BufWriter::with_capacity(1 << 16, io::stdout())
    }

    /// Prints a line on standard error: what is said beside the result.
    pub fn note(&self, line: impl Display) {
        print_error(&harmless(&line.to_string()));
    }

    /// Prints a mistake on standard error.
    pub fn complain(&self, text: &str) {
        print_error(text);
    }
}

/// Shows control characters instead of sending them to the terminal: what is printed may come from a log.
pub(super) fn harmless(text: &str) -> String {
    let plain = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    if text.chars().all(plain) {
        return text.to_owned();
    }
    text.chars().map(|c| if plain(c) { c.to_string() } else { c.escape_default().to_string() }).collect()
}

/// Prints on standard error; where even that fails there is nobody to tell.
pub(super) fn print_error(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
