//! *Clause*: what it says, in words and as written, how often it fires, in which states its cases are, and which tests speak of it.

mod tables;

use maud::{Markup, html};

use super::{
    case::clause_path,
    clauses::{form_label, in_force, kind_label, policy_title},
};
use crate::{
    account::Power,
    app::{
        board::Choice,
        clausefile::{Outturn, outturns},
    },
    engine::Counts,
    form::FORMS,
    lang::Lang,
    policy::{
        Clause, Edition,
        clause::Severity,
        outline::{Outline, outlines_of},
        wording::{Wording, wordings},
    },
    time::Instant,
    web::{
        fields::{Fields, segment},
        layout::page,
        state::Rules,
        table::Table,
        visit::{Answer, Refusal, Visit},
    },
};

/// What the page shows.
struct Shown<'s> {
    visit: &'s Visit<'s>,
    rules: &'s Rules,
    id: &'s str,
    /// The clauses of the id, over versions and kinds.
    all: Vec<&'s Clause>,
    /// The one that holds now.
    now: &'s Clause,
    /// Its versions as written.
    wordings: Vec<Wording>,
    outlines: Vec<Outline>,
    /// How it came out at the last run, for those who see all sites.
    run: Option<(Instant, Outturn)>,
    /// What is not met now, by state.
    unmet: Counts,
}

