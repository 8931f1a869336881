//! A case as judging sees it: nothing later than as-of, facts in typed slots with their history, event types as numbers.

use std::sync::Arc;

use crate::{
    case::{Case, Event, FACTS},
    policy::vocabulary::{Kind, UNKNOWN_EVENT},
    time::{Instant, Zone},
    value::Val,
};

/// Position of an event in the case; facts given with the case stand at [`BEFORE_ALL`].
pub type Position = i32;

/// Before the first event.
pub const BEFORE_ALL: Position = -1;

/// An event as judging sees it.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// The id of its type, [`UNKNOWN_EVENT`] when not declared.
    pub kind: u16,
    /// When it happened.
    pub at: Instant,
    /// It happened to the case that this one is part of.
    pub of_parent: bool,
    index: usize,
}

/// A set of event types: a bit for each of the first 255, one for all others, so that a clause without a trigger in a case is passed over at
/// once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Present([u64; 4]);

impl Present {
    /// The set of some types.
    #[must_use]
    pub fn of(kinds: impl IntoIterator<Item = u16>) -> Self {
        let mut set = Self::default();
        for kind in kinds {
            let bit = usize::from(kind.min(255));
            if let Some(word) = set.0.get_mut(bit / 64) {
                *word |= 1 << (bit % 64);
            }
        }
        set
    }

    /// Whether both have a type in common.
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        self.0.iter().zip(other.0).any(|(a, b)| a & b != 0)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// A case at an instant.
#[derive(Debug)]
pub struct CaseView {
    case: Case,
    parent: Option<Arc<Case>>,
    events: Vec<Seen>,
    facts: Vec<Vec<(Position, Val)>>,
    /// Which event types there are.
    present: Present,
    /// As-of: nothing later is visible.
    pub as_of: Instant,
    /// The first instant after as-of at which something recorded becomes visible.
    pub next_event: Option<Instant>,
    /// The event that ended the case: its position and instant.
    pub end: Option<(Position, Instant)>,
    /// The kind, for names.
    pub kind: Arc<Kind>,
    /// The zone in which times without offset were read.
    pub zone: Zone,
}

impl CaseView {
    /// Looks at a case at an instant.
    #[must_use]
    pub fn new(kind: &Arc<Kind>, case: Case, parent: Option<Arc<Case>>, parent_kind: Option<&Kind>, as_of: Instant, zone: Zone) -> Self {
        let mut events: Vec<Seen> = Vec::with_capacity(case.events.len());
        let mut next_event: Option<Instant> = None;
        let mut see = |list: &[Event], ids: &Kind, of_parent: bool, events: &mut Vec<Seen>| {
            for (index, event) in list.iter().enumerate() {
                if event.at > as_of {
                    next_event = Some(next_event.map_or(event.at, |known| known.min(event.at)));
                } else {
                    events.push(Seen { kind: ids.event_or_unknown(&event.kind), at: event.at, of_parent, index });
                }
            }
        };
        see(&case.events, kind, false, &mut events);
        if let (Some(parent), Some(ids)) = (&parent, parent_kind) {
            see(&parent.events, ids, true, &mut events);
            events.sort_by_key(|event| event.at);
        }
        let mut facts: Vec<Vec<(Position, Val)>> = vec![Vec::new(); kind.facts.len()];
        for (slot, decl) in kind.facts.iter().enumerate() {
            if let (Some(raw), Some(history)) = (case.facts.get(&decl.name), facts.get_mut(slot)) {
                history.extend(Val::read(raw, decl.kind, zone).map(|value| (BEFORE_ALL, value)));
            }
        }
        for (position, seen) in (0..).zip(&events) {
            let Some(event) = case.events.get(seen.index).filter(|event| !seen.of_parent && event.kind == FACTS) else {
                continue;
            };
            for (name, raw) in &event.data {
                let Some(slot) = kind.fact(name) else { continue };
                if let (Some(decl), Some(history)) = (kind.facts.get(slot), facts.get_mut(slot)) {
                    history.extend(Val::read(raw, decl.kind, zone).map(|value| (position, value)));
                }
            }
        }
        let end = (0..).zip(&events).find(|(_, seen)| !seen.of_parent && kind.ends.contains(&seen.kind)).map(|(at, seen)| (at, seen.at));
        let present = Present::of(events.iter().map(|seen| seen.kind));
        Self { present, case, parent, events, facts, as_of, next_event, end, kind: Arc::clone(kind), zone }
    }

    /// The case's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.case.id
    }

    /// The case as recorded.
    #[must_use]
    pub const fn case(&self) -> &Case {
        &self.case
    }

    /// The visible events, in order.
    #[must_use]
    pub fn events(&self) -> &[Seen] {
        &self.events
    }

    /// Which event types there are, those of a parent too.
    #[must_use]
    pub const fn present(&self) -> Present {
        self.present
    }

    /// Positions and events, those of the case itself only.
    pub fn own(&self) -> impl DoubleEndedIterator<Item = (Position, &Seen)> {
        self.positions().filter(|(_, seen)| !seen.of_parent)
    }

    /// Positions and events.
    pub fn positions(&self) -> impl DoubleEndedIterator<Item = (Position, &Seen)> {
        self.events.iter().enumerate().map(|(index, seen)| (Position::try_from(index).unwrap_or(Position::MAX), seen))
    }

    /// The event at a position.
    #[must_use]
    pub fn seen(&self, position: Position) -> Option<&Seen> {
        usize::try_from(position).ok().and_then(|index| self.events.get(index))
    }

    /// The recorded event at a position.
    #[must_use]
    pub fn event(&self, position: Position) -> Option<&Event> {
        let seen = self.seen(position)?;
        let list = if seen.of_parent { &self.parent.as_ref()?.events } else { &self.case.events };
        list.get(seen.index)
    }

    /// The instant of a position; `None` before all events.
    #[must_use]
    pub fn at(&self, position: Position) -> Option<Instant> {
        self.seen(position).map(|seen| seen.at)
    }

    /// The position of the last visible event.
    #[must_use]
    pub fn last(&self) -> Position {
        Position::try_from(self.events.len()).map_or(Position::MAX, |len| len - 1)
    }

    /// The position of the last event at or before an instant.
    #[must_use]
    pub fn position_at(&self, at: Instant) -> Position {
        Position::try_from(self.events.partition_point(|seen| seen.at <= at)).map_or(Position::MAX, |len| len - 1)
    }

    /// The first event of the case itself.
    #[must_use]
    pub fn opened(&self) -> Option<(Position, Instant)> {
        self.own().next().map(|(position, seen)| (position, seen.at))
    }

    /// A fact as it was at a position.
    #[must_use]
    pub fn fact(&self, slot: usize, position: Position) -> Option<&Val> {
        self.facts.get(slot)?.iter().rev().find(|(since, _)| *since <= position).map(|(_, value)| value)
    }

    /// The positions at which facts changed, [`BEFORE_ALL`] first.
    #[must_use]
    pub fn fact_changes(&self) -> Vec<Position> {
        let mut list = vec![BEFORE_ALL];
        list.extend(self.facts.iter().flatten().map(|(position, _)| *position));
        list.sort_unstable();
        list.dedup();
        list
    }

    /// Whether an event type was declared.
    #[must_use]
    pub const fn is_declared(seen: &Seen) -> bool {
        seen.kind != UNKNOWN_EVENT
    }
}
