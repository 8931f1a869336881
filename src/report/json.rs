//! A finding as one JSON object: the contract with other programs.

use serde_json::{Map, Value, json};

use crate::{
    finding::Obligation,
    lang::Lang,
    policy::PolicySet,
    time::{Span, Zone},
};

/// The object of a finding; instants in the zone of the clause's calendar.
#[must_use]
pub fn to_json(found: &Obligation, set: &PolicySet, lang: Lang) -> Value {
    let zone = set.clauses.get(found.clause).map_or(Zone::UTC, |clause| clause.setup.zone());
    let time = |at: Option<crate::time::Instant>| at.map_or(Value::Null, |at| at.to_rfc3339(zone).into());
    let mut map = Map::new();
    let mut put = |name: &str, value: Value| {
        map.insert(name.to_owned(), value);
    };
    put("case", found.case.as_deref().into());
    if let Some(group) = &found.group {
        put("group", group.as_str().into());
    }
    put("kind", found.kind.as_str().into());
    put("policy", found.policy.as_str().into());
    put("clause", found.clause_id.as_str().into());
    put("instance", found.instance.as_str().into());
    put("state", found.state.word().into());
    put("violation", found.is_violation().into());
    put("open", found.open.into());
    put("severity", found.severity.word().into());
    put("due", time(found.due.map(|due| due.at)));
    put("provisional", found.due.is_some_and(|due| due.provisional).into());
    put("since", time(found.since));
    put("met_at", time(found.met_at));
    put("overdue_by", found.overdue_by.map_or(Value::Null, |late| Span::iso_elapsed(late).into()));
    put(
        "next_action",
        found
            .next_action
            .as_ref()
            .map_or(Value::Null, |action| json!({"role": action.role, "text": action.text.get(lang), "before": time(action.before)})),
    );
    if let Some(role) = &found.escalated_to {
        put("escalated_to", role.as_str().into());
    }
    put("missing", found.missing.clone().into());
    put("evidence", found.evidence.clone().into());
    if let Some(penalty) = &found.penalty {
        put("penalty", penalty.get(lang).into());
    }
    put("message", found.message.get(lang).into());
    Value::Object(map)
}
