//! What a survey shows of all clauses of a kind: most obligations of most cases, without looking at any case by itself.

use crate::{
    finding::State,
    form::{Outlook, Prospect, Rule},
    policy::{Clause, PolicySet},
    time::{Instant, Zone},
    view::{LANES, Lanes, Subject, Survey, gather, lanes},
};

use super::{counts::Counts, judge::Wanted, state::Waiting, turn::in_force};

/// Fewer rows than this are looked at one by one.
const FEW: u32 = 4;

/// What is known of one clause.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// The rows that have to be looked at closely.
    left: Lanes,
    /// Those whose obligation is met.
    met: Lanes,
    /// Those whose obligation waits.
    waits: Lanes,
}

/// What all sweeps of a session go by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Course<'c> {
    pub(super) set: &'c PolicySet,
    pub(super) as_of: Instant,
    pub(super) wanted: Wanted,
    /// For each clause, whether it was asked for.
    pub(super) asked: &'c [bool],
    /// The zone in which times without offset were read.
    pub(super) zone: Zone,
}

/// What was swept last, by kind: of a block, and of the loose cases between its rows.
#[derive(Debug, Default)]
pub(super) struct Sweeps(Vec<Vec<Sweep>>);

impl Sweeps {
    /// The sweep that a case is in, and its lane there; `None` where nothing is known of it.
    pub(super) fn of(&mut self, subject: &Subject, course: &Course<'_>) -> Option<(&Sweep, usize)> {
        if self.0.len() <= subject.index {
            self.0.resize_with(subject.index + 1, Vec::new);
        }
        let list = self.0.get_mut(subject.index)?;
        let hit = list.iter().position(|sweep| sweep.survey.lane(subject).is_some());
        let at = hit.unwrap_or_else(|| {
            let same = list.iter().position(|sweep| sweep.survey.is_of(&subject.batch));
            if let Some(sweep) = same.or((list.len() > 1).then_some(0)).and_then(|at| list.get_mut(at)) {
                sweep.survey.turn_to(subject, course.as_of, course.zone);
                sweep.read(course);
                return same.unwrap_or(0);
            }
            let survey = Survey::around(subject, course.as_of, course.zone);
            let mut sweep = Sweep {
                survey,
                seen: Vec::new(),
                left: Vec::new(),
                met: Tally::default(),
                waits: Tally::default(),
                horizon: None,
                until: [None; LANES],
                room: Outlook::default(),
            };
            sweep.read(course);
            list.push(sweep);
            list.len() - 1
        });
        // The one that was asked last goes last.
        let last = list.len() - 1;
        if at < last {
            list.swap(at, last);
        }
        let sweep = list.get(last)?;
        let lane = sweep.survey.lane(subject)?;
        (!sweep.seen.is_empty() && sweep.survey.rows() >> lane & 1 == 1).then_some((sweep, lane))
    }
}

/// For each lane a number: the first word has the lowest bit of each, the next the bit above.
#[derive(Clone, Copy, Debug, Default)]
struct Tally([Lanes; 16]);

impl Tally {
    /// Adds one to some lanes.
    fn add(&mut self, mut lanes: Lanes) {
        for bits in &mut self.0 {
            (*bits, lanes) = (*bits ^ lanes, *bits & lanes);
            if lanes == 0 {
                break;
            }
        }
    }

    fn of(&self, lane: usize) -> u64 {
        self.0.iter().rev().fold(0, |number, bits| number << 1 | bits >> lane & 1)
    }
}

/// Surveyed rows.
#[derive(Debug)]
pub(super) struct Sweep {
    survey: Survey,
    /// For each clause of the kind, in their order.
    seen: Vec<Seen>,
    /// For every 64 clauses: for each lane, those that have to be looked at closely.
    left: Vec<[u64; LANES]>,
    /// How many obligations of each lane are met.
    met: Tally,
    /// How many wait.
    waits: Tally,
    /// When a version of a clause begins or ends.
    pub(super) horizon: Option<Instant>,
    /// For each lane, until when what is known of it holds.
    until: [Option<Instant>; LANES],
    room: Outlook,
}

impl Sweep {
    /// Until when what is known of a lane holds.
    pub(super) fn until(&self, lane: usize) -> Option<Instant> {
        self.until.get(lane).copied().flatten()
    }

    /// The clauses that have to be looked at closely, by their place among those of the kind.
    pub(super) fn left(&self, lane: usize) -> impl Iterator<Item = usize> {
        let word = move |(at, left): (usize, &[u64; LANES])| lanes(left.get(lane).copied().unwrap_or(0)).map(move |bit| at * 64 + bit);
        self.left.iter().enumerate().flat_map(word)
    }

