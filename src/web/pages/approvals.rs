//! *Approvals*: chains that wait, and whose turn it is.

use std::collections::BTreeMap;

use maud::html;

use super::today::{list, pages, words};
use crate::{
    app::board::{Choice, Item, Section, Sort, Stands, Whose},
    report::sheet::Cell,
    web::{
        layout::page,
        table::{Table, Td},
        visit::{Answer, Visit},
    },
};

const SIZE: usize = 50;

/// The page.
pub fn show(visit: &Visit<'_>) -> Answer {
    let rules = visit.app.rules();
    let who = visit.account()?;
    let board = visit.app.board();
    let view = visit.app.view(&board, &rules, who, visit.now);
    let org = &rules.set.org;
    let choice = Choice { form: Some("approval".to_owned()), ..super::today::choice(visit, &rules)? };
    // What is broken already waits for nobody's approval any more, unless the rule allows one afterwards: that is overdue.
    let mut turns: BTreeMap<(String, String), [u64; 3]> = BTreeMap::new();
    let mut waiting: Vec<(&Item, Stands)> = Vec::new();
    view.each(&choice, org, |item, stands| {
        let Some(role) = item.role else { return };
        let role = board.roles.name(role).to_owned();
        let people = match view.whose(item) {
            Whose::Person(person) => board.people.name(person).to_owned(),
            _ => org.people(&role, visit.now).join(visit.t(", ", "、")),
        };
        let counts = turns.entry((role, people)).or_default();
        let place = match view.present.section(item, stands) {
            Section::Overdue => 0,
            Section::Today | Section::Week => 1,
            _ => 2,
        };
        if let Some(count) = counts.get_mut(place) {
            *count += 1;
        }
        waiting.push((item, stands));
    });
    let mut table = Table::new(
        visit.t("Whose turn", "轮到谁"),
        visit.lang,
        &[
            ("role", "Role", "角色"),
            ("people", "People", "人员"),
            ("overdue", "Overdue or broken", "逾期或违反"),
            ("week", "Due this week", "本周到期"),
            ("later", "Later, or without a limit", "以后或无期限"),
        ],
    );
    for ((role, people), [overdue, week, later]) in &turns {
        let href = format!("/approvals{}#list", visit.query.with("role", role).query());
        table.push(vec![
            Td::link(org.label(role).get(visit.lang), href),
            people.clone().into(),
            Cell::from(*overdue).into(),
            Cell::from(*week).into(),
            Cell::from(*later).into(),
        ]);
    }
    if let Some(format) = Table::asked(visit, "turns") {
        return table.file(format, "turns");
    }
    let out = Table::asked(visit, "approvals");
    let (from, size) = if out.is_some() { (0, usize::MAX) } else { (visit.query.number("page", 1).saturating_sub(1) * SIZE, SIZE) };
    let rows = view.page(&choice, org, Sort::Pressing, from, size);
    let words = words(visit, &rules, &view, &rows.rows)?;
    let chains = list(visit, &rules, &view, &rows.rows, &words, false);
    if let Some(format) = out {
        return chains.file(format, "approvals");
    }
    let title = visit.t("Approvals", "审批");
    let main = html! {
        h1 { (title) }
        p.soft { (visit.t("Chains that wait for an approval, and whose turn it is. What was done before its approvals were there stands here until it is mended.", "等待批准的审批链，以及轮到谁。未经批准即已执行的事项在补救之前也列于此。")) }
        h2 { (visit.t("Whose turn", "轮到谁")) }
        div data-live="turns" { (table.html(visit.lang)) (Table::ways_out(visit, "turns")) }
        h2 #list { (visit.t("Chains", "审批链")) }
        div data-live="chains" {
            (pages(visit, rows.total, from))
            (chains.html(visit.lang))
            (pages(visit, rows.total, from))
            (Table::ways_out(visit, "approvals"))
        }
    };
    Ok(page(visit, title, main))
}
