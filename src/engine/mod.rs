//! Judging: a pure function of policies, calendars, as-of and a case. No clock, no files, no order dependence.

mod judge;
mod many;
mod message;
mod state;

pub use judge::{Input, Judged, Story, Waived, Wanted, judge};
pub use many::{Tallies, conclude};
pub use message::duration;
