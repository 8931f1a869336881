//! Tests of the store from outside.
mod cli_check;
mod cli_data;
mod cli_errors;
mod cli_misc;
mod cli_store;
mod crash;
mod damage;
mod errors;
mod journal;
mod properties;
mod salvage;
mod sandbox;
mod store;
mod support;
