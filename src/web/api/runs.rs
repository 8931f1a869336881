//! Checks of the whole store.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{cases::limit, sent};
use crate::{
    account::Account,
    desk::Deed,
    lang::Text,
    store::{FindingKey, Run, Store, hex},
    time::Zone,
    web::{
        sight::{sees, sees_clause},
        state::Rules,
        visit::{Answer, Refusal, Reply, Visit},
    },
};

/// What every reader is told of a run.
fn brief(run: &Run, zone: Zone) -> Value {
    json!({
        "id": run.id, "at": run.at.to_rfc3339(zone), "as_of": run.as_of.to_rfc3339(zone), "policies": hex(&run.policies), "fallback": run.fallback,
        "seconds": f64::from(u32::try_from(run.millis).unwrap_or(u32::MAX)) / 1_000.0,
    })
}

fn with(mut run: Value, more: Value) -> Value {
    if let (Some(map), Value::Object(more)) = (run.as_object_mut(), more) {
        map.extend(more);
    }
    run
}

/// The figures over all cases, for those who see everything.
fn figures(run: &Run, account: &Account) -> Value {
    if account.scope.is_whole() { json!({"cases": run.cases, "judged": run.judged, "counts": run.counts}) } else { json!({}) }
}

/// The last runs.
pub fn list(visit: &Visit<'_>) -> Answer {
    let account = visit.account()?;
    let rules = visit.app.rules();
    let runs = visit.app.store()?.last_runs(limit(visit))?;
    let told: Vec<Value> = runs
        .iter()
        .map(|run| {
            let count = |keys: &[FindingKey]| keys.iter().filter(|key| sees_clause(account, &key.clause)).count();
            let told = with(brief(run, rules.zone), figures(run, account));
            // Where a case is stands in the case: too many to read for a list.
            if account.scope.sites.is_empty() {
                with(told, json!({"new": count(&run.opened), "cleared": count(&run.cleared), "reopened": count(&run.reopened)}))
            } else {
                told
            }
        })
        .collect();
    Ok(Reply::json(&json!({"runs": told})))
}

/// A run, whole.
fn whole(run: &Run, account: &Account, rules: &Rules, store: &Store) -> Result<Value, Refusal> {
    let shown = |keys: &[FindingKey]| -> Result<Vec<FindingKey>, Refusal> {
        let mut list = Vec::new();
        for key in keys.iter().filter(|key| sees_clause(account, &key.clause)) {
            let seen = account.scope.sites.is_empty()
                || match &key.case {
                    Some(case) => store.case(case)?.is_some_and(|record| sees(account, &rules.set, &record)),
                    None => false,
                };
            if seen {
                list.push(key.clone());
            }
        }
        Ok(list)
    };
    let (opened, cleared, reopened) = (shown(&run.opened)?, shown(&run.cleared)?, shown(&run.reopened)?);
    let told = with(brief(run, rules.zone), figures(run, account));
    Ok(with(
        told,
        json!({
            "new": opened.len(), "cleared": cleared.len(), "reopened": reopened.len(),
            "findings": {"new": opened, "cleared": cleared, "reopened": reopened},
        }),
    ))
}

/// A run.
pub fn show(visit: &Visit<'_>) -> Answer {
    let rules = visit.app.rules();
    let id = visit.param("id");
    let store = visit.app.store()?;
    let run = id.parse().ok().map(|id| store.run(id)).transpose()?.flatten();
    let run = run.ok_or_else(|| Refusal::Missing(Text::new(format!("there is no run `{id}`"), format!("没有第 `{id}` 次运行"))))?;
    Ok(Reply::json(&whole(&run, visit.account()?, &rules, &store)?))
}

/// What is asked of a run.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    #[serde(default)]
    full: bool,
}

/// Runs the check.
pub fn start(visit: &Visit<'_>) -> Answer {
    let account = visit.account()?;
    let Order { full } = if visit.body.is_empty() { Order::default() } else { sent::json(visit)? };
    let run = visit.app.run(full)?;
    visit.app.act(&account.name, visit.via, Deed::Ran(run.id))?;
    let rules = visit.app.rules();
    let told = whole(&run, account, &rules, &*visit.app.store()?)?;
    Ok(Reply::json(&told).with_status(201).with_header("location", format!("/api/v1/runs/{}", run.id)))
}
