//! The `duly` program: arguments in, exit code out.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(duly::cli::run(std::env::args_os().collect()))
}
