//! The same quick way for many cases at once: what a glance would show of each, found out for all of them in turn.
//!
//! A form says of which rows it can tell how its only obligation stands. It never says more than the full look would: a test holds both against each
//! other. Of what it does not speak of, a glance or the full look tells.

use crate::{
    policy::clause::Properties,
    script::{Hand, Names, Rows, Setup, Truth},
    time::Instant,
    view::{BEFORE_ALL, LANES, Lanes, Positions, Survey},
};

/// What is surveyed, and for which clause.
#[derive(Clone, Copy, Debug)]
pub struct Prospect<'p> {
    /// The rows.
    pub survey: &'p Survey,
    /// The clause's properties.
    pub clause: &'p Properties,
    /// The names.
    pub names: &'p Names,
    /// The clause's clock.
    pub setup: &'p Setup,
    /// From when the policy holds.
    pub effective: Instant,
    /// Nobody is named for any role.
    pub unstaffed: bool,
}

/// What a survey shows of a clause.
#[derive(Debug)]
pub struct Outlook {
    /// Rows without an obligation.
    pub nothing: Lanes,
    /// Rows with one that is met in time.
    pub met: Lanes,
    /// Rows with one that waits for its due instant.
    pub waits: Lanes,
    /// When it opened.
    pub opened: [Instant; LANES],
    /// When it is due.
    pub due: [Instant; LANES],
}

impl Default for Outlook {
    fn default() -> Self {
        Self { nothing: 0, met: 0, waits: 0, opened: [Instant::MIN; LANES], due: [Instant::MIN; LANES] }
    }
}

impl Outlook {
    /// Forgets what was shown.
    pub const fn clear(&mut self) {
        (self.nothing, self.met, self.waits) = (0, 0, 0);
    }

    /// The obligation of a row is met.
    pub fn is_met(&mut self, lane: usize, opened: Instant) {
        self.met |= 1 << lane;
        self.opens(lane, opened);
    }

    /// The obligation of a row waits.
    pub fn is_waiting(&mut self, lane: usize, opened: Instant, due: Instant) {
        self.waits |= 1 << lane;
        self.opens(lane, opened);
        if let Some(place) = self.due.get_mut(lane) {
            *place = due;
        }
    }

    fn opens(&mut self, lane: usize, at: Instant) {
        if let Some(place) = self.opened.get_mut(lane) {
            *place = at;
        }
    }
}

impl<'p> Prospect<'p> {
    /// The rows as they stand at certain events, or by the latest facts where the clause wants these.
    pub(super) fn rows_at(&self, positions: &'p Positions) -> Rows<'p> {
        self.rows(Hand::At(positions))
    }

    /// The rows as they stand at their last event.
    pub(super) fn rows_now(&self) -> Rows<'p> {
        self.rows(Hand::Last)
    }

    fn rows(&self, hand: Hand<'p>) -> Rows<'p> {
        let Self { survey, names, setup, clause, .. } = *self;
        Rows { survey, names, setup, hand, latest: clause.latest_facts }
    }

    /// The rows as they stand at their last event, and those of which the clause asks something; of those of which it does not there is nothing.
    pub(super) fn asked_now(&self, outlook: &mut Outlook) -> (Rows<'p>, Lanes) {
        let rows = self.rows(Hand::Last);
        let truth = self.applies(&rows, self.survey.rows());
        outlook.nothing = truth.no;
        (rows, truth.yes)
    }

    /// Of which rows the clause applies.
    pub(super) fn applies(&self, rows: &Rows<'_>, among: Lanes) -> Truth {
        let mut truth = Truth { yes: among, no: 0 };
        if let Some(when) = &self.clause.when {
            truth = when.truths(rows, among);
        }
        if let Some(unless) = &self.clause.unless {
            let other = unless.truths(rows, truth.yes);
            truth = Truth { yes: other.no, no: truth.no | other.yes };
        }
        truth
    }

    /// Whether its conditions look at no event at hand.
    pub(super) fn is_without_event(&self) -> bool {
        [&self.clause.when, &self.clause.unless].into_iter().flatten().all(|condition| condition.is_without_event(self.names))
    }

    /// Whether the clause asks for no condition.
    pub(super) const fn is_unconditional(&self) -> bool {
        self.clause.when.is_none() && self.clause.unless.is_none()
    }

    /// Where a case without a trigger begins.
    pub(super) fn start(&self, lane: usize) -> Instant {
        self.survey.at(lane, BEFORE_ALL + 1).unwrap_or(self.effective)
    }
}
