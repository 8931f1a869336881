//! Clock, sample, schema, demo, and readers that go away.

use std::io::{BufRead, BufReader, Read};

use crate::sandbox::{POLICIES, Sandbox};

fn clock(more: &[&str]) -> String {
    Sandbox::new().run(&[&["clock", "--calendar", "china-office"], more].concat()).all()
}

#[test]
fn counting_on_a_calendar() {
    let six = ["--from", "2026-09-18T16:00", "--span", "6 working hours"];
    insta::assert_snapshot!(clock(&six), @r#"
    exit 0
    --- stdout
    2026-09-20 14:00  (2026-09-20T14:00:00+08:00)
      2026-09-18 16:00 to 2026-09-18 18:00: open, 2 hours (2 hours so far)
      2026-09-18 18:00 to 2026-09-20 09:00: closed
      2026-09-20 09:00 to 2026-09-20 12:00: open, make-up working day, 3 hours (5 hours so far)
      2026-09-20 12:00 to 2026-09-20 13:00: closed
      2026-09-20 13:00 to 2026-09-20 14:00: open, make-up working day, 1 hour (6 hours so far)
    "#);
    insta::assert_snapshot!(clock(&[&six[..], &["--lang", "zh"]].concat()), @r#"
    exit 0
    --- stdout
    2026-09-20 14:00  (2026-09-20T14:00:00+08:00)
      2026-09-18 16:00 至 2026-09-18 18:00：工作时间，2小时（累计2小时）
      2026-09-18 18:00 至 2026-09-20 09:00：非工作时间
      2026-09-20 09:00 至 2026-09-20 12:00：调休上班，3小时（累计5小时）
      2026-09-20 12:00 至 2026-09-20 13:00：非工作时间
      2026-09-20 13:00 至 2026-09-20 14:00：调休上班，1小时（累计6小时）
    "#);
    let paused = ["--pause", "2026-09-18T17:00/2026-09-20T10:00"];
    insta::assert_snapshot!(clock(&[&six[..], &paused[..]].concat()), @r#"
    exit 0
    --- stdout
    2026-09-20 16:00  (2026-09-20T16:00:00+08:00)
      2026-09-18 16:00 to 2026-09-18 17:00: open, 1 hour (1 hour so far)
      2026-09-18 17:00 to 2026-09-20 10:00: paused
      2026-09-20 10:00 to 2026-09-20 12:00: open, make-up working day, 2 hours (3 hours so far)
      2026-09-20 12:00 to 2026-09-20 13:00: closed
      2026-09-20 13:00 to 2026-09-20 16:00: open, make-up working day, 3 hours (6 hours so far)
    "#);
    insta::assert_snapshot!(clock(&["--from", "2027-01-04T09:00", "--span", "2 working days"]), @r#"
    exit 0
    --- stdout
    2027-01-06 18:00  (2027-01-06T18:00:00+08:00)
      2027-01-04: day of the trigger, not counted
      2027-01-05 to 2027-01-06: counted, 2 working days (2 working days so far)
      2027-01-06 18:00: outside the dates the calendar covers; provisional
    provisional: the calendar's holidays are not known so far
    "#);
    insta::assert_snapshot!(clock(&["--from", "2026-04-30T10:00", "--span", "1d"]), @r#"
    exit 0
    --- stdout
    2026-05-06 24:00  (2026-05-07T00:00:00+08:00)
      2026-04-30: day of the trigger, not counted
      2026-05-01: counted, 1 day (1 day so far)
      2026-05-02 to 2026-05-06: prolonged, the last day being a rest day (劳动节)
    "#);
    insta::assert_snapshot!(clock(&["--from", "2026-04-30T10:00", "--span", "1 dya"]), @r#"
    exit 2
    --- stderr
    error: --span: unknown unit `dya` in `1 dya`; the nearest known one is `d` (known: s, min, h, d, wk, mo, y, working minutes, working hours, working days)
    "#);
    insta::assert_snapshot!(clock(&[&six[..], &["--pause", "2026-09-20T10:00/2026-09-18T17:00"]].concat()), @r#"
    exit 2
    --- stderr
    error: --pause: `2026-09-20T10:00/2026-09-18T17:00` ends before it begins
    "#);
    let unknown = Sandbox::new().run(&["clock", "--calendar", "china-ofice", "--from", "2026-09-18T16:00", "--span", "1d"]);
    insta::assert_snapshot!(unknown.code(2).all(), @r#"
    exit 2
    --- stderr
    error: there is no calendar `china-ofice`
      help: did you mean `china-office`?
    "#);
}

#[test]
fn counting_in_bulk() {
    let rows = [
        r#"{"id":1,"op":"add","calendar":"china-office","start":"2026-09-18T16:00","span":"6 working hours"}"#,
        r#"{"id":2,"op":"between","calendar":"china-office","start":"2026-09-18T16:00","end":"2026-09-20T14:00"}"#,
        r#"{"id":3,"op":"between","calendar":"china-office","start":"2026-09-20T14:00","end":"2026-09-18T16:00"}"#,
        r#"{"id":4,"op":"is_open","calendar":"china-office","start":"2026-09-20T14:00"}"#,
        r#"{"id":5,"op":"next_open","calendar":"china-office","start":"2026-09-18T18:00"}"#,
        r#"{"id":6,"op":"next_close","calendar":"china-office","start":"2026-09-18T16:00"}"#,
        r#"{"id":7,"op":"add","calendar":"nowhere","start":"2026-09-18T16:00","span":"1d"}"#,
        r#"{"id":8,"op":"add","calendar":"china-office","start":"2026-09-18T16:00","span":"1 dya"}"#,
        "nonsense",
        r#"{"id":9,"op":"add","calendar":"china-office","start":"2026-09-18T16:00","span":"6 working hours","pauses":[["2026-09-18T17:00","2026-09-20T10:00"]]}"#,
    ];
    let out = Sandbox::new().run_with(&["clock", "--batch", "-"], rows.join("\n")).code(0);
    insta::assert_snapshot!(out.all(), @r#"
    exit 0
    --- stdout
    {"id":1,"result":"2026-09-20T14:00:00+08:00"}
    {"id":2,"result":21600}
    {"id":3,"result":-21600}
    {"id":4,"result":true}
    {"id":5,"result":"2026-09-20T09:00:00+08:00"}
    {"id":6,"result":"2026-09-18T18:00:00+08:00"}
    {"id":7,"error":"error: there is no calendar `nowhere`\n  help: known here: `china`, `china-office`","error_zh":"错误：没有日历 `nowhere`\n  建议：此处可用：`china`, `china-office`"}
    {"id":8,"error":"unknown unit `dya` in `1 dya`; the nearest known one is `d` (known: s, min, h, d, wk, mo, y, working minutes, working hours, working days)","error_zh":"`1 dya` 的单位 `dya` 未知；最接近的是 `d`（可用：s、min、h、d、wk、mo、y、个工作分钟、个工作小时、个工作日）"}
    {"line":9,"error":"not JSON: expected ident at line 1 column 2","error_zh":"不是 JSON：expected ident at line 1 column 2"}
    {"id":9,"result":"2026-09-20T16:00:00+08:00"}
    "#);
}

#[test]
fn sample_is_the_same_for_the_same_seed() {
    let sandbox = Sandbox::new();
    let sample = |cases: &str, seed: &str| sandbox.run(&["sample", "--cases", cases, "--seed", seed]).code(0).stdout;
    let sixty = sample("60", "7");
    assert_eq!(sixty.lines().count(), 60);
    assert_eq!(sample("60", "7"), sixty);
    assert!(sixty.starts_with(&sample("25", "7")));
    assert_ne!(sample("60", "8"), sixty);
    sandbox.write("cases.jsonl", sixty);
    let out =
        sandbox.run(&["check", "--policies", POLICIES, "--cases", "cases.jsonl", "--as-of", "2026-03-31T18:00", "--fail-on", "never"]);
    assert!(!out.stderr.contains("warning") && !out.stderr.contains("rejected"), "{}", out.stderr);
    assert_eq!(out.code, Some(0));
}

#[test]
fn schemas_are_json() {
    let sandbox = Sandbox::new();
    for arguments in [&["schema"][..], &["schema", "--vocabulary"], &["schema", "--cases", "--policies", POLICIES]] {
        let text = sandbox.run(arguments).code(0).stdout;
        let schema: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(schema["$schema"].as_str().unwrap().contains("json-schema.org"), "{text}");
    }
}

#[test]
fn demo_twice() {
    let sandbox = Sandbox::new();
    let first = sandbox.run(&["demo"]).code(0).stdout;
    assert!(first.starts_with("Sample company in `duly-demo`: "), "{first}");
    assert!(!first.contains(": 0 new cases"), "{first}");
    let second = sandbox.run(&["demo"]).code(0).stdout;
    assert!(second.contains(": 0 new cases with 0 events"), "{second}");
    assert!(second.contains("Since the last run: 0 new, "), "{second}");
    assert!(second.contains(" 0 cleared, 0 reopened"), "{second}");
    sandbox.write("mine/notes.txt", "mine");
    let out = sandbox.run(&["demo", "--dir", "mine"]).code(2);
    insta::assert_snapshot!(out.all(), @r#"
    exit 2
    --- stderr
    error: `mine` holds something else; nothing was written
      help: name another folder with `--dir`
    "#);
}

#[test]
fn a_reader_that_goes_away() {
    let sandbox = Sandbox::new();
    let mut child = sandbox.start(&["sample", "--cases", "100000"]);
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with('{'));
    // The reader is gone: the program ends without a word more than its header.
    let mut errors = String::new();
    child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert_eq!(errors.lines().count(), 1, "{errors}");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn version() {
    assert_eq!(Sandbox::new().run(&["--version"]).code(0).stdout.trim(), "duly 0.1.0");
}
