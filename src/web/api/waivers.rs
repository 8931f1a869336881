//! Waivers, and those that are asked for.

use serde::Deserialize;
use serde_json::{Value, json};

use super::sent;
use crate::{
    account::Account,
    desk::{Ask, Deed},
    lang::Text,
    store::{Store, Waiver},
    time::{Instant, Zone},
    web::{
        pages::{
            deeds::{check_ask, seen_case},
            waivers::settle,
        },
        sight::{sees, sees_clause},
        state::Rules,
        visit::{Answer, Refusal, Reply, Visit},
    },
};

fn waiver(waiver: &Waiver, zone: Zone) -> Value {
    json!({
        "id": waiver.id, "case": waiver.case, "clause": waiver.clause, "instance": waiver.instance, "from": waiver.from.to_rfc3339(zone),
        "until": waiver.until.to_rfc3339(zone), "by": waiver.by, "approved_by": waiver.approved_by, "reason": waiver.reason,
        "recorded": waiver.recorded.to_rfc3339(zone),
    })
}

fn asked(ask: &Ask, zone: Zone) -> Value {
    json!({
        "id": ask.id, "case": ask.case, "clause": ask.clause, "instance": ask.instance, "from": ask.from.to_rfc3339(zone),
        "until": ask.until.to_rfc3339(zone), "by": ask.by, "approver": ask.approver, "reason": ask.reason,
    })
}

fn is_seen(account: &Account, rules: &Rules, store: &Store, case: &str, clause: &str) -> Result<bool, Refusal> {
    let at_site = || -> Result<bool, Refusal> { Ok(store.case(case)?.is_some_and(|record| sees(account, &rules.set, &record))) };
    Ok(sees_clause(account, clause) && (account.scope.sites.is_empty() || at_site()?))
}

/// Both lists.
pub fn list(visit: &Visit<'_>) -> Answer {
    let account = visit.account()?;
    let rules = visit.app.rules();
    let store = visit.app.store()?;
    let only = visit.query.get("case");
    let (mut waivers, mut asks) = (Vec::new(), Vec::new());
    for one in store.waivers()? {
        if only.is_none_or(|case| case == one.case) && is_seen(account, &rules, &store, &one.case, &one.clause)? {
            waivers.push(waiver(&one, rules.zone));
        }
    }
    for one in store.asks()? {
        if only.is_none_or(|case| case == one.case) && is_seen(account, &rules, &store, &one.case, &one.clause)? {
            asks.push(asked(&one, rules.zone));
        }
    }
    Ok(Reply::json(&json!({"waivers": waivers, "asked": asks})))
}

/// What is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    case: String,
    clause: String,
    #[serde(default)]
    instance: Option<String>,
    #[serde(default)]
    from: Option<String>,
    until: String,
    reason: String,
    approver: String,
}

/// Asks for a waiver.
pub fn ask(visit: &Visit<'_>) -> Answer {
    let rules = visit.app.rules();
    let Request { case, clause, instance, from, until, reason, approver } = sent::json(visit)?;
    seen_case(visit, &rules, &case)?;
    let read = |name: &str, text: &str| {
        Instant::parse(text, rules.zone)
            .map_err(|error| Refusal::Wrong(Text::new(format!("`{name}`: {}", error.en), format!("`{name}`：{}", error.zh))))
    };
    let until = read("until", &until)?;
    let from = from.map(|from| read("from", &from)).transpose()?.unwrap_or(visit.now);
    if reason.trim().is_empty() || reason.chars().count() > 4_000 {
        return Err(Refusal::Wrong(Text::new("`reason` has 1 to 4000 characters", "`reason` 应为 1 至 4000 个字符")));
    }
    let by = visit.account()?.name.clone();
    let ask = Ask { id: String::new(), case, clause, instance, from, until, reason, by: by.clone(), approver };
    check_ask(visit, &rules.set, &ask)?;
    let act = visit.app.act(&by, visit.via, Deed::Asked(ask))?;
    let Deed::Asked(ask) = act.deed else { return Err(Refusal::Forbidden) };
    Ok(Reply::json(&asked(&ask, rules.zone)).with_status(201))
}

/// Grants one that was asked for.
pub fn grant(visit: &Visit<'_>) -> Answer {
    decided(visit, true)
}

/// Refuses one that was asked for.
pub fn refuse(visit: &Visit<'_>) -> Answer {
    decided(visit, false)
}

fn decided(visit: &Visit<'_>, granted: bool) -> Answer {
    let zone = visit.app.rules().zone;
    let (ask, made) = settle(visit, visit.param("id"), granted)?;
    Ok(Reply::json(&json!({"granted": granted, "asked": asked(&ask, zone), "waiver": made.map(|made| waiver(&made, zone))})))
}
