//! What most commands begin with: the workspace, its policies, its store, the instant that is asked about.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches};

use super::{Failure, Screen, args, lint};
use crate::{
    app::{
        clock,
        pattern::glob,
        workspace::{FILE, Workspace, load},
    },
    lang::{Lang, Text},
    policy::{Clause, PolicySet, company::Company, sources::Sources},
    store::{Store, StoreError},
    time::{Instant, Zone},
};

/// `--as-of` and `--known-at`.
pub(super) fn times(lang: Lang) -> [Arg; 2] {
    [
        args::value("as-of", "T", lang, "judge as of this instant (default: now)", "以此时刻判断（默认：现在）"),
        args::value("known-at", "T", lang, "using only what was recorded by then", "只用截至此时刻已记录的内容"),
    ]
}

/// `--policies`.
pub(super) fn policies(lang: Lang) -> Arg {
    args::value(
        "policies",
        "DIR",
        lang,
        "a folder of policies (default: the workspace's); may be repeated",
        "策略文件夹（默认为工作区的），可重复",
    )
    .action(clap::ArgAction::Append)
}

/// The workspace of the current folder.
pub(super) fn workspace() -> Result<Workspace, Failure> {
    let here = lint::here()?;
    Workspace::find(&here)?.ok_or_else(|| {
        Failure::with_help(
            Text::new(
                format!("no workspace here: there is no `{FILE}` in `{}` or above", here.display()),
                format!("此处没有工作区：`{}` 及其上级没有 `{FILE}`", here.display()),
            ),
            Text::new(
                "`duly init` makes one; `duly check --cases FILE --policies DIR` needs none",
                "`duly init` 可新建；`duly check --cases 文件 --policies 文件夹` 无需工作区",
            ),
        )
    })
}

/// The folders of policies asked for, or the workspace's.
pub(super) fn folders(matches: &ArgMatches, workspace: Option<&Workspace>) -> Vec<PathBuf> {
    let asked: Vec<PathBuf> = matches.try_get_many::<String>("policies").ok().flatten().into_iter().flatten().map(PathBuf::from).collect();
    match (asked.is_empty(), workspace) {
        (false, _) => asked,
        (true, Some(workspace)) => workspace.policy_folders(),
        (true, None) => vec![PathBuf::from("policies")],
    }
}

/// The policies asked for.
pub(super) fn policy_set(matches: &ArgMatches, workspace: Option<&Workspace>) -> Result<(Sources, PolicySet), Failure> {
    let folders = folders(matches, workspace);
    let company = workspace.map(|workspace| workspace.company.clone()).unwrap_or_default();
    set_of(&folders, &company)
}

/// The policies of folders; none is a mistake.
pub(super) fn set_of(folders: &[PathBuf], company: &Company) -> Result<(Sources, PolicySet), Failure> {
    let (sources, set) = load(folders, company)?;
    if set.editions.is_empty() {
        return Err(lint::no_policies(folders));
    }
    Ok((sources, set))
}

/// The zone of times without offset: the company's, or the policies'.
pub(super) fn zone(set: &PolicySet) -> Zone {
    let of_policies = || set.clauses.first().map(|clause| clause.setup.zone());
    set.company.zone.or_else(of_policies).unwrap_or(Zone::UTC)
}

/// An instant under an option.
pub(super) fn instant(matches: &ArgMatches, name: &str, zone: Zone) -> Result<Option<Instant>, Failure> {
    let Some(text) = matches.get_one::<String>(name) else { return Ok(None) };
    Instant::parse(text, zone).map(Some).map_err(|error| Failure::new(format!("--{name}: {}", error.en), format!("--{name}：{}", error.zh)))
}

/// As-of: as asked, or now.
pub(super) fn as_of(matches: &ArgMatches, zone: Zone) -> Result<Instant, Failure> {
    Ok(instant(matches, "as-of", zone)?.unwrap_or_else(clock::now))
}

/// Opens a workspace's store and says what was noticed.
pub(super) fn store(workspace: &Workspace, screen: &Screen) -> Result<Store, Failure> {
    open(&workspace.store_folder(), screen)
}

/// Opens a store and says what was noticed.
pub(super) fn open(folder: &Path, screen: &Screen) -> Result<Store, Failure> {
    Ok(try_open(folder, screen)?)
}

/// As [`open`], for those who know what to do where it fails.
pub(super) fn try_open(folder: &Path, screen: &Screen) -> Result<Store, StoreError> {
    let (store, notices) = Store::open(folder, clock::now())?;
    for notice in notices {
        screen.note(format!("{}{}", screen.pick("note: ", "注意："), screen.pick(&notice.en, &notice.zh)));
    }
    Ok(store)
}

/// Threads to judge on.
pub(super) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// The filter of `--clause`; a pattern that matches no clause is a mistake.
pub(super) fn only<'m>(matches: &'m ArgMatches, set: &PolicySet) -> Result<Option<impl Fn(&Clause) -> bool + Sync + 'm>, Failure> {
    matches.get_one::<String>("clause").map(|pattern| clauses(pattern, set)).transpose()
}

/// The filter of a pattern; one that matches no clause is a mistake.
pub(super) fn clauses<'m>(pattern: &'m str, set: &PolicySet) -> Result<impl Fn(&Clause) -> bool + Sync + use<'m>, Failure> {
    let ids = set.clause_ids();
    if !ids.iter().any(|id| glob(pattern, id)) {
        let text = Text::new(format!("no clause matches `{pattern}`"), format!("没有与 `{pattern}` 匹配的条款"));
        let help = crate::diagnostic::did_you_mean(pattern, ids.iter().copied()).unwrap_or_else(|| {
            Text::new("clause ids look like `policy/article`; `*` stands for anything", "条款编号形如 `策略/条`；`*` 代表任意内容")
        });
        return Err(Failure::with_help(text, help));
    }
    Ok(move |clause: &Clause| glob(pattern, &clause.properties.id))
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::new(error.to_string(), error.zh())
    }
}
