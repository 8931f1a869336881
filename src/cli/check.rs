//! `duly check`: holds cases against policies and prints findings.

use std::path::PathBuf;

use clap::{ArgMatches, Command};

use super::{
    Failure, Screen, args, cases, exit,
    output::{self, Output},
    progress::Progress,
    setting,
};
use crate::{
    app::{
        compare::{Change, Difference, Side, differences},
        judging::{Plan, Source, Stopped, Summary, judge_all},
        workspace::Workspace,
    },
    case::Case,
    engine::Wanted,
    finding::{Obligation, State},
    lang::{Lang, Text},
    policy::PolicySet,
    report::{About, Export, Format, to_json},
    store::Store,
};

pub(super) fn command(lang: Lang) -> Command {
    args::about(
        lang,
        "Holds cases against policies: violations, what falls due, what cannot be told",
        "以策略检查个案：违反、即将到期、无法判断的事项",
        "  duly check\n  duly check --open --clause 'security-systems/4.2.*'\n  duly check --policies policies --cases cases.jsonl --as-of 2026-03-31T18:00:00+08:00 --format jsonl\n  duly check --open --out findings.xlsx\n  duly check --cases log.xes.gz --kind permit --policies policies --format sarif --out duly.sarif\n  duly check --against proposed-policies",
    )
    .arg(setting::policies(lang))
    .arg(args::value("cases", "FILE", lang, "judge these files, not the store; - is standard input; may be repeated", "检查这些文件而非存储；- 为标准输入；可重复").action(clap::ArgAction::Append))
    .arg(args::value("map", "MAPPING", lang, "how rows become cases (CSV, XLSX, foreign JSONL)", "行如何成为个案的映射文件"))
    .arg(cases::kind(lang))
    .args(setting::times(lang))
    .arg(args::value("clause", "GLOB", lang, "only these clauses", "只看这些条款"))
    .arg(args::value("case", "ID", lang, "only this case", "只看此个案"))
    .arg(args::switch("all", lang, "every obligation, the met ones too", "列出全部义务，包括已完成的"))
    .arg(args::switch("open", lang, "leave out what is settled", "不列已了结的"))
    .arg(args::value("against", "DIR", lang, "compare: which cases the policies in DIR would change", "比较：DIR 中的策略会改变哪些个案").action(clap::ArgAction::Append))
    .args(output::options(lang))
    .arg(args::switch("full", lang, "judge every case again, whatever is known from before", "重新判断所有个案"))
    .arg(args::value("fail-on", "WHAT", lang, "exit code 1 on: any violation (default), open, new, undetermined, never", "何时以 1 退出：any（默认）、open、new、undetermined、never").value_parser(["any", "open", "new", "undetermined", "never"]).default_value("any").hide_default_value(true))
}

/// Where the judged cases come from.
pub(super) enum Held {
    Store(Box<Store>),
    Cases(Vec<Case>),
}

impl Held {
    pub(super) fn source(&self) -> Source<'_> {
        match self {
            Self::Store(store) => Source::Store(store),
            Self::Cases(cases) => Source::Cases(cases),
        }
    }

    fn len(&self) -> Result<u64, Failure> {
        match self {
            Self::Store(store) => Ok(store.len()?),
            Self::Cases(cases) => Ok(cases.len() as u64),
        }
    }
}

/// The cases asked for: files, or the store of the workspace.
fn held(matches: &ArgMatches, workspace: Option<&Workspace>, set: &PolicySet, screen: &Screen) -> Result<Held, Failure> {
    let files: Vec<&String> = matches.get_many::<String>("cases").into_iter().flatten().collect();
    if files.is_empty() {
        let workspace = match workspace {
            Some(workspace) => workspace.clone(),
            None => setting::workspace()?,
        };
        return Ok(Held::Store(Box::new(setting::store(&workspace, screen)?)));
    }
    let mapping = cases::mapping(matches.get_one("map"))?;
    let name = files.first().map_or("cases", |name| name.as_str());
    let beside = PathBuf::from(if name == "-" { "cases.rejects.jsonl".to_owned() } else { format!("{}.rejects.jsonl", file_name(name)) });
    let mut rejects = cases::Rejects::new(beside);
    let mut list: Vec<Case> = Vec::new();
    let kind = matches.get_one::<String>("kind").map(String::as_str);
    let reading = cases::Reading { mapping: mapping.as_ref(), kind, zone: setting::zone(set) };
    for file in files {
        let mut sink = |batch: Vec<Case>| -> Result<(), Failure> {
            list.extend(batch);
            Ok(())
        };
        cases::read(file, &reading, &mut sink, &mut rejects)?;
    }
    rejects.report(screen)?;
    crate::case::merge(&mut list);
    let all = list.len();
    list.retain(|case| !case.kind.is_empty());
    if list.len() < all {
        let left_out = all - list.len();
        screen.note(match screen.lang {
            Lang::En => {
                format!("warning: {left_out} cases are left out, since nothing tells their kind; say `--kind`, or `dulykind` in an event")
            }
            Lang::Zh => format!("警告：{left_out} 个个案未说明种类，未予检查；请用 `--kind`，或在事件中给出 `dulykind`"),
        });
    }
    Ok(Held::Cases(list))
}

