//! Options that make no sense, and commands out of place.

use crate::cli_data::{GOOD, check, jobs};
use crate::sandbox::Sandbox;

#[test]
fn options_that_make_no_sense() {
    let sandbox = jobs();
    let said = |arguments: &[&str]| sandbox.run_with(arguments, GOOD).code(2).all();
    insta::assert_snapshot!(said(&["check", "--cases", "-", "--as-of", "yesterday"]), @r#"
    exit 2
    --- stderr
    error: --as-of: `yesterday` is not an instant; expected one such as `2026-03-02T09:00:00+08:00` or `2026-03-02 09:00`
    "#);
    insta::assert_snapshot!(said(&["check", "--cases", "-", "--as-of", "yesterday", "--lang", "zh"]), @r#"
    exit 2
    --- stderr
    错误：--as-of：`yesterday` 不是有效的时刻；应形如 `2026-03-02T09:00:00+08:00` 或 `2026-03-02 09:00`
    "#);
    insta::assert_snapshot!(said(&["check", "--cases", "-", "--as-of", "2026-02-30T09:00:00+08:00"]), @r#"
    exit 2
    --- stderr
    error: --as-of: `2026-02-30T09:00:00+08:00` is not an instant; expected one such as `2026-03-02T09:00:00+08:00` or `2026-03-02 09:00`
    "#);
    insta::assert_snapshot!(said(&["check", "--cases", "-", "--clause", "p/11"]), @r#"
    exit 2
    --- stderr
    error: no clause matches `p/11`
      help: did you mean `p/1`?
    "#);
    insta::assert_snapshot!(said(&["check", "--cases", "-", "--clause", "p/11", "--lang", "zh"]), @r#"
    exit 2
    --- stderr
    错误：没有与 `p/11` 匹配的条款
      建议：是不是 `p/1`？
    "#);
    insta::assert_snapshot!(said(&["check", "--cases", "nowhere.jsonl"]), @r#"
    exit 2
    --- stderr
    error: cannot read `nowhere.jsonl`: No such file or directory (os error 2)
    "#);
    insta::assert_snapshot!(said(&["check", "--cases", "-", "--policies", "nowhere"]), @r#"
    exit 2
    --- stderr
    error[DU0601]: there is no folder `nowhere`
     |
     = help: give the folder that holds `policy.yaml`, or a folder of such folders

    1 error
    "#);
    insta::assert_snapshot!(said(&["check", "--case", "J-9"]), @r#"
    exit 2
    --- stderr
    error: there is no case `J-9`
      help: `duly case list` shows the ids
    "#);
    insta::assert_snapshot!(said(&["due", "--within", "soon"]), @r#"
    exit 2
    --- stderr
    error: --within: `soon` is not a span; expected one such as `30min`, `24h`, `3d`, `1mo`, `6 working hours` or `same day`
    "#);
}

#[test]
fn outside_a_workspace() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(&["check"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error: no workspace here: there is no `duly.yaml` in `[dir]` or above
      help: `duly init` makes one; `duly check --cases FILE --policies DIR` needs none
    "#);
    insta::assert_snapshot!(sandbox.run(&["lint"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error[DU0601]: there is no folder `policies`
     |
     = help: give the folder that holds `policy.yaml`, or a folder of such folders

    1 error
    "#);
    insta::assert_snapshot!(sandbox.run(&["nightly", "--lang", "zh"]).code(2).all(), @r#"
    exit 2
    --- stderr
    错误：此处没有工作区：`[dir]` 及其上级没有 `duly.yaml`
      建议：`duly init` 可新建；`duly check --cases 文件 --policies 文件夹` 无需工作区
    "#);
}

#[test]
fn one_mistake_says_one_thing() {
    let sandbox = jobs();
    let out = check(&sandbox, &["--clause", "p/1", "--fail-on", "never"]).code(0);
    assert_eq!(out.json_lines().len(), 1);
    insta::assert_snapshot!(sandbox.run(&["chekc"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error: unrecognized subcommand 'chekc'

      tip: some similar subcommands exist: 'schema', 'check'

    Usage: duly [OPTIONS] <COMMAND>

    For more information, try '--help'.
    "#);
    insta::assert_snapshot!(sandbox.run(&["check", "--al"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error: unexpected argument '--al' found

      tip: a similar argument exists: '--all'

    Usage: duly check --all

    For more information, try '--help'.
    "#);
    insta::assert_snapshot!(sandbox.run(&["check", "--al", "--lang", "zh"]).code(2).all(), @r#"
    exit 2
    --- stderr
    错误：没有这个选项
    error: unexpected argument '--al' found

      tip: a similar argument exists: '--all'

    Usage: duly check --all

    For more information, try '--help'.
    "#);
}
