//! Reading case files for `check --cases` and `import`: formats, mapping, rejected rows.

use std::{
    fs,
    io::{BufRead, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    case::Case,
    diagnostic::{Problems, SourceFile},
    ingest::{self, Format, Mapping, Reject, Summary},
    lang::Text,
    policy::sources::{MOST_BYTES, read_text},
    time::Zone,
};

use super::{Failure, Screen};

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
                crate::lang::Lang::En => format!("{count} rows rejected, written to `{path}`; the first: line {line}: {}", reason.en),
                crate::lang::Lang::Zh => format!("{count} 行被拒，已写入 `{path}`；首个：第 {line} 行：{}", reason.zh),
            });
        }
        Ok(self.count)
    }
}

/// Reads one file (`-` is standard input) and hands on its cases in batches.
///
/// # Errors
/// When it cannot be read, or the sink refuses.
pub(super) fn read(
    path: &str,
    mapping: Option<&Mapping>,
    zone: Zone,
    sink: &mut dyn FnMut(Vec<Case>) -> Result<(), Failure>,
    rejects: &mut Rejects,
) -> Result<Summary, Failure> {
    let mut input: Box<dyn BufRead + Send> = if path == "-" { ingest::unpack(std::io::stdin())? } else { ingest::open(Path::new(path))? };
    let mut reject = |row: Reject| rejects.add(path, &row);
    match mapping {
        None if looks_like_csv(path) => Err(Failure::with_help(
            Text::new(format!("`{path}` is CSV: it needs a mapping"), format!("`{path}` 是 CSV：需要映射文件")),
            Text::new("say `--map mapping.yaml`; examples/receipt shows one", "请用 `--map mapping.yaml`；示例见 examples/receipt"),
        )),
        None => ingest::read_jsonl(input, zone, BATCH, sink, &mut reject),
        Some(mapping) => {
            let format = mapping.format.or_else(|| Format::of(Path::new(path))).unwrap_or(Format::Csv);
            ingest::read_mapped(&mut *input, format, mapping, sink, &mut reject)
        }
    }
}

/// About how many cases files hold; 0 when it cannot be told before they are read.
pub(super) fn about<'f>(mut files: impl Iterator<Item = &'f String>, mapping: Option<&Mapping>) -> u64 {
    let total = files.try_fold(0_u64, |sum, path| ingest::lines_about(Path::new(path)).map(|lines| sum.saturating_add(lines)));
    total.filter(|_| mapping.is_none()).unwrap_or_default()
}

impl From<ingest::IngestError> for Failure {
    fn from(error: ingest::IngestError) -> Self {
        match error {
            ingest::IngestError::Mapping(list) => Self::Diagnostics(list),
            other => {
                let text = other.text();
                Self::new(text.en, text.zh)
            }
        }
    }
}

fn looks_like_csv(path: &str) -> bool {
    let name = path.trim_end_matches(".gz");
    name.ends_with(".csv") || name.ends_with(".CSV")
}
