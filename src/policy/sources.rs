//! The files of policies, read from folders: texts with paths, and what each is. This is what a run's content hash covers, and what the
//! journal keeps so that a past report can be repeated.

use std::{
    fs,
    io::Read,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    diagnostic::{Diagnostic, SourceFile},
    lang::Text,
};

/// The largest file of a policy that is read, in bytes.
pub const MOST_BYTES: u64 = 4 * 1024 * 1024;
/// The file, in a policy's folder, of the entries of its document.
pub const ENTRIES: &str = "entries.yaml";
/// The file, beside the policies' folders, of what they share.
pub const VOCABULARY: &str = "vocabulary.yaml";

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    /// The kinds and roles that the policies of a folder share.
    Vocabulary,
    /// A version of a policy.
    Policy,
    /// A calendar.
    Calendar,
    /// A script.
    Script,
    /// Tests.
    Test,
    /// The entries of the document that a policy states.
    Entries,
}

impl Role {
    /// Whether verdicts hang on such files: what the journal keeps, and what the content hash covers.
    const fn decides(self) -> bool {
        !matches!(self, Self::Test | Self::Entries)
    }
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What it is.
    pub role: Role,
    /// The policy folder it belongs to, as the user knows it; of a vocabulary the folder that holds the policies' folders; empty for shared
    /// calendars.
    pub folder: String,
    /// Its path and text.
    pub file: Arc<SourceFile>,
}

/// The files of a policy set.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// In order of path.
    pub files: Vec<Source>,
}

/// A file in the form in which the journal keeps it.
#[derive(Serialize, Deserialize)]
struct Stored {
    role: Role,
    folder: String,
    path: String,
    text: String,
}

impl Sources {
    /// Reads folders: each is a policy's folder, or holds policies' folders, `calendars/` and perhaps a vocabulary.
    ///
    /// # Errors
    /// All files and folders that cannot be read.
    pub fn read(folders: &[PathBuf]) -> Result<Self, Vec<Diagnostic>> {
        let mut sources = Self::default();
        let mut problems = Vec::new();
        for folder in folders {
            if !folder.is_dir() {
                let name = folder.display();
                problems.push(
                    Diagnostic::general("DU0601", Text::new(format!("there is no folder `{name}`"), format!("没有文件夹 `{name}`"))).help(
                        Some(Text::new(
                            "give the folder that holds `policy.yaml`, or a folder of such folders",
                            "请给出含 `policy.yaml` 的文件夹，或其上级文件夹",
                        )),
                    ),
                );
                continue;
            }
            // What policies share stands beside them: one level up when a single policy is named.
            let above = above(folder);
            let one = sources.folder(folder, &mut problems);
            if !one {
                for inner in entries(folder, &mut problems) {
                    if inner.is_dir() {
                        sources.folder(&inner, &mut problems);
                    }
                }
            }
            for shared in [folder, &above] {
                sources.take(&shared.join("calendars"), "yaml", Role::Calendar, "", &mut problems);
            }
            let shared = if one { &above } else { folder };
            let vocabulary = shared.join(VOCABULARY);
            if vocabulary.is_file() {
                sources.add(&vocabulary, Role::Vocabulary, &shared.display().to_string(), &mut problems);
            }
        }
        sources.files.sort_by(|a, b| (a.role, &a.file.path).cmp(&(b.role, &b.file.path)));
        sources.files.dedup_by(|a, b| a.file.path == b.file.path);
        if problems.is_empty() { Ok(sources) } else { Err(problems) }
    }

    /// Takes a policy's folder; `false` when it is none.
    fn folder(&mut self, folder: &Path, problems: &mut Vec<Diagnostic>) -> bool {
        let name = folder.display().to_string();
        let mut found = false;
        for path in entries(folder, problems) {
            let file = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
            if file == ENTRIES && path.is_file() {
                self.add(&path, Role::Entries, &name, problems);
            }
            if file.starts_with("policy") && file.ends_with(".yaml") && path.is_file() {
                found = true;
                self.add(&path, Role::Policy, &name, problems);
            }
        }
        if found {
            self.take(&folder.join("scripts"), "rhai", Role::Script, &name, problems);
            self.take(&folder.join("calendars"), "yaml", Role::Calendar, &name, problems);
            self.take(&folder.join("tests"), "yaml", Role::Test, &name, problems);
        }
        found
    }

