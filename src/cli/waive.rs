//! `duly waive`: records an approved, expiring decision that an obligation need not be met.

use clap::{ArgMatches, Command};

use super::{Failure, Screen, args, check::unknown_case, exit, setting};
use crate::{
    app::clock,
    diagnostic::did_you_mean,
    lang::{Lang, Text},
    store::Waiver,
};

pub(super) fn command(lang: Lang) -> Command {
    args::about(
        lang,
        "Waives an obligation until a date; somebody else must have approved it",
        "豁免一项义务至某日；须由他人批准",
        "  duly waive F-12 security-systems/4.2.5 --until 2026-04-30 --by lin --approved-by chen --reason 'road closed by flood'\n  duly waive list",
    )
    .arg(args::positional("case", "CASE", lang, "the case's id, or `list`", "个案编号，或 `list`").required(true))
    .arg(args::positional("clause", "CLAUSE", lang, "the clause, policy/article", "条款（策略/条）"))
    .arg(args::value("instance", "I", lang, "one obligation of the clause (default: all)", "该条款的某一项义务（默认全部）"))
    .arg(args::value("from", "T", lang, "from when (default: now)", "起（默认：现在）"))
    .arg(args::value("until", "T", lang, "until when; at the latest a year ahead", "止；最长一年"))
    .arg(args::value("by", "WHO", lang, "who asks", "申请人"))
    .arg(args::value("approved-by", "WHO", lang, "who approved", "批准人"))
    .arg(args::value("reason", "TEXT", lang, "why", "原因"))
    .arg(args::format(lang))
}

/// The longest waiver, in milliseconds: a year and a day.
const LONGEST: i64 = 366 * 24 * 3_600_000;

/// A waiver as JSON.
fn json(waiver: &Waiver, zone: crate::time::Zone) -> serde_json::Value {
    serde_json::json!({
        "id": waiver.id, "case": waiver.case, "clause": waiver.clause, "instance": waiver.instance, "from": waiver.from.to_rfc3339(zone),
        "until": waiver.until.to_rfc3339(zone), "by": waiver.by, "approved_by": waiver.approved_by, "reason": waiver.reason,
    })
}

pub(super) fn run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    let workspace = setting::workspace()?;
    let (_, set) = setting::policy_set(matches, Some(&workspace))?;
    let zone = setting::zone(&set);
    let mut store = setting::store(&workspace, screen)?;
    let text = |name: &str| matches.get_one::<String>(name).cloned().filter(|text| !text.trim().is_empty());
    let case = text("case").unwrap_or_default();
    if case == "list" && !matches.contains_id("clause") {
        for waiver in store.waivers()? {
            if args::wants_json(matches) {
                screen.say(json(&waiver, zone))?;
                continue;
            }
            let instance = waiver.instance.as_deref().unwrap_or("*");
            screen.say(format!(
                "{}\t{}\t{}\t{instance}\t{} .. {}\t{} / {}\t{}",
                waiver.id,
                waiver.case,
                waiver.clause,
                waiver.from.show(zone),
                waiver.until.show(zone),
                waiver.by,
                waiver.approved_by,
                waiver.reason
            ))?;
        }
        return Ok(exit::OK);
    }
    let need = |name: &str| text(name).ok_or_else(|| Failure::new(format!("`--{name}` is missing"), format!("缺少 `--{name}`")));
    let clause = text("clause").ok_or_else(|| Failure::new("the clause is missing", "缺少条款"))?;
    let ids = set.clause_ids();
    if !ids.contains(&clause.as_str()) {
        let help = did_you_mean(&clause, ids.iter().copied()).unwrap_or_default();
        return Err(Failure::with_help(Text::new(format!("unknown clause `{clause}`"), format!("未知的条款 `{clause}`")), help));
    }
    if store.case(&case)?.is_none() {
        return Err(unknown_case(&case));
    }
    let from = setting::instant(matches, "from", zone)?.unwrap_or_else(clock::now);
    need("until")?;
    let Some(until) = setting::instant(matches, "until", zone)? else { return Ok(exit::FAILED) };
    if until <= from || until.since(from) > LONGEST {
        return Err(Failure::new("a waiver ends after it begins, at the latest a year later", "豁免须晚于起始，且不超过一年"));
    }
    let (by, approved_by, reason) = (need("by")?, need("approved-by")?, need("reason")?);
    if by == approved_by {
        return Err(Failure::new("whoever asks for a waiver cannot approve it", "申请人不能自行批准"));
    }
    let waiver =
        Waiver { id: String::new(), case, clause, instance: text("instance"), from, until, by, approved_by, reason, recorded: from };
    let waiver = store.add_waiver(waiver, clock::now())?;
    if args::wants_json(matches) {
        screen.say(json(&waiver, zone))?;
        return Ok(exit::OK);
    }
    let until = waiver.until.show(zone);
    screen.say(match screen.lang {
        Lang::En => format!("waiver {} recorded, until {until}", waiver.id),
        Lang::Zh => format!("已记录豁免 {}，至 {until}", waiver.id),
    })?;
    Ok(exit::OK)
}
