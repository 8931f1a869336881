//! The only reader of the time.

use crate::time::Instant;

/// The present instant.
#[must_use]
pub fn now() -> Instant {
    Instant::from_millis(chrono::Utc::now().timestamp_millis())
}
