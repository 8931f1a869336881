//! Findings as text for people and programs, and tables of anything.

mod csv;
mod explanation;
mod findings;
mod format;
mod harmless;
mod json;
mod junit;
mod page;
mod sarif;
pub mod schema;
pub mod sheet;
mod table;
mod write;

pub use csv::write_csv;
pub use explanation::explanation_to_json;
pub use findings::sheet as findings_sheet;
pub use format::{Export, Format};
pub use harmless::{harmless, is_formula};
pub use json::to_json;
pub use junit::write_junit;
pub use page::page;
pub use sarif::sarif;
pub use sheet::{Cell, Column, Sheet};
pub use table::table;
pub use write::{About, WriteError, write};
