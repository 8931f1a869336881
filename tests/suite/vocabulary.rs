//! Kinds and roles that the policies of a folder share.

use crate::sandbox::Sandbox;

const VOCABULARY: &str = r"vocabulary: desk
title: {en: The desk, zh: 前台}
kinds:
  complaint:
    en: complaint
    zh: 投诉
    ends: [closed]
    facts: {grade: {type: text, en: grade, zh: 级别, values: [general, serious]}, limit: {type: integer, en: limit, zh: 上限}}
    events: {received: {en: received, zh: 收到}, answered: {en: answered, zh: 答复}, closed: {en: closed, zh: 办结}}
  site: {en: site, zh: 站点, standing: true, facts: {spare: {type: integer, en: spare, zh: 备件}}}
roles:
  desk: {en: service desk, zh: 客服}
";

/// A policy with a clause on complaints; `more` stands before its clauses.
fn policy(id: &str, owner: &str, more: &str, within: &str) -> String {
    format!(
        "policy: {id}\ntitle: {{en: T, zh: 题}}\neffective: 2026-01-01\ncalendar: china-office\n{more}clauses:\n  - id: \"1\"\n    title: {{en: T, zh: 题}}\n    for: complaint\n    owner: {owner}\n    deadline: {{after: received, expect: answered, within: {within}}}\n"
    )
}

const TEST: &str = "tests:\n  - name: late\n    case: {kind: complaint, facts: {grade: general}}\n    events: [{at: \"2026-03-02T09:00\", type: received}]\n    expect: [{at: \"2026-03-03T01:00\", clause: \"1\", state: overdue, next: {role: desk}}]\n";

const CASE: &str =
    r#"{"case":"C-1","kind":"complaint","facts":{"grade":"general"},"events":[{"type":"received","at":"2026-03-02T09:00:00+08:00"}]}"#;

/// Two policies that declare nothing, and one that adds to the vocabulary's kind.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("duly.yaml", "workspace: w\n");
    sandbox.write("policies/vocabulary.yaml", VOCABULARY);
    sandbox.write("policies/a/policy.yaml", policy("a", "desk", "", "2h"));
    sandbox.write("policies/a/tests/late.yaml", TEST);
    let adds = "kinds:\n  complaint: {ends: [withdrawn], facts: {language: {type: text}}, events: {withdrawn: {en: withdrawn, zh: 撤回}, closed: {data: {note: {type: text}}}}}\nroles:\n  clerk: {en: clerk, zh: 文员}\n";
    sandbox.write("policies/b/policy.yaml", policy("b", "clerk", adds, "\"=if language == \\\"zh\\\" { 3h } else { 4h }\""));
    sandbox.write("cases.jsonl", CASE);
    sandbox
}

