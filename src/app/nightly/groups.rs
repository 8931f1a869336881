//! Clauses over many cases: only the periods whose members changed, or whose time came, are concluded.

use std::collections::{BTreeMap, HashMap};

use super::{
    changes::{Changes, Moved},
    desk::Office,
    recover::Recovered,
};
use crate::{
    engine::{Period, Wanted, conclude_one},
    finding::{Obligation, State},
    form::Rule,
    ledger::{Concluded, Group, Head, Known, Mover, Past, Rest},
    population::{Share, Tally},
    store::StoreError,
    time::Instant,
};

/// A period of a clause in all its versions: they are told as one, so that what one version found may be found by the next.
type Family<'g> = (u16, &'g str, Instant);

/// Concludes what has to be; gives what the ledger keeps of it.
pub(super) fn conclude(
    office: &Office<'_>,
    changes: &mut Changes,
    recovered: &mut Recovered,
    full: bool,
) -> Result<Vec<Concluded>, StoreError> {
    let mut heads: BTreeMap<Group, Head> = office.store.heads()?.into_iter().collect();
    let mut moved = std::mem::take(&mut changes.members);
    let mut kept = Vec::new();
    for family in families(office, &heads, &moved, full) {
        let mut turn = Turn::default();
        for group in family {
            let (came, left) = apart(moved.remove(&group).unwrap_or_default());
            let anew = full || office.numbers.is_stale(group.clause);
            let old = heads.remove(&group).unwrap_or_default();
            let mut share = if anew { Share::default() } else { old.share };
            left.iter().for_each(|member| share.take(member));
            came.iter().for_each(|member| share.add(member));
            let end = came.first().map_or(old.end, |member| member.end);
            let tally = if is_share(office, &group) {
                Tally::of_share(share)
            } else {
                let mut tally = Tally::default();
                let known = if anew { Vec::new() } else { office.store.tally(&group)? };
                known
                    .into_iter()
                    .filter(|member| left.binary_search(member).is_err())
                    .chain(came.iter().cloned())
                    .for_each(|member| tally.add(member));
                tally
            };
            let wake = turn.take(office, &group, tally, end, old);
            let head = Head { end, wake, share, ..Head::default() };
            turn.periods.push(Concluded { group, head, anew, came, left });
        }
        kept.extend(turn.close(office, changes, recovered));
    }
    Ok(kept)
}

/// The periods to conclude, those of one clause together.
fn families(office: &Office<'_>, heads: &BTreeMap<Group, Head>, moved: &HashMap<Group, Moved>, full: bool) -> Vec<Vec<Group>> {
    fn family<'g>(office: &Office<'_>, group: &'g Group) -> Family<'g> {
        (office.numbers.same(group.clause), group.group.as_str(), group.start)
    }
    let is_due = |wake: Option<Instant>| wake.is_some_and(|at| at <= office.as_of);
    let due = heads.iter().filter(|(group, head)| full || office.numbers.is_stale(group.clause) || is_due(head.wake));
    let mut families: BTreeMap<Family<'_>, Vec<Group>> =
        moved.keys().chain(due.map(|(group, _)| group)).map(|group| (family(office, group), Vec::new())).collect();
    for group in heads.keys().chain(moved.keys().filter(|group| !heads.contains_key(group))) {
        if let Some(periods) = families.get_mut(&family(office, group)) {
            periods.push(group.clone());
        }
    }
    families.into_values().collect()
}

/// Members that came and members that went, without those that did both; in order.
fn apart((mut came, mut left): Moved) -> Moved {
    came.sort_unstable();
    left.sort_unstable();
    if !left.is_empty() && !came.is_empty() {
        let mut both = Vec::new();
        left.retain(|member| came.binary_search(member).map(|_| both.push(member.clone())).is_err());
        came.retain(|member| both.binary_search(member).is_err());
    }
    (came, left)
}

/// Whether a period of this clause can be told from its share, without its members.
fn is_share(office: &Office<'_>, group: &Group) -> bool {
    let clause = office.numbers.index(group.clause).and_then(|index| office.set.clauses.get(index));
    clause.is_none_or(|clause| if let Rule::Population(rule) = &clause.rule { rule.is_share() } else { true })
}

/// How one family stood, and how it stands.
#[derive(Default)]
struct Turn {
    before: Rest,
    now: Rest,
    periods: Vec<Concluded>,
}

impl Turn {
    /// Concludes a period; gives when that is to be done again.
    fn take(&mut self, office: &Office<'_>, group: &Group, tally: Tally, end: Instant, old: Head) -> Option<Instant> {
        if old.met > 0 {
            self.before.met.push((group.clause, old.met));
        }
        self.before.known.extend(old.known);
        self.before.past.extend(old.past.into_iter().map(|(instance, times)| Past { clause: group.clause, instance, times }));
        let clause = office.numbers.index(group.clause).filter(|_| !tally.share().is_empty())?;
        let period = Period { clause, group: &group.group, start: group.start, end };
        let (found, until) = conclude_one(office.set, &period, tally, office.as_of, Wanted::All);
        let met = found.iter().filter(|found| found.state == State::Met).count();
        if met > 0 {
            self.now.met.push((group.clause, u32::try_from(met).unwrap_or(u32::MAX)));
        }
        self.now.known.extend(found.iter().filter(|found| found.state != State::Met).map(|found| known(group, found)));
        until
    }

    /// Compares, and gives the periods with what is found of each.
    fn close(mut self, office: &Office<'_>, changes: &mut Changes, recovered: &mut Recovered) -> Vec<Concluded> {
        let Some(first) = self.periods.first().map(|period| period.group.clone()) else { return self.periods };
        let instances: Vec<&str> = self.now.known.iter().map(|known| known.instance.as_str()).collect();
        let told = recovered.period(first.clause, &first.group, &instances, office.numbers);
        self.before.known.extend(told.known);
        self.before.past.extend(told.past);
        changes.compare("", Some(&first), Some(self.before), &mut self.now, office);
        for (clause, met) in self.now.met {
            at(&mut self.periods, clause, |head| head.met = met);
        }
        for known in self.now.known {
            at(&mut self.periods, known.clause, |head| head.known.push(known));
        }
        for past in self.now.past {
            let clause = past.clause;
            at(&mut self.periods, clause, |head| head.past.push((past.instance, past.times)));
        }
        self.periods
    }
}

/// The period of a clause's number; the first where there is none, which is so of what the journal tells.
fn at(periods: &mut [Concluded], clause: u16, change: impl FnOnce(&mut Head)) {
    let at = periods.iter().position(|period| period.group.clause == clause).unwrap_or(0);
    if let Some(period) = periods.get_mut(at) {
        change(&mut period.head);
    }
}

fn known(group: &Group, found: &Obligation) -> Known {
    Known {
        clause: group.clause,
        instance: found.instance.clone(),
        standing: found.state.into(),
        open: found.open,
        due: found.due.map(|due| due.at),
        alarm: None,
        mover: found.next_action.as_ref().map_or(Mover::Nobody, |action| Mover::Role(action.role.clone())),
        first_seen: None,
        reopened: 0,
    }
}
