//! *Audit*: what everybody did, the newest first.

use maud::html;

use super::case::told;
use crate::{
    desk::{Act, Deed},
    report::sheet::Cell,
    web::{
        fields::segment,
        layout::page,
        table::{Table, Td},
        visit::{Answer, Visit},
    },
};

/// Acts of a page.
const SIZE: usize = 100;
/// Acts that are taken out at most.
const MOST_OUT: usize = 1_000_000;

/// The page.
pub fn show(visit: &Visit<'_>) -> Answer {
    let who = visit.account()?;
    let before = visit.query.get("before").and_then(|text| text.parse().ok()).unwrap_or(u64::MAX);
    if let Some(format) = Table::asked(visit, "audit") {
        let acts = visit.app.store()?.acts(before, MOST_OUT)?;
        visit.app.act(&who.name, visit.via, Deed::Exported(format!("audit.{format}: {}", acts.len())))?;
        return table(visit, &acts).file(format, "audit");
    }
    let acts = visit.app.store()?.acts(before, SIZE)?;
    let title = visit.t("Audit", "审计");
    let older = acts.last().filter(|_| acts.len() == SIZE).map(|act| act.seq);
    let main = html! {
        h1 { (title) }
        p.soft { (visit.t("Each act is an entry of the journal; `duly audit verify` shows that none was changed or taken out.", "每项操作都是日志中的一条记录；`duly audit verify` 可证明无一被改动或删除。")) }
        (table(visit, &acts).html(visit.lang))
        div.pages {
            @if before != u64::MAX { a href="/audit" { (visit.t("The newest", "最新")) } }
            @if let Some(older) = older { a href=(format!("/audit{}", visit.query.with("before", &older.to_string()).query())) rel="next" { (visit.t("Older", "更早")) } }
        }
        (Table::ways_out(visit, "audit"))
    };
    Ok(page(visit, title, main))
}

fn table(visit: &Visit<'_>, acts: &[Act]) -> Table {
    let zone = visit.app.rules().zone;
    let columns = [
        ("entry", "Entry", "条目"),
        ("at", "When", "时间"),
        ("by", "By", "人员"),
        ("via", "Way", "途径"),
        ("case", "Case", "个案"),
        ("what", "What", "内容"),
    ];
    let mut table = Table::new(visit.t("Audit", "审计"), visit.lang, &columns).with_caption(visit.t("The newest first", "最新在前"));
    for act in acts {
        let case = act.deed.case().map(|case| Td::link(case, format!("/case/{}", segment(case))));
        table.push(vec![
            i64::try_from(act.seq).unwrap_or(i64::MAX).into(),
            Cell::Instant(act.at, zone).into(),
            act.by.clone().into(),
            act.via.clone().into(),
            case.unwrap_or_default(),
            told(&act.deed, zone).get(visit.lang).to_owned().into(),
        ]);
    }
    table
}
