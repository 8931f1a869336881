//! The only reader of the time.

use std::time::{Duration, Instant as Moment};

use crate::time::Instant;

/// The present instant.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one reader of the time")]
pub fn now() -> Instant {
    Instant::from_millis(chrono::Utc::now().timestamp_millis())
}

/// How long something takes: a watch goes on where the clock is put right.
#[derive(Clone, Copy, Debug)]
pub struct Watch(Moment);

impl Watch {
    /// Starts a watch.
    #[must_use]
    pub fn start() -> Self {
        Self(Moment::now())
    }

    /// The time since then.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    /// The time since then, in whole milliseconds.
    #[must_use]
    pub fn millis(&self) -> u64 {
        u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
