//! A made-up month of an after-sales company, for trying `duly` out and for measuring it.
//!
//! The cases are of the kinds that the bundled policies declare. Each kind has a builder that tells how such
//! a case goes when all is in order, and a list of mishaps of which chance may pick one. Nothing here knows a verdict:
//! what a mishap amounts to is for the policies to say.
//!
//! A case follows from the seed and its index alone, so a shorter sample is the beginning of a longer one,
//! and memory stays flat however many are made.

mod call;
mod complaint;
mod console;
mod contract;
mod dispatch;
mod fault;
mod month;
mod office;
mod people;
mod production;
mod purchase;
mod quality;
mod rng;
mod rota;
mod script;
mod staff;
mod stock;
mod system;
#[cfg(test)]
mod tests;

use crate::case::Case;

pub use people::people;

/// The case at an index of the sample with this seed: for making parts of a sample side by side.
#[must_use]
pub fn case_at(index: u64, seed: u64) -> Case {
    rota::case_at(seed, index)
}

/// The first so many cases of the sample with this seed, one at a time.
///
/// They happen in March 2026 in Shanghai; nothing is recorded after 18:00 on the 31st.
pub fn generate(cases: u64, seed: u64) -> impl Iterator<Item = Case> {
    (0..cases).map(move |index| case_at(index, seed))
}
