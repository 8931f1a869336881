//! The identity of events that a source gave no id: what makes sending a file twice change nothing.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::case::{Case, Event, Values};
use crate::time::Instant;

/// What an event is known by when it has no id of its own.
#[derive(Serialize)]
struct Content<'a> {
    kind: &'a str,
    at: Instant,
    by: Option<&'a str>,
    role: Option<&'a str>,
    data: &'a Values,
}

/// Fills in missing event ids (empty text) and puts the events in order: by instant, then as the source gave them.
///
/// An id is the first 16 hex digits of a SHA-256 over type, instant, person, role, data and the ordinal among events
/// of this case that are equal in these and have no id. So it depends on neither the order of unequal events nor on
/// the case, and reading the same case again gives the same ids.
pub fn identify(case: &mut Case) {
    let mut equals: BTreeMap<[u8; 32], u64> = BTreeMap::new();
    let mut bytes = Vec::new();
    for event in case.events.iter_mut().filter(|event| event.id.is_empty()) {
        let digest = digest(event, &mut bytes);
        let ordinal = equals.entry(digest).or_default();
        event.id = name(digest, *ordinal);
        *ordinal += 1;
    }
    // Most sources are in order already, and then nothing has to move.
    if !case.events.is_sorted_by_key(|event| event.at) {
        case.events.sort_by_key(|event| event.at);
    }
}

/// Fills in the id of one event that was given by itself: the same event given twice is one.
pub fn identify_event(event: &mut Event) {
    if event.id.is_empty() {
        event.id = name(digest(event, &mut Vec::new()), 0);
    }
}

/// The digest of an event's content; `bytes` is room that the next event uses again.
fn digest(event: &Event, bytes: &mut Vec<u8>) -> [u8; 32] {
    let content = Content { kind: &event.kind, at: event.at, by: event.by.as_deref(), role: event.role.as_deref(), data: &event.data };
    bytes.clear();
    // Postcard writes each text with its length, so that no two contents share their bytes. Encoding values into
    // memory cannot fail; were it ever to, the event would share its id only with others that cannot be encoded.
    *bytes = postcard::to_extend(&content, std::mem::take(bytes)).unwrap_or_default();
    Sha256::digest(&*bytes).into()
}

fn name(digest: [u8; 32], ordinal: u64) -> String {
    let digest: [u8; 32] = Sha256::new().chain_update(digest).chain_update(ordinal.to_le_bytes()).finalize().into();
    let nibbles = digest.iter().take(8).flat_map(|byte| [byte >> 4, byte & 15]);
    let mut text = String::with_capacity(16);
    text.extend(nibbles.filter_map(|nibble| char::from_digit(nibble.into(), 16)));
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};
    use sha2::{Digest, Sha256};

    use super::identify;
    use crate::case::{Case, Event, Value, Values};
    use crate::time::Instant;

    const IDS: [&str; 3] = ["7457405a13f978dd", "d4ecbb56a8d70a18", "14a490f80202ca0f"];

    fn event(kind: &str, at: i64) -> Event {
        Event { id: String::new(), kind: kind.into(), at: Instant::from_millis(at), by: None, role: None, data: Values::new() }
    }

    #[test]
    fn same_input_same_ids_and_equals_differ() {
        let mut first = Case { events: vec![event("b", 2), event("a", 1), event("a", 1)], ..Case::default() };
        let mut second = Case { events: vec![event("a", 1), event("b", 2), event("a", 1)], ..Case::default() };
        identify(&mut first);
        identify(&mut second);
        assert_eq!(first, second);
        let ids: Vec<&str> = first.events.iter().map(|event| event.id.as_str()).collect();
        assert!(ids.iter().all(|id| id.len() == 16));
        assert_ne!(ids[0], ids[1]);
        let again = first.clone();
        identify(&mut first);
        assert_eq!(first, again);
    }

    /// Ids are stored, so that they may never change.
    #[test]
    fn ids_are_what_they_always_were() {
        let mut full = event("received", 1_772_413_200_000);
        (full.by, full.role) = (Some("lin".into()), Some("service-desk".into()));
        full.data.insert("单元".into(), Value::List(vec![Value::Int(-3), Value::Decimal("0.10".parse().unwrap()), Value::Null]));
        let mut case = Case { events: vec![event("a", 1), event("a", 1), full], ..Case::default() };
        identify(&mut case);
        let ids: Vec<&str> = case.events.iter().map(|event| event.id.as_str()).collect();
        assert_eq!(ids, IDS);
    }

    /// The definition, word for word.
    fn plainly(case: &Case) -> Vec<String> {
        let content = |event: &Event| {
            let Event { kind, at, by, role, data, .. } = event.clone();
            Sha256::digest(postcard::to_allocvec(&(kind, at, by, role, data)).unwrap())
        };
        let id = |(place, event): (usize, &Event)| {
            let equals = case.events[..place].iter().filter(|other| other.id.is_empty() && content(other) == content(event)).count() as u64;
            let digest = Sha256::digest([content(event).as_slice(), &equals.to_le_bytes()].concat());
            format!("{:016x}", u64::from_be_bytes(digest[..8].try_into().unwrap()))
        };
        case.events.iter().enumerate().map(id).collect()
    }

    proptest! {
        #[test]
        fn ids_are_as_defined(events in prop::collection::vec(("[ab]", 0_i64..3, prop::option::of("[xy]"), prop::option::of(any::<i64>())), 0..12)) {
            let list = events.into_iter().map(|(kind, at, by, data)| {
                let data = data.into_iter().map(|number| ("n".to_owned(), Value::Int(number))).collect();
                Event { by, data, ..event(&kind, at) }
            });
            let mut case = Case { events: list.collect(), ..Case::default() };
            let mut ids: Vec<(Instant, String)> = case.events.iter().map(|event| event.at).zip(plainly(&case)).collect();
            ids.sort_by_key(|(at, _)| *at);
            identify(&mut case);
            let found: Vec<(Instant, String)> = case.events.into_iter().map(|event| (event.at, event.id)).collect();
            prop_assert_eq!(found, ids);
        }
    }

    #[test]
    fn given_ids_and_source_order_stay() {
        let mut case = Case { events: vec![event("x", 1), event("y", 1)], ..Case::default() };
        case.events[0].id = "given".into();
        identify(&mut case);
        assert_eq!(case.events[0].id, "given");
        assert_eq!(case.events[1].kind, "y");
    }
}
