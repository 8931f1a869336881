//! What a nightly run leaves for the next one: how each case stood, and until when that holds.
//!
//! ```text
//! sheet     one value: the clauses and their figures, where pages begin, and when each has to be looked at again
//! page      some hundred cases in the order of their ids: an entry each
//! layer     pages of the cases that later runs judged again; the newest entry of a case counts
//! group     one period of a clause over many cases: its members, and how it stands
//! ```
//!
//! It is a form made for reading of what the journal says in full, and can be left out: then the next run judges everything.

mod entry;
mod group;
mod page;
mod says;
mod sheet;

pub use entry::{Entry, Known, Mover, Past, Rest, Standing};
pub use group::{Concluded, Group, Head};
pub use page::{EntryRef, Made, Page, PageBuilder, Unreadable};
pub use sheet::{ClauseRow, Layer, PageRow, Sheet};
