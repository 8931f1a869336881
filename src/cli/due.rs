//! `duly due`: what is overdue and what falls due, by whose move it is.

use std::collections::HashSet;

use clap::{ArgMatches, Command};

use super::{
    Failure, Screen, args, check, exit, forecast,
    output::{self, Output},
    progress::Progress,
    setting,
};
use crate::{
    app::{
        forecast::{By, Move, Outlook},
        ical::{Whose, feed},
        judging::{Plan, Source, judge_all},
        nightly::each_lead,
    },
    engine::Wanted,
    finding::{Obligation, State},
    lang::{Lang, Text},
    ledger::Sheet,
    policy::PolicySet,
    report::{About, Export},
    store::Store,
    time::{Clock, Instant, Span},
};

/// The word for an iCalendar feed.
const ICS: &str = "ics";

pub(super) fn command(lang: Lang) -> Command {
    args::about(
        lang,
        "Lists what is overdue and what falls due, the most pressing first",
        "列出已逾期与将到期的事项，最紧迫者在前",
        "  duly due\n  duly due --within 7d --role maintenance-engineer\n  duly due --within 14d --by person\n  duly due --out due.xlsx\n  duly due --within 30d --person lin --format ics",
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
    .arg(args::value("person", "WHO", lang, "only moves that fall on this person", "只看由此人办理的").conflicts_with("by"))
    .arg(setting::policies(lang))
    .args(setting::times(lang))
    .args(output::options(lang))
    .mut_arg("format", |arg| {
        let words: Vec<&'static str> = Export::WORDS.iter().map(|(word, _)| *word).chain([ICS]).collect();
        arg.value_parser(words).help(lang.pick(
            "table, jsonl, json, csv, xlsx, html, junit, sarif, or ics for calendar programs (default: by the ending of --out, or table)",
            "table、jsonl、json、csv、xlsx、html、junit、sarif，或供日历程序使用的 ics（默认按 --out 的扩展名，否则为 table）",
        ))
    })
}

/// What the last nightly run knows of what falls due, without judging anything; `None` when it does not serve: there was none, or it was of other
/// policies or of a later instant.
fn foreseen(
    store: &Store,
    set: &PolicySet,
    as_of: Instant,
    until: Instant,
    role: Option<&String>,
    screen: &Screen,
) -> Result<Option<Vec<Move>>, Failure> {
    let Some(sheet) = store.sheet()? else { return Ok(None) };
    if sheet.as_of > as_of || !is_of(&sheet, set) {
        return Ok(None);
    }
    let mut moves = Vec::new();
    each_lead(store, set, as_of, |lead| {
        let acts = lead.open || matches!(lead.state, State::Pending | State::DueSoon);
        if let (true, Some(due), Some(of)) = (acts, lead.due.filter(|due| *due <= until), lead.role)
            && role.is_none_or(|role| of == *role)
        {
            let (case, clause, instance) = (lead.key.case, lead.key.clause, lead.key.instance);
            moves.push(Move { case, clause, instance, role: of, due, state: lead.state, severity: lead.severity });
        }
        Ok(())
    })?;
    let changed = store.changed_since(sheet.run)?.len();
    if changed > 0 {
        screen.note(match screen.lang {
            Lang::En => format!("note: {changed} cases have changed since the last nightly run and stand here as it left them"),
            Lang::Zh => format!("注意：自上次夜间运行以来有 {changed} 个个案发生变化，此处仍按当时的结果"),
        });
    }
    Ok(Some(moves))
}

/// Whether a sheet is of these policies.
fn is_of(sheet: &Sheet, set: &PolicySet) -> bool {
    let known: HashSet<[u8; 16]> = sheet.clauses.iter().map(|row| row.digest).collect();
    sheet.common == set.common && set.clauses.iter().all(|clause| known.contains(&clause.digest))
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
    let person = matches.get_one::<String>("person");
    if let Some(person) = person
        && !set.org.posts.iter().any(|post| post.person == *person)
    {
        let people = set.org.posts.iter().map(|post| post.person.as_str());
        let help = crate::diagnostic::did_you_mean(person, people).unwrap_or_default();
        return Err(Failure::with_help(Text::new(format!("`{person}` holds no role"), format!("`{person}` 不担任任何角色")), help));
    }
    let whose = Whose { role: role.map(String::as_str), person: person.map(String::as_str) };
    let store = setting::store(&workspace, screen)?;
    let by = matches.get_one::<String>("by").and_then(|word| By::of(word));
    let known_at = setting::instant(matches, "known-at", zone)?;
    let span = screen.pick(&within.en(), &within.zh()).to_owned();
    let export = output::export(matches)?;
    let mut out = Output::open(matches.get_one("out"), screen)?;
    if let (Some(by), None) = (by, known_at)
        && let Some(moves) = foreseen(&store, &set, as_of, until, role, screen)?
    {
        return forecast::print(&Outlook { as_of, zone, org: &set.org }, by, &moves, &span, export, out, screen);
    }
    let plan = Plan { set: &set, as_of, known_at, wanted: Wanted::Unmet, only: None, case: None, threads: setting::threads() };
    let mut list: Vec<Obligation> = Vec::new();
    let mut progress = Progress::new(screen, store.len()?, screen.pick("looking", "查找中"));
    let mut sink = |found: Obligation| -> Result<(), Failure> {
        let ours = found.next_action.as_ref().is_some_and(|action| whose.has(&action.role, &set.org, as_of));
        if ours && found.due.is_some_and(|due| due.at <= until) {
            list.push(found);
        }
        Ok(())
    };
    judge_all(&plan, &Source::Store(&store), &mut sink, &mut |done| progress.set(done)).map_err(check::stopped)?;
    progress.done();
    if let Some(by) = by {
        let moves: Vec<Move> = list.iter().filter_map(Move::of).collect();
        return forecast::print(&Outlook { as_of, zone, org: &set.org }, by, &moves, &span, export, out, screen);
    }
    list.sort_by(|a, b| {
        (a.due.map(|due| due.at), &a.case, &a.clause_id, &a.instance).cmp(&(b.due.map(|due| due.at), &b.case, &b.clause_id, &b.instance))
    });
    if matches.get_one::<String>("format").is_some_and(|word| word == ICS) {
        std::io::Write::write_all(out.writer(), feed(&list, &set, &title(&set, whose, screen.lang), screen.lang).as_bytes())?;
        return out.close().map(|()| exit::OK);
    }
    let about = About { set: &set, lang: screen.lang, as_of, zone, cases: None, counts: None, width: screen.width() };
    output::findings(&list, export, &about, &mut out)?;
    out.close()?;
    let overdue = list.iter().filter(|found| found.is_violation()).count();
    let ahead = list.len() - overdue;
    screen.note(match screen.lang {
        Lang::En => format!("{overdue} overdue, {ahead} due within {span}"),
        Lang::Zh => format!("已逾期 {overdue}，{span}内到期 {ahead}"),
    });
    Ok(exit::OK)
}

/// What a feed is called.
fn title(set: &PolicySet, whose: Whose<'_>, lang: Lang) -> String {
    let company = if set.company.name.is_empty() { "duly" } else { &set.company.name };
    match (whose.person, whose.role) {
        (Some(person), _) => format!("{company}: {person}"),
        (None, Some(role)) => format!("{company}: {}", set.org.label(role).get(lang)),
        (None, None) => company.to_owned(),
    }
}
