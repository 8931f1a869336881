//! `duly sample`: made-up cases, by a seed.

use std::io::Write;

use clap::{ArgMatches, Command};

use super::{Failure, Screen, args, exit};
use crate::{ingest::case_to_json, lang::Lang, sample::Sample, time::Zone};

pub(super) fn command(lang: Lang) -> Command {
    args::about(
        lang,
        "Writes made-up cases of an after-sales company's year as JSONL",
        "生成一个售后公司一年的示例个案（JSONL）",
        "  duly sample --cases 200 --seed 1 > cases.jsonl\n  duly sample --cases 1000000 --seed 7 | gzip > big.jsonl.gz\n  duly sample --cases 5000 --days 90 --mishaps 20 > quarter.jsonl",
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
    .arg(
        args::value("days", "D", lang, "how many days, 30 to 365, up to 2026-03-31 18:00 (default: 365)", "天数，30 至 365，截至 2026-03-31 18:00（默认 365）")
            .value_parser(clap::value_parser!(u32).range(30..=365))
            .default_value("365")
            .hide_default_value(true),
    )
    .arg(
        args::value(
            "mishaps",
            "PERCENT",
            lang,
            "in how many of a hundred cases something goes wrong (default: 8)",
            "每百个个案中出差错的个数（默认 8）",
        )
        .value_parser(clap::value_parser!(u32).range(0..=100))
        .default_value("8")
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
    let small = |name: &str, usual: u32| matches.get_one::<u32>(name).copied().unwrap_or(usual);
    let (days, mishaps) = (small("days", Sample::DAYS), small("mishaps", Sample::MISHAPS));
    let sample = Sample { seed: number("seed"), days, mishaps };
    screen.note(match screen.lang {
        Lang::En => format!("{days} days up to 2026-03-31 18:00; something goes wrong in {mishaps} of a hundred cases"),
        Lang::Zh => format!("截至 2026-03-31 18:00 的 {days} 天；每百个个案有 {mishaps} 个出差错"),
    });
    let mut out = screen.output();
    for case in sample.cases(number("cases")) {
        writeln!(out, "{}", case_to_json(&case, zone()))?;
    }
    out.flush()?;
    Ok(exit::OK)
}
