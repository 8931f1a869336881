//! `duly nightly`: the unattended check. A policy that does not load does not stop it: the last good set runs, and it says so.

use std::path::Path;

use clap::{ArgMatches, Command};
use sha2::{Digest, Sha256};
use tracing::{error, info, warn};

use super::{Failure, Screen, args, check, exit, install, log, pace::Pace, progress::Progress, setting, trend};
use crate::{
    app::{
        changes::Changes,
        clock::{self, Watch},
        delivery::{Delivery, Told, before_last},
        figures::Figures,
        nightly::{Night, Setting, each_lead, in_words, last_good, leads, nightly, verify},
        notices::{Wire, deliver},
        whole::Whole,
        workspace::{Workspace, load},
    },
    finding::{Obligation, State},
    lang::Lang,
    policy::{PolicySet, sources::Sources},
    report::{table, to_json},
    store::{Store, hex},
};

pub(super) fn command(lang: Lang) -> Command {
    let command = args::about(
        lang,
        "Checks the whole store, says what is new since the last run, and keeps both",
        "检查全部存储，报告自上次以来的变化，并留存结果",
        "  duly nightly\n  duly nightly --as-of 2026-03-31T18:00:00+08:00\n  duly nightly --report nightly --metrics nightly/duly.prom --log - --log-format json\n  duly nightly --trend 30\n  duly nightly --install units",
    );
    let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let codes = lang.pick(
        "Exit codes: 0 complete, whatever it found; 2 failed, or complete with the last good policies because those on disk do not load, or found to differ by --verify.",
        "退出码：0 为完成，不论发现什么；2 为失败，或因磁盘上的策略无法加载而沿用上次有效的策略完成，或 --verify 发现不一致。",
    );
    command
        .after_help(format!("{examples}\n\n{codes}"))
        .arg(args::value("as-of", "T", lang, "judge as of this instant (default: now)", "以此时刻判断（默认：现在）"))
        .arg(args::switch("full", lang, "judge every case again", "重新判断所有个案"))
        .arg(args::switch(
            "verify",
            lang,
            "after the run judge everything, and fail when the outcome differs",
            "运行后全部重新判断，结果不一致即失败",
        ))
        .arg(
            args::value("top", "N", lang, "how many findings to print (default: 20)", "列出多少项（默认 20）")
                .value_parser(clap::value_parser!(usize))
                .default_value("20")
                .hide_default_value(true),
        )
        .arg(args::value(
            "report",
            "DIR",
            lang,
            "write run.json, findings.jsonl and changes.jsonl there",
            "在此写入 run.json、findings.jsonl 与 changes.jsonl",
        ))
        .arg(args::switch("send", lang, "send its notices at once, whatever the as-of", "立即发送通知，不论 --as-of 为何时"))
        .arg(args::value("metrics", "FILE", lang, "write figures as OpenMetrics text", "以 OpenMetrics 文本写出指标"))
        .args(log::options(lang))
        .arg(
            args::value("trend", "N", lang, "only show the last N runs (14 when N is left out)", "只列出最近 N 次运行（省略 N 为 14）")
                .num_args(0..=1)
                .value_parser(clap::value_parser!(u32).range(1..))
                .default_missing_value("14")
                .conflicts_with("install"),
        )
        .arg(
            args::value(
                "install",
                "DIR",
                lang,
                "only write examples for systemd and cron; print them when DIR is left out",
                "只写出 systemd 与 cron 的示例；省略 DIR 则打印",
            )
            .num_args(0..=1)
            .default_missing_value("-"),
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
    let said =
        screen.pick("the policies on disk do not load; running those of the last good run", "磁盘上的策略无法加载；沿用上次有效的策略");
    screen.complain(&format!("{}{said}", screen.pick("warning: ", "警告：")));
    warn!(event = "fallback", problems = problems.show(screen.lang, false), policies = named(&sources), "{said}");
    Ok((sources, set, true))
}

/// The hash by which the journal and the reports name policies.
fn named(sources: &Sources) -> String {
    hex(&Sha256::digest(sources.to_bytes()))
}

pub(super) fn run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    if let Some(target) = matches.get_one::<String>("install") {
        return install::run(matches, target, screen);
    }
    if let Some(most) = matches.get_one::<u32>("trend") {
        return trend::run(matches, *most, screen);
    }
    tracing::dispatcher::with_default(&log::open(matches)?, || {
        let code = whole(matches, screen);
        if let Err(failure) = &code {
            error!(event = "failed", error = failure.show(screen.lang, false), "{}", screen.pick("the run failed", "运行失败"));
        }
        code
    })
}

