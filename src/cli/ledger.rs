//! `duly ledger`: what became of each entry of each document.

use clap::{ArgMatches, Command};
use serde_json::{Value, json};

use super::{Failure, Screen, args, exit, lexicon, lint, listing};
use crate::{
    app::{
        coverage::{Coverage, Line, Page, Standing, Totals, coverage},
        workspace::load,
    },
    diagnostic::render_all,
    lang::Lang,
    report::Format,
};

const COLUMNS: &[&str] = &[
    "document",
    "entry",
    "article",
    "checkable",
    "status",
    "clauses",
    "forms",
    "same_as",
    "tests",
    "violated",
    "kept",
    "assumed",
    "reason",
];

/// The word for a table that stands in a document.
const MARKDOWN: &str = "markdown";

pub(super) fn command(lang: Lang) -> Command {
    let words: Vec<&'static str> = Format::WORDS.iter().map(|(word, _)| *word).chain([MARKDOWN]).collect();
    args::about(
        lang,
        "Shows for each entry of each document which clauses cover it and how they are tested, or why none can",
        "逐条列出各文件的条目：由哪些条款覆盖、如何测试，或为何无法检查",
        "  duly ledger\n  duly ledger policies/gas-network --format csv\n  duly ledger --check\n  duly ledger --vocabulary --format jsonl",
    )
    .arg(args::positional("paths", "PATH", lang, "policy folders (default: the workspace's)", "策略文件夹（默认为工作区的）").num_args(0..))
    .arg(args::switch(
        "check",
        lang,
        "exit with 1 when an entry has neither clause nor reason, a clause covers an unknown entry, or no test expects it violated",
        "若有条目既无条款也无原因、条款覆盖未知条目，或没有测试预期条款被违反，则以 1 退出",
    ))
    .arg(
        args::switch(
            "vocabulary",
            lang,
            "instead, each fact and event with the clauses that read or await it",
            "改为列出各事实与事件，以及读取或等待它的条款",
        )
        .conflicts_with("check"),
    )
    .arg(
        args::value(
            "format",
            "FORMAT",
            lang,
            "table (default), jsonl, json, csv or markdown",
            "table（默认）、jsonl、json、csv 或 markdown",
        )
        .value_parser(words)
        .default_value("table")
        .hide_default_value(true),
    )
}

/// The format, and whether a table is to be Markdown.
fn format(matches: &ArgMatches) -> (Format, bool) {
    let word = matches.get_one::<String>("format").map_or("table", String::as_str);
    (Format::of(word).unwrap_or(Format::Table), word == MARKDOWN)
}

pub(super) fn run(matches: &ArgMatches, screen: &Screen) -> Result<u8, Failure> {
    let (folders, company) = lint::folders(matches, "paths")?;
    let (sources, set) = load(&folders, &company)?;
    let (format, markdown) = format(matches);
    if matches.get_flag("vocabulary") {
        return lexicon::print(&crate::app::lexicon::lexicon(&sources, &set), format, markdown, screen);
    }
    let coverage = coverage(&sources, &set)?;
    if coverage.pages.is_empty() {
        return Err(lint::no_policies(&folders));
    }
    let objects = || coverage.pages.iter().flat_map(|page| page.lines.iter().map(|line| object(page, line, screen.lang)));
    match format {
        Format::Jsonl => listing::jsonl(objects(), screen)?,
        Format::Csv => listing::csv(COLUMNS, objects(), screen)?,
        Format::Json => {
            let totals: Vec<Value> = coverage.pages.iter().map(|page| figures(Some(&page.document), &page.totals)).collect();
            let whole = json!({"entries": objects().collect::<Vec<_>>(), "documents": totals, "totals": figures(None, &coverage.totals)});
            listing::json(&whole, screen)?;
        }
        Format::Table => tables(&coverage, markdown, screen)?,
    }
    Ok(check(&coverage, matches.get_flag("check"), screen))
}

/// Names what is wanting, when asked; else says how much.
fn check(coverage: &Coverage, asked: bool, screen: &Screen) -> u8 {
    let gaps = coverage.gaps.len();
    if gaps == 0 {
        return exit::OK;
    }
    if !asked {
        screen.note(match screen.lang {
            Lang::En => format!("{gaps} gaps; `--check` names them"),
            Lang::Zh => format!("有 {gaps} 处缺漏；`--check` 逐一列出"),
        });
        return exit::OK;
    }
    screen.note(render_all(&coverage.gaps, screen.lang, screen.colour()));
    screen.note(match screen.lang {
        Lang::En => format!("\n{gaps} gaps"),
        Lang::Zh => format!("\n共 {gaps} 处缺漏"),
    });
    exit::FOUND
}

