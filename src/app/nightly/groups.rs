//! Clauses over many cases: only the periods whose members changed, or whose time came, are concluded.

use std::collections::BTreeMap;

use super::{changes::Changes, desk::Office, recover::Recovered};
use crate::{
    engine::{Period, Wanted, conclude_one},
    finding::{Obligation, State},
    form::Rule,
    ledger::{Concluded, Group, Head, Known, Mover, Past, Rest},
    population::{Member, Share, Tally},
    store::StoreError,
    time::Instant,
};

/// Concludes what has to be; gives what the ledger keeps of it.
pub(super) fn conclude(
    office: &Office<'_>,
    changes: &mut Changes,
    recovered: &mut Recovered,
    full: bool,
) -> Result<Vec<Concluded>, StoreError> {
    let mut heads: BTreeMap<Group, Head> = office.store.heads()?.into_iter().collect();
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
        let head = one(office, &group, tally, end, old, changes, recovered);
        kept.push(Concluded { group, head: Head { share, ..head }, anew, came, left });
    }
    Ok(kept)
}

/// Members that came and members that went, without those that did both; in order.
fn apart((mut came, mut left): (Vec<Member>, Vec<Member>)) -> (Vec<Member>, Vec<Member>) {
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

fn one(
    office: &Office<'_>,
    group: &Group,
    tally: Tally,
    end: Instant,
    old: Head,
    changes: &mut Changes,
    recovered: &mut Recovered,
) -> Head {
    let mut rest = Rest::default();
    let mut wake = None;
    if let Some(clause) = office.numbers.index(group.clause).filter(|_| !tally.share().is_empty()) {
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
        share: Share::default(),
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
