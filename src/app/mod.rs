//! Use-cases, without printing.

pub mod workspace;
