//! *Clauses*: all of them, with how often each fires.

use std::collections::{BTreeMap, HashMap};

use maud::{Markup, html};

use super::{case::clause_path, today::pages_of};
use crate::{
    app::{
        board::{By, Choice, Group, Section, Sums},
        clausefile::{Outturn, outturns},
    },
    form::FORMS,
    policy::{Clause, PolicySet, clause::Severity},
    report::sheet::Cell,
    time::Instant,
    web::{
        layout::page,
        state::Rules,
        table::{Table, Td},
        visit::{Answer, Refusal, Visit},
    },
};

/// Rows of a page.
const SIZE: usize = 100;

/// A clause with all its versions and kinds.
pub struct Row<'r> {
    /// `policy/article`.
    pub id: &'r str,
    /// The version that holds now; the newest where none does.
    pub clause: &'r Clause,
    /// The kinds that it is for.
    pub kinds: Vec<&'r str>,
}

/// The clause of an id that holds at an instant, over kinds the first; the newest where none does.
pub fn in_force<'r>(clauses: &[&'r Clause], now: Instant) -> Option<&'r Clause> {
    let holds = |clause: &&&Clause| clause.from <= now && clause.until.is_none_or(|until| now < until);
    clauses.iter().find(holds).or(clauses.last()).copied()
}

/// All clauses that somebody may see, in order of the files.
pub fn rows(set: &PolicySet, now: Instant, sees: impl Fn(&str) -> bool) -> Vec<Row<'_>> {
    let mut by_id: HashMap<&str, Vec<&Clause>> = HashMap::new();
    for clause in &set.clauses {
        by_id.entry(&clause.properties.id).or_default().push(clause);
    }
    let mut rows = Vec::new();
    for id in set.clause_ids() {
        let all = by_id.get(id).map_or(&[][..], Vec::as_slice);
        let Some(clause) = in_force(all, now).filter(|clause| sees(&clause.properties.policy)) else { continue };
        let mut kinds: Vec<&str> = all.iter().filter_map(|clause| set.kinds.get(clause.kind)).map(|kind| kind.name.as_str()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        rows.push(Row { id, clause, kinds });
    }
    rows
}

/// What a person calls a kind.
pub fn kind_label(visit: &Visit<'_>, set: &PolicySet, kind: &str) -> String {
    set.kind(kind).map_or_else(|| kind.to_owned(), |(_, known)| known.label.get(visit.lang).to_owned())
}

/// The title of a form.
pub fn form_label(visit: &Visit<'_>, form: &str) -> String {
    FORMS.iter().find(|known| known.name == form).map_or(form, |known| visit.t(known.title.0, known.title.1)).to_owned()
}

/// The title of a policy.
pub fn policy_title(visit: &Visit<'_>, set: &PolicySet, policy: &str) -> String {
    set.editions.iter().rev().find(|edition| edition.id == policy).map_or(policy, |edition| edition.title.get(visit.lang)).to_owned()
}

/// The figures beside the clauses.
struct Figures {
    /// Of the last run, and for which instant it judged; `None` before the first, and for who sees some sites only.
    run: Option<(Instant, HashMap<String, Outturn>)>,
    /// What is not met now.
    unmet: HashMap<String, Sums>,
}

impl Figures {
    fn read(visit: &Visit<'_>, rules: &Rules) -> Result<Self, Refusal> {
        let who = visit.account()?;
        let run = if who.scope.sites.is_empty() { outturns(&*visit.app.store()?)? } else { None };
        let board = visit.app.board();
        let view = visit.app.view(&board, rules, who, visit.now);
        let groups = view.groups(&Choice::default(), &rules.set.org, By::Clause);
        let named = |group: Group| match group {
            Group::Name(number) => usize::try_from(number).ok().and_then(|at| board.clauses.get(at)).map(|row| row.id.clone()),
            _ => None,
        };
        Ok(Self { run, unmet: groups.into_iter().filter_map(|(group, sums)| Some((named(group)?, sums))).collect() })
    }

