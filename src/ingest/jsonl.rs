//! The contract's own format: one case a line.

use std::io::BufRead;

use super::{Reject, Summary, error::IngestError, line::Lines, parse::parse_case};
use crate::{case::Case, time::Zone};

/// Bytes of lines after which a batch is delivered, however few its cases.
const MOST_BATCH: usize = 32 << 20;

/// Reads one case a line and delivers them in batches, in the order of the file. Only one batch is held in memory.
///
/// # Errors
///
/// What the sink says, or [`IngestError::Read`] when the input breaks off; batches before that are delivered.
pub fn read_jsonl<E: From<IngestError>>(
    input: &mut dyn BufRead,
    zone: Zone,
    batch: usize,
    sink: &mut dyn FnMut(Vec<Case>) -> Result<(), E>,
    rejects: &mut dyn FnMut(Reject),
) -> Result<Summary, E> {
    let mut summary = Summary::default();
    let mut cases = Vec::with_capacity(batch.min(4096));
    let mut bytes = 0;
    let mut lines = Lines::new(input);
    while let Some(line) = lines.next()? {
        summary.lines += 1;
        bytes += line.bytes.len();
        match line.text().and_then(|text| parse_case(text, zone)) {
            Ok(case) => cases.push(case),
            Err(reason) => {
                summary.rejected += 1;
                rejects(Reject::new(line.number, reason, line.bytes));
            }
        }
        if cases.len() >= batch.max(1) || bytes >= MOST_BATCH {
            bytes = 0;
            deliver(std::mem::take(&mut cases), &mut summary, sink)?;
        }
    }
    deliver(cases, &mut summary, sink)?;
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

pub(super) fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
