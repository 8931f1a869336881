//! Importing, and checking every case.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use duly::{
    app::{
        clock,
        judging::{Plan, Source, Stopped, judge_all},
        workspace::load,
    },
    case::Case,
    diagnostic::{Diagnostic, render_all},
    engine::Wanted,
    ingest,
    lang::Lang,
    policy::{PolicySet, company::Company, sources::Sources},
    store::Store,
    time::{Instant, Zone},
};
use peers::{
    Failure, NOW,
    measure::{Violation, passes, peak_kb, report, timed},
    options::Options,
};
use serde_json::json;

use crate::compared::compared;

/// Cases handed on at a time, as `duly import` does.
const BATCH: usize = 1_000;

/// The instant at which everything is judged.
pub const fn as_of() -> Instant {
    Instant::from_millis(NOW * 1_000)
}

/// The policies of a folder.
pub fn policies(options: &Options) -> Result<(Sources, PolicySet), Failure> {
    load(&[options.path("policies")?], &Company::default()).map_err(said)
}

/// What is wrong with policies, as one failure.
pub fn said(problems: Vec<Diagnostic>) -> Failure {
    render_all(&problems, Lang::En, false).into()
}

fn read(path: &Path, sink: &mut dyn FnMut(Vec<Case>) -> Result<(), Failure>) -> Result<(), Failure> {
    let mut input = ingest::open(path)?;
    let summary = ingest::read_jsonl(&mut *input, Zone::UTC, BATCH, sink, &mut |_| {})?;
    if summary.rejected > 0 {
        return Err(format!("{} lines were rejected", summary.rejected).into());
    }
    Ok(())
}

/// Reads JSON lines into a new store, until everything is on disk and the store is closed.
pub fn import(options: &Options) -> Result<(), Failure> {
    let (cases, folder) = (options.path("cases")?, options.path("store")?);
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let run = timed(|| {
        let (mut store, _) = Store::open(&folder, clock::now())?;
        read(&cases, &mut |batch| {
            store.import("cases", batch, clock::now())?;
            Ok(())
        })?;
        Ok(store.len()?)
    })?;
    let count = run.result;
    let bytes = |part: &str| -> Result<f64, Failure> { Ok(size(&folder.join(part))? as f64 / count as f64) };
    println!(
        "{}",
        json!({
            "n": count, "wall_s": run.wall, "cpu_s": run.cpu, "rate": count as f64 / run.wall, "rss_kb": peak_kb(),
            "bytes_per_case": bytes("")?, "journal_bytes_per_case": bytes("journal")?, "index_bytes_per_case": bytes("index")?,
        })
    );
    Ok(())
}

/// The bytes of all files below a path.
fn size(path: &PathBuf) -> Result<u64, Failure> {
    if path.is_file() {
        return Ok(fs::metadata(path)?.len());
    }
    fs::read_dir(path)?.map(|entry| size(&entry?.path())).sum()
}

/// Judges every case of a store that is open.
pub fn full(options: &Options) -> Result<(), Failure> {
    let (_, set) = policies(options)?;
    let folder = options.path("store")?;
    let opened = timed(|| Ok(Store::open(&folder, clock::now())?.0))?;
    let store = opened.result;
    let count = usize::try_from(store.len()?)?;
    let run = judged(options, &set, &Source::Store(&store))?;
    report(options, count, run, &json!({"open_s": opened.wall}))
}

/// Judges every case of a file that was read before.
pub fn eval(options: &Options) -> Result<(), Failure> {
    let (_, set) = policies(options)?;
    let mut cases = Vec::new();
    read(&options.path("cases")?, &mut |batch| {
        cases.extend(batch);
        Ok(())
    })?;
    let run = judged(options, &set, &Source::Cases(&cases))?;
    report(options, cases.len(), run, &json!({}))
}

fn judged(options: &Options, set: &PolicySet, source: &Source<'_>) -> Result<peers::measure::Timed<Vec<Violation>>, Failure> {
    let threads = options.value("threads", 1)?;
    let plan = Plan { set, as_of: as_of(), known_at: None, wanted: Wanted::Findings, only: None, case: None, threads };
    passes(options, || {
        let mut found = Vec::new();
        let mut sink = |finding| -> Result<(), Failure> {
            found.extend(compared(&finding));
            Ok(())
        };
        judge_all(&plan, source, &mut sink, &mut |_| {}).map_err(|stopped| match stopped {
            Stopped::Store(error) => error.into(),
            Stopped::Sink(failure) => failure,
        })?;
        Ok(found)
    })
}
