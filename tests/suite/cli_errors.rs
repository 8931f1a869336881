//! Mistakes that show only when clauses, calendars, scripts and tests are taken together.

use crate::errors::{clause, policy};

const WITHIN: &str = "    deadline: {after: received, expect: answered, within: 2h}\n";

fn hanging_on(id: &str, other: &str) -> String {
    clause(id, &format!("    deadline: {{after: {{violation: {other}}}, expect: answered, within: 2h}}\n"))
}

#[test]
fn a_clause_that_hangs_on_one_over_many_cases() {
    let quota = clause("2", "    limit: {count: received, per: week, at_most: 5}\n");
    let sandbox = policy(&[hanging_on("1", "p/2"), quota]);
    insta::assert_snapshot!(sandbox.run(&["lint"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error[DU0408]: `p/2` is a clause over many cases: its violations are of a period, not of a case
      --> policies/p/policy.yaml:24:9
       |
    24 |   - id: "1"
       |         ^^^
       |
       = help: what is asked of each event beyond a limit is its `excess`; or let the clause begin with an event of the case

    1 error
    "#);
    insta::assert_snapshot!(sandbox.run(&["lint", "--lang", "zh"]).code(2).all(), @r#"
    exit 2
    --- stderr
    错误[DU0408]: `p/2` 是跨个案的条款：其违反属于某个周期，而非某个个案
      --> policies/p/policy.yaml:24:9
       |
    24 |   - id: "1"
       |         ^^^
       |
       = 建议: 对每个超出限额的事件的要求，写在该限额的 `excess` 中；或让条款以个案的事件开始

    共 1 处错误
    "#);
}

#[test]
fn clauses_that_hang_on_each_other() {
    let sandbox = policy(&[hanging_on("1", "p/2"), hanging_on("2", "p/1")]);
    insta::assert_snapshot!(sandbox.run(&["lint"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error[DU0403]: clauses depend on each other in a circle: p/1 → p/2 → p/1
      --> policies/p/policy.yaml:24:9
       |
    24 |   - id: "1"
       |         ^^^
       |
       = help: take out one `violation:`, `clause:` or `overrides:`

    1 error
    "#);
    insta::assert_snapshot!(sandbox.run(&["lint", "--lang", "zh"]).code(2).all(), @r#"
    exit 2
    --- stderr
    错误[DU0403]: 条款互相依赖，形成循环：p/1 → p/2 → p/1
      --> policies/p/policy.yaml:24:9
       |
    24 |   - id: "1"
       |         ^^^
       |
       = 建议: 请去掉其中一处 `violation:`、`clause:` 或 `overrides:`

    共 1 处错误
    "#);
}

#[test]
fn calendars_that_extend_each_other() {
    let sandbox = policy(&[clause("1", WITHIN)]);
    sandbox.write(
        "policies/calendars/office.yaml",
        "calendar: office\nzone: Asia/Shanghai\nextends: shop\nweek: {mon-fri: \"09:00-18:00\"}\n",
    );
    sandbox.write("policies/calendars/shop.yaml", "calendar: shop\nextends: office\nweek: {mon-sat: \"09:00-20:00\"}\n");
    insta::assert_snapshot!(sandbox.run(&["lint"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error[DU0403]: calendars extend each other in a circle: office → shop → office
     --> policies/calendars/shop.yaml:2:10
      |
    2 | extends: office
      |          ^^^^^^

    1 error
    "#);
}

#[test]
fn derived_facts_that_need_each_other() {
    let sandbox = policy(&[clause("1", WITHIN)]);
    let derive = "derive:\n  big: {of: job, type: boolean, value: \"=small == false\"}\n  small: {of: job, type: boolean, value: \"=big == false\"}\n\nclauses:";
    let text = sandbox.read("policies/p/policy.yaml").replace("clauses:", derive);
    sandbox.write("policies/p/policy.yaml", text);
    insta::assert_snapshot!(sandbox.run(&["lint"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error[DU0403]: cyclic reference: `big` uses `small`, which is not declared above it
      --> policies/p/policy.yaml:24:3
       |
    24 |   big: {of: job, type: boolean, value: "=small == false"}
       |   ^^^
       |
       = help: a derived fact uses only facts and derived facts declared above it

    1 error
    "#);
}

#[test]
fn a_calendar_that_is_never_open() {
    let sandbox = policy(&[clause("1", WITHIN)]);
    sandbox.write(
        "policies/calendars/office.yaml",
        "calendar: office\ntitle: {en: Office, zh: 办公}\nzone: Asia/Shanghai\nweek: {mon-fri: \"\"}\n",
    );
    insta::assert_snapshot!(sandbox.run(&["lint"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error[DU0501]: calendar `office`: never open; expected hours on at least one day
     --> policies/calendars/office.yaml:4:7
      |
    4 | week: {mon-fri: ""}
      |       ^

    1 error
    "#);
}

#[test]
fn an_unknown_calendar() {
    let sandbox = policy(&[clause("1", &format!("    calendar: offce\n{WITHIN}"))]);
    insta::assert_snapshot!(sandbox.run(&["lint"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error[DU0502]: there is no calendar `offce`
      --> policies/p/policy.yaml:30:15
       |
    30 |     calendar: offce
       |               ^^^^^
       |
       = help: did you mean `office`?

    1 error
    "#);
}

#[test]
fn an_unknown_kind() {
    let sandbox = policy(&[clause("1", WITHIN).replace("for: job", "for: jib")]);
    insta::assert_snapshot!(sandbox.run(&["lint"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error[DU0401]: unknown kind `jib`
      --> policies/p/policy.yaml:27:10
       |
    27 |     for: jib
       |          ^^^
       |
       = help: did you mean `job`?

    1 error
    "#);
}

#[test]
fn two_clauses_of_one_id() {
    let sandbox = policy(&[clause("1", WITHIN), clause("1", WITHIN)]);
    insta::assert_snapshot!(sandbox.run(&["lint"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error[DU0405]: clause `1` is already in line 24
      --> policies/p/policy.yaml:31:9
       |
    31 |   - id: "1"
       |         ^^^

    1 error
    "#);
}

#[test]
fn an_unknown_clause_in_a_test() {
    let sandbox = policy(&[clause("1", WITHIN)]);
    let test = "tests:\n  - name: t\n    case: {kind: job}\n    events:\n      - {at: \"2026-03-02T09:00\", type: received}\n    expect:\n      - {at: \"2026-03-02T10:00\", clause: \"11\", state: pending}\n";
    sandbox.write("policies/p/tests/t.yaml", test);
    insta::assert_snapshot!(sandbox.run(&["test"]).all(), @r#"
    exit 2
    --- stdout
    0 passed, 1 failed
    --- stderr
    error[DU0407]: unknown clause `p/11`
     --> policies/p/tests/t.yaml:7:42
      |
    7 |       - {at: "2026-03-02T10:00", clause: "11", state: pending}
      |                                          ^^^^
      |
      = help: did you mean `p/1`?
    "#);
}

#[test]
fn a_failing_test_says_what_it_expected() {
    let sandbox = policy(&[clause("1", WITHIN)]);
    let test = "tests:\n  - name: t\n    case: {kind: job}\n    events:\n      - {at: \"2026-03-02T09:00\", type: received}\n    expect:\n      - {at: \"2026-03-02T12:00\", clause: \"1\", state: met}\n";
    sandbox.write("policies/p/tests/t.yaml", test);
    insta::assert_snapshot!(sandbox.run(&["test"]).code(1).all(), @r#"
    exit 1
    --- stdout
    FAILED t
      policies/p/tests/t.yaml:7:42
      state: expected `met`, found `overdue`
        2 hours from 2026-03-02 09:00 ends 2026-03-02 11:00:
          2026-03-02 09:00 to 2026-03-02 11:00: elapsed, 2 hours (2 hours so far)
        settled by: answered

    0 passed, 1 failed
    "#);
}

#[test]
fn a_script_that_loops_for_ever() {
    let sandbox = policy(&[clause("1", "    rule: {script: scripts/turn.rhai, function: judge}\n"), clause("2", WITHIN)]);
    sandbox.write("policies/p/scripts/turn.rhai", "fn judge(c) {\n    let n = 0;\n    loop { n += 1; }\n}\n");
    let case = r#"{"case":"J-1","kind":"job","events":[{"type":"received","at":"2026-03-02T09:00:00+08:00"}]}"#;
    let arguments = ["check", "--policies", "policies", "--cases", "-", "--as-of", "2026-03-02T09:30:00+08:00"];
    insta::assert_snapshot!(sandbox.run_with(&arguments, case).code(0).all(), @r#"
    exit 0
    --- stdout
    ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────
     Case   Clause   State          Due   Late by   Whose move   What to do, or what is wrong                        
    ═════════════════════════════════════════════════════════════════════════════════════════════════════════════════
     J-1    p/1      undetermined                                T: cannot be told, the script runs too long: it was 
                                                                 stopped after 100,000 operations                    
                                                                 (policies/p/scripts/turn.rhai:3:5)                  
    ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    --- stderr
    1 cases: 1 undetermined, 1 pending
    "#);
    let json = sandbox.run_with(&[&arguments[..], &["--all", "--format", "jsonl"]].concat(), case).code(0).json_lines();
    let of = |clause: &str| json.iter().find(|found| found["clause"] == clause).unwrap().clone();
    assert_eq!(of("p/1")["state"], "undetermined");
    assert!(of("p/1")["message"].as_str().unwrap().contains("turn.rhai:3:"), "{}", of("p/1"));
    assert_eq!(of("p/2")["state"], "pending");
}

#[test]
fn a_test_that_names_no_group_there_is_fails_and_one_next_action_speaks_for_all() {
    let clauses = [
        clause("1", "    limit: {count: received, per: week, group: =area, at_most: 5}\n"),
        clause("2", "    deadline: {after: received, expect: answered, within: 1h, match: one-to-one}\n"),
    ];
    let sandbox = policy(&clauses);
    let events = "events: [{at: \"2026-03-02T09:00\", type: received}, {at: \"2026-03-02T09:10\", type: received}, {at: \"2026-03-02T09:20\", type: answered}]";
    let said = |expect: &str| {
        let test = format!(
            "tests:\n  - name: t\n    case: {{kind: job, facts: {{area: ring-1}}}}\n    {events}\n    expect:\n      - {{at: \"2026-03-02T10:00\", {expect}}}\n"
        );
        sandbox.write("policies/p/tests/t.yaml", test);
        sandbox.run(&["test"]).all()
    };
    let known = said("clause: \"1\", state: pending, group: area=ring-1");
    assert!(known.contains("1 passed, 0 failed"), "{known}");
    let misspelt = said("clause: \"1\", state: none, group: area=ring1");
    assert!(misspelt.contains("group: expected `area=ring1`, found `area=ring-1`"), "{misspelt}");
    // The first is met and has none.
    let next = said("clause: \"2\", state: [met, due_soon], next: {role: desk}");
    assert!(next.contains("1 passed, 0 failed"), "{next}");
    let wrong = said("clause: \"2\", state: [met, due_soon], next: {role: head}");
    assert!(wrong.contains("next.role: expected `head`, found `desk`"), "{wrong}");
    let none = said("clause: \"2\", state: [met, due_soon], next: none");
    assert!(none.contains("next: expected `none`"), "{none}");
}

#[test]
fn an_event_type_that_hides_the_first_event() {
    let sandbox = policy(&[clause("1", WITHIN)]);
    let path = "policies/p/policy.yaml";
    let text = sandbox.read(path);
    sandbox.write(path, text.replacen("    events:\n", "    events:\n      opened: {en: Opened, zh: 打开}\n", 1));
    let said = sandbox.run(&["lint"]).code(0).all();
    assert!(said.contains("warning[DU0404]: an event type `opened` hides"), "{said}");
}

#[test]
fn a_next_action_that_is_a_list_in_a_test() {
    let sandbox = policy(&[clause("1", WITHIN)]);
    sandbox.write(
        "policies/p/tests/a.yaml",
        "tests:\n  - name: A\n    case: {kind: job}\n    events: [{at: 2026-03-02T09:00, type: received}]\n    expect:\n      - {at: 2026-03-02T13:00, clause: \"1\", state: [overdue], next: [{role: clerk}]}\n",
    );
    let said = sandbox.run(&["test"]).all();
    assert!(said.contains("error[DU0105]: the next action is a map"), "{said}");
}

#[test]
fn what_begins_with_a_case_may_be_done_or_ended_by_its_first_event() {
    let sandbox = policy(&[
        clause("1", "    deadline: {expect: received, within: 2h}\n"),
        clause("2", "    deadline: {expect: answered, before: received}\n"),
    ]);
    sandbox.write(
        "policies/p/tests/a.yaml",
        "tests:\n  - name: A\n    case: {kind: job}\n    events: [{at: 2026-03-02T09:00, type: received}]\n    expect:\n      - {at: 2026-03-02T09:00, clause: \"1\", state: met}\n      - {at: 2026-03-02T09:00, clause: \"2\", state: breached}\n",
    );
    let said = sandbox.run(&["test"]).all();
    assert!(said.starts_with("exit 0"), "{said}");
}
