//! duly holds recorded cases against a company's own rules, and says what is violated, what falls due, whose move it is, and why.
//!
//! Data flows one way:
//!
//! ```text
//! files -> policy::Sources -> yaml::Node -> policy::compile -> PolicySet
//! lines -> ingest -> Case -> store (journal, index) -> Case as known -> CaseView as of
//! (PolicySet, CaseView) -> form: Duty -> engine: Obligation, members -> report
//! ```
//!
//! Modules in the order of their dependence: [`lang`], [`diagnostic`], [`yaml`], [`time`], [`case`], [`value`], [`view`], [`script`], [`policy`],
//! [`form`], [`population`], [`finding`], [`engine`]. [`pack`] needs [`case`] alone, and the store keeps cases in it.
#![forbid(unsafe_code)]

pub mod account;
pub mod app;
pub mod atom;
pub mod case;
pub mod cli;
pub mod desk;
pub mod diagnostic;
pub mod engine;
pub mod finding;
pub mod form;
pub mod ingest;
pub mod lang;
pub mod ledger;
pub mod pack;
pub mod policy;
pub mod population;
pub mod report;
pub mod sample;
pub mod script;
pub mod store;
pub mod time;
pub mod trial;
pub mod value;
pub mod view;
pub mod web;
pub mod yaml;
