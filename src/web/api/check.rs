//! Judging a case that is sent, without storing it.

use serde_json::{Value, json};

use super::{explain::unknown_kind, sent};
use crate::{
    app::explain::Subject,
    ingest::parse_case,
    policy::Clause,
    report::to_json,
    web::{
        sight::sees,
        visit::{Answer, Reply, Visit},
    },
};

/// The judgement.
pub fn check(visit: &Visit<'_>) -> Answer {
    let account = visit.account()?;
    let rules = visit.app.rules();
    let set = &rules.set;
    if !sent::is_json(visit) {
        return Err(sent::other(visit, "`application/json`"));
    }
    let as_of = visit.query.instant("as_of", rules.zone)?.unwrap_or(visit.now);
    let case = parse_case(sent::text(visit)?.trim(), rules.zone)?;
    let parent = match case.part_of.as_deref() {
        Some(parent) => {
            visit.app.store()?.case(parent)?.filter(|record| sees(account, set, record)).and_then(|record| record.known_at(None))
        }
        None => None,
    };
    let (id, kind) = (case.id.clone(), case.kind.clone());
    let only = |clause: &Clause| account.scope.has_policy(&clause.properties.policy);
    let verdict = Subject { case, parent, waivers: Vec::new() }.explain(set, as_of, Some(&only))?;
    if verdict.judged.is_none() {
        return Err(unknown_kind(&kind));
    }
    let obligations: Vec<Value> = verdict.obligations.iter().map(|found| to_json(found, set, visit.lang)).collect();
    Ok(Reply::json(&json!({
        "case": id, "kind": kind, "as_of": as_of.to_rfc3339(rules.zone), "obligations": obligations,
        "valid_until": verdict.valid_until().map(|at| at.to_rfc3339(rules.zone)),
    })))
}
