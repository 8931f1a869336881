//! Values, expressions and tables in policy files that cannot be right.

use crate::errors::{clause, lint, lint_of, policy};

#[test]
fn wrong_unit() {
    insta::assert_snapshot!(lint("    deadline: {after: received, expect: answered, within: 24 hrs}\n"), @r#"
    exit 2
    --- stderr
    error[DU0105]: unknown unit `hrs` in `24 hrs`; the nearest known one is `h` (known: s, min, h, d, wk, mo, y, working minutes, working hours, working days)
      --> policies/p/policy.yaml:30:59
       |
    30 |     deadline: {after: received, expect: answered, within: 24 hrs}
       |                                                           ^^^^^^

    1 error
    "#);
}

#[test]
fn a_table_with_a_gap() {
    insta::assert_snapshot!(lint("    deadline: {after: received, expect: answered, within: {select: area, rows: {ring-1: 2h}}}\n"), @r#"
    exit 2
    --- stderr
    error[DU0301]: this table has a gap: no row for `ring-2`
      --> policies/p/policy.yaml:30:59
       |
    30 |     deadline: {after: received, expect: answered, within: {select: area, rows: {ring-1: 2h}}}
       |                                                           ^
       |
       = help: add the row, or an `else:`

    1 error
    "#);
}

#[test]
fn a_table_with_an_overlap() {
    let rows = "    deadline:\n      after: received\n      expect: answered\n      within:\n        select: units\n        rows:\n          - {if: [\"< 10\"], then: 2h}\n          - {if: [\">= 9\"], then: 3h}\n";
    insta::assert_snapshot!(lint(rows), @r#"
    exit 2
    --- stderr
    error[DU0302]: this row overlaps the one in line 36: both match `9`
      --> policies/p/policy.yaml:37:18
       |
    37 |           - {if: [">= 9"], then: 3h}
       |                  ^
       |
       = help: make them distinct, or say `hit: first`

    1 error
    "#);
}

#[test]
fn text_compared_with_a_number() {
    insta::assert_snapshot!(lint("    when: area > 3\n    deadline: {after: received, expect: answered, within: 2h}\n"), @r#"
    exit 2
    --- stderr
    error[DU0203]: text is compared with integer
      --> policies/p/policy.yaml:30:16
       |
    30 |     when: area > 3
       |                ^

    1 error
    "#);
}

#[test]
fn a_value_that_is_not_allowed() {
    insta::assert_snapshot!(lint("    when: area == \"ring-9\"\n    deadline: {after: received, expect: answered, within: 2h}\n"), @r#"
    exit 2
    --- stderr
    error[DU0206]: `ring-9` is not an allowed value here
      --> policies/p/policy.yaml:30:19
       |
    30 |     when: area == "ring-9"
       |                   ^
       |
       = help: did you mean `ring-1`?

    1 error
    "#);
}

#[test]
fn integer_division() {
    insta::assert_snapshot!(lint("    deadline: {after: received, expect: answered, within: =days(units / 10)}\n"), @r#"
    exit 2
    --- stderr
    error[DU0205]: this division drops the remainder
      --> policies/p/policy.yaml:30:71
       |
    30 |     deadline: {after: received, expect: answered, within: =days(units / 10)}
       |                                                                       ^
       |
       = help: divide by a decimal, as in `units / 10.0`

    1 error
    "#);
}

#[test]
fn a_reserved_word_as_the_name_of_a_fact() {
    let sandbox = policy(&[clause("1", "    deadline: {after: received, expect: answered, within: 2h}\n")]);
    let text = sandbox.read("policies/p/policy.yaml").replace("units:", "default:");
    sandbox.write("policies/p/policy.yaml", text);
    insta::assert_snapshot!(lint_of(&sandbox).all(), @r#"
    exit 2
    --- stderr
    error[DU0404]: `default` is a reserved word; choose another name, for example `default_`
      --> policies/p/policy.yaml:16:7
       |
    16 |       default: {type: integer, en: units, zh: 台数}
       |       ^^^^^^^

    1 error
    "#);
}
