//! *Playground*: a copy of a policy's file is edited in the page; what is wrong with it, which tests fail, which stored cases would change. Nothing is
//! written anywhere: the changed text lives as long as the request.

mod shown;

use std::sync::Arc;

use super::clause::local;
use crate::{
    app::impact::{Impact, Question, impact},
    desk::Deed,
    diagnostic::{Diagnostic, SourceFile},
    lang::Text,
    policy::{
        Edition, PolicySet, compile,
        sources::{MOST_BYTES, Role, Source, Sources},
    },
    trial,
    web::{
        layout::page,
        state::Rules,
        table::Table,
        visit::{Answer, Refusal, Reply, Visit},
    },
};

/// Examples of each change of each clause that a page shows.
const EXAMPLES: usize = 10;
/// The same in a file that is taken out.
const EXAMPLES_OUT: usize = 10_000;

/// The file that is looked at.
struct Desk<'d> {
    visit: &'d Visit<'d>,
    rules: &'d Rules,
    policy: &'d str,
    /// The files that can be chosen, by the names that people know them by.
    files: Vec<(String, &'d Source)>,
    /// Which one is chosen.
    chosen: usize,
    /// Its text, edited.
    text: String,
}

/// What trying it gave.
#[derive(Default)]
struct Tried {
    /// What is wrong, or worth knowing.
    remarks: Vec<Diagnostic>,
    /// Whether it compiles.
    compiles: bool,
    /// What its tests say.
    tests: Option<trial::Report>,
    /// What it would do to the stored cases.
    impact: Option<Impact>,
    /// The policies as they would be.
    set: Option<PolicySet>,
}

impl<'d> Desk<'d> {
    fn new(visit: &'d Visit<'d>, rules: &'d Rules) -> Result<Self, Refusal> {
        let policy = visit.param("policy");
        let editions: Vec<&Edition> = rules.set.editions.iter().filter(|edition| edition.id == policy).collect();
        let scope = &visit.account()?.scope;
        if editions.is_empty() || !scope.has_policy(policy) {
            return Err(Refusal::Missing(Text::new(
                format!("there is no policy `{policy}`, or you may not see it"),
                format!("没有策略 `{policy}`，或您无权查看"),
            )));
        }
        let mut files: Vec<(String, &Source)> = Vec::new();
        for source in &rules.sources.files {
            let own = editions.iter().find(|edition| edition.folder == source.folder);
            let name = match (own, source.role) {
                (Some(edition), _) => {
                    let path = &source.file.path;
                    path.strip_prefix(&edition.folder).map_or(path.as_str(), |rest| rest.trim_start_matches(['/', '\\'])).to_owned()
                }
                // What all policies share has no folder of its own; who sees some policies only has no business there.
                (None, _) if !scope.policies.is_empty() => continue,
                (None, Role::Vocabulary) => local(visit, &source.file.path),
                (None, Role::Calendar) if source.folder.is_empty() => local(visit, &source.file.path),
                _ => continue,
            };
            files.push((name, source));
        }
        files.sort_by_key(|(name, source)| (source.role != Role::Policy, source.folder.is_empty(), source.role, name.clone()));
        let asked = visit.form.get("file").or_else(|| visit.query.get("file"));
        let newest = || editions.iter().max_by_key(|edition| edition.from).map(|edition| edition.place.file.path.as_str());
        let chosen = match asked {
            Some(name) => files.iter().position(|(known, _)| known == name),
            None => files.iter().position(|(_, source)| Some(source.file.path.as_str()) == newest()),
        };
        let chosen = chosen.ok_or_else(|| {
            let name = asked.unwrap_or("");
            Refusal::Missing(Text::new(format!("`{policy}` has no file `{name}`"), format!("`{policy}` 没有文件 `{name}`")))
        })?;
        let stored = files.get(chosen).map_or("", |(_, source)| source.file.text.as_str());
        // Browsers send the line ends of another age.
        let text = visit.form.raw("text").map_or_else(|| stored.to_owned(), |text| text.replace("\r\n", "\n"));
        if text.len() as u64 > MOST_BYTES {
            let most = MOST_BYTES / 1024 / 1024;
            return Err(Refusal::Wrong(Text::new(
                format!("the text is larger than {most} MB, the most that is read of a policy"),
                format!("文本超过 {most} MB 的读取上限"),
            )));
        }
        Ok(Self { visit, rules, policy, files, chosen, text })
    }

    fn file(&self) -> (&str, Option<&'d Source>) {
        self.files.get(self.chosen).map_or(("", None), |(name, source)| (name.as_str(), Some(*source)))
    }

    fn is_edited(&self) -> bool {
        self.file().1.is_some_and(|source| source.file.text != self.text)
    }