#[test]
fn policies_use_it_without_declaring() {
    let sandbox = sandbox();
    insta::assert_snapshot!(sandbox.run(&["lint"]).code(0).all(), @r#"
    exit 0
    --- stdout
    a: 1 clauses, in order (T)
    b: 1 clauses, in order (T)
    "#);
    insta::assert_snapshot!(sandbox.run(&["test"]).code(0).all(), @r#"
    exit 0
    --- stdout
    1 passed, 0 failed
    "#);
    insta::assert_snapshot!(sandbox.run(&["check", "--policies", "policies", "--cases", "cases.jsonl", "--as-of", "2026-03-03T01:00"]).all(), @r#"
    exit 1
    --- stdout
    ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
     Case   Clause   State          Due                Late by   Whose move     What to do, or what is wrong              
    ══════════════════════════════════════════════════════════════════════════════════════════════════════════════════════
     C-1    a/1      overdue        2026-03-02 11:00   14 h      service desk   T                                         
     C-1    b/1      undetermined                                               T: cannot be told, not recorded: language 
    ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    --- stderr
    1 cases: 1 overdue, 1 undetermined
    "#);
}

#[test]
fn one_folder_alone_has_it_from_above() {
    let sandbox = sandbox();
    for (folder, path) in [(".", "policies/a"), (".", "./policies/a/"), ("policies", "a"), ("policies/a", "."), ("policies/b", "../a")] {
        for command in ["lint", "test"] {
            let out = sandbox.command(&[command, path]).current_dir(sandbox.path(folder)).output().unwrap();
            let said = String::from_utf8_lossy(&out.stderr).into_owned();
            assert_eq!(out.status.code(), Some(0), "{command} {path} in {folder}: {said}");
        }
    }
    // A vocabulary elsewhere is not this folder's.
    sandbox.write("others/c/policy.yaml", policy("c", "desk", "", "2h"));
    insta::assert_snapshot!(sandbox.run(&["lint", "policies", "others"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error[DU0402]: unknown role `desk`
     --> others/c/policy.yaml:9:12
      |
    9 |     owner: desk
      |            ^^^^

    1 error
    "#);
}

#[test]
fn mistakes_point_at_the_vocabulary() {
    let sandbox = sandbox();
    sandbox.write("policies/vocabulary.yaml", "vocabulary: desk\nkind:\n  complaint: {}\nroles: [desk]\n");
    insta::assert_snapshot!(sandbox.run(&["lint", "policies/a"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error[DU0401]: unknown kind `complaint`
     --> policies/a/policy.yaml:8:10
      |
    8 |     for: complaint
      |          ^^^^^^^^^

    error[DU0103]: `title` is missing here
     --> policies/vocabulary.yaml:1:1
      |
    1 | vocabulary: desk
      | ^^^^^^^^^^
      |
      = help: `title` (text): what a person sees

    error[DU0102]: unknown key `kind`
     --> policies/vocabulary.yaml:2:1
      |
    2 | kind:
      | ^^^^
      |
      = help: did you mean `kinds`?

    error[DU0104]: expected a map, found a list
     --> policies/vocabulary.yaml:4:8
      |
    4 | roles: [desk]
      |        ^

    4 errors
    "#);
    sandbox.write(
        "policies/vocabulary.yaml",
        VOCABULARY.replace("type: integer, en: spare", "type: number, en: spare").replace("[closed]", "[shut]"),
    );
    insta::assert_snapshot!(sandbox.run(&["lint", "policies/a", "--lang", "zh"]).code(2).all(), @r#"
    exit 2
    --- stderr
    错误[DU0401]: `complaint` 没有事件 `shut`
     --> policies/vocabulary.yaml:7:12
      |
    7 |     ends: [shut]
      |            ^^^^
      |
      = 建议: 此处可用：`answered`, `closed`, `received`

    错误[DU0105]: `number` 不是 `type` 的取值
      --> policies/vocabulary.yaml:10:66
       |
    10 |   site: {en: site, zh: 站点, standing: true, facts: {spare: {type: number, en: spare, zh: 备件}}}
       |                                                                    ^^^^^^
       |
       = 建议: 可取 `text`, `integer`, `decimal`, `boolean`, `instant`, `date`, `span`, `list`

    共 2 处错误
    "#);
}

#[test]
fn policies_that_disagree_with_it() {
    let sandbox = sandbox();
    let other = "kinds:\n  complaint:\n    standing: true\n    facts: {grade: {type: integer}}\nderive:\n  bad: {of: complain, type: boolean, value: \"=true\"}\n";
    sandbox.write("policies/a/policy.yaml", policy("a", "dask", other, "2h"));
    insta::assert_snapshot!(sandbox.run(&["lint", "policies/a"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error[DU0405]: `standing` of kind `complaint` is otherwise in policies/vocabulary.yaml:4:3
     --> policies/a/policy.yaml:7:5
      |
    7 |     standing: true
      |     ^^^^^^^^
      |
      = help: leave it out here, or give both the same

    error[DU0405]: `grade` is declared otherwise in policies/vocabulary.yaml:8:13
     --> policies/a/policy.yaml:8:13
      |
    8 |     facts: {grade: {type: integer}}
      |             ^^^^^
      |
      = help: give both the same type and values, or use another name

    error[DU0401]: unknown kind `complain`
      --> policies/a/policy.yaml:10:13
       |
    10 |   bad: {of: complain, type: boolean, value: "=true"}
       |             ^^^^^^^^
       |
       = help: did you mean `complaint`?

    error[DU0402]: unknown role `dask`
      --> policies/a/policy.yaml:15:12
       |
    15 |     owner: dask
       |            ^^^^
       |
       = help: did you mean `desk`?

    4 errors
    "#);
    insta::assert_snapshot!(sandbox.run(&["lint", "policies/a", "--lang", "zh"]).code(2).stderr.lines().filter(|line| line.contains('[')).collect::<Vec<_>>().join("\n"), @r#"
    错误[DU0405]: 种类 `complaint` 的 `standing` 在 policies/vocabulary.yaml:4:3 另有规定
    错误[DU0405]: `grade` 在 policies/vocabulary.yaml:8:13 另有不同的声明
    错误[DU0401]: 未知的个案种类 `complain`
    错误[DU0402]: 未知的角色 `dask`
    "#);
}

/// A policy's parameter takes no name from kinds of which it does not speak.
#[test]
fn names_of_other_kinds_are_free() {
    let sandbox = sandbox();
    let parameter = |name: &str| policy("a", "desk", &format!("parameters:\n  {name}: {{value: 2h, en: P, zh: 值}}\n"), name);
    sandbox.write("policies/a/policy.yaml", parameter("spare"));
    sandbox.run(&["lint", "policies/a"]).code(0);
    sandbox.write("policies/a/policy.yaml", parameter("limit"));
    assert!(sandbox.run(&["lint", "policies/a"]).code(2).stderr.contains("`limit` is also a fact of `complaint`"));
}

#[test]
fn schemas_know_it() {
    let sandbox = sandbox();
    let cases = sandbox.run(&["schema", "--cases"]).code(0).stdout;
    let schema: serde_json::Value = serde_json::from_str(&cases).unwrap();
    assert_eq!(schema["properties"]["kind"]["enum"], serde_json::json!(["complaint", "site"]));
    assert!(cases.contains("withdrawn") && cases.contains("language"), "{cases}");
    let file: serde_json::Value = serde_json::from_str(&sandbox.run(&["schema", "--vocabulary"]).code(0).stdout).unwrap();
    assert_eq!(file["required"], serde_json::json!(["vocabulary", "title"]));
}

/// It is a part of what a run used: what the journal keeps, and what runs when the files on disk are broken.
#[test]
fn a_run_keeps_it() {
    let sandbox = sandbox();
    sandbox.run(&["import", "cases.jsonl"]).code(0);
    let night = |as_of: &str| sandbox.run(&["nightly", "--as-of", as_of, "--format", "json"]);
    let policies = |out: &crate::sandbox::Output| {
        let json: serde_json::Value = serde_json::from_str(&out.stdout).unwrap();
        json["policies"].clone()
    };
    let first = night("2026-03-03T01:00").code(0);
    sandbox.write("policies/vocabulary.yaml", VOCABULARY.replace("en: service desk", "en: the desk"));
    let second = night("2026-03-03T02:00").code(0);
    assert_ne!(policies(&first), policies(&second));
    sandbox.write("policies/vocabulary.yaml", "vocabulary: [");
    let third = night("2026-03-03T03:00");
    assert_eq!(policies(&second), policies(&third), "{}", third.all());
    assert!(third.stderr.contains("vocabulary.yaml"), "{}", third.stderr);
}
