//! The log of an unattended run: structured events, as text or as JSON, one a line.

use std::{fs::OpenOptions, io, sync::Arc};

use clap::{Arg, ArgMatches};
use tracing::Dispatch;
use tracing_subscriber::fmt::{self, writer::BoxMakeWriter};

use super::{Failure, args};
use crate::lang::{Lang, Text};

/// `--log` and `--log-format`.
pub(super) fn options(lang: Lang) -> [Arg; 2] {
    [
        args::value("log", "FILE", lang, "add a log of the run to a file; - is standard error", "把运行日志追加到文件；- 为标准错误"),
        args::value("log-format", "FORMAT", lang, "text (default) or json", "text（默认）或 json")
            .value_parser(["text", "json"])
            .requires("log"),
    ]
}

/// Whether a log is asked for.
pub(super) fn wanted(matches: &ArgMatches) -> bool {
    matches.contains_id("log")
}

/// The log asked for, or none at all.
pub(super) fn open(matches: &ArgMatches) -> Result<Dispatch, Failure> {
    let Some(path) = matches.get_one::<String>("log") else { return Ok(Dispatch::none()) };
    let writer = if path == "-" {
        BoxMakeWriter::new(io::stderr)
    } else {
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(|error| {
            Failure::with_help(
                Text::new(format!("cannot write the log `{path}`: {error}"), format!("无法写入日志 `{path}`：{error}")),
                Text::new("name a file in a folder that is there, or `-`", "请指定现有文件夹中的文件，或 `-`"),
            )
        })?;
        // Each event is one write at the end of the file, so that a second process cannot break a line.
        BoxMakeWriter::new(Arc::new(file))
    };
    let log = fmt::fmt().with_writer(writer).with_ansi(false).with_target(false);
    Ok(match matches.get_one::<String>("log-format").map(String::as_str) {
        Some("json") => Dispatch::new(log.json().flatten_event(true).with_current_span(false).with_span_list(false).finish()),
        _ => Dispatch::new(log.finish()),
    })
}
