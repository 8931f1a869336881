//! `duly due`: what is overdue and what falls due, by whose move it is.

use clap::{ArgMatches, Command};

use super::{Failure, Screen, args, check, exit, forecast, progress::Progress, setting};
use crate::{
    app::{
        forecast::{By, Move, Outlook},
        judging::{Plan, Source, judge_all},
    },
    engine::Wanted,
    finding::Obligation,
    lang::{Lang, Text},
    report::{Format, table, to_json, write_csv},
    time::{Clock, Span},
};

pub(super) fn command(lang: Lang) -> Command {
    let words: Vec<&'static str> = Format::WORDS.iter().map(|(word, _)| *word).collect();
    args::about(
        lang,
        "Lists what is overdue and what falls due, the most pressing first",
        "列出已逾期与将到期的事项，最紧迫者在前",
        "  duly due\n  duly due --within 7d --role maintenance-engineer\n  duly due --within 14d --by person",
    )
    .arg(
        args::value("within", "SPAN", lang, "how far ahead (default: 7d)", "往后多久（默认 7d）")
            .default_value("7d")
            .hide_default_value(true),
    )
    .arg(
        args::value(
            "by",
            "WHAT",
            lang,
            "count, by role, person, policy, clause or day, instead of listing",
            "不逐项列出，而按 role、person、policy、clause 或 day 计数",
        )
        .value_parser(By::WORDS.iter().map(|(word, _)| *word).collect::<Vec<_>>()),
    )
    .arg(args::value("role", "ROLE", lang, "only this role's moves", "只看此角色"))
    .arg(setting::policies(lang))
    .args(setting::times(lang))
    .arg(
        args::value("format", "FORMAT", lang, "table, jsonl, json or csv", "table、jsonl、json 或 csv")
            .value_parser(words)
            .default_value("table")
            .hide_default_value(true),
    )
}

pub(super) fn run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    let workspace = setting::workspace()?;
    let (_, set) = setting::policy_set(matches, Some(&workspace))?;
    let zone = setting::zone(&set);
    let as_of = setting::as_of(matches, zone)?;
    let text = matches.get_one::<String>("within").map_or("7d", String::as_str);
    let within = Span::parse(text).map_err(|error| Failure::new(format!("--within: {}", error.en), format!("--within：{}", error.zh)))?;
    let calendar = set.clauses.first().map(|clause| clause.setup.calendar.clone());
    let until = match &calendar {
        Some(calendar) => Clock::new(calendar).add(as_of, within, &[]).at,
        None => as_of,
    };
    let role = matches.get_one::<String>("role");
    if let Some(role) = role
        && !set.org.labels.contains_key(role)
    {
        let help = crate::diagnostic::did_you_mean(role, set.org.labels.keys().map(String::as_str)).unwrap_or_default();
        return Err(Failure::with_help(Text::new(format!("unknown role `{role}`"), format!("未知的角色 `{role}`")), help));
    }
    let store = setting::store(&workspace, screen)?;
    let plan = Plan {
        set: &set,
        as_of,
        known_at: setting::instant(matches, "known-at", zone)?,
        wanted: Wanted::Unmet,
        only: None,
        case: None,
        threads: setting::threads(),
    };
    let mut list: Vec<Obligation> = Vec::new();
    let mut progress = Progress::new(screen, store.len()?, screen.pick("looking", "查找中"));
    let mut sink = |found: Obligation| -> Result<(), Failure> {
        let ours = role.is_none_or(|role| found.next_action.as_ref().is_some_and(|action| action.role == *role));
        if ours && found.next_action.is_some() && found.due.is_some_and(|due| due.at <= until) {
            list.push(found);
        }
        Ok(())
    };
    judge_all(&plan, &Source::Store(&store), &mut sink, &mut |done| progress.set(done)).map_err(check::stopped)?;
    progress.done();
    let span = screen.pick(&within.en(), &within.zh()).to_owned();
    let format = matches.get_one::<String>("format").and_then(|word| Format::of(word)).unwrap_or(Format::Table);
    if let Some(by) = matches.get_one::<String>("by").and_then(|word| By::of(word)) {
        let moves: Vec<Move> = list.iter().filter_map(Move::of).collect();
        return forecast::print(&Outlook { as_of, zone, org: &set.org }, by, &moves, &span, format, screen);
    }
    list.sort_by(|a, b| {
        (a.due.map(|due| due.at), &a.case, &a.clause_id, &a.instance).cmp(&(b.due.map(|due| due.at), &b.case, &b.clause_id, &b.instance))
    });
    match format {
        Format::Jsonl => list.iter().try_for_each(|found| screen.say(to_json(found, &set, screen.lang)))?,
        Format::Json => {
            let all: Vec<_> = list.iter().map(|found| to_json(found, &set, screen.lang)).collect();
            screen.say(serde_json::to_string_pretty(&all).map_err(std::io::Error::from)?)?;
        }
        Format::Csv => {
            let mut out = screen.output();
            write_csv(&list, &set, screen.lang, &mut out).map_err(std::io::Error::from)?;
        }
        Format::Table if !list.is_empty() => screen.say(table(&list.iter().collect::<Vec<_>>(), &set, screen.lang, screen.width()))?,
        Format::Table => {}
    }
    let overdue = list.iter().filter(|found| found.is_violation()).count();
    let ahead = list.len() - overdue;
    screen.note(match screen.lang {
        Lang::En => format!("{overdue} overdue, {ahead} due within {span}"),
        Lang::Zh => format!("已逾期 {overdue}，{span}内到期 {ahead}"),
    });
    Ok(exit::OK)
}
