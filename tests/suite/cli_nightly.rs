//! The nightly check, and the story of a case.

use serde_json::Value;

use crate::cli_store::{event, workspace};

#[test]
fn nightly_says_what_is_new_and_survives_a_broken_policy() {
    let sandbox = workspace();
    let night = |as_of: &str| sandbox.run(&["nightly", "--as-of", as_of]);
    insta::assert_snapshot!(night("2026-03-03T12:00").code(0).all(), @r#"
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
    insta::assert_snapshot!(night("2026-03-04T12:00").code(2).all(), @r#"
    exit 2
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
      --> [dir]/policies/complaints/policy.yaml:15:15
       |
    15 |       expect: anwsered
       |               ^^^^^^^^
       |
       = help: did you mean `answered`?

    1 error
    warning: the policies on disk do not load; running those of the last good run
    "#);
    insta::assert_snapshot!(sandbox.run(&["nightly", "--as-of", "2026-03-04T12:00", "--lang", "zh"]).code(2).stderr, @r#"
    错误[DU0401]: `complaint` 没有事件 `anwsered`
      --> [dir]/policies/complaints/policy.yaml:15:15
       |
    15 |       expect: anwsered
       |               ^^^^^^^^
       |
       = 建议: 是不是 `answered`？

    共 1 处错误
    警告：磁盘上的策略无法加载；沿用上次有效的策略
    "#);
    sandbox.write("policies/complaints/policy.yaml", good);
    // An answer in time, recorded late.
    event(&sandbox, "2026-03-03T10:30", "a1");
    insta::assert_snapshot!(night("2026-03-05T12:00").code(0).all(), @r#"
    exit 0
    --- stdout
    Run 10 as of 2026-03-05 12:00: 2 cases: 2 met
    Since the last run: 0 new, 0 persisting, 1 cleared, 0 reopened
    "#);
    let full = sandbox.run(&["nightly", "--full", "--as-of", "2026-03-05T12:00"]).code(0).stdout;
    assert!(full.contains("Since the last run: 0 new, 0 persisting, 0 cleared, 0 reopened"), "{full}");
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

#[test]
fn json_on_request() {
    let sandbox = workspace();
    let night = ["nightly", "--as-of", "2026-03-03T12:00"];
    for command in [&["lint"][..], &["test"], &["import", "cases.jsonl"], &night, &["explain", "C-2"], &["audit", "verify"]] {
        let text = sandbox.run(&[command, &["--format", "json"]].concat()).code(0).stdout;
        serde_json::from_str::<Value>(&text).unwrap_or_else(|error| panic!("{command:?}: {error}: {text}"));
    }
}

/// The workspace's policy with other clauses, in force from a day on.
fn with_clauses(sandbox: &crate::sandbox::Sandbox, from: &str, clauses: &str) {
    let path = "policies/complaints/policy.yaml";
    let policy = sandbox.read(path);
    let head = policy.split("clauses:").next().unwrap();
    let head: String = head
        .lines()
        .map(|line| if line.starts_with("effective:") { format!("effective: {from}\n") } else { format!("{line}\n") })
        .collect();
    sandbox.write(path, format!("{head}clauses:\n{clauses}"));
}

fn changes(sandbox: &crate::sandbox::Sandbox, as_of: &str) -> String {
    let said = sandbox.run(&["nightly", "--as-of", as_of, "--verify"]).code(0).stdout;
    said.lines().find(|line| line.starts_with("Since")).unwrap().to_owned()
}

#[test]
fn a_finding_over_many_cases_that_comes_back_is_reopened() {
    let sandbox = workspace();
    with_clauses(
        &sandbox,
        "2026-01-01",
        "  - id: few\n    title: {en: Few, zh: 少}\n    says: {en: None a day., zh: 每日没有。}\n    for: complaint\n    owner: service-desk\n    limit: {count: received, at_most: 0, per: day, group: =grade}\n",
    );
    let new = changes(&sandbox, "2026-03-04T12:00");
    assert!(!new.contains(" 0 new"), "{new}");
    let none = changes(&sandbox, "2026-02-01T12:00");
    assert!(none.contains(" 0 new, 0 persisting") && !none.contains(" 0 cleared"), "{none}");
    let again = changes(&sandbox, "2026-03-05T12:00");
    assert!(again.contains(" 0 new, 0 persisting, 0 cleared") && !again.contains(" 0 reopened"), "{again}");
}

#[test]
fn a_policy_that_takes_effect_between_two_nights_is_judged() {
    let sandbox = workspace();
    with_clauses(
        &sandbox,
        "2026-03-10",
        "  - id: never\n    title: {en: Never, zh: 绝不}\n    says: {en: Never., zh: 绝不。}\n    for: complaint\n    owner: service-desk\n    threshold: {value: =count(\"received\"), at_least: 2}\n",
    );
    let before = changes(&sandbox, "2026-03-05T12:00");
    assert!(before.contains(" 0 new"), "{before}");
    let after = changes(&sandbox, "2026-03-11T12:00");
    assert!(after.contains(" 2 new"), "{after}");
}

#[test]
fn what_one_version_found_over_many_cases_is_not_new_when_the_next_finds_it() {
    let sandbox = workspace();
    let clauses = "  - id: few\n    title: {en: Few, zh: 少}\n    says: {en: None a day., zh: 每日没有。}\n    for: complaint\n    owner: service-desk\n    limit: {count: received, at_most: 0, per: day}\n";
    with_clauses(&sandbox, "2026-01-01", clauses);
    let path = "policies/complaints/policy.yaml";
    let first = sandbox.read(path);
    let new = changes(&sandbox, "2026-03-05T12:00");
    assert!(!new.contains(" 0 new") && new.contains(" 0 persisting"), "{new}");
    with_clauses(&sandbox, "2026-02-01", clauses);
    sandbox.write("policies/complaints/policy-2026-01-01.yaml", first);
    let same = changes(&sandbox, "2026-03-05T12:00");
    assert!(same.contains(" 0 new") && same.contains(" 0 cleared"), "{same}");
}
