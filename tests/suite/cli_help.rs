//! Help, in both languages, of everything.

use crate::sandbox::Sandbox;

const COMMANDS: [&str; 24] = [
    "demo",
    "init",
    "import",
    "check",
    "nightly",
    "due",
    "explain",
    "lint",
    "test",
    "ledger",
    "conflicts",
    "help",
    "clock",
    "case",
    "event",
    "waive",
    "serve",
    "user",
    "notices",
    "audit",
    "dump",
    "restore",
    "sample",
    "schema",
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
      demo       Makes a sample company's workspace, imports its year, runs the nightly check, and shows what a supervisor
                 sees first
      init       Makes a workspace with a first policy, its test, and two cases
      import     Takes cases and events into the store; sending the same again changes nothing
      check      Holds cases against policies: violations, what falls due, what cannot be told
      nightly    Checks the whole store, says what is new since the last run, and keeps both
      due        Lists what is overdue and what falls due, the most pressing first
      explain    Tells the story of a case: what applied and what did not and why, how due instants were counted, what
                 settles them
      lint       Checks policies: every mistake of every file, what is assumed, what is not judged
      test       Runs the tests beside policies
      ledger     Shows for each entry of each document which clauses cover it and how they are tested, or why none can
      conflicts  Finds clauses that ask different things of the same event on the same case, with a case that shows it
      help       Explains a clause form, the keys of a policy, or the formats of what comes in and goes out
      clock      Counts a span on a calendar: the due instant, and how it came about
      case       Shows, lists or adds cases
      event      Records an event of a case, or takes one back
      waive      Waives an obligation until a date; somebody else must have approved it
      serve      Serves the supervisor's board: what is overdue, whose move it is, cases, clauses, trends; and the same for
                 programs
      user       Makes, changes and lists the accounts of the board
      notices    Shows the outbox of notices, sends what is due, tries again what failed
      audit      Checks the journal
      dump       Writes the whole journal as JSON lines with a digest
      restore    Makes the store of this workspace from a dump
      sample     Writes made-up cases of an after-sales company's year as JSONL
      schema     Prints the JSON Schema of policy files, with --vocabulary of vocabularies, with --cases of the cases that
                 the policies accept

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
      demo       建立示例公司的工作区，导入一年的个案，运行夜间检查，显示主管最先要看的内容
      init       新建工作区：一个策略、其测试与两个个案
      import     把个案与事件存入；重复导入不会改变任何内容
      check      以策略检查个案：违反、即将到期、无法判断的事项
      nightly    检查全部存储，报告自上次以来的变化，并留存结果
      due        列出已逾期与将到期的事项，最紧迫者在前
      explain    讲述个案的来龙去脉：哪些条款适用、为何不适用、到期如何计算、如何了结
      lint       检查策略：所有文件的所有错误、假定的数值、未启用的条款
      test       运行策略旁的测试
      ledger     逐条列出各文件的条目：由哪些条款覆盖、如何测试，或为何无法检查
      conflicts  找出对同一个案的同一事件提出不同要求的条款，并给出示例个案
      help       说明一种条款形式、策略的键，或输入与输出的格式
      clock      按日历计算时限：到期时刻及其计算过程
      case       查看、列出或新增个案
      event      记录个案的事件，或撤回事件
      waive      豁免一项义务至某日；须由他人批准
      serve      提供主管看板：逾期事项、责任人、个案、条款、趋势；并为程序提供接口
      user       新建、修改与列出看板账户
      notices    查看通知发件箱，发送到期的通知，重试失败的通知
      audit      核查日志
      dump       把整个日志写成带摘要的 JSON 行
      restore    由转储恢复本工作区的存储
      sample     生成一个售后公司一年的示例个案（JSONL）
      schema     输出策略文件的 JSON Schema；加 --vocabulary 则为词汇表的，加 --cases 则为策略所接受个案的

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
