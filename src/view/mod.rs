//! A case as judging sees it: nothing later than as-of, facts in typed slots with their history, event types as numbers.
//!
//! A view copies nothing of the case but what its events are and when they happened: everything else is read where it stands in the block.

mod batch;
mod facts;
mod present;
mod survey;
mod words;

use std::{rc::Rc, sync::Arc};

use crate::{
    atom::Word,
    case::{Case, CaseRecord, Event, Value, Values},
    pack::{Block, Cell, Damaged, pack},
    policy::vocabulary::{Kind, UNKNOWN_EVENT},
    time::{Instant, Zone},
};

pub use batch::Batch;
pub use facts::Read;
pub use present::Present;
pub use survey::{LANES, Lanes, Positions, Survey, gather, lanes};
pub use words::Words;

use batch::Reading;
use facts::Change;

/// Position of an event in the case; facts given with the case stand at [`BEFORE_ALL`].
pub type Position = i32;

/// Before the first event.
pub const BEFORE_ALL: Position = -1;

/// An event as judging sees it.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// The id of its type, [`UNKNOWN_EVENT`] when not declared.
    pub kind: u16,
    /// It happened to the case that this one is part of.
    pub of_parent: bool,
    /// Its place in the block.
    index: u32,
    /// When it happened.
    pub at: Instant,
}

/// A case in a block, with its kind.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The block.
    pub batch: Rc<Batch>,
    /// The case's row.
    pub row: usize,
    /// The kind.
    pub kind: Arc<Kind>,
    /// The kind's index in its policy set.
    pub index: usize,
}

#[derive(Debug)]
struct Source {
    batch: Rc<Batch>,
    row: usize,
    reading: Rc<Reading>,
}

impl Source {
    fn new(subject: &Subject) -> Self {
        Self { batch: Rc::clone(&subject.batch), row: subject.row, reading: subject.batch.reading(subject.index, &subject.kind) }
    }

    fn block(&self) -> &Block {
        &self.batch.block
    }
}

/// A case at an instant.
#[derive(Debug)]
pub struct CaseView {
    own: Source,
    parent: Option<Source>,
    /// The index of the parent's kind in its policy set.
    parent_kind: Option<usize>,
    events: Vec<Seen>,
    /// For each event type of the kind, the position of its first event.
    first: Vec<Position>,
    /// For each event, the position of the next one of its type.
    next: Vec<Position>,
    changes: Vec<Change>,
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

/// A block of its own for cases that do not come from a store; their ids must ascend and differ.
///
/// # Errors
/// When what was packed cannot be read back: a fault of this program.
pub fn block_of(cases: impl IntoIterator<Item = Case>) -> Result<Block, Damaged> {
    let records: Vec<CaseRecord> = cases.into_iter().map(CaseRecord::of).collect();
    let list: Vec<(&CaseRecord, u64)> = records.iter().map(|record| (record, 0)).collect();
    Block::open(&pack(&list))
}

impl CaseView {
    /// Looks at a case at an instant.
    #[must_use]
    pub fn new(subject: &Subject, parent: Option<&Subject>, as_of: Instant, zone: Zone) -> Self {
        let mut view = Self {
            own: Source::new(subject),
            parent: None,
            parent_kind: None,
            events: Vec::new(),
            first: Vec::new(),
            next: Vec::new(),
            changes: Vec::new(),
            present: Present::default(),
            as_of,
            next_event: None,
            end: None,
            kind: Arc::clone(&subject.kind),
            zone,
        };
        view.read(parent);
        view
    }

    /// Looks at another case, in the room of this one.
    pub fn turn_to(&mut self, subject: &Subject, parent: Option<&Subject>, as_of: Instant, zone: Zone) {
        if Rc::ptr_eq(&self.own.batch, &subject.batch) && Arc::ptr_eq(&self.kind, &subject.kind) {
            self.own.row = subject.row;
        } else {
            self.own = Source::new(subject);
            self.kind = Arc::clone(&subject.kind);
        }
        (self.as_of, self.zone) = (as_of, zone);
        self.read(parent);
    }

