//! The short way of reading an instant gives what the general reader gives, or leaves the text to it.

use proptest::prelude::{prop, prop_assert_eq, proptest};

use super::shanghai;
use crate::time::{Instant, Zone, instant, plain};

#[test]
fn the_usual_shapes_take_the_short_way() {
    for text in ["2026-03-02T09:00:00+08:00", "0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999-23:59", "2024-02-29T00:00:00.000Z"] {
        assert!(plain::read(text).is_some(), "{text}");
    }
    for text in ["2026-03-02T09:00:00", "2026-02-29T00:00:00Z", "2026-03-02T23:59:60Z", "2026-03-02T24:00:00Z", "2026-03-02T09:00:00z"] {
        assert_eq!(plain::read(text), None, "{text}");
    }
}

fn agree(text: &str) {
    if let Some(at) = plain::read(text) {
        assert_eq!(instant::read(text, shanghai()), Some(at), "{text}");
    }
}

proptest! {
    #[test]
    fn both_ways_agree(
        (year, month, day) in (0..=9999, 0..=13, 0..=32),
        (hour, minute, second) in (0..=25, 0..=61, 0..=61),
        fraction in "|\\.[0-9]{1,10}|\\.[0-9]{3}",
        offset in "|Z|[+-][0-2][0-9]:[0-6][0-9]",
        (place, other) in (0_usize..32, "[ -~]"),
    ) {
        let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{offset}");
        agree(&text);
        let mut broken = text;
        let place = place.min(broken.len() - 1);
        broken.replace_range(place..=place, &other);
        agree(&broken);
    }

    #[test]
    fn every_instant_is_read_back(
        millis in Instant::MIN.plus(60_000).millis()..=Instant::MAX.plus(-60_000).millis(),
        (minutes, offset) in prop::sample::select(vec![(0, "Z"), (1, "+00:01"), (-1, "-00:01")]),
    ) {
        let at = Instant::from_millis(millis);
        let text = at.plus(minutes * 60_000).to_rfc3339(Zone::UTC).replace("+00:00", offset);
        prop_assert_eq!(plain::read(&text), Some(at), "{}", text);
    }
}
