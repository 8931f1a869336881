//! Making cases of rows again.

use super::Block;
use crate::case::{Case, CaseRecord, Event, EventRecord, FactSet, Values};
use crate::time::Instant;

impl Block {
    /// A case as it is known now.
    #[must_use]
    pub fn case(&self, row: usize) -> Case {
        Case {
            id: self.id(row).to_owned(),
            kind: self.text(self.kind(row)).to_owned(),
            part_of: self.part_of(row).map(|id| self.text(id).to_owned()),
            facts: self.facts(row),
            events: self.events(row).map(|event| self.event(event)).collect(),
        }
    }

    /// A case with all that was known of it, and when.
    #[must_use]
    pub fn record(&self, row: usize) -> CaseRecord {
        self.whole_record(row).unwrap_or_else(|| self.plain_record(row))
    }

    fn whole_record(&self, row: usize) -> Option<CaseRecord> {
        let number = usize::try_from(self.whole.get(&self.bytes, row)).ok()?.checked_sub(1)?;
        postcard::from_bytes(self.bytes.get(self.wholes.place(number))?).ok()
    }

    fn plain_record(&self, row: usize) -> CaseRecord {
        let recorded = self.recorded.get(&self.bytes, row);
        let event = |event: usize| EventRecord {
            recorded: Instant::from_millis(recorded.saturating_add(self.later.get(&self.bytes, event))),
            retracted: None,
            event: self.event(event),
        };
        CaseRecord {
            id: self.id(row).to_owned(),
            kind: self.text(self.kind(row)).to_owned(),
            part_of: self.part_of(row).map(|id| self.text(id).to_owned()),
            facts: vec![FactSet { recorded: Instant::from_millis(recorded), values: self.facts(row) }],
            events: self.events(row).map(event).collect(),
        }
    }

    fn facts(&self, row: usize) -> Values {
        let cells = self.fact_names().iter().enumerate().map(|(column, name)| (*name, self.fact(column, row)));
        cells.filter_map(|(name, cell)| Some((self.text(name).to_owned(), self.value(cell)?))).collect()
    }

    /// An event, as it was recorded.
    #[must_use]
    pub fn event(&self, event: usize) -> Event {
        let text = |id| self.text(id).to_owned();
        let at = self.event_times().get(event).copied().unwrap_or(Instant::MIN);
        let data = self.data(event).filter_map(|(name, cell)| Some((text(name), self.value(cell)?))).collect();
        Event {
            id: self.event_id(event).to_string(),
            kind: self.event_types().get(event).copied().map(text).unwrap_or_default(),
            at,
            by: self.by(event).map(text),
            role: self.role(event).map(text),
            data,
        }
    }
}
