//! Notices: what a run or a change has to tell people, composed once, kept in the store's outbox, and sent until it has arrived.
//!
//! ```text
//! compose          after a run: digests, new findings, escalations -> outbox
//! compose_change   after a change: what was assigned, what is overdue now -> outbox
//! take_due         what is due, each attempt recorded before anything is sent
//! send             one by one, without the store
//! mark             what became of it -> outbox; what failed waits longer each time
//! ```
//!
//! The id of a notice is made from what it tells and to whom, so that composing again adds nothing. An attempt is on disk before it is made: after a
//! crash it is known that it may have arrived. A mail then has the same `Message-ID`, a webhook the same `Idempotency-Key`; a robot knows no such
//! thing, and its channel says (`unsure`) whether the notice is sent once more, saying so, or is left to a person.

mod change;
mod compose;
mod gather;
mod hook;
mod json;
mod mail;
mod page;
mod post;
mod quiet;
mod robot;
mod target;
#[cfg(test)]
mod tests;
mod transport;
mod trial;
mod words;

pub use change::{Change, compose_change};
pub use compose::{Composed, compose};
pub use post::{ATTEMPTS, Budget, Refused, Report, Taken, back_off, deliver, mark, retry, send, take_due};
pub use quiet::free_from;
pub use target::Unreached;
pub use transport::{Outcome, Transport, Wire};
pub use trial::trial;

pub(in crate::app) use page::one_line;
pub(in crate::app) use words::case_link;
