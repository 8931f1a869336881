//! One file of the journal: how it begins, and reading its frames.

use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use super::error::{Action, StoreError, io};
use super::fault::Fault;
use super::frame::{self, Head, Header};
use super::hex::Hash;

/// Bytes before the first frame: magic, number of the first entry, hash of the entry before it, CRC32.
pub(super) const BEGIN: u64 = SIZE as u64;
const SIZE: usize = 52;

const MAGIC: [u8; 8] = *b"dulyjnl1";

/// The first bytes of a segment.
pub(super) fn begin(first: u64, before: Hash) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(first.to_le_bytes());
    bytes.extend(before);
    let crc = crc32fast::hash(&bytes);
    bytes.extend(crc.to_le_bytes());
    bytes
}

/// The file of a segment.
pub(super) fn path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number:08}.log"))
}

/// How many segments there are; an error when one in between is absent.
pub(super) fn count(dir: &Path) -> Result<u64, StoreError> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(io(Action::Read, dir)(error)),
    };
    let mut numbers = Vec::new();
    for entry in entries {
        let name = entry.map_err(io(Action::Read, dir))?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".log")).and_then(|stem| stem.parse::<u64>().ok());
        numbers.extend(number);
    }
    numbers.sort_unstable();
    for (expected, found) in (1_u64..).zip(&numbers) {
        if expected != *found {
            return Err(StoreError::Journal {
                path: path(dir, expected),
                offset: 0,
                seq: 0,
                fault: Fault::SegmentMissing { number: expected },
            });
        }
    }
    Ok(numbers.last().copied().unwrap_or(0))
}

/// One entry as it was read.
#[derive(Debug)]
pub(super) struct Entry {
    /// What the chain covers.
    pub(super) header: Header,
    /// The entry's hash.
    pub(super) hash: Hash,
    /// The payload; empty when it was erased.
    pub(super) payload: Vec<u8>,
    /// Whether the payload was erased.
    pub(super) erased: bool,
    /// Whether the next entry belongs to the same group.
    pub(super) more: bool,
}

/// What reading on came to.
#[derive(Debug)]
pub(super) enum Step {
    /// An entry.
    Entry(Entry),
    /// The end of the file, after a whole frame.
    End,
    /// A frame that was not written to its end.
    Incomplete,
}

/// Reads the frames of one segment from the front.
#[derive(Debug)]
pub(super) struct Segment {
    /// The file.
    pub(super) path: PathBuf,
    /// The number of its first entry.
    pub(super) first: u64,
    /// The hash of the entry before its first.
    pub(super) before: Hash,
    /// Where the next frame begins.
    pub(super) offset: u64,
    size: u64,
    file: BufReader<File>,
}

impl Segment {
    /// Opens a segment; `None` when it was not written so far that it could hold an entry.
    pub(super) fn open(dir: &Path, number: u64) -> Result<Option<Self>, StoreError> {
        let path = path(dir, number);
        let file = File::open(&path).map_err(io(Action::Open, &path))?;
        let size = file.metadata().map_err(io(Action::Read, &path))?.len();
        if size < BEGIN {
            return Ok(None);
        }
        let mut file = BufReader::with_capacity(1 << 18, file);
        let mut bytes = [0; SIZE];
        file.read_exact(&mut bytes).map_err(io(Action::Read, &path))?;
        if let Some((first, before)) = parse(&bytes) {
            return Ok(Some(Self { path, first, before, offset: BEGIN, size, file }));
        }
        Err(StoreError::Journal { path, offset: 0, seq: 0, fault: Fault::SegmentHead })
    }

    /// Reads the next frame, which should be that of entry `seq`.
    pub(super) fn step(&mut self, seq: u64) -> Result<Step, StoreError> {
        let left = self.size.saturating_sub(self.offset);
        if left == 0 {
            return Ok(Step::End);
        }
        let mut bytes = [0; frame::HEAD];
        if left < length(frame::HEAD) {
            return Ok(Step::Incomplete);
        }
        self.read(&mut bytes)?;
        let Some(head) = Head::parse(&bytes) else {
            // A file system may have made the file longer before a crash without writing what it should hold.
            let blank = bytes.iter().all(|byte| *byte == 0) && self.rest_is_blank()?;
            return if blank { Ok(Step::Incomplete) } else { Err(self.fault(seq, Fault::Checksum)) };
        };
        if left - length(frame::HEAD) < length(head.length) {
            return Ok(Step::Incomplete);
        }
        let mut payload = vec![0; head.length];
        self.read(&mut payload)?;
        if crc32fast::hash(&payload) != head.checksum {
            return Err(self.fault(seq, Fault::Checksum));
        }
        self.offset += length(frame::HEAD) + length(head.length);
        let hash = head.header.hash();
        Ok(Step::Entry(Entry { header: head.header, hash, payload, erased: head.erased, more: head.more }))
    }

    /// An error about the frame at the present offset.
    pub(super) fn fault(&self, seq: u64, fault: Fault) -> StoreError {
        StoreError::Journal { path: self.path.clone(), offset: self.offset, seq, fault }
    }

    fn read(&mut self, bytes: &mut [u8]) -> Result<(), StoreError> {
        self.file.read_exact(bytes).map_err(io(Action::Read, &self.path))
    }

    fn rest_is_blank(&mut self) -> Result<bool, StoreError> {
        let mut block = vec![0; 1 << 16];
        loop {
            let read = self.file.read(&mut block).map_err(io(Action::Read, &self.path))?;
            if read == 0 {
                return Ok(true);
            }
            if block.iter().take(read).any(|byte| *byte != 0) {
                return Ok(false);
            }
        }
    }
}

fn parse(bytes: &[u8]) -> Option<(u64, Hash)> {
    let (checked, crc) = bytes.split_last_chunk::<4>()?;
    let mut rest = checked;
    if frame::take::<8>(&mut rest)? != MAGIC || crc32fast::hash(checked).to_le_bytes() != *crc {
        return None;
    }
    Some((u64::from_le_bytes(frame::take(&mut rest)?), frame::take(&mut rest)?))
}

fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
