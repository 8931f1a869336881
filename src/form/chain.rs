//! A chain that is filled, step by step, by approvals; any of its roles fills a step.

use smallvec::SmallVec;

use super::Ask;
use crate::{
    policy::lookup::{Choice, Name},
    view::Position,
};

/// A step in words.
pub(super) fn any_of(roles: &Choice) -> String {
    roles.iter().map(|role| role.text.as_str()).collect::<Vec<_>>().join(" / ")
}

/// The state of a chain while events pass by.
pub(super) struct Chain<'c> {
    pub(super) roles: &'c [Choice],
    /// Which event filled each step.
    pub(super) filled: SmallVec<[Option<Position>; 4]>,
    pub(super) strict: bool,
    /// One person fills one step.
    pub(super) distinct: bool,
}

pub(super) enum Step {
    Taken,
    Ignored,
    /// The step that comes first.
    OutOfOrder(usize),
}

impl<'c> Chain<'c> {
    fn next(&self) -> Option<usize> {
        self.filled.iter().position(Option::is_none)
    }

    /// Whether the approval at a position may fill a step of this role.
    fn fits(&self, ask: &Ask<'_>, position: Position, role: &Name) -> bool {
        let view = ask.env.view;
        let by_role = view.role_word(position).and_then(|word| view.words().symbol(word)) == Some(role.symbol);
        let may_act = |by: &str| view.at(position).is_some_and(|at| ask.org.may_act(by, &role.text, at));
        if !by_role && !view.by(position).is_some_and(may_act) {
            return false;
        }
        let Some(by) = view.by_word(position).filter(|_| self.distinct) else { return true };
        let used = self.filled.iter().flatten().any(|other| view.by_word(*other).is_some_and(|other| view.words().is_same(other, by)));
        let deputy = || view.at(position).zip(view.by(position)).is_some_and(|(at, by)| ask.org.is_deputy(by, &role.text, at));
        !used || deputy()
    }

    pub(super) fn approve(&mut self, ask: &Ask<'_>, position: Position) -> Step {
        let next = self.next();
        let fitting = |step: &usize| {
            self.filled.get(*step).is_some_and(Option::is_none)
                && self.roles.get(*step).is_some_and(|any| any.iter().any(|role| self.fits(ask, position, role)))
        };
        let Some(step) = next.filter(fitting).or_else(|| (0..self.roles.len()).find(fitting)) else { return Step::Ignored };
        if let Some(next) = next.filter(|next| self.strict && step != *next) {
            return Step::OutOfOrder(next);
        }
        if let Some(place) = self.filled.get_mut(step) {
            *place = Some(position);
        }
        Step::Taken
    }

    pub(super) fn missing(&self) -> impl Iterator<Item = &'c Choice> {
        self.roles.iter().zip(&self.filled).filter(|(_, filled)| filled.is_none()).map(|(role, _)| role)
    }
}
