//! `duly conflicts`: pairs of clauses that ask different things, each with a case that shows it; and pairs that only seem to.

use serde_json::Value;

use crate::sandbox::Sandbox;

const VOCABULARY: &str = r"vocabulary: v
title: {en: V, zh: 词}
kinds:
  job:
    en: job
    zh: 工单
    ends: [closed]
    facts:
      grade: {type: text, en: grade, zh: 级别, values: {general: {en: general, zh: 一般}, serious: {en: serious, zh: 严重}}}
      units: {type: integer, en: units, zh: 台数, min: 0}
      urgent: {type: boolean, en: urgent, zh: 加急}
    events:
      reported: {en: reported, zh: 报修, data: {channel: {type: text, en: channel, zh: 渠道}}}
      arrived: {en: arrived, zh: 到场, data: {result: {type: text, en: result, zh: 结果}}}
      planned: {en: plan proposed, zh: 提出方案}
      approved: {en: approved, zh: 批准}
      executed: {en: plan executed, zh: 实施, data: {note: {type: text, en: note, zh: 备注}, cost: {type: decimal, en: cost, zh: 费用}}}
      filed: {en: filed, zh: 归档}
      checked: {en: checked, zh: 检查}
      closed: {en: closed, zh: 办结}
roles:
  desk: {en: desk, zh: 客服}
  head: {en: department head, zh: 部门负责人}
  lead: {en: company lead, zh: 公司领导}
";

/// A policy of clauses, each its rest; they are numbered from 1.
fn policy(id: &str, clauses: &[&str]) -> String {
    let head = format!("policy: {id}\ntitle: {{en: T, zh: 题}}\neffective: 2026-01-01\ncalendar: china-office\nclauses:\n");
    let clause = |(number, rest): (usize, &&str)| {
        format!(
            "  - id: \"{number}\"\n    title: {{en: T, zh: 题}}\n    for: job\n    owner: desk\n{}",
            rest.lines().map(|line| format!("    {line}\n")).collect::<String>().as_str()
        )
    };
    head + (1..).zip(clauses).map(clause).collect::<String>().as_str()
}

/// Policies `a` and `b`, of one clause each.
fn sandbox(a: &str, b: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("policies/vocabulary.yaml", VOCABULARY);
    sandbox.write("policies/a/policy.yaml", policy("a", &[a]));
    sandbox.write("policies/b/policy.yaml", policy("b", &[b]));
    sandbox
}

/// The conflicts of two clauses.
#[track_caller]
fn conflicts(a: &str, b: &str) -> Vec<Value> {
    sandbox(a, b).run(&["conflicts", "--format", "jsonl"]).code(0).json_lines()
}

/// In what two clauses differ, and what each asks; empty when they do not.
#[track_caller]
fn differ(a: &str, b: &str) -> String {
    let list = conflicts(a, b);
    assert!(list.len() < 2, "{list:?}");
    let asks = |conflict: &Value, side: usize| conflict["clauses"][side]["asks"].as_str().unwrap().to_owned();
    list.first()
        .map_or_else(String::new, |found| format!("{}: {} | {}", found["conflict"].as_str().unwrap(), asks(found, 0), asks(found, 1)))
}

const IN_TWO_HOURS: &str = "deadline: {after: reported, expect: arrived, within: 2h}";

#[test]
fn two_deadlines() {
    insta::assert_snapshot!(differ(IN_TWO_HOURS, "deadline: {after: reported, expect: arrived, within: 4h}"), @"deadline: arrived by 2026-03-02 11:00 | arrived by 2026-03-02 13:00");
    insta::assert_snapshot!(differ(IN_TWO_HOURS, "deadline: {after: [reported, planned], expect: [arrived, checked], within: 1d}"), @"deadline: arrived by 2026-03-02 11:00 | arrived by 2026-03-03 24:00");
    let once = |within: &str| format!("deadline: {{after: opened, expect: arrived, within: {within}}}");
    insta::assert_snapshot!(differ(&once("2h"), &once("4h")), @"deadline: arrived by 2026-03-02 11:00 | arrived by 2026-03-02 13:00");
    insta::assert_snapshot!(differ("deadline: {due: '=instant(\"2026-04-01T09:00\")', expect: arrived}", "deadline: {due: '=date(\"2026-04-01\")', expect: arrived}"), @"deadline: arrived by 2026-04-01 09:00 | arrived by 2026-04-01 24:00");
    // The same in other words is no conflict; nor is another answer or another trigger.
    assert_eq!(differ(IN_TWO_HOURS, "deadline: {after: {event: [reported]}, expect: {event: arrived}, within: =minutes(120)}"), "");
    assert_eq!(differ(IN_TWO_HOURS, "deadline: {after: reported, expect: checked, within: 4h}"), "");
    assert_eq!(differ(IN_TWO_HOURS, "deadline: {after: planned, expect: arrived, within: 4h}"), "");
    // On a Monday both end on Wednesday; on a Friday one of them runs on to the next working day.
    let two_days = "deadline: {after: reported, expect: arrived, within: 2d}";
    insta::assert_snapshot!(differ(two_days, &format!("counting: dates\n{two_days}")), @"deadline: arrived by 2026-03-09 24:00 | arrived by 2026-03-08 24:00");
}

