//! What changed since the last run: in findings, in figures, in clauses over many cases.

use std::collections::{BTreeMap, HashMap};

use super::desk::{ByClause, Office, remember};
use crate::{
    engine::Counts,
    finding::State,
    ledger::{ClauseRow, Group, Known, Rest},
    population::Member,
    store::{Difference, FindingKey, FindingRecord},
};

/// Members that came to a period, and that left it.
pub(super) type Moved = (Vec<Member>, Vec<Member>);

/// Changes in the making; those of several threads merge.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// How many cases were judged.
    pub(super) judged: u64,
    /// Nothing of the last run's figures is taken over.
    fresh: bool,
    /// Kinds that no policy knows, and how many more cases have them.
    pub(super) unknown: BTreeMap<String, i64>,
    /// What the journal gets.
    pub(super) difference: Difference,
    /// Findings that were not there before.
    pub(super) opened: Vec<FindingKey>,
    /// Findings that had been cleared and are back.
    pub(super) reopened: Vec<FindingKey>,
    findings: (u64, u64),
    plus: ByClause,
    minus: ByClause,
    open_plus: Vec<u64>,
    open_minus: Vec<u64>,
    /// Members that came to periods, and that left them.
    pub(super) members: HashMap<Group, Moved>,
}

impl Changes {
    pub(super) fn new(clauses: usize, fresh: bool) -> Self {
        let none = || vec![Counts::default(); clauses];
        Self { fresh, plus: none(), minus: none(), open_plus: vec![0; clauses], open_minus: vec![0; clauses], ..Self::default() }
    }

    /// Compares how a case, or a period, stood with how it stands; takes over when findings were seen first.
    pub(super) fn compare(&mut self, case: &str, group: Option<&Group>, old: Option<Rest>, new: &mut Rest, office: &Office<'_>) {
        let mut old = old.unwrap_or_default();
        new.past = std::mem::take(&mut old.past);
        if self.fresh {
            // Figures and periods begin anew; only what was found, and when first, is taken over.
            old.members.clear();
        } else {
            self.count(&old, false);
        }
        self.count(new, true);
        self.difference(case, group, &old, new, office);
        // The periods of a clause that changed begin anew.
        old.members.retain(|(clause, _)| !office.numbers.is_stale(*clause));
        if !old.members.is_empty() || !new.members.is_empty() {
            self.exchange(&mut old.members, &new.members);
        }
    }

    /// Whether nothing of the last run's figures is taken over: everything is judged.
    pub(super) const fn is_fresh(&self) -> bool {
        self.fresh
    }

    fn count(&mut self, rest: &Rest, comes: bool) {
        let (counts, open) = if comes { (&mut self.plus, &mut self.open_plus) } else { (&mut self.minus, &mut self.open_minus) };
        rest.count(|clause, state, number| {
            if let Some(counts) = counts.get_mut(usize::from(clause)) {
                counts.add(state, number);
            }
        });
        let findings = rest.known.iter().filter(|known| known.is_finding()).count() as u64;
        if comes {
            self.findings.0 += findings;
        } else {
            self.findings.1 += findings;
        }
        if let Some(kind) = &rest.unknown {
            *self.unknown.entry(kind.clone()).or_default() += if comes { 1 } else { -1 };
        }
        for known in rest.known.iter().filter(|known| known.open) {
            if let Some(open) = open.get_mut(usize::from(known.clause)) {
                *open += 1;
            }
        }
    }

