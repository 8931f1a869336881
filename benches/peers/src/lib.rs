//! The cases, the hand-written evaluation and the clock that the peers share.
//!
//! `../../README.md` says what is compared and how.

pub mod case;
pub mod limit;
pub mod lines;
pub mod made;
pub mod measure;
mod mersenne;
pub mod options;

/// What ends a run.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The instant at which every case is judged, in seconds: 2026-01-01T00:00:00Z.
pub const NOW: i64 = 1_767_225_600;
/// An hour in seconds.
pub const HOUR: i64 = 3_600;
/// A day in seconds.
pub const DAY: i64 = 24 * HOUR;