/// A whole run: judged, recorded, reported, printed.
fn whole(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    let (started, watch) = (clock::now(), Watch::start());
    let workspace = setting::workspace()?;
    let mut store = setting::store(&workspace, screen)?;
    let (sources, set, fallback) = policies(&workspace, &store, screen)?;
    let zone = setting::zone(&set);
    let as_of = setting::as_of(matches, zone)?;
    let delivery = match matches.get_one::<String>("report") {
        Some(dir) => Some(Delivery::begin(Path::new(dir), &store, started)?),
        None => None,
    };
    // Begun before the work: whoever names a file that cannot be written should not learn it after an hour.
    let metrics = match matches.get_one::<String>("metrics") {
        Some(path) => Some(Whole::begin(Path::new(path))?),
        None => None,
    };
    info!(
        event = "start",
        workspace = workspace.root.display().to_string(),
        pid = std::process::id(),
        as_of = as_of.to_rfc3339(zone),
        policies = named(&sources),
        fallback,
        cases = store.len()?,
        "{}",
        screen.pick("the run begins", "运行开始")
    );
    if delivery.as_ref().is_some_and(|delivery| delivery.interrupted) {
        let said = screen.pick(
            "the run before was interrupted before its report was complete; this report tells its changes as well",
            "上次运行在报告完成之前中断；本次报告一并列出其变化",
        );
        screen.note(format!("{}{said}", screen.pick("note: ", "注意：")));
        warn!(event = "interrupted", "{said}");
    }
    let lines = !log::wanted(matches);
    let full = matches.get_flag("full");
    let night = night(&mut store, &set, &sources, as_of, (fallback, full), screen, lines)?;
    let wrong = if matches.get_flag("verify") { mismatches(&store, &set, as_of, screen)? } else { 0 };

    let runs = store.runs()?;
    let since = delivery.as_ref().map_or_else(|| before_last(&runs), |delivery| delivery.since(&runs));
    let changes = Changes::over(runs.iter().filter(|run| since.is_none_or(|since| run.id > since)));
    let figures = Figures::of(&night, since, &changes, started, watch.millis());
    if let Some(delivery) = &delivery {
        let told = Told { night: &night, changes: &changes, set: &set, zone, lang: screen.lang };
        delivery.write(&told, &figures, &runs, &store)?;
    }
    if let Some(mut metrics) = metrics {
        metrics.line(figures.metrics().trim_end())?;
        metrics.keep()?;
    }
    info!(
        event = "end",
        run = night.run.id,
        seconds = figures.seconds(),
        cases = night.run.cases,
        judged = figures.judged,
        open = figures.open_violations(),
        new = figures.new,
        persisting = figures.persisting,
        cleared = figures.cleared,
        reopened = figures.reopened,
        fallback,
        "{}",
        screen.pick("the run is complete", "运行完成")
    );
    let top = matches.get_one::<usize>("top").copied().unwrap_or(20);
    let printed = if args::wants_json(matches) {
        json(&store, &night, &set, screen.lang).and_then(|json| screen.say(json))
    } else {
        print(&store, &night, &set, top, screen)
    };
    // What is told goes to the outbox at once; only what has no time for the rest of the night is left to `duly notices send`.
    let told = notices(&mut store, &set, &workspace, matches.get_flag("send"), screen);
    drop(store);
    if let Some(delivery) = delivery {
        delivery.end()?;
    }
    if let Err(failure) = told {
        let said = failure.show(screen.lang, false);
        screen.complain(&said);
        error!(event = "notices", error = said, "{}", screen.pick("the notices are not composed", "通知未能生成"));
    }
    match printed {
        // The run is recorded and reported, whether or not anybody reads on.
        Ok(()) | Err(Failure::ClosedPipe) => Ok(if fallback || wrong > 0 { exit::FAILED } else { exit::OK }),
        Err(failure) => Err(failure),
    }
}

/// Composes the notices of the run, and sends them when that is asked for. Whatever goes wrong here, the run stands.
fn notices(store: &mut Store, set: &PolicySet, workspace: &Workspace, send: bool, screen: &Screen) -> Result<(), Failure> {
    let Some(known) = &set.company.notices else { return Ok(()) };
    let composed = super::notices::tell(store, set, send, screen)?;
    info!(event = "composed", notices = composed, "{}", screen.pick("the notices are composed", "通知已生成"));
    if send {
        let report = deliver(store, set, &mut Wire::new(known, &workspace.root), &clock::now)?;
        screen.note(super::notices::outcome(&report, screen.lang));
        info!(
            event = "sent",
            sent = report.sent,
            failed = report.failed,
            given_up = report.given_up,
            "{}",
            screen.pick("the notices are sent", "通知已发送")
        );
    }
    Ok(())
}

/// A run and its findings as JSON.
pub(super) fn json(store: &Store, night: &Night, set: &PolicySet, lang: Lang) -> Result<serde_json::Value, Failure> {
    let run = &night.run;
    let mut findings = Vec::new();
    let wanted = store.findings()?.iter().map(crate::store::FindingRecord::key).collect();
    in_words(store, set, run.as_of, &wanted, &mut |found| {
        findings.push(to_json(&found, set, lang));
        Ok::<(), Failure>(())
    })?;
    Ok(serde_json::json!({
        "run": run.id, "as_of": run.as_of.to_rfc3339(setting::zone(set)), "policies": hex(&run.policies), "cases": run.cases, "counts": run.counts,
        "new": run.opened.len(), "persisting": night.persisting, "cleared": run.cleared.len(), "reopened": run.reopened.len(),
        "fallback": run.fallback, "judged": run.judged, "findings": findings,
    }))
}

