//! How deep a value may nest when it is read. Two bytes of postcard open a level, so that without a bound a
//! damaged or hostile record could exhaust the stack, which nothing can catch.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use crate::case::Value;

/// Levels of lists and maps that a value may have; JSON input has its own bound of 128 brackets.
const MOST: u32 = 64;

thread_local! {
    static LEVEL: Cell<u32> = const { Cell::new(0) };
}

/// One level deeper, for as long as it lives: an error on the way out gives the level back too.
struct Level;

impl Level {
    fn enter<E: Error>() -> Result<Self, E> {
        LEVEL.with(|level| {
            if level.get() >= MOST {
                return Err(E::custom("a value nests too deeply"));
            }
            level.set(level.get() + 1);
            Ok(Self)
        })
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        LEVEL.with(|level| level.set(level.get().saturating_sub(1)));
    }
}

/// Reads the items of a list, one level deeper.
pub(super) fn list<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<Value>, D::Error> {
    let _level = Level::enter()?;
    Vec::deserialize(input)
}

/// Reads the entries of a map, one level deeper.
pub(super) fn map<'de, D: Deserializer<'de>>(input: D) -> Result<BTreeMap<String, Value>, D::Error> {
    let _level = Level::enter()?;
    BTreeMap::deserialize(input)
}

#[cfg(test)]
mod tests {
    use super::{MOST, Value};

    #[test]
    fn deep_values_are_refused_not_overflowing() {
        let mut bytes = Vec::new();
        for _ in 0..1_000_000 {
            bytes.extend([5, 1]);
        }
        bytes.push(0);
        assert!(postcard::from_bytes::<Value>(&bytes).is_err());
        let mut value = Value::Null;
        for _ in 0..MOST {
            value = Value::List(vec![value]);
        }
        let bytes = postcard::to_allocvec(&value).unwrap();
        assert_eq!(postcard::from_bytes::<Value>(&bytes).unwrap(), value);
        // The level is given back, after success as after failure.
        assert_eq!(postcard::from_bytes::<Value>(&bytes).unwrap(), value);
    }
}