fn object(page: &Page, line: &Line, lang: Lang) -> Value {
    let same_as: Vec<&str> = line.entry.same_as.iter().map(|(id, _)| id.as_str()).collect();
    let reason = match &line.standing {
        Standing::NotComputable(reason) => reason.as_ref().map(|text| text.get(lang)),
        _ => None,
    };
    json!({
        "document": page.document, "entry": line.entry.id, "article": line.entry.article, "checkable": line.entry.checkable.words().0,
        "status": line.standing.word(), "clauses": line.clauses.iter().map(|(id, _)| id).collect::<Vec<_>>(),
        "forms": line.clauses.iter().map(|(_, form)| form).collect::<Vec<_>>(), "same_as": same_as, "tests": line.tests,
        "violated": line.violated, "kept": line.kept, "assumed": line.assumed, "reason": reason,
    })
}

fn figures(document: Option<&str>, totals: &Totals) -> Value {
    json!({
        "document": document, "entries": totals.entries, "covered": totals.covered, "repeats": totals.repeats,
        "not_computable": totals.not_computable, "open": totals.open, "clauses": totals.clauses(), "forms": totals.forms,
        "scripts": totals.scripts, "tests": totals.tests.len(),
    })
}

fn tables(coverage: &Coverage, markdown: bool, screen: &Screen) -> Result<(), Failure> {
    for page in coverage.pages.iter().filter(|page| !page.lines.is_empty()) {
        let head = match screen.lang {
            Lang::En => ["Entry", "Article", "Checkable", "Covered by, or why not", "Tests", "Violated", "Kept", "Assumed"],
            Lang::Zh => ["条目", "条文", "可检查", "覆盖的条款，或原因", "测试", "违反", "遵守", "假定的数值"],
        };
        let rows: Vec<Vec<String>> = page.lines.iter().map(|line| row(page, line, screen)).collect();
        let table = listing::grid(&head, &rows, |column| column == 4, markdown, screen);
        let heading = if markdown { "## " } else { "" };
        screen.say(format!("{heading}{}\n\n{table}\n", page.document))?;
    }
    let head = match screen.lang {
        Lang::En => ["Document", "Entries", "Covered", "Repeats", "Not computable", "Open", "Clauses", "Scripts", "Tests"],
        Lang::Zh => ["文件", "条目", "已覆盖", "重复", "无法检查", "缺漏", "条款", "脚本", "测试"],
    };
    let all = [(screen.pick("all", "全部"), &coverage.totals)];
    let pages = coverage.pages.iter().map(|page| (page.document.as_str(), &page.totals));
    let named = pages.chain(all.into_iter().filter(|_| coverage.pages.len() > 1));
    let rows: Vec<Vec<String>> = named.map(|(name, totals)| sums(name, totals)).collect();
    screen.say(listing::grid(&head, &rows, |column| column > 0, markdown, screen))?;
    if coverage.totals.forms.is_empty() {
        return Ok(());
    }
    let forms: Vec<String> = coverage.totals.forms.iter().map(|(form, count)| format!("{form} {count}")).collect();
    screen.say(format!("\n{}{}", screen.pick("Clauses by form: ", "各形式的条款数："), forms.join(screen.pick(", ", "，"))))
}

/// The figures of a document in a row. A zero says nothing; the eye should find what is there.
fn sums(name: &str, totals: &Totals) -> Vec<String> {
    let of_entries = [totals.entries, totals.covered, totals.repeats, totals.not_computable, totals.open];
    let of_clauses = [totals.clauses(), totals.scripts.len(), totals.tests.len()];
    let figures = of_entries.into_iter().chain(of_clauses).map(|count| if count == 0 { String::new() } else { count.to_string() });
    std::iter::once(name.to_owned()).chain(figures).collect()
}

fn row(page: &Page, line: &Line, screen: &Screen) -> Vec<String> {
    let own = |id: &str| id.strip_prefix(&format!("{}/", page.document)).unwrap_or(id).to_owned();
    let what = match &line.standing {
        Standing::Covered => {
            line.clauses.iter().map(|(id, form)| format!("{} ({form})", own(id))).collect::<Vec<_>>().join(screen.pick(", ", "，"))
        }
        Standing::Repeat(other) => format!("{}{}", screen.pick("as ", "同 "), own(other)),
        Standing::Elsewhere(other) => format!("{}{}", screen.pick("as, not read here: ", "同（此处未读取）："), own(other)),
        Standing::NotComputable(Some(reason)) => format!("{}{}", screen.pick("no clause: ", "无条款："), reason.get(screen.lang)),
        Standing::NotComputable(None) => screen.pick("leaves no record", "没有可查记录").to_owned(),
        Standing::Open => screen.pick("OPEN", "缺漏").to_owned(),
    };
    let covered = line.standing == Standing::Covered;
    let yes = |holds: bool| match (covered, holds) {
        (false, _) => "",
        (true, true) => screen.pick("yes", "有"),
        (true, false) => screen.pick("no", "无"),
    };
    let (en, zh) = line.entry.checkable.words();
    vec![
        line.entry.id.clone(),
        line.entry.article.clone(),
        screen.pick(en, zh).to_owned(),
        what,
        if covered { line.tests.to_string() } else { String::new() },
        yes(line.violated).to_owned(),
        yes(line.kept).to_owned(),
        line.assumed.join(" "),
    ]
}
