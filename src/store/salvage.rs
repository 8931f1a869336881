//! Saving what an index knows when its journal has lost entries: a dump with a new chain, that `restore` takes.

use std::collections::HashSet;
use std::io::Write;
use std::mem::take;
use std::path::Path;

use super::dump::Dump;
use super::error::StoreError;
use super::fault::Fault;
use super::frame::{Header, sha256};
use super::hex::Hash;
use super::journal::Body;
use super::record::{Record, Salvage};
use super::span::{Loose, open_block};
use super::{Index, Lock, Store, codec, format, keys, scan, seal};
use crate::time::Instant;

/// Bytes of values after which another entry begins.
const BYTES: usize = 4 << 20;

/// What could be saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Salvaged {
    /// Cases that were written.
    pub cases: u64,
    /// Values that could not be read.
    pub unreadable: u64,
    /// Whether sled failed before its end was reached, and why.
    pub stopped: Option<Fault>,
}

impl Store {
    /// Writes all that the index of a store knows as a dump, without looking at its journal. Nothing in the store
    /// changes. The chain begins anew; the instants at which things were recorded are kept inside.
    ///
    /// # Errors
    ///
    /// When the folder is no store, the index cannot be opened, or the dump cannot be written.
    pub fn salvage(dir: &Path, out: &mut dyn Write, now: Instant) -> Result<Salvaged, StoreError> {
        if !format::check(dir)? {
            return Err(StoreError::NotAStore { path: dir.to_path_buf() });
        }
        let _lock = Lock::take(dir, now)?;
        let index = Index::open(&dir.join("index"))?;
        let mut writer =
            Writer { dump: Dump::begin(out)?, saved: Salvage::default(), loose: HashSet::new(), size: 0, now, seq: 0, hash: [0; 32] };
        let mut done = Salvaged::default();
        // Loose cases stand before blocks, whose rows of the same ids they replace.
        for prefix in
            [keys::CONTENT, keys::WAIVER, keys::ACCOUNT, keys::TOKEN, keys::ACT, keys::LOOSE, keys::BLOCK, keys::RUN, keys::FINDING]
        {
            let outcome = scan::each(&index, &[prefix], &[prefix + 1], &mut |key, sealed| {
                match writer.take(prefix, key, sealed) {
                    Ok(cases) => done.cases += cases,
                    Err(_) => done.unreadable += 1,
                }
                if writer.size > BYTES { writer.flush() } else { Ok(()) }
            });
            match outcome {
                Err(StoreError::IndexDamaged { fault, .. }) => done.stopped = Some(fault),
                other => other?,
            }
        }
        writer.flush()?;
        writer.dump.end()?;
        Ok(done)
    }
}

struct Writer<'a> {
    dump: Dump<'a>,
    saved: Salvage,
    /// The ids of loose cases.
    loose: HashSet<String>,
    size: usize,
    now: Instant,
    seq: u64,
    hash: Hash,
}

impl Writer<'_> {
    /// Takes in what a pair says, and tells how many cases that were.
    fn take(&mut self, prefix: u8, key: &[u8], sealed: &[u8]) -> Result<u64, Fault> {
        let before = self.saved.cases.len();
        match prefix {
            keys::CONTENT => self.saved.contents.push(seal::open(key, sealed)?),
            keys::WAIVER => self.saved.waivers.push(seal::open(key, sealed)?),
            keys::ACCOUNT => self.saved.accounts.push(seal::open(key, sealed)?),
            keys::TOKEN => self.saved.tokens.push(seal::open(key, sealed)?),
            keys::ACT => self.saved.acts.push(seal::open(key, sealed)?),
            keys::RUN => self.saved.runs.push(seal::open(key, sealed)?),
            keys::FINDING => self.saved.findings.push(seal::open(key, sealed)?),
            keys::LOOSE => {
                let Loose { record, .. } = seal::open(key, sealed)?;
                self.loose.insert(record.id.clone());
                self.saved.cases.push(record);
            }
            _ => {
                let block = open_block(key, sealed)?;
                let rows = (0..block.len()).filter(|row| !self.loose.contains(block.id(*row)));
                self.saved.cases.extend(rows.map(|row| block.record(row)));
            }
        }
        self.size += sealed.len();
        Ok(u64::try_from(self.saved.cases.len() - before).unwrap_or(u64::MAX))
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        if self.size == 0 {
            return Ok(());
        }
        self.size = 0;
        let record = Record::Salvage(Box::new(take(&mut self.saved)));
        let draft = codec::draft(&record, self.now)?;
        let digest = match &draft.body {
            Body::Bytes(payload) => sha256(payload),
            Body::Erased(digest) => *digest,
        };
        self.seq += 1;
        let header = Header { seq: self.seq, recorded: self.now, kind: draft.kind, digest, before: self.hash };
        self.hash = header.hash();
        self.dump.entry(&header, self.hash, Some(record))
    }
}
