//! Rhai, kept on a short lead: no I/O, no clock, no `eval`; bounded; names and types checked when a policy is loaded.
//!
//! An expression never sees as-of: it reads the case up to the event at which it is asked, and yields a value.

mod check;
mod code;
mod error;
mod expr;
mod frame;
mod functions;
mod host;
mod lower;
mod names;
mod program;
mod rows;
mod sight;
mod spans;

pub use check::{Context, Signature, signatures};
pub(crate) use code::{Stop, compare_decimals};
pub use error::{Missing, Trouble};
pub use expr::{Expr, expression_of};
pub use frame::{Env, Setup};
pub use host::engine;
pub use names::{Binding, Derived, Names, Parameter, RESERVED, is_name};
pub use program::Program;
pub(crate) use rows::{Hand, Rows, Truth};
pub(crate) use sight::Sight;
