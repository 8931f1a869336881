//! Use-cases, without printing.

pub mod clock;
pub mod compare;
pub mod judging;
pub mod nightly;
pub mod vocabulary;
pub mod workspace;
