//! The journal as text, one JSON line for each entry, with a digest at the end.

use std::io::Write;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::{Action, StoreError, dump_io};
use super::frame::Header;
use super::hex::Hash;
use super::record::Record;
use super::walk::Walk;
use super::{Store, codec, hex};
use crate::time::Instant;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct First {
    /// The dump's version.
    pub(super) duly_dump: u32,
}

/// The version of dumps.
pub(super) const VERSION: u32 = 1;

/// The line of an entry.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Line {
    /// Its number.
    pub(super) seq: u64,
    /// When it was recorded, in milliseconds since the epoch.
    pub(super) recorded: Instant,
    /// The kind of record.
    pub(super) kind: u8,
    /// The SHA-256 of its payload.
    #[serde(with = "hex::hash")]
    pub(super) digest: Hash,
    /// Its hash.
    #[serde(with = "hex::hash")]
    pub(super) hash: Hash,
    /// The payload; null when it was erased.
    pub(super) record: Option<Record>,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Last {
    /// How many entries there are.
    pub(super) entries: u64,
    /// The SHA-256 of all lines before this one.
    #[serde(with = "hex::hash")]
    pub(super) sha256: Hash,
}

impl Store {
    /// Writes the whole journal as text, and gives the number of its entries. Restoring it gives the same journal.
    ///
    /// # Errors
    ///
    /// When the journal is damaged, or the dump cannot be written.
    pub fn dump(&self, out: &mut dyn Write) -> Result<u64, StoreError> {
        let mut walk = Walk::all(&self.journal.dir)?.with_payloads();
        let mut dump = Dump::begin(out)?;
        while let Some(entry) = walk.next()? {
            let record = if entry.erased { None } else { Some(codec::record(&entry.payload).map_err(|fault| walk.fault_of_last(fault))?) };
            dump.entry(&entry.header, entry.hash, record)?;
        }
        dump.end()
    }
}

/// A dump in the making.
pub(super) struct Dump<'a> {
    out: &'a mut dyn Write,
    digest: Sha256,
    line: Vec<u8>,
    entries: u64,
}

impl<'a> Dump<'a> {
    /// Writes the first line.
    pub(super) fn begin(out: &'a mut dyn Write) -> Result<Self, StoreError> {
        let mut dump = Self { out, digest: Sha256::new(), line: Vec::new(), entries: 0 };
        dump.line(&First { duly_dump: VERSION })?;
        Ok(dump)
    }

    /// Writes an entry.
    pub(super) fn entry(&mut self, header: &Header, hash: Hash, record: Option<Record>) -> Result<(), StoreError> {
        let Header { seq, recorded, kind, digest, .. } = *header;
        self.entries += 1;
        self.line(&Line { seq, recorded, kind, digest, hash, record })
    }

    /// Writes the last line, and gives the number of entries.
    pub(super) fn end(mut self) -> Result<u64, StoreError> {
        let sha256 = self.digest.clone().finalize().into();
        let entries = self.entries;
        self.line(&Last { entries, sha256 })?;
        self.out.flush().map_err(dump_io(Action::Write))?;
        Ok(entries)
    }

    fn line<T: Serialize>(&mut self, value: &T) -> Result<(), StoreError> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, value).map_err(|error| dump_io(Action::Write)(error.into()))?;
        self.line.push(b'\n');
        self.digest.update(&self.line);
        self.out.write_all(&self.line).map_err(dump_io(Action::Write))
    }
}
