//! `duly lint`: every mistake of every file at once, and what is assumed or not judged.

use std::path::{Path, PathBuf};

use clap::{ArgMatches, Command};

use super::{Failure, Screen, args, exit};
use crate::{
    app::workspace::{Workspace, load},
    diagnostic::{Diagnostic, Problems, Severity, render_all},
    lang::Lang,
    policy::{PolicySet, company::Company, entries},
};

pub(super) fn command(lang: Lang) -> Command {
    args::about(
        lang,
        "Checks policies: every mistake of every file, what is assumed, what is not judged",
        "检查策略：所有文件的所有错误、假定的数值、未启用的条款",
        "  duly lint\n  duly lint policies/security-systems\n  duly lint --lang zh policies",
    )
    .arg(args::positional("paths", "PATH", lang, "policy folders (default: the workspace's)", "策略文件夹（默认为工作区的）").num_args(0..))
    .arg(args::switch("quiet", lang, "only mistakes", "只显示错误"))
    .arg(args::format(lang))
}

/// The folders asked for, or those of the workspace, or `policies` here.
pub(super) fn folders(matches: &ArgMatches, name: &str) -> Result<(Vec<PathBuf>, Company), Failure> {
    let workspace = Workspace::find(&here()?)?;
    let asked: Vec<PathBuf> = matches.get_many::<String>(name).into_iter().flatten().map(PathBuf::from).collect();
    let folders = match (&workspace, asked.is_empty()) {
        (_, false) => asked,
        (Some(workspace), true) => workspace.policy_folders(),
        (None, true) => vec![PathBuf::from("policies")],
    };
    let company = workspace.map(|workspace| workspace.company_with(&folders)).unwrap_or_default();
    Ok((folders, company))
}

/// The current folder.
pub(super) fn here() -> Result<PathBuf, Failure> {
    std::env::current_dir().map_err(|error| Failure::new(format!("no current folder: {error}"), format!("无法确定当前文件夹：{error}")))
}

pub(super) fn run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    let (folders, company) = folders(matches, "paths")?;
    let loaded = load(&folders, &company).and_then(|(sources, set)| {
        // Verdicts do not hang on lists of entries, and so they do not stop a night; here their mistakes count like any other.
        let mut problems = Problems::default();
        entries::read(&sources, &mut problems);
        if problems.has_errors() { Err(problems.into_sorted()) } else { Ok(set) }
    });
    let set = match loaded {
        Ok(loaded) => loaded,
        Err(list) if args::wants_json(matches) => {
            screen.say(json(&list, None, screen.lang))?;
            return Ok(exit::FAILED);
        }
        Err(list) => return Err(Failure::Diagnostics(list)),
    };
    if args::wants_json(matches) {
        screen.say(json(&set.remarks, Some(&set), screen.lang))?;
        return Ok(exit::OK);
    }
    if !set.remarks.is_empty() {
        screen.note(render_all(&set.remarks, screen.lang, screen.colour()));
    }
    if set.editions.is_empty() {
        return Err(no_policies(&folders));
    }
    if !matches.get_flag("quiet") {
        report(&set, screen)?;
    }
    Ok(exit::OK)
}

/// Diagnostics, assumed parameters and inactive clauses as JSON.
fn json(list: &[Diagnostic], set: Option<&PolicySet>, lang: Lang) -> serde_json::Value {
    let diagnostics: Vec<_> = list
        .iter()
        .map(|item| {
            let severity = match item.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "note",
            };
            let place = item.place.as_ref().map(|place| {
                let (line, column) = place.line_column();
                serde_json::json!({"file": place.file.path, "line": line, "column": column, "start": place.span.start, "end": place.span.end})
            });
            let help = item.help.as_ref().map(|help| help.get(lang));
            serde_json::json!({"code": item.code, "severity": severity, "message": item.message.get(lang), "place": place, "help": help})
        })
        .collect();
    let assumed: Vec<_> = set
        .into_iter()
        .flat_map(|set| &set.editions)
        .flat_map(|edition| edition.parameters.iter().filter(|parameter| parameter.assumed).map(move |parameter| (edition, parameter)))
        .map(|(edition, parameter)| {
            let value = parameter.values.first().map(|(_, value)| value.to_string());
            serde_json::json!({"policy": edition.id, "parameter": parameter.name, "value": value, "article": parameter.article, "label": parameter.label.get(lang)})
        })
        .collect();
    let inactive: Vec<_> = set
        .into_iter()
        .flat_map(|set| &set.clauses)
        .filter_map(|clause| Some(serde_json::json!({"clause": clause.properties.id, "why": clause.inactive.as_ref()?.get(lang)})))
        .collect();
    serde_json::json!({"diagnostics": diagnostics, "assumed": assumed, "inactive": inactive})
}

/// No policy was found in the folders.
pub(super) fn no_policies(folders: &[PathBuf]) -> Failure {
    let list = folders.iter().map(|folder| Path::display(folder).to_string()).collect::<Vec<_>>().join(", ");
    Failure::with_help(
        crate::lang::Text::new(format!("no policy in {list}"), format!("{list} 中没有策略")),
        crate::lang::Text::new(
            "a policy is a folder with `policy.yaml`; `duly init` makes one to start from",
            "策略是含 `policy.yaml` 的文件夹；`duly init` 可生成示例",
        ),
    )
}

fn report(set: &PolicySet, screen: &Screen) -> Result<(), Failure> {
    let ids = set.clause_ids();
    for edition in &set.editions {
        let prefix = format!("{}/", edition.id);
        let clauses = ids.iter().filter(|id| id.starts_with(&prefix)).count();
        let title = edition.title.get(screen.lang);
        screen.say(match screen.lang {
            Lang::En => format!("{}: {clauses} clauses, in order ({title})", edition.id),
            Lang::Zh => format!("{}：{clauses} 条条款，无误（{title}）", edition.id),
        })?;
        for parameter in edition.parameters.iter().filter(|parameter| parameter.assumed) {
            let value =
                parameter.values.first().map(|(_, value)| value.show(crate::time::Zone::UTC, screen.lang == Lang::Zh)).unwrap_or_default();
            let article = parameter.article.as_deref().unwrap_or("-");
            let label = parameter.label.get(screen.lang);
            screen.say(match screen.lang {
                Lang::En => format!("  assumed: {} = {value}  (article {article}: {label})", parameter.name),
                Lang::Zh => format!("  假定：{} = {value}（第 {article} 条：{label}）", parameter.name),
            })?;
        }
    }
    for clause in set.clauses.iter().filter(|clause| clause.inactive.is_some()) {
        let why = clause.inactive.clone().unwrap_or_default();
        let (id, why) = (&clause.properties.id, why.get(screen.lang));
        screen.say(match screen.lang {
            Lang::En => format!("inactive: {id}: {why}"),
            Lang::Zh => format!("未启用：{id}：{why}"),
        })?;
    }
    Ok(())
}