    fn outturn(&self, id: &str) -> Option<Outturn> {
        self.run.as_ref().map(|(_, map)| map.get(id).copied().unwrap_or_default())
    }

    fn open(&self, id: &str) -> u64 {
        self.unmet.get(id).map_or(0, |sums| sums.of(Section::Overdue))
    }
}

fn is_chosen(visit: &Visit<'_>, row: &Row<'_>) -> bool {
    let query = &visit.query;
    let properties = &row.clause.properties;
    let text = query.get("text").map(str::to_lowercase);
    let says = |text: &String| {
        [row.id, &properties.title.en, &properties.title.zh, &properties.says.en, &properties.says.zh, &properties.article]
            .iter()
            .any(|said| said.to_lowercase().contains(text.as_str()))
    };
    query.get("policy").is_none_or(|policy| properties.policy == policy)
        && query.get("form").is_none_or(|form| row.clause.form == form)
        && query.get("severity").is_none_or(|severity| properties.severity.word() == severity)
        && query.get("kind").is_none_or(|kind| row.kinds.contains(&kind))
        && text.as_ref().is_none_or(says)
}

fn sort(visit: &Visit<'_>, rows: &mut [Row<'_>], figures: &Figures) {
    match visit.query.get("sort") {
        Some("open") => rows.sort_by_key(|row| std::cmp::Reverse(figures.open(row.id))),
        Some("rate") => rows.sort_by_key(|row| std::cmp::Reverse(figures.outturn(row.id).and_then(|outturn| outturn.rate()))),
        Some("severity") => rows.sort_by_key(|row| std::cmp::Reverse(row.clause.properties.severity)),
        _ => {}
    }
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Answer {
    let rules = visit.app.rules();
    let who = visit.account()?;
    let all = rows(&rules.set, visit.now, |policy| who.scope.has_policy(policy));
    let filters = filters(visit, &rules.set, &all);
    let figures = Figures::read(visit, &rules)?;
    let mut chosen: Vec<Row<'_>> = all.into_iter().filter(|row| is_chosen(visit, row)).collect();
    sort(visit, &mut chosen, &figures);
    if let Some(format) = Table::asked(visit, "clauses") {
        return table(visit, &rules, &chosen, &figures).file(format, "clauses");
    }
    let from = visit.query.number("page", 1).saturating_sub(1).saturating_mul(SIZE);
    let total = chosen.len();
    let some: Vec<Row<'_>> = chosen.into_iter().skip(from).take(SIZE).collect();
    let title = visit.t("Clauses", "条款");
    let main = html! {
        h1 { (title) }
        (filters)
        div #list data-live="clauses" {
            (note(visit, &rules, &figures))
            (pages_of(visit, total, from, SIZE))
            (table(visit, &rules, &some, &figures).html(visit.lang))
            (pages_of(visit, total, from, SIZE))
            (Table::ways_out(visit, "clauses"))
        }
    };
    Ok(page(visit, title, main))
}

fn note(visit: &Visit<'_>, rules: &Rules, figures: &Figures) -> Markup {
    html! {
        p.soft {
            @match &figures.run {
                Some((as_of, _)) => {
                    (visit.t("Open violations are those of this moment. Obligations and rates are of the last check, ", "未了违反为当前数；义务数与违反率取自上次检查："))
                    (as_of.show(rules.zone))
                    (visit.t(": of those that were met or violated, the share that was violated.", "。违反率为已完成或已违反的义务中违反者所占比例。"))
                }
                None if visit.who.as_ref().is_some_and(|who| !who.scope.sites.is_empty()) => {
                    (visit.t("Obligations and rates are counted over all sites, and your account sees some: they are left out.", "义务数与违反率按全部地点统计，而您的账户只看部分地点，故不显示。"))
                }
                None => { (visit.t("No check has run yet: there are no figures.", "尚未运行检查，没有数字。")) }
            }
        }
    }
}

