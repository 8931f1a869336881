//! Use-cases, without printing.

pub mod accounts;
pub mod board;
pub mod casefile;
pub mod changes;
pub mod clausefile;
pub mod clock;
pub mod compare;
pub mod conflicts;
pub mod coverage;
pub mod delivery;
pub mod figures;
pub mod forecast;
pub mod impact;
pub mod judging;
pub mod lexicon;
pub mod nightly;
pub mod openmetrics;
pub mod starter;
pub mod trend;
pub mod units;
pub mod vocabulary;
pub mod whole;
pub mod workspace;
