//! The nightly check: the first night over a store, the same instant again, a night later with some news, and the morning after a limit was
//! changed.

use std::sync::Arc;

use duly::{
    app::{
        clock::{self, Watch},
        nightly::{Night, Setting, nightly},
    },
    case::{Case, Event, Values},
    diagnostic::SourceFile,
    policy::{PolicySet, company::Company, compile, sources::Sources},
    store::Store,
    time::Instant,
};
use peers::{
    Failure,
    case::id,
    measure::{Timed, peak_kb, timed},
    options::Options,
};
use serde_json::{Value, json};

use crate::check::{as_of, policies, said};

/// In so many milliseconds after the first night about one case in a hundred changes by itself: something falls due or becomes due soon.
const LATER: i64 = 150 * 60_000;
/// What one clause says, and what it is made to say.
const LIMIT: (&str, &str) = ("expect: responded, anywhere: true, within: 24h", "expect: responded, anywhere: true, within: 20h");
/// Cases handed on at a time.
const BATCH: usize = 1_000;

/// Measures the nights over a store; the store is another one afterwards.
pub fn nights(options: &Options) -> Result<(), Failure> {
    let threads = options.value("threads", 1)?;
    let (sources, set) = policies(options)?;
    let folder = options.path("store")?;
    let opened = timed(|| Ok(Store::open(&folder, clock::now())?.0))?;
    let mut store = opened.result;
    let count = store.len()?;
    let run = |store: &mut Store, sources: &Sources, set: &PolicySet, as_of: Instant, full: bool| {
        let setting = Setting { as_of, now: clock::now(), fallback: false, full, threads, watch: Watch::start() };
        timed(|| Ok(nightly(store, set, sources, &setting, &mut |_| {})?))
    };
    let night = |store: &mut Store, sources: &Sources, set: &PolicySet, as_of: Instant| run(store, sources, set, as_of, false);
    let first = night(&mut store, &sources, &set, as_of())?;
    let full = run(&mut store, &sources, &set, as_of(), true)?;
    let idle = night(&mut store, &sources, &set, as_of())?;
    let later = as_of().plus(LATER);
    let noted = note(&mut store, count, as_of().plus(LATER / 2))?;
    let second = night(&mut store, &sources, &set, later)?;
    let edited = edited(&sources)?;
    let other = compile(&edited, Company::default()).map_err(said)?;
    let morning = night(&mut store, &edited, &other, later)?;
    println!(
        "{}",
        json!({
            "n": count, "threads": threads, "open_store": opened.wall, "noted": noted, "rss_kb": peak_kb(),
            "nightly_first": told(&first), "nightly_full": told(&full), "nightly_idle": told(&idle), "nightly_2pct": told(&second), "one_clause_edited": told(&morning),
        })
    );
    Ok(())
}

fn told(night: &Timed<Night>) -> Value {
    let run = &night.result.run;
    json!({
        "wall_s": night.wall, "cpu_s": night.cpu, "opened": run.opened.len(), "cleared": run.cleared.len(), "persisting": night.result.persisting,
        "findings": night.result.findings(), "judged": run.judged,
    })
}

/// One case in a hundred has a remark noted.
fn note(store: &mut Store, count: u64, at: Instant) -> Result<usize, Failure> {
    // The high bits of a product with a large odd number are as good as drawn.
    let drawn = |number: &u32| (number.wrapping_mul(2_654_435_761) >> 16).is_multiple_of(100);
    let numbers: Vec<u32> = (0..u32::try_from(count)?).filter(drawn).collect();
    for batch in numbers.chunks(BATCH) {
        let cases = batch.iter().map(|number| noted(*number, at)).collect();
        store.import("notes", cases, clock::now())?;
    }
    Ok(numbers.len())
}

fn noted(number: u32, at: Instant) -> Case {
    let event = Event { id: String::new(), kind: "noted".to_owned(), at, by: None, role: None, data: Values::new() };
    Case { id: id(number), kind: "complaint".to_owned(), part_of: None, facts: Values::new(), events: vec![event] }
}

/// The policies with another limit in one clause.
fn edited(sources: &Sources) -> Result<Sources, Failure> {
    let mut sources = sources.clone();
    let source =
        sources.files.iter_mut().find(|source| source.file.text.contains(LIMIT.0)).ok_or("the clause to be edited is not there")?;
    let text = source.file.text.replace(LIMIT.0, LIMIT.1);
    source.file = Arc::new(SourceFile { path: source.file.path.clone(), text });
    Ok(sources)
}
