//! *Waivers*: asked for, active, soon to end, of no use, and ended while the violation still stands.

use maud::{Markup, html};

use super::{
    case::clause_path,
    deeds::{check_ask, seen_case},
    today::clause_title,
};
use crate::{
    account::{Account, Power, Rank},
    app::{
        board::{Board, Item},
        clock,
    },
    desk::{Ask, Deed},
    finding::State,
    lang::Text,
    report::sheet::Cell,
    store::Waiver,
    time::Instant,
    web::{
        fields::segment,
        layout::{csrf, done, page},
        sight::sees_duty,
        state::Rules,
        table::{Table, Td},
        visit::{Answer, Refusal, Reply, Visit},
    },
};

/// A waiver ends soon when it ends within a fortnight.
const SOON: i64 = 14 * 86_400_000;

/// How a waiver stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It begins later.
    ToCome,
    /// It holds, and something is waived by it.
    Active,
    /// It holds, and ends soon.
    Expiring,
    /// It holds, and nothing is waived by it.
    Unused,
    /// It ended, and what it was for is violated.
    Violated,
    /// It ended.
    Ended,
}

const KINDS: [(Kind, &str, &str); 6] = [
    (Kind::Expiring, "Ends within two weeks", "两周内到期"),
    (Kind::Violated, "Ended, and still violated", "已到期但仍违反"),
    (Kind::Unused, "Of no use: nothing is waived by it", "未被使用"),
    (Kind::Active, "Active", "生效中"),
    (Kind::ToCome, "Still to begin", "尚未开始"),
    (Kind::Ended, "Ended", "已结束"),
];

