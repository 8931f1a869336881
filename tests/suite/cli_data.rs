//! Mistakes in cases, events and the store: one clear message each, and good rows are not lost.

use std::io::Write;
use std::time::Duration;

use crate::errors::{clause, policy};
use crate::sandbox::{Output, Sandbox};

pub fn jobs() -> Sandbox {
    let sandbox = policy(&[clause("1", "    deadline: {after: received, expect: answered, within: 2h}\n")]);
    sandbox.write("duly.yaml", "workspace: test\nzone: Asia/Shanghai\npolicies: [policies]\n");
    sandbox
}

pub const GOOD: &str =
    "{\"case\":\"J-1\",\"kind\":\"job\",\"events\":[{\"id\":\"r\",\"type\":\"received\",\"at\":\"2026-03-02T09:00:00+08:00\"}]}\n";

pub fn check(sandbox: &Sandbox, more: &[&str]) -> Output {
    let arguments = ["check", "--policies", "policies", "--cases", "-", "--as-of", "2026-03-02T12:00:00+08:00", "--format", "jsonl"];
    sandbox.run_with(&[&arguments[..], more].concat(), GOOD)
}

#[test]
fn an_unknown_kind_is_counted() {
    let sandbox = jobs();
    let arguments = ["check", "--policies", "policies", "--cases", "-", "--as-of", "2026-03-02T12:00:00+08:00"];
    let out = sandbox.run_with(&arguments, GOOD.replace("\"job\"", "\"jib\"")).code(0);
    insta::assert_snapshot!(out.all(), @r#"
    exit 0
    --- stderr
    1 cases: no obligations
    warning: 1 cases are of kind `jib`, which no policy knows
    "#);
}

const ROWS: &str = concat!(
    "{\"case\":\"J-2\",\"kind\":\"job\",\"events\":[{\"type\":\"received\",\"at\":\"2026-13-02T09:00\"}]}\n",
    "{\"case\":\"J\\u0007\",\"kind\":\"job\"}\n",
    "{\"case\":\"J-3\",\"kind\":\n",
    "{\"case\":\"J-4\"}\n",
);

#[test]
fn bad_rows_are_kept_apart_and_good_ones_judged() {
    let sandbox = jobs();
    sandbox.write("cases.jsonl", [ROWS.as_bytes(), b"{\"case\":\"\xd3\xce\"}\n", GOOD.as_bytes()].concat());
    let arguments = ["check", "--policies", "policies", "--cases", "cases.jsonl", "--as-of", "2026-03-02T12:00:00+08:00"];
    insta::assert_snapshot!(sandbox.run(&arguments).code(1).all(), @r#"
    exit 1
    --- stdout
    ──────────────────────────────────────────────────────────────────────────────────────────────────
     Case   Clause   State     Due                Late by   Whose move   What to do, or what is wrong 
    ══════════════════════════════════════════════════════════════════════════════════════════════════
     J-1    p/1      overdue   2026-03-02 11:00   1 h       desk         N                            
    ──────────────────────────────────────────────────────────────────────────────────────────────────
    --- stderr
    5 rows rejected, written to `cases.jsonl.rejects.jsonl`; the first: line 1: event 1: `at`: `2026-13-02T09:00` is not an instant; expected one such as `2026-03-02T09:00:00+08:00` or `2026-03-02 09:00`
    1 cases: 1 overdue
    "#);
    let rejects = sandbox.read("cases.jsonl.rejects.jsonl");
    let rows = rejects.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let reasons: Vec<String> =
        rows.map(|row| format!("{}: {} | {}", row["line"], row["reason"].as_str().unwrap(), row["reason_zh"].as_str().unwrap())).collect();
    insta::assert_snapshot!(reasons.join("\n"), @r#"
    1: event 1: `at`: `2026-13-02T09:00` is not an instant; expected one such as `2026-03-02T09:00:00+08:00` or `2026-03-02 09:00` | 第 1 个事件：`at`：`2026-13-02T09:00` 不是有效的时刻；应形如 `2026-03-02T09:00:00+08:00` 或 `2026-03-02 09:00`
    2: the case id `J\u{7}` holds a control character | 个案编号 `J\u{7}` 含有控制字符
    3: not JSON: EOF while parsing a value (column 21) | 不是 JSON：EOF while parsing a value（第 21 列）
    4: `kind` is missing or empty; it says which rules concern the case | 缺少 `kind` 或其为空；它决定个案适用哪些规则
    5: not UTF-8 from byte 10 on; save the file as UTF-8 | 从第 10 字节起不是 UTF-8；请将文件另存为 UTF-8
    "#);
}

#[test]
fn import_keeps_bad_rows_apart() {
    let sandbox = jobs();
    let out = sandbox.run_with(&["import", "-"], format!("{ROWS}{GOOD}")).code(0);
    insta::assert_snapshot!(out.stdout, @r#"5 lines: 1 cases new, 0 changed, 0 as known; 1 events new, 0 known; 4 rows rejected, 0 cases refused"#);
    assert!(out.stderr.contains("4 rows rejected, written to `[dir]/.duly/rejects/"), "{}", out.stderr);
    assert_eq!(sandbox.run(&["case", "list"]).code(0).stdout.trim(), "J-1\tjob");
}

#[test]
fn csv_needs_a_mapping() {
    let sandbox = jobs();
    sandbox.write("log.csv", "id,at\nJ-1,2026-03-02 09:00\n");
    insta::assert_snapshot!(sandbox.run(&["import", "log.csv"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error: `log.csv` is CSV: it needs a mapping
      help: say `--map mapping.yaml`; examples/receipt shows one
    "#);
    sandbox.write("map.yaml", "format: csv\nkind: job\n");
    let out = sandbox.run(&["import", "log.csv", "--map", "map.yaml"]).code(2);
    assert!(out.stderr.contains("map.yaml:"), "{}", out.stderr);
}

#[test]
fn an_event_needs_its_case() {
    let sandbox = jobs();
    insta::assert_snapshot!(sandbox.run(&["event", "J-9", "received"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error: there is no case `J-9`
      help: `duly case list` shows the ids
    "#);
    insta::assert_snapshot!(sandbox.run(&["event", "J-9", "received", "--lang", "zh"]).code(2).all(), @r#"
    exit 2
    --- stderr
    错误：没有个案 `J-9`
      建议：`duly case list` 列出编号
    "#);
    sandbox.run_with(&["import", "-"], GOOD).code(0);
    insta::assert_snapshot!(sandbox.run(&["event", "J-1", "answered", "--at", "noon"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error: --at: `noon` is not an instant; expected one such as `2026-03-02T09:00:00+08:00` or `2026-03-02 09:00`
    "#);
    insta::assert_snapshot!(sandbox.run(&["event", "J-1", "answered", "--data", "{"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error: --data: EOF while parsing an object at line 1 column 1
    "#);
    let add = r#"{"case":"J\u0007","kind":"job"}"#;
    insta::assert_snapshot!(sandbox.run_with(&["case", "add"], add).code(2).all(), @r#"
    exit 2
    --- stderr
    error: the case id `J\u{7}` holds a control character
    "#);
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let out = jobs().run(&["event", "J\u{7}\u{1b}[31m", "received"]).code(2);
    assert!(!out.stderr.contains(['\u{7}', '\u{1b}']), "{:?}", out.stderr);
}

#[test]
fn a_store_of_a_newer_format_is_not_touched() {
    let sandbox = jobs();
    sandbox.run_with(&["import", "-"], GOOD).code(0);
    sandbox.write(".duly/FORMAT", "duly store 2 sled 1.0.0\n");
    insta::assert_snapshot!(sandbox.run(&["check"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error: `[dir]/.duly/FORMAT` says `duly store 2 sled 1.0.0`, and this duly reads `duly store 2 sled 0.34.7`; nothing was touched: use the duly that wrote it, or `duly dump` with that one and `duly restore` with this one
    "#);
    insta::assert_snapshot!(sandbox.run(&["check", "--lang", "zh"]).code(2).all(), @r#"
    exit 2
    --- stderr
    错误：`[dir]/.duly/FORMAT`的内容是`duly store 2 sled 1.0.0`，而本程序读取`duly store 2 sled 0.34.7`；未作任何改动：请使用写入它的 duly 版本，或用该版本执行 `duly dump`，再用本版本执行 `duly restore`
    "#);
}

#[test]
fn two_processes() {
    let sandbox = jobs();
    sandbox.run_with(&["import", "-"], GOOD).code(0);
    let mut first = sandbox.start(&["import", "-"]);
    let mut input = first.stdin.take().unwrap();
    let pid = first.id().to_string();
    // The first has the lock once its process id stands in the lock file.
    let owner = || std::fs::read_to_string(sandbox.path(".duly/lock")).unwrap_or_default();
    for _ in 0..500 {
        if owner().contains(&pid) {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let second = sandbox.run(&["check"]).code(2);
    assert!(second.stderr.contains(&format!("process {pid}")), "{}", second.stderr);
    assert_eq!(second.stderr.matches("error").count(), 1, "{}", second.stderr);
    let chinese = sandbox.run(&["check", "--lang", "zh"]).code(2);
    assert!(chinese.stderr.contains(&format!("进程 {pid}")), "{}", chinese.stderr);
    input.write_all(GOOD.replace("J-1", "J-2").as_bytes()).unwrap();
    drop(input);
    sandbox.end(first).code(0);
    assert_eq!(sandbox.run(&["case", "list"]).code(0).stdout, "J-1\tjob\nJ-2\tjob\n");
}
