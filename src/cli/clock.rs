//! `duly clock`: adds a span to an instant on a calendar, and shows how it was counted.

use std::{
    io::{BufRead, Write},
    path::Path,
    sync::Arc,
};

use clap::{ArgMatches, Command};

use super::{Failure, Screen, args, exit};
use crate::{
    app::workspace::Workspace,
    diagnostic::{Problems, SourceFile, did_you_mean},
    lang::{Lang, Text},
    policy::{
        calendar::{Calendars, read_file},
        sources::{MOST_BYTES, Sources, read_text},
    },
    time::{Calendar, Clock, Counting, DayEnd, Instant, Pause, Span, TimeError, answer},
};

pub(super) fn command(lang: Lang) -> Command {
    args::about(
        lang,
        "Counts a span on a calendar: the due instant, and how it came about",
        "按日历计算时限：到期时刻及其计算过程",
        "  duly clock --calendar china-office --from 2026-09-18T16:00 --span '6 working hours'\n  duly clock --calendar china-office --from 2026-04-30T10:00 --span 1d --lang zh\n  duly clock --calendar office.yaml --from 2026-03-02T09:00 --span '8 working hours' --pause 2026-03-02T10:00/2026-03-02T15:00\n  duly clock --batch rows.jsonl",
    )
    .arg(args::value("calendar", "C", lang, "a calendar's name, or a file", "日历名称或文件").required_unless_present("batch"))
    .arg(args::value("from", "T", lang, "the instant it starts", "起始时刻").required_unless_present("batch"))
    .arg(args::value("span", "S", lang, "24h, 3d, 1mo, 6 working hours, 2 working days, same day", "24h、3d、1mo、6 working hours、2 working days、same day").required_unless_present("batch").allow_hyphen_values(true))
    .arg(args::value("pause", "A/B", lang, "the clock stands still from A to B; may be repeated", "A 至 B 停止计时，可重复").action(clap::ArgAction::Append))
    .arg(args::value("counting", "HOW", lang, "civil (default), dates or elapsed", "civil（默认）、dates 或 elapsed").value_parser(["civil", "dates", "elapsed"]).default_value("civil").hide_default_value(true))
    .arg(args::value("day-end", "WHEN", lang, "midnight (default) or close", "midnight（默认）或 close").value_parser(["midnight", "close"]).default_value("midnight").hide_default_value(true))
    .arg(args::value("batch", "FILE", lang, "answer JSONL rows {id, op, calendar, start, end, span, pauses}; - is standard input", "逐行回答 JSONL；- 为标准输入"))
    .arg(args::value("format", "FORMAT", lang, "text or json", "text 或 json").value_parser(["text", "json"]).default_value("text").hide_default_value(true))
}

/// The calendars of the workspace, of `policies` here, and those shipped.
fn calendars() -> Result<Calendars, Failure> {
    let workspace = Workspace::find(&super::lint::here()?)?;
    let folders = workspace.map_or_else(|| vec!["policies".into()], |workspace| workspace.policy_folders());
    let folders: Vec<_> = folders.into_iter().filter(|folder: &std::path::PathBuf| folder.is_dir()).collect();
    let sources = Sources::read(&folders)?;
    let mut problems = Problems::default();
    let calendars = Calendars::read(sources.files.iter(), &mut problems);
    Failure::check(problems)?;
    Ok(calendars)
}

fn calendar(name: &str, calendars: &Calendars) -> Result<Arc<Calendar>, Failure> {
    if let Some(found) = calendars.get(name) {
        return Ok(Arc::clone(found));
    }
    if name.ends_with(".yaml") || name.contains(['/', '\\']) {
        let text = read_text(Path::new(name), MOST_BYTES)?;
        let file = Arc::new(SourceFile { path: name.to_owned(), text });
        let mut problems = Problems::default();
        let found = read_file(&file, &mut problems);
        Failure::check(problems)?;
        return found.ok_or_else(|| Failure::new(format!("`{name}` holds no calendar"), format!("`{name}` 中没有日历")));
    }
    let names = calendars.names();
    let help = did_you_mean(name, names.iter().copied()).unwrap_or_default();
    Err(Failure::with_help(Text::new(format!("there is no calendar `{name}`"), format!("没有日历 `{name}`")), help))
}