#[test]
fn conditions_that_exclude_each_other() {
    let with =
        |condition: &str, within: &str| format!("when: {condition}\ndeadline: {{after: reported, expect: arrived, within: {within}}}");
    let (serious, general) = (with("grade == \"serious\"", "2h"), with("grade == \"general\"", "8h"));
    assert_eq!(differ(&serious, &general), "");
    insta::assert_snapshot!(differ(&serious, &with("units > 10", "8h")), @"deadline: arrived by 2026-03-02 11:00 | arrived by 2026-03-02 17:00");
    assert_eq!(differ(&with("units > 10", "2h"), &with("units <= 10", "8h")), "");
    insta::assert_snapshot!(differ(&with("units > 10", "2h"), &with("units <= 11", "8h")), @"deadline: arrived by 2026-03-02 11:00 | arrived by 2026-03-02 17:00");
    assert_eq!(differ(&with("urgent", "2h"), &format!("unless: urgent\n{}", with("units > 3", "8h"))), "");
    // By the data of the trigger, by the role of the answer, by what happened before.
    assert_eq!(
        differ(
            "deadline: {after: {event: reported, when: 'data.channel == \"web\"'}, expect: arrived, within: 1h}",
            "deadline: {after: {event: reported, when: 'data.channel == \"call\"'}, expect: arrived, within: 2h}"
        ),
        ""
    );
    insta::assert_snapshot!(differ("deadline: {after: {event: reported, when: 'data.channel == \"web\"'}, expect: arrived, within: 1h}", "deadline: {after: {event: reported, when: 'data.channel != \"call\"'}, expect: arrived, within: 2h}"), @"deadline: arrived by 2026-03-02 10:00 | arrived by 2026-03-02 11:00");
    assert_eq!(
        differ(
            "deadline: {after: reported, expect: {event: arrived, role: head}, within: 1h}",
            "deadline: {after: reported, expect: {event: arrived, role: lead}, within: 2h}"
        ),
        ""
    );
    insta::assert_snapshot!(differ("deadline: {after: reported, expect: {event: arrived, role: head}, within: 1h}", "deadline: {after: reported, expect: arrived, within: 2h}"), @"deadline: arrived by 2026-03-02 10:00 | arrived by 2026-03-02 11:00");
    assert_eq!(differ(&with("has(\"checked\")", "2h"), &format!("unless: has(\"checked\")\n{IN_TWO_HOURS}").replace("2h", "8h")), "");
    // A table of one that agrees with the other where both apply, and one that does not.
    let table = "deadline: {after: reported, expect: arrived, within: {select: grade, rows: {serious: 2h, general: 8h}}}";
    assert_eq!(differ(table, &serious), "");
    insta::assert_snapshot!(differ(table, IN_TWO_HOURS), @"deadline: arrived by 2026-03-02 17:00 | arrived by 2026-03-02 11:00");
}

