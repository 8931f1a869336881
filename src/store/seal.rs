//! A stored value: version byte, postcard (or a block), CRC32 over key and value. Most single flipped bits of postcard decode
//! without an error to something else, and a value under another's key would be as wrong.

use std::mem::take;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sled::IVec;

use super::error::StoreError;
use super::fault::Fault;

/// The version of all values. An index of another is made again from the journal when it is opened.
const VERSION: u8 = 2;

/// Seals a value for its key.
///
/// `scratch` only saves its allocation from value to value.
pub(super) fn seal<T: Serialize>(key: &[u8], value: &T, what: &'static str, scratch: &mut Vec<u8>) -> Result<IVec, StoreError> {
    scratch.clear();
    scratch.push(VERSION);
    *scratch = postcard::to_extend(value, take(scratch)).map_err(|source| StoreError::Encode { what, source })?;
    Ok(close(key, scratch))
}

/// Seals bytes for their key.
pub(super) fn wrap(key: &[u8], body: &[u8], scratch: &mut Vec<u8>) -> IVec {
    scratch.clear();
    scratch.push(VERSION);
    scratch.extend(body);
    close(key, scratch)
}

/// Reads a value back.
pub(super) fn open<T: DeserializeOwned>(key: &[u8], sealed: &[u8]) -> Result<T, Fault> {
    match postcard::take_from_bytes(unwrap(key, sealed)?) {
        Ok((value, [])) => Ok(value),
        Ok(_) => Err(Fault::Unreadable { why: "bytes are left over".to_owned() }),
        Err(error) => Err(Fault::Unreadable { why: error.to_string() }),
    }
}

/// Gives bytes back.
pub(super) fn unwrap<'a>(key: &[u8], sealed: &'a [u8]) -> Result<&'a [u8], Fault> {
    let (body, crc) = sealed.split_last_chunk::<4>().ok_or(Fault::Checksum)?;
    if checksum(key, body).to_le_bytes() != *crc {
        return Err(Fault::Checksum);
    }
    match body.split_first() {
        Some((&VERSION, body)) => Ok(body),
        Some((version, _)) => Err(Fault::OtherVersion { version: *version }),
        None => Err(Fault::Checksum),
    }
}

/// The bytes of a value that was found to be whole.
pub(super) fn body(sealed: &[u8]) -> &[u8] {
    sealed.split_last_chunk::<4>().and_then(|(body, _)| body.split_first()).map_or(&[], |(_, body)| body)
}

/// Adds the checksum.
fn close(key: &[u8], scratch: &mut Vec<u8>) -> IVec {
    let crc = checksum(key, scratch);
    scratch.extend(crc.to_le_bytes());
    IVec::from(scratch.as_slice())
}

/// What a stored pair adds to the digest over all cases. Sums of it do not depend on the order, and a pair that is
/// replaced can be taken off.
pub(super) fn share(sealed: &[u8]) -> u64 {
    let crc = sealed.last_chunk::<4>().map_or(0, |crc| u32::from_le_bytes(*crc));
    // The length joins in, since 32 bits alone would meet by chance among many.
    let length = u64::try_from(sealed.len()).unwrap_or(u64::MAX);
    mix(u64::from(crc) | length << 32)
}

/// Spreads the bits of a number (the finalizer of `SplitMix64`).
pub(super) const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

fn checksum(key: &[u8], body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(key);
    hasher.update(body);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_another_version_is_not_read() {
        let key = b"key";
        let mut scratch = vec![VERSION - 1, 7];
        let sealed = close(key, &mut scratch);
        assert_eq!(unwrap(key, &sealed), Err(Fault::OtherVersion { version: VERSION - 1 }));
        assert_eq!(unwrap(key, &seal(key, &7_u8, "a number", &mut scratch).unwrap()), Ok(&[7][..]));
    }
}
