//! The command line: one file a command, each with its help in both languages.

mod args;
mod begin;
mod cases;
mod check;
mod clock;
mod conflicts;
mod due;
mod explain;
mod failure;
mod forecast;
mod forms;
mod import;
mod install;
mod keep;
mod ledger;
mod lexicon;
mod lint;
mod listing;
mod log;
mod nightly;
mod output;
mod pace;
mod plan;
mod progress;
mod record;
mod sample;
mod schema;
mod screen;
mod serve;
mod setting;
mod showcase;
mod test;
mod trend;
mod user;
mod waive;
mod watch;

use std::ffi::OsString;

use clap::{ArgMatches, Command};

pub use failure::Failure;
pub use forms::page as form_page;
pub use screen::Screen;

use crate::lang::Lang;

/// Exit codes of the program.
pub mod exit {
    /// Done; for `check`: nothing that `--fail-on` speaks of.
    pub const OK: u8 = 0;
    /// `check` found violations; a policy test failed.
    pub const FOUND: u8 = 1;
    /// The run itself failed; `lint` found mistakes.
    pub const FAILED: u8 = 2;
}

/// A command: how it is asked for, and what it does.
struct Entry {
    name: &'static str,
    command: fn(Lang) -> Command,
    run: fn(&ArgMatches, &Screen) -> Result<u8, Failure>,
}

/// All commands, in the order of the help.
const COMMANDS: &[Entry] = &[
    Entry { name: "demo", command: begin::demo_command, run: begin::demo_run },
    Entry { name: "init", command: begin::init_command, run: begin::init_run },
    Entry { name: "import", command: import::command, run: import::run },
    Entry { name: "check", command: check::command, run: check::run },
    Entry { name: "nightly", command: nightly::command, run: nightly::run },
    Entry { name: "due", command: due::command, run: due::run },
    Entry { name: "explain", command: explain::command, run: explain::run },
    Entry { name: "lint", command: lint::command, run: lint::run },
    Entry { name: "test", command: test::command, run: test::run },
    Entry { name: "ledger", command: ledger::command, run: ledger::run },
    Entry { name: "conflicts", command: conflicts::command, run: conflicts::run },
    Entry { name: "help", command: forms::command, run: forms::run },
    Entry { name: "clock", command: clock::command, run: clock::run },
    Entry { name: "case", command: record::case_command, run: record::case_run },
    Entry { name: "event", command: record::event_command, run: record::event_run },
    Entry { name: "waive", command: waive::command, run: waive::run },
    Entry { name: "serve", command: serve::command, run: serve::run },
    Entry { name: "user", command: user::command, run: user::run },
    Entry { name: "audit", command: keep::audit_command, run: keep::audit_run },
    Entry { name: "dump", command: keep::dump_command, run: keep::dump_run },
    Entry { name: "restore", command: keep::restore_command, run: keep::restore_run },
    Entry { name: "sample", command: sample::command, run: sample::run },
    Entry { name: "schema", command: schema::command, run: schema::run },
];

/// The whole command line in a language.
#[must_use]
pub fn program(lang: Lang) -> Command {
    let mut program = args::localised(
        Command::new("duly")
            .version(env!("CARGO_PKG_VERSION"))
            .about(lang.pick(
                "Holds recorded cases against a company's own rules: what is violated, what falls due, whose move it is, and why",
                "以公司自己的规则检查所记录的个案：违反了什么、什么将到期、该由谁办、为什么",
            ))
            .subcommand_required(true)
            .arg_required_else_help(true)
            .disable_help_subcommand(true)
            .arg(
                args::value("lang", "LANG", lang, "en or zh (default: from the environment)", "en 或 zh（默认取自环境）")
                    .global(true)
                    .value_parser(["en", "zh"]),
            )
            .after_help(lang.pick(
                "Start with `duly demo`, or `duly init my-company` and `duly help deadline`.",
                "先试 `duly demo`，或 `duly init my-company` 与 `duly help deadline`。",
            )),
        lang,
    );
    for entry in COMMANDS {
        program = program.subcommand(args::localised((entry.command)(lang).name(entry.name), lang));
    }
    program
}

/// Runs a command line and gives the exit code.
#[must_use]
pub fn run(arguments: Vec<OsString>) -> u8 {
    let lang = screen::language(&arguments);
    let screen = Screen::new(lang);
    let matches = match program(lang).try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => return args::explain(&error, lang),
    };
    let Some((name, inner)) = matches.subcommand() else { return exit::FAILED };
    let Some(entry) = COMMANDS.iter().find(|entry| entry.name == name) else { return exit::FAILED };
    match (entry.run)(inner, &screen) {
        Ok(code) => code,
        Err(Failure::ClosedPipe) => exit::OK,
        Err(failure) => {
            screen.complain(&failure.show(lang, screen.colour()));
            exit::FAILED
        }
    }
}
