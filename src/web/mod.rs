//! The board in a browser, and the same for programs.
//!
//! ```text
//! connection -> server (axum) -> dispatch: door, CSRF, rank -> Route.run(Visit) -> Reply
//! ```
//!
//! Every route stands in a table with what it needs, and `dispatch` is the only way in: a page cannot forget to ask who is there. Pages are plain
//! functions from a [`visit::Visit`] to an answer; they read the board in memory, and judge in words only what they show.

pub mod api;
mod dispatch;
pub mod door;
pub mod fields;
mod layout;
mod meter;
mod pages;
mod route;
mod server;
mod sight;
pub mod state;
mod table;
pub mod visit;

pub use server::{Listen, Serving, serve};
