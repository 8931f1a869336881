//! `duly conflicts`: clauses that ask different things of the same event on the same case.

use std::fs;

use clap::{ArgMatches, Command};
use serde_json::{Value, json};

use super::{Failure, Screen, args, exit, lint, listing};
use crate::{
    app::{
        conflicts::{Conflict, conflicts},
        workspace::load,
    },
    ingest::case_to_json,
    lang::Lang,
    report::Format,
};

pub(super) fn command(lang: Lang) -> Command {
    let words: Vec<&'static str> = Format::WORDS.iter().filter(|(_, format)| *format != Format::Csv).map(|(word, _)| *word).collect();
    args::about(
        lang,
        "Finds clauses that ask different things of the same event on the same case, with a case that shows it",
        "找出对同一个案的同一事件提出不同要求的条款，并给出示例个案",
        "  duly conflicts\n  duly conflicts --check\n  duly conflicts policies --examples cases.jsonl && duly check --policies policies --cases cases.jsonl --all --as-of 2026-03-02T10:00",
    )
    .arg(args::positional("paths", "PATH", lang, "policy folders (default: the workspace's)", "策略文件夹（默认为工作区的）").num_args(0..))
    .arg(args::switch("check", lang, "exit with 1 when no `overrides:` says which clause prevails", "若有冲突未以 `overrides:` 声明何者优先，则以 1 退出"))
    .arg(args::value("examples", "FILE", lang, "write the example cases to a file, for `duly check --cases`", "将示例个案写入文件，供 `duly check --cases` 使用"))
    .arg(
        args::value("format", "FORMAT", lang, "table (default), jsonl or json", "table（默认）、jsonl 或 json")
            .value_parser(words)
            .default_value("table")
            .hide_default_value(true),
    )
}

pub(super) fn run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    let (folders, company) = lint::folders(matches, "paths")?;
    let (sources, set) = load(&folders, &company)?;
    if set.editions.is_empty() {
        return Err(lint::no_policies(&folders));
    }
    let list = conflicts(&sources, set);
    let objects = || list.iter().map(|conflict| object(conflict, screen.lang));
    match matches.get_one::<String>("format").and_then(|word| Format::of(word)) {
        Some(Format::Jsonl) => listing::jsonl(objects(), screen)?,
        Some(Format::Json) => listing::json(&objects().collect(), screen)?,
        _ => list.iter().try_for_each(|conflict| screen.say(block(conflict, screen.lang)))?,
    }
    if let Some(path) = matches.get_one::<String>("examples") {
        let lines: String = list.iter().map(|conflict| example(conflict).to_string() + "\n").collect();
        fs::write(path, lines)
            .map_err(|error| Failure::new(format!("cannot write `{path}`: {error}"), format!("无法写入 `{path}`：{error}")))?;
    }
    let undeclared = list.iter().filter(|conflict| conflict.prevails.is_none()).count();
    let all = list.len();
    screen.note(match screen.lang {
        Lang::En => format!("{all} conflicts; for {undeclared} of them nothing says which clause prevails"),
        Lang::Zh => format!("共 {all} 处冲突，其中 {undeclared} 处未声明何者优先"),
    });
    Ok(if matches.get_flag("check") && undeclared > 0 { exit::FOUND } else { exit::OK })
}

fn example(conflict: &Conflict) -> Value {
    case_to_json(&conflict.example, conflict.zone)
}

fn object(conflict: &Conflict, lang: Lang) -> Value {
    let sides: Vec<Value> =
        conflict.clauses.iter().zip(&conflict.asks).map(|(clause, asks)| json!({"clause": clause, "asks": asks.get(lang)})).collect();
    json!({
        "conflict": conflict.sort.word(), "kind": conflict.kind, "about": conflict.about.get(lang), "clauses": sides,
        "prevails": conflict.prevails, "example": example(conflict),
    })
}

fn block(conflict: &Conflict, lang: Lang) -> String {
    let (id, kind, sort, about) = (&conflict.example.id, &conflict.kind, conflict.sort.label(), conflict.about.get(lang));
    let mut text = match lang {
        Lang::En => format!("{id}: {} of {kind}: {about}\n", sort.get(lang)),
        Lang::Zh => format!("{id}：{kind} 的{}：{about}\n", sort.get(lang)),
    };
    let width = conflict.clauses.iter().map(|clause| clause.chars().count()).max().unwrap_or(0);
    for (clause, asks) in conflict.clauses.iter().zip(&conflict.asks) {
        text.push_str(&format!("  {clause:<width$}  {}\n", asks.get(lang)));
    }
    text.push_str(&match (&conflict.prevails, lang) {
        (Some(clause), Lang::En) => format!("  {clause} prevails, as it says itself\n"),
        (Some(clause), Lang::Zh) => format!("  以 {clause} 为准（已声明）\n"),
        (None, Lang::En) => "  nothing says which prevails\n".to_owned(),
        (None, Lang::Zh) => "  未声明何者优先\n".to_owned(),
    });
    text.push_str(&format!("  {}\n", example(conflict)));
    text
}
