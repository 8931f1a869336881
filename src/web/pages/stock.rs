//! *Stock*: what is below its minimum or safety level or outside another level, and what to order.

use maud::html;

use super::{
    case::{clause_path, shown_value},
    today::{badge, clause_title, mover, pages, words},
};
use crate::{
    app::board::{Choice, Sort},
    report::sheet::Cell,
    value::Type,
    web::{
        fields::segment,
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
    // Kinds with levels, those that are always there first: spare parts come before contracts.
    let mut kinds: Vec<(bool, String, String)> = rules
        .set
        .clauses
        .iter()
        .filter(|clause| clause.form == "threshold" && who.scope.has_policy(&clause.properties.policy))
        .filter_map(|clause| rules.set.kinds.get(clause.kind))
        .map(|kind| (!kind.standing, kind.name.clone(), kind.label.get(visit.lang).to_owned()))
        .collect();
    kinds.sort();
    kinds.dedup();
    let kind = visit.query.get("kind").map(str::to_owned);
    let choice = Choice { form: Some("threshold".to_owned()), kind: kind.clone(), ..super::today::choice(visit, &rules)? };
    let out = Table::asked(visit, "stock");
    let (from, size) = if out.is_some() { (0, usize::MAX) } else { (visit.query.number("page", 1).saturating_sub(1) * SIZE, SIZE) };
    let rows = view.page(&choice, org, Sort::Pressing, from, size);
    let words = words(visit, &rules, &view, &rows.rows)?;
    let mut table = Table::new(
        visit.t("Stock and levels", "库存与限值"),
        visit.lang,
        &[
            ("state", "State", "状态"),
            ("case", "Case", "个案"),
            ("level", "Level", "限值"),
            ("how", "How it stands", "现状"),
            ("figures", "Figures", "数值"),
            ("next", "What to do", "如何处理"),
            ("mover", "Whose move", "责任人"),
            ("since", "Since", "起"),
        ],
    );
    let store = visit.app.store_now();
    for (item, stands) in &rows.rows {
        let key = board.key(item);
        let told = words.get(&key);
        let mut figures = Vec::new();
        if let (Some(store), Some(case)) = (&store, &key.case)
            && let Some(record) = store.case(case)?
            && let Some((_, kind)) = rules.set.kind(&record.kind)
        {
            let mut values = record.facts.first().map(|set| set.values.clone()).unwrap_or_default();
            let changes = record.facts.iter().skip(1).map(|set| &set.values);
            let told = record
                .events
                .iter()
                .filter(|told| told.event.kind == crate::case::FACTS && told.retracted.is_none() && told.event.at <= visit.now);
            changes.chain(told.map(|told| &told.event.data)).for_each(|change| values.extend(change.clone()));
            for (name, value) in &values {
                let decl =
                    kind.fact(name).and_then(|slot| kind.facts.get(slot)).filter(|decl| matches!(decl.kind, Type::Integer | Type::Decimal));
                if let Some(decl) = decl {
                    figures.push(format!("{}: {}", decl.label.get(visit.lang), shown_value(value, Some(decl), rules.zone, visit.lang)));
                }
            }
        }
        table.push(vec![
            Td::shown(stands.state.label().get(visit.lang), badge(visit, stands.state)),
            key.case.as_ref().map_or_else(Td::default, |case| Td::link(case.clone(), format!("/case/{}", segment(case)))),
            Td::link(clause_title(visit, &rules, &key.clause), clause_path(&key.clause)),
            told.map(|told| told.message.get(visit.lang).to_owned()).into(),
            figures.join(visit.t("; ", "；")).into(),
            told.and_then(|told| told.next_action.as_ref()).map(|action| action.text.get(visit.lang).to_owned()).into(),
            mover(visit, &rules, &view, item).into(),
            told.and_then(|told| told.since).or(item.due).map(|at| Cell::Instant(at, rules.zone)).into(),
        ]);
    }
    if let Some(format) = out {
        return table.file(format, "stock");
    }
    let title = visit.t("Stock and levels", "库存与限值");
    let main = html! {
        h1 { (title) }
        p.soft { (visit.t("What is below its minimum or safety level, above its maximum, or outside another level that a clause sets; and what to order.", "低于最低或安全库存、高于上限，或超出条款所定其他限值的事项；以及应订购的数量。")) }
        ul.tabs {
            li { a href="/stock" aria-current=[kind.is_none().then_some("true")] { (visit.t("All", "全部")) } }
            @for (_, name, label) in &kinds {
                li { a href=(format!("/stock{}", visit.query.with("kind", name).query())) aria-current=[(kind.as_deref() == Some(name)).then_some("true")] { (label) } }
            }
        }
        div #list data-live="stock" {
            (pages(visit, rows.total, from))
            (table.html(visit.lang))
            (pages(visit, rows.total, from))
            (Table::ways_out(visit, "stock"))
        }
    };
    Ok(page(visit, title, main))
}