/// The last part of a path: rejected rows are written where the command runs, since logs may lie where nothing may be written.
fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

pub(super) fn run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    let has_files = matches.get_many::<String>("cases").is_some();
    let workspace = Workspace::find(&super::lint::here()?)?;
    if !has_files && workspace.is_none() {
        setting::workspace()?;
    }
    // Files are judged as if everything were recorded, unless the workspace's policies are asked for.
    let company_of = workspace.as_ref().filter(|_| !(has_files && matches.contains_id("policies")));
    let (_, set) = setting::policy_set(matches, company_of)?;
    let zone = setting::zone(&set);
    let export = output::export(matches)?;
    let held = held(matches, workspace.as_ref(), &set, screen)?;
    let only = setting::only(matches, &set)?;
    let only = only.as_ref().map(|only| only as &(dyn Fn(&crate::policy::Clause) -> bool + Sync));
    let plan = Plan {
        set: &set,
        as_of: setting::as_of(matches, zone)?,
        known_at: setting::instant(matches, "known-at", zone)?,
        // A test that passed is a result too.
        wanted: if matches.get_flag("all") || export == Export::Junit { Wanted::All } else { Wanted::Findings },
        only,
        case: matches.get_one::<String>("case").map(String::as_str),
        threads: setting::threads(),
    };
    if let (Some(id), Held::Store(store)) = (plan.case, &held)
        && store.case(id)?.is_none()
    {
        return Err(unknown_case(id));
    }
    if matches.contains_id("against") {
        return against(matches, export, screen, &plan, &held, company_of);
    }
    findings(matches, export, screen, &plan, &held)
}

/// There is no such case.
pub(super) fn unknown_case(id: &str) -> Failure {
    Failure::with_help(
        Text::new(format!("there is no case `{id}`"), format!("没有个案 `{id}`")),
        Text::new("`duly case list` shows the ids", "`duly case list` 列出编号"),
    )
}

/// What the exit code looks at.
#[derive(Default)]
struct Seen {
    violations: usize,
    open: usize,
    undetermined: usize,
    new: usize,
}

fn findings(matches: &ArgMatches, export: Export, screen: &Screen, plan: &Plan<'_>, held: &Held) -> Result<u8, Failure> {
    let streams = export == Export::List(Format::Jsonl);
    let open_only = matches.get_flag("open");
    let mut out = Output::open(matches.get_one("out"), screen)?;
    let known_before: std::collections::HashSet<_> = match held {
        Held::Store(store) => store.findings()?.iter().map(crate::store::FindingRecord::key).collect(),
        Held::Cases(_) => std::collections::HashSet::new(),
    };
    let mut seen = Seen::default();
    let mut kept: Vec<Obligation> = Vec::new();
    let mut progress = Progress::new(screen, held.len()?, screen.pick("judging", "判断中"));
    let mut sink = |found: Obligation| -> Result<(), Failure> {
        if open_only && found.is_violation() && !found.open {
            return Ok(());
        }
        seen.violations += usize::from(found.is_violation());
        seen.open += usize::from(found.open);
        seen.undetermined += usize::from(found.state == State::Undetermined);
        if found.is_violation() {
            let key = crate::store::FindingKey {
                case: found.case.clone(),
                group: found.group.clone(),
                clause: found.clause_id.clone(),
                instance: found.instance.clone(),
            };
            seen.new += usize::from(!known_before.contains(&key));
        }
        if streams {
            writeln!(out.writer(), "{}", to_json(&found, plan.set, screen.lang))?;
        } else {
            kept.push(found);
        }
        Ok(())
    };
    let summary = judge_all(plan, &held.source(), &mut sink, &mut |done| progress.set(done)).map_err(stopped)?;
    progress.done();
    if !streams {
        // People look for what presses; programs keep the order of cases.
        if matches!(export, Export::List(Format::Table) | Export::Xlsx | Export::Html) {
            sort(&mut kept);
        }
        let about = About {
            set: plan.set,
            lang: screen.lang,
            as_of: plan.as_of,
            zone: setting::zone(plan.set),
            cases: Some(summary.cases),
            counts: Some(summary.counts),
            width: screen.width(),
        };
        output::findings(&kept, export, &about, &mut out)?;
    }
    out.close()?;
    screen.note(closing(&summary, screen.lang));
    let fail = match matches.get_one::<String>("fail-on").map_or("any", String::as_str) {
        "any" => seen.violations > 0,
        "open" => seen.open > 0,
        "new" => seen.new > 0,
        "undetermined" => seen.violations + seen.undetermined > 0,
        _ => false,
    };
    Ok(if fail { exit::FOUND } else { exit::OK })
}

/// The most pressing first: by state, severity, due instant, case.
pub(super) fn sort(list: &mut [Obligation]) {
    list.sort_by(|a, b| {
        let key = |found: &Obligation| (found.state, std::cmp::Reverse(found.severity), found.due.map(|due| due.at));
        key(a).cmp(&key(b)).then_with(|| (&a.case, &a.clause_id, &a.instance).cmp(&(&b.case, &b.clause_id, &b.instance)))
    });
}

