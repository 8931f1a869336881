//! Hand-written Rust: `--mode eval` over cases in memory; `--mode sled` from a sled database with one compact value a case, made when it is
//! not there yet.

use std::path::Path;

use peers::{
    Failure,
    case::Case,
    limit, lines,
    measure::{Violation, in_shares, passes, report, timed},
    options::Options,
};
use serde_json::json;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Failure> {
    let options = Options::read()?;
    match options.value("mode", "eval".to_owned())?.as_str() {
        "eval" => eval(&options),
        "sled" => sled(&options),
        other => Err(format!("there is no mode `{other}`").into()),
    }
}

fn eval(options: &Options) -> Result<(), Failure> {
    let cases = lines::cases(&options.path("cases")?)?;
    let threads = options.value("threads", 1)?;
    let run = passes(options, || {
        in_shares(cases.len(), threads, |share| {
            let mut found = Vec::new();
            for number in share {
                limit::judge(u32::try_from(number)?, &cases[number], &mut found);
            }
            Ok(found)
        })
    })?;
    report(options, cases.len(), run, &json!({}))
}

fn sled(options: &Options) -> Result<(), Failure> {
    let folder = options.path("store")?;
    if !folder.exists() {
        build(&options.path("cases")?, &folder)?;
    }
    let open = timed(|| Ok(open(&folder)?))?;
    let store = open.result;
    let count = store.len();
    let threads = options.value("threads", 1)?;
    let run = passes(options, || in_shares(count, threads, |share| scan(&store, share.start, share.end)))?;
    let more = json!({"open_s": open.wall, "bytes_per_case": store.size_on_disk()? as f64 / count as f64});
    report(options, count, run, &more)
}

fn open(folder: &Path) -> Result<sled::Db, sled::Error> {
    sled::Config::new().path(folder).open()
}

fn build(cases: &Path, folder: &Path) -> Result<(), Failure> {
    let store = open(folder)?;
    for (number, case) in (0_u32..).zip(lines::cases(cases)?) {
        store.insert(number.to_be_bytes(), postcard::to_stdvec(&case)?)?;
    }
    store.flush()?;
    Ok(())
}

fn scan(store: &sled::Db, start: usize, end: usize) -> Result<Vec<Violation>, Failure> {
    let (start, end) = (u32::try_from(start)?, u32::try_from(end)?);
    let mut found = Vec::new();
    for pair in store.range(start.to_be_bytes()..end.to_be_bytes()) {
        let (key, value) = pair?;
        let case: Case<&str> = postcard::from_bytes(&value)?;
        limit::judge(u32::from_be_bytes(key.as_ref().try_into()?), &case, &mut found);
    }
    Ok(found)
}
