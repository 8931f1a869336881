//! Use-cases, without printing.

pub mod accounts;
pub mod board;
pub mod casefile;
pub mod changes;
pub mod clock;
pub mod compare;
pub mod conflicts;
pub mod coverage;
pub mod delivery;
pub mod explain;
pub mod figures;
pub mod forecast;
pub mod inbox;
pub mod intake;
pub mod judging;
pub mod lexicon;
pub mod nightly;
pub mod openmetrics;
pub mod pattern;
pub mod starter;
pub mod stop;
pub mod trend;
pub mod units;
pub mod vocabulary;
pub mod whole;
pub mod workspace;
