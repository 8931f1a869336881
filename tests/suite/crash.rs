//! SIGKILL while importing: whatever was acknowledged is there afterwards.
//!
//! The test runs its own binary again with `DULY_CRASH_DIR` set and only `child` selected; the child then imports
//! without end and prints a line for each batch that was acknowledged.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use duly::store::Store;

use crate::support::{all, at, cases, event, open};

const DIR: &str = "DULY_CRASH_DIR";
const BATCH: usize = 40;

#[test]
fn child() {
    let Some(dir) = std::env::var_os(DIR) else {
        return;
    };
    let (mut store, _) = Store::open(Path::new(&dir), at(1)).unwrap();
    let mut batch = usize::try_from(store.len().unwrap()).unwrap().div_ceil(BATCH);
    loop {
        let numbers = batch * BATCH..(batch + 1) * BATCH;
        store.import("crash", cases(numbers), at(1)).unwrap();
        store.add_event(&format!("R-{:06}", batch * BATCH), event("x", "signed", 9), at(2)).unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "acknowledged {batch}").unwrap();
        out.flush().unwrap();
        batch += 1;
    }
}

#[test]
fn nothing_acknowledged_is_lost_when_killed() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged: BTreeMap<usize, ()> = BTreeMap::new();
    for round in 0_u64..30 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::child", "--nocapture", "--test-threads=1"])
            .env(DIR, dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let reader = std::thread::spawn(move || {
            let said = lines.map_while(Result::ok);
            // The test harness writes in front of the first line.
            said.filter_map(|line| line.split_once("acknowledged ")?.1.parse().ok()).collect::<Vec<usize>>()
        });
        std::thread::sleep(Duration::from_millis(60 + round * 7919 % 240));
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged.extend(reader.join().unwrap().into_iter().map(|batch| (batch, ())));
        if round % 5 == 4 {
            look(dir.path(), &acknowledged);
        }
    }
    assert!(acknowledged.len() > 30, "only {} batches", acknowledged.len());
    println!("{} batches acknowledged in 30 rounds", acknowledged.len());
}

fn look(dir: &Path, acknowledged: &BTreeMap<usize, ()>) {
    let (store, notices) = open(dir);
    assert!(notices.iter().all(|notice| notice.en.contains("interrupted")), "{notices:?}");
    let found = all(&store);
    for batch in acknowledged.keys() {
        for number in batch * BATCH..(batch + 1) * BATCH {
            let case = &found[&format!("R-{number:06}")];
            assert_eq!(case.events.len(), if number == batch * BATCH { 4 } else { 3 });
        }
    }
    assert_eq!(found.len() % BATCH, 0, "a batch is there whole or not at all");
    store.verify().unwrap();
}
