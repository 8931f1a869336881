//! One value of a fact or of an event's data.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::case::depth;

/// A value as a source gave it: JSON's kinds, with exact decimals in place of floating point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// Given, but empty.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Decimal(Decimal),
    /// Text; also instants, dates and spans, until a policy says that they are such.
    Text(String),
    /// Several values.
    List(#[serde(deserialize_with = "depth::list")] Vec<Value>),
    /// Named values.
    Map(#[serde(deserialize_with = "depth::map")] BTreeMap<String, Value>),
}
