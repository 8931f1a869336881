//! What there is to tell each of those who are told: leads by section, the most pressing of them kept, all of them counted.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
};

use super::{target::Target, words::item_key};
use crate::{
    app::{
        changes::{Change, Changes},
        forecast::{Outlook, When},
        nightly::{Lead, each_lead},
    },
    finding::State,
    policy::{PolicySet, notices::What},
    store::{FindingKey, Store, StoreError},
    time::Instant,
};

/// Items of a section that are told one by one.
pub(super) const MOST: usize = 50;

/// What may have been escalated and is looked into at a run; the less pressing rest waits for the next one.
const CANDIDATES: usize = 5_000;

/// The sections of a notice, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Overdue,
    Today,
    Week,
    New,
    Escalated,
    Assigned,
}

/// One that is told.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) lead: Lead,
    /// It was not there when the series told last.
    pub(super) new: bool,
}

/// A section in the making.
#[derive(Clone, Debug, Default)]
pub(super) struct Heap {
    pub(super) total: u64,
    pub(super) rows: Vec<Row>,
}

impl Heap {
    fn add(&mut self, row: Row, most: usize) {
        self.total += 1;
        self.rows.push(row);
        // Now and then, so that no more are held than a few times what is told.
        if self.rows.len() > 8 * most {
            self.close(most);
        }
    }

    fn close(&mut self, most: usize) {
        self.rows.sort_by(|a, b| {
            let key = |row: &Row| (row.lead.state, Reverse(row.lead.severity), row.lead.due);
            key(a).cmp(&key(b)).then_with(|| a.lead.key.cmp(&b.lead.key))
        });
        self.rows.truncate(most);
    }
}

/// What there is to tell one of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Basket {
    pub(super) overdue: Heap,
    pub(super) today: Heap,
    pub(super) week: Heap,
    pub(super) fresh: Heap,
    /// What may have been escalated; only judging tells.
    pub(super) candidates: Heap,
    /// How many findings are new.
    pub(super) new: u64,
    /// How many cannot be told.
    pub(super) undetermined: u64,
}

impl Basket {
    /// What must be put into words.
    pub(super) fn keys(&self) -> impl Iterator<Item = &FindingKey> {
        let heaps = [&self.overdue, &self.today, &self.week, &self.fresh, &self.candidates];
        heaps.into_iter().flat_map(|heap| &heap.rows).map(|row| &row.lead.key)
    }
}

/// What there is to tell all of them.
pub(super) struct Gathering<'g> {
    pub(super) store: &'g Store,
    pub(super) set: &'g PolicySet,
    pub(super) outlook: Outlook<'g>,
    pub(super) targets: &'g [Target],
    /// For each, what changed since it was told last.
    pub(super) changes: Vec<&'g Changes>,
}

impl Gathering<'_> {
    /// Goes once over all that is not met.
    pub(super) fn run(&self, as_of: Instant) -> Result<Vec<Basket>, StoreError> {
        let mut baskets = vec![Basket::default(); self.targets.len()];
        let escalations = self.escalations();
        // Which targets a role's moves are told to is asked for each obligation, and is the same each time.
        let mut routes: HashMap<(String, Option<String>), Vec<usize>> = HashMap::new();
        each_lead(self.store, self.set, as_of, |lead| {
            let mover = lead.role.clone().unwrap_or_else(|| lead.owner.clone());
            let receiver =
                escalations.get(lead.key.clause.as_str()).filter(|_| lead.state == State::Overdue).map(|role| (*role).to_owned());
            let route = routes.entry((mover, receiver)).or_insert_with_key(|(mover, receiver)| {
                let covers = |target: &Target| match target.what {
                    What::Escalation => receiver.is_some() && target.covers(mover, receiver.as_deref()),
                    What::Digest | What::New => target.covers(mover, None),
                    What::Assigned => false,
                };
                (0..).zip(self.targets).filter(|(_, target)| covers(target)).map(|(at, _)| at).collect()
            });
            for at in route.iter() {
                if let (Some(target), Some(basket), Some(changes)) = (self.targets.get(*at), baskets.get_mut(*at), self.changes.get(*at)) {
                    self.put(target, basket, changes, &lead)?;
                }
            }
            Ok(())
        })?;
        for basket in &mut baskets {
            [&mut basket.overdue, &mut basket.today, &mut basket.week, &mut basket.fresh].into_iter().for_each(|heap| heap.close(MOST));
            basket.candidates.close(CANDIDATES);
        }
        Ok(baskets)
    }

    fn put(&self, target: &Target, basket: &mut Basket, changes: &Changes, lead: &Lead) -> Result<(), StoreError> {
        let change = changes.of(&lead.key);
        let new = lead.is_finding() && change != Change::Persisting;
        let row = || Row { lead: lead.clone(), new };
        match target.what {
            What::Escalation => {
                if !self.store.was_told(&target.series, &item_key(&lead.key, lead.due, lead.reopened))? {
                    basket.candidates.add(row(), CANDIDATES);
                }
            }
            What::New if new => {
                // A change may have told of it before the run did. What came back is told again.
                let told = change == Change::New && self.store.was_told(&target.series, &item_key(&lead.key, lead.due, 0))?;
                if !told {
                    basket.fresh.add(row(), MOST);
                }
            }
            What::Digest => {
                basket.new += u64::from(new);
                match (lead.state, lead.due) {
                    (State::Undetermined, _) => basket.undetermined += 1,
                    (state, _) if lead.open && state.is_violation() => basket.overdue.add(row(), MOST),
                    (State::Pending | State::DueSoon, Some(due)) => match self.outlook.when(lead.state, due) {
                        When::Today => basket.today.add(row(), MOST),
                        When::Week => basket.week.add(row(), MOST),
                        When::Overdue | When::Later => {}
                    },
                    _ => {}
                }
            }
            What::New | What::Assigned => {}
        }
        Ok(())
    }

    /// To which role the clauses that escalate do so.
    fn escalations(&self) -> HashMap<&str, &str> {
        let clauses = self.set.clauses.iter();
        clauses.filter_map(|clause| Some((clause.properties.id.as_str(), clause.properties.escalate.as_ref()?.to.as_str()))).collect()
    }
}

/// All keys that must be put into words.
pub(super) fn wanted(baskets: &[Basket]) -> BTreeSet<FindingKey> {
    baskets.iter().flat_map(Basket::keys).cloned().collect()
}
