//! Tests of the store from outside.
mod crash;
mod damage;
mod journal;
mod properties;
mod salvage;
mod store;
mod support;
