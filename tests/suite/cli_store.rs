//! A workspace from its making to its restoration: the store as a user meets it.

use serde_json::Value;

use crate::sandbox::{Output, Sandbox};

/// A new workspace with its two cases imported.
pub fn workspace() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.run(&["init"]).code(0);
    sandbox.run(&["import", "cases.jsonl"]).code(0);
    sandbox
}

/// Case, state and due instant of every obligation, as of an instant.
pub fn states(sandbox: &Sandbox, more: &[&str]) -> Vec<String> {
    let found = sandbox.run(&[&["check", "--all", "--fail-on", "never", "--format", "jsonl"], more].concat()).code(0).json_lines();
    let text = |found: &Value, name: &str| found[name].as_str().unwrap_or("-").to_owned();
    found.iter().map(|found| format!("{} {} {}", text(found, "case"), text(found, "state"), text(found, "overdue_by"))).collect()
}

pub fn event(sandbox: &Sandbox, at: &str, id: &str) -> Output {
    sandbox.run(&["event", "C-2", "answered", "--at", at, "--id", id, "--by", "lin"]).code(0)
}

#[test]
fn a_first_day() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(&["init"]).code(0).all(), @r#"
    exit 0
    --- stdout
    ./duly.yaml
    ./policies/vocabulary.yaml
    ./policies/complaints/policy.yaml
    ./policies/complaints/tests/answers.yaml
    ./cases.jsonl

    Next: `duly lint`, `duly test`, `duly import cases.jsonl`, `duly check --as-of 2026-03-03T10:00`
    "#);
    insta::assert_snapshot!(sandbox.run(&["lint"]).code(0).stdout, @r#"complaints: 1 clauses, in order (Complaints)"#);
    insta::assert_snapshot!(sandbox.run(&["test"]).code(0).stdout, @r#"1 passed, 0 failed"#);
    insta::assert_snapshot!(sandbox.run(&["import", "cases.jsonl"]).code(0).all(), @r#"
    exit 0
    --- stdout
    2 lines: 2 cases new, 0 changed, 0 as known; 3 events new, 0 known; 0 rows rejected, 0 cases refused
    "#);
    insta::assert_snapshot!(sandbox.run(&["import", "cases.jsonl"]).code(0).all(), @r#"
    exit 0
    --- stdout
    2 lines: 0 cases new, 0 changed, 2 as known; 0 events new, 3 known; 0 rows rejected, 0 cases refused
    "#);
    assert_eq!(sandbox.run(&["check", "--as-of", "2026-03-03T10:00"]).code, Some(0));
    insta::assert_snapshot!(sandbox.run(&["check", "--as-of", "2026-03-03T12:00"]).code(1).all(), @r#"
    exit 1
    --- stdout
    ──────────────────────────────────────────────────────────────────────────────────────────────────────────
     Case   Clause         State     Due                Late by   Whose move     What to do, or what is wrong 
    ══════════════════════════════════════════════════════════════════════════════════════════════════════════
     C-2    complaints/1   overdue   2026-03-03 11:00   1 h       service desk   Answer the serious complaint 
    ──────────────────────────────────────────────────────────────────────────────────────────────────────────
    --- stderr
    2 cases: 1 overdue, 1 met
    "#);
    insta::assert_snapshot!(sandbox.run(&["due", "--as-of", "2026-03-03T10:00"]).code(0).all(), @r#"
    exit 0
    --- stdout
    ───────────────────────────────────────────────────────────────────────────────────────────────────────────
     Case   Clause         State      Due                Late by   Whose move     What to do, or what is wrong 
    ═══════════════════════════════════════════════════════════════════════════════════════════════════════════
     C-2    complaints/1   due soon   2026-03-03 11:00             service desk   Answer the serious complaint 
    ───────────────────────────────────────────────────────────────────────────────────────────────────────────
    --- stderr
    0 overdue, 1 due within 1 week
    "#);
    insta::assert_snapshot!(sandbox.run(&["due", "--as-of", "2026-03-03T12:00", "--lang", "zh"]).code(0).all(), @r#"
    exit 0
    --- stdout
    ──────────────────────────────────────────────────────────────────────────────
     个案   条款           状态   到期               逾期     由谁   下一步或问题 
    ══════════════════════════════════════════════════════════════════════════════
     C-2    complaints/1   逾期   2026-03-03 11:00   1 小时   客服   答复严重投诉 
    ──────────────────────────────────────────────────────────────────────────────
    --- stderr
    已逾期 1，1周内到期 0
    "#);
    let nobody = sandbox.run(&["due", "--as-of", "2026-03-03T12:00", "--role", "nobody"]);
    assert!(!nobody.stdout.contains("C-2"), "{}", nobody.all());
    // A second `init` overwrites nothing.
    sandbox.write("duly.yaml", "workspace: mine\nzone: Asia/Shanghai\npolicies: [policies]\n");
    sandbox.run(&["init"]);
    assert!(sandbox.read("duly.yaml").starts_with("workspace: mine"));
}

#[test]
fn events_late_and_twice_and_taken_back() {
    let sandbox = workspace();
    let as_of = ["--as-of", "2026-03-03T13:00"];
    assert_eq!(states(&sandbox, &as_of), ["C-1 met -", "C-2 overdue PT2H"]);
    // Recorded in another order than they happened: the earlier answer counts.
    event(&sandbox, "2026-03-03T12:00", "a2");
    assert_eq!(states(&sandbox, &as_of), ["C-1 met -", "C-2 met_late PT1H"]);
    insta::assert_snapshot!(event(&sandbox, "2026-03-03T10:30", "a1").all(), @r#"
    exit 0
    --- stdout
    event `a1` of `C-2` recorded
    "#);
    assert_eq!(states(&sandbox, &as_of), ["C-1 met -", "C-2 met -"]);
    insta::assert_snapshot!(event(&sandbox, "2026-03-03T10:30", "a1").all(), @r#"
    exit 0
    --- stdout
    event `a1` of `C-2` is known already; nothing changed
    "#);
    let retract = ["event", "C-2", "--retract", "a1", "--by", "lin", "--reason", "wrong case"];
    insta::assert_snapshot!(sandbox.run(&retract).code(0).all(), @r#"
    exit 0
    --- stdout
    taken back
    "#);
    insta::assert_snapshot!(sandbox.run(&retract).code(0).all(), @r#"
    exit 0
    --- stdout
    it was taken back before; nothing changed
    "#);
    assert_eq!(states(&sandbox, &as_of), ["C-1 met -", "C-2 met_late PT1H"]);
    insta::assert_snapshot!(sandbox.run(&["event", "C-2", "--retract", "a2", "--by", "lin"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error: taking an event back needs `--by` and `--reason`
    "#);
    let unknown = sandbox.run(&["event", "C-2", "--retract", "zz", "--by", "lin", "--reason", "x"]).code(2);
    assert!(unknown.stderr.contains("no event `zz`"), "{}", unknown.stderr);
    assert!(unknown.stderr.contains("duly case show C-2"), "a command that is there: {}", unknown.stderr);
    insta::assert_snapshot!(sandbox.run(&["case", "show", "C-2"]).code(0).stdout, @r#"
    {
      "case": "C-2",
      "kind": "complaint",
      "facts": {
        "grade": "serious"
      },
      "events": [
        {
          "id": "a7665fdb4a6f4e98",
          "type": "received",
          "at": "2026-03-02T16:00:00+08:00",
          "by": "chen",
          "role": "service-desk"
        },
        {
          "id": "a2",
          "type": "answered",
          "at": "2026-03-03T12:00:00+08:00",
          "by": "lin"
        }
      ]
    }
    "#);
}

#[test]
fn an_event_of_a_known_id_with_other_content_is_not_silently_dropped() {
    let sandbox = workspace();
    event(&sandbox, "2026-03-03T12:00", "a1");
    let out = event(&sandbox, "2026-03-03T10:30", "a1");
    assert!(out.all().contains("other content"), "{}", out.all());
}

#[test]
fn waivers() {
    let sandbox = workspace();
    let waive = |until: &str, approved_by: &str, reason: &str| {
        sandbox.run(&[
            "waive",
            "C-2",
            "complaints/1",
            "--from",
            "2026-03-02T16:00",
            "--until",
            until,
            "--by",
            "lin",
            "--approved-by",
            approved_by,
            "--reason",
            reason,
        ])
    };
    insta::assert_snapshot!(waive("2026-04-01", "lin", "flood").code(2).all(), @r#"
    exit 2
    --- stderr
    error: whoever asks for a waiver cannot approve it
    "#);
    insta::assert_snapshot!(waive("2027-03-05", "chen", "flood").code(2).all(), @r#"
    exit 2
    --- stderr
    error: a waiver ends after it begins, at the latest a year later
    "#);
    insta::assert_snapshot!(waive("2026-04-01", "chen", " ").code(2).all(), @r#"
    exit 2
    --- stderr
    error: `--reason` is missing
    "#);
    insta::assert_snapshot!(waive("2026-03-01", "chen", "flood").code(2).all(), @r#"
    exit 2
    --- stderr
    error: a waiver ends after it begins, at the latest a year later
    "#);
    insta::assert_snapshot!(sandbox.run(&["waive", "C-2", "complaints/2", "--until", "2027-01-01", "--by", "lin", "--approved-by", "chen", "--reason", "x"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error: unknown clause `complaints/2`
      help: did you mean `complaints/1`?
    "#);
    assert_eq!(states(&sandbox, &["--as-of", "2026-03-10T10:00"]), ["C-1 met -", "C-2 overdue PT167H"]);
    insta::assert_snapshot!(waive("2026-04-01", "chen", "flood").code(0).all(), @r#"
    exit 0
    --- stdout
    waiver W-2 recorded, until 2026-04-01 00:00
    "#);
    assert_eq!(states(&sandbox, &["--as-of", "2026-03-10T10:00"]), ["C-1 met -", "C-2 waived -"]);
    // When it ends, the obligation is overdue since its due instant, not since the end of the waiver.
    assert_eq!(states(&sandbox, &["--as-of", "2026-04-02T11:00"]), ["C-1 met -", "C-2 overdue PT720H"]);
    insta::assert_snapshot!(sandbox.run(&["waive", "list"]).code(0).stdout, @r#"W-2	C-2	complaints/1	*	2026-03-02 16:00 .. 2026-04-01 00:00	lin / chen	flood"#);
}
