//! `duly audit`, `duly dump`, `duly restore`: the journal checked, written out, and taken in again.

use std::{fs, io::BufReader, path::Path};

use clap::{ArgMatches, Command};

use super::{Failure, Screen, args, exit, output::Output, setting};
use crate::{
    app::clock,
    lang::{Lang, Text},
    store::{Store, hex, unhex_hash},
};

pub(super) fn audit_command(lang: Lang) -> Command {
    args::about(
        lang,
        "Checks the journal",
        "核查日志",
        "  duly audit verify\n  duly audit checkpoint > checkpoint.txt\n  duly audit verify --against \"$(cat checkpoint.txt)\"",
    )
    .subcommand_required(true)
    .disable_help_subcommand(true)
    .subcommand(
        args::about(
            lang,
            "Reads the whole chain: finds a changed, removed, inserted or reordered entry",
            "核对整条链：发现被改、删、插、换序的记录",
            "  duly audit verify",
        )
        .name("verify")
        .arg(args::value(
            "against",
            "CHECKPOINT",
            lang,
            "a checkpoint kept elsewhere: finds a cut-off end",
            "另处保存的检查点，可发现末尾被截断",
        ))
        .arg(args::format(lang)),
    )
    .subcommand(
        args::about(
            lang,
            "Prints number and hash of the last entry, to be kept elsewhere",
            "输出最后一条的序号与哈希，供另处保存",
            "  duly audit checkpoint",
        )
        .name("checkpoint"),
    )
}

pub(super) fn audit_run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    let workspace = setting::workspace()?;
    let store = setting::store(&workspace, screen)?;
    match matches.subcommand() {
        Some(("checkpoint", _)) => {
            let (seq, hash) = store.checkpoint();
            screen.say(format!("{seq}:{}", hex(&hash)))?;
        }
        Some((_, inner)) => {
            let audit = match inner.get_one::<String>("against") {
                None => store.verify()?,
                Some(text) => {
                    let parsed = text.trim().split_once(':').and_then(|(seq, hash)| Some((seq.parse().ok()?, unhex_hash(hash)?)));
                    let Some((seq, hash)) = parsed else {
                        return Err(Failure::with_help(
                            Text::new(format!("`{text}` is not a checkpoint"), format!("`{text}` 不是检查点")),
                            Text::new(
                                "it looks like `123:9f86..`, as `duly audit checkpoint` prints it",
                                "形如 `123:9f86..`，由 `duly audit checkpoint` 输出",
                            ),
                        ));
                    };
                    store.verify_against(seq, &hash)?
                }
            };
            if args::wants_json(inner) {
                screen.say(serde_json::json!({"entries": audit.entries, "segments": audit.segments, "erased": audit.erased, "head": hex(&audit.head)}))?;
                return Ok(exit::OK);
            }
            let (entries, segments, erased, head) = (audit.entries, audit.segments, audit.erased, hex(&audit.head));
            screen.say(match screen.lang {
                Lang::En => format!("the chain holds: {entries} entries in {segments} segments, {erased} erased; head {head}"),
                Lang::Zh => format!("链完整：{segments} 段共 {entries} 条，已抹除 {erased} 条；链首 {head}"),
            })?;
        }
        None => {}
    }
    Ok(exit::OK)
}

pub(super) fn dump_command(lang: Lang) -> Command {
    args::about(
        lang,
        "Writes the whole journal as JSON lines with a digest",
        "把整个日志写成带摘要的 JSON 行",
        "  duly dump --out backup.jsonl\n  duly dump | gzip > backup.jsonl.gz\n  duly dump --salvage --out rescued.jsonl",
    )
    .arg(args::value("out", "FILE", lang, "write to a file", "写入文件"))
    .arg(args::switch("salvage", lang, "write what the index holds, when the journal lost its end", "日志末尾丢失时，写出索引中的内容"))
    .arg(args::only_format(lang, "jsonl"))
}

pub(super) fn dump_run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    let workspace = setting::workspace()?;
    let mut out = Output::open(matches.get_one("out"), screen)?;
    if matches.get_flag("salvage") {
        let salvaged = Store::salvage(&workspace.store_folder(), out.writer(), clock::now())?;
        out.close()?;
        let (cases, lost) = (salvaged.cases, salvaged.unreadable);
        screen.note(match screen.lang {
            Lang::En => format!("{cases} cases rescued, {lost} values could not be read"),
            Lang::Zh => format!("救回 {cases} 个个案，{lost} 项无法读取"),
        });
        if let Some(fault) = &salvaged.stopped {
            screen.complain(&format!("{}{}", screen.pick("warning: ", "警告："), screen.pick(&fault.to_string(), &fault.zh())));
        }
        return Ok(exit::OK);
    }
    let store = setting::store(&workspace, screen)?;
    let entries = store.dump(out.writer())?;
    out.close()?;
    screen.note(match screen.lang {
        Lang::En => format!("{entries} entries"),
        Lang::Zh => format!("{entries} 条"),
    });
    Ok(exit::OK)
}

pub(super) fn restore_command(lang: Lang) -> Command {
    args::about(lang, "Makes the store of this workspace from a dump", "由转储恢复本工作区的存储", "  duly restore backup.jsonl")
        .arg(
            args::positional("file", "FILE", lang, "what `duly dump` wrote; may be gzipped", "`duly dump` 的输出，可为 gzip")
                .required(true),
        )
        .arg(args::format(lang))
}

pub(super) fn restore_run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    let workspace = setting::workspace()?;
    let path = matches.get_one::<String>("file").map_or("", String::as_str);
    let mut input: Box<dyn std::io::BufRead> = match crate::ingest::open(Path::new(path)) {
        Ok(input) => Box::new(BufReader::new(input)),
        Err(error) => return Err(error.into()),
    };
    let entries = Store::restore(&workspace.store_folder(), &mut *input, clock::now())?;
    if args::wants_json(matches) {
        screen.say(serde_json::json!({"entries": entries}))?;
        return Ok(exit::OK);
    }
    screen.say(match screen.lang {
        Lang::En => format!("{entries} entries restored"),
        Lang::Zh => format!("已恢复 {entries} 条"),
    })?;
    Ok(exit::OK)
}

/// Makes a folder, saying which when it cannot be made.
pub(super) fn make_folder(path: &Path) -> Result<(), Failure> {
    fs::create_dir_all(path).map_err(|error| {
        let name = path.display();
        Failure::new(format!("cannot make the folder `{name}`: {error}"), format!("无法建立文件夹 `{name}`：{error}"))
    })
}
