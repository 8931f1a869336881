//! Mistakes in policy files: each is one message that points at its line and says what to do.

use crate::sandbox::{Output, Sandbox};

/// A policy that is in order up to its clauses; they begin on line 24.
pub const HEAD: &str = r#"policy: p
title: {en: Rules, zh: 规则}
effective: 2026-01-01
calendar: office
roles:
  desk: {en: desk, zh: 前台}
parameters:
  limit: {value: 3, en: limit, zh: 上限}
kinds:
  job:
    en: job
    zh: 工单
    ends: [closed]
    facts:
      area: {type: text, en: area, zh: 区域, values: {ring-1: {en: one, zh: 一}, ring-2: {en: two, zh: 二}}}
      units: {type: integer, en: units, zh: 台数}
      note: {type: text, en: note, zh: 备注}
    events:
      received: {en: received, zh: 收到}
      answered: {en: answered, zh: 答复}
      closed: {en: closed, zh: 办结}

clauses:
"#;

const OFFICE: &str = "calendar: office\ntitle: {en: Office, zh: 办公}\nzone: Asia/Shanghai\nweek: {mon-fri: \"09:00-18:00\"}\ncovers: 2026-01-01..2026-12-31\n";

/// The start of a clause, up to its form.
pub fn clause(id: &str, rest: &str) -> String {
    format!(
        "  - id: \"{id}\"\n    title: {{en: T, zh: 题}}\n    says: {{en: S, zh: 述}}\n    for: job\n    owner: desk\n    next: {{en: N, zh: 办}}\n{rest}"
    )
}

/// A sandbox with a calendar and a policy of these clauses.
pub fn policy(clauses: &[String]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("policies/calendars/office.yaml", OFFICE);
    sandbox.write("policies/p/policy.yaml", format!("{HEAD}{}", clauses.concat()));
    sandbox
}

/// What `lint` says of one clause with this rest.
pub fn lint(rest: &str) -> String {
    policy(&[clause("1", rest)]).run(&["lint"]).code(2).all()
}

pub fn lint_of(sandbox: &Sandbox) -> Output {
    sandbox.run(&["lint", "--quiet"])
}

