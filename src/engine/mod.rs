//! Judging: a pure function of policies, calendars, as-of and a case. No clock, no files, no order dependence.

mod counts;
mod found;
mod judge;
mod many;
mod message;
mod state;
mod sweep;
mod turn;

pub use counts::Counts;
pub use found::Found;
pub use judge::{Judged, Session, Sink, Story, Verdict, Waived, Wanted, judge_case};
pub use many::{Period, Tallies, conclude, conclude_one};
pub use message::duration;
pub use state::Stand;