fn table(visit: &Visit<'_>, rules: &Rules, rows: &[Row<'_>], figures: &Figures) -> Table {
    let columns = [
        ("clause", "Clause", "条款"),
        ("title", "Duty", "义务"),
        ("form", "Form", "形式"),
        ("kind", "Kind of case", "个案种类"),
        ("owner", "Owner", "责任角色"),
        ("severity", "Severity", "严重程度"),
        ("obligations", "Obligations", "义务数"),
        ("open", "Open violations", "未了违反"),
        ("rate", "Fire rate, %", "违反率 %"),
    ];
    let mut table = Table::new(visit.t("Clauses", "条款"), visit.lang, &columns);
    for row in rows {
        let properties = &row.clause.properties;
        let title = properties.title.get(visit.lang);
        let inactive = row.clause.inactive.is_some();
        let shown = html! { (title) @if inactive { " " span.badge { (visit.t("inactive", "未启用")) } } };
        let outturn = figures.outturn(row.id);
        let kinds = row.kinds.iter().map(|kind| kind_label(visit, &rules.set, kind)).collect();
        let open = figures.open(row.id);
        let choice = crate::web::fields::Fields::default().with("clause", row.id).with("section", "overdue").query();
        table.push(vec![
            Td::link(row.id, clause_path(row.id)),
            Td::shown(title, shown),
            form_label(visit, row.clause.form).into(),
            Cell::List(kinds).into(),
            rules.set.org.label(&properties.owner).get(visit.lang).into(),
            visit.t(properties.severity.word(), properties.severity.zh()).into(),
            Td::from(outturn.map(|outturn| outturn.all())),
            if open > 0 { Td::link(open, format!("/{choice}#list")) } else { open.into() },
            Td::from(outturn.and_then(|outturn| outturn.rate())),
        ]);
    }
    table
}

fn filters(visit: &Visit<'_>, set: &PolicySet, rows: &[Row<'_>]) -> Markup {
    let named = |names: Vec<&str>, label: &dyn Fn(&str) -> String| -> BTreeMap<String, String> {
        names.into_iter().map(|name| (name.to_owned(), label(name))).collect()
    };
    let policies = named(rows.iter().map(|row| row.clause.properties.policy.as_str()).collect(), &|id| policy_title(visit, set, id));
    let forms = named(rows.iter().map(|row| row.clause.form).collect(), &|form| form_label(visit, form));
    let kinds = named(rows.iter().flat_map(|row| row.kinds.iter().copied()).collect(), &|kind| kind_label(visit, set, kind));
    let select = |name: &str, label: &str, options: &mut dyn Iterator<Item = (String, String)>| {
        let chosen = visit.query.get(name);
        html! { label { (label) select name=(name) {
            option value="" { (visit.t("all", "全部")) }
            @for (value, shown) in options { option value=(value) selected[chosen == Some(value.as_str())] { (shown) } }
        } } }
    };
    let severities = Severity::WORDS.iter().map(|(word, severity)| ((*word).to_owned(), visit.t(word, severity.zh()).to_owned()));
    let sorts = [
        ("", "policy", "策略"),
        ("open", "open violations", "未了违反"),
        ("rate", "fire rate", "违反率"),
        ("severity", "severity", "严重程度"),
    ];
    html! {
        form.line.card method="get" action="/clauses" role="search" aria-label=(visit.t("Filter", "筛选")) {
            label { (visit.t("Text", "文字")) input type="search" name="text" value=(visit.query.get("text").unwrap_or("")) size="14"; }
            (select("policy", visit.t("Policy", "策略"), &mut policies.into_iter()))
            (select("form", visit.t("Form", "形式"), &mut forms.into_iter()))
            (select("severity", visit.t("Severity", "严重程度"), &mut severities.into_iter()))
            (select("kind", visit.t("Kind of case", "个案种类"), &mut kinds.into_iter()))
            label { (visit.t("Sort by", "排序")) select name="sort" {
                @for (word, en, zh) in sorts { option value=(word) selected[visit.query.get("sort").unwrap_or("") == word] { (visit.t(en, zh)) } }
            } }
            button.main { (visit.t("Show", "显示")) }
            a href="/clauses" { (visit.t("Clear", "清除")) }
        }
    }
}
