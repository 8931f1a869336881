//! `import --watch`: files that arrive are taken once and put away, and stopping loses nothing.

use std::{
    fs,
    path::Path,
    process::{Child, Command},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::cli_data::{GOOD, jobs};
use crate::sandbox::Sandbox;

/// Waits until something is there.
#[track_caller]
fn until(what: &str, there: impl Fn() -> bool) {
    let since = Instant::now();
    while !there() {
        assert!(since.elapsed() < Duration::from_secs(60), "{what} did not happen");
        sleep(Duration::from_millis(50));
    }
}

fn end(child: &Child, signal: &str) {
    let done = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(done.success());
}

fn listed(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()).map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn inbox() -> Sandbox {
    let sandbox = jobs();
    fs::create_dir(sandbox.path("in")).unwrap();
    sandbox
}

#[test]
fn once_takes_what_is_there_and_ends() {
    let sandbox = inbox();
    sandbox.write("in/a.jsonl", GOOD);
    sandbox.write("in/b.csv", "case,what\n");
    sandbox.write("in/c.jsonl", "not a case\n");
    sandbox.write("in/d.jsonl.part", GOOD);
    sandbox.write("in/.e.jsonl", GOOD);
    let out = sandbox.run(&["import", "--watch", "in", "--once"]).code(2);
    let mut lines: Vec<&str> = out.stdout.lines().collect();
    lines.sort_unstable();
    insta::assert_snapshot!(lines.join("\n"), @r"
      help: say `--map mapping.yaml`; examples/receipt shows one
    a.jsonl → in/done/a.jsonl: 1 lines: 1 cases new, 0 changed, 0 as known; 1 events new, 0 known; 0 rows rejected, 0 cases refused
    b.csv → in/rejected/b.csv: rejected: `in/b.csv` is CSV: it needs a mapping
    c.jsonl → in/rejected/c.jsonl: rejected: no row of it can be taken; the first: line 1: not JSON: expected ident (column 2)
    ");
    assert_eq!(listed(&sandbox.path("in")), [".e.jsonl", "d.jsonl.part", "done", "rejected"]);
    assert_eq!(listed(&sandbox.path("in/done")), [".taken", "a.jsonl"]);
    assert_eq!(listed(&sandbox.path("in/rejected")), ["b.csv", "b.csv.rejected.txt", "c.jsonl", "c.jsonl.rejected.txt"]);
    insta::assert_snapshot!(sandbox.read("in/rejected/b.csv.rejected.txt"), @r"
    `in/b.csv` is CSV: it needs a mapping
      help: say `--map mapping.yaml`; examples/receipt shows one
    `in/b.csv` 是 CSV：需要映射文件
      建议：请用 `--map mapping.yaml`；示例见 examples/receipt
    ");
    // The same content under another name is not taken again.
    sandbox.write("in/a.jsonl", GOOD);
    let out = sandbox.run(&["import", "--watch", "in", "--once", "--format", "json"]).code(0);
    insta::assert_snapshot!(out.stdout, @r#"{"file":"a.jsonl","outcome":"known","path":"in/done/a-2.jsonl"}"#);
    let out = sandbox.run(&["import", "--watch", "in", "--once"]).code(0);
    assert_eq!(out.stdout, "");
}

#[test]
fn what_arrives_is_taken_until_it_is_stopped() {
    let sandbox = inbox();
    sandbox.write("in/first.jsonl", GOOD);
    for (signal, name) in [("-TERM", "second.jsonl"), ("-INT", "third.jsonl")] {
        let child = sandbox.start(&["import", "--watch", "in"]);
        until("the first", || sandbox.path("in/done/first.jsonl").exists());
        // The store is free while nothing arrives.
        sandbox.run(&["case", "list"]).code(0);
        sandbox.write("in/written.tmp", GOOD.replace("J-1", name));
        fs::rename(sandbox.path("in/written.tmp"), sandbox.path(&format!("in/{name}"))).unwrap();
        until(name, || sandbox.path(&format!("in/done/{name}")).exists());
        end(&child, signal);
        let out = sandbox.end(child).code(0);
        assert!(out.stdout.contains(&format!("{name} → in/done/{name}: 1 lines: 1 cases new")), "{}", out.all());
        assert!(out.stderr.contains("watching `in`; Ctrl-C ends it") && out.stderr.ends_with("stopped\n"), "{}", out.stderr);
    }
    assert_eq!(sandbox.run(&["case", "list"]).code(0).stdout.lines().count(), 3);
    sandbox.run(&["audit", "verify"]).code(0);
}

#[test]
fn a_large_file_that_is_broken_off_is_taken_the_next_time() {
    let sandbox = inbox();
    let cases = sandbox.run(&["sample", "--cases", "20000", "--seed", "7"]).code(0).stdout;
    sandbox.write("in/large.jsonl", &cases);
    let child = sandbox.start(&["import", "--watch", "in"]);
    until("a beginning", || sandbox.path(".duly/journal").exists());
    sleep(Duration::from_millis(200));
    end(&child, "-TERM");
    sandbox.end(child).code(0);
    sandbox.run(&["audit", "verify"]).code(0);
    if sandbox.path("in/large.jsonl").exists() {
        sandbox.run(&["import", "--watch", "in", "--once"]).code(0);
    }
    assert!(sandbox.path("in/done/large.jsonl").exists());
    let wanted: std::collections::BTreeSet<String> =
        cases.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["case"].as_str().unwrap().to_owned()).collect();
    assert_eq!(sandbox.run(&["case", "list"]).code(0).stdout.lines().count(), wanted.len());
}

#[test]
fn a_folder_that_cannot_be_watched() {
    let sandbox = inbox();
    let all = [
        sandbox.run(&["import", "--watch", "nowhere"]).code(2).stderr,
        sandbox.run(&["import", "--watch", "duly.yaml", "--lang", "zh"]).code(2).stderr,
    ];
    insta::assert_snapshot!(all.join(""), @r"
    error: cannot watch `nowhere`: No such file or directory (os error 2)
      help: it must be a folder in which `done` and `rejected` can be made
    错误：无法监视 `duly.yaml`：not a directory
      建议：它应是一个文件夹，并可在其中建立 `done` 与 `rejected`
    ");
    sandbox.run(&["import", "--once", "a.jsonl"]).code(2);
    sandbox.run(&["import", "--watch", "in", "a.jsonl"]).code(2);
}

#[test]
fn a_store_in_use_is_waited_for() {
    let sandbox = inbox();
    let holder = sandbox.start(&["import", "-"]);
    until("the store", || sandbox.path(".duly/journal").exists());
    sandbox.write("in/a.jsonl", GOOD);
    assert!(sandbox.run(&["import", "--watch", "in", "--once"]).code(2).stderr.contains("is in use by process"));
    let child = sandbox.start(&["import", "--watch", "in"]);
    sleep(Duration::from_secs(3));
    assert!(sandbox.path("in/a.jsonl").exists());
    sandbox.end(holder).code(0);
    until("the file", || sandbox.path("in/done/a.jsonl").exists());
    end(&child, "-TERM");
    let out = sandbox.end(child).code(0);
    assert_eq!(out.stderr.matches("is in use by").count(), 1, "{}", out.stderr);
}
