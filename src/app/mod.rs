//! Use-cases, without printing.

pub mod clock;
pub mod compare;
pub mod judging;
pub mod nightly;
pub mod starter;
pub mod vocabulary;
pub mod workspace;
