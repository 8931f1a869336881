//! `duly nightly`: the unattended check. A policy that does not load does not stop it: the last good set runs, and it says so.

use clap::{ArgMatches, Command};

use super::{Failure, Screen, args, check, exit, progress::Progress, setting};
use crate::{
    app::{
        clock,
        nightly::{Night, last_good, nightly},
        workspace::{Workspace, load},
    },
    finding::{Obligation, State},
    lang::Lang,
    policy::{PolicySet, sources::Sources},
    report::{table, to_json},
    store::{Store, hex},
};

pub(super) fn command(lang: Lang) -> Command {
    args::about(
        lang,
        "Checks the whole store, says what is new since the last run, and keeps both",
        "检查全部存储，报告自上次以来的变化，并留存结果",
        "  duly nightly\n  duly nightly --as-of 2026-03-31T18:00:00+08:00",
    )
    .arg(args::value("as-of", "T", lang, "judge as of this instant (default: now)", "以此时刻判断（默认：现在）"))
    .arg(args::switch("full", lang, "judge every case again", "重新判断所有个案"))
    .arg(
        args::value("top", "N", lang, "how many findings to print (default: 20)", "列出多少项（默认 20）")
            .value_parser(clap::value_parser!(usize))
            .default_value("20")
            .hide_default_value(true),
    )
    .arg(args::format(lang))
}

/// The policies on disk, or else those of the last run; `true` when it fell back.
fn policies(workspace: &Workspace, store: &Store, screen: &Screen) -> Result<(Sources, PolicySet, bool), Failure> {
    let problems = match load(&workspace.policy_folders(), &workspace.company) {
        Ok((sources, set)) if !set.editions.is_empty() => return Ok((sources, set, false)),
        Ok(_) => super::lint::no_policies(&workspace.policy_folders()),
        Err(list) => Failure::Diagnostics(list),
    };
    let Some((sources, set)) = last_good(store, &workspace.company)? else { return Err(problems) };
    screen.complain(&problems.show(screen.lang, screen.colour()));
    screen.complain(screen.pick(
        "warning: the policies on disk do not load; running those of the last good run",
        "警告：磁盘上的策略无法加载；沿用上次有效的策略",
    ));
    Ok((sources, set, true))
}

pub(super) fn run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    let workspace = setting::workspace()?;
    let mut store = setting::store(&workspace, screen)?;
    let (sources, set, fallback) = policies(&workspace, &store, screen)?;
    let as_of = setting::as_of(matches, setting::zone(&set))?;
    let night = night(&mut store, &set, &sources, as_of, fallback, screen)?;
    if args::wants_json(matches) {
        screen.say(json(&night, &set, screen.lang))?;
        return Ok(exit::OK);
    }
    let top = matches.get_one::<usize>("top").copied().unwrap_or(20);
    print(&night, &set, top, screen)?;
    Ok(exit::OK)
}

/// A run and its findings as JSON.
pub(super) fn json(night: &Night, set: &PolicySet, lang: Lang) -> serde_json::Value {
    let run = &night.run;
    let findings: Vec<_> = night.findings.iter().map(|found| to_json(found, set, lang)).collect();
    serde_json::json!({
        "run": run.id, "as_of": run.as_of.to_rfc3339(setting::zone(set)), "policies": hex(&run.policies), "cases": run.cases, "counts": run.counts,
        "new": run.opened.len(), "persisting": night.persisting, "cleared": run.cleared.len(), "reopened": run.reopened.len(),
        "fallback": run.fallback, "findings": findings,
    })
}

/// Runs it, once more on a rebuilt index when the first try finds it damaged.
pub(super) fn night(
    store: &mut Store,
    set: &PolicySet,
    sources: &Sources,
    as_of: crate::time::Instant,
    fallback: bool,
    screen: &Screen,
) -> Result<Night, Failure> {
    let once = |store: &mut Store| {
        let mut progress = Progress::new(screen, store.len()?, screen.pick("judging", "判断中"));
        let night = nightly(store, set, sources, as_of, clock::now(), fallback, setting::threads(), &mut |done| progress.set(done));
        progress.done();
        night
    };
    match once(store) {
        Err(error @ crate::store::StoreError::IndexDamaged { .. }) => {
            screen.complain(&format!("{}{}", screen.pick("warning: ", "警告："), screen.pick(&error.to_string(), &error.zh())));
            store.rebuild()?;
            Ok(once(store)?)
        }
        other => Ok(other?),
    }
}

/// What a supervisor wants to see first: what is new, and what is most pressing.
pub(super) fn print(night: &Night, set: &PolicySet, top: usize, screen: &Screen) -> Result<(), Failure> {
    let zone = setting::zone(set);
    let run = &night.run;
    screen.say(match screen.lang {
        Lang::En => format!("Run {} as of {}: {}", run.id, run.as_of.show(zone), check::closing(&night.summary, screen.lang)),
        Lang::Zh => format!("运行 {}，截至 {}：{}", run.id, run.as_of.show(zone), check::closing(&night.summary, screen.lang)),
    })?;
    let (new, persisting, cleared, reopened) = (run.opened.len(), night.persisting, run.cleared.len(), run.reopened.len());
    screen.say(match screen.lang {
        Lang::En => format!("Since the last run: {new} new, {persisting} persisting, {cleared} cleared, {reopened} reopened"),
        Lang::Zh => format!("与上次相比：新增 {new}，持续 {persisting}，消除 {cleared}，再现 {reopened}"),
    })?;
    let mut open: Vec<Obligation> = night.findings.iter().filter(|found| found.open || found.state == State::DueSoon).cloned().collect();
    check::sort(&mut open);
    if open.is_empty() {
        return Ok(());
    }
    let list: Vec<&Obligation> = open.iter().take(top).collect();
    screen.say(table(&list, set, screen.lang, screen.width()))?;
    let rest = open.len() - list.len();
    if rest > 0 {
        screen.say(match screen.lang {
            Lang::En => format!("... and {rest} more: `duly check --open`, `duly due`"),
            Lang::Zh => format!("……另有 {rest} 项：`duly check --open`、`duly due`"),
        })?;
    }
    Ok(())
}
