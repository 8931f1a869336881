//! The contract's own format: one case a line.

use std::io::BufRead;

use super::{Reject, Summary, ahead::Ahead, error::IngestError, stretch::End};
use crate::{case::Case, time::Zone};

/// Reads one case a line and delivers them in batches, in the order of the file. Lines are parsed ahead by threads of
/// their own; only a few batches are held in memory.
///
/// # Errors
///
/// What the sink says, or [`IngestError::Read`] when the input breaks off; batches before that are delivered.
pub fn read_jsonl<E: From<IngestError>>(
    input: impl BufRead + Send + 'static,
    zone: Zone,
    batch: usize,
    sink: &mut dyn FnMut(Vec<Case>) -> Result<(), E>,
    rejects: &mut dyn FnMut(Reject),
) -> Result<Summary, E> {
    let mut summary = Summary::default();
    let ahead = Ahead::new(input, zone, batch).map_err(|source| IngestError::Read { line: 0, source })?;
    ahead.each(|parsed| -> Result<(), E> {
        summary.lines += count(parsed.lines);
        summary.rejected += count(parsed.rejects.len());
        parsed.rejects.into_iter().for_each(&mut *rejects);
        deliver(parsed.cases, &mut summary, sink)?;
        match parsed.end {
            Some(End::Broken(error)) => Err(error.into()),
            Some(End::Reached) | None => Ok(()),
        }
    })?;
    Ok(summary)
}

/// Gives a batch away and counts it.
pub(super) fn deliver<E>(cases: Vec<Case>, summary: &mut Summary, sink: &mut dyn FnMut(Vec<Case>) -> Result<(), E>) -> Result<(), E> {
    if cases.is_empty() {
        return Ok(());
    }
    summary.cases += count(cases.len());
    summary.events += cases.iter().map(|case| count(case.events.len())).sum::<u64>();
    sink(cases)
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
