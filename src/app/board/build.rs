//! Making the board from what the last run left.

use std::{cmp::Reverse, collections::HashMap};

use super::{
    AHEAD, Board,
    item::{ClauseRow, Item},
    names::Name,
};
use crate::{
    case::{CaseRecord, Value, Values},
    ledger::{Known, Mover, Sheet},
    pack::{Block, Cell},
    policy::{PolicySet, clause::Severity},
    store::{Archive, Store, StoreError},
    time::Instant,
};

/// The facts that name a case's site where the company names none.
pub const SITE_FACTS: [&str; 3] = ["site", "station", "department"];

impl Board {
    /// Makes it: what the last run left, and who has what in hand; then judges what changed since.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn build(store: &Store, set: &PolicySet, now: Instant) -> Result<Self, StoreError> {
        let mut board = Self::default();
        for clause in &set.clauses {
            board.clause_number(set, &clause.properties.id);
        }
        for post in &set.org.posts {
            board.people.number(&post.person);
        }
        let Some(sheet) = store.sheet()? else { return Ok(board) };
        board.run = store.last_run()?.as_ref().map(Into::into);
        let numbers: Vec<Name> = sheet.clauses.iter().map(|row| board.clause_number(set, &row.id)).collect();
        let horizon = now.plus(AHEAD);
        let mut ids: Vec<String> = Vec::new();
        Archive::open(store, &sheet)?.each(|entry| {
            if let Some(at) = entry.rejudge.filter(|at| *at <= horizon) {
                board.wakes.push(Reverse((at, entry.id.into())));
            }
            let rest = entry.rest().map_err(|error| store.unreadable_page(error))?;
            let before = board.len();
            for known in &rest.known {
                board.add(&sheet, &numbers, known, Some(entry.id), None);
            }
            if board.len() > before {
                ids.push(entry.id.to_owned());
            }
            Ok(())
        })?;
        board.read_sites(store, set, &ids)?;
        for (group, head) in store.heads()? {
            for known in &head.known {
                board.add(&sheet, &numbers, known, None, Some(&group.group));
            }
        }
        for (key, hand) in store.hands()? {
            board.hand(&key, &hand);
        }
        let changed = store.changed_since(sheet.run)?;
        board.rejudge(store, set, now, &changed)?;
        board.wake(store, set, now)?;
        Ok(board)
    }

    fn add(&mut self, sheet: &Sheet, numbers: &[Name], known: &Known, case: Option<&str>, group: Option<&str>) {
        let state = known.standing.state();
        // What is settled is nobody's move.
        if state.is_violation() && !known.open {
            return;
        }
        let row = usize::from(known.clause);
        let (Some(clause), Some(of)) = (numbers.get(row), sheet.clauses.get(row)) else { return };
        let role = match &known.mover {
            Mover::Nobody => None,
            Mover::Owner => Some(self.roles.number(&of.owner)),
            Mover::Role(role) => Some(self.roles.number(role)),
        };
        let kind = Some(self.kinds.number(&of.kind));
        self.put(Item {
            case: case.map(Into::into),
            group: group.map(Into::into),
            clause: *clause,
            instance: known.instance.as_str().into(),
            state,
            open: known.open,
            alarm: known.alarm,
            due: known.due,
            role,
            kind,
            site: None,
            first_seen: known.first_seen,
            reopened: known.reopened,
            to: None,
            seen: false,
        });
    }

    /// The number of a clause.
    pub(super) fn clause_number(&mut self, set: &PolicySet, id: &str) -> Name {
        if let Some(number) = self.clause_numbers.find(id) {
            return number;
        }
        let (policy, _) = id.split_once('/').unwrap_or((id, ""));
        let policy = self.policies.number(policy);
        let newest = set.named(id).last();
        self.clauses.push(ClauseRow {
            id: id.to_owned(),
            policy,
            severity: newest.map_or_else(Severity::default, |(_, clause)| clause.properties.severity),
            form: newest.map_or("", |(_, clause)| clause.form),
            index: newest.map(|(index, _)| index),
        });
        self.clause_numbers.number(id)
    }

    fn read_sites(&mut self, store: &Store, set: &PolicySet, ids: &[String]) -> Result<(), StoreError> {
        store.some_chunks(ids, |chunk| {
            let mut of: Option<(*const Block, Vec<usize>)> = None;
            for (block, row) in chunk.rows() {
                let at: *const Block = std::rc::Rc::as_ptr(block);
                if of.as_ref().is_none_or(|(known, _)| *known != at) {
                    of = Some((at, columns(block, set)));
                }
                let site = of.as_ref().and_then(|(_, columns)| site_of(block, row, columns));
                if let Some(site) = site {
                    let number = self.sites.number(site);
                    for place in self.cases.get(block.id(row)).into_iter().flatten() {
                        if let Some(item) = self.items.get_mut(*place) {
                            item.site = Some(number);
                        }
                    }
                }
            }
            Ok(())
        })
    }
}

/// The fact columns of a block that may name a site, the first that does counting.
pub(in crate::app) fn columns(block: &Block, set: &PolicySet) -> Vec<usize> {
    let places: HashMap<&str, usize> = block.fact_names().iter().enumerate().map(|(column, name)| (block.text(*name), column)).collect();
    let own = &set.company.sites;
    let names: Vec<&str> = if own.is_empty() { SITE_FACTS.to_vec() } else { own.iter().map(String::as_str).collect() };
    names.into_iter().filter_map(|name| places.get(name).copied()).collect()
}

/// The site of a row.
pub(in crate::app) fn site_of<'b>(block: &'b Block, row: usize, columns: &[usize]) -> Option<&'b str> {
    columns.iter().find_map(|column| match block.fact(*column, row) {
        Cell::Text(text) => Some(block.text(text)).filter(|text| !text.is_empty()),
        _ => None,
    })
}

/// The site of a stored case.
#[must_use]
pub fn site_of_record(record: &CaseRecord, set: &PolicySet) -> Option<String> {
    site_of_facts(&record.facts.first()?.values, set)
}

/// The site that facts name.
#[must_use]
pub fn site_of_facts(facts: &Values, set: &PolicySet) -> Option<String> {
    let own = &set.company.sites;
    let names: Vec<&str> = if own.is_empty() { SITE_FACTS.to_vec() } else { own.iter().map(String::as_str).collect() };
    names.into_iter().find_map(|name| match facts.get(name)? {
        Value::Text(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    })
}
