//! `duly import`: takes cases into the store.

use std::io::BufRead;

use clap::{ArgMatches, Command, value_parser};

use super::{Failure, Screen, args, cases, exit, progress::Progress, setting, watch};
use crate::{
    app::{
        intake::Totals,
        vocabulary::Census,
        workspace::{Workspace, load},
    },
    case::Case,
    ingest::{IngestError, Mapping},
    lang::{Lang, Text},
    policy::PolicySet,
    store::Store,
    time::Zone,
};

pub(super) fn command(lang: Lang) -> Command {
    args::about(
        lang,
        "Takes cases and events into the store; sending the same again changes nothing",
        "把个案与事件存入；重复导入不会改变任何内容",
        "  duly import cases.jsonl\n  duly import log.csv.gz --map mapping.yaml\n  duly import repairs.xlsx --map mapping.yaml\n  duly import log.xes.gz --kind permit\n  duly import --watch inbox\n  duly sample --cases 1000 --seed 7 | duly import -",
    )
    .arg(
        args::positional(
            "files",
            "FILE",
            lang,
            "JSONL, CloudEvents, XES, CSV or XLSX, plain or gzipped; - is standard input",
            "JSONL、CloudEvents、XES、CSV 或 XLSX，可为 gzip；- 为标准输入",
        )
        .num_args(1..)
        .required_unless_present("watch"),
    )
    .arg(args::value("map", "MAPPING", lang, "how rows become cases", "行如何成为个案的映射文件"))
    .arg(cases::kind(lang))
    .arg(
        args::value(
            "watch",
            "DIR",
            lang,
            "take in what lies in DIR and what arrives there, until stopped; files go to DIR/done or DIR/rejected",
            "导入 DIR 中已有及陆续到达的文件，直至停止；文件移至 DIR/done 或 DIR/rejected",
        )
        .value_parser(value_parser!(std::path::PathBuf))
        .conflicts_with("files"),
    )
    .arg(args::switch("once", lang, "with --watch: take in what is there, and end", "与 --watch 同用：导入现有文件后结束").requires("watch"))
    .arg(args::format(lang))
}

/// Why a file was not taken.
pub(super) enum Unable {
    /// There is something wrong with it.
    File(Failure),
    /// The store takes nothing.
    Store(Failure),
    /// Whoever counts the cases said so.
    Stopped,
}

impl From<IngestError> for Unable {
    fn from(error: IngestError) -> Self {
        Self::File(error.into())
    }
}

impl From<Failure> for Unable {
    fn from(failure: Failure) -> Self {
        Self::File(failure)
    }
}

/// What an import goes by.
pub(super) struct Intake<'m> {
    pub(super) workspace: Workspace,
    mapping: Option<Mapping>,
    kind: Option<&'m str>,
}

impl<'m> Intake<'m> {
    fn new(matches: &'m ArgMatches) -> Result<Self, Failure> {
        let workspace = setting::workspace()?;
        let mapping = cases::mapping(matches.get_one("map"))?;
        Ok(Self { workspace, mapping, kind: matches.get_one::<String>("kind").map(String::as_str) })
    }

    /// The policies as they are now. Names are compared with theirs where these load; a source may be ahead of its policies.
    pub(super) fn policies(&self) -> Option<PolicySet> {
        load(&self.workspace.policy_folders(), &self.workspace.company).ok().map(|(_, set)| set)
    }

    /// Takes one file into the store. `each` hears how many cases were taken, and tells whether to go on.
    pub(super) fn take(
        &self,
        file: &str,
        set: Option<&PolicySet>,
        store: &mut Store,
        (totals, census): (&mut Totals, &mut Census),
        rejects: &mut cases::Rejects,
        each: &mut dyn FnMut(u64) -> bool,
    ) -> Result<(), Unable> {
        let zone = set.map_or_else(|| self.workspace.company.zone.unwrap_or(Zone::UTC), setting::zone);
        let reading = cases::Reading { mapping: self.mapping.as_ref(), kind: self.kind, zone };
        let mut sink = |batch: Vec<Case>| -> Result<(), Unable> {
            if let Some(set) = set {
                batch.iter().filter(|case| !case.kind.is_empty()).for_each(|case| census.look(case, set));
            }
            totals.take(file, batch, store).map_err(|error| Unable::Store(error.into()))?;
            if each(totals.cases) { Ok(()) } else { Err(Unable::Stopped) }
        };
        let summary = cases::read(file, &reading, &mut sink, rejects)?;
        totals.lines += summary.lines;
        totals.rejected += summary.rejected;
        Ok(())
    }
}

pub(super) fn run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    let intake = Intake::new(matches)?;
    let json = args::wants_json(matches);
    if let Some(folder) = matches.get_one::<std::path::PathBuf>("watch") {
        return watch::run(&intake, folder, matches.get_flag("once"), json, screen);
    }
    let set = intake.policies();
    let mut store = setting::store(&intake.workspace, screen)?;
    let mut rejects = cases::Rejects::of(&intake.workspace, "");
    let (mut totals, mut census) = (Totals::default(), Census::default());
    let files = || matches.get_many::<String>("files").into_iter().flatten();
    let total = if screen.progress { cases::about(files(), intake.mapping.as_ref()) } else { 0 };
    let mut progress = Progress::new(screen, total, screen.pick("importing", "导入中"));
    for file in files() {
        let mut each = |done| {
            progress.set(done);
            true
        };
        match intake.take(file, set.as_ref(), &mut store, (&mut totals, &mut census), &mut rejects, &mut each) {
            Ok(()) | Err(Unable::Stopped) => {}
            Err(Unable::File(failure) | Unable::Store(failure)) => return Err(failure),
        }
    }
    // What came one by one is gathered into blocks, where there is enough of it.
    store.pack()?;
    progress.done();
    rejects.report(screen)?;
    remarks(&totals, &census, screen);
    if json {
        screen.say(totals.to_json())?;
    } else {
        screen.say(totals.text().get(screen.lang))?;
    }
    Ok(exit::OK)
}

/// What is to be said beside the figures.
pub(super) fn remarks(totals: &Totals, census: &Census, screen: &Screen) {
    for text in census.warnings() {
        screen.note(format!("{}{}", screen.pick("warning: ", "警告："), text.get(screen.lang)));
    }
    for refusal in totals.refused.iter().take(20) {
        screen.note(format!("{}{}", screen.pick("refused: ", "未接受："), screen.pick(&refusal.to_string(), &refusal.zh())));
    }
    let differing = totals.stored.events_differing;
    if differing > 0 {
        screen.note(match screen.lang {
            Lang::En => format!("warning: {differing} events have a known id but other content; the known ones were kept"),
            Lang::Zh => format!("警告：{differing} 个事件编号已知但内容不同；保留已知内容"),
        });
    }
}

/// Reads all of standard input as text, bounded.
pub(super) fn standard_input(most: usize) -> Result<String, Failure> {
    let mut text = String::new();
    for line in std::io::stdin().lock().lines() {
        text.push_str(&line?);
        text.push('\n');
        if text.len() > most {
            return Err(Failure::with_help(
                Text::new("the input is too large", "输入过大"),
                Text::new("use `duly import`", "请用 `duly import`"),
            ));
        }
    }
    Ok(text)
}