    /// Counts what is known of a lane.
    pub(super) fn count(&self, lane: usize, counts: &mut Counts) {
        counts.add(State::Met, self.met.of(lane));
        counts.add(State::Pending, self.waits.of(lane));
    }

    /// The clauses whose obligation is known to be met, by their place.
    pub(super) fn met(&self, lane: usize) -> impl Iterator<Item = usize> {
        self.seen.iter().enumerate().filter(move |(_, seen)| seen.met >> lane & 1 == 1).map(|(place, _)| place)
    }

    fn read(&mut self, course: &Course<'_>) {
        self.seen.clear();
        self.left.clear();
        (self.horizon, self.until, self.met, self.waits) = (None, [None; LANES], Tally::default(), Tally::default());
        if self.survey.rows().count_ones() < FEW {
            return;
        }
        for (place, index) in course.set.by_kind.get(self.survey.index).into_iter().flatten().enumerate() {
            if place % 64 == 0 {
                self.left.push([0; LANES]);
            }
            let seen = course.set.clauses.get(*index).map_or(Seen::default(), |clause| self.turn(*index, clause, course));
            self.met.add(seen.met);
            self.waits.add(seen.waits);
            if let Some(left) = self.left.last_mut() {
                for lane in lanes(seen.left) {
                    if let Some(left) = left.get_mut(lane) {
                        *left |= 1 << (place % 64);
                    }
                }
            }
            self.seen.push(seen);
        }
    }

    /// A clause's turn: whether it is asked about at all, and what is seen of it.
    fn turn(&mut self, index: usize, clause: &Clause, course: &Course<'_>) -> Seen {
        let asked = course.asked.get(index) == Some(&true);
        if !(asked || clause.needed) {
            return Seen::default();
        }
        self.horizon = [self.horizon, clause.next_change(course.as_of)].into_iter().flatten().min();
        match (clause.is_to_come(course.as_of), clause.glances && asked) {
            (true, _) => Seen::default(),
            (false, false) => Seen { left: self.survey.rows(), ..Seen::default() },
            (false, true) => self.clause(clause, course),
        }
    }

    fn clause(&mut self, clause: &Clause, course: &Course<'_>) -> Seen {
        let Rule::Case(rule) = &clause.rule else { return Seen { left: self.survey.rows(), ..Seen::default() } };
        let prospect = Prospect {
            survey: &self.survey,
            clause: &clause.properties,
            names: &clause.names,
            setup: &clause.setup,
            effective: clause.first,
            unstaffed: course.set.org.posts.is_empty(),
        };
        self.room.clear();
        rule.survey(&prospect, &mut self.room);
        let room = &self.room;
        let opened = |lane: usize| room.opened.get(lane).copied().unwrap_or(Instant::MIN);
        let counted = |set: Lanes| gather(set, |lane| in_force(clause, opened(lane)));
        let mut waits = 0;
        // Of what waits much depends; only where nothing does is it enough to have seen it.
        if room.waits != 0 && !course.wanted.holds(State::Pending) && clause.properties.warn.is_none() {
            let open = if clause.properties.survives { room.waits } else { room.waits & !self.survey.ended() };
            for lane in lanes(open).filter(|lane| clause.from <= opened(*lane)) {
                let due = room.due.get(lane).copied().unwrap_or(Instant::MIN);
                let waiting = Waiting { due, began: opened(lane), stood: 0 };
                if let ((State::Pending, Some(next)), Some(until)) = (waiting.at(course.as_of, None), self.until.get_mut(lane)) {
                    waits |= 1 << lane;
                    *until = Some(until.map_or(next, |known| known.min(next)));
                }
            }
        }
        let left = self.survey.rows() & !(room.nothing | room.met | waits);
        Seen { left, met: counted(room.met), waits: counted(waits) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    proptest! {
        #[test]
        fn a_tally_counts_each_lane_for_itself(sets in prop::collection::vec(any::<u64>(), 0..300)) {
            let mut tally = Tally::default();
            sets.iter().for_each(|set| tally.add(*set));
            for lane in 0..LANES {
                prop_assert_eq!(tally.of(lane), sets.iter().filter(|set| *set >> lane & 1 == 1).count() as u64);
            }
        }

        #[test]
        fn lanes_are_those_whose_bit_is_set(set in any::<u64>()) {
            let listed: Vec<usize> = lanes(set).collect();
            prop_assert_eq!(&listed, &(0..LANES).filter(|lane| set >> lane & 1 == 1).collect::<Vec<_>>());
            prop_assert_eq!(gather(set, |lane| listed.contains(&lane)), set);
        }
    }
}
