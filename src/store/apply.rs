//! What each kind of record means for the index. Both writing and replaying go through here, so that the index is the
//! same either way.

use super::error::StoreError;
use super::record::{Content, FindingKey, FindingRecord, Record, Run, Salvage, Waiver};
use super::stage::Stage;
use super::{keys, merge};
use crate::case::{Case, Event};
use crate::time::Instant;

/// Takes in the record of entry `seq`.
pub(super) fn apply(stage: &mut Stage, seq: u64, recorded: Instant, record: Record) -> Result<(), StoreError> {
    match record {
        Record::Import { cases, .. } => cases.into_iter().try_for_each(|new| case(stage, new, recorded)),
        Record::Event { case, event: new } => event(stage, &case, new, recorded),
        Record::Retract { case, event, .. } => retract(stage, &case, &event, recorded),
        Record::Waiver(new) => waiver(stage, &Waiver { recorded, ..new }),
        Record::Content { hash, name, bytes } => content(stage, &Content { hash, name, bytes }),
        Record::Run(new) => run(stage, &Run { id: seq, at: recorded, ..new }),
        Record::Findings { changed, gone } => findings(stage, &changed, &gone),
        Record::Salvage(saved) => salvage(stage, *saved),
    }
}

fn case(stage: &mut Stage, new: Case, recorded: Instant) -> Result<(), StoreError> {
    match stage.case(&new.id)? {
        None => stage.add_case(&merge::first(new, recorded)),
        Some(mut known) => {
            merge::merge(&mut known.record, new, recorded);
            stage.change_case(&known)
        }
    }
}

/// Events are journaled only when they are new, so that one of an unknown case or of a known id comes from an erased
/// entry before it; there is then nothing to add it to.
fn event(stage: &mut Stage, case: &str, event: Event, recorded: Instant) -> Result<(), StoreError> {
    let Some(mut known) = stage.case(case)? else {
        return Ok(());
    };
    merge::add_events(&mut known.record, std::iter::once(event), recorded);
    stage.change_case(&known)
}

fn retract(stage: &mut Stage, case: &str, event: &str, recorded: Instant) -> Result<(), StoreError> {
    let Some(mut known) = stage.case(case)? else {
        return Ok(());
    };
    for told in known.record.events.iter_mut().filter(|told| told.event.id == event) {
        told.retracted = told.retracted.or(Some(recorded));
    }
    stage.change_case(&known)
}

fn waiver(stage: &mut Stage, waiver: &Waiver) -> Result<(), StoreError> {
    stage.put(keys::waiver(&waiver.id), waiver, "a waiver")
}

fn content(stage: &mut Stage, content: &Content) -> Result<(), StoreError> {
    stage.put(keys::content(&content.hash), content, "a file")
}

fn run(stage: &mut Stage, run: &Run) -> Result<(), StoreError> {
    stage.put(keys::run(run), run, "a run")
}

fn findings(stage: &mut Stage, changed: &[FindingRecord], gone: &[FindingKey]) -> Result<(), StoreError> {
    for key in gone {
        stage.remove(keys::finding(key));
    }
    changed.iter().try_for_each(|finding| stage.put(keys::finding(&finding.key()), finding, "a finding"))
}

/// Salvaged values keep the instants and numbers that they had.
fn salvage(stage: &mut Stage, saved: Salvage) -> Result<(), StoreError> {
    for record in saved.cases {
        match stage.case(&record.id)? {
            None => stage.add_case(&record)?,
            Some(mut known) => {
                known.record = record;
                stage.change_case(&known)?;
            }
        }
    }
    saved.waivers.iter().try_for_each(|saved| waiver(stage, saved))?;
    saved.contents.iter().try_for_each(|saved| content(stage, saved))?;
    saved.runs.iter().try_for_each(|saved| run(stage, saved))?;
    findings(stage, &saved.findings, &[])
}
