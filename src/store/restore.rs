//! Making a store of a dump. The journal comes out as it was: numbers, recorded instants and hashes are compared.

use std::fs;
use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::dump::{First, Last, Line, VERSION};
use super::error::{Action, StoreError, dump_io, io};
use super::fault::Fault;
use super::frame::sha256;
use super::journal::{Body, Draft, Journal, Tail};
use super::{Index, Store, codec, files, format};
use crate::time::Instant;

/// Bytes of a line at most; the largest entry is 64 MiB in bytes.
const MOST: u64 = 512 << 20;
/// Bytes of payload after which the journal is synced.
const GROUP: usize = 8 << 20;

impl Store {
    /// Makes a store in a new or empty folder from a dump, and gives the number of entries. Where the dump is not
    /// whole, or not what it was, no store is left behind.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotEmpty`], [`StoreError::Dump`] with the line, or when a file cannot be read or written.
    pub fn restore(dir: &Path, input: &mut dyn BufRead, now: Instant) -> Result<u64, StoreError> {
        if fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(StoreError::NotEmpty { path: dir.to_path_buf() });
        }
        let draft = draft_of(dir);
        // What an interrupted restore left behind under this name was never a store.
        Index::discard(&draft)?;
        files::make_dir(&draft)?;
        let outcome = fill(&draft, input, now);
        if outcome.is_err() {
            // The error that is told is the one that matters; the leftover goes with the next attempt at the latest.
            let _ = Index::discard(&draft);
        }
        let entries = outcome?;
        if dir.exists() {
            fs::remove_dir(dir).map_err(io(Action::Remove, dir))?;
        }
        files::rename(&draft, dir)?;
        Ok(entries)
    }
}

fn draft_of(dir: &Path) -> PathBuf {
    let mut name = dir.file_name().unwrap_or_default().to_os_string();
    name.push(".restoring");
    dir.with_file_name(name)
}

fn fill(dir: &Path, input: &mut dyn BufRead, now: Instant) -> Result<u64, StoreError> {
    format::write(dir)?;
    let mut journal = Tail::inspect(&dir.join("journal"))?.open()?;
    let mut lines = Lines { input, digest: Sha256::new(), text: Vec::new(), number: 0 };
    let first: First = lines.next()?;
    if first.duly_dump != VERSION {
        return Err(lines.fault(Fault::LaterKind { kind: u64::from(first.duly_dump) }));
    }
    let mut group = Group { drafts: Vec::new(), hash: [0; 32], size: 0 };
    let mut entries = 0_u64;
    loop {
        let before: [u8; 32] = lines.digest.clone().finalize().into();
        let text = lines.read()?;
        if text.starts_with(b"{\"entries\"") {
            let last: Last = lines.parse()?;
            group.write(&mut journal, &lines)?;
            if last.entries != entries {
                return Err(lines.fault(Fault::Count { expected: last.entries, found: entries }));
            }
            if last.sha256 != before {
                return Err(lines.fault(Fault::Digest));
            }
            break;
        }
        let line: Line = lines.parse()?;
        entries += 1;
        if line.seq != entries {
            return Err(lines.fault(Fault::Misplaced { found: line.seq }));
        }
        group.add(line, &lines)?;
        if group.size > GROUP {
            group.write(&mut journal, &lines)?;
        }
    }
    drop(journal);
    // Builds the index, and so reads every entry once more.
    drop(Store::open(dir, now)?);
    Ok(entries)
}

/// Entries that are written together.
struct Group {
    drafts: Vec<Draft>,
    /// What the last of them says that its hash is.
    hash: [u8; 32],
    size: usize,
}

impl Group {
    fn add(&mut self, line: Line, lines: &Lines) -> Result<(), StoreError> {
        self.hash = line.hash;
        let draft = match line.record {
            None => Draft { kind: line.kind, recorded: line.recorded, body: Body::Erased(line.digest) },
            Some(record) => codec::draft(&record, line.recorded)?,
        };
        if let Body::Bytes(payload) = &draft.body {
            if sha256(payload) != line.digest || draft.kind != line.kind {
                return Err(lines.fault(Fault::Payload));
            }
            self.size += payload.len();
        }
        self.drafts.push(draft);
        Ok(())
    }

    /// Since each hash covers the one before, comparing the last compares all.
    fn write(&mut self, journal: &mut Journal, lines: &Lines) -> Result<(), StoreError> {
        if self.drafts.is_empty() {
            return Ok(());
        }
        journal.append(&self.drafts)?;
        if journal.place.hash != self.hash {
            return Err(lines.fault(Fault::Chain));
        }
        self.drafts.clear();
        self.size = 0;
        Ok(())
    }
}

/// The lines of a dump, with the digest of those that were read.
struct Lines<'a> {
    input: &'a mut dyn BufRead,
    digest: Sha256,
    text: Vec<u8>,
    number: u64,
}

impl Lines<'_> {
    fn read(&mut self) -> Result<&[u8], StoreError> {
        self.text.clear();
        self.number += 1;
        (&mut *self.input).take(MOST).read_until(b'\n', &mut self.text).map_err(dump_io(Action::Read))?;
        if self.text.last() != Some(&b'\n') {
            return Err(self.fault(Fault::CutOff));
        }
        self.digest.update(&self.text);
        Ok(&self.text)
    }

    fn parse<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        serde_json::from_slice(&self.text).map_err(|error| self.fault(Fault::Unreadable { why: error.to_string() }))
    }

    fn next<T: DeserializeOwned>(&mut self) -> Result<T, StoreError> {
        self.read()?;
        self.parse()
    }

    fn fault(&self, fault: Fault) -> StoreError {
        StoreError::Dump { line: self.number, fault }
    }
}
