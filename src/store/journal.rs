//! The journal: the truth. Writing to its end, a group of entries with one sync.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::error::{Action, StoreError, io};
use super::files;
use super::frame::{self, Header, sha256};
use super::hex::Hash;
use super::segment;
use super::walk::{Place, Walk};
use crate::time::Instant;

/// From this size on a segment is followed by another.
const FULL: u64 = 64 << 20;

/// An entry that is to be written.
#[derive(Debug)]
pub(super) struct Draft {
    /// The kind of record.
    pub(super) kind: u8,
    /// When it is recorded.
    pub(super) recorded: Instant,
    /// Its payload.
    pub(super) body: Body,
}

/// The payload of an entry that is to be written.
#[derive(Debug)]
pub(super) enum Body {
    /// The record in bytes.
    Bytes(Vec<u8>),
    /// One that was erased, of which the digest is left.
    Erased(Hash),
}

/// The end of the journal as it was found, before anything is changed.
#[derive(Debug)]
pub(super) struct Tail {
    dir: PathBuf,
    number: u64,
    /// After the last entry that counts.
    pub(super) place: Place,
    /// Bytes behind it that were never acknowledged.
    pub(super) dropped: u64,
    stub: Option<PathBuf>,
}

impl Tail {
    /// Reads the last segment.
    pub(super) fn inspect(dir: &Path) -> Result<Self, StoreError> {
        let count = segment::count(dir)?;
        let stub = Walk::is_stub(dir, count)?.then(|| segment::path(dir, count));
        let mut walk = Walk::last(dir)?;
        while walk.next()?.is_some() {}
        let place = walk.whole;
        let path = walk.path();
        let size = if count == 0 { 0 } else { fs::metadata(&path).map_err(io(Action::Read, &path))?.len() };
        let empty = count == 0 || stub.as_ref() == Some(&path);
        let dropped = if empty { 0 } else { size.saturating_sub(place.end) };
        Ok(Self { dir: dir.to_path_buf(), number: if empty { 0 } else { walk.number }, place, dropped, stub })
    }

    /// Opens the journal for writing behind the last entry that counts.
    pub(super) fn open(self) -> Result<Journal, StoreError> {
        files::make_dir(&self.dir)?;
        if let Some(stub) = &self.stub {
            fs::remove_file(stub).map_err(io(Action::Remove, stub))?;
        }
        if self.number == 0 {
            let (path, file) = start(&self.dir, 1, Place::START)?;
            let place = Place { end: segment::BEGIN, ..Place::START };
            return Ok(Journal { dir: self.dir, number: 1, path, file, place, failed: false, full: FULL });
        }
        let path = segment::path(&self.dir, self.number);
        let file = OpenOptions::new().append(true).open(&path).map_err(io(Action::Open, &path))?;
        if self.dropped > 0 {
            file.set_len(self.place.end).map_err(io(Action::Write, &path))?;
        }
        // Whole frames may have been left unsynced by a process that was killed; they count from now on.
        file.sync_all().map_err(io(Action::Write, &path))?;
        Ok(Journal { dir: self.dir, number: self.number, path, file, place: self.place, failed: false, full: FULL })
    }
}

/// The journal, open for writing.
#[derive(Debug)]
pub(super) struct Journal {
    /// Its folder.
    pub(super) dir: PathBuf,
    number: u64,
    path: PathBuf,
    file: File,
    /// After the last entry.
    pub(super) place: Place,
    failed: bool,
    full: u64,
}

impl Journal {
    /// The instant under which something is recorded now: never before the last entry's.
    pub(super) fn instant(&self, now: Instant) -> Instant {
        now.max(self.place.recorded)
    }

    /// The number of the entry that is written next.
    pub(super) fn next_seq(&self) -> u64 {
        self.place.seq.saturating_add(1)
    }

    /// Refuses all further writing, until the store is opened again.
    pub(super) fn close(&mut self) {
        self.failed = true;
    }

    /// Writes a group of entries; when this returns they are on the disk, and after a crash there are all or none.
    pub(super) fn append(&mut self, drafts: &[Draft]) -> Result<(), StoreError> {
        if self.failed {
            return Err(StoreError::Closed { path: self.path.clone() });
        }
        let (bytes, place) = self.frames(drafts)?;
        // A failed sync leaves unknown what is on the disk, so that only reading it again helps.
        self.failed = true;
        if self.place.end >= self.full {
            let number = self.number + 1;
            let (path, file) = start(&self.dir, number, self.place)?;
            (self.number, self.path, self.file) = (number, path, file);
            self.place.end = segment::BEGIN;
        }
        self.file.write_all(&bytes).and_then(|()| self.file.sync_data()).map_err(io(Action::Write, &self.path))?;
        self.failed = false;
        let written = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.place = Place { end: self.place.end.saturating_add(written), ..place };
        Ok(())
    }

    fn frames(&self, drafts: &[Draft]) -> Result<(Vec<u8>, Place), StoreError> {
        let mut bytes = Vec::new();
        let mut place = self.place;
        for (number, draft) in drafts.iter().enumerate() {
            let (payload, digest, erased) = match &draft.body {
                Body::Bytes(payload) => (payload.as_slice(), sha256(payload), false),
                Body::Erased(digest) => (&[][..], *digest, true),
            };
            if payload.len() > frame::MOST {
                let what = "one entry of the journal".to_owned();
                return Err(StoreError::TooLarge { what, size: payload.len(), limit: frame::MOST });
            }
            let seq = place.seq.saturating_add(1);
            let (recorded, before) = (draft.recorded, place.hash);
            let header = Header { seq, recorded, kind: draft.kind, digest, before };
            frame::write(&header, payload, erased, number + 1 < drafts.len(), &mut bytes);
            place = Place { seq, hash: header.hash(), recorded, end: 0 };
        }
        Ok((bytes, place))
    }
}

/// Makes a new segment, durably.
fn start(dir: &Path, number: u64, place: Place) -> Result<(PathBuf, File), StoreError> {
    let path = segment::path(dir, number);
    let mut file = OpenOptions::new().append(true).create_new(true).open(&path).map_err(io(Action::Create, &path))?;
    file.write_all(&segment::begin(place.seq.saturating_add(1), place.hash))
        .and_then(|()| file.sync_all())
        .map_err(io(Action::Write, &path))?;
    files::sync_dir(dir)?;
    Ok((path, file))
}

#[cfg(test)]
mod tests;
