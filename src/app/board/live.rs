//! Keeping the board up: cases that change, and those whose time comes, are judged again.

use std::{cmp::Reverse, collections::HashMap, rc::Rc};

use super::{
    AHEAD, Board,
    build::{columns, site_of},
    item::Item,
};
use crate::{
    app::{judging::waivers_by_case, nightly::parent_of},
    desk::Hand,
    engine::{Session, Wanted},
    policy::PolicySet,
    store::{FindingKey, Store, StoreError},
    time::Instant,
    view::Batch,
};

impl Board {
    /// Judges cases again; ids must ascend. Cases that are part of one of them go with it where a clause asks for parents.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn rejudge(&mut self, store: &Store, set: &PolicySet, now: Instant, ids: &[String]) -> Result<(), StoreError> {
        let mut all = ids.to_vec();
        if set.uses_parents {
            for parent in ids {
                all.extend(store.members(parent)?);
            }
            all.sort_unstable();
            all.dedup();
        }
        if all.is_empty() {
            return Ok(());
        }
        let waivers = waivers_by_case(store, None)?;
        let mut session = Session::new(set, now, Wanted::Unmet, None);
        store.some_chunks(&all, |chunk| {
            for (block, row) in chunk.rows() {
                let id = block.id(row);
                let before: HashMap<FindingKey, Item> = self.take(id).into_iter().map(|item| (self.key(&item), item)).collect();
                let batch = Rc::new(Batch::new(Rc::clone(block), &set.symbols));
                let Some(subject) = session.subject(&batch, row) else { continue };
                let parent = parent_of(store, &session, &batch, row)?;
                let waived = waivers.get(id).map_or(&[][..], Vec::as_slice);
                let site = site_of(block, row, &columns(block, set)).map(|site| self.sites.number(site));
                let kind = Some(self.kinds.number(block.text(block.kind(row))));
                let mut found: Vec<Item> = Vec::new();
                let judged = session.judge(&subject, parent.as_ref(), waived, &mut |one| {
                    if one.stand.state.is_violation() && !one.stand.open {
                        return;
                    }
                    let clause = self.clause_number(set, &one.clause.properties.id);
                    let role = one.acts().then(|| self.roles.number(one.role()));
                    found.push(Item {
                        case: Some(id.into()),
                        group: None,
                        clause,
                        instance: one.instance().into(),
                        state: one.stand.state,
                        open: one.stand.open,
                        alarm: one.alarm,
                        due: one.duty.due.map(|due| due.at),
                        role,
                        kind,
                        site,
                        first_seen: None,
                        reopened: 0,
                        to: None,
                        seen: false,
                    });
                });
                for mut item in found {
                    if let Some(known) = before.get(&self.key(&item)) {
                        (item.first_seen, item.reopened, item.to, item.seen) = (known.first_seen, known.reopened, known.to, known.seen);
                    }
                    self.put(item);
                }
                if let Some(at) = judged.rejudge.filter(|at| *at <= now.plus(AHEAD)) {
                    self.wakes.push(Reverse((at, id.into())));
                }
            }
            Ok(())
        })?;
        self.version += 1;
        Ok(())
    }

    /// Judges the cases again whose time has come; tells whether there were any.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn wake(&mut self, store: &Store, set: &PolicySet, now: Instant) -> Result<bool, StoreError> {
        let mut ids: Vec<String> = Vec::new();
        while let Some(Reverse((at, id))) = self.wakes.peek() {
            if *at > now {
                break;
            }
            ids.push(id.to_string());
            self.wakes.pop();
        }
        ids.sort_unstable();
        ids.dedup();
        let some = !ids.is_empty();
        self.rejudge(store, set, now, &ids)?;
        Ok(some)
    }

    /// Notes who has a finding in hand.
    pub fn hand(&mut self, key: &FindingKey, hand: &Hand) {
        let to = hand.to.as_deref().map(|person| self.people.number(person));
        let places: Vec<usize> = match &key.case {
            Some(case) => self.cases.get(case.as_str()).cloned().unwrap_or_default(),
            None => (0..self.items.len()).filter(|at| self.items.get(*at).is_some_and(|item| item.case.is_none())).collect(),
        };
        for place in places {
            if self.items.get(place).is_some_and(|item| self.key(item) == *key)
                && let Some(item) = self.items.get_mut(place)
            {
                item.take(hand, to);
                self.version += 1;
            }
        }
    }
}