    fn read(&mut self, parent: Option<&Subject>) {
        self.parent = parent.map(Source::new);
        self.parent_kind = parent.map(|parent| parent.index);
        self.events.clear();
        self.changes.clear();
        self.present = Present::default();
        self.next_event = None;
        let sources = [Some((&self.own, false)), self.parent.as_ref().map(|parent| (parent, true))];
        for (source, of_parent) in sources.into_iter().flatten() {
            let block = source.block();
            let range = block.events(source.row);
            let (types, times) = (block.event_types(), block.event_times());
            let listed = types.get(range.clone()).unwrap_or_default().iter().zip(times.get(range.clone()).unwrap_or_default());
            for (index, (name, at)) in range.zip(listed) {
                if *at > self.as_of {
                    self.next_event = Some(self.next_event.map_or(*at, |known| known.min(*at)));
                    continue;
                }
                let kind = source.reading.events.get(name.index()).copied().unwrap_or(UNKNOWN_EVENT);
                self.present.add(kind);
                self.events.push(Seen { kind, at: *at, of_parent, index: u32::try_from(index).unwrap_or(u32::MAX) });
            }
        }
        if self.parent.is_some() {
            self.events.sort_by_key(|event| event.at);
        }
        self.first.clear();
        self.first.resize(self.kind.events.len(), BEFORE_ALL);
        self.next.clear();
        self.next.resize(self.events.len(), BEFORE_ALL);
        for (position, (seen, next)) in self.events.iter().zip(&mut self.next).enumerate().rev() {
            if let (false, Some(first)) = (seen.of_parent, self.first.get_mut(usize::from(seen.kind))) {
                *next = *first;
                *first = place(position);
            }
        }
        self.end = self.kind.ends.iter().filter_map(|kind| self.first_of(*kind)).min().and_then(|first| Some((first, self.at(first)?)));
        self.read_changes();
    }

    /// The case's id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.own.block().id(self.own.row)
    }

    /// The index of the kind of the case that this one is part of.
    #[must_use]
    pub const fn parent_kind(&self) -> Option<usize> {
        self.parent_kind
    }

    /// The visible events, in order.
    #[must_use]
    pub fn events(&self) -> &[Seen] {
        &self.events
    }

    /// Which event types there are, those of a parent too.
    #[must_use]
    pub const fn present(&self) -> &Present {
        &self.present
    }

    /// The position of the first event of a type that happened to the case itself.
    #[must_use]
    pub fn first_of(&self, kind: u16) -> Option<Position> {
        self.first.get(usize::from(kind)).copied().filter(|first| *first > BEFORE_ALL)
    }

    /// The position of the next event of the type of the one at a position.
    #[must_use]
    pub fn next_of(&self, position: Position) -> Option<Position> {
        let index = usize::try_from(position).ok()?;
        self.next.get(index).copied().filter(|next| *next > BEFORE_ALL)
    }

    /// The positions of the events of a type that happened to the case itself.
    pub fn all_of(&self, kind: u16) -> impl Iterator<Item = Position> {
        std::iter::successors(self.first_of(kind), |position| self.next_of(*position))
    }

    /// Positions and events, those of the case itself only.
    pub fn own(&self) -> impl DoubleEndedIterator<Item = (Position, &Seen)> {
        self.positions().filter(|(_, seen)| !seen.of_parent)
    }

    /// Positions and events.
    pub fn positions(&self) -> impl DoubleEndedIterator<Item = (Position, &Seen)> {
        self.events.iter().enumerate().map(|(index, seen)| (place(index), seen))
    }

    /// The event at a position.
    #[must_use]
    pub fn seen(&self, position: Position) -> Option<&Seen> {
        usize::try_from(position).ok().and_then(|index| self.events.get(index))
    }