pub(super) fn run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    let all = calendars()?;
    if let Some(path) = matches.get_one::<String>("batch") {
        return batch(path, &all, screen);
    }
    let text = |name: &str| matches.get_one::<String>(name).map_or("", String::as_str);
    let calendar = calendar(text("calendar"), &all)?;
    let zone = calendar.zone();
    let said = |name: &str, error: TimeError| Failure::new(format!("--{name}: {}", error.en), format!("--{name}：{}", error.zh));
    let from = Instant::parse(text("from"), zone).map_err(|error| said("from", error))?;
    let span = Span::parse(text("span")).map_err(|error| said("span", error))?;
    let mut pauses = Vec::new();
    for pause in matches.get_many::<String>("pause").into_iter().flatten() {
        let Some((a, b)) = pause.split_once('/') else {
            return Err(Failure::new(format!("--pause: `{pause}` is not A/B"), format!("--pause：`{pause}` 不是 A/B")));
        };
        let (from, until) = (
            Instant::parse(a, zone).map_err(|error| said("pause", error))?,
            Instant::parse(b, zone).map_err(|error| said("pause", error))?,
        );
        if until < from {
            return Err(Failure::new(format!("--pause: `{pause}` ends before it begins"), format!("--pause：`{pause}` 止早于起")));
        }
        pauses.push(Pause { from, until });
    }
    let clock = Clock {
        calendar: &calendar,
        counting: match text("counting") {
            "dates" => Counting::Dates,
            "elapsed" => Counting::Elapsed,
            _ => Counting::Civil,
        },
        day_end: if text("day-end") == "close" { DayEnd::Close } else { DayEnd::Midnight },
    };
    let (due, ledger) = clock.explain(from, span, &pauses);
    let lines = ledger.render(zone, screen.lang == Lang::Zh);
    if text("format") == "json" {
        screen.say(serde_json::json!({"due": due.at.to_rfc3339(zone), "provisional": due.provisional, "ledger": lines}))?;
        return Ok(exit::OK);
    }
    screen.say(format!("{}  ({})", due.at.show_due(zone), due.at.to_rfc3339(zone)))?;
    for line in lines {
        screen.say(format!("  {line}"))?;
    }
    if due.provisional {
        screen.say(screen.pick("provisional: the calendar's holidays are not known so far", "暂定：日历尚未公布到该日期"))?;
    }
    Ok(exit::OK)
}

fn batch(path: &str, calendars: &Calendars, screen: &Screen) -> Result<u8, Failure> {
    let input: Box<dyn BufRead> =
        if path == "-" { crate::ingest::unpack(std::io::stdin())? } else { crate::ingest::open(Path::new(path))? };
    let mut out = screen.output();
    let mut files: std::collections::HashMap<String, Arc<Calendar>> = std::collections::HashMap::new();
    for (number, line) in (1_u64..).zip(input.lines()) {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let row: serde_json::Value = match serde_json::from_str(&line) {
            Ok(row) => row,
            Err(error) => {
                writeln!(
                    out,
                    "{}",
                    serde_json::json!({"line": number, "error": format!("not JSON: {error}"), "error_zh": format!("不是 JSON：{error}")})
                )?;
                continue;
            }
        };
        // A file is read once, however many rows name it.
        if let Some(name) = row.get("calendar").and_then(serde_json::Value::as_str)
            && !files.contains_key(name)
            && let Ok(found) = calendar(name, calendars)
        {
            files.insert(name.to_owned(), found);
        }
        let find = |name: &str| {
            files.get(name).cloned().ok_or_else(|| match calendar(name, calendars) {
                Err(failure) => TimeError::new(failure.show(Lang::En, false), failure.show(Lang::Zh, false)),
                Ok(_) => TimeError::new("", ""),
            })
        };
        writeln!(out, "{}", answer(&row, find))?;
    }
    out.flush()?;
    Ok(exit::OK)
}