/// Runs it, once more on a rebuilt index when the first try finds it damaged. Where there is no terminal, `lines` say how far it is.
pub(super) fn night(
    store: &mut Store,
    set: &PolicySet,
    sources: &Sources,
    as_of: crate::time::Instant,
    (fallback, full): (bool, bool),
    screen: &Screen,
    lines: bool,
) -> Result<Night, Failure> {
    let watch = Watch::start();
    let once = |store: &mut Store| {
        let total = store.len()?;
        let mut progress = Progress::new(screen, total, screen.pick("judging", "判断中"));
        let mut pace = Pace::new(total);
        let mut step = |done| {
            progress.set(done);
            let Some(point) = pace.at(done) else { return };
            info!(
                event = "progress",
                done,
                total,
                rate = point.rate,
                seconds_left = point.left / 1000,
                "{}",
                screen.pick("judging", "判断中")
            );
            if lines && !screen.progress {
                screen.note(point.show(screen.lang));
            }
        };
        let how = Setting { as_of, now: clock::now(), fallback, full, threads: setting::threads(), watch };
        let night = nightly(store, set, sources, &how, &mut step);
        progress.done();
        night
    };
    match once(store) {
        Err(error @ crate::store::StoreError::IndexDamaged { .. }) => {
            let said = screen.pick(&error.to_string(), &error.zh()).to_owned();
            screen.complain(&format!("{}{said}", screen.pick("warning: ", "警告：")));
            warn!(event = "rebuild", problem = said, "{}", screen.pick("the index is made again", "正在重建索引"));
            store.rebuild()?;
            Ok(once(store)?)
        }
        other => Ok(other?),
    }
}

/// Holds what the run left against a judgement of everything; says what differs, and gives how much does.
fn mismatches(store: &Store, set: &PolicySet, as_of: crate::time::Instant, screen: &Screen) -> Result<usize, Failure> {
    let mut progress = Progress::new(screen, store.len()?, screen.pick("verifying", "核对中"));
    let outcome = verify(store, set, as_of, setting::threads(), &mut |done| progress.set(done));
    progress.done();
    let (wrong, compared) = outcome?;
    let show = |side: &Option<(State, Option<crate::time::Instant>)>| match side {
        None => screen.pick("none", "无").to_owned(),
        Some((state, due)) => {
            let due = due.map_or_else(String::new, |due| format!(" {}", due.to_rfc3339(setting::zone(set))));
            format!("{}{due}", state.label().get(screen.lang))
        }
    };
    for one in wrong.iter().take(20) {
        let (who, clause, instance) = (one.key.case.as_ref().or(one.key.group.as_ref()), &one.key.clause, &one.key.instance);
        let who = who.map_or("", String::as_str);
        let (kept, judged) = (show(&one.kept), show(&one.judged));
        screen.complain(&match screen.lang {
            Lang::En => format!("differs: {who} {clause} [{instance}]: kept {kept}, judged {judged}"),
            Lang::Zh => format!("不一致：{who} {clause} [{instance}]：留存为{kept}，重新判断为{judged}"),
        });
    }
    let count = wrong.len();
    screen.note(match screen.lang {
        Lang::En => format!("verified: {compared} obligations compared with a judgement of everything, {count} differ"),
        Lang::Zh => format!("核对：{compared} 项义务与全部重新判断的结果相比，{count} 项不一致"),
    });
    Ok(count)
}

/// What a supervisor wants to see first: what is new, and what is most pressing.
pub(super) fn print(store: &Store, night: &Night, set: &PolicySet, top: usize, screen: &Screen) -> Result<(), Failure> {
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
    let mut pressing = 0_usize;
    let first = leads(store, set, run.as_of, top, |lead| lead.open || lead.state == State::DueSoon)?;
    each_lead(store, set, run.as_of, |lead| {
        pressing += usize::from(lead.open || lead.state == State::DueSoon);
        Ok(())
    })?;
    let wanted = first.into_iter().map(|lead| lead.key).collect();
    let mut open: Vec<Obligation> = Vec::new();
    in_words(store, set, run.as_of, &wanted, &mut |found| {
        open.push(found);
        Ok::<(), Failure>(())
    })?;
    check::sort(&mut open);
    if open.is_empty() {
        return Ok(());
    }
    let list: Vec<&Obligation> = open.iter().collect();
    screen.say(table(&list, set, screen.lang, screen.width()))?;
    let rest = pressing.saturating_sub(list.len());
    if rest > 0 {
        screen.say(match screen.lang {
            Lang::En => format!("... and {rest} more: `duly check --open`, `duly due`"),
            Lang::Zh => format!("……另有 {rest} 项：`duly check --open`、`duly due`"),
        })?;
    }
    Ok(())
}
