//! The clock: passes over the same work, their median, and the sum of what they found.

use std::{ops::Range, time::Instant};

use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    Failure,
    case::{Clause, id},
    options::Options,
};

/// A clause that a case violates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The case's number.
    pub case: u32,
    /// The clause.
    pub clause: Clause,
    /// The instant compared, in seconds; some clauses have none.
    pub due: Option<i64>,
}

/// One pass, or the median of several.
pub struct Timed<T> {
    /// Seconds by the clock on the wall.
    pub wall: f64,
    /// Seconds of all threads of the process.
    pub cpu: f64,
    /// What the work gave.
    pub result: T,
}

/// Seconds that the process has used so far.
fn cpu() -> f64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
}

/// Times one piece of work.
///
/// # Errors
/// Those of the work.
pub fn timed<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<Timed<T>, Failure> {
    let (begun, used) = (Instant::now(), cpu());
    let result = work()?;
    Ok(Timed { wall: begun.elapsed().as_secs_f64(), cpu: cpu() - used, result })
}

/// The median of the passes that fit into the time given (`--seconds`), of which there is at least one, after one to warm up. Without time the first
/// counts by itself.
///
/// # Errors
/// Those of the work.
pub fn passes<T>(options: &Options, work: impl Fn() -> Result<T, Failure>) -> Result<Timed<T>, Failure> {
    let seconds: f64 = options.value("seconds", 1.0)?;
    let first = timed(&work)?;
    if seconds == 0.0 {
        return Ok(first);
    }
    let (mut walls, mut cpus) = (Vec::new(), Vec::new());
    while walls.is_empty() || walls.iter().sum::<f64>() < seconds {
        let pass = timed(&work)?;
        walls.push(pass.wall);
        cpus.push(pass.cpu);
    }
    Ok(Timed { wall: median(walls), cpu: median(cpus), result: first.result })
}

fn median(mut list: Vec<f64>) -> f64 {
    list.sort_by(f64::total_cmp);
    list.get(list.len() / 2).copied().unwrap_or_default()
}

/// Divides a number of cases among threads and joins what they find, in order.
///
/// # Errors
/// Those of the work, or a thread that ended early.
pub fn in_shares(
    count: usize,
    threads: usize,
    work: impl Fn(Range<usize>) -> Result<Vec<Violation>, Failure> + Sync,
) -> Result<Vec<Violation>, Failure> {
    if threads == 1 {
        return work(0..count);
    }
    let work = &work;
    std::thread::scope(|scope| {
        let shares: Vec<_> =
            (0..threads).map(|share| scope.spawn(move || work(count * share / threads..count * (share + 1) / threads))).collect();
        let mut all = Vec::new();
        for share in shares {
            all.extend(share.join().map_err(|_| "a thread ended early")??);
        }
        Ok(all)
    })
}

/// Several findings of one case and clause count once.
#[must_use]
pub fn distinct(mut list: Vec<Violation>) -> Vec<Violation> {
    list.sort_unstable();
    list.dedup_by_key(|violation| (violation.case, violation.clause));
    list
}

/// SHA-256 of the sorted lines `case TAB clause TAB due`.
#[must_use]
pub fn sum(list: &[Violation]) -> String {
    let mut lines: Vec<String> = list
        .iter()
        .map(|found| {
            let due = found.due.map_or_else(|| "-".to_owned(), |due| due.to_string());
            format!("{}\t{}\t{due}\n", id(found.case), found.clause.word())
        })
        .collect();
    lines.sort_unstable();
    Sha256::digest(lines.concat()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Most memory that the process has had, in kB, where the system says so.
#[must_use]
pub fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
}

/// Prints a run as one line of JSON. The rate is cases per CPU second on one thread, per second of the clock on several.
///
/// # Errors
/// When an option is wrong.
pub fn report(options: &Options, count: usize, run: Timed<Vec<Violation>>, more: &Value) -> Result<(), Failure> {
    let threads: usize = options.value("threads", 1)?;
    let peak = peak_kb();
    let list = distinct(run.result);
    let rate = count as f64 / if threads == 1 { run.cpu } else { run.wall };
    let mut line = json!({
        "n": count, "threads": threads, "wall_s": run.wall, "cpu_s": run.cpu, "rate": rate, "violations": list.len(), "rss_kb": peak,
    });
    if let Some(fields) = line.as_object_mut() {
        if options.value("sum", false)? {
            fields.insert("sha256".to_owned(), sum(&list).into());
        }
        fields.extend(more.as_object().cloned().unwrap_or_default());
    }
    println!("{line}");
    Ok(())
}
