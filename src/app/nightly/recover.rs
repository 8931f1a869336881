//! Findings of the last run where no ledger holds them: after the index was made again, or a run was cut off before it left one.

use std::collections::HashMap;

use super::{desk::remember, numbers::Numbers};
use crate::{
    finding::State,
    ledger::{Known, Mover, Rest},
    store::{FindingKey, FindingRecord, Store, StoreError},
};

/// What the journal tells of the findings there were.
#[derive(Debug, Default)]
pub(super) struct Recovered {
    /// By case.
    pub(super) cases: HashMap<String, Rest>,
    /// Those of periods: the group, and how it stood.
    pub(super) groups: Vec<(String, Rest)>,
}

impl Recovered {
    /// Reads them.
    pub(super) fn read(store: &Store, numbers: &Numbers) -> Result<Self, StoreError> {
        let mut recovered = Self::default();
        for finding in store.findings()? {
            if let Some(known) = known(&finding, numbers) {
                recovered.rest(&finding.key()).known.push(known);
            }
        }
        for key in store.runs()?.into_iter().flat_map(|run| run.cleared) {
            if let Some(number) = numbers.named(&key.clause) {
                remember(&mut recovered.rest(&key).past, number, &key.instance);
            }
        }
        Ok(recovered)
    }

    fn rest(&mut self, key: &FindingKey) -> &mut Rest {
        if let Some(case) = &key.case {
            return self.cases.entry(case.clone()).or_default();
        }
        let group = key.group.clone().unwrap_or_default();
        let at = self.groups.iter().position(|(known, _)| *known == group).unwrap_or_else(|| {
            self.groups.push((group, Rest::default()));
            self.groups.len() - 1
        });
        match self.groups.get_mut(at) {
            Some((_, rest)) => rest,
            // It was found, or put there, a moment ago.
            None => self.cases.entry(String::new()).or_default(),
        }
    }

    /// How a period stood: of what its group had, what is of this clause and of one of these instances.
    pub(super) fn period(&mut self, clause: u16, group: &str, instances: &[&str], numbers: &Numbers) -> Rest {
        let mut taken = Rest::default();
        for (_, rest) in self.groups.iter_mut().filter(|(known, _)| known == group) {
            let is_ours = |other: u16, instance: &str| numbers.same(other) == numbers.same(clause) && instances.contains(&instance);
            taken.known.extend(rest.known.extract_if(.., |known| is_ours(known.clause, &known.instance)));
            taken.past.extend(rest.past.extract_if(.., |past| is_ours(past.clause, &past.instance)));
        }
        taken
    }

    /// Findings of periods that are no longer there.
    pub(super) fn gone(self, numbers: &Numbers) -> Vec<FindingKey> {
        let mut keys = Vec::new();
        for (group, rest) in self.groups {
            keys.extend(rest.known.into_iter().map(|known| FindingKey {
                case: None,
                group: Some(group.clone()),
                clause: numbers.rows.get(usize::from(known.clause)).map_or_else(String::new, |row| row.id.clone()),
                instance: known.instance,
            }));
        }
        keys
    }
}

fn known(finding: &FindingRecord, numbers: &Numbers) -> Option<Known> {
    let state = State::ALL.iter().copied().find(|state| state.word() == finding.state)?;
    Some(Known {
        clause: numbers.named(&finding.clause)?,
        instance: finding.instance.clone(),
        standing: state.into(),
        open: finding.open,
        due: finding.due,
        alarm: None,
        mover: Mover::Nobody,
        first_seen: Some(finding.first_seen),
        reopened: finding.reopened,
    })
}
