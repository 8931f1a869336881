//! The journal checked, kept and restored; what was known at an earlier instant.

use crate::cli_store::{event, states, workspace};
use crate::sandbox::Sandbox;

/// An instant between what was recorded before and what comes after.
fn now() -> String {
    let pause = || std::thread::sleep(std::time::Duration::from_millis(5));
    pause();
    let now = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    pause();
    now
}

/// Everything that `check` prints, of the open and the settled.
fn everything(sandbox: &Sandbox) -> String {
    let more = ["--all", "--format", "jsonl", "--as-of", "2026-03-10T10:00"];
    sandbox.run(&[&["check"], &more[..]].concat()).code(1).stdout
}

#[test]
fn audit_dump_and_restore() {
    let sandbox = workspace();
    event(&sandbox, "2026-03-03T12:00", "a1");
    sandbox.run(&["nightly", "--as-of", "2026-03-04T12:00"]).code(0);
    let verify = sandbox.run(&["audit", "verify"]).code(0).stdout;
    assert!(verify.starts_with("the chain holds: "), "{verify}");
    let point = sandbox.run(&["audit", "checkpoint"]).code(0).stdout;
    event(&sandbox, "2026-03-03T13:00", "a2");
    sandbox.run(&["audit", "verify", "--against", point.trim()]).code(0);
    let (seq, _) = point.trim().split_once(':').unwrap();
    let forged = format!("{seq}:{}", "0".repeat(64));
    sandbox.run(&["audit", "verify", "--against", &forged]).code(2);
    sandbox.run(&["audit", "verify", "--against", "soon"]).code(2);

    let before = everything(&sandbox);
    sandbox.run(&["dump", "--out", "dump.jsonl"]).code(0);
    let other = Sandbox::new();
    other.run(&["init"]).code(0);
    let text = sandbox.read("dump.jsonl");
    other.write("changed.jsonl", text.replacen("chen", "chan", 1));
    other.run(&["restore", "changed.jsonl"]).code(2);
    other.write("cut.jsonl", text.lines().take(2).collect::<Vec<_>>().join("\n"));
    other.run(&["restore", "cut.jsonl"]).code(2);
    other.write("dump.jsonl", &text);
    other.run(&["restore", "dump.jsonl"]).code(0);
    assert_eq!(everything(&other), before);
    assert_eq!(other.run(&["audit", "verify"]).code(0).stdout, sandbox.run(&["audit", "verify"]).code(0).stdout);
    other.run(&["audit", "verify", "--against", point.trim()]).code(0);
    // A store that holds something is not overwritten.
    other.run(&["restore", "dump.jsonl"]).code(2);
    assert_eq!(everything(&other), before);
}

#[test]
fn a_changed_byte_of_the_journal_is_found() {
    let sandbox = workspace();
    event(&sandbox, "2026-03-03T12:00", "a1");
    let path = sandbox.path(".duly/journal/00000001.log");
    let mut bytes = std::fs::read(&path).unwrap();
    let place = bytes.len() / 3;
    bytes[place] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let out = sandbox.run(&["audit", "verify"]).code(2);
    assert!(out.stderr.contains("00000001.log"), "{}", out.stderr);
    assert_eq!(out.stderr.matches("error").count(), 1, "{}", out.stderr);
}

#[test]
fn what_was_known_then_stays() {
    let sandbox = workspace();
    let known = now();
    let then = ["--as-of", "2026-03-03T13:00", "--known-at", &known];
    let print = |arguments: &[&str]| sandbox.run(&[arguments, &then[..]].concat()).stdout;
    let check = ["check", "--all", "--format", "jsonl"];
    let before = (print(&check), print(&["explain", "C-2"]), print(&["due"]));
    assert!(before.0.contains("overdue"), "{}", before.0);
    event(&sandbox, "2026-03-03T10:30", "a1");
    sandbox
        .run(&[
            "waive",
            "C-2",
            "complaints/1",
            "--from",
            "2026-03-01",
            "--until",
            "2026-04-01",
            "--by",
            "lin",
            "--approved-by",
            "chen",
            "--reason",
            "x",
        ])
        .code(0);
    let later = now();
    sandbox.write("more.jsonl", "{\"case\":\"C-3\",\"kind\":\"complaint\",\"facts\":{\"grade\":\"general\"},\"events\":[{\"type\":\"received\",\"at\":\"2026-03-01T09:00:00+08:00\"}]}\n{\"case\":\"C-2\",\"kind\":\"complaint\",\"facts\":{\"grade\":\"general\"}}\n");
    sandbox.run(&["import", "more.jsonl"]).code(0);
    sandbox.run(&["event", "C-2", "--retract", "a1", "--by", "lin", "--reason", "x"]).code(0);
    assert_eq!((print(&check), print(&["explain", "C-2"]), print(&["due"])), before);
    let as_of = ["--as-of", "2026-03-03T13:00"];
    let at = |known: &str| states(&sandbox, &[&as_of[..], &["--known-at", known]].concat());
    assert_eq!(at(&later), ["C-1 met -", "C-2 met -"]);
    assert_eq!(states(&sandbox, &as_of), ["C-1 met -", "C-2 waived -", "C-3 overdue PT28H"]);
    assert_eq!(at("2026-01-01T00:00:00Z"), Vec::<String>::new());
}
