//! *Runs*: each check of all cases, what it changed, how long it took, and by which policies.

use maud::{Markup, html};

use super::case::clause_path;
use crate::{
    account::Power,
    desk::Deed,
    lang::Text,
    policy::sources::Sources,
    report::sheet::Cell,
    store::{FindingKey, Outgoing, Run, hex},
    time::Instant,
    web::{
        fields::segment,
        layout::{csrf, done, page},
        sight::sees_row,
        table::{Table, Td},
        visit::{Answer, Refusal, Reply, Visit},
    },
};

/// Runs of a page.
const RUNS: usize = 60;
/// Changed findings of a page.
const CHANGES: usize = 200;

/// The list.
pub fn show(visit: &Visit<'_>) -> Answer {
    let rules = visit.app.rules();
    let runs = visit.app.store()?.last_runs(RUNS + 1)?;
    let mut table = Table::new(
        visit.t("Runs", "运行"),
        visit.lang,
        &[
            ("run", "Run", "运行"),
            ("as_of", "As of", "截至"),
            ("recorded", "Recorded", "记录时间"),
            ("cases", "Cases", "个案"),
            ("judged", "Judged again", "重新判断"),
            ("new", "New", "新增"),
            ("cleared", "Cleared", "消除"),
            ("reopened", "Back", "再现"),
            ("took", "Took (ms)", "耗时（毫秒）"),
            ("policies", "Policies", "策略"),
            ("note", "Note", "备注"),
        ],
    );
    for (place, run) in runs.iter().enumerate().take(RUNS) {
        let before = runs.get(place + 1);
        let changed = before.is_some_and(|before| before.policies != run.policies);
        let note = match (run.fallback, changed) {
            (true, _) => visit.t("the last good policies, since those on disk did not load", "磁盘上的策略无法加载，使用上次有效的策略"),
            (false, true) => visit.t("the policies changed", "策略有变化"),
            _ => "",
        };
        table.push(vec![
            Td::link(run.id, format!("/runs/{}", run.id)),
            Cell::Instant(run.as_of, rules.zone).into(),
            Cell::Instant(run.at, rules.zone).into(),
            run.cases.into(),
            run.judged.into(),
            run.opened.len().into(),
            run.cleared.len().into(),
            run.reopened.len().into(),
            run.millis.into(),
            short(run).into(),
            note.into(),
        ]);
    }
    if let Some(format) = Table::asked(visit, "runs") {
        return table.file(format, "runs");
    }
    let title = visit.t("Runs", "运行");
    let main = html! {
        h1 { (title) }
        (done(visit))
        @if visit.may(Power::Run) {
            form.line method="post" action="/runs" {
                (csrf(visit))
                button.main { (visit.t("Run the check now", "立即运行检查")) }
                label.check { input type="checkbox" name="full" value="1"; (visit.t("judge every case again", "重新判断全部个案")) }
            }
        }
        (table.html(visit.lang))
        (Table::ways_out(visit, "runs"))
        (unsent(visit)?)
    };
    Ok(page(visit, title, main))
}

/// Notices that could not be sent, for those who may have them sent again.
fn unsent(visit: &Visit<'_>) -> Result<Markup, Refusal> {
    let lost: Vec<_> = if visit.may(Power::Run) { visit.app.store()?.unsent(Instant::MAX)? } else { Vec::new() };
    let lost: Vec<_> = lost.into_iter().filter(Outgoing::is_given_up).collect();
    Ok(html! {
        @if !lost.is_empty() {
            h2 { (visit.t("Notices that did not arrive", "未送达的通知")) }
            @for notice in &lost {
                form.line.card method="post" action=(format!("/notices/{}", segment(&notice.envelope.id))) {
                    (csrf(visit))
                    span { (notice.envelope.subject) " · " (notice.envelope.channel) " · " (notice.envelope.person.as_deref().or(notice.envelope.role.as_deref()).unwrap_or("")) }
                    button { (visit.t("Send again", "重新发送")) }
                }
            }
        }
    })
}

/// The beginning of the hash of a run's policies.
fn short(run: &Run) -> String {
    hex(run.policies.get(..6).unwrap_or(&run.policies))
}

