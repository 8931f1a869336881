//! A workspace from its making to its restoration: the store as a user meets it.

use serde_json::Value;

use crate::sandbox::{Output, Sandbox};

/// A new workspace with its two cases imported.
fn workspace() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.run(&["init"]).code(0);
    sandbox.run(&["import", "cases.jsonl"]).code(0);
    sandbox
}

/// Case, state and due instant of every obligation, as of an instant.
fn states(sandbox: &Sandbox, more: &[&str]) -> Vec<String> {
    let found = sandbox.run(&[&["check", "--all", "--fail-on", "never", "--format", "jsonl"], more].concat()).code(0).json_lines();
    let text = |found: &Value, name: &str| found[name].as_str().unwrap_or("-").to_owned();
    found.iter().map(|found| format!("{} {} {}", text(found, "case"), text(found, "state"), text(found, "overdue_by"))).collect()
}

fn event(sandbox: &Sandbox, at: &str, id: &str) -> Output {
    sandbox.run(&["event", "C-2", "answered", "--at", at, "--id", id, "--by", "lin"]).code(0)
}

/// An instant between what was recorded before and what comes after.
fn now() -> String {
    let pause = || std::thread::sleep(std::time::Duration::from_millis(5));
    pause();
    let now = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    pause();
    now
}

#[test]
fn a_first_day() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(&["init"]).code(0).all(), @r#"
    exit 0
    --- stdout
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

