//! `duly check`: holds cases against policies and prints findings.

use std::{
    fs,
    io::{BufWriter, Write},
    path::PathBuf,
};

use clap::{ArgMatches, Command};

use super::{Failure, Screen, args, cases, exit, progress::Progress, setting};
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
    report::{Format, table, to_json, write_csv},
    store::Store,
};

pub(super) fn command(lang: Lang) -> Command {
    let words: Vec<&'static str> = Format::WORDS.iter().map(|(word, _)| *word).collect();
    args::about(
        lang,
        "Holds cases against policies: violations, what falls due, what cannot be told",
        "以策略检查个案：违反、即将到期、无法判断的事项",
        "  duly check\n  duly check --open --clause 'security-systems/4.2.*'\n  duly check --policies policies --cases cases.jsonl --as-of 2026-03-31T18:00:00+08:00 --format jsonl\n  duly check --against proposed-policies",
    )
    .arg(setting::policies(lang))
    .arg(args::value("cases", "FILE", lang, "judge these files, not the store; - is standard input; may be repeated", "检查这些文件而非存储；- 为标准输入；可重复").action(clap::ArgAction::Append))
    .arg(args::value("map", "MAPPING", lang, "how rows become cases (CSV, foreign JSONL)", "行如何成为个案的映射文件"))
    .args(setting::times(lang))
    .arg(args::value("clause", "GLOB", lang, "only these clauses", "只看这些条款"))
    .arg(args::value("case", "ID", lang, "only this case", "只看此个案"))
    .arg(args::switch("all", lang, "every obligation, the met ones too", "列出全部义务，包括已完成的"))
    .arg(args::switch("open", lang, "leave out what is settled", "不列已了结的"))
    .arg(args::value("against", "DIR", lang, "compare: which cases the policies in DIR would change", "比较：DIR 中的策略会改变哪些个案").action(clap::ArgAction::Append))
    .arg(args::value("format", "FORMAT", lang, "how findings are printed (default: table)", "输出格式（默认 table）").value_parser(words).default_value("table").hide_default_value(true))
    .arg(args::value("out", "FILE", lang, "write to a file", "写入文件"))
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
    for file in files {
        let mut sink = |batch: Vec<Case>| {
            list.extend(batch);
            Ok(())
        };
        cases::read(file, mapping.as_ref(), setting::zone(set), &mut sink, &mut rejects)?;
    }
    rejects.report(screen)?;
    crate::case::merge(&mut list);
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
    let held = held(matches, workspace.as_ref(), &set, screen)?;
    let only = setting::only(matches, &set)?;
    let only = only.as_ref().map(|only| only as &(dyn Fn(&crate::policy::Clause) -> bool + Sync));
    let plan = Plan {
        set: &set,
        as_of: setting::as_of(matches, zone)?,
        known_at: setting::instant(matches, "known-at", zone)?,
        wanted: if matches.get_flag("all") { Wanted::All } else { Wanted::Findings },
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
        return against(matches, screen, &plan, &held, company_of);
    }
    findings(matches, screen, &plan, &held)
}

/// There is no such case.
pub(super) fn unknown_case(id: &str) -> Failure {
    Failure::with_help(
        Text::new(format!("there is no case `{id}`"), format!("没有个案 `{id}`")),
        Text::new("`duly case list` shows the ids", "`duly case list` 列出编号"),
    )
}

/// Where output goes: a file that appears when it is whole, or standard output.
pub(super) enum Output {
    Screen(BufWriter<std::io::Stdout>),
    File { file: BufWriter<fs::File>, part: PathBuf, path: PathBuf },
}

impl Output {
    pub(super) fn open(path: Option<&String>, screen: &Screen) -> Result<Self, Failure> {
        let Some(path) = path else { return Ok(Self::Screen(screen.output())) };
        let part = PathBuf::from(format!("{path}.part"));
        let file = fs::File::create(&part)
            .map_err(|error| Failure::new(format!("cannot write `{path}`: {error}"), format!("无法写入 `{path}`：{error}")))?;
        Ok(Self::File { file: BufWriter::new(file), part, path: PathBuf::from(path) })
    }

    pub(super) fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Screen(out) => out,
            Self::File { file, .. } => file,
        }
    }

    pub(super) fn close(self) -> Result<(), Failure> {
        match self {
            Self::Screen(mut out) => Ok(out.flush()?),
            Self::File { mut file, part, path } => {
                file.flush()?;
                file.get_ref().sync_all()?;
                Ok(fs::rename(part, path)?)
            }
        }
    }
}

/// What the exit code looks at.
#[derive(Default)]
struct Seen {
    violations: usize,
    open: usize,
    undetermined: usize,
    new: usize,
}

fn findings(matches: &ArgMatches, screen: &Screen, plan: &Plan<'_>, held: &Held) -> Result<u8, Failure> {
    let format = matches.get_one::<String>("format").and_then(|word| Format::of(word)).unwrap_or(Format::Table);
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
        match format {
            Format::Jsonl => writeln!(out.writer(), "{}", to_json(&found, plan.set, screen.lang))?,
            _ => kept.push(found),
        }
        Ok(())
    };
    let summary = judge_all(plan, &held.source(), &mut sink, &mut |done| progress.set(done)).map_err(stopped)?;
    progress.done();
    match format {
        Format::Jsonl => {}
        Format::Json => {
            let list: Vec<_> = kept.iter().map(|found| to_json(found, plan.set, screen.lang)).collect();
            serde_json::to_writer_pretty(out.writer(), &list).map_err(std::io::Error::from)?;
            writeln!(out.writer())?;
        }
        Format::Csv => write_csv(&kept, plan.set, screen.lang, out.writer()).map_err(std::io::Error::from)?,
        Format::Table => {
            sort(&mut kept);
            let list: Vec<&Obligation> = kept.iter().collect();
            if !list.is_empty() {
                writeln!(out.writer(), "{}", table(&list, plan.set, screen.lang, screen.width()))?;
            }
        }
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

fn against(matches: &ArgMatches, screen: &Screen, plan: &Plan<'_>, held: &Held, workspace: Option<&Workspace>) -> Result<u8, Failure> {
    let folders: Vec<PathBuf> = matches.get_many::<String>("against").into_iter().flatten().map(PathBuf::from).collect();
    let company = workspace.map(|workspace| workspace.company.clone()).unwrap_or_default();
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
        let line = if matches.get_one::<String>("format").is_some_and(|format| format == "table") {
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
