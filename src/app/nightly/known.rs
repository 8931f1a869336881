//! What the last run knows, without judging; and in words, judging no more than what is asked about.

use std::{collections::BTreeSet, rc::Rc};

use crate::{
    app::{
        changes::key,
        judging::{batch_of, waivers_by_case},
    },
    engine::{Period, Session, Wanted, conclude_one},
    finding::{Obligation, State},
    ledger::{Group, Known, Mover, Sheet},
    policy::{PolicySet, clause::Severity},
    population::Tally,
    store::{FindingKey, Store, StoreError},
    time::Instant,
    view::{Batch, Subject},
};

/// An obligation that is not met, as the last run left it and time has moved it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead {
    /// What identifies it.
    pub key: FindingKey,
    /// Its state.
    pub state: State,
    /// A violation that is not settled.
    pub open: bool,
    /// How much a violation matters.
    pub severity: Severity,
    /// When it must be done.
    pub due: Option<Instant>,
    /// Whose move it is.
    pub role: Option<String>,
    /// When it was found first, for a finding.
    pub first_seen: Option<Instant>,
}

impl Lead {
    fn new(sheet: &Sheet, set: &PolicySet, known: &Known, case: Option<&str>, group: Option<&Group>) -> Option<Self> {
        let row = sheet.clauses.get(usize::from(known.clause))?;
        let severity = set.named(&row.id).next().map_or_else(Severity::default, |(_, clause)| clause.properties.severity);
        Some(Self {
            key: FindingKey {
                case: case.map(str::to_owned),
                group: group.map(|group| group.group.clone()),
                clause: row.id.clone(),
                instance: known.instance.clone(),
            },
            state: known.standing.state(),
            open: known.open,
            severity,
            due: known.due,
            role: match &known.mover {
                Mover::Nobody => None,
                Mover::Owner => Some(row.owner.clone()),
                Mover::Role(role) => Some(role.clone()),
            },
            first_seen: known.first_seen,
        })
    }

    /// Whether it is told of as a finding.
    #[must_use]
    pub fn is_finding(&self) -> bool {
        self.state.is_finding() && (self.open || !self.state.is_violation())
    }
}

/// Visits the obligations that were not met, moved on to an instant: nothing is judged, so that what happened since the run does not count. False when
/// no run left anything to tell from.
///
/// # Errors
/// When the store cannot be read, or what the visit fails with.
pub fn each_lead(
    store: &Store,
    set: &PolicySet,
    as_of: Instant,
    mut visit: impl FnMut(Lead) -> Result<(), StoreError>,
) -> Result<bool, StoreError> {
    let Some(sheet) = store.sheet()? else { return Ok(false) };
    store.each_known(&sheet, |case, known| {
        let mut known = known.clone();
        known.advance(as_of);
        Lead::new(&sheet, set, &known, Some(case), None).map_or(Ok(()), &mut visit)
    })?;
    for (group, head) in store.heads()? {
        head.known.iter().filter_map(|known| Lead::new(&sheet, set, known, None, Some(&group))).try_for_each(&mut visit)?;
    }
    Ok(true)
}

/// The most pressing findings: by state, severity, due instant, case.
///
/// # Errors
/// When the store cannot be read.
pub fn leads(store: &Store, set: &PolicySet, as_of: Instant, most: usize, wanted: impl Fn(&Lead) -> bool) -> Result<Vec<Lead>, StoreError> {
    let mut list: Vec<Lead> = Vec::new();
    let sort = |list: &mut Vec<Lead>| {
        list.sort_by(|a, b| {
            let key = |lead: &Lead| (lead.state, std::cmp::Reverse(lead.severity), lead.due);
            key(a).cmp(&key(b)).then_with(|| a.key.cmp(&b.key))
        });
        list.truncate(most);
    };
    each_lead(store, set, as_of, |lead| {
        if wanted(&lead) {
            list.push(lead);
            // Now and then, so that no more are held than a few times what is asked for.
            if list.len() > most.saturating_mul(4).max(1_024) {
                sort(&mut list);
            }
        }
        Ok(())
    })?;
    sort(&mut list);
    Ok(list)
}

/// Puts some findings into words: their cases are judged once more, and their periods concluded. They come by case, then by period.
///
/// # Errors
/// When the store cannot be read, or what the sink fails with.
pub fn in_words<E: From<StoreError>>(
    store: &Store,
    set: &PolicySet,
    as_of: Instant,
    wanted: &BTreeSet<FindingKey>,
    sink: &mut dyn FnMut(Obligation) -> Result<(), E>,
) -> Result<(), E> {
    in_words_of(store, set, as_of, Wanted::Findings, wanted, sink)
}

/// The same for obligations that need not be findings.
///
/// # Errors
/// When the store cannot be read, or what the sink fails with.
pub fn in_words_of<E: From<StoreError>>(
    store: &Store,
    set: &PolicySet,
    as_of: Instant,
    asked: Wanted,
    wanted: &BTreeSet<FindingKey>,
    sink: &mut dyn FnMut(Obligation) -> Result<(), E>,
) -> Result<(), E> {
    let mut ids: Vec<String> = wanted.iter().filter_map(|key| key.case.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    let waivers = waivers_by_case(store, None)?;
    let mut session = Session::new(set, as_of, asked, None);
    for part in ids.chunks(1_024) {
        let mut found: Vec<Obligation> = Vec::new();
        store.some_chunks(part, |chunk| {
            for (block, row) in chunk.rows() {
                let batch = Rc::new(Batch::new(Rc::clone(block), &set.symbols));
                let Some(subject) = session.subject(&batch, row) else { continue };
                let parent = parent_of(store, &session, &batch, row)?;
                let waived = waivers.get(block.id(row)).map_or(&[][..], Vec::as_slice);
                let _ = session.judge(&subject, parent.as_ref(), waived, &mut |one| found.push(one.obligation()));
            }
            Ok(())
        })?;
        found.retain(|found| wanted.contains(&key(found)));
        found.sort_by(|a, b| a.case.cmp(&b.case));
        found.into_iter().try_for_each(&mut *sink)?;
    }
    let Some(sheet) = store.sheet()? else { return Ok(()) };
    for (group, head) in store.heads()? {
        let is_wanted = |known: &Known| Lead::new(&sheet, set, known, None, Some(&group)).is_some_and(|lead| wanted.contains(&lead.key));
        let row = sheet.clauses.get(usize::from(group.clause));
        let clause =
            set.clauses.iter().position(|clause| row.is_some_and(|row| row.digest == clause.digest && row.id == clause.properties.id));
        let Some(clause) = clause.filter(|_| head.known.iter().any(is_wanted)) else { continue };
        let mut tally = Tally::default();
        store.tally(&group)?.into_iter().for_each(|member| tally.add(member));
        let period = Period { clause, group: &group.group, start: group.start, end: head.end };
        let (found, _) = conclude_one(set, &period, tally, as_of, asked);
        found.into_iter().filter(|found| wanted.contains(&key(found))).try_for_each(&mut *sink)?;
    }
    Ok(())
}

/// The case that another is part of, when a clause asks for it.
pub(in crate::app) fn parent_of(
    store: &Store,
    session: &Session<'_>,
    batch: &Rc<Batch>,
    row: usize,
) -> Result<Option<Subject>, StoreError> {
    let set = session.set();
    let Some(name) = batch.block.part_of(row).filter(|_| set.uses_parents) else { return Ok(None) };
    let Some(case) = store.case(batch.block.text(name))?.and_then(|record| record.known_at(None)) else { return Ok(None) };
    Ok(session.subject(&batch_of(set, [case])?, 0))
}
