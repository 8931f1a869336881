//! Notices of a change between two runs: what was assigned to somebody, what an event made overdue.

use super::{
    compose::{Composed, Matter, Writer},
    gather::{MOST, Part},
    target::{Target, Targets},
    words::item_key,
};
use crate::{
    app::changes::key,
    finding::Obligation,
    policy::{PolicySet, notices::What},
    store::{Envelope, Store, StoreError, short},
    time::Instant,
};

/// A change that people are told of.
#[derive(Clone, Copy, Debug)]
pub struct Change<'c> {
    /// What tells it from other changes, such as the number of its journal entry: the same change is told once.
    pub id: &'c str,
    /// What the rules call it: [`What::Assigned`] for what was given to somebody, [`What::New`] for what was not there before,
    /// [`What::Escalation`] for what has gone to another role. A digest is of a run, and never of a change.
    pub what: What,
    /// To whom something was given; nobody else is told then.
    pub person: Option<&'c str>,
}

/// Composes what a change has to tell of the obligations that it concerns, as rules ask for, and puts it into the outbox. Doing so again adds nothing, and
/// a run does not tell as new what was told here.
///
/// # Errors
/// When the store cannot be read or written.
pub fn compose_change(
    store: &mut Store,
    set: &PolicySet,
    change: &Change<'_>,
    found: &[Obligation],
    now: Instant,
) -> Result<Composed, StoreError> {
    let Some(notices) = &set.company.notices else { return Ok(Composed::default()) };
    if change.what == What::Digest {
        return Ok(Composed::default());
    }
    let (targets, unreached) = Targets::of(set, notices, (now, change.person), |what| what == change.what);
    let writer = Writer { set, notices, now };
    let mut envelopes: Vec<Envelope> = Vec::new();
    for target in targets.iter().filter(|target| is_meant(target, change, set, now)) {
        let mut rows = Vec::new();
        let mut told = Vec::new();
        for one in found.iter().filter(|one| covers(target, change, one)) {
            let item = item_key(&key(one), one.due.map(|due| due.at), 0);
            // Something is assigned as often as somebody does so; all else is told once.
            if change.what == What::Assigned || !store.was_told(&target.series, &item)? {
                told.extend((change.what != What::Assigned).then_some(item));
                rows.push((one, true));
            }
        }
        let part = match change.what {
            What::Assigned => Part::Assigned,
            What::Escalation => Part::Escalated,
            What::New | What::Digest => Part::New,
        };
        let total = rows.len() as u64;
        if total == 0 {
            continue;
        }
        rows.truncate(MOST);
        rows.iter_mut().for_each(|row| row.1 = false);
        let id = format!("N-{}", short(&[&target.series, "change", change.id]));
        envelopes.push(writer.envelope(target, &Matter { id, run: 0, as_of: now, counted: None, parts: vec![(part, total, rows)], told }));
    }
    Ok(Composed { added: store.post(envelopes, now)?, unreached })
}

/// Whether one of those who are told something is one whom this change is told to.
fn is_meant(target: &Target, change: &Change<'_>, set: &PolicySet, now: Instant) -> bool {
    let Some(person) = change.person else { return true };
    match (&target.person, &target.role) {
        (Some(known), _) => known == person,
        // A group is told of what one of it was given.
        (None, Some(role)) => set.org.may_act(person, role, now),
        (None, None) => false,
    }
}

fn covers(target: &Target, change: &Change<'_>, one: &Obligation) -> bool {
    let mover = one.next_action.as_ref().map_or("", |action| action.role.as_str());
    // What somebody was given is told to that one, whoever's move it would have been.
    (change.person.is_some() && target.person.is_some()) || target.covers(mover, one.escalated_to.as_deref())
}
