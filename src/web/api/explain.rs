//! Why the obligations of a case are as they are.

use crate::{
    app::{explain::Subject, pattern::glob},
    lang::Text,
    policy::Clause,
    report::explanation_to_json,
    web::{
        pages::deeds::seen_case,
        visit::{Answer, Refusal, Reply, Visit},
    },
};

/// The story of a case.
pub fn show(visit: &Visit<'_>) -> Answer {
    let account = visit.account()?;
    let rules = visit.app.rules();
    let set = &rules.set;
    let id = visit.param("case");
    seen_case(visit, &rules, id)?;
    let as_of = visit.query.instant("as_of", rules.zone)?.unwrap_or(visit.now);
    let known = visit.query.instant("known_at", rules.zone)?;
    let pattern = visit.query.get("clause");
    let subject = Subject::stored(&*visit.app.store()?, id, known)?.ok_or_else(|| Refusal::no_case(id))?;
    let kind = subject.case.kind.clone();
    let only = |clause: &Clause| {
        account.scope.has_policy(&clause.properties.policy) && pattern.is_none_or(|pattern| glob(pattern, &clause.properties.id))
    };
    let verdict = subject.explain(set, as_of, Some(&only))?;
    if verdict.judged.is_none() {
        return Err(unknown_kind(&kind));
    }
    Ok(Reply::json(&explanation_to_json(&verdict, set, &only, visit.lang, rules.zone)))
}

/// No policy declares a kind.
pub fn unknown_kind(kind: &str) -> Refusal {
    Refusal::Wrong(Text::new(format!("no policy declares the kind `{kind}`"), format!("没有策略声明种类 `{kind}`")))
}
