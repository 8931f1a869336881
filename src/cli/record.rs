//! `duly case` and `duly event`: looking at and recording single cases.

use clap::{ArgMatches, Command};

use super::{Failure, Screen, args, check::unknown_case, exit, import::standard_input, setting};
use crate::{
    app::{
        clock,
        vocabulary::Census,
        workspace::{Workspace, load},
    },
    case::{Event, Values, identify_event},
    ingest::{case_to_json, parse_case},
    lang::{Lang, Text},
    time::{Instant, Zone},
};

/// The most text taken for one case.
const MOST: usize = 16 << 20;

pub(super) fn case_command(lang: Lang) -> Command {
    args::about(lang, "Shows, lists or adds cases", "查看、列出或新增个案", "  duly case list\n  duly case show R-1\n  duly case show R-1 --known-at 2026-03-03T00:00:00+08:00\n  echo '{\"case\":\"R-1\",\"kind\":\"repair\"}' | duly case add")
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .subcommand(
            args::about(lang, "Prints a case as JSON", "以 JSON 显示个案", "  duly case show R-1")
                .name("show")
                .arg(args::positional("case", "CASE", lang, "the case's id", "个案编号").required(true))
                .arg(args::value("known-at", "T", lang, "as it was known then", "当时所知的内容")),
        )
        .subcommand(args::about(lang, "Lists the ids of cases", "列出个案编号", "  duly case list --kind repair").name("list").arg(args::value("kind", "KIND", lang, "only this kind", "只列此种类")).arg(args::format(lang)))
        .subcommand(args::about(lang, "Adds the case that standard input holds", "新增标准输入中的个案", "  duly case add < case.json").name("add"))
}

fn zone(workspace: &Workspace) -> Zone {
    load(&workspace.policy_folders(), &workspace.company)
        .map_or_else(|_| workspace.company.zone.unwrap_or(Zone::UTC), |(_, set)| setting::zone(&set))
}

pub(super) fn case_run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    let workspace = setting::workspace()?;
    let zone = zone(&workspace);
    let mut store = setting::store(&workspace, screen)?;
    match matches.subcommand() {
        Some(("show", inner)) => {
            let id = inner.get_one::<String>("case").map_or("", String::as_str);
            let known = setting::instant(inner, "known-at", zone)?;
            let case = store.case(id)?.and_then(|record| record.known_at(known)).ok_or_else(|| unknown_case(id))?;
            let text = serde_json::to_string_pretty(&case_to_json(&case, zone)).map_err(std::io::Error::from)?;
            screen.say(text)?;
        }
        Some(("add", _)) => {
            let text = standard_input(MOST)?;
            let case = parse_case(text.trim(), zone).map_err(|reason| Failure::new(reason.en, reason.zh))?;
            warn(&workspace, &case, screen);
            let id = case.id.clone();
            let report = store.import("case add", vec![case], clock::now())?;
            if let Some(refusal) = report.refused.first() {
                return Err(Failure::new(refusal.to_string(), refusal.zh()));
            }
            screen.say(match (screen.lang, report.cases_new + report.cases_changed) {
                (Lang::En, 0) => format!("`{id}` is known already; nothing changed"),
                (Lang::En, _) => format!("`{id}` recorded"),
                (Lang::Zh, 0) => format!("`{id}` 已有记录，无变化"),
                (Lang::Zh, _) => format!("已记录 `{id}`"),
            })?;
        }
        Some((_, inner)) => {
            use std::io::Write;
            let kind = inner.get_one::<String>("kind");
            let json = args::wants_json(inner);
            let mut out = screen.output();
            let mut failed = None;
            let ranges = store.ranges(1)?;
            let mut share = crate::store::Share::default();
            for range in &ranges {
                share = share.plus(store.scan_range(range, |record| {
                    if failed.is_none() && kind.is_none_or(|kind| *kind == record.kind) {
                        failed = if json {
                            writeln!(out, "{}", serde_json::json!({"case": record.id, "kind": record.kind})).err()
                        } else {
                            writeln!(out, "{}\t{}", record.id, record.kind).err()
                        };
                    }
                })?);
            }
            store.prove(share)?;
            failed.map_or(Ok(()), Err)?;
            out.flush()?;
        }
        None => {}
    }
    Ok(exit::OK)
}

/// Says what the policies do not know of a case.
fn warn(workspace: &Workspace, case: &crate::case::Case, screen: &Screen) {
    if let Ok((_, set)) = load(&workspace.policy_folders(), &workspace.company) {
        let mut census = Census::default();
        census.look(case, &set);
        for text in census.warnings() {
            screen.note(format!("{}{}", screen.pick("warning: ", "警告："), text.get(screen.lang)));
        }
    }
}

