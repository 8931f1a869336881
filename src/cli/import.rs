//! `duly import`: takes cases into the store.

use std::io::BufRead;

use clap::{ArgMatches, Command};

use super::{Failure, Screen, args, cases, exit, progress::Progress, setting};
use crate::{
    app::{clock, vocabulary::Census, workspace::load},
    case::Case,
    lang::{Lang, Text},
};

pub(super) fn command(lang: Lang) -> Command {
    args::about(
        lang,
        "Takes cases and events into the store; sending the same again changes nothing",
        "把个案与事件存入；重复导入不会改变任何内容",
        "  duly import cases.jsonl\n  duly import log.csv.gz --map mapping.yaml\n  duly sample --cases 1000 --seed 7 | duly import -",
    )
    .arg(
        args::positional(
            "files",
            "FILE",
            lang,
            "JSONL or CSV, plain or gzipped; - is standard input",
            "JSONL 或 CSV，可为 gzip；- 为标准输入",
        )
        .num_args(1..)
        .required(true),
    )
    .arg(args::value("map", "MAPPING", lang, "how rows become cases", "行如何成为个案的映射文件"))
    .arg(args::format(lang))
}

pub(super) fn run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    let workspace = setting::workspace()?;
    let mapping = cases::mapping(matches.get_one("map"))?;
    // Names are compared with the policies' where these load; a source may be ahead of its policies.
    let set = load(&workspace.policy_folders(), &workspace.company).ok().map(|(_, set)| set);
    let zone = set.as_ref().map_or_else(|| workspace.company.zone.unwrap_or(crate::time::Zone::UTC), setting::zone);
    let mut store = setting::store(&workspace, screen)?;
    let mut rejects = cases::Rejects::new(workspace.store_folder().join("rejects").join(format!("{}.jsonl", clock::now().millis())));
    let mut census = Census::default();
    let (mut new, mut changed, mut same, mut events, mut known, mut differing) = (0_u64, 0_u64, 0_u64, 0_u64, 0_u64, 0_u64);
    let mut refused: Vec<(String, String)> = Vec::new();
    let (mut done, mut read) = (0_u64, 0_u64);
    let files = || matches.get_many::<String>("files").into_iter().flatten();
    let total = if screen.progress { cases::about(files(), mapping.as_ref()) } else { 0 };
    let mut progress = Progress::new(screen, total, screen.pick("importing", "导入中"));
    for file in files() {
        let mut sink = |batch: Vec<Case>| -> Result<(), Failure> {
            if let Some(set) = &set {
                batch.iter().for_each(|case| census.look(case, set));
            }
            done += batch.len() as u64;
            let report = store.import(file, batch, clock::now())?;
            new += report.cases_new;
            changed += report.cases_changed;
            same += report.cases_same;
            events += report.events_new;
            known += report.events_same;
            differing += report.events_differing;
            refused.extend(report.refused.iter().map(|refusal| (refusal.to_string(), refusal.zh())));
            progress.set(done);
            Ok(())
        };
        let summary = cases::read(file, mapping.as_ref(), zone, &mut sink, &mut rejects)?;
        read += summary.lines;
    }
    // What came one by one is gathered into blocks, where there is enough of it.
    store.pack()?;
    progress.done();
    let rejected = rejects.report(screen)?;
    for text in census.warnings() {
        screen.note(format!("{}{}", screen.pick("warning: ", "警告："), text.get(screen.lang)));
    }
    for (en, zh) in refused.iter().take(20) {
        screen.note(format!("{}{}", screen.pick("refused: ", "未接受："), screen.pick(en, zh)));
    }
    if args::wants_json(matches) {
        screen.say(serde_json::json!({
            "lines": read, "cases_new": new, "cases_changed": changed, "cases_same": same, "events_new": events, "events_same": known,
            "events_differing": differing, "rows_rejected": rejected, "cases_refused": refused.len(),
        }))?;
        return Ok(exit::OK);
    }
    screen.say(match screen.lang {
        Lang::En => format!("{read} lines: {new} cases new, {changed} changed, {same} as known; {events} events new, {known} known; {rejected} rows rejected, {} cases refused", refused.len()),
        Lang::Zh => format!("{read} 行：新个案 {new}，有变化 {changed}，无变化 {same}；新事件 {events}，已知 {known}；被拒 {rejected} 行，未接受个案 {}", refused.len()),
    })?;
    if differing > 0 {
        screen.note(match screen.lang {
            Lang::En => format!("warning: {differing} events have a known id but other content; the known ones were kept"),
            Lang::Zh => format!("警告：{differing} 个事件编号已知但内容不同；保留已知内容"),
        });
    }
    Ok(exit::OK)
}

/// Reads all of standard input as text, bounded.
pub(super) fn standard_input(most: usize) -> Result<String, Failure> {
    let mut text = String::new();
    for line in std::io::stdin().lock().lines() {
        text.push_str(&line?);
        text.push('\n');
        if text.len() > most {
            return Err(Failure::with_help(
                Text::new("the input is too large", "输入过大"),
                Text::new("use `duly import`", "请用 `duly import`"),
            ));
        }
    }
    Ok(text)
}