#[test]
fn nightly_says_what_is_new_and_survives_a_broken_policy() {
    let sandbox = workspace();
    let night = |as_of: &str| sandbox.run(&["nightly", "--as-of", as_of]).code(0);
    insta::assert_snapshot!(night("2026-03-03T12:00").all(), @r#"
    exit 0
    --- stdout
    Run 5 as of 2026-03-03 12:00: 2 cases: 1 overdue, 1 met
    Since the last run: 1 new, 0 persisting, 0 cleared, 0 reopened
    ──────────────────────────────────────────────────────────────────────────────────────────────────────────
     Case   Clause         State     Due                Late by   Whose move     What to do, or what is wrong 
    ══════════════════════════════════════════════════════════════════════════════════════════════════════════
     C-2    complaints/1   overdue   2026-03-03 11:00   1 h       service desk   Answer the serious complaint 
    ──────────────────────────────────────────────────────────────────────────────────────────────────────────
    "#);
    let good = sandbox.read("policies/complaints/policy.yaml");
    sandbox.write("policies/complaints/policy.yaml", good.replace("expect: answered", "expect: anwsered"));
    insta::assert_snapshot!(night("2026-03-04T12:00").all(), @r#"
    exit 0
    --- stdout
    Run 6 as of 2026-03-04 12:00: 2 cases: 1 overdue, 1 met
    Since the last run: 0 new, 1 persisting, 0 cleared, 0 reopened
    ──────────────────────────────────────────────────────────────────────────────────────────────────────────
     Case   Clause         State     Due                Late by   Whose move     What to do, or what is wrong 
    ══════════════════════════════════════════════════════════════════════════════════════════════════════════
     C-2    complaints/1   overdue   2026-03-03 11:00   1 d 1 h   service desk   Answer the serious complaint 
    ──────────────────────────────────────────────────────────────────────────────────────────────────────────
    --- stderr
    error[DU0401]: kind `complaint` has no event `anwsered`
      --> [dir]/policies/complaints/policy.yaml:30:15
       |
    30 |       expect: anwsered
       |               ^^^^^^^^
       |
       = help: did you mean `answered`?

    1 error
    warning: the policies on disk do not load; running those of the last good run
    "#);
    insta::assert_snapshot!(sandbox.run(&["nightly", "--as-of", "2026-03-04T12:00", "--lang", "zh"]).code(0).stderr, @r#"
    错误[DU0401]: `complaint` 没有事件 `anwsered`
      --> [dir]/policies/complaints/policy.yaml:30:15
       |
    30 |       expect: anwsered
       |               ^^^^^^^^
       |
       = 建议: 是不是 `answered`？

    共 1 处错误
    警告：磁盘上的策略无法加载；沿用上次有效的策略
    "#);
    sandbox.write("policies/complaints/policy.yaml", good);
    event(&sandbox, "2026-03-04T13:00", "a1");
    insta::assert_snapshot!(night("2026-03-05T12:00").all(), @r#"
    exit 0
    --- stdout
    Run 10 as of 2026-03-05 12:00: 2 cases: 1 met late, 1 met
    Since the last run: 0 new, 1 persisting, 0 cleared, 0 reopened
    "#);
    let full = sandbox.run(&["nightly", "--full", "--as-of", "2026-03-05T12:00"]).code(0);
    assert!(
        full.stdout.contains("0 new, 0 persisting, 0 cleared") || full.stdout.contains("0 new, 1 persisting, 0 cleared"),
        "{}",
        full.stdout
    );
}

#[test]
fn a_first_night_without_policies_fails() {
    let sandbox = workspace();
    sandbox.write("policies/complaints/policy.yaml", "policy: [\n");
    sandbox.run(&["nightly"]).code(2);
}

#[test]
fn the_story_of_a_case() {
    let sandbox = workspace();
    let explain = |more: &[&str]| sandbox.run(&[&["explain", "C-2", "--as-of", "2026-03-03T12:00"], more].concat()).code(0).stdout;
    insta::assert_snapshot!(explain(&[]), @r#"
    C-2 (complaint), as of 2026-03-03 12:00
      grade (grade): serious
      2026-03-02 16:00  received [a7665fdb4a6f4e98] (chen, service-desk)

    complaints/1  Answer in time
      A complaint is answered within 24 hours; a serious one within 4 working hours.
      (article 1, version in force from 2026-01-01)
        4 working hours from 2026-03-02 16:00 ends 2026-03-03 11:00:
          2026-03-02 16:00 to 2026-03-02 18:00: open, 2 hours (2 hours so far)
          2026-03-02 18:00 to 2026-03-03 09:00: closed
          2026-03-03 09:00 to 2026-03-03 11:00: open, 2 hours (4 hours so far)
        settled by: answered
      → overdue [a7665fdb4a6f4e98]: Answer in time: awaits: answered; was due 2026-03-03 11:00, 1 h late
        events used: a7665fdb4a6f4e98
        last moment: 2026-03-03 11:00
        next: service desk: Answer the serious complaint
    "#);
    insta::assert_snapshot!(explain(&["complaints/1", "--lang", "zh"]), @r#"
    C-2（投诉），截至 2026-03-03 12:00
      级别 (grade): serious
      2026-03-02 16:00  收到 [a7665fdb4a6f4e98] (chen, service-desk)

    complaints/1  及时答复
      投诉须在24小时内答复；严重投诉须在4个工作小时内答复。
      （第 1 条，2026-01-01 起施行的版本）
        自 2026-03-02 16:00 起4个工作小时，止于 2026-03-03 11:00：
          2026-03-02 16:00 至 2026-03-02 18:00：工作时间，2小时（累计2小时）
          2026-03-02 18:00 至 2026-03-03 09:00：非工作时间
          2026-03-03 09:00 至 2026-03-03 11:00：工作时间，2小时（累计4小时）
        完成它的事件：答复
      → 逾期 [a7665fdb4a6f4e98]: 及时答复：等待：答复；应于 2026-03-03 11:00 前完成，已逾期 1 小时
        所用事件: a7665fdb4a6f4e98
        最后时刻: 2026-03-03 11:00
        下一步: 客服: 答复严重投诉
    "#);
    let json: Value = serde_json::from_str(&explain(&["--format", "json"])).unwrap();
    assert_eq!(json["clauses"][0]["clause"], "complaints/1");
    assert_eq!(json["clauses"][0]["obligations"][0]["state"], "overdue");
    assert_eq!(json["clauses"][0]["story"].as_array().unwrap().len(), 5);
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
