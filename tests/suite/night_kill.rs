//! A nightly run that is killed and made again leaves what an undisturbed one leaves; and there is one run at a time.

use std::{
    fs,
    path::Path,
    process::{Child, Command},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::sandbox::{POLICIES, Sandbox};
use crate::support::copy;

const CASES: &str = "1000";
const FIRST: &str = "2026-03-20T18:00:00+08:00";
const SECOND: &str = "2026-03-31T18:00:00+08:00";
const THIRD: &str = "2026-04-02T18:00:00+08:00";

/// A store with made-up cases, of which one night is reported already.
fn company() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("duly.yaml", format!("workspace: w\nzone: Asia/Shanghai\npolicies: [{POLICIES}]\n"));
    let cases = sandbox.run(&["sample", "--cases", CASES, "--seed", "5", "--days", "30", "--mishaps", "40"]).code(0).stdout;
    sandbox.write("cases.jsonl", cases);
    sandbox.run(&["import", "cases.jsonl"]).code(0);
    sandbox.run(&night(FIRST)).code(0);
    sandbox
}

fn night(as_of: &str) -> [&str; 7] {
    ["nightly", "--as-of", as_of, "--report", "out", "--top", "1"]
}

/// The same workspace once more.
fn twin(of: &Sandbox) -> Sandbox {
    let twin = Sandbox::new();
    copy(&of.path(""), &twin.path(""));
    twin
}

/// All that a report says, without the moment and the number of the run, and how much work was left for it.
fn told(sandbox: &Sandbox) -> (String, String, Value) {
    let mut run: Value = serde_json::from_str(&sandbox.read("out/run.json")).unwrap();
    for name in ["run", "since", "started", "seconds", "judged", "skipped", "trend"] {
        assert!(run.as_object_mut().unwrap().remove(name).is_some(), "{name}");
    }
    (sandbox.read("out/findings.jsonl"), sandbox.read("out/changes.jsonl"), run)
}

/// Violations not settled, counted one by one.
fn open_violations(sandbox: &Sandbox) -> u64 {
    sandbox.read("out/findings.jsonl").lines().filter(|line| line.contains("\"open\":true")).count() as u64
}

/// What the trend says of them, run by run.
fn trend(sandbox: &Sandbox) -> Vec<u64> {
    let run: Value = serde_json::from_str(&sandbox.read("out/run.json")).unwrap();
    run["trend"].as_array().unwrap().iter().map(|row| row["open"].as_u64().unwrap()).collect()
}

/// Waits until something is so, or the program has ended.
fn until(child: &mut Child, so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !so() && child.try_wait().unwrap().is_none() && begun.elapsed() < Duration::from_secs(120) {
        std::thread::sleep(Duration::from_micros(300));
    }
}

fn size(folder: &Path) -> u64 {
    fs::read_dir(folder).map_or(0, |entries| entries.map(|entry| entry.unwrap().metadata().unwrap().len()).sum())
}

#[test]
fn killed_anywhere_and_run_again_it_tells_the_same() {
    let company = company();
    let undisturbed = twin(&company);
    let begun = Instant::now();
    undisturbed.run(&night(SECOND)).code(0);
    let took = begun.elapsed();
    let expected = told(&undisturbed);
    let open = open_violations(&undisturbed);
    undisturbed.run(&night(THIRD)).code(0);
    // A run counts states; what was open is worked out, and must be what it was.
    assert_eq!(trend(&undisturbed)[1..], [open, open_violations(&undisturbed)]);
    let (expected_next, new) = (told(&undisturbed), expected.2["new"].as_u64().unwrap());
    assert!(new > 50 && expected.2["cleared"].as_u64().unwrap() > 0, "there is something to lose: {}", expected.2);

    let (mut killed, mut recorded) = (0, 0);
    for round in 0_u32..9 {
        let sandbox = twin(&company);
        let journal = sandbox.path(".duly/journal");
        let before = size(&journal);
        let mut child = sandbox.start(&night(SECOND));
        match round {
            // At any moment of its course.
            0..5 => {
                let begun = Instant::now();
                until(&mut child, || begun.elapsed() > took * (2 * round + 1) / 10);
            }
            // While it is recorded, and while its report is written.
            5 => until(&mut child, || size(&journal) > before),
            6 => until(&mut child, || sandbox.path("out/changes.jsonl.draft").exists()),
            7 => until(&mut child, || !sandbox.path("out/findings.jsonl.draft").exists() && size(&journal) > before),
            _ => until(&mut child, || fs::read_to_string(sandbox.path("out/run.json")).is_ok_and(|text| text.contains("2026-03-31T18"))),
        }
        child.kill().unwrap();
        let whole = child.wait().unwrap().code() == Some(0);
        killed += usize::from(!whole);
        recorded += usize::from(!whole && size(&journal) > before);
        if !whole {
            sandbox.run(&night(SECOND)).code(0);
        }
        let again = told(&sandbox);
        assert_eq!(again.2, expected.2, "round {round}: the figures differ");
        assert_eq!(again.1, expected.1, "round {round}: the changes differ");
        assert!(again == expected, "round {round}: the findings differ");
        sandbox.run(&night(THIRD)).code(0);
        assert!(told(&sandbox) == expected_next, "round {round}: the next report differs");
        sandbox.run(&["audit", "verify"]).code(0);
    }
    assert!(killed >= 5 && recorded >= 1, "{killed} of 9 were killed, {recorded} of them after something was recorded");
}

#[test]
fn one_run_at_a_time() {
    let company = company();
    let mut first = company.start(&night(SECOND));
    let pid = first.id().to_string();
    until(&mut first, || fs::read_to_string(company.path(".duly/lock")).is_ok_and(|text| text.contains(&format!("pid {pid}\n"))));
    let signal = |name: &str| assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    signal("-STOP");
    let second = company.run(&[&night(SECOND)[..], &["--log", "night.log"]].concat()).code(2);
    let chinese = company.run(&[&night(SECOND)[..], &["--lang", "zh"]].concat()).code(2);
    signal("-CONT");
    let (start, end) = second.stderr.split_once(" since ").unwrap_or_else(|| panic!("{}", second.stderr));
    assert!(start.starts_with(&format!("error: the store `[dir]/.duly` is in use by process {pid} on ")), "{start}");
    assert!(end.trim_end().ends_with("Z (under a minute); wait until that process ends, or stop it"), "{end}");
    assert!(
        chinese.stderr.contains(&format!("进程 {pid}（自 ")) && chinese.stderr.contains("Z 起，已 不足 1 分钟）"),
        "{}",
        chinese.stderr
    );
    let log = company.read("night.log");
    assert!(log.contains("ERROR") && log.contains(&format!("process {pid}")), "{log}");
    company.end(first).code(0);
    // The one that was refused has left nothing, and the other has told all.
    assert!(!company.path("out/running.json").exists());
    let run: Value = serde_json::from_str(&company.read("out/run.json")).unwrap();
    assert_eq!((run["as_of"].as_str(), run["trend"].as_array().map(Vec::len)), (Some(SECOND), Some(2)));
}
