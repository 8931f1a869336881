//! Time: instants, zones, spans, calendars, and how spans are counted on them.
//!
//! Nothing here reads a clock, the environment or a file: the same input gives the same answer. An
//! [`Instant`] is whole milliseconds on the UTC line; a [`Span`] is what a rule allows; a [`Calendar`]
//! says when work is done; a [`Clock`] adds a span to an instant on a calendar and can say how, as a
//! [`Ledger`].

mod batch;
mod calendar;
mod clock;
mod dates;
mod error;
mod explain;
mod hours;
mod instant;
mod ledger;
mod open;
mod pause;
mod plain;
mod read;
mod span;
mod span_text;
#[cfg(test)]
mod tests;
mod why;
mod year;
mod zone;

pub use batch::answer;
pub use calendar::{Calendar, CalendarSpec, DateHours};
pub use clock::{Clock, Counting, DayEnd, Due};
pub use error::TimeError;
pub use hours::{Hours, parse_hours};
pub use instant::Instant;
pub use ledger::{Ledger, Line};
pub use pause::Pause;
pub use read::{parse_date, parse_dates};
pub use span::Span;
pub use why::Why;
pub use zone::Zone;
