//! The `FORMAT` file: which program may touch this folder. sled opens the folder of another version of sled as an
//! empty database without a word, so that it must never be asked first.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::Path;

use super::error::{Action, StoreError, io};
use super::files;

/// What this program writes and reads.
pub(super) const FORMAT: &str = "duly store 2 sled 0.34.7";

/// Names that an otherwise empty folder may hold: the lock is taken before `FORMAT` is written, and rejected input
/// may be kept before anything was accepted.
const HARMLESS: [&str; 3] = ["lock", "rejects", "FORMAT.draft"];

/// Whether the folder holds a store of this program; false when there is nothing yet.
pub(super) fn check(dir: &Path) -> Result<bool, StoreError> {
    let path = dir.join("FORMAT");
    match fs::File::open(&path) {
        Ok(file) => {
            let mut bytes = Vec::new();
            file.take(200).read_to_end(&mut bytes).map_err(io(Action::Read, &path))?;
            let found = String::from_utf8_lossy(&bytes).trim().to_owned();
            if found == FORMAT {
                return Ok(true);
            }
            return Err(StoreError::OtherFormat { path, found, expected: FORMAT });
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(io(Action::Open, &path)(error)),
    }
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(io(Action::Read, dir)(error)),
    };
    for entry in entries {
        let name = entry.map_err(io(Action::Read, dir))?.file_name();
        if !HARMLESS.iter().any(|harmless| name == *harmless) {
            return Err(StoreError::NotAStore { path: dir.to_path_buf() });
        }
    }
    Ok(false)
}

/// Marks a folder as a store of this program.
pub(super) fn write(dir: &Path) -> Result<(), StoreError> {
    files::write_whole(&dir.join("FORMAT"), format!("{FORMAT}\n").as_bytes())
}
