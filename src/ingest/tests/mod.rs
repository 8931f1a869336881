//! Tests of the module, and what they share.

mod ahead;
mod cloudevents;
mod contract;
mod files;
mod logs;
mod mappings;
mod numbers;
mod refusals;
mod xes;
mod xlsx;

use std::{io::Cursor, sync::Arc};

use crate::{
    case::Case,
    diagnostic::{Diagnostic, Problems, SourceFile},
    ingest::{Format, IngestError, Mapping, Reject, Summary, read_jsonl, read_mapped},
    lang::Lang,
    time::{Instant, Zone},
};

pub(super) fn shanghai() -> Zone {
    Zone::parse("Asia/Shanghai").unwrap()
}

pub(super) fn at(text: &str) -> Instant {
    Instant::parse(text, shanghai()).unwrap()
}

/// What reading gave.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) cases: Vec<Case>,
    pub(super) rejects: Vec<Reject>,
    pub(super) summary: Summary,
    pub(super) batches: usize,
}

impl Outcome {
    /// Line and English reason of the only reject.
    pub(super) fn only(&self) -> (u64, &str) {
        let [reject] = self.rejects.as_slice() else { panic!("expected one reject, found {:?}", self.rejects) };
        assert!(!reject.reason.get(Lang::Zh).is_empty() && reject.reason.zh != reject.reason.en);
        (reject.line, &reject.reason.en)
    }

    pub(super) fn ids(&self) -> Vec<&str> {
        self.cases.iter().map(|case| case.id.as_str()).collect()
    }
}

pub(super) fn jsonl(bytes: impl AsRef<[u8]>, batch: usize) -> Outcome {
    let mut outcome = Outcome::default();
    outcome.summary = read_jsonl::<IngestError>(
        Cursor::new(bytes.as_ref().to_vec()),
        shanghai(),
        batch,
        &mut |cases| {
            outcome.cases.extend(cases);
            outcome.batches += 1;
            Ok(())
        },
        &mut |reject| outcome.rejects.push(reject),
    )
    .unwrap();
    outcome
}

/// Reads a mapping that may be wrong.
pub(super) fn mapping(text: &str) -> (Option<Mapping>, Vec<Diagnostic>) {
    let file = Arc::new(SourceFile { path: "mapping.yaml".into(), text: text.into() });
    let mut problems = Problems::default();
    let mapping = Mapping::read(&file, &mut problems);
    (mapping, problems.into_sorted())
}

/// The mapping of most tests.
pub(super) const SIMPLE: &str = "
zone: Asia/Shanghai
times: ['%d.%m.%Y %H:%M']
empty: ['', '-']
case: {id: case, kind: {value: repair}}
facts:
  units: {column: units, type: integer}
event: {type: {column: what, map: {In: received}}, at: when, by: who, data: {note: note}}
";

pub(super) fn try_mapped(format: Format, map: &str, bytes: impl AsRef<[u8]>) -> Result<Outcome, IngestError> {
    let (mapping, problems) = mapping(map);
    assert!(problems.is_empty(), "{problems:?}");
    let mut outcome = Outcome::default();
    let mut input = Cursor::new(bytes.as_ref());
    outcome.summary = read_mapped(
        &mut input,
        format,
        &mapping.unwrap(),
        &mut |cases| {
            outcome.cases.extend(cases);
            Ok(())
        },
        &mut |reject| outcome.rejects.push(reject),
    )?;
    Ok(outcome)
}

pub(super) fn csv(map: &str, bytes: impl AsRef<[u8]>) -> Outcome {
    try_mapped(Format::Csv, map, bytes).unwrap()
}