pub(super) fn event_command(lang: Lang) -> Command {
    args::about(
        lang,
        "Records an event of a case, or takes one back",
        "记录个案的事件，或撤回事件",
        "  duly event R-1 arrived --by lin --role maintenance-engineer\n  duly event R-1 facts --data '{\"area\":\"ring-2\"}'\n  duly event R-1 arrived --at 2026-03-03T00:05:00+08:00 --id e7\n  duly event R-1 --retract e7 --by lin --reason 'wrong case'",
    )
    .arg(args::positional("case", "CASE", lang, "the case's id", "个案编号").required(true))
    .arg(args::positional("type", "TYPE", lang, "the event type", "事件类型").required_unless_present("retract"))
    .arg(args::value("at", "T", lang, "when it happened (default: now)", "发生时刻（默认：现在）"))
    .arg(args::value("by", "WHO", lang, "who did it", "由谁"))
    .arg(args::value("role", "ROLE", lang, "in which role", "角色"))
    .arg(args::value("id", "ID", lang, "its id; sending the same again changes nothing", "事件编号；重复发送无变化"))
    .arg(args::value("data", "JSON", lang, "a JSON object", "JSON 对象"))
    .arg(args::value("retract", "ID", lang, "take this event back; it stays in the journal", "撤回此事件（日志中仍保留）"))
    .arg(args::value("reason", "TEXT", lang, "why it is taken back", "撤回原因"))
    .arg(args::format(lang))
}

pub(super) fn event_run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    let workspace = setting::workspace()?;
    let zone = zone(&workspace);
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    let id = text("case").unwrap_or_default();
    let mut store = setting::store(&workspace, screen)?;
    let Some(record) = store.case(&id)? else { return Err(unknown_case(&id)) };
    if let Some(event) = text("retract") {
        let (Some(by), Some(reason)) = (text("by"), text("reason")) else {
            return Err(Failure::new("taking an event back needs `--by` and `--reason`", "撤回事件须有 `--by` 与 `--reason`"));
        };
        let done = store.retract(&id, &event, &by, &reason, clock::now())?;
        screen.say(match (screen.lang, done) {
            (Lang::En, true) => "taken back",
            (Lang::En, false) => "it was taken back before; nothing changed",
            (Lang::Zh, true) => "已撤回",
            (Lang::Zh, false) => "此前已撤回，无变化",
        })?;
        return Ok(exit::OK);
    }
    let data = match text("data") {
        None => Values::new(),
        Some(json) => data_of(&json, zone)?,
    };
    let at = match text("at") {
        Some(at) => {
            Instant::parse(&at, zone).map_err(|error| Failure::new(format!("--at: {}", error.en), format!("--at：{}", error.zh)))?
        }
        None => clock::now(),
    };
    let mut event =
        Event { id: text("id").unwrap_or_default(), kind: text("type").unwrap_or_default(), at, by: text("by"), role: text("role"), data };
    if event.id.is_empty() {
        identify_event(&mut event);
    }
    let event_id = event.id.clone();
    let known = record.events;
    let sketch = crate::case::Case { id: id.clone(), kind: record.kind, events: vec![event.clone()], ..crate::case::Case::default() };
    warn(&workspace, &sketch, screen);
    let differs = known.iter().any(|recorded| recorded.event.id == event.id && recorded.event != event);
    let new = store.add_event(&id, event, clock::now())?;
    if differs {
        screen.note(match screen.lang {
            Lang::En => format!(
                "warning: event `{event_id}` is known with other content; the known one was kept (take it back with `--retract` first)"
            ),
            Lang::Zh => format!("警告：事件 `{event_id}` 已知但内容不同；保留已知内容（可先用 `--retract` 撤回）"),
        });
    }
    if args::wants_json(matches) {
        screen.say(serde_json::json!({"case": id, "event": event_id, "new": new}))?;
        return Ok(exit::OK);
    }
    screen.say(match (screen.lang, new) {
        (Lang::En, true) => format!("event `{event_id}` of `{id}` recorded"),
        (Lang::En, false) => format!("event `{event_id}` of `{id}` is known already; nothing changed"),
        (Lang::Zh, true) => format!("已记录 `{id}` 的事件 `{event_id}`"),
        (Lang::Zh, false) => format!("`{id}` 的事件 `{event_id}` 已有记录，无变化"),
    })?;
    Ok(exit::OK)
}

/// The values of a JSON object, read as a case's facts are.
fn data_of(json: &str, zone: Zone) -> Result<Values, Failure> {
    let wrong = |why: Text| Failure::new(format!("--data: {}", why.en), format!("--data：{}", why.zh));
    let value: serde_json::Value = serde_json::from_str(json).map_err(|error| wrong(Text::same(error.to_string())))?;
    let line = serde_json::json!({"case": "x", "kind": "x", "facts": value}).to_string();
    parse_case(&line, zone).map(|case| case.facts).map_err(wrong)
}
