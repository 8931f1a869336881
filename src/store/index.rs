//! sled, behind a narrow door: whatever it does wrong comes out as `IndexDamaged`, and leaves a mark by which the next
//! opening makes it again from the journal.

use std::fs;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sled::{Batch, Db, IVec};

use super::error::{Action, StoreError, io};
use super::fault::Fault;
use super::hex::Hash;
use super::{files, keys, quiet, seal};

/// Memory for sled's pages; its own default is 1 GiB.
const CACHE: u64 = 96 << 20;
/// From so many bytes on, values make a page of sled's a large one.
const LARGE: usize = 8 << 10;
/// How often such a value is asked for once more when it is read. sled lets go of pages beyond its cache only after 64 accesses to pages of one of
/// the 256 parts of it (`lru.rs` of 0.34): a walk that comes to each page a few times would keep much of what it has read.
const TOUCHES: usize = 2;
/// Bytes of a segment of sled's log; pages of blocks must fit well (see `settle`).
pub(super) const SEGMENT: usize = 2 << 20;
/// How often, and how far apart, sled's lock is tried: five seconds in all.
const TRIES: u32 = 500;
const PAUSE: Duration = Duration::from_millis(10);

/// Which part of the journal the index reflects, and what it should hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// The last entry taken in.
    pub(super) seq: u64,
    /// Its hash.
    pub(super) hash: Hash,
    /// How many cases there are.
    pub(super) cases: u64,
    /// How many of them are loose.
    pub(super) loose: u64,
    /// The sum of [`seal::share`] over all blocks and loose cases.
    pub(super) digest: u64,
}

/// Keys and values as stored.
pub(super) type Pair = (IVec, IVec);

/// The index.
pub(super) struct Index {
    dir: PathBuf,
    db: Option<Db>,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").field("dir", &self.dir).finish_non_exhaustive()
    }
}

impl Index {
    /// Opens it; makes an empty one where there is none.
    pub(super) fn open(dir: &Path) -> Result<Self, StoreError> {
        let mut index = Self { dir: dir.to_path_buf(), db: None };
        // A handle of this process that was dropped a moment ago holds sled's lock until its threads have ended.
        for _ in 0..TRIES {
            let config = sled::Config::new().path(dir).cache_capacity(CACHE).segment_size(SEGMENT);
            match quiet::guard(|| config.open()) {
                Ok(Err(sled::Error::Io(error))) if is_lock(&error) => std::thread::sleep(PAUSE),
                outcome => {
                    index.db = Some(index.judge(outcome)?);
                    return Ok(index);
                }
            }
        }
        let source = std::io::ErrorKind::WouldBlock.into();
        Err(StoreError::Io { action: Action::Lock, path: dir.to_path_buf(), source })
    }

    /// Whether an earlier use met damage.
    pub(super) fn is_marked(dir: &Path) -> bool {
        mark(dir).exists()
    }

    /// Deletes an index that nobody uses.
    pub(super) fn discard(dir: &Path) -> Result<(), StoreError> {
        if dir.exists() { fs::remove_dir_all(dir).map_err(io(Action::Remove, dir)) } else { Ok(()) }
    }

    /// Puts a damaged index aside; one such is kept, for whoever wants to look into it.
    pub(super) fn put_aside(dir: &Path) -> Result<(), StoreError> {
        let aside = dir.with_extension("damaged");
        Self::discard(&aside)?;
        if dir.exists() {
            files::rename(dir, &aside)?;
        }
        let mark = mark(dir);
        if mark.exists() {
            fs::remove_file(&mark).map_err(io(Action::Remove, &mark))?;
        }
        Ok(())
    }

    /// An error about the index, which also marks it for being made again.
    pub(super) fn damaged(&self, fault: Fault) -> StoreError {
        // Where even this cannot be written, the error still stops the caller.
        let _ = fs::write(mark(&self.dir), fault.to_string());
        StoreError::IndexDamaged { path: self.dir.clone(), fault }
    }

    /// The position; all zero in an empty index.
    pub(super) fn position(&self) -> Result<Position, StoreError> {
        match self.read(&keys::POSITION)? {
            Some(position) => Ok(position),
            None if self.guard(|| Ok(self.db()?.is_empty()))? => Ok(Position::default()),
            None => Err(self.damaged(Fault::Missing { what: "its position" })),
        }
    }

