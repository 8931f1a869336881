//! One entry of the journal in bytes.
//!
//! | bytes | what |
//! | --- | --- |
//! | 4 | length of the payload |
//! | 1 | flags: 1 the payload was erased, 2 the next entry belongs to the same group |
//! | 4 | CRC32 of the payload |
//! | 81 | header: sequence number, recorded instant, kind, SHA-256 of the payload, hash of the entry before |
//! | 4 | CRC32 of all of the above |
//! | .. | payload |
//!
//! Numbers are little-endian. The hash of an entry is the SHA-256 of its header: it covers the payload's digest and
//! not the payload, so that the payload can be erased and the chain still holds. The head has a checksum of its own,
//! so that a damaged length is not taken for a frame that was cut off.

use sha2::{Digest, Sha256};

use super::hex::Hash;
use crate::time::Instant;

/// Bytes before the payload.
pub(super) const HEAD: usize = 94;
/// Bytes of a payload at most.
pub(super) const MOST: usize = 64 << 20;

const HEADER: usize = 81;
const CHECKED: usize = HEAD - 4;
const ERASED: u8 = 1;
const MORE: u8 = 2;

/// What the chain covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The entry's number, from 1.
    pub(super) seq: u64,
    /// When it was recorded.
    pub(super) recorded: Instant,
    /// The kind of record in the payload.
    pub(super) kind: u8,
    /// The SHA-256 of the payload.
    pub(super) digest: Hash,
    /// The hash of the entry before.
    pub(super) before: Hash,
}

impl Header {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER);
        bytes.extend(self.seq.to_le_bytes());
        bytes.extend(self.recorded.millis().to_le_bytes());
        bytes.push(self.kind);
        bytes.extend(self.digest);
        bytes.extend(self.before);
        bytes
    }

    /// The entry's hash.
    pub(super) fn hash(&self) -> Hash {
        sha256(&self.bytes())
    }
}

/// All that stands before a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// The payload's length.
    pub(super) length: usize,
    /// Whether the payload was erased.
    pub(super) erased: bool,
    /// Whether the next entry belongs to the same group.
    pub(super) more: bool,
    /// The payload's CRC32.
    pub(super) checksum: u32,
    /// The header.
    pub(super) header: Header,
}

impl Head {
    /// Reads a head; `None` when its checksum or its length is wrong.
    pub(super) fn parse(bytes: &[u8; HEAD]) -> Option<Self> {
        let (checked, crc) = bytes.split_at_checked(CHECKED)?;
        if crc32fast::hash(checked).to_le_bytes() != crc {
            return None;
        }
        let mut rest = checked;
        let length = usize::try_from(u32::from_le_bytes(take(&mut rest)?)).ok().filter(|length| *length <= MOST)?;
        let [flags] = take(&mut rest)?;
        let checksum = u32::from_le_bytes(take(&mut rest)?);
        let header = Header {
            seq: u64::from_le_bytes(take(&mut rest)?),
            recorded: Instant::from_millis(i64::from_le_bytes(take(&mut rest)?)),
            kind: u8::from_le_bytes(take(&mut rest)?),
            digest: take(&mut rest)?,
            before: take(&mut rest)?,
        };
        Some(Self { length, erased: flags & ERASED != 0, more: flags & MORE != 0, checksum, header })
    }
}

/// Appends the frame of one entry to `out`.
pub(super) fn write(header: &Header, payload: &[u8], erased: bool, more: bool, out: &mut Vec<u8>) {
    let start = out.len();
    // INVARIANT: callers have compared the payload with MOST, which fits.
    out.extend(u32::try_from(payload.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.push(if erased { ERASED } else { 0 } | if more { MORE } else { 0 });
    out.extend(crc32fast::hash(payload).to_le_bytes());
    out.extend(header.bytes());
    let crc = crc32fast::hash(out.get(start..).unwrap_or_default());
    out.extend(crc.to_le_bytes());
    out.extend(payload);
}

/// The SHA-256 of some bytes.
pub(super) fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// Takes as many bytes off the front as the result has.
pub(super) fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*first)
}
