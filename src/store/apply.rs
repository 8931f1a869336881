//! What each kind of record means for the index. Both writing and replaying go through here, so that the index is the
//! same either way.

use super::error::StoreError;
use super::record::{Content, FindingKey, FindingRecord, Record, Run, Salvage, Waiver};
use super::stage::Stage;
use super::{desk, keys, merge};
use crate::account::{Account, Token};
use crate::case::{Case, Event};
use crate::desk::Act;
use crate::time::Instant;

/// Takes in the record of entry `seq`.
pub(super) fn apply(stage: &mut Stage, seq: u64, recorded: Instant, record: Record) -> Result<(), StoreError> {
    match record {
        Record::Import { cases, .. } => {
            stage.fetch(&cases)?;
            cases.into_iter().try_for_each(|new| case(stage, seq, new, recorded))
        }
        Record::Event { case, event: new } => event(stage, seq, &case, new, recorded),
        Record::Retract { case, event, .. } => retract(stage, seq, &case, &event, recorded),
        Record::Waiver(new) => waiver(stage, seq, &Waiver { recorded, ..new }),
        Record::Content { hash, name, bytes } => content(stage, &Content { hash, name, bytes }),
        Record::Run(new) => {
            // The run has looked at all that was there.
            stage.forget_changes(seq)?;
            run(stage, &Run { id: seq, at: recorded, ..new })
        }
        Record::Findings { changed, gone } => findings(stage, &changed, &gone),
        Record::Salvage(saved) => salvage(stage, seq, *saved),
        Record::Act(new) => desk::act(stage, seq, &Act { seq, at: recorded, ..new }),
        Record::Account(new) => account(stage, &Account { at: recorded, ..new }),
        Record::Token(new) => token(stage, &Token { at: recorded, ..new }),
    }
}

fn case(stage: &mut Stage, seq: u64, new: Case, recorded: Instant) -> Result<(), StoreError> {
    match stage.case(&new.id)? {
        None => stage.add_case(merge::first(new, recorded), seq),
        Some(mut known) => {
            merge::merge(&mut known.record, new, recorded);
            stage.change_case(known, seq)
        }
    }
}

/// Events are journaled only when they are new, so that one of an unknown case or of a known id comes from an erased
/// entry before it; there is then nothing to add it to.
fn event(stage: &mut Stage, seq: u64, case: &str, event: Event, recorded: Instant) -> Result<(), StoreError> {
    let Some(mut known) = stage.case(case)? else {
        return Ok(());
    };
    merge::add_events(&mut known.record, std::iter::once(event), recorded);
    stage.change_case(known, seq)
}

fn retract(stage: &mut Stage, seq: u64, case: &str, event: &str, recorded: Instant) -> Result<(), StoreError> {
    let Some(mut known) = stage.case(case)? else {
        return Ok(());
    };
    for told in known.record.events.iter_mut().filter(|told| told.event.id == event) {
        told.retracted = told.retracted.or(Some(recorded));
    }
    stage.change_case(known, seq)
}

fn waiver(stage: &mut Stage, seq: u64, waiver: &Waiver) -> Result<(), StoreError> {
    stage.touch(&waiver.case, seq);
    stage.put(keys::waiver(&waiver.id), waiver, "a waiver")
}

fn account(stage: &mut Stage, account: &Account) -> Result<(), StoreError> {
    stage.put(keys::account(&account.name), account, "an account")
}

fn token(stage: &mut Stage, token: &Token) -> Result<(), StoreError> {
    stage.put(keys::token(&token.hash), token, "a token")
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
fn salvage(stage: &mut Stage, seq: u64, saved: Salvage) -> Result<(), StoreError> {
    for record in saved.cases {
        match stage.case(&record.id)? {
            None => stage.add_case(record, seq)?,
            Some(mut known) => {
                known.record = record;
                stage.change_case(known, seq)?;
            }
        }
    }
    saved.waivers.iter().try_for_each(|saved| waiver(stage, seq, saved))?;
    saved.contents.iter().try_for_each(|saved| content(stage, saved))?;
    saved.runs.iter().try_for_each(|saved| run(stage, saved))?;
    saved.acts.iter().try_for_each(|saved| desk::act(stage, saved.seq, saved))?;
    saved.accounts.iter().try_for_each(|saved| account(stage, saved))?;
    saved.tokens.iter().try_for_each(|saved| token(stage, saved))?;
    findings(stage, &saved.findings, &[])
}
