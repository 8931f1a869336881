//! The report folder of the nightly check.
//!
//! ```text
//! findings.jsonl   every finding, with when it was first seen and how it changed
//! changes.jsonl    what is new, cleared or back since the report before
//! run.json         the figures; written last, so that whoever sees a new one sees the other two
//! running.json     only while a run is under way, or after one was interrupted
//! ```
//!
//! Changes are counted since the run of the report before, which `run.json` names, and not since the run before: a run that was killed after it
//! was recorded and before it was told, or one that somebody made by hand without a report, is told by the next. Until a report is
//! complete and its store closed, `running.json` keeps the run it counts from; so a change may be told twice and never not at all, and a
//! reader knows a notice by its finding and `times_reopened`.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::{
    changes::{Change, Changes, key},
    figures::Figures,
    nightly::{Night, in_words},
    trend,
    whole::{Whole, problem, sync_folder},
};
use crate::{
    lang::Lang,
    policy::PolicySet,
    report::to_json,
    store::{Action, FindingKey, FindingRecord, Run, Store, StoreError},
    time::{Instant, Zone},
};

/// Runs in the trend of `run.json`.
pub const TREND: usize = 14;

/// A report under way.
#[derive(Debug)]
pub struct Delivery {
    dir: PathBuf,
    /// The run told last; 0, which no run has, when there was none.
    since: u64,
    /// The run before did not finish its report.
    pub interrupted: bool,
}

/// What is told, and in which words.
pub struct Told<'t> {
    /// The night.
    pub night: &'t Night,
    /// What became of findings.
    pub changes: &'t Changes,
    /// Its policies.
    pub set: &'t PolicySet,
    /// The zone of its figures.
    pub zone: Zone,
    /// The language of sentences.
    pub lang: Lang,
}

impl Delivery {
    /// Makes the folder, finds out since when changes are to be told, and leaves a mark that a run is under way.
    ///
    /// # Errors
    /// When the folder cannot be made or written, or the store not be read.
    pub fn begin(dir: &Path, store: &Store, started: Instant) -> Result<Self, StoreError> {
        fs::create_dir_all(dir).map_err(problem(Action::Create, dir))?;
        let mark = number(&dir.join("running.json"), "since");
        let interrupted = mark.is_some();
        let since = match mark.or_else(|| number(&dir.join("run.json"), "run")) {
            Some(since) => since,
            None => store.last_run()?.map_or(0, |run| run.id),
        };
        let text = json!({"since": since, "pid": std::process::id(), "started": started.to_rfc3339(Zone::UTC)}).to_string();
        Whole::write(&dir.join("running.json"), &text)?;
        Ok(Self { dir: dir.to_owned(), since, interrupted })
    }

    /// The run since which changes are told: `None` when there was none before. A report of another store counts for nothing.
    #[must_use]
    pub fn since(&self, runs: &[Run]) -> Option<u64> {
        match self.since {
            0 => None,
            since if runs.iter().any(|run| run.id == since) => Some(since),
            _ => before_last(runs),
        }
    }

    /// Writes the three files.
    ///
    /// # Errors
    /// When the disk refuses, or the store cannot be read.
    pub fn write(&self, told: &Told<'_>, figures: &Figures<'_>, runs: &[Run], store: &Store) -> Result<(), StoreError> {
        let records: HashMap<FindingKey, FindingRecord> = store.findings()?.into_iter().map(|record| (record.key(), record)).collect();
        let mut all = Whole::begin(&self.dir.join("findings.jsonl"))?;
        let mut changed = Whole::begin(&self.dir.join("changes.jsonl"))?;
        let wanted = records.keys().cloned().collect();
        in_words(store, told.set, told.night.run.as_of, &wanted, &mut |found| {
            let key = key(&found);
            let change = told.changes.of(&key);
            let mut line = to_json(&found, told.set, told.lang);
            if let (Value::Object(line), Some(record)) = (&mut line, records.get(&key)) {
                line.insert("first_seen".to_owned(), record.first_seen.to_rfc3339(told.zone).into());
                line.insert("times_reopened".to_owned(), record.reopened.into());
                line.insert("change".to_owned(), change.word().into());
            }
            all.line(&line)?;
            if change != Change::Persisting {
                changed.line(&line)?;
            }
            Ok::<(), StoreError>(())
        })?;
        for key in told.changes.cleared() {
            changed.line(cleared(key))?;
        }
        all.keep()?;
        changed.keep()?;
        let mut summary = figures.to_json(told.zone);
        if let Value::Object(summary) = &mut summary {
            let rows = trend::rows(runs, records.len() as u64, TREND);
            summary.insert("trend".to_owned(), rows.iter().map(|row| row.to_json(told.zone)).collect());
        }
        Whole::write(&self.dir.join("run.json"), &format!("{summary:#}"))
    }

    /// Takes the mark away, once the store is closed as well.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn end(self) -> Result<(), StoreError> {
        let mark = self.dir.join("running.json");
        // Another run may have begun since the store was closed: its mark is not ours to take.
        if number(&mark, "pid") == Some(u64::from(std::process::id())) {
            fs::remove_file(&mark).map_err(problem(Action::Remove, &mark))?;
            sync_folder(&mark)?;
        }
        Ok(())
    }
}

/// The run before the last one.
#[must_use]
pub fn before_last(runs: &[Run]) -> Option<u64> {
    runs.iter().rev().nth(1).map(|run| run.id)
}

/// A number in a JSON file; `None` when there is no such file or it says something else.
fn number(path: &Path, name: &str) -> Option<u64> {
    let value: Value = serde_json::from_str(&fs::read_to_string(path).ok()?).ok()?;
    value.get(name)?.as_u64()
}

/// A finding that is there no more.
fn cleared(key: &FindingKey) -> Value {
    let policy = key.clause.split('/').next().unwrap_or_default();
    let mut line =
        json!({"case": key.case, "policy": policy, "clause": key.clause, "instance": key.instance, "change": Change::Cleared.word()});
    if let (Value::Object(line), Some(group)) = (&mut line, &key.group) {
        line.insert("group".to_owned(), group.as_str().into());
    }
    line
}