    /// The instant of a position; `None` before all events.
    #[must_use]
    pub fn at(&self, position: Position) -> Option<Instant> {
        self.seen(position).map(|seen| seen.at)
    }

    /// The position of the last visible event.
    #[must_use]
    pub fn last(&self) -> Position {
        place(self.events.len()) - 1
    }

    /// The position of the last event at or before an instant.
    #[must_use]
    pub fn position_at(&self, at: Instant) -> Position {
        place(self.events.partition_point(|seen| seen.at <= at)) - 1
    }

    /// The first event of the case itself.
    #[must_use]
    pub fn opened(&self) -> Option<(Position, Instant)> {
        self.own().next().map(|(position, seen)| (position, seen.at))
    }

    /// Where the event at a position stands: its block and its place there.
    fn placed(&self, position: Position) -> Option<(&Source, usize)> {
        let seen = self.seen(position)?;
        let source = if seen.of_parent { self.parent.as_ref()? } else { &self.own };
        Some((source, usize::try_from(seen.index).ok()?))
    }

    /// What tells the event at a position from the others: its id; with its case before it, where it befell the case that this one is part of.
    #[must_use]
    pub fn event_id(&self, position: Position) -> Option<String> {
        let (source, index) = self.placed(position)?;
        let block = source.block();
        let id = block.event_id(index);
        Some(if self.seen(position)?.of_parent { format!("{}/{id}", block.id(source.row)) } else { id.to_string() })
    }

    /// The type of the event at a position, as recorded.
    #[must_use]
    pub fn event_type(&self, position: Position) -> Option<&str> {
        let (source, index) = self.placed(position)?;
        let block = source.block();
        block.event_types().get(index).map(|name| block.text(*name))
    }

    /// Who did what happened at a position.
    #[must_use]
    pub fn by(&self, position: Position) -> Option<&str> {
        let (source, index) = self.placed(position)?;
        source.block().by(index).map(|id| source.block().text(id))
    }

    /// In which role it was done.
    #[must_use]
    pub fn role(&self, position: Position) -> Option<&str> {
        let (source, index) = self.placed(position)?;
        source.block().role(index).map(|id| source.block().text(id))
    }

    /// As [`Self::by`], by reference.
    #[must_use]
    pub fn by_word(&self, position: Position) -> Option<Word> {
        let (source, index) = self.placed(position)?;
        source.block().by(index).map(|id| self.word(position, id))
    }

    /// As [`Self::role`], by reference.
    #[must_use]
    pub fn role_word(&self, position: Position) -> Option<Word> {
        let (source, index) = self.placed(position)?;
        source.block().role(index).map(|id| self.word(position, id))
    }

    /// A field of the data recorded at a position.
    #[must_use]
    pub fn datum(&self, position: Position, name: &str) -> Option<Value> {
        self.datum_cell(position, name).and_then(|(cell, source)| source.block().value(cell))
    }

    /// All data recorded at a position.
    #[must_use]
    pub fn data(&self, position: Position) -> Values {
        let Some((source, index)) = self.placed(position) else { return Values::new() };
        let block = source.block();
        block.data(index).filter_map(|(id, cell)| Some((block.text(id).to_owned(), block.value(cell)?))).collect()
    }

    /// The event at a position, copied.
    #[must_use]
    pub fn event(&self, position: Position) -> Option<Event> {
        let (source, index) = self.placed(position)?;
        Some(source.block().event(index))
    }

    /// What the data at a position give a name, and where they stand.
    fn datum_cell(&self, position: Position, name: &str) -> Option<(Cell, &Source)> {
        let (source, index) = self.placed(position)?;
        let block = source.block();
        if !block.has_data() {
            return None;
        }
        block.data(index).find(|(id, _)| block.text(*id) == name).map(|(_, cell)| (cell, source))
    }
}

/// A place in a list as a position. A case has fewer events than a position counts, since its size is bounded.
fn place(index: usize) -> Position {
    Position::try_from(index).unwrap_or(Position::MAX)
}