fn kind(waiver: &Waiver, board: &Board, now: Instant) -> Kind {
    let of = |item: &&Item| {
        board.clause(item).is_some_and(|row| row.id == waiver.clause)
            && waiver.instance.as_deref().is_none_or(|instance| *item.instance == *instance)
    };
    if now < waiver.from {
        Kind::ToCome
    } else if now >= waiver.until {
        let violated = board.of_case(&waiver.case).filter(of).any(|item| item.stands(now).open);
        if violated { Kind::Violated } else { Kind::Ended }
    } else if !board.of_case(&waiver.case).filter(of).any(|item| item.stands(now).state == State::Waived) {
        Kind::Unused
    } else if waiver.until.since(now) <= SOON {
        Kind::Expiring
    } else {
        Kind::Active
    }
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Answer {
    let rules = visit.app.rules();
    let who = visit.account()?;
    let board = visit.app.board();
    let store = visit.app.store()?;
    let mut waivers: Vec<(Kind, Waiver)> = store
        .waivers()?
        .into_iter()
        .filter(|waiver| sees_duty(&board, who, Some(&waiver.case), &waiver.clause))
        .map(|waiver| (kind(&waiver, &board, visit.now), waiver))
        .collect();
    waivers.sort_by_key(|(_, waiver)| waiver.until);
    let asks: Vec<Ask> = store.asks()?.into_iter().filter(|ask| sees_duty(&board, who, Some(&ask.case), &ask.clause)).collect();
    if let Some(format) = Table::asked(visit, "waivers") {
        return table(visit, &rules, waivers.iter().map(|(kind, waiver)| (*kind, waiver))).file(format, "waivers");
    }
    let title = visit.t("Waivers", "豁免");
    let main = html! {
        h1 { (title) }
        (done(visit))
        h2 { (visit.t("Asked for", "待批准")) }
        div.card data-live="asks" {
            @if asks.is_empty() { p.soft { (visit.t("Nothing waits for a decision. A waiver is asked for on the page of its case.", "没有待批准的豁免。可在个案页面申请。")) } }
            @for ask in &asks { (asked(visit, &rules, who, ask)) }
        }
        @for (kind, en, zh) in KINDS {
            @let some: Vec<_> = waivers.iter().filter(|(of, _)| *of == kind).map(|(kind, waiver)| (*kind, waiver)).collect();
            @if !some.is_empty() {
                h2 { (visit.t(en, zh)) " (" (some.len()) ")" }
                (table(visit, &rules, some.into_iter()).html(visit.lang))
            }
        }
        @if waivers.is_empty() { p.soft { (visit.t("No waiver was ever granted.", "从未批准过豁免。")) } }
        (Table::ways_out(visit, "waivers"))
    };
    Ok(page(visit, title, main))
}

fn table<'w>(visit: &Visit<'_>, rules: &Rules, waivers: impl Iterator<Item = (Kind, &'w Waiver)>) -> Table {
    let mut table = Table::new(
        visit.t("Waivers", "豁免"),
        visit.lang,
        &[
            ("id", "Id", "编号"),
            ("state", "State", "状态"),
            ("case", "Case", "个案"),
            ("clause", "Clause", "条款"),
            ("title", "Duty", "义务"),
            ("from", "From", "起"),
            ("until", "Until", "止"),
            ("by", "Asked by", "申请人"),
            ("approved_by", "Approved by", "批准人"),
            ("reason", "Reason", "原因"),
        ],
    );
    for (of, waiver) in waivers {
        let label = KINDS.iter().find(|(kind, ..)| *kind == of).map_or("", |(_, en, zh)| visit.t(en, zh));
        table.push(vec![
            waiver.id.clone().into(),
            label.into(),
            Td::link(waiver.case.clone(), format!("/case/{}", segment(&waiver.case))),
            Td::link(waiver.clause.clone(), clause_path(&waiver.clause)),
            clause_title(visit, rules, &waiver.clause).into(),
            Cell::Instant(waiver.from, rules.zone).into(),
            Cell::Instant(waiver.until, rules.zone).into(),
            waiver.by.clone().into(),
            waiver.approved_by.clone().into(),
            waiver.reason.clone().into(),
        ]);
    }
    table
}

fn asked(visit: &Visit<'_>, rules: &Rules, who: &Account, ask: &Ask) -> Markup {
    html! {
        section.obligation {
            h3 { a href=(format!("/case/{}", segment(&ask.case))) { (ask.case) } " · " (clause_title(visit, rules, &ask.clause)) " " a.soft href=(clause_path(&ask.clause)) { (ask.clause) } }
            p { (ask.reason) }
            p.soft {
                (ask.by) (visit.t(" asks ", " 向 ")) (ask.approver) (visit.t(" to waive it from ", " 申请豁免，自 ")) (ask.from.show(rules.zone)) (visit.t(" until ", " 至 ")) (ask.until.show_due(rules.zone))
                @if let Some(instance) = &ask.instance { " [" (instance) "]" }
            }
            @if may_decide(who, ask) {
                form.line method="post" action=(format!("/waivers/{}", segment(&ask.id))) {
                    (csrf(visit))
                    button.main name="do" value="grant" { (visit.t("Grant", "批准")) }
                    button name="do" value="refuse" { (visit.t("Refuse", "驳回")) }
                }
            } @else if who.name == ask.by {
                form.line method="post" action=(format!("/waivers/{}", segment(&ask.id))) { (csrf(visit)) button name="do" value="refuse" { (visit.t("Take back", "撤回申请")) } }
            }
        }
    }
}

/// Whether somebody may decide: who was named, or an administrator, and never who asked.
pub fn may_decide(who: &Account, ask: &Ask) -> bool {
    let policy = ask.clause.split('/').next().unwrap_or("");
    who.rank.may(Power::Waive)
        && who.name != ask.by
        && who.scope.has_policy(policy)
        && (who.name == ask.approver || who.rank == Rank::Admin)
}

/// Decides on what was asked for.
pub fn decide(visit: &Visit<'_>) -> Answer {
    let grant = match visit.form.get("do") {
        Some("grant") => true,
        Some("refuse") => false,
        _ => return Err(Refusal::Wrong(Text::new("nothing was asked for", "未指定操作"))),
    };
    settle(visit, visit.param("ask"), grant)?;
    Ok(Reply::see(if grant { "/waivers?done=granted" } else { "/waivers?done=refused" }))
}

/// Grants or refuses; gives what was asked for, and the waiver when it is granted.
pub fn settle(visit: &Visit<'_>, id: &str, grant: bool) -> Result<(Ask, Option<Waiver>), Refusal> {
    let who = visit.account()?;
    let missing = || Refusal::Missing(Text::new("it is not asked for any more", "该申请已不存在"));
    let ask = visit.app.store()?.ask(id)?.ok_or_else(missing)?;
    let rules = visit.app.rules();
    seen_case(visit, &rules, &ask.case)?;
    let own = who.name == ask.by && !grant;
    if !own && !may_decide(who, &ask) {
        return Err(Refusal::Forbidden);
    }
    if !grant {
        let deed = Deed::Decided { ask: ask.clone(), waiver: None };
        // Somebody may have decided in the meantime.
        let done = visit.app.change(|store| match store.ask(id)? {
            Some(_) => store.add_act(&who.name, visit.via, deed, clock::now()).map(|_| true),
            None => Ok(false),
        })?;
        return if done { Ok((ask, None)) } else { Err(missing()) };
    }
    // The rules may have changed since it was asked for.
    check_ask(visit, &rules.set, &ask)?;
    let waiver = visit.app.change(|store| store.grant(id, &who.name, visit.via, clock::now()))?.ok_or_else(missing)?;
    visit.app.touched(std::slice::from_ref(&waiver.case))?;
    Ok((ask, Some(waiver)))
}
