//! `duly test`: runs the tests beside policies.

use clap::{ArgMatches, Command};

use super::{Failure, Screen, args, exit, lint};
use crate::{
    diagnostic::{Severity, render_all},
    lang::Lang,
    policy::sources::Sources,
    trial,
};

pub(super) fn command(lang: Lang) -> Command {
    args::about(lang, "Runs the tests beside policies", "运行策略旁的测试", "  duly test\n  duly test policies/console-repair")
        .arg(
            args::positional("paths", "PATH", lang, "policy folders (default: the workspace's)", "策略文件夹（默认为工作区的）")
                .num_args(0..),
        )
        .arg(args::format(lang))
}

pub(super) fn run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    let (folders, company) = lint::folders(matches, "paths")?;
    let sources = Sources::read(&folders)?;
    let report = trial::run(&sources, &company, &|_| true)?;
    if !report.problems.is_empty() {
        screen.note(render_all(&report.problems, screen.lang, screen.colour()));
    }
    if args::wants_json(matches) {
        let failures: Vec<_> = report
            .failures
            .iter()
            .map(|failure| {
                let why: Vec<&str> = failure.explanation.iter().map(|line| line.get(screen.lang)).collect();
                serde_json::json!({"test": failure.name, "place": failure.place.show(), "differences": failure.differences, "explanation": why})
            })
            .collect();
        screen.say(serde_json::json!({"passed": report.passed, "failed": report.failed, "failures": failures}))?;
    } else {
        for failure in &report.failures {
            screen.say(trial::Report::show(failure, screen.lang))?;
        }
    }
    if report.passed + report.failed == 0 && report.problems.is_empty() {
        return Err(Failure::new("no tests found: put them in tests/*.yaml beside the policy", "没有测试：请放在策略旁的 tests/*.yaml"));
    }
    let (passed, failed) = (report.passed, report.failed);
    if !args::wants_json(matches) {
        screen.say(match screen.lang {
            Lang::En => format!("{passed} passed, {failed} failed"),
            Lang::Zh => format!("通过 {passed}，失败 {failed}"),
        })?;
    }
    let broken = report.problems.iter().any(|item| item.severity == Severity::Error);
    Ok(if broken {
        exit::FAILED
    } else if failed > 0 {
        exit::FOUND
    } else {
        exit::OK
    })
}
