//! A file that is there whole or not at all: written beside its name, synced, then renamed.

use std::{
    ffi::OsString,
    fmt::Display,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use crate::store::{Action, StoreError};

/// A file under way. Unless it is kept, nothing of it remains.
#[derive(Debug)]
pub struct Whole {
    path: PathBuf,
    draft: PathBuf,
    out: BufWriter<File>,
}

impl Whole {
    /// Begins a file; until it is kept, what stood under its name stays.
    ///
    /// # Errors
    /// When it cannot be made beside its name.
    pub fn begin(path: &Path) -> Result<Self, StoreError> {
        let mut name = path.file_name().map_or_else(OsString::new, OsString::from);
        // Not an ending that anybody looks for: whoever collects `*.prom` must not see half a file.
        name.push(".draft");
        let draft = path.with_file_name(name);
        let file = File::create(&draft).map_err(problem(Action::Create, path))?;
        Ok(Self { path: path.to_owned(), draft, out: BufWriter::with_capacity(1 << 16, file) })
    }

    /// Writes a line.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn line(&mut self, line: impl Display) -> Result<(), StoreError> {
        writeln!(self.out, "{line}").map_err(problem(Action::Write, &self.path))
    }

    /// Puts it on the disk under its name.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn keep(mut self) -> Result<(), StoreError> {
        self.out.flush().and_then(|()| self.out.get_ref().sync_all()).map_err(problem(Action::Write, &self.path))?;
        fs::rename(&self.draft, &self.path).map_err(problem(Action::Rename, &self.draft))?;
        sync_folder(&self.path)
    }

    /// Writes a file of one text.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(path: &Path, text: &str) -> Result<(), StoreError> {
        let mut file = Self::begin(path)?;
        file.line(text.trim_end())?;
        file.keep()
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        // After a rename there is nothing to remove; otherwise a draft left behind is overwritten the next time.
        let _ = fs::remove_file(&self.draft);
    }
}

/// Makes what happened to a name durable: names live in their folder.
///
/// # Errors
/// When the disk refuses.
pub fn sync_folder(path: &Path) -> Result<(), StoreError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(problem(Action::Write, folder))
}

/// Names the path in an error of the operating system.
pub fn problem(action: Action, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::Io { action, path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_whole_and_a_dropped_one_leaves_what_was_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.prom");
        Whole::write(&path, "one").unwrap();
        let mut file = Whole::begin(&path).unwrap();
        file.line("two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\n");
        drop(file);
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\n");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no draft is left");
        assert!(Whole::begin(&dir.path().join("nowhere/a")).is_err());
    }
}