/// One run.
pub fn one(visit: &Visit<'_>) -> Answer {
    let rules = visit.app.rules();
    let who = visit.account()?;
    let missing = || Refusal::Missing(Text::new("there is no such run", "没有此次运行"));
    let id: u64 = visit.param("run").parse().map_err(|_| missing())?;
    let board = visit.app.board();
    let store = visit.app.store()?;
    let run = store.run(id)?.ok_or_else(missing)?;
    let changes: Vec<(&str, &str, &FindingKey)> =
        [(&run.opened, "new", "新增"), (&run.reopened, "back", "再现"), (&run.cleared, "cleared", "消除")]
            .into_iter()
            .flat_map(|(list, en, zh)| list.iter().map(move |key| (en, zh, key)))
            .filter(|(_, _, key)| sees_row(&board, who, key))
            .collect();
    let out = Table::asked(visit, "changes");
    let from = if out.is_some() { 0 } else { visit.query.number("page", 1).saturating_sub(1) * CHANGES };
    let size = if out.is_some() { usize::MAX } else { CHANGES };
    let mut table = Table::new(
        visit.t("What it changed", "变化"),
        visit.lang,
        &[
            ("change", "Change", "变化"),
            ("case", "Case", "个案"),
            ("clause", "Clause", "条款"),
            ("title", "Duty", "义务"),
            ("instance", "Of", "对象"),
        ],
    );
    for (en, zh, key) in changes.iter().skip(from).take(size) {
        let case = match (&key.case, &key.group) {
            (Some(case), _) => Td::link(case.clone(), format!("/case/{}", segment(case))),
            (None, group) => group.clone().into(),
        };
        let title = super::today::clause_title(visit, &rules, &key.clause);
        table.push(vec![
            visit.t(en, zh).into(),
            case,
            Td::link(key.clause.clone(), clause_path(&key.clause)),
            title.into(),
            key.instance.clone().into(),
        ]);
    }
    if let Some(format) = out {
        return table.file(format, "changes");
    }
    let files = store.content(&run.policies)?.and_then(|content| Sources::from_bytes(&content.bytes));
    let title = format!("{} {}", visit.t("Run", "运行"), run.id);
    let main = html! {
        h1 { (title) }
        div.two {
            div.card { (figures(visit, &run, rules.zone)) }
            div.card {
                h3 { (visit.t("Policies", "策略")) }
                p { code { (hex(&run.policies)) } }
                @if let Some(files) = files {
                    details { summary { (files.files.len()) " " (visit.t("files, kept with the run", "个文件，随运行保存")) }
                        ul.plain { @for file in &files.files { li { code { (file.file.path) } } } }
                    }
                }
            }
        }
        h2 #list { (visit.t("What it changed", "变化")) " (" (changes.len()) ")" }
        (table.html(visit.lang))
        @if changes.len() > CHANGES {
            div.pages {
                @if from > 0 { a href=(format!("{}{}#list", visit.path, visit.query.with("page", &(from / CHANGES).to_string()).query())) { (visit.t("Previous", "上一页")) } }
                @if from + CHANGES < changes.len() { a href=(format!("{}{}#list", visit.path, visit.query.with("page", &(from / CHANGES + 2).to_string()).query())) { (visit.t("Next", "下一页")) } }
            }
        }
        (Table::ways_out(visit, "changes"))
    };
    Ok(page(visit, &title, main))
}

fn figures(visit: &Visit<'_>, run: &Run, zone: crate::time::Zone) -> Markup {
    let states = crate::finding::State::ALL.iter().filter_map(|state| run.counts.get(state.word()).map(|count| (state.label(), *count)));
    html! {
        dl.facts {
            dt { (visit.t("As of", "截至")) } dd { (run.as_of.show(zone)) }
            dt { (visit.t("Recorded", "记录时间")) } dd { (run.at.show(zone)) }
            dt { (visit.t("Cases", "个案")) } dd { (run.cases) " (" (run.judged) " " (visit.t("judged again", "重新判断")) ")" }
            dt { (visit.t("Took", "耗时")) } dd { (run.millis) " ms" }
            @for (label, count) in states { dt { (label.get(visit.lang)) } dd { (count) } }
        }
    }
}

/// Runs the check.
pub fn run(visit: &Visit<'_>) -> Answer {
    let run = visit.app.run(visit.form.get("full").is_some())?;
    visit.app.act(&visit.account()?.name, visit.via, Deed::Ran(run.id))?;
    Ok(Reply::see(format!("/runs/{}?done=ran", run.id)))
}
