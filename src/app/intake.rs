//! Taking cases into the store, and what came of it.

use serde_json::{Value, json};

use super::clock;
use crate::{
    case::Case,
    lang::Text,
    store::{Imported, Refusal, Store, StoreError},
};

/// What an import amounts to.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// Lines or rows that were read.
    pub lines: u64,
    /// Lines or rows that were rejected.
    pub rejected: u64,
    /// Cases that were handed to the store.
    pub cases: u64,
    /// What the store did with them; those that it refused are in [`Self::refused`].
    pub stored: Imported,
    /// Cases that the store refused.
    pub refused: Vec<Refusal>,
}

impl Totals {
    /// Takes a batch of cases into the store. `source` is the name of the file.
    ///
    /// # Errors
    /// As [`Store::import`].
    pub fn take(&mut self, source: &str, batch: Vec<Case>, store: &mut Store) -> Result<(), StoreError> {
        self.cases = self.cases.saturating_add(u64::try_from(batch.len()).unwrap_or(u64::MAX));
        let report = store.import(source, batch, clock::now())?;
        self.stored.cases_new += report.cases_new;
        self.stored.cases_changed += report.cases_changed;
        self.stored.cases_same += report.cases_same;
        self.stored.events_new += report.events_new;
        self.stored.events_same += report.events_same;
        self.stored.events_differing += report.events_differing;
        self.refused.extend(report.refused);
        Ok(())
    }

    /// The figures for programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let Imported { cases_new, cases_changed, cases_same, events_new, events_same, events_differing, .. } = &self.stored;
        json!({
            "lines": self.lines, "cases_new": cases_new, "cases_changed": cases_changed, "cases_same": cases_same,
            "events_new": events_new, "events_same": events_same, "events_differing": events_differing,
            "rows_rejected": self.rejected, "cases_refused": self.refused.len(),
        })
    }

    /// The figures in a sentence.
    #[must_use]
    pub fn text(&self) -> Text {
        let Imported { cases_new, cases_changed, cases_same, events_new, events_same, .. } = &self.stored;
        let (lines, rejected, refused) = (self.lines, self.rejected, self.refused.len());
        Text::new(
            format!(
                "{lines} lines: {cases_new} cases new, {cases_changed} changed, {cases_same} as known; {events_new} events new, \
                 {events_same} known; {rejected} rows rejected, {refused} cases refused"
            ),
            format!(
                "{lines} 行：新个案 {cases_new}，有变化 {cases_changed}，无变化 {cases_same}；新事件 {events_new}，已知 {events_same}；\
                 被拒 {rejected} 行，未接受个案 {refused}"
            ),
        )
    }
}
