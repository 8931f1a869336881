//! `duly init` and `duly demo`: a workspace to start from, and a sample company to look at.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::{ArgMatches, Command};

use super::{Failure, Screen, args, exit, keep::make_folder, nightly, sample, setting, showcase};
use crate::{
    app::{
        clock,
        nightly::leads,
        starter,
        workspace::{FILE, Workspace},
    },
    ingest::parse_case,
    lang::{Lang, Text},
    sample::generate,
    time::Instant,
};

pub(super) fn init_command(lang: Lang) -> Command {
    args::about(
        lang,
        "Makes a workspace with a first policy, its test, and two cases",
        "新建工作区：一个策略、其测试与两个个案",
        "  duly init my-company\n  cd my-company && duly test && duly import cases.jsonl && duly check --as-of 2026-03-03T10:00",
    )
    .arg(
        args::positional("dir", "DIR", lang, "the folder (default: here)", "文件夹（默认当前）")
            .default_value(".")
            .hide_default_value(true),
    )
    .arg(args::format(lang))
}

fn write(root: &Path, path: &str, text: &str) -> Result<(), Failure> {
    let target = root.join(path);
    if let Some(folder) = target.parent() {
        make_folder(folder)?;
    }
    fs::write(&target, text).map_err(|error| {
        let name = target.display();
        Failure::new(format!("cannot write `{name}`: {error}"), format!("无法写入 `{name}`：{error}"))
    })
}

pub(super) fn init_run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    let root = PathBuf::from(matches.get_one::<String>("dir").map_or(".", String::as_str));
    make_folder(&root)?;
    for path in std::iter::once(FILE).chain(starter::STARTER.iter().map(|(path, _)| *path)) {
        if root.join(path).exists() {
            let name = root.join(path).display().to_string();
            return Err(Failure::with_help(
                Text::new(format!("`{name}` is there already; nothing was written"), format!("`{name}` 已存在；未写入任何内容")),
                Text::new("choose another folder", "请另选文件夹"),
            ));
        }
    }
    let mut files = vec![root.join(FILE)];
    write(&root, FILE, starter::WORKSPACE)?;
    for (path, text) in starter::STARTER {
        write(&root, path, text)?;
        files.push(root.join(path));
    }
    if args::wants_json(matches) {
        screen.say(serde_json::json!({"files": files}))?;
        return Ok(exit::OK);
    }
    for file in &files {
        screen.say(file.display())?;
    }
    screen.say(match screen.lang {
        Lang::En => "\nNext: `duly lint`, `duly test`, `duly import cases.jsonl`, `duly check --as-of 2026-03-03T10:00`",
        Lang::Zh => "\n接下来：`duly lint`、`duly test`、`duly import cases.jsonl`、`duly check --as-of 2026-03-03T10:00`",
    })?;
    Ok(exit::OK)
}

/// As-of of the demo: the close of the sample company's year.
const CLOSE: &str = "2026-03-31T18:00:00+08:00";
/// Cases of the demo.
const CASES: u64 = 400;

pub(super) fn demo_command(lang: Lang) -> Command {
    args::about(
        lang,
        "Makes a sample company's workspace, imports its year, runs the nightly check, and shows what a supervisor sees first",
        "建立示例公司的工作区，导入一年的个案，运行夜间检查，显示主管最先要看的内容",
        "  duly demo\n  duly demo --lang zh --dir /tmp/demo\n  duly demo --serve",
    )
    .arg(
        args::value("dir", "DIR", lang, "the folder (default: duly-demo)", "文件夹（默认 duly-demo）")
            .default_value("duly-demo")
            .hide_default_value(true),
    )
    .arg(
        args::value("seed", "S", lang, "another year (default: 1)", "换一年（默认 1）")
            .value_parser(clap::value_parser!(u64))
            .default_value("1")
            .hide_default_value(true),
    )
    .arg(args::format(lang))
    .arg(args::switch(
        "serve",
        lang,
        "then serve the board, with accounts, waivers and assignments to look at",
        "随后提供看板，含账户、豁免与指派示例",
    ))
    .arg(
        args::value(
            "listen",
            "ADDRESS",
            lang,
            "where the board listens (default: 127.0.0.1:8080; port 0: any)",
            "看板监听地址（默认 127.0.0.1:8080；端口 0 为任意）",
        )
        .default_value("127.0.0.1:8080")
        .hide_default_value(true),
    )
}