#[test]
fn what_hangs_on_a_violation() {
    let serious = format!("when: grade == \"serious\"\n{IN_TWO_HOURS}");
    let sandbox = sandbox(&serious, "deadline: {after: {violation: a/1}, expect: checked, within: 1h}");
    sandbox.write("policies/c/policy.yaml", policy("c", &["deadline: {after: {violation: a/1}, expect: checked, within: 3h}"]));
    let found = sandbox.run(&["conflicts"]).code(0).all();
    insta::assert_snapshot!(found, @r#"
    exit 0
    --- stdout
    conflict-1: different deadlines of job: checked
      b/1  checked by 2026-03-02 12:00
      c/1  checked by 2026-03-02 14:00
      nothing says which prevails
      {"case":"conflict-1","kind":"job","facts":{"grade":"serious"},"events":[{"id":"reported","type":"reported","at":"2026-03-02T09:00:00+08:00"}]}
    --- stderr
    1 conflicts; for 1 of them nothing says which clause prevails
    "#);
}

#[test]
fn two_approvals_of_a_gate() {
    let chain = |chain: &str| format!("approval: {{after: planned, event: approved, before: executed, chain: {chain}}}");
    insta::assert_snapshot!(differ(&chain("[head]"), &chain("[head, lead]")), @"approval: approved by department head | approved by department head → company lead");
    insta::assert_snapshot!(differ(&chain("[lead, head]"), &chain("[head, lead]")), @"approval: approved by company lead → department head | approved by department head → company lead");
    assert_eq!(differ(&chain("[head, lead]"), &chain("{select: grade, rows: {serious: [head, lead], general: [head, lead]}}")), "");
    insta::assert_snapshot!(differ(&chain("[head, lead]"), &chain("{select: grade, rows: {serious: [head, lead], general: [head]}}")), @"approval: approved by department head → company lead | approved by department head");
    assert_eq!(differ(&format!("when: urgent\n{}", chain("[head]")), &format!("when: \"!urgent\"\n{}", chain("[lead]"))), "");
}

#[test]
fn bounds_terms_records_and_intervals() {
    let limit = |bound: &str| format!("limit: {{count: checked, at: closed, {bound}}}");
    insta::assert_snapshot!(differ(&limit("at_least: 1"), &limit("at_least: 2")), @"bounds: at least 1 | at least 2");
    assert_eq!(differ(&limit("at_least: 1"), &limit("at_most: 2")), "");
    insta::assert_snapshot!(differ(&limit("at_least: 3"), &limit("at_most: 2")), @"bounds: at least 3 | at most 2");
    assert_eq!(differ(&limit("at_least: 1"), &limit("at_least: 2").replace("checked", "arrived")), "");
    insta::assert_snapshot!(differ("threshold: {value: units, at_least: 5}", "threshold: {value: =units, at_least: {select: grade, rows: {serious: 5, general: 6}}}"), @"bounds: at least 5 | at least 6");
    insta::assert_snapshot!(differ("target: {per: month, of: closed, good: urgent, at_least: 95}", "target: {per: month, of: closed, good: =urgent, at_least: 90}"), @"bounds: at least 95 | at least 90");
    assert_eq!(
        differ(
            "when: grade == \"serious\"\ntarget: {per: month, of: closed, good: urgent, at_least: 95}",
            "when: grade == \"general\"\ntarget: {per: month, of: closed, good: urgent, at_least: 90}"
        ),
        ""
    );
    insta::assert_snapshot!(differ("retention: {after: filed, keep: 3y}", "retention: {after: filed, keep: 5y}"), @"retention: kept until 2029-03-02 24:00 | kept until 2031-03-03 24:00");
    assert_eq!(
        differ("retention: {after: filed, keep: 3y, review: checked, review_within: 1d}", "retention: {after: filed, keep: 3y}"),
        ""
    );
    assert_eq!(differ("retention: {after: filed, keep: 3y}", "retention: {after: filed, keep: 36mo}"), "");
    insta::assert_snapshot!(differ("record: {at: executed, fields: [note], within: 1d}", "record: {at: executed, fields: [note, cost], within: 2d}"), @"record: complete by 2026-03-03 24:00 | complete by 2026-03-04 24:00");
    assert_eq!(differ("record: {at: executed, fields: [note], within: 1d}", "record: {at: executed, fields: [cost], within: 2d}"), "");
    insta::assert_snapshot!(differ("record: {at: executed, fields: [note], copies: 2}", "record: {at: executed, copies: 3}"), @"record: at least 2 copies | at least 3 copies");
    insta::assert_snapshot!(differ("recurrence: {expect: checked, every: 1mo}", "recurrence: {expect: checked, every: 2wk}"), @"recurrence: checked next by 2026-04-02 24:00 | checked next by 2026-03-16 24:00");
    assert_eq!(differ("recurrence: {expect: checked, every: 2wk}", "recurrence: {expect: checked, every: 14d}"), "");
}

#[test]
fn what_one_forbids_and_the_other_expects() {
    let close = "deadline: {after: reported, expect: closed, within: 3d}";
    insta::assert_snapshot!(differ("forbid: {event: closed, except: grade == \"serious\"}", close), @"forbidden: forbids: closed | expects: closed");
    insta::assert_snapshot!(differ("recurrence: {expect: checked, every: 2wk}", "when: urgent\nforbid: {event: checked}"), @"forbidden: expects: checked | forbids: checked");
    // What can be done without a breach, in some way, is no conflict: after something else, by somebody else, at another hour.
    assert_eq!(differ("forbid: {event: closed, except: 'has(\"checked\")'}", close), "");
    assert_eq!(differ("forbid: {event: closed, before: checked}", close), "");
    assert_eq!(differ("forbid: {event: {event: closed, role: desk}}", close), "");
    assert_eq!(differ("forbid: {event: closed, except: hour(at) < 20}", close), "");
    assert_eq!(differ("forbid: {event: {event: arrived, when: 'data.result == \"bad\"'}}", IN_TWO_HOURS), "");
    assert_eq!(differ("when: urgent\nforbid: {event: closed}", &format!("unless: urgent\n{close}")), "");
    // The event that opens the one begins the prohibition.
    insta::assert_snapshot!(differ(close, "forbid: {event: closed, after: reported}"), @"forbidden: expects: closed | forbids: closed");
}

#[test]
fn what_prevails_is_told() {
    let four = "deadline: {after: reported, expect: arrived, within: 4h}";
    let sandbox = sandbox(IN_TWO_HOURS, &format!("when: units > 3\n{four}"));
    insta::assert_snapshot!(sandbox.run(&["conflicts", "--check"]).code(1).all(), @r#"
    exit 1
    --- stdout
    conflict-1: different deadlines of job: arrived
      a/1  arrived by 2026-03-02 11:00
      b/1  arrived by 2026-03-02 13:00
      nothing says which prevails
      {"case":"conflict-1","kind":"job","facts":{"units":4},"events":[{"id":"reported","type":"reported","at":"2026-03-02T09:00:00+08:00"}]}
    --- stderr
    1 conflicts; for 1 of them nothing says which clause prevails
    "#);
    sandbox.write("policies/b/policy.yaml", policy("b", &[&format!("when: units > 3\noverrides: [a/1]\n{four}")]));
    insta::assert_snapshot!(sandbox.run(&["conflicts", "--check", "--lang", "zh"]).code(0).all(), @r#"
    exit 0
    --- stdout
    conflict-1：job 的时限不同：到场
      a/1  到场不迟于 2026-03-02 11:00
      b/1  到场不迟于 2026-03-02 13:00
      以 b/1 为准（已声明）
      {"case":"conflict-1","kind":"job","facts":{"units":4},"events":[{"id":"reported","type":"reported","at":"2026-03-02T09:00:00+08:00"}]}
    --- stderr
    共 1 处冲突，其中 0 处未声明何者优先
    "#);
    let json: Value = serde_json::from_str(&sandbox.run(&["conflicts", "--format", "json"]).code(0).stdout).unwrap();
    assert_eq!(json[0]["prevails"], "b/1");
    // Two clauses of one policy are told alike, and each pair once.
    sandbox.write("policies/b/policy.yaml", policy("b", &[four, IN_TWO_HOURS]));
    sandbox.write("policies/b/policy-2026-06.yaml", policy("b", &[four, IN_TWO_HOURS]).replace("2026-01-01", "2026-06-01"));
    let pairs = sandbox.run(&["conflicts", "--format", "jsonl"]).code(0).json_lines();
    let pairs: Vec<String> =
        pairs.iter().map(|found| format!("{} {}", found["clauses"][0]["clause"], found["clauses"][1]["clause"])).collect();
    assert_eq!(pairs, [r#""a/1" "b/1""#, r#""b/1" "b/2""#]);
    assert_eq!(sandbox.run(&["conflicts", "policies/nothing"]).code, Some(2));
}

/// The examples are cases that `check` reads, and on them both clauses speak as they are said to.
#[test]
fn examples_show_it() {
    let sandbox = sandbox(
        "when: grade == \"serious\"\ndeadline: {after: reported, expect: arrived, within: 2h}",
        "when: units > 3\ndeadline: {after: reported, expect: arrived, within: 4h}",
    );
    sandbox.run(&["conflicts", "--examples", "cases.jsonl"]).code(0);
    let out = sandbox.run(&[
        "check",
        "--policies",
        "policies",
        "--cases",
        "cases.jsonl",
        "--all",
        "--as-of",
        "2026-03-02T09:00:00+08:00",
        "--format",
        "jsonl",
    ]);
    let found = out.code(0).json_lines();
    let dues: Vec<String> =
        found.iter().map(|found| format!("{} {}", found["clause"].as_str().unwrap(), found["due"].as_str().unwrap())).collect();
    assert_eq!(dues, ["a/1 2026-03-02T11:00:00+08:00", "b/1 2026-03-02T13:00:00+08:00"]);
    assert_eq!(sandbox.run(&["conflicts", "--examples", "no/such/folder.jsonl"]).code, Some(2));
}
