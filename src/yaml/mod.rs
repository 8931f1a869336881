//! YAML as a tree whose every node knows its place, and a reader that goes on after an error.

mod fields;
mod node;

pub use fields::{Fields, Key};
pub use node::{Kind, Node, parse};
