//! Why the obligations of a case are as they are, as JSON.

use serde_json::{Value, json};

use super::to_json;
use crate::{
    engine::{Story, Verdict},
    lang::Lang,
    policy::{Clause, PolicySet},
    time::Zone,
};

/// Each clause that had something to say, with its story and its obligations; and until when all of it holds if nothing happens.
#[must_use]
pub fn explanation_to_json(verdict: &Verdict, set: &PolicySet, shown: &dyn Fn(&Clause) -> bool, lang: Lang, zone: Zone) -> Value {
    let told = |story: &Story| {
        let clause = set.clauses.get(story.clause).filter(|clause| shown(clause))?;
        let own = verdict.obligations.iter().filter(|found| found.clause == story.clause);
        let obligations: Vec<Value> = own.map(|found| to_json(found, set, lang)).collect();
        let lines: Vec<&str> = story.lines.iter().map(|line| line.get(lang)).collect();
        Some(json!({
            "clause": clause.properties.id, "title": clause.properties.title.get(lang), "holds_from": clause.from.to_rfc3339(zone),
            "story": lines, "obligations": obligations,
        }))
    };
    let clauses: Vec<Value> = verdict.judged.iter().flat_map(|judged| &judged.stories).filter_map(told).collect();
    json!({"clauses": clauses, "valid_until": verdict.valid_until().map(|at| at.to_rfc3339(zone))})
}
