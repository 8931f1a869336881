//! `duly explain`: the story of a case, or of one clause on it.

use std::io::Write;

use clap::{ArgMatches, Command};

use super::{Failure, Screen, args, cases, check::unknown_case, exit, plan, setting};
use crate::{
    app::{explain::Subject, workspace::Workspace},
    case::Case,
    engine::Verdict,
    finding::Obligation,
    lang::{Lang, Text},
    policy::{Clause, PolicySet},
    report::explanation_to_json,
    time::{Instant, Zone},
};

pub(super) fn command(lang: Lang) -> Command {
    args::about(
        lang,
        "Tells the story of a case: what applied and what did not and why, how due instants were counted, what settles them",
        "讲述个案的来龙去脉：哪些条款适用、为何不适用、到期如何计算、如何了结",
        "  duly explain F-12\n  duly explain F-12 security-systems/4.2.5\n  duly explain R-1 'console-repair/*' --as-of 2026-03-05T00:00:00+08:00 --lang zh\n  duly explain --plan 'console-repair/*'",
    )
    .arg(args::positional("case", "CASE", lang, "the case's id", "个案编号").required_unless_present("plan"))
    .arg(args::positional("clause", "CLAUSE", lang, "a clause, or a pattern", "条款或模式"))
    .arg(args::value(
        "plan",
        "CLAUSE",
        lang,
        "say how each expression of these clauses is run: as native code, or by rhai",
        "说明这些条款的各表达式如何执行：本机代码或 rhai",
    ))
    .arg(setting::policies(lang))
    .arg(args::value("cases", "FILE", lang, "a file instead of the store", "用文件代替存储"))
    .arg(args::value("map", "MAPPING", lang, "how rows become cases", "行如何成为个案的映射文件"))
    .arg(cases::kind(lang))
    .args(setting::times(lang))
    .arg(args::value("format", "FORMAT", lang, "text or json", "text 或 json").value_parser(["text", "json"]).default_value("text"))
}

fn find(matches: &ArgMatches, id: &str, set: &PolicySet, workspace: Option<Workspace>, screen: &Screen) -> Result<Subject, Failure> {
    let known = setting::instant(matches, "known-at", setting::zone(set))?;
    if let Some(file) = matches.get_one::<String>("cases") {
        let mapping = cases::mapping(matches.get_one("map"))?;
        let mut rejects = cases::Rejects::new("explain.rejects.jsonl".into());
        let mut list: Vec<Case> = Vec::new();
        let mut sink = |batch: Vec<Case>| -> Result<(), Failure> {
            list.extend(batch);
            Ok(())
        };
        let kind = matches.get_one::<String>("kind").map(String::as_str);
        let reading = cases::Reading { mapping: mapping.as_ref(), kind, zone: setting::zone(set) };
        cases::read(file, &reading, &mut sink, &mut rejects)?;
        crate::case::merge(&mut list);
        let case = list.iter().find(|case| case.id == id).cloned().ok_or_else(|| unknown_case(id))?;
        let parent = case.part_of.as_ref().and_then(|parent| list.iter().find(|case| case.id == *parent)).cloned();
        return Ok(Subject { case, parent, waivers: Vec::new() });
    }
    let workspace = match workspace {
        Some(workspace) => workspace,
        None => setting::workspace()?,
    };
    let store = setting::store(&workspace, screen)?;
    Subject::stored(&store, id, known)?.ok_or_else(|| unknown_case(id))
}

pub(super) fn run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    let workspace = Workspace::find(&super::lint::here()?)?;
    let (_, set) = setting::policy_set(matches, workspace.as_ref())?;
    let zone = setting::zone(&set);
    if let Some(pattern) = matches.get_one::<String>("plan") {
        return plan::run(matches, pattern, &set, screen);
    }
    let as_of = setting::as_of(matches, zone)?;
    let id = matches.get_one::<String>("case").map_or("", String::as_str);
    let found = find(matches, id, &set, workspace, screen)?;
    let only = setting::only(matches, &set)?;
    let case = found.case.clone();
    let only = only.as_ref().map(|only| only as &dyn Fn(&Clause) -> bool);
    let verdict = found.explain(&set, as_of, only)?;
    if verdict.judged.is_none() {
        return Err(Failure::new(format!("no policy declares the kind `{}`", case.kind), format!("没有策略声明种类 `{}`", case.kind)));
    }
    if matches.get_one::<String>("format").is_some_and(|format| format == "json") {
        screen.say(
            serde_json::to_string_pretty(&explanation_to_json(&verdict, &set, &|_| true, screen.lang, zone))
                .map_err(std::io::Error::from)?,
        )?;
        return Ok(exit::OK);
    }
    let mut out = screen.output();
    write!(out, "{}", story(&case, &verdict, &set, as_of, zone, screen.lang))?;
    out.flush()?;
    Ok(exit::OK)
}