/// Why judging stopped, as a failure.
pub(super) fn stopped(stopped: Stopped<Failure>) -> Failure {
    match stopped {
        Stopped::Store(error) => error.into(),
        Stopped::Sink(failure) => failure,
    }
}

/// One line of counts.
pub(super) fn closing(summary: &Summary, lang: Lang) -> String {
    let parts: Vec<String> = State::ALL
        .iter()
        .filter(|state| summary.count(**state) > 0)
        .map(|state| format!("{} {}", summary.count(*state), state.label().get(lang)))
        .collect();
    let counts = if parts.is_empty() { lang.pick("no obligations", "没有义务").to_owned() } else { parts.join(lang.pick(", ", "，")) };
    let mut line = match lang {
        Lang::En => format!("{} cases: {counts}", summary.cases),
        Lang::Zh => format!("{} 个个案：{counts}", summary.cases),
    };
    for (kind, count) in &summary.unknown_kinds {
        line.push_str(&match lang {
            Lang::En => format!("\nwarning: {count} cases are of kind `{kind}`, which no policy knows"),
            Lang::Zh => format!("\n警告：{count} 个个案的种类 `{kind}` 没有策略涉及"),
        });
    }
    line
}

fn against(
    matches: &ArgMatches,
    export: Export,
    screen: &Screen,
    plan: &Plan<'_>,
    held: &Held,
    workspace: Option<&Workspace>,
) -> Result<u8, Failure> {
    if !matches!(export, Export::List(_)) {
        return Err(Failure::with_help(
            Text::new("`--against` lists differences, which are no findings", "`--against` 列出的是差异，不是检查结果"),
            Text::new("use `--format table` or `--format jsonl`", "请用 `--format table` 或 `--format jsonl`"),
        ));
    }
    let folders: Vec<PathBuf> = matches.get_many::<String>("against").into_iter().flatten().map(PathBuf::from).collect();
    let company = workspace.map(|workspace| workspace.company_with(&folders)).unwrap_or_default();
    let (_, other) = setting::set_of(&folders, &company)?;
    let mut sides = Vec::new();
    for set in [plan.set, &other] {
        let mut side = Side::default();
        let plan = Plan { set, wanted: Wanted::All, ..*plan };
        let mut progress = Progress::new(screen, held.len()?, screen.pick("comparing", "比较中"));
        let mut sink = |found: Obligation| -> Result<(), Failure> {
            side.add(found);
            Ok(())
        };
        judge_all(&plan, &held.source(), &mut sink, &mut |done| progress.set(done)).map_err(stopped)?;
        progress.done();
        sides.push(side);
    }
    let [before, after] = sides.as_slice() else { return Ok(exit::FAILED) };
    let (list, same) = differences(before, after);
    let mut out = Output::open(matches.get_one("out"), screen)?;
    let zone = setting::zone(plan.set);
    for difference in &list {
        let line = if export == Export::List(Format::Table) {
            difference_line(difference, screen.lang, zone)
        } else {
            difference_json(difference, zone).to_string()
        };
        writeln!(out.writer(), "{line}")?;
    }
    out.close()?;
    let count = |change: Change| list.iter().filter(|difference| difference.change == change).count();
    let parts: Vec<String> =
        Change::ALL.iter().map(|change| format!("{} {}", count(*change), screen.pick(change.label().0, change.label().1))).collect();
    screen.note(match screen.lang {
        Lang::En => format!("{}, {same} unchanged", parts.join(", ")),
        Lang::Zh => format!("{}，{same} 不变", parts.join("，")),
    });
    Ok(if count(Change::NewlyViolated) > 0 && matches.get_one::<String>("fail-on").is_none_or(|what| what != "never") {
        exit::FOUND
    } else {
        exit::OK
    })
}

fn difference_line(difference: &Difference, lang: Lang, zone: crate::time::Zone) -> String {
    let brief = |brief: Option<crate::app::compare::Brief>| match brief {
        None => lang.pick("none", "无").to_owned(),
        Some(brief) => {
            let due = brief.due.map_or_else(String::new, |due| format!(" {}", due.show_due(zone)));
            format!("{}{due}", brief.state.label().get(lang))
        }
    };
    let (case, group, clause, instance) = &difference.key;
    let who = case.as_ref().or(group.as_ref()).map_or("", String::as_str);
    let (en, zh) = difference.change.label();
    format!("{:<14} {who} {clause} [{instance}]: {} → {}", lang.pick(en, zh), brief(difference.before), brief(difference.after))
}

fn difference_json(difference: &Difference, zone: crate::time::Zone) -> serde_json::Value {
    let brief = |brief: Option<crate::app::compare::Brief>| {
        brief.map(|brief| serde_json::json!({"state": brief.state.word(), "due": brief.due.map(|due| due.to_rfc3339(zone))}))
    };
    let (case, group, clause, instance) = &difference.key;
    serde_json::json!({"case": case, "group": group, "clause": clause, "instance": instance, "change": difference.change.word(), "before": brief(difference.before), "after": brief(difference.after)})
}
