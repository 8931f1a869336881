//! A made-up year of an after-sales company, for trying `duly` out and for measuring it.
//!
//! The cases are of the kinds that the bundled policies speak of. How such a case goes when all is in order, and which mishaps
//! may befall it, is told in one of two ways: as data, by the *lives* (`lives/*.yaml`); or, for the kinds with much to reckon,
//! by a builder in code. In a stated share of the cases chance picks one mishap. Nothing here knows a verdict:
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
mod lives;
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

use std::collections::BTreeMap;

use crate::case::Case;

pub use people::people;

/// A sample: everything in it follows from these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The seed.
    pub seed: u64,
    /// How many days it covers, up to 2026-03-31.
    pub days: u32,
    /// In how many of a hundred cases something goes wrong. The first forty cases are set: they show a mishap of every
    /// form, unless this is 0.
    pub mishaps: u32,
}

impl Sample {
    /// The days of a sample where nothing else is said: a year, from 2025-04-01.
    pub const DAYS: u32 = 365;
    /// In how many of a hundred cases something goes wrong where nothing else is said.
    pub const MISHAPS: u32 = 8;

    /// The sample of a year with this seed and the usual share of mishaps.
    #[must_use]
    pub const fn of(seed: u64) -> Self {
        Self { seed, days: Self::DAYS, mishaps: Self::MISHAPS }
    }

    /// The case at an index: for making parts of a sample side by side.
    #[must_use]
    pub fn case_at(self, index: u64) -> Case {
        rota::case_at(self, index)
    }

    /// Whether a mishap is set for the case at an index. One that is still under way at the end may not have come to it yet.
    #[must_use]
    pub fn goes_wrong(self, index: u64) -> bool {
        rota::goes_wrong(self, index)
    }

    /// The first so many cases, one at a time. They happen in Shanghai; nothing is recorded after 18:00 on 2026-03-31.
    pub fn cases(self, cases: u64) -> impl Iterator<Item = Case> {
        (0..cases).map(move |index| self.case_at(index))
    }
}

/// What the sample company records, by kind: these facts and these event types, or everything.
#[must_use]
pub fn recorded() -> BTreeMap<String, Option<(Vec<String>, Vec<String>)>> {
    let mut kinds: BTreeMap<_, _> = rota::kinds().into_iter().map(|kind| (kind, None)).collect();
    let narrow = lives::book().recorded.iter().map(|of| (of.kind.clone(), Some((of.facts.clone(), of.events.clone()))));
    kinds.extend(narrow);
    kinds
}

/// The case at an index of the usual sample with this seed.
#[must_use]
pub fn case_at(index: u64, seed: u64) -> Case {
    Sample::of(seed).case_at(index)
}

/// The first so many cases of the usual sample with this seed, one at a time.
pub fn generate(cases: u64, seed: u64) -> impl Iterator<Item = Case> {
    Sample::of(seed).cases(cases)
}
