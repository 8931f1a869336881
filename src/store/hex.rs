//! Bytes as hex digits in JSON (dumps are read by people), as they are in postcard.

use std::fmt::Write;

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize, Serializer};

/// A SHA-256.
pub type Hash = [u8; 32];

/// The digits, in lower case.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len().saturating_mul(2)), |mut text, byte| {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes of an even number of digits; none for any other text.
#[must_use]
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    text.as_bytes()
        .chunks(2)
        .map(|pair| {
            pair.iter().try_fold(0_u8, |byte, digit| {
                let digit = char::from(*digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())?;
                Some((byte << 4) | digit)
            })
        })
        .collect()
}

/// Reads a hash from its 64 digits.
#[must_use]
pub fn unhex_hash(text: &str) -> Option<Hash> {
    unhex(text)?.try_into().ok()
}

/// `#[serde(with)]` for a [`Hash`].
pub(crate) mod hash {
    use super::{Deserialize, Deserializer, Error, Hash, Serialize, Serializer, hex, unhex_hash};

    pub(crate) fn serialize<S: Serializer>(hash: &Hash, out: S) -> Result<S::Ok, S::Error> {
        if out.is_human_readable() { out.serialize_str(&hex(hash)) } else { hash.serialize(out) }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Hash, D::Error> {
        if input.is_human_readable() {
            let text = String::deserialize(input)?;
            unhex_hash(&text).ok_or_else(|| D::Error::custom("expected 64 hex digits"))
        } else {
            Hash::deserialize(input)
        }
    }
}

/// `#[serde(with)]` for bytes of any length.
pub(super) mod bytes {
    use super::{Deserialize, Deserializer, Error, Serialize, Serializer, hex, unhex};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], out: S) -> Result<S::Ok, S::Error> {
        if out.is_human_readable() { out.serialize_str(&hex(bytes)) } else { bytes.serialize(out) }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<u8>, D::Error> {
        if input.is_human_readable() {
            let text = String::deserialize(input)?;
            unhex(&text).ok_or_else(|| D::Error::custom("expected an even number of hex digits"))
        } else {
            Vec::deserialize(input)
        }
    }
}
