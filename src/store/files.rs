//! Files that survive a loss of power: the folder is synced too, since a new name lives there.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use super::error::{Action, StoreError, io};

/// Makes new, renamed or deleted names in a folder durable.
pub(super) fn sync_dir(dir: &Path) -> Result<(), StoreError> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(io(Action::Write, dir))
}

/// Makes a folder and its parents.
pub(super) fn make_dir(dir: &Path) -> Result<(), StoreError> {
    if dir.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(dir).map_err(io(Action::Create, dir))?;
    match dir.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_dir(parent),
        _ => Ok(()),
    }
}

/// Writes a file whole or not at all.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let draft = path.with_extension("draft");
    File::create(&draft).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all())).map_err(io(Action::Write, &draft))?;
    rename(&draft, path)
}

/// Renames, durably.
pub(super) fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::rename(from, to).map_err(io(Action::Rename, from))?;
    match to.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_dir(parent),
        _ => Ok(()),
    }
}
