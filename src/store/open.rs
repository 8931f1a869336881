//! Opening: compares the index with the journal, and makes good what the index lacks.

use std::path::Path;

use super::apply::apply;
use super::codec;
use super::error::StoreError;
use super::fault::{Fault, Notice};
use super::index::{Index, Position};
use super::journal::Tail;
use super::lock::Lock;
use super::record::Record;
use super::stage::Stage;
use super::walk::{Place, Walk};
use super::{Store, files, format};
use crate::time::Instant;

/// Entries and keys after which what was replayed is written to the index.
const MANY: usize = 5_000;

impl Store {
    /// Opens the store in a folder (`.duly`), and makes it where there is none.
    ///
    /// # Errors
    ///
    /// When another process has it open, when the folder is no store or that of another version, when the journal is
    /// damaged, and when the journal has lost entries that the index has seen. A damaged index is no error: it is made
    /// again, with a notice.
    pub fn open(dir: &Path, now: Instant) -> Result<(Self, Vec<Notice>), StoreError> {
        // Looked at before anything is made, so that a foreign folder stays as it is.
        format::check(dir)?;
        files::make_dir(dir)?;
        let lock = Lock::take(dir, now)?;
        if !format::check(dir)? {
            format::write(dir)?;
        }
        let (at, tail) = (dir.join("index"), Tail::inspect(&dir.join("journal"))?);
        let mut notices = Vec::new();
        let (index, position) = match index(&at, &tail) {
            Ok(found) => found,
            Err(error @ StoreError::IndexDamaged { .. }) => {
                notices.push(rebuilt(&error));
                Index::put_aside(&at)?;
                (Index::open(&at)?, Position::default())
            }
            Err(error) => return Err(error),
        };
        if tail.dropped > 0 {
            notices.push(dropped(tail.dropped, tail.place.seq));
        }
        let store = Self { dir: dir.to_path_buf(), _lock: lock, journal: tail.open()?, index };
        store.replay(position)?;
        Ok((store, notices))
    }

    /// Makes the index again from the journal; what is needed after [`StoreError::IndexDamaged`], unless the store
    /// is opened again anyway.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read, or the new index not be written.
    pub fn rebuild(&mut self) -> Result<(), StoreError> {
        let at = self.dir.join("index");
        let spare = self.dir.join("index.new");
        // The old index must be closed before its folder goes, and a struct always has one: an empty one stands in.
        Index::discard(&spare)?;
        self.index = Index::open(&spare)?;
        Index::put_aside(&at)?;
        self.index = Index::open(&at)?;
        Index::discard(&spare)?;
        self.replay(Position::default())
    }

    fn replay(&self, from: Position) -> Result<(), StoreError> {
        if from.seq >= self.journal.place.seq {
            return Ok(());
        }
        let mut walk = Walk::holding(&self.journal.dir, from.seq.saturating_add(1))?.with_payloads();
        let mut stage = Stage::new(&self.index)?;
        let mut entries = 0;
        while let Some(entry) = walk.next()? {
            let seq = entry.header.seq;
            if seq == from.seq && entry.hash != from.hash {
                return Err(StoreError::JournalDiffers { path: self.journal.dir.clone(), seq });
            }
            if seq <= from.seq {
                continue;
            }
            if seq == from.seq + 1 && entry.header.before != from.hash {
                return Err(StoreError::JournalDiffers { path: self.journal.dir.clone(), seq: from.seq });
            }
            if !entry.erased {
                let record = codec::record(&entry.payload).map_err(|fault| walk.fault_of_last(fault))?;
                if matches!(record, Record::Findings { .. } | Record::Run(_)) {
                    self.unfold()?;
                }
                apply(&mut stage, seq, entry.header.recorded, record)?;
            }
            entries += 1;
            if !entry.more && (entries > MANY || stage.len() > MANY) {
                stage.apply(&walk.place)?;
                (stage, entries) = (Stage::new(&self.index)?, 0);
            }
        }
        let Place { seq, .. } = walk.place;
        if seq != self.journal.place.seq {
            return Err(StoreError::CutOff { seq: self.journal.place.seq, last: seq });
        }
        stage.apply(&walk.place)?;
        self.index.flush()
    }
}

/// The index and its position, which may be behind the journal and not ahead of it.
fn index(at: &Path, tail: &Tail) -> Result<(Index, Position), StoreError> {
    let index = Index::open(at)?;
    let position = index.position()?;
    let path = at.with_file_name("journal");
    if position.seq > tail.place.seq {
        return Err(StoreError::JournalBehind { path, journal: tail.place.seq, index: position.seq });
    }
    if position.seq == tail.place.seq && position.hash != tail.place.hash {
        return Err(StoreError::JournalDiffers { path, seq: position.seq });
    }
    // Only now: an index that is damaged but ahead of the journal is still the only copy of what it saw.
    if Index::is_marked(at) {
        return Err(StoreError::IndexDamaged { path: at.to_path_buf(), fault: Fault::Earlier });
    }
    Ok((index, position))
}

fn rebuilt(error: &StoreError) -> Notice {
    Notice {
        en: format!("{error}; it was put aside as `index.damaged` and made again just now"),
        zh: format!("{}；已将其移至`index.damaged`，并已重建", error.zh()),
    }
}

fn dropped(bytes: u64, seq: u64) -> Notice {
    Notice {
        en: format!(
            "the last write to the journal was interrupted before it was acknowledged: {bytes} bytes after entry \
             {seq} were dropped"
        ),
        zh: format!("上一次写入日志在确认之前中断：第 {seq} 条之后的 {bytes} 字节已丢弃"),
    }
}
