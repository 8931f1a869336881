//! The nightly check: judges the store, compares with the last run, keeps both in the journal.

use std::collections::{BTreeMap, HashMap};

use super::judging::{Plan, Source, Summary, judge_all};
use crate::{
    engine::Wanted,
    finding::Obligation,
    policy::{PolicySet, company::Company, compile, sources::Sources},
    store::{FindingKey, FindingRecord, Run, Store, StoreError},
    time::Instant,
};

/// The name under which the journal keeps the files of a policy set.
const POLICIES: &str = "policies";
/// The name under which it keeps the company's settings.
const COMPANY: &str = "company";

/// What a run found, and how that differs from the run before.
#[derive(Debug)]
pub struct Night {
    /// The run as recorded.
    pub run: Run,
    /// The findings.
    pub findings: Vec<Obligation>,
    /// Findings of the run before that are still there.
    pub persisting: usize,
    /// Counts and unknown kinds.
    pub summary: Summary,
}

/// Runs the check over the store and records it.
///
/// # Errors
/// When the store cannot be read or written.
#[expect(clippy::too_many_arguments, reason = "a run and its whole setting")]
pub fn nightly(
    store: &mut Store,
    set: &PolicySet,
    sources: &Sources,
    as_of: Instant,
    now: Instant,
    fallback: bool,
    threads: usize,
    progress: &mut dyn FnMut(u64),
) -> Result<Night, StoreError> {
    let policies = store.put_content(POLICIES, &sources.to_bytes(), now)?;
    store.put_content(COMPANY, set.company.text.as_bytes(), now)?;
    let mut findings = Vec::new();
    let plan = Plan { set, as_of, known_at: None, wanted: Wanted::Findings, only: None, case: None, threads };
    let mut sink = |finding: Obligation| -> Result<(), std::convert::Infallible> {
        findings.push(finding);
        Ok(())
    };
    let summary = match judge_all(&plan, &Source::Store(store), &mut sink, progress) {
        Ok(summary) => summary,
        Err(stopped) => return Err(stopped.store()),
    };
    let before: HashMap<FindingKey, FindingRecord> = store.findings()?.into_iter().map(|finding| (finding.key(), finding)).collect();
    let cleared_once = cleared_before(store)?;
    let mut records = Vec::with_capacity(findings.len());
    let (mut opened, mut reopened) = (Vec::new(), Vec::new());
    // What is settled is no longer there to come back to.
    for finding in findings.iter().filter(|finding| finding.open || !finding.is_violation()) {
        let mut record = record(finding, as_of);
        let key = record.key();
        if let Some(known) = before.get(&key) {
            record.first_seen = known.first_seen;
            record.reopened = known.reopened;
        } else if let Some(times) = cleared_once.get(&key) {
            record.reopened = *times;
            reopened.push(key);
        } else {
            opened.push(key);
        }
        records.push(record);
    }
    let now_there: std::collections::HashSet<FindingKey> = records.iter().map(FindingRecord::key).collect();
    let mut cleared: Vec<FindingKey> = before.into_keys().filter(|key| !now_there.contains(key)).collect();
    cleared.sort_unstable();
    let persisting = records.len() - opened.len() - reopened.len();
    let counts: BTreeMap<String, u64> = summary.counts.iter().map(|(state, count)| (state.word().to_owned(), count)).collect();
    let mut run = Run { id: 0, at: now, as_of, policies, cases: summary.cases, counts, opened, cleared, reopened, fallback };
    run.id = store.put_run(run.clone(), records, now)?;
    Ok(Night { run, findings, persisting, summary })
}

/// How often each finding had been cleared by earlier runs.
fn cleared_before(store: &Store) -> Result<HashMap<FindingKey, u32>, StoreError> {
    let mut map: HashMap<FindingKey, u32> = HashMap::new();
    for run in store.runs()? {
        for key in run.cleared {
            *map.entry(key).or_default() += 1;
        }
    }
    Ok(map)
}

fn record(finding: &Obligation, as_of: Instant) -> FindingRecord {
    FindingRecord {
        case: finding.case.clone(),
        group: finding.group.clone(),
        clause: finding.clause_id.clone(),
        instance: finding.instance.clone(),
        state: finding.state.word().to_owned(),
        due: finding.due.map(|due| due.at),
        first_seen: as_of,
        reopened: 0,
        violation: finding.is_violation(),
        open: finding.open,
    }
}

/// The policies of the last run, compiled again: what runs when those on disk do not load.
///
/// # Errors
/// When the store cannot be read.
pub fn last_good(store: &Store, company: &Company) -> Result<Option<(Sources, PolicySet)>, StoreError> {
    let Some(run) = store.last_run()? else { return Ok(None) };
    let Some(content) = store.content(&run.policies)? else { return Ok(None) };
    let Some(sources) = Sources::from_bytes(&content.bytes) else { return Ok(None) };
    Ok(compile(&sources, company.clone()).ok().map(|set| (sources, set)))
}