    fn difference(&mut self, case: &str, group: Option<&Group>, old: &Rest, new: &mut Rest, office: &Office<'_>) {
        let numbers = office.numbers;
        let same = |a: &Known, b: &Known| numbers.same(a.clause) == numbers.same(b.clause) && a.instance == b.instance;
        let key = |known: &Known| FindingKey {
            case: group.is_none().then(|| case.to_owned()),
            group: group.map(|group| group.group.clone()),
            clause: numbers.rows.get(usize::from(known.clause)).map_or_else(String::new, |row| row.id.clone()),
            instance: known.instance.clone(),
        };
        let (known, past) = (&mut new.known, &mut new.past);
        for known in known.iter_mut().filter(|known| known.is_finding()) {
            let before = old.known.iter().find(|before| before.is_finding() && same(before, known));
            if let Some(before) = before {
                (known.first_seen, known.reopened) = (before.first_seen, before.reopened);
                if (before.standing, before.due, before.open) == (known.standing, known.due, known.open) {
                    continue;
                }
            } else {
                known.first_seen = Some(office.as_of);
                let times = past
                    .iter()
                    .find(|past| numbers.same(past.clause) == numbers.same(known.clause) && past.instance == known.instance)
                    .map_or(0, |past| past.times);
                known.reopened = times;
                if times > 0 { self.reopened.push(key(known)) } else { self.opened.push(key(known)) }
            }
            self.difference.changed.push(record(key(known), known));
        }
        for before in old.known.iter().filter(|before| before.is_finding()) {
            if !known.iter().any(|known| known.is_finding() && same(before, known)) {
                remember(past, before.clause, &before.instance);
                self.difference.gone.push(key(before));
            }
        }
    }

    fn exchange(&mut self, old: &mut Vec<(u16, Member)>, new: &[(u16, Member)]) {
        for (clause, member) in new {
            match old.iter().position(|known| known.0 == *clause && known.1 == *member) {
                Some(at) => {
                    old.swap_remove(at);
                }
                None => self.members.entry(Group::of(*clause, member)).or_default().0.push(member.clone()),
            }
        }
        for (clause, member) in old.drain(..) {
            self.members.entry(Group::of(clause, &member)).or_default().1.push(member);
        }
    }

    /// Takes in those of another desk.
    pub(super) fn merge(&mut self, other: Self) {
        self.judged += other.judged;
        self.findings = (self.findings.0 + other.findings.0, self.findings.1 + other.findings.1);
        for (kind, count) in other.unknown {
            *self.unknown.entry(kind).or_default() += count;
        }
        self.difference.changed.extend(other.difference.changed);
        self.difference.gone.extend(other.difference.gone);
        self.opened.extend(other.opened);
        self.reopened.extend(other.reopened);
        self.plus.iter_mut().zip(&other.plus).for_each(|(own, other)| own.merge(other));
        self.minus.iter_mut().zip(&other.minus).for_each(|(own, other)| own.merge(other));
        self.open_plus.iter_mut().zip(&other.open_plus).for_each(|(own, other)| *own += other);
        self.open_minus.iter_mut().zip(&other.open_minus).for_each(|(own, other)| *own += other);
        for (group, (came, left)) in other.members {
            let own = self.members.entry(group).or_default();
            own.0.extend(came);
            own.1.extend(left);
        }
    }

    /// How many findings there are, where there were so many.
    pub(super) const fn findings(&self, before: u64) -> u64 {
        (before + self.findings.0).saturating_sub(self.findings.1)
    }

    /// Brings the figures of the last run up to date.
    pub(super) fn figures(&self, rows: &mut [ClauseRow]) {
        for (((row, plus), minus), (came, left)) in
            rows.iter_mut().zip(&self.plus).zip(&self.minus).zip(self.open_plus.iter().zip(&self.open_minus))
        {
            row.counts.merge(plus);
            row.counts.part(minus);
            row.open = row.open.saturating_add(*came).saturating_sub(*left);
        }
    }
}

/// A finding as the journal tells it.
fn record(key: FindingKey, known: &Known) -> FindingRecord {
    let state: State = known.standing.state();
    FindingRecord {
        case: key.case,
        group: key.group,
        clause: key.clause,
        instance: key.instance,
        state: state.word().to_owned(),
        due: known.due,
        first_seen: known.first_seen.unwrap_or_default(),
        reopened: known.reopened,
        violation: state.is_violation(),
        open: known.open,
    }
}
