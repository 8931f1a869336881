//! A notice as a JSON object, for webhooks.

use serde_json::{Map, Value, json};

use super::{gather::Part, target::Target, words::Counted};
use crate::{finding::Obligation, policy::PolicySet, report::to_json, time::Instant};

/// The name of a section in output.
const fn word(part: Part) -> &'static str {
    match part {
        Part::Overdue => "overdue",
        Part::Today => "today",
        Part::Week => "this_week",
        Part::New => "new",
        Part::Escalated => "escalated",
        Part::Assigned => "assigned",
    }
}

/// What the object is made of.
pub(super) struct Told<'t> {
    pub(super) id: &'t str,
    pub(super) run: u64,
    pub(super) as_of: Instant,
    pub(super) subject: &'t str,
    pub(super) counted: Option<&'t Counted>,
    /// Each section: which, how many there are, those that are told, each with whether it is new.
    pub(super) parts: &'t [(Part, u64, Vec<(&'t Obligation, bool)>)],
}

/// The object.
pub(super) fn object(told: &Told<'_>, target: &Target, set: &PolicySet) -> Value {
    let zone = set.zone();
    let mut items = Vec::new();
    let mut counts = Map::new();
    if let Some(Counted { overdue, today, week, new, undetermined }) = told.counted {
        for (name, count) in [("overdue", overdue), ("today", today), ("this_week", week), ("new", new), ("undetermined", undetermined)] {
            counts.insert(name.to_owned(), (*count).into());
        }
    }
    for (part, total, found) in told.parts {
        counts.entry(word(*part)).or_insert_with(|| (*total).into());
        for (found, new) in found {
            let mut item = json!({"section": word(*part), "new": new});
            if let (Value::Object(item), Value::Object(rest)) = (&mut item, to_json(found, set, target.lang)) {
                item.extend(rest);
            }
            items.push(item);
        }
    }
    json!({
        "id": told.id,
        "what": target.what.word(),
        "run": (told.run > 0).then_some(told.run),
        "as_of": told.as_of.to_rfc3339(zone),
        "to": {"role": target.role, "person": target.person},
        "subject": told.subject,
        "counts": counts,
        "items": items,
    })
}
