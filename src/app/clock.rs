//! The only reader of the time.

use crate::time::Instant;

/// The present instant.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one reader of the time")]
pub fn now() -> Instant {
    Instant::from_millis(chrono::Utc::now().timestamp_millis())
}
