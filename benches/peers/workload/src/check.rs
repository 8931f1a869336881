//! Importing, and checking every case.

use std::{
    convert::Infallible,
    fs, io,
    path::{Path, PathBuf},
    rc::Rc,
};

use duly::{
    app::{
        clock,
        judging::{Met, Plan, Source, Stopped, judge_each},
        workspace::load,
    },
    case::Case,
    diagnostic::{Diagnostic, render_all},
    engine::{Session, Wanted},
    finding::Obligation,
    ingest,
    lang::Lang,
    policy::{PolicySet, company::Company, sources::Sources},
    store::Store,
    time::{Instant, Zone},
    view::{Batch, block_of},
};
use peers::{
    Failure, NOW,
    measure::{Violation, passes, peak_kb, report, timed},
    options::Options,
};
use serde_json::json;

use crate::compared::compared;

/// Cases handed on at a time, as `duly import` does.
const BATCH: usize = 2_000;
/// Cases in a block, as in the store.
const BLOCK: usize = 256;

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
    let input = ingest::open(path)?;
    let summary = ingest::read_jsonl(input, Zone::UTC, BATCH, sink, &mut |_| {})?;
    if summary.rejected > 0 {
        return Err(format!("{} lines were rejected", summary.rejected).into());
    }
    Ok(())
}

/// Reads JSON lines into a new store, until everything is on disk and the store is closed. With `--parsed true` the lines are read before the clock
/// runs: what the store alone takes.
pub fn import(options: &Options) -> Result<(), Failure> {
    let (cases, folder) = (options.path("cases")?, options.path("store")?);
    let mut parsed = Vec::new();
    if options.value("parsed", false)? {
        read(&cases, &mut |batch| {
            parsed.push(batch);
            Ok(())
        })?;
    }
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let run = timed(|| {
        let (mut store, _) = Store::open(&folder, clock::now())?;
        let mut take = |batch| {
            store.import("cases", batch, clock::now())?;
            Ok(())
        };
        if parsed.is_empty() {
            read(&cases, &mut take)?
        } else {
            parsed.drain(..).try_for_each(&mut take)?
        }
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
    let threads = options.value("threads", 1)?;
    let plan = Plan { set: &set, as_of: as_of(), known_at: None, wanted: Wanted::Findings, only: None, case: None, threads };
    let source = Source::Store(&store);
    let run = if options.value("words", false)? {
        // Every finding with its sentence in both languages, its next action and its evidence, as `duly check` has them.
        passes(options, || {
            let mut found = Vec::new();
            let make = |met: Met<'_>| if let Met::Case(one) = met { Some((compared(one), one.obligation())) } else { None };
            let mut sink = |one: Option<(Option<Violation>, Obligation)>| -> Result<(), Infallible> {
                if let Some((violation, words)) = one {
                    std::hint::black_box(words);
                    found.extend(violation);
                }
                Ok(())
            };
            judge_each(&plan, &source, &make, &mut sink, &mut |_| {}).map_err(Stopped::store)?;
            Ok(found)
        })?
    } else {
        passes(options, || {
            let mut found = Vec::new();
            let make = |met: Met<'_>| if let Met::Case(one) = met { compared(one) } else { None };
            let mut sink = |one: Option<Violation>| -> Result<(), Infallible> {
                found.extend(one);
                Ok(())
            };
            judge_each(&plan, &source, &make, &mut sink, &mut |_| {}).map_err(Stopped::store)?;
            Ok(found)
        })?
    };
    report(options, count, run, &json!({"open_s": opened.wall}))
}

/// Judges every case of a file that was read and packed into columns before, on one thread.
pub fn eval(options: &Options) -> Result<(), Failure> {
    let (_, set) = policies(options)?;
    let mut cases = Vec::new();
    read(&options.path("cases")?, &mut |batch| {
        cases.extend(batch);
        Ok(())
    })?;
    let count = cases.len();
    let mut blocks = Vec::new();
    while !cases.is_empty() {
        let rest = cases.split_off(cases.len().min(BLOCK));
        blocks.push(Rc::new(block_of(cases)?));
        cases = rest;
    }
    let run = passes(options, || {
        let mut found = Vec::new();
        let mut session = Session::new(&set, as_of(), Wanted::Findings, None).sweeping();
        for block in &blocks {
            let batch = Rc::new(Batch::new(Rc::clone(block), &set.symbols));
            for row in 0..block.len() {
                if let Some(subject) = session.subject(&batch, row) {
                    let _ = session.judge(&subject, None, &[], &mut |one| found.extend(compared(one)));
                }
            }
        }
        Ok(found)
    })?;
    report(options, count, run, &json!({}))
}