    /// All files, the chosen one with its text as edited.
    fn sources(&self) -> Sources {
        let mut sources = self.rules.sources.clone();
        let path = self.file().1.map(|source| source.file.path.clone()).unwrap_or_default();
        for source in sources.files.iter_mut().filter(|source| source.file.path == path) {
            source.file = Arc::new(SourceFile { path: path.clone(), text: self.text.clone() });
        }
        sources
    }

    /// Compiles the edited text among the others, and runs the policy's tests on it. Lines of files that this account may not see are not shown.
    fn check(&self, with_tests: bool) -> Tried {
        let mut tried = self.tried(with_tests);
        if self.visit.who.as_ref().is_none_or(|who| !who.scope.policies.is_empty()) {
            let own = |path: &str| self.files.iter().any(|(_, source)| source.file.path == path);
            for remark in &mut tried.remarks {
                remark.place.take_if(|place| !own(&place.file.path));
            }
        }
        tried
    }

    fn tried(&self, with_tests: bool) -> Tried {
        let sources = self.sources();
        let company = &self.rules.set.company;
        let set = match compile(&sources, company.clone()) {
            Ok(set) => set,
            Err(remarks) => return Tried { remarks, ..Tried::default() },
        };
        let path = self.file().1.map_or("", |source| source.file.path.as_str());
        let mut tried = Tried { compiles: true, ..Tried::default() };
        tried
            .remarks
            .extend(set.remarks.iter().filter(|remark| remark.place.as_ref().is_some_and(|place| place.file.path == path)).cloned());
        if with_tests {
            match trial::run(&sources, company, &|policy| policy == self.policy) {
                Ok(report) => {
                    tried.remarks.extend(report.problems.iter().cloned());
                    tried.tests = Some(report);
                }
                Err(remarks) => tried.remarks.extend(remarks),
            }
        }
        tried.set = Some(set);
        tried
    }

    /// Holds the stored cases against the policies as they are, and as they would be.
    fn see_impact(&self, tried: &mut Tried, most_examples: usize) -> Result<(), Refusal> {
        let Some(new) = &tried.set else { return Ok(()) };
        let app = self.visit.app;
        let _alone = app.alone()?;
        let store = app.store()?;
        let question = Question {
            store: &store,
            old: &self.rules.set,
            new,
            as_of: self.visit.now,
            scope: &self.visit.account()?.scope,
            threads: app.threads,
            most_examples,
        };
        tried.impact = Some(impact(&question, &mut |_| {})?);
        Ok(())
    }
}

/// The page with the file as it is.
pub fn show(visit: &Visit<'_>) -> Answer {
    let rules = visit.app.rules();
    let desk = Desk::new(visit, &rules)?;
    Ok(page(visit, &desk.title(), desk.page(None)))
}

/// What was asked of the edited text.
pub fn act(visit: &Visit<'_>) -> Answer {
    let rules = visit.app.rules();
    let desk = Desk::new(visit, &rules)?;
    for name in ["impact", "examples"] {
        if let Some(format) = Table::asked(visit, name) {
            return taken_out(&desk, name, format);
        }
    }
    match visit.form.get("do") {
        Some("download") => {
            let name = desk.file().0.rsplit('/').next().unwrap_or("policy.yaml").replace(['"', '\\', '\r', '\n'], "_");
            // A name that is not ASCII goes in the second form.
            let plain: String = name.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
            let disposition = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", crate::web::fields::segment(&name));
            Ok(Reply::new("application/yaml; charset=utf-8", desk.text).with_header("content-disposition", disposition))
        }
        Some("impact") => {
            let mut tried = desk.check(true);
            desk.see_impact(&mut tried, EXAMPLES)?;
            Ok(page(visit, &desk.title(), desk.page(Some(&tried))))
        }
        _ => {
            let tried = desk.check(true);
            Ok(page(visit, &desk.title(), desk.page(Some(&tried))))
        }
    }
}

/// A table of the impact as a file.
fn taken_out(desk: &Desk<'_>, name: &str, format: &str) -> Answer {
    let mut tried = desk.check(false);
    desk.see_impact(&mut tried, if name == "examples" { EXAMPLES_OUT } else { 0 })?;
    let Some(impact) = &tried.impact else {
        return Err(Refusal::Wrong(Text::new("the text does not compile: check it first", "文本无法编译，请先检查")));
    };
    let (visit, rows) = (desk.visit, if name == "examples" { desk.examples(&tried, impact) } else { desk.impact(&tried, impact) });
    let file = rows.file(format, name)?;
    let deed = Deed::Exported(format!("{name}.{format} of the playground of {}", desk.policy));
    visit.app.act(&visit.account()?.name, visit.via, deed)?;
    Ok(file)
}
