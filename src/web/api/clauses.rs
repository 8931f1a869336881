//! The clauses in use.

use serde_json::{Value, json};

use crate::{
    report::schema,
    web::visit::{Answer, Reply, Visit},
};

/// All of them that the account may see.
pub fn list(visit: &Visit<'_>) -> Answer {
    let account = visit.account()?;
    let rules = visit.app.rules();
    let lang = visit.lang;
    let seen = rules.set.clauses.iter().filter(|clause| account.scope.has_policy(&clause.properties.policy));
    let clauses: Vec<Value> = seen
        .map(|clause| {
            let own = &clause.properties;
            json!({
                "clause": own.id, "policy": own.policy, "article": own.article, "title": own.title.get(lang), "says": own.says.get(lang),
                "form": clause.form, "kind": rules.set.kinds.get(clause.kind).map(|kind| kind.name.as_str()), "owner": own.owner,
                "severity": own.severity.word(), "covers": own.covers, "holds_from": clause.from.to_rfc3339(rules.zone),
                "holds_until": clause.until.map(|until| until.to_rfc3339(rules.zone)),
                "inactive": clause.inactive.as_ref().map(|why| why.get(lang)),
            })
        })
        .collect();
    Ok(Reply::json(&json!({"clauses": clauses, "policies_load": rules.problems.is_empty()})))
}

/// What a case looks like.
pub fn schema(visit: &Visit<'_>) -> Answer {
    Ok(Reply::json(&schema::of_cases(&visit.app.rules().set, visit.lang)))
}
