//! Tests from outside: the binary as a user runs it, the store, the laws, the rules of the house.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::pedantic,
    clippy::disallowed_methods,
    missing_docs,
    unreachable_pub,
    reason = "a test that cannot go on should say so by panicking"
)]
mod api;
mod api_client;
mod api_door;
mod api_events;
mod api_pages;
mod board_clause;
mod board_client;
mod browser;
mod bundled;
mod cli_check;
mod cli_conflicts;
mod cli_data;
mod cli_errors;
mod cli_export;
mod cli_help;
mod cli_intake;
mod cli_keep;
mod cli_ledger;
mod cli_misc;
mod cli_nightly;
mod cli_options;
mod cli_store;
mod cli_values;
mod cli_watch;
mod crash;
mod damage;
mod errors;
mod fake;
mod ical;
mod impact_laws;
mod journal;
mod json_schema;
mod laws;
mod lowered;
mod meta;
mod night_excess;
mod night_kill;
mod night_laws;
mod night_report;
mod night_units;
mod notices;
mod notices_laws;
mod openapi;
mod openmetrics;
mod oracle;
mod outbox;
mod policies;
mod properties;
mod receipt;
mod salvage;
mod sample;
mod sandbox;
mod store;
mod support;
mod valid_until;
mod vocabulary;
mod worktime;
