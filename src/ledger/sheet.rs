//! What a run leaves for the next, in one value.

use serde::{Deserialize, Serialize};

use crate::{engine::Counts, time::Instant};

/// A clause as the run had it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClauseRow {
    /// `policy/article`.
    pub id: String,
    /// The kind of cases it was for.
    pub kind: String,
    /// Its owner's role.
    pub owner: String,
    /// From when its version holds.
    pub from: Instant,
    /// What it depends on, in short: another digest, another clause. Zeros when it is no longer there.
    pub digest: [u8; 16],
    /// How many of its obligations were in each state.
    pub counts: Counts,
    /// How many of its violations were open.
    pub open: u64,
}

/// Where a page is, and when it is to be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRow {
    /// Its first id; the first page of all begins before all ids.
    pub bound: String,
    /// When one of the cases from its first id to that of the next page is to be looked at again, whichever layer has it.
    pub wake: Option<Instant>,
    /// How many entries it has.
    pub entries: u32,
}

/// The entries that one later run wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// Its number; a later layer has a greater one.
    pub number: u64,
    /// How many pages it has.
    pub pages: u32,
    /// How many entries it has.
    pub entries: u64,
}

/// What a run leaves for the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// The run that wrote it: it is of use only as long as that is the last run.
    pub run: u64,
    /// For which instant it judged.
    pub as_of: Instant,
    /// What all clauses depend on: the kinds of cases, who holds which role.
    pub common: [u8; 16],
    /// The clauses, by number.
    pub clauses: Vec<ClauseRow>,
    /// How many findings there were.
    pub findings: u64,
    /// Kinds that no policy knows, and how many cases have them.
    pub unknown: Vec<(String, u64)>,
    /// Which of the two generations of pages counts; the other is what was before.
    pub generation: u64,
    /// Its pages.
    pub pages: Vec<PageRow>,
    /// What later runs wrote, the oldest first.
    pub layers: Vec<Layer>,
    /// The greatest number that a layer ever had.
    pub last_layer: u64,
}

impl Sheet {
    /// How many obligations were in each state.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        self.clauses.iter().for_each(|clause| counts.merge(&clause.counts));
        counts
    }

    /// How many entries layers have, those that newer ones hide included.
    #[must_use]
    pub fn layered(&self) -> u64 {
        self.layers.iter().map(|layer| layer.entries).sum()
    }

    /// How many entries pages have.
    #[must_use]
    pub fn paged(&self) -> u64 {
        self.pages.iter().map(|page| u64::from(page.entries)).sum()
    }

    /// The page that has an id, or would have it.
    #[must_use]
    pub fn page_of(&self, id: &str) -> usize {
        self.pages.partition_point(|row| row.bound.as_str() <= id).saturating_sub(1)
    }

    /// The generation that new pages are of: written over the one that no longer counts.
    #[must_use]
    pub const fn other(&self) -> u64 {
        1 - self.generation % 2
    }
}