    fn take(&mut self, folder: &Path, ending: &str, role: Role, name: &str, problems: &mut Vec<Diagnostic>) {
        if folder.is_dir() {
            for path in entries(folder, problems) {
                if path.extension().is_some_and(|found| found == ending) && path.is_file() {
                    self.add(&path, role, name, problems);
                }
            }
        }
    }

    fn add(&mut self, path: &Path, role: Role, folder: &str, problems: &mut Vec<Diagnostic>) {
        match read_text(path, MOST_BYTES) {
            Ok(text) => {
                let file = Arc::new(SourceFile { path: path.display().to_string(), text });
                self.files.push(Source { role, folder: folder.to_owned(), file });
            }
            Err(problem) => problems.push(problem),
        }
    }

    /// The files of one role.
    pub fn of(&self, role: Role) -> impl Iterator<Item = &Source> {
        self.files.iter().filter(move |source| source.role == role)
    }

    /// The bytes that the journal keeps: everything that verdicts hang on.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let stored: Vec<Stored> = self
            .files
            .iter()
            .filter(|source| source.role.decides())
            .map(|source| Stored {
                role: source.role,
                folder: source.folder.clone(),
                path: source.file.path.clone(),
                text: source.file.text.clone(),
            })
            .collect();
        serde_json::to_vec(&stored).unwrap_or_default()
    }

    /// Reads what the journal keeps.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let stored: Vec<Stored> = serde_json::from_slice(bytes).ok()?;
        let files = stored.into_iter().map(|file| Source {
            role: file.role,
            folder: file.folder,
            file: Arc::new(SourceFile { path: file.path, text: file.text }),
        });
        Some(Self { files: files.collect() })
    }

    /// The content hash: the same texts give the same hash, wherever they stand.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let mut digests: Vec<[u8; 32]> = self
            .files
            .iter()
            .filter(|source| source.role.decides())
            .map(|source| Sha256::digest(source.file.text.as_bytes()).into())
            .collect();
        digests.sort_unstable();
        Sha256::digest(digests.concat()).into()
    }
}

/// The folder that holds a folder; also of `.` and `..`, whose own names do not tell.
pub(super) fn above(folder: &Path) -> PathBuf {
    match (folder.components().next_back(), folder.parent()) {
        (Some(Component::Normal(_)), Some(parent)) => parent.to_owned(),
        _ => folder.join(".."),
    }
}

fn entries(folder: &Path, problems: &mut Vec<Diagnostic>) -> Vec<PathBuf> {
    match fs::read_dir(folder) {
        Ok(list) => {
            let mut list: Vec<PathBuf> = list.filter_map(Result::ok).map(|entry| entry.path()).collect();
            list.sort();
            list
        }
        Err(error) => {
            let name = folder.display();
            problems.push(Diagnostic::general(
                "DU0601",
                Text::new(format!("cannot read the folder `{name}`: {error}"), format!("无法读取文件夹 `{name}`：{error}")),
            ));
            Vec::new()
        }
    }
}

/// Reads a text file of bounded size.
///
/// # Errors
/// A message that names the file: it cannot be read, is too large, or is not UTF-8.
pub fn read_text(path: &Path, most: u64) -> Result<String, Diagnostic> {
    let name = path.display();
    let cannot = |error: std::io::Error| {
        Diagnostic::general("DU0601", Text::new(format!("cannot read `{name}`: {error}"), format!("无法读取 `{name}`：{error}")))
    };
    let file = fs::File::open(path).map_err(cannot)?;
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > most {
        let limit = most / 1024 / 1024;
        return Err(Diagnostic::general(
            "DU0602",
            Text::new(
                format!("`{name}` is larger than {limit} MB, the most that is read of such a file"),
                format!("`{name}` 超过 {limit} MB 的读取上限"),
            ),
        )
        .help(Some(Text::new("split it, or check whether it is the right file", "请拆分，或确认文件是否正确"))));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Diagnostic::general(
            "DU0603",
            Text::new(format!("`{name}` is not UTF-8: byte {at}"), format!("`{name}` 不是 UTF-8 编码：第 {at} 字节")),
        )
        .help(Some(Text::new("save the file as UTF-8", "请以 UTF-8 保存文件")))
    })
}
