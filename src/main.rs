//! The `duly` program: arguments in, exit code out.
#![forbid(unsafe_code)]

use std::process::ExitCode;

// Judging makes many small values; the system's allocator was a quarter of its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(duly::cli::run(std::env::args_os().collect()))
}
