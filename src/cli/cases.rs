//! Reading case files for `check --cases` and `import`: formats, mapping, rejected rows.

use std::{
    fs,
    io::{BufRead, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Arg;

use crate::{
    app::{clock, workspace::Workspace},
    case::Case,
    diagnostic::{Problems, SourceFile},
    ingest::{self, IngestError, Mapping, Options, Reject, Summary},
    lang::{Lang, Text},
    policy::sources::{MOST_BYTES, read_text},
    time::Zone,
};

use super::{Failure, Screen, args};

/// Cases handed on at a time: so many that waiting for the disk once for all of them hardly counts.
const BATCH: usize = 2_000;

/// Reads the mapping file of `--map`.
pub(super) fn mapping(path: Option<&String>) -> Result<Option<Mapping>, Failure> {
    let Some(path) = path else { return Ok(None) };
    let text = read_text(Path::new(path), MOST_BYTES)?;
    let file = Arc::new(SourceFile { path: path.clone(), text });
    let mut problems = Problems::default();
    let mapping = Mapping::read(&file, &mut problems);
    Failure::check(problems)?;
    Ok(mapping)
}

/// Where rejected rows go.
pub(super) struct Rejects {
    path: PathBuf,
    file: Option<fs::File>,
    count: u64,
    first: Option<(u64, Text)>,
    failed: Option<std::io::Error>,
}

impl Rejects {
    /// Rows will go to a file, made when the first comes.
    pub(super) const fn new(path: PathBuf) -> Self {
        Self { path, file: None, count: 0, first: None, failed: None }
    }

    /// Rows will go to a file of their own in the workspace; `digest` tells apart those of one moment.
    pub(super) fn of(workspace: &Workspace, digest: &str) -> Self {
        let tail = digest.get(..8).map_or_else(String::new, |digest| format!("-{digest}"));
        Self::new(workspace.store_folder().join("rejects").join(format!("{}{tail}.jsonl", clock::now().millis())))
    }

    /// The first row: its line, and why it was rejected.
    pub(super) const fn first(&self) -> Option<&(u64, Text)> {
        self.first.as_ref()
    }

    fn add(&mut self, source: &str, reject: &Reject) {
        self.count += 1;
        if self.first.is_none() {
            self.first = Some((reject.line, reject.reason.clone()));
        }
        let line = serde_json::json!({"file": source, "line": reject.line, "reason": reject.reason.en, "reason_zh": reject.reason.zh, "text": reject.text});
        let write = || -> std::io::Result<fs::File> {
            if let Some(folder) = self.path.parent() {
                fs::create_dir_all(folder)?;
            }
            let mut file = match self.file.take() {
                Some(file) => file,
                None => fs::File::create(&self.path)?,
            };
            writeln!(file, "{line}")?;
            Ok(file)
        };
        let mut write = write;
        match write() {
            Ok(file) => self.file = Some(file),
            Err(error) => self.failed = Some(error),
        }
    }

    /// Says how many rows were rejected, and where they are.
    ///
    /// # Errors
    /// When they could not be written down.
    pub(super) fn report(self, screen: &Screen) -> Result<u64, Failure> {
        if let Some(error) = self.failed {
            let path = self.path.display();
            return Err(Failure::new(
                format!("cannot write rejected rows to `{path}`: {error}"),
                format!("无法将被拒的行写入 `{path}`：{error}"),
            ));
        }
        if let Some((line, reason)) = &self.first {
            let (count, path) = (self.count, self.path.display());
            screen.note(match screen.lang {
                Lang::En => format!("{count} rows rejected, written to `{path}`; the first: line {line}: {}", reason.en),
                Lang::Zh => format!("{count} 行被拒，已写入 `{path}`；首个：第 {line} 行：{}", reason.zh),
            });
        }
        Ok(self.count)
    }
}

/// `--kind`.
pub(super) fn kind(lang: Lang) -> Arg {
    args::value(
        "kind",
        "KIND",
        lang,
        "the kind of the cases, where the file does not tell it (XES, CloudEvents)",
        "个案的种类，用于文件本身未说明时（XES、CloudEvents）",
    )
}

/// How files of cases are read.
pub(super) struct Reading<'m> {
    /// How rows become cases.
    pub(super) mapping: Option<&'m Mapping>,
    /// The kind of cases, where the file does not tell it.
    pub(super) kind: Option<&'m str>,
    /// The zone of times without offset.
    pub(super) zone: Zone,
}

/// Reads one file (`-` is standard input) and hands on its cases in batches.
///
/// # Errors
/// When it cannot be read, or the sink refuses.
pub(super) fn read<E: From<IngestError>>(
    path: &str,
    reading: &Reading<'_>,
    sink: &mut dyn FnMut(Vec<Case>) -> Result<(), E>,
    rejects: &mut Rejects,
) -> Result<Summary, E> {
    let opened = || match path {
        "-" => ingest::unpack(std::io::stdin()).map_err(|source| IngestError::Read { line: 0, source }),
        path => ingest::open(Path::new(path)),
    };
    let input: Box<dyn BufRead + Send> = opened()?;
    let options = Options { name: path, mapping: reading.mapping, kind: reading.kind, zone: reading.zone, batch: BATCH };
    ingest::read(input, &options, sink, &mut |row: Reject| rejects.add(path, &row))
}

/// About how many cases files hold; 0 when it cannot be told before they are read.
pub(super) fn about<'f>(mut files: impl Iterator<Item = &'f String>, mapping: Option<&Mapping>) -> u64 {
    let total = files.try_fold(0_u64, |sum, path| ingest::lines_about(Path::new(path)).map(|lines| sum.saturating_add(lines)));
    total.filter(|_| mapping.is_none()).unwrap_or_default()
}

impl From<IngestError> for Failure {
    fn from(error: IngestError) -> Self {
        match error {
            IngestError::Mapping(list) => Self::Diagnostics(list),
            IngestError::Unfit { text, help } => Self::with_help(text, help),
            other => {
                let text = other.text();
                Self::new(text.en, text.zh)
            }
        }
    }
}
