//! Where findings go, and in which form: `--format` and `--out`.

use std::{
    fs,
    io::{self, BufWriter, IsTerminal, Write},
    path::{Path, PathBuf},
};

use clap::{Arg, ArgMatches};

use super::{Failure, Screen, args, screen::harmless};
use crate::{
    finding::Obligation,
    lang::{Lang, Text},
    report::{self, About, Export, Format, WriteError},
};

/// `--format` and `--out`.
pub(super) fn options(lang: Lang) -> [Arg; 2] {
    let words: Vec<&'static str> = Export::WORDS.iter().map(|(word, _)| *word).collect();
    [
        args::value(
            "format",
            "FORMAT",
            lang,
            "table, jsonl, json, csv, xlsx, html, junit or sarif (default: by the ending of --out, or table)",
            "table、jsonl、json、csv、xlsx、html、junit 或 sarif（默认按 --out 的扩展名，否则为 table）",
        )
        .value_parser(words),
        args::value("out", "FILE", lang, "write to a file", "写入文件"),
    ]
}

/// The form that is asked for: by its word, or by the ending of the file.
pub(super) fn export(matches: &ArgMatches) -> Result<Export, Failure> {
    let out = matches.get_one::<String>("out");
    let asked = matches.get_one::<String>("format").and_then(|word| Export::of(word));
    let export = asked.or_else(|| Export::of_path(Path::new(out?))).unwrap_or(Export::List(Format::Table));
    if export == Export::Xlsx && out.is_none() && io::stdout().is_terminal() {
        return Err(Failure::with_help(
            Text::new("a workbook is no text for a terminal", "工作簿不能显示在终端上"),
            Text::new("say where it goes: `--out findings.xlsx`", "请指明写到何处：`--out findings.xlsx`"),
        ));
    }
    Ok(export)
}

/// Writes findings in a form.
pub(super) fn findings(list: &[Obligation], export: Export, about: &About<'_>, out: &mut Output) -> Result<(), Failure> {
    let failed = |error| match error {
        WriteError::Io(error) => Failure::from(error),
        WriteError::Form(text) => Failure::new(text.en, text.zh),
    };
    if export == Export::List(Format::Table) {
        // What a table shows may come from a log, and goes to a terminal.
        let mut text = Vec::new();
        report::write(list, export, about, &mut text).map_err(failed)?;
        return Ok(out.writer().write_all(harmless(&String::from_utf8_lossy(&text)).as_bytes())?);
    }
    report::write(list, export, about, out.writer()).map_err(failed)
}

/// Where output goes: a file that appears when it is whole, or standard output.
pub(super) enum Output {
    Screen(BufWriter<io::Stdout>),
    File { file: BufWriter<fs::File>, part: PathBuf, path: PathBuf },
}

impl Output {
    pub(super) fn open(path: Option<&String>, screen: &Screen) -> Result<Self, Failure> {
        let Some(path) = path else { return Ok(Self::Screen(screen.output())) };
        let part = PathBuf::from(format!("{path}.part"));
        let file = fs::File::create(&part)
            .map_err(|error| Failure::new(format!("cannot write `{path}`: {error}"), format!("无法写入 `{path}`：{error}")))?;
        Ok(Self::File { file: BufWriter::new(file), part, path: PathBuf::from(path) })
    }

    pub(super) fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Screen(out) => out,
            Self::File { file, .. } => file,
        }
    }

    pub(super) fn close(self) -> Result<(), Failure> {
        match self {
            Self::Screen(mut out) => Ok(out.flush()?),
            Self::File { mut file, part, path } => {
                file.flush()?;
                file.get_ref().sync_all()?;
                Ok(fs::rename(part, path)?)
            }
        }
    }
}
