//! `duly schema`: JSON Schema of policy files, of vocabulary files, or of the cases that a policy set accepts.

use clap::{ArgMatches, Command};

use super::{Failure, Screen, args, exit, setting};
use crate::{app::workspace::Workspace, lang::Lang, report::schema};

pub(super) fn command(lang: Lang) -> Command {
    args::about(
        lang,
        "Prints the JSON Schema of policy files, with --vocabulary of vocabularies, with --cases of the cases that the policies accept",
        "输出策略文件的 JSON Schema；加 --vocabulary 则为词汇表的，加 --cases 则为策略所接受个案的",
        "  duly schema > policy.schema.json\n  duly schema --cases --policies policies > cases.schema.json",
    )
    .arg(args::switch("cases", lang, "of cases", "个案的 Schema"))
    .arg(args::switch("vocabulary", lang, "of vocabulary files", "词汇表文件的 Schema").conflicts_with("cases"))
    .arg(setting::policies(lang))
    .arg(args::only_format(lang, "json"))
}

pub(super) fn run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    let value = if matches.get_flag("cases") {
        let workspace = Workspace::find(&super::lint::here()?)?;
        let (_, set) = setting::policy_set(matches, workspace.as_ref())?;
        schema::of_cases(&set, screen.lang)
    } else if matches.get_flag("vocabulary") {
        schema::of_vocabularies(screen.lang)
    } else {
        schema::of_policies(screen.lang)
    };
    screen.say(serde_json::to_string_pretty(&value).map_err(std::io::Error::from)?)?;
    Ok(exit::OK)
}
