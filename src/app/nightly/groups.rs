//! Clauses over many cases: only the periods whose members changed, or whose time came, are concluded.

use std::collections::BTreeMap;

use super::{changes::Changes, desk::Office, recover::Recovered};
use crate::{
    engine::{Period, Wanted, conclude_one},
    finding::{Obligation, State},
    ledger::{Group, Head, Known, Mover, Past, Rest},
    population::{Member, Tally},
    store::StoreError,
    time::Instant,
};

/// Concludes what has to be; gives what the ledger keeps of it.
pub(super) fn conclude(
    office: &Office<'_>,
    changes: &mut Changes,
    recovered: &mut Recovered,
    full: bool,
) -> Result<Vec<(Group, Head, Vec<Member>)>, StoreError> {
    let store = office.store;
    let mut heads: BTreeMap<Group, Head> = store.heads()?.into_iter().collect();
    let mut moved = std::mem::take(&mut changes.members);
    let is_due = |wake: Option<Instant>| wake.is_some_and(|at| at <= office.as_of);
    let mut work: Vec<Group> = moved.keys().cloned().collect();
    work.extend(
        heads
            .iter()
            .filter(|(group, head)| full || office.numbers.is_stale(group.clause) || is_due(head.wake))
            .map(|(group, _)| group.clone()),
    );
    work.sort_unstable();
    work.dedup();
    let mut kept = Vec::with_capacity(work.len());
    for group in work {
        let (came, left) = moved.remove(&group).unwrap_or_default();
        let anew = full || office.numbers.is_stale(group.clause);
        let mut members = if anew { Vec::new() } else { store.tally(&group)? };
        for gone in &left {
            if let Some(at) = members.iter().position(|member| member == gone) {
                members.swap_remove(at);
            }
        }
        members.extend(came);
        members.sort_unstable();
        let old = heads.remove(&group).unwrap_or_default();
        let head = one(office, &group, &members, old, changes, recovered);
        kept.push((group, head, members));
    }
    Ok(kept)
}

fn one(office: &Office<'_>, group: &Group, members: &[Member], old: Head, changes: &mut Changes, recovered: &mut Recovered) -> Head {
    let mut rest = Rest::default();
    let mut wake = None;
    let end = members.first().map_or(old.end, |member| member.end);
    if let Some(clause) = office.numbers.index(group.clause).filter(|_| !members.is_empty()) {
        let mut tally = Tally::default();
        members.iter().cloned().for_each(|member| tally.add(member));
        let period = Period { clause, group: &group.group, start: group.start, end };
        let (found, until) = conclude_one(office.set, &period, tally, office.as_of, Wanted::All);
        wake = until;
        let met = found.iter().filter(|found| found.state == State::Met).count();
        if met > 0 {
            rest.met.push((group.clause, u32::try_from(met).unwrap_or(u32::MAX)));
        }
        rest.known = found.iter().filter(|found| found.state != State::Met).map(|found| known(group, found)).collect();
    }
    let instances: Vec<&str> = rest.known.iter().map(|known| known.instance.as_str()).collect();
    let told = recovered.period(group.clause, &group.group, &instances, office.numbers);
    let mut before = Rest {
        met: if old.met > 0 { vec![(group.clause, old.met)] } else { Vec::new() },
        known: old.known,
        past: old.past.into_iter().map(|(instance, times)| Past { clause: group.clause, instance, times }).collect(),
        ..Rest::default()
    };
    before.known.extend(told.known);
    before.past.extend(told.past);
    changes.compare("", Some(group), Some(before), &mut rest, office);
    Head {
        end,
        wake,
        met: rest.met.first().map_or(0, |(_, met)| *met),
        known: rest.known,
        past: rest.past.into_iter().map(|past| (past.instance, past.times)).collect(),
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
