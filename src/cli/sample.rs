//! `duly sample`: made-up cases, by a seed.

use std::io::Write;

use clap::{ArgMatches, Command};

use super::{Failure, Screen, args, exit};
use crate::{ingest::case_to_json, lang::Lang, sample::generate, time::Zone};

pub(super) fn command(lang: Lang) -> Command {
    args::about(
        lang,
        "Writes made-up cases of an after-sales company's month as JSONL",
        "生成一个售后公司一个月的示例个案（JSONL）",
        "  duly sample --cases 200 --seed 1 > cases.jsonl\n  duly sample --cases 1000000 --seed 7 | gzip > big.jsonl.gz",
    )
    .arg(
        args::value("cases", "N", lang, "how many (default: 200)", "个数（默认 200）")
            .value_parser(clap::value_parser!(u64))
            .default_value("200")
            .hide_default_value(true),
    )
    .arg(
        args::value("seed", "S", lang, "the same seed gives the same cases (default: 1)", "相同种子得到相同个案（默认 1）")
            .value_parser(clap::value_parser!(u64))
            .default_value("1")
            .hide_default_value(true),
    )
    .arg(args::only_format(lang, "jsonl"))
}

/// The zone of the sample company.
pub(super) fn zone() -> Zone {
    Zone::parse("Asia/Shanghai").unwrap_or(Zone::UTC)
}

pub(super) fn run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    let number = |name: &str| matches.get_one::<u64>(name).copied().unwrap_or(1);
    let mut out = screen.output();
    for case in generate(number("cases"), number("seed")) {
        writeln!(out, "{}", case_to_json(&case, zone()))?;
    }
    out.flush()?;
    Ok(exit::OK)
}
