//! Help, clock, sample, schema, demo, languages.

use std::io::{BufRead, BufReader, Read};

use crate::sandbox::{POLICIES, Sandbox};

const COMMANDS: [&str; 19] = [
    "demo", "init", "import", "check", "nightly", "due", "explain", "lint", "test", "help", "clock", "case", "event", "waive", "audit",
    "dump", "restore", "sample", "schema",
];
const FORMS: [&str; 12] =
    ["deadline", "approval", "threshold", "recurrence", "order", "record", "retention", "limit", "target", "separation", "forbid", "rule"];

#[test]
fn help_in_two_languages() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(&["--help"]).code(0).all(), @r#"
    exit 0
    --- stdout
    Holds recorded cases against a company's own rules: what is violated, what falls due, whose move it is, and why

    Usage: duly [OPTIONS] <COMMAND>

    Commands:
      demo     Makes a sample company's workspace, imports its month, runs the nightly check, and shows what a supervisor
               sees first
      init     Makes a workspace with a first policy, its test, and two cases
      import   Takes cases and events into the store; sending the same again changes nothing
      check    Holds cases against policies: violations, what falls due, what cannot be told
      nightly  Checks the whole store, says what is new since the last run, and keeps both
      due      Lists what is overdue and what falls due, the most pressing first
      explain  Tells the story of a case: what applied and what did not and why, how due instants were counted, what settles
               them
      lint     Checks policies: every mistake of every file, what is assumed, what is not judged
      test     Runs the tests beside policies
      help     Explains a clause form, or the keys of a policy
      clock    Counts a span on a calendar: the due instant, and how it came about
      case     Shows, lists or adds cases
      event    Records an event of a case, or takes one back
      waive    Waives an obligation until a date; somebody else must have approved it
      audit    Checks the journal
      dump     Writes the whole journal as JSON lines with a digest
      restore  Makes the store of this workspace from a dump
      sample   Writes made-up cases of an after-sales company's month as JSONL
      schema   Prints the JSON Schema of policy files, or with --cases of the cases that the policies accept

    Options:
          --lang <LANG>  en or zh (default: from the environment) [possible values: en, zh]
      -h, --help         Print help
      -V, --version      Print version

    Start with `duly demo`, or `duly init my-company` and `duly help deadline`.
    "#);
    insta::assert_snapshot!(sandbox.run(&["--help", "--lang", "zh"]).code(0).all(), @r#"
    exit 0
    --- stdout
    以公司自己的规则检查所记录的个案：违反了什么、什么将到期、该由谁办、为什么

    用法：duly [OPTIONS] <COMMAND>

    命令：
      demo     建立示例公司的工作区，导入一个月的个案，运行夜间检查，显示主管最先要看的内容
      init     新建工作区：一个策略、其测试与两个个案
      import   把个案与事件存入；重复导入不会改变任何内容
      check    以策略检查个案：违反、即将到期、无法判断的事项
      nightly  检查全部存储，报告自上次以来的变化，并留存结果
      due      列出已逾期与将到期的事项，最紧迫者在前
      explain  讲述个案的来龙去脉：哪些条款适用、为何不适用、到期如何计算、如何了结
      lint     检查策略：所有文件的所有错误、假定的数值、未启用的条款
      test     运行策略旁的测试
      help     说明一种条款形式，或策略的键
      clock    按日历计算时限：到期时刻及其计算过程
      case     查看、列出或新增个案
      event    记录个案的事件，或撤回事件
      waive    豁免一项义务至某日；须由他人批准
      audit    核查日志
      dump     把整个日志写成带摘要的 JSON 行
      restore  由转储恢复本工作区的存储
      sample   生成一个售后公司一个月的示例个案（JSONL）
      schema   输出策略文件的 JSON Schema；加 --cases 则为策略所接受个案的 Schema

    选项：
          --lang <LANG>  en 或 zh（默认取自环境） [possible values: en, zh]
      -h, --help         显示帮助
      -V, --version      Print version

    先试 `duly demo`，或 `duly init my-company` 与 `duly help deadline`。
    "#);
    let text = |name: &str, value: &str| {
        let output = sandbox.command(&["--help"]).env(name, value).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let chinese = sandbox.run(&["--help", "--lang", "zh"]).stdout;
    assert_eq!(text("DULY_LANG", "zh"), chinese);
    assert_eq!(text("LANG", "zh_CN.UTF-8"), chinese);
    assert_eq!(text("LANG", "de_DE.UTF-8"), sandbox.run(&["--help"]).stdout);
}

#[test]
fn every_command_shows_examples() {
    let sandbox = Sandbox::new();
    let listed = sandbox.run(&["--help"]).stdout;
    for command in COMMANDS {
        assert!(listed.contains(&format!("\n  {command} ")), "{command}");
        let english = sandbox.run(&[command, "--help"]).code(0).stdout;
        let (_, examples) = english.split_once("Examples:\n").unwrap_or_else(|| panic!("{command}: {english}"));
        assert!(examples.contains(&format!("duly {command}")), "{command}: {examples}");
        let chinese = sandbox.run(&[command, "--help", "--lang", "zh"]).code(0).stdout;
        assert!(chinese.contains("duly ") && chinese != english, "{command}: {chinese}");
    }
}

#[test]
fn help_of_every_form() {
    let sandbox = Sandbox::new();
    let list = sandbox.run(&["help"]).code(0).stdout;
    for form in FORMS {
        assert!(list.contains(form), "{form}");
        let english = sandbox.run(&["help", form]).code(0).stdout;
        let chinese = sandbox.run(&["help", form, "--lang", "zh"]).code(0).stdout;
        assert!(english.lines().count() > 5, "{form}: {english}");
        assert!(chinese.lines().count() > 5 && chinese != english, "{form}: {chinese}");
        assert!(chinese.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).count() > 40, "{form}: {chinese}");
    }
    insta::assert_snapshot!(sandbox.run(&["help", "dedline"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error: there is no help on `dedline`
      help: did you mean `deadline`?
    "#);
}

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
    for arguments in [&["schema"][..], &["schema", "--cases", "--policies", POLICIES]] {
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
    // The reader is gone: the program ends without a word.
    let mut errors = String::new();
    child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert_eq!(errors, "");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn version() {
    assert_eq!(Sandbox::new().run(&["--version"]).code(0).stdout.trim(), "duly 0.1.0");
}
