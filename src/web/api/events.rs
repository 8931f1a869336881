//! Events of a case, as the case format has them.

use super::{
    intake::{Of, take},
    sent,
};
use crate::{
    case::Case,
    ingest::parse_case,
    lang::Text,
    time::Zone,
    web::{
        pages::deeds::seen_case,
        visit::{Answer, Visit},
    },
};

/// Records one event, or a list of them.
pub fn take_in(visit: &Visit<'_>) -> Answer {
    let rules = visit.app.rules();
    let id = visit.param("case");
    let record = seen_case(visit, &rules, id)?;
    if !sent::is_json(visit) {
        return Err(sent::other(visit, "`application/json`"));
    }
    let (texts, many) = sent::values(visit)?;
    let drafts = texts.into_iter().map(|text| event_of(text, id, &record.kind, rules.zone)).collect();
    take(visit, "api: events", drafts, Of::Events)?.answer(visit, many)
}

/// A case that has nothing but this event.
fn event_of(text: &str, id: &str, kind: &str, zone: Zone) -> Result<Case, Text> {
    // What is not one JSON value cannot close the list and say more.
    serde_json::from_str::<&serde_json::value::RawValue>(text)
        .map_err(|error| Text::new(format!("not JSON: {error}"), format!("不是 JSON：{error}")))?;
    let case = parse_case(&format!(r#"{{"case":"x","kind":"x","events":[{text}]}}"#), zone)?;
    Ok(Case { id: id.to_owned(), kind: kind.to_owned(), ..case })
}