/// The whole story as text.
pub(super) fn story(case: &Case, verdict: &Verdict, set: &PolicySet, as_of: Instant, zone: Zone, lang: Lang) -> String {
    let mut text = String::new();
    let mut line = |indent: usize, content: &str| {
        text.push_str(&" ".repeat(indent));
        text.push_str(content.trim_end());
        text.push('\n');
    };
    let kind = set.kind(&case.kind).map(|(_, kind)| kind);
    let label = kind.map_or_else(String::new, |kind| kind.label.get(lang).to_owned());
    line(
        0,
        &match lang {
            Lang::En => format!("{} ({label}), as of {}", case.id, as_of.show(zone)),
            Lang::Zh => format!("{}（{label}），截至 {}", case.id, as_of.show(zone)),
        },
    );
    for (name, value) in &case.facts {
        let fact = kind.and_then(|kind| kind.fact(name).and_then(|slot| kind.facts.get(slot)));
        let shown = fact
            .and_then(|fact| crate::value::Val::read(value, fact.kind, zone))
            .map_or_else(|| format!("{value:?}"), |value| value.show(zone, lang == Lang::Zh));
        let label = fact.map_or(name.as_str(), |fact| fact.label.get(lang));
        line(2, &format!("{label} ({name}): {shown}"));
    }
    for event in &case.events {
        let label = kind.and_then(|kind| kind.event(&event.kind).map(|id| kind.event_label(id))).unwrap_or_else(|| Text::same(&event.kind));
        let who = [event.by.as_deref(), event.role.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(", ");
        let who = if who.is_empty() { String::new() } else { format!(" ({who})") };
        let later = if event.at > as_of { lang.pick(" [after as-of: not seen]", "【在判断时刻之后，不计】") } else { "" };
        line(2, &format!("{}  {} [{}]{who}{later}", event.at.show(zone), label.get(lang), event.id));
    }
    for story in verdict.judged.iter().flat_map(|judged| &judged.stories) {
        let Some(clause) = set.clauses.get(story.clause) else { continue };
        let obligations: Vec<&Obligation> = verdict.obligations.iter().filter(|found| found.clause == story.clause).collect();
        if obligations.is_empty() && story.lines.is_empty() {
            continue;
        }
        line(0, "");
        line(0, &format!("{}  {}", clause.properties.id, clause.properties.title.get(lang)));
        if !clause.properties.says.is_empty() {
            line(2, clause.properties.says.get(lang));
        }
        line(
            2,
            &match lang {
                Lang::En => format!("(article {}, version in force from {})", clause.properties.article, clause.from.date(zone)),
                Lang::Zh => format!("（第 {} 条，{} 起施行的版本）", clause.properties.article, clause.from.date(zone)),
            },
        );
        for told in &story.lines {
            line(4, told.get(lang));
        }
        for found in obligations {
            obligation(found, set, zone, lang, &mut line);
        }
    }
    if let Some(until) = verdict.valid_until() {
        line(0, "");
        line(
            0,
            &match lang {
                Lang::En => format!("If nothing happens, this holds until {}.", until.show(zone)),
                Lang::Zh => format!("若无新事件，以上结论保持到 {}。", until.show(zone)),
            },
        );
    }
    text
}

fn obligation(found: &Obligation, set: &PolicySet, zone: Zone, lang: Lang, line: &mut dyn FnMut(usize, &str)) {
    let state = found.state.label();
    line(2, &format!("→ {} [{}]: {}", state.get(lang), found.instance, found.message.get(lang)));
    if !found.evidence.is_empty() {
        line(4, &format!("{}: {}", lang.pick("events used", "所用事件"), found.evidence.join(", ")));
    }
    if let Some(due) = found.due {
        let mark = if due.provisional {
            lang.pick(" (provisional: beyond the published calendar)", "（暂定：超出已公布的日历）")
        } else {
            ""
        };
        line(4, &format!("{}: {}{mark}", lang.pick("last moment", "最后时刻"), due.at.show_due(zone)));
    }
    if let Some(action) = &found.next_action {
        let role = set.org.label(&action.role);
        let people = set.org.people(&action.role, action.before.unwrap_or(Instant::MAX));
        let people = if people.is_empty() { String::new() } else { format!(" ({})", people.join(", ")) };
        line(4, &format!("{}: {}{people}: {}", lang.pick("next", "下一步"), role.get(lang), action.text.get(lang)));
    }
    if let Some(role) = &found.escalated_to {
        line(4, &format!("{}: {}", lang.pick("escalated to", "上报"), set.org.label(role).get(lang)));
    }
    if let Some(penalty) = &found.penalty {
        line(4, &format!("{}: {}", lang.pick("penalty", "处罚"), penalty.get(lang)));
    }
}