    /// A value as stored.
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<IVec>, StoreError> {
        self.guard(|| self.db()?.get(key))
    }

    /// A value.
    pub(super) fn read<T: DeserializeOwned>(&self, key: &[u8]) -> Result<Option<T>, StoreError> {
        self.get(key)?.map(|sealed| self.unseal(key, &sealed)).transpose()
    }

    /// The value of what was read as stored.
    pub(super) fn unseal<T: DeserializeOwned>(&self, key: &[u8], sealed: &[u8]) -> Result<T, StoreError> {
        seal::open(key, sealed).map_err(|fault| self.damaged(fault))
    }

    /// Applies a batch, whole or not at all.
    pub(super) fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        self.guard(|| self.db()?.apply_batch(batch))
    }

    /// Hands what is written to the system. Losing it costs only replaying, so that it is not synced to the disk.
    pub(super) fn flush(&self) -> Result<(), StoreError> {
        self.guard(|| self.db()?.flush()).map(|_| ())
    }

    /// Up to `most` pairs from `start` on, in the order of their keys, before `end`.
    pub(super) fn block(&self, start: Bound<&[u8]>, end: Bound<&[u8]>, most: usize, out: &mut Vec<Pair>) -> Result<(), StoreError> {
        out.clear();
        self.guard(|| {
            let db = self.db()?;
            for pair in db.range::<&[u8], _>((start, end)).take(most) {
                let (key, value) = pair?;
                if value.len() >= LARGE {
                    for _ in 0..TOUCHES {
                        db.get(&key)?;
                    }
                }
                out.push((key, value));
            }
            Ok(())
        })
    }

    /// The first pair from `start` on, before `end`.
    pub(super) fn first(&self, start: Bound<&[u8]>, end: &[u8]) -> Result<Option<Pair>, StoreError> {
        self.guard(|| self.db()?.range::<&[u8], _>((start, Bound::Excluded(end))).next().transpose())
    }

    /// The last pair from `start` up to and with `end`.
    pub(super) fn last_until(&self, start: &[u8], end: &[u8]) -> Result<Option<Pair>, StoreError> {
        self.guard(|| self.db()?.range(start..=end).next_back().transpose())
    }

    /// The last pair from `start` on, before `end`.
    pub(super) fn before(&self, start: &[u8], end: &[u8]) -> Result<Option<Pair>, StoreError> {
        self.guard(|| self.db()?.range(start..end).next_back().transpose())
    }

    /// The last pair whose key begins with `prefix`.
    pub(super) fn last(&self, prefix: u8) -> Result<Option<Pair>, StoreError> {
        self.guard(|| self.db()?.scan_prefix([prefix]).next_back().transpose())
    }

    fn db(&self) -> sled::Result<&Db> {
        self.db.as_ref().ok_or_else(|| sled::Error::Unsupported("the index is closed".to_owned()))
    }

    fn guard<T>(&self, work: impl FnOnce() -> sled::Result<T>) -> Result<T, StoreError> {
        self.judge(quiet::guard(work))
    }

    /// Tells damage from what the system refused.
    fn judge<T>(&self, outcome: Result<sled::Result<T>, String>) -> Result<T, StoreError> {
        let why = match outcome {
            Ok(Ok(value)) => return Ok(value),
            // A full disk or a missing permission is no damage, and making the index again would not help.
            Ok(Err(sled::Error::Io(source))) if is_outside(&source) => {
                return Err(StoreError::Io { action: Action::Write, path: self.dir.clone(), source });
            }
            Ok(Err(error)) => error.to_string(),
            Err(panic) => panic,
        };
        Err(self.damaged(Fault::Engine { why }))
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        // sled flushes when its last handle goes, and may panic over what it then meets.
        let db = self.db.take();
        let _ = quiet::guard(move || drop(db));
    }
}

fn is_outside(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
}

/// sled gives this error no kind of its own.
fn is_lock(error: &std::io::Error) -> bool {
    error.to_string().contains("could not acquire lock")
}

fn mark(dir: &Path) -> PathBuf {
    dir.with_extension("rebuild")
}