/// A path as people of the workspace know it.
pub fn local(visit: &Visit<'_>, path: &str) -> String {
    let root = visit.app.workspace.root.display().to_string();
    path.strip_prefix(&root).map_or(path, |rest| rest.trim_start_matches(['/', '\\'])).to_owned()
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Answer {
    let rules = visit.app.rules();
    let who = visit.account()?;
    let id = visit.param("clause");
    let all: Vec<&Clause> = rules.set.named(id).map(|(_, clause)| clause).collect();
    let sees = |clause: &Clause| who.scope.has_policy(&clause.properties.policy);
    let now = in_force(&all, visit.now).filter(|clause| sees(clause)).ok_or_else(|| Refusal::no_clause(id))?;
    let run = if who.scope.sites.is_empty() {
        outturns(&*visit.app.store()?)?.map(|(as_of, map)| (as_of, map.get(id).copied().unwrap_or_default()))
    } else {
        None
    };
    let mut unmet = Counts::default();
    {
        let board = visit.app.board();
        let view = visit.app.view(&board, &rules, who, visit.now);
        let choice = Choice { clause: Some(id.to_owned()), ..Choice::default() };
        view.each(&choice, &rules.set.org, |_, stands| unmet.add(stands.state, 1));
    }
    let wordings = wordings(&rules.sources, &rules.set, id);
    let outlines = outlines_of(&rules.sources, &rules.set, id);
    let shown = Shown { visit, rules: &rules, id, all, now, wordings, outlines, run, unmet };
    if let Some(name) = visit.query.get("table")
        && let (Some(format), Some(table)) = (Table::asked(visit, name), shown.table(name))
    {
        return table.file(format, name);
    }
    let title = format!("{} · {id}", now.properties.title.get(visit.lang));
    Ok(page(visit, &title, shown.page()))
}

impl Shown<'_> {
    fn lang(&self) -> Lang {
        self.visit.lang
    }

    fn page(&self) -> Markup {
        let visit = self.visit;
        let properties = &self.now.properties;
        let says = &properties.says;
        let (first, second) = match self.lang() {
            Lang::En => ((&says.en, "en"), (&says.zh, "zh-CN")),
            Lang::Zh => ((&says.zh, "zh-CN"), (&says.en, "en")),
        };
        html! {
            h1 { (properties.title.get(self.lang())) " " span.soft { (self.id) } }
            p {
                @if properties.severity == Severity::Critical { span.badge.critical { (visit.t("critical", "严重")) } " " }
                @if self.now.inactive.is_some() { span.badge { (visit.t("inactive", "未启用")) } }
            }
            @if let Some(why) = &self.now.inactive {
                p.note.warn { (visit.t("This clause is not judged: ", "本条款未启用：")) (why.get(self.lang())) " " (visit.t("(see `records:` in duly.yaml)", "（见 duly.yaml 的 `records:`）")) }
            }
            @if !says.is_empty() {
                div.card {
                    p lang=(first.1) { (first.0) }
                    @if first.0 != second.0 { p.soft lang=(second.1) { (second.0) } }
                }
            }
            div.two {
                section { h2 { (visit.t("The clause", "条款")) } div.card { (self.facts()) } }
                section #states {
                    h2 { (visit.t("Cases in each state", "各状态的个案")) }
                    div data-live="states" { (self.rate()) (self.states().html(self.lang())) }
                    (Table::ways_out(visit, "states"))
                }
            }
            h2 #versions { (visit.t("Versions", "版本")) }
            (self.versions())
            h2 #parameters { (visit.t("Parameters of the policy", "策略参数")) }
            (self.parameters().with_caption(visit.t("Those that this clause reads come first.", "本条款所用参数列于前。")).html(self.lang()))
            (Table::ways_out(visit, "parameters"))
            h2 #tests { (visit.t("Tests", "测试")) }
            (self.tests().html(self.lang()))
            (Table::ways_out(visit, "tests"))
            h2 #form { (visit.t("The form: ", "形式：")) (form_label(visit, self.now.form)) }
            (self.documentation())
        }
    }

    fn edition(&self) -> Option<&Edition> {
        let own = self.wordings.iter().find(|one| one.place == self.now.properties.place).map(|one| one.edition);
        own.and_then(|index| self.rules.set.editions.get(index))
    }

    fn wording(&self) -> Option<&Wording> {
        self.wordings.iter().find(|one| one.place == self.now.properties.place)
    }

    fn role(&self, role: &str) -> Markup {
        let people = self.rules.set.org.people(role, self.visit.now);
        html! {
            (self.rules.set.org.label(role).get(self.lang()))
            @if !people.is_empty() { " (" (people.join(self.visit.t(", ", "、"))) ")" }
        }
    }

    /// Clauses by link, those that are known.
    fn clauses(&self, ids: &[String]) -> Markup {
        html! { @for (at, id) in ids.iter().enumerate() {
            @if at > 0 { (self.visit.t(", ", "、")) }
            @if self.rules.set.named(id).next().is_some() { a href=(clause_path(id)) { (id) } } @else { (id) }
        } }
    }

    fn facts(&self) -> Markup {
        let visit = self.visit;
        let properties = &self.now.properties;
        let wording = self.wording();
        let mut kinds: Vec<String> = self
            .all
            .iter()
            .filter_map(|clause| self.rules.set.kinds.get(clause.kind))
            .map(|kind| kind_label(visit, &self.rules.set, &kind.name))
            .collect();
        kinds.dedup();
        let policy = &properties.policy;
        let of_policy = Fields::default().with("policy", policy).query();
        let severity = properties.severity;
        let written = |of: fn(&Wording) -> &Option<String>| wording.and_then(|one| of(one).as_ref());
        html! {
            dl.facts {
                dt { (visit.t("Policy", "策略")) } dd { a href=(format!("/clauses{of_policy}")) { (policy_title(visit, &self.rules.set, policy)) } }
                @if let Some(edition) = self.edition() { dt { (visit.t("Document", "文件")) } dd { (edition.document) } }
                dt { (visit.t("Article", "条文")) } dd { (properties.article) }
                @if !properties.covers.is_empty() { dt { (visit.t("Covers entries", "覆盖条目")) } dd { (properties.covers.join(visit.t(", ", "、"))) } }
                dt { (visit.t("Form", "形式")) } dd { a href="#form" { (form_label(visit, self.now.form)) } }
                dt { (visit.t("Kind of case", "个案种类")) } dd { (kinds.join(visit.t(", ", "、"))) }
                dt { (visit.t("Severity", "严重程度")) } dd { (visit.t(severity.word(), severity.zh())) }
                dt { (visit.t("Owner", "责任角色")) } dd { (self.role(&properties.owner)) }
                @if let Some(when) = written(|one| &one.when) { dt { (visit.t("Applies when", "适用条件")) } dd { code { (when) } } }
                @if let Some(unless) = written(|one| &one.unless) { dt { (visit.t("Does not apply when", "不适用条件")) } dd { code { (unless) } } }
                @if let Some(next) = wording.and_then(|one| one.next.as_ref()) { dt { (visit.t("Next action", "下一步")) } dd { (next.get(self.lang())) } }
                @if let Some(warn) = written(|one| &one.warn) { dt { (visit.t("Said to fall due", "提前提醒")) } dd { (warn) " " (visit.t("before", "")) } }
                @if let Some(escalate) = &properties.escalate {
                    dt { (visit.t("Escalates", "逾期上报")) }
                    dd { (self.role(&escalate.to)) @if let Some(after) = written(|one| &one.escalate_after) { (visit.t(", after ", "，逾期后 ")) (after) } }
                }
                @if let Some(remedy) = &properties.remedy { dt { (visit.t("A breach is settled by", "补救")) } dd { (remedy.label.get(self.lang())) } }
                @if let Some(penalty) = &properties.penalty { dt { (visit.t("Penalty", "处罚")) } dd { (penalty.get(self.lang())) } }
                @if !properties.overrides.is_empty() { dt { (visit.t("Prevails over", "优先于")) } dd { (self.clauses(&properties.overrides)) } }
                @if !self.now.overridden_by.is_empty() { dt { (visit.t("Gives way to", "让位于")) } dd { (self.clauses(&self.now.overridden_by)) } }
                @if properties.survives { dt { (visit.t("After the case ends", "个案结束后")) } dd { (visit.t("runs on", "继续有效")) } }
            }
            @if visit.may(Power::Try) { p { a.button href=(self.playground(wording)) { (visit.t("Try a change in the playground", "在试验场修改")) } } }
        }
    }

    /// The playground with the file of a version.
    fn playground(&self, wording: Option<&Wording>) -> String {
        let policy = segment(&self.now.properties.policy);
        let file = wording.map_or("", |one| one.place.file.path.rsplit(['/', '\\']).next().unwrap_or(""));
        let line = wording.map_or(0, |one| one.first).to_string();
        format!("/playground/{policy}{}", Fields::default().with("file", file).with("line", &line).query())
    }

    fn rate(&self) -> Markup {
        let visit = self.visit;
        html! {
            @match &self.run {
                Some((as_of, outturn)) => {
                    p { strong { (visit.t("Fire rate: ", "违反率：")) @match outturn.rate() { Some(rate) => { (rate.to_string()) " %" } None => { (visit.t("nothing to tell yet", "尚无可判断者")) } } }
                        @if outturn.told() > 0 { " (" (outturn.violations()) " / " (outturn.told()) ")" }
                    }
                    p.soft {
                        (visit.t("Of its obligations that were met or violated, those violated: met late, overdue or breached. What is pending, due soon, undetermined or waived is left out. As the last check found, ", "在已完成或已违反的义务中，违反者（逾期完成、逾期、违反）所占比例；未到期、即将到期、待定与已豁免者不计。取自上次检查："))
                        (as_of.show(self.rules.zone)) (visit.t(".", "。"))
                    }
                }
                None if visit.who.as_ref().is_some_and(|who| !who.scope.sites.is_empty()) => {
                    p.soft { (visit.t("The fire rate is counted over all sites, and your account sees some.", "违反率按全部地点统计，而您的账户只看部分地点。")) }
                }
                None => { p.soft { (visit.t("No check has run yet.", "尚未运行检查。")) } }
            }
        }
    }

    fn versions(&self) -> Markup {
        let visit = self.visit;
        let zone = self.rules.zone;
        html! {
            @for (number, wording) in self.wordings.iter().enumerate() {
                @let clause = self.all.iter().find(|clause| clause.properties.place == wording.place);
                details.card open[self.wordings.len() == 1 || wording.place == self.now.properties.place] {
                    summary {
                        (number + 1) ". "
                        @if let Some(clause) = clause {
                            (visit.t("from ", "自 ")) (clause.from.show(zone))
                            @if let Some(until) = clause.until { (visit.t(" until ", " 至 ")) (until.show(zone)) }
                            @if clause.is_to_come(visit.now) { " " span.badge { (visit.t("to come", "尚未生效")) } }
                        }
                        " · " (local(visit, &wording.place.file.path)) ":" (wording.first)
                    }
                    pre { code { (wording.lines) } }
                }
            }
            @if self.wordings.is_empty() { p.soft { (visit.t("Its text is not at hand.", "没有其文本。")) } }
        }
    }

    fn documentation(&self) -> Markup {
        let Some(form) = FORMS.iter().find(|form| form.name == self.now.form) else { return html! {} };
        let (en, zh) = form.documentation();
        html! {
            details.card {
                summary { (self.visit.t("How this form works", "此形式的说明")) }
                pre { (self.lang().pick(&en, &zh)) }
            }
        }
    }
}