/// Whether a folder may be used: it is new or empty, or the demo's own.
fn is_ours(root: &Path) -> Result<bool, Failure> {
    if !root.exists() || fs::read_dir(root)?.next().is_none() {
        return Ok(true);
    }
    Ok(fs::read_to_string(root.join(FILE)).is_ok_and(|text| text == starter::company()))
}

pub(super) fn demo_run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    let root = PathBuf::from(matches.get_one::<String>("dir").map_or("duly-demo", String::as_str));
    if !is_ours(&root)? {
        let name = root.display();
        return Err(Failure::with_help(
            Text::new(format!("`{name}` holds something else; nothing was written"), format!("`{name}` 中有其他内容；未写入任何内容")),
            Text::new("name another folder with `--dir`", "请用 `--dir` 指定其他文件夹"),
        ));
    }
    make_folder(&root)?;
    write(&root, FILE, &starter::company())?;
    for (path, text) in starter::COMPANY {
        write(&root, path, text)?;
    }
    // By its absolute path, as later commands find it: to the journal, policies of another path are other policies.
    let Some(workspace) = Workspace::find(&std::path::absolute(&root)?)? else { return Ok(exit::FAILED) };
    let zone = sample::zone();
    let seed = matches.get_one::<u64>("seed").copied().unwrap_or(1);
    let mut cases: Vec<_> = generate(CASES, seed).collect();
    for line in starter::BOXES.lines() {
        cases.push(parse_case(line, zone).map_err(|reason| Failure::new(reason.en, reason.zh))?);
    }
    let mut store = setting::store(&workspace, screen)?;
    let report = store.import("demo", cases, clock::now())?;
    let (new, events, name) = (report.cases_new, report.events_new, root.display());
    let policies = starter::COMPANY.iter().filter(|(path, _)| path.ends_with("/policy.yaml")).count();
    let quiet = args::wants_json(matches);
    if !quiet {
        screen.say(match screen.lang {
            Lang::En => format!("Sample company in `{name}`: {new} new cases with {events} events; a year of {policies} policies\n"),
            Lang::Zh => format!("示例公司位于 `{name}`：新个案 {new}，事件 {events}；{policies} 个策略的一年\n"),
        })?;
    }
    let (sources, set) = setting::set_of(&workspace.policy_folders(), &workspace.company)?;
    if matches.get_flag("serve") {
        return showcase::run(matches, workspace, store, &set, &sources, screen);
    }
    let as_of = Instant::parse(CLOSE, zone).map_err(|error| Failure::new(error.en, error.zh))?;
    let night = nightly::night(&mut store, &set, &sources, as_of, (false, false), screen, true)?;
    if quiet {
        screen.say(nightly::json(&store, &night, &set, screen.lang)?)?;
        return Ok(exit::OK);
    }
    nightly::print(&store, &night, &set, 15, screen)?;
    let first = leads(&store, &set, as_of, 1, |lead| lead.open && lead.key.case.is_some())?;
    let first = first.into_iter().find_map(|lead| lead.key.case).unwrap_or_default();
    screen.say(match screen.lang {
        Lang::En => format!("\nGo on: cd {name}\n  duly explain {first} --as-of {CLOSE}\n  duly due --within 7d --as-of {CLOSE}\n  duly check --open --as-of {CLOSE} --clause 'security-systems/*'"),
        Lang::Zh => format!("\n接下来：cd {name}\n  duly explain {first} --as-of {CLOSE} --lang zh\n  duly due --within 7d --as-of {CLOSE} --lang zh\n  duly check --open --as-of {CLOSE} --clause 'security-systems/*' --lang zh"),
    })?;
    Ok(exit::OK)
}
