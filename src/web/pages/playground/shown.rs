//! What the playground shows.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::{Desk, EXAMPLES, EXAMPLES_OUT, Tried, local};
use crate::{
    app::{
        compare::{Brief, Change, Difference},
        impact::Impact,
    },
    diagnostic::{Diagnostic, Severity, render_all},
    finding::State,
    policy::{PolicySet, sources::Role},
    report::sheet::Cell,
    trial::Report,
    web::{
        fields::segment,
        layout::csrf,
        pages::{case::clause_path, clauses::policy_title, today::badge},
        table::{Table, Td},
    },
};

/// Lines that are shown around one that is wrong.
const AROUND: usize = 3;
/// Differences that a page shows at most.
const MOST_SHOWN: usize = 200;
/// Failures of tests that a page shows at most.
const MOST_FAILURES: usize = 20;

impl Desk<'_> {
    pub(super) fn title(&self) -> String {
        format!("{} · {}", self.visit.t("Playground", "试验场"), policy_title(self.visit, &self.rules.set, self.policy))
    }

    fn action(&self) -> String {
        format!("/playground/{}", segment(self.policy))
    }

    pub(super) fn page(&self, tried: Option<&Tried>) -> Markup {
        let visit = self.visit;
        let (name, source) = self.file();
        let path = source.map_or_else(String::new, |source| local(visit, &source.file.path));
        let shared = source.is_some_and(|source| source.role == Role::Vocabulary || source.folder.is_empty());
        html! {
            h1 { (self.title()) }
            p.note {
                (visit.t("Nothing is saved here: the text lives in this page alone. To put a change in place, download the file, lay it at ", "此处不保存任何内容，文本只在本页。如需启用，请下载文件，放到 "))
                code { (path) }
                (visit.t(" in the workspace, and run `duly lint` and `duly test`; the next check uses it.", "（工作区内），并运行 `duly lint` 与 `duly test`；下次检查即按其执行。"))
            }
            form.line method="get" action=(self.action()) {
                label { (visit.t("File", "文件")) select name="file" { @for (at, (known, _)) in self.files.iter().enumerate() { option value=(known) selected[at == self.chosen] { (known) } } } }
                button { (visit.t("Open", "打开")) }
                span.soft { (visit.t("what is edited here is lost then", "当前修改将丢失")) }
            }
            @if shared { p.note.warn { (visit.t("This file is shared: a change of it bears on other policies, too.", "此文件为共用文件，修改会影响其他策略。")) } }
            form method="post" action=(self.action()) {
                (csrf(visit))
                input type="hidden" name="file" value=(name);
                label.wide for="text" { (path) @if self.is_edited() { " · " (visit.t("edited", "已修改")) } }
                // A browser drops the first line end of an area: this one is for it.
                textarea.code #text name="text" spellcheck="false" autocapitalize="off" autocomplete="off" data-line=[visit.query.get("line")] { "\n" (self.text) }
                p.line {
                    button name="do" value="check" { (visit.t("Check", "检查")) }
                    button.main name="do" value="impact" { (visit.t("See impact", "查看影响")) }
                    button name="do" value="download" { (visit.t("Download", "下载")) }
                }
                @if let Some(tried) = tried { (self.results(tried)) }
            }
        }
    }

    fn results(&self, tried: &Tried) -> Markup {
        let visit = self.visit;
        html! {
            section #results aria-live="polite" {
                h2 { (visit.t("What is wrong", "诊断")) }
                @if !tried.compiles { p.note.bad role="alert" { (visit.t("This text does not compile.", "文本无法编译。")) } }
                @else if tried.remarks.is_empty() { p.note.good { (visit.t("Nothing is wrong with it.", "没有问题。")) } }
                @if !tried.remarks.is_empty() { (self.remarks(&tried.remarks)) }
                @if let Some(report) = &tried.tests { (self.tests(report)) }
                @if let Some(impact) = &tried.impact { (self.changes(tried, impact)) }
            }
        }
    }

    /// The number of a line of the edited text that a diagnostic points at.
    fn line(&self, item: &Diagnostic) -> Option<usize> {
        let place = item.place.as_ref()?;
        let own = self.file().1.is_some_and(|source| source.file.path == place.file.path);
        own.then(|| place.line_column().0)
    }

    fn remarks(&self, list: &[Diagnostic]) -> Markup {
        let visit = self.visit;
        let root = format!("{}/", visit.app.workspace.root.display());
        let word = |severity: Severity| match severity {
            Severity::Error => visit.t("error", "错误"),
            Severity::Warning => visit.t("warning", "警告"),
            Severity::Note => visit.t("note", "说明"),
        };
        html! {
            ul.remarks {
                @for item in list {
                    li {
                        strong { (word(item.severity)) " " (item.code) } " "
                        @match (self.line(item), &item.place) {
                            (Some(line), _) => a href=(format!("#L{line}")) data-line=(line) { (visit.t("line ", "第 ")) (line) (visit.t("", " 行")) },
                            (None, Some(place)) => (local(visit, &place.show())),
                            (None, None) => {}
                        }
                        ": " (item.message.get(visit.lang))
                        @if let Some(help) = &item.help { br; span.soft { (visit.t("help: ", "建议：")) (help.get(visit.lang)) } }
                    }
                }
            }
            details { summary { (visit.t("As the command line draws it", "命令行所示")) } pre { (render_all(list, visit.lang, false).replace(&root, "")) } }
            (self.listing(list))
        }
    }

    /// The lines around those that are pointed at.
    fn listing(&self, list: &[Diagnostic]) -> Markup {
        let wrong: BTreeSet<usize> = list.iter().filter_map(|item| self.line(item)).collect();
        let near: BTreeSet<usize> = wrong.iter().flat_map(|line| line.saturating_sub(AROUND).max(1)..=line + AROUND).collect();
        html! {
            @if !wrong.is_empty() {
                ol.lines aria-label=(self.visit.t("Lines", "行")) {
                    @for (number, line) in (1..).zip(self.text.lines()).filter(|(number, _)| near.contains(number)) {
                        li value=(number) id=(format!("L{number}")) class=[wrong.contains(&number).then_some("wrong")] { code { (line) } }
                    }
                }
            }
        }
    }

    fn tests(&self, report: &Report) -> Markup {
        let visit = self.visit;
        let root = format!("{}/", visit.app.workspace.root.display());
        let none = report.passed + report.failed == 0;
        html! {
            h2 { (visit.t("Tests of this policy", "本策略的测试")) }
            @if none { p.soft { (visit.t("There are none, or their files were not read.", "没有测试，或测试文件未读取。")) } }
            @else { p class=(if report.failed == 0 { "note good" } else { "note bad" }) {
                (report.passed) (visit.t(" passed, ", " 项通过，")) (report.failed) (visit.t(" failed", " 项失败"))
            } }
            @for failure in report.failures.iter().take(MOST_FAILURES) { pre { (Report::show(failure, visit.lang).replace(&root, "")) } }
            @if report.failures.len() > MOST_FAILURES { p.soft { (visit.t("and more: ", "另有 ")) (report.failures.len() - MOST_FAILURES) } }
        }
    }

    fn changes(&self, tried: &Tried, impact: &Impact) -> Markup {
        let visit = self.visit;
        let total = impact.total();
        let examples = self.examples(tried, impact);
        html! {
            h2 #impact { (visit.t("What would change", "影响")) }
            @if impact.clauses.is_empty() { p.note { (visit.t("No clause reads otherwise: no verdict would change.", "没有条款发生变化，任何判断都不变。")) } }
            @if impact.beyond > 0 { p.note.warn { (impact.beyond) (visit.t(" clauses of other policies read otherwise, too; your account does not see them.", " 项其他策略的条款也有变化，您的账户无权查看。")) } }
            @if !impact.clauses.is_empty() {
                p { (impact.cases) (visit.t(" stored cases were held against the clauses that read otherwise, as the policies are and as they would be, for this moment.", " 个存储的个案按现行与修改后的条款各判断一次，以当前时刻为准。")) }
                ul.tiles {
                    @for change in Change::ALL {
                        li { a href="#examples" class=[(*change == Change::NewlyViolated).then_some("overdue")] { span.figure { (total.of(*change)) } (visit.t(change.label().0, change.label().1)) } }
                    }
                    li { a href="#impact" { span.figure { (total.unchanged) } (visit.t("unchanged", "不变")) } }
                }
                (self.impact(tried, impact).html(visit.lang))
                (self.ways_out("impact"))
                h2 #examples { (visit.t("Which obligations", "涉及的义务")) }
                p.soft { (visit.t("The first of each clause and change, at most ", "每项条款、每类变化的前若干项，至多 ")) (EXAMPLES) (visit.t("; a file holds up to ", "；导出文件至多 ")) (EXAMPLES_OUT) (visit.t(".", "。")) }
                (examples.html(visit.lang))
                (self.ways_out("examples"))
            }
        }
    }

    /// The text goes with the question: a table is taken out by the form that sends it.
    fn ways_out(&self, name: &str) -> Markup {
        html! {
            p.export.soft {
                (self.visit.t("Take out: ", "导出："))
                @for format in ["csv", "xlsx", "json"] {
                    button.quiet formaction=(format!("{}?table={name}&format={format}", self.action())) { (format.to_uppercase()) } " "
                }
            }
        }
    }

    fn clause_title(&self, tried: &Tried, id: &str) -> String {
        let of = |set: &PolicySet| set.named(id).last().map(|(_, clause)| clause.properties.title.get(self.visit.lang).to_owned());
        tried.set.as_ref().and_then(of).or_else(|| of(&self.rules.set)).unwrap_or_default()
    }

    /// The figures by clause.
    pub(super) fn impact(&self, tried: &Tried, impact: &Impact) -> Table {
        let visit = self.visit;
        let mut columns = vec![("clause", "Clause", "条款"), ("title", "Duty", "义务"), ("edit", "The clause is", "条款变化")];
        columns.extend(Change::ALL.iter().map(|change| (change.word(), change.label().0, change.label().1)));
        columns.extend([
            ("unchanged", "unchanged", "不变"),
            ("violations_before", "violations before", "修改前违反"),
            ("violations_after", "violations after", "修改后违反"),
        ]);
        let mut table = Table::new(visit.t("Impact", "影响"), visit.lang, &columns);
        for clause in &impact.clauses {
            let known = self.rules.set.named(&clause.id).next().is_some();
            let id = if known { Td::link(clause.id.as_str(), clause_path(&clause.id)) } else { clause.id.as_str().into() };
            let mut row =
                vec![id, self.clause_title(tried, &clause.id).into(), visit.t(clause.edit.label().0, clause.edit.label().1).into()];
            row.extend(Change::ALL.iter().map(|change| Td::from(clause.counted.of(*change))));
            row.push(clause.counted.unchanged.into());
            for counts in [clause.counted.before, clause.counted.after] {
                let violated = State::ALL.iter().filter(|state| state.is_violation()).map(|state| counts.of(*state)).sum::<u64>();
                row.push(violated.into());
            }
            table.push(row);
        }
        table
    }

    /// The differences, by clause, the newly violated first.
    pub(super) fn examples(&self, tried: &Tried, impact: &Impact) -> Table {
        let visit = self.visit;
        let columns = [
            ("change", "Change", "变化"),
            ("case", "Case", "个案"),
            ("clause", "Clause", "条款"),
            ("title", "Duty", "义务"),
            ("instance", "Instance", "项次"),
            ("before", "Before", "修改前"),
            ("due_before", "Due before", "修改前到期"),
            ("after", "After", "修改后"),
            ("due_after", "Due after", "修改后到期"),
        ];
        let mut table = Table::new(visit.t("Differences", "差异"), visit.lang, &columns);
        let mut all: Vec<&Difference> = impact.clauses.iter().flat_map(|clause| &clause.examples).collect();
        all.sort_by_key(|one| one.change);
        if Table::asked(visit, "examples").is_none() {
            all.truncate(MOST_SHOWN);
        }
        let zone = self.rules.zone;
        let state = |brief: Option<Brief>| match brief {
            Some(brief) => Td::shown(brief.state.label().get(visit.lang), badge(visit, brief.state)),
            None => visit.t("none", "无").into(),
        };
        let due = |brief: Option<Brief>| Td::from(brief.and_then(|brief| brief.due).map(|due| Cell::Instant(due, zone)));
        for one in all {
            let (case, group, clause, instance) = &one.key;
            let case = match case {
                Some(case) => Td::link(case.as_str(), format!("/case/{}", segment(case))),
                None => group.clone().unwrap_or_default().into(),
            };
            table.push(vec![
                visit.t(one.change.label().0, one.change.label().1).into(),
                case,
                clause.as_str().into(),
                self.clause_title(tried, clause).into(),
                instance.as_str().into(),
                state(one.before),
                due(one.before),
                state(one.after),
                due(one.after),
            ]);
        }
        table
    }
}
