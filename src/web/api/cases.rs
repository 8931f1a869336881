//! Stored cases: which there are, each as it was recorded, and taking them in.

use serde_json::{Value, json};

use super::{
    intake::{Of, Outcome, take},
    sent,
};
use crate::{
    app::board::site_of_record,
    case::Case,
    ingest::{case_to_json, parse_case},
    lang::Text,
    pack::Block,
    web::{
        pages::deeds::seen_case,
        sight::sees_kind,
        visit::{Answer, Refusal, Reply, Visit},
    },
};

/// How many of a list are told where nothing is said, and at most.
const USUAL: usize = 100;
const MOST: usize = 1_000;

/// How many of a list are asked for.
pub fn limit(visit: &Visit<'_>) -> usize {
    visit.query.number("limit", USUAL).clamp(1, MOST)
}

/// Ids and kinds.
pub fn list(visit: &Visit<'_>) -> Answer {
    let account = visit.account()?;
    let rules = visit.app.rules();
    let set = &rules.set;
    let (kind, limit) = (visit.query.get("kind"), limit(visit));
    let wanted = |block: &Block, row: usize| {
        let own = block.text(block.kind(row));
        let at_site = || account.scope.sites.is_empty() || account.scope.has_site(site_of_record(&block.record(row), set).as_deref());
        kind.is_none_or(|kind| kind == own) && sees_kind(account, set, own) && at_site()
    };
    let (after, prefix) = (visit.query.raw("after").unwrap_or(""), visit.query.raw("prefix").unwrap_or(""));
    let mut found = visit.app.store()?.ids(after, prefix, limit + 1, &wanted)?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|(id, _)| id.clone());
    let cases: Vec<Value> = found.into_iter().map(|(case, kind)| json!({"case": case, "kind": kind})).collect();
    Ok(Reply::json(&json!({"cases": cases, "next": next})))
}

/// A case.
pub fn show(visit: &Visit<'_>) -> Answer {
    let rules = visit.app.rules();
    let id = visit.param("case");
    let known = visit.query.instant("known_at", rules.zone)?;
    let case = seen_case(visit, &rules, id)?.known_at(known).ok_or_else(|| Refusal::no_case(id))?;
    Ok(Reply::json(&case_to_json(&case, rules.zone)))
}

/// Takes one case in.
pub fn put(visit: &Visit<'_>) -> Answer {
    let zone = visit.app.rules().zone;
    if !sent::is_json(visit) {
        return Err(sent::other(visit, "`application/json`"));
    }
    let case = parse_case(sent::text(visit)?.trim(), zone)?;
    let id = visit.param("case");
    if case.id != id {
        return Err(Refusal::Wrong(Text::new(
            format!("the case in the request is `{}`, and the path says `{id}`", case.id),
            format!("请求中的个案为 `{}`，而路径为 `{id}`", case.id),
        )));
    }
    let taken = take(visit, "api: cases", vec![Ok(case)], Of::Cases)?;
    let Some(item) = taken.items.first() else { return Err(Refusal::no_case(id)) };
    match &item.outcome {
        Outcome::Refused(reason) => Err(Refusal::Wrong(reason.clone())),
        outcome => Ok(Reply::json(&item.to_json(1, visit.lang)).with_status(if *outcome == Outcome::New { 201 } else { 200 })),
    }
}

/// Takes cases in.
pub fn take_in(visit: &Visit<'_>) -> Answer {
    let zone = visit.app.rules().zone;
    let texts: Vec<&str> = if sent::is_lines(visit) {
        sent::text(visit)?.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
    } else if sent::is_json(visit) {
        sent::values(visit)?.0
    } else {
        return Err(sent::other(visit, "`application/json`, `application/jsonl`"));
    };
    let drafts: Vec<Result<Case, Text>> = texts.into_iter().map(|text| parse_case(text, zone)).collect();
    take(visit, "api: cases", drafts, Of::Cases)?.answer(visit, true)
}
