//! Policy tests: timelines of facts and events beside a policy, with the states, due instants and next actions expected at stated instants.

mod compare;
mod reach;
mod read;
mod run;

pub use reach::{Reach, reach};
pub use read::{Expectation, Trial, read_trials};
pub use run::{Failure, Report, run};