#[test]
fn a_policy_in_order_is_accepted() {
    let sandbox = policy(&[clause("1", "    deadline: {after: received, expect: answered, within: 2h}\n")]);
    insta::assert_snapshot!(sandbox.run(&["lint"]).all(), @r#"
    exit 0
    --- stdout
    p: 1 clauses, in order (Rules)
    "#);
}

#[test]
fn broken_yaml() {
    insta::assert_snapshot!(lint("    deadline: {after: received, expect: answered, within: 2h\n"), @r#"
    exit 2
    --- stderr
    error[DU0101]: this is not well-formed YAML: unclosed bracket '{'
      --> policies/p/policy.yaml:30:15
       |
    30 |     deadline: {after: received, expect: answered, within: 2h
       |               ^
       |
       = help: check indentation, quotes, and that each `key:` is followed by a space

    1 error
    "#);
    let sandbox = policy(&[clause("1", "    deadline: {after: received, expect: answered, within: 2h\n")]);
    insta::assert_snapshot!(sandbox.run(&["lint", "--lang", "zh"]).all(), @r#"
    exit 2
    --- stderr
    错误[DU0101]: YAML 格式有误：unclosed bracket '{'
      --> policies/p/policy.yaml:30:15
       |
    30 |     deadline: {after: received, expect: answered, within: 2h
       |               ^
       |
       = 建议: 请检查缩进、引号，以及每个 `键:` 后是否有空格

    共 1 处错误
    "#);
}

#[test]
fn unknown_key() {
    insta::assert_snapshot!(lint("    deadline: {after: received, expects: answered, within: 2h}\n"), @r#"
    exit 2
    --- stderr
    error[DU0102]: unknown key `expects`
      --> policies/p/policy.yaml:30:33
       |
    30 |     deadline: {after: received, expects: answered, within: 2h}
       |                                 ^^^^^^^
       |
       = help: did you mean `expect`?

    1 error
    "#);
}

#[test]
fn duplicate_key() {
    insta::assert_snapshot!(lint("    owner: desk\n    deadline: {after: received, expect: answered, within: 2h}\n"), @r#"
    exit 2
    --- stderr
    error[DU0101]: this is not well-formed YAML: duplicate mapping key: owner
      --> policies/p/policy.yaml:30:5
       |
    30 |     owner: desk
       |     ^
       |
       = help: each key may stand once; remove or rename one of them

    1 error
    "#);
}

#[test]
fn unknown_fact() {
    insta::assert_snapshot!(lint("    when: unit > 3\n    deadline: {after: received, expect: answered, within: 2h}\n"), @r#"
    exit 2
    --- stderr
    error[DU0202]: unknown name `unit`
      --> policies/p/policy.yaml:30:11
       |
    30 |     when: unit > 3
       |           ^^^^
       |
       = help: did you mean `units`?

    1 error
    "#);
}

#[test]
fn unknown_event() {
    insta::assert_snapshot!(lint("    deadline: {after: recieved, expect: answered, within: 2h}\n"), @r#"
    exit 2
    --- stderr
    error[DU0401]: kind `job` has no event `recieved`
      --> policies/p/policy.yaml:30:23
       |
    30 |     deadline: {after: recieved, expect: answered, within: 2h}
       |                       ^^^^^^^^
       |
       = help: did you mean `received`?

    1 error
    "#);
    let sandbox = policy(&[clause("1", "    deadline: {after: recieved, expect: answered, within: 2h}\n")]);
    insta::assert_snapshot!(sandbox.run(&["lint", "--lang", "zh"]).all(), @r#"
    exit 2
    --- stderr
    错误[DU0401]: `job` 没有事件 `recieved`
      --> policies/p/policy.yaml:30:23
       |
    30 |     deadline: {after: recieved, expect: answered, within: 2h}
       |                       ^^^^^^^^
       |
       = 建议: 是不是 `received`？

    共 1 处错误
    "#);
}

#[test]
fn unknown_role() {
    insta::assert_snapshot!(lint("    escalate: {after: 1h, to: dest}\n    deadline: {after: received, expect: answered, within: 2h}\n"), @r#"
    exit 2
    --- stderr
    error[DU0402]: unknown role `dest`
      --> policies/p/policy.yaml:30:31
       |
    30 |     escalate: {after: 1h, to: dest}
       |                               ^^^^
       |
       = help: did you mean `desk`?

    1 error
    "#);
}

#[test]
fn not_utf8() {
    let sandbox = policy(&[]);
    sandbox.write("policies/p/policy.yaml", b"policy: p\ntitle: {en: Rules, zh: \xd3\xce}\n");
    insta::assert_snapshot!(lint_of(&sandbox).code(2).all(), @r#"
    exit 2
    --- stderr
    error[DU0603]: `policies/p/policy.yaml` is not UTF-8: byte 33
     |
     = help: save the file as UTF-8

    1 error
    "#);
}

#[test]
fn a_huge_file() {
    let sandbox = policy(&[]);
    let file = std::fs::File::create(sandbox.path("policies/p/policy.yaml")).unwrap();
    file.set_len(5 << 20).unwrap();
    insta::assert_snapshot!(lint_of(&sandbox).code(2).all(), @r#"
    exit 2
    --- stderr
    error[DU0602]: `policies/p/policy.yaml` is larger than 4 MB, the most that is read of such a file
     |
     = help: split it, or check whether it is the right file

    1 error
    "#);
}

#[test]
fn all_errors_of_two_files_in_their_order() {
    let wrong = "    when: unit > 3\n    deadline: {after: recieved, expect: answered, within: 24 hrs}\n";
    let sandbox = policy(&[clause("1", wrong)]);
    let second = HEAD.replace("policy: p\n", "policy: q\n");
    let second = format!("{second}{}", clause("1", "    dedline: {after: received, expect: answered}\n"));
    sandbox.write("policies/q/policy.yaml", second);
    insta::assert_snapshot!(lint_of(&sandbox).code(2).all(), @r#"
    exit 2
    --- stderr
    error[DU0202]: unknown name `unit`
      --> policies/p/policy.yaml:30:11
       |
    30 |     when: unit > 3
       |           ^^^^
       |
       = help: did you mean `units`?

    error[DU0401]: kind `job` has no event `recieved`
      --> policies/p/policy.yaml:31:23
       |
    31 |     deadline: {after: recieved, expect: answered, within: 24 hrs}
       |                       ^^^^^^^^
       |
       = help: did you mean `received`?

    error[DU0105]: unknown unit `hrs` in `24 hrs`; the nearest known one is `h` (known: s, min, h, d, wk, mo, y, working minutes, working hours, working days)
      --> policies/p/policy.yaml:31:59
       |
    31 |     deadline: {after: recieved, expect: answered, within: 24 hrs}
       |                                                           ^^^^^^

    error[DU0102]: unknown key `dedline`
      --> policies/q/policy.yaml:30:5
       |
    30 |     dedline: {after: received, expect: answered}
       |     ^^^^^^^
       |
       = help: did you mean `deadline`?

    4 errors
    "#);
}

/// A policy with a second kind, `call`, that has `received` and `rung`.
fn two_kinds(rest: &str) -> String {
    let sandbox = policy(&[clause("1", rest).replace("for: job", "for: [job, call]")]);
    let text = sandbox.read("policies/p/policy.yaml");
    let call = "kinds:\n  call: {en: call, zh: 来电, events: {received: {en: received, zh: 收到}, rung: {en: rung, zh: 响铃}}}\n";
    sandbox.write("policies/p/policy.yaml", text.replace("kinds:\n", call));
    lint_of(&sandbox).all()
}

#[test]
fn an_alternative_need_not_exist_in_every_kind_but_each_kind_has_one() {
    assert_eq!(two_kinds("    deadline: {after: received, expect: [answered, rung], within: 2h}\n").trim(), "exit 0");
    let said = two_kinds("    deadline: {after: received, expect: answered, within: 2h}\n");
    assert!(said.contains("DU0401") && said.contains("kind `call` has no event `answered`"), "{said}");
    let said = two_kinds("    deadline: {after: received, expect: [answered, rung, rang], within: 2h}\n");
    assert!(said.contains("has no event `rang`"), "{said}");
}

#[test]
fn the_kind_of_a_parent_is_named_and_its_fields_are_checked() {
    let said = lint("    deadline: {after: {event: received, on: {parent: jb}}, expect: answered, within: 2h}\n");
    assert!(said.contains("unknown kind `jb`") && said.contains("did you mean `job`"), "{said}");
    let said = lint("    deadline: {after: {event: received, on: {parent: job}, when: data.x > 1}, expect: answered, within: 2h}\n");
    assert!(said.contains("the data of `received` have no field `x`"), "{said}");
}

#[test]
fn what_cannot_be_caught_up_with_needs_periods() {
    let said = lint("    recurrence: {expect: answered, every: 1d, catch_up: false}\n");
    assert!(said.contains("DU0105") && said.contains("needs the periods of `on`"), "{said}");
}

#[test]
fn over_many_cases_one_kind_is_counted() {
    let said = two_kinds("    limit: {count: received, per: week, at_most: 5}\n");
    assert!(said.contains("DU0105") && said.contains("write a clause for each kind"), "{said}");
    assert_eq!(said.matches("DU0105").count(), 1, "{said}");
}

#[test]
fn an_excess_needs_many_cases_and_something_to_be_beyond() {
    let excess = "excess: {expect: answered, within: 1d}";
    for limit in [format!("count: received, at_most: 5, {excess}"), format!("count: received, per: week, at_least: 5, {excess}")] {
        let said = lint(&format!("    limit: {{{limit}}}\n"));
        assert!(said.contains("DU0105") && said.contains("give `per` and `at_most`"), "{said}");
        assert_eq!(said.matches("error[").count(), 1, "{said}");
    }
    let said = lint(
        "    limit: {count: received, per: week, at_most: 5, excess: {expect: anwsered, within: 1d, owner: nobody, then: {within: 1d}}}\n",
    );
    for mistake in ["no event `anwsered`", "unknown role `nobody`", "`expect`"] {
        assert!(said.contains(mistake), "{mistake}: {said}");
    }
}

#[test]
fn a_remedy_that_settles_nothing_is_pointed_out() {
    let said = |rest: &str| policy(&[clause("1", rest)]).run(&["lint", "--quiet"]).code(0).all();
    let idle = said("    survives: true\n    remedy: closed\n    deadline: {after: received, expect: answered, within: 2h}\n");
    assert!(idle.contains("warning[DU0108]") && idle.contains("this remedy settles nothing"), "{idle}");
    // What is late when the case ends is breached, and so is what a gate passes over.
    for rest in [
        "    remedy: closed\n    deadline: {after: received, expect: answered, within: 2h}\n",
        "    survives: true\n    remedy: closed\n    deadline: {after: received, expect: answered, before: closed}\n",
        "    survives: true\n    remedy: closed\n    forbid: {event: answered}\n",
    ] {
        assert_eq!(said(rest).trim(), "exit 0");
    }
}
