//! Notices and calendars: what the server tells people without being asked, and the feeds that their calendar programs read.

use super::{
    sight::sees_duty,
    state::App,
    visit::{Answer, Refusal, Reply, Visit},
};
use crate::{
    app::{
        clock,
        ical::{Whose, feed, upcoming},
        nightly::unmet_in_words,
        notices::{Budget, Change, Report, Wire, compose, compose_change, mark, retry, send, take_due},
    },
    desk::Deed,
    finding::Obligation,
    lang::Text,
    policy::notices::What,
    store::{FindingKey, StoreError},
};

/// How far ahead a calendar shows: four weeks, in milliseconds.
const AHEAD: i64 = 28 * 86_400_000;

impl App {
    /// Composes what the last run has to tell.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn compose(&self) -> Result<(), Refusal> {
        let rules = self.rules();
        if rules.set.company.notices.is_some() {
            self.change(|store| compose(store, &rules.set, clock::now()))?;
        }
        Ok(())
    }

    /// Tells a person what was given to them.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn tell(&self, person: &str, keys: Vec<FindingKey>, seq: u64) -> Result<(), Refusal> {
        let rules = self.rules();
        if rules.set.company.notices.is_none() {
            return Ok(());
        }
        let mut found: Vec<Obligation> = Vec::new();
        unmet_in_words(&*self.store()?, &rules.set, self.now(), &keys.into_iter().collect(), &mut |one| {
            found.push(one);
            Ok::<(), StoreError>(())
        })?;
        let id = seq.to_string();
        let change = Change { id: &id, what: What::Assigned, person: Some(person) };
        self.change(|store| compose_change(store, &rules.set, &change, &found, clock::now()))?;
        Ok(())
    }

    /// Sends what is due, a few at a time; the store is free while they are on their way.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn send_notices(&self) -> Result<Vec<Report>, Refusal> {
        let rules = self.rules();
        let Some(notices) = &rules.set.company.notices else { return Ok(Vec::new()) };
        let (mut budget, mut reports) = (Budget::default(), Vec::new());
        loop {
            let taken = self.change(|store| take_due(store, &rules.set, &mut budget, clock::now()))?;
            if taken.is_empty() {
                return Ok(reports);
            }
            let outcomes = send(&mut Wire::new(notices, &self.workspace.root), taken, &clock::now);
            reports.push(self.change(|store| mark(store, &rules.set, outcomes, clock::now()))?);
        }
    }
}

/// Puts a notice that was given up back into the outbox.
pub fn again(visit: &Visit<'_>) -> Answer {
    let id = visit.param("notice");
    match visit.app.change(|store| retry(store, id, clock::now()))? {
        Ok(()) => {
            visit.app.act(&visit.account()?.name, visit.via, Deed::Resent(id.to_owned()))?;
            Ok(Reply::see("/runs?done=saved"))
        }
        Err(_) => Err(Refusal::Wrong(Text::new("this notice is unknown, sent, or on its way", "该通知不存在、已发送或正在发送"))),
    }
}

/// A calendar of what falls due: of a role, of a person, or else of whom the token is.
pub fn calendar(visit: &Visit<'_>) -> Answer {
    let who = visit.account()?;
    let rules = visit.app.rules();
    let role = visit.query.get("role");
    let person = visit.query.get("person").or_else(|| Some(who.name.as_str()).filter(|_| role.is_none()));
    let board = visit.app.board();
    let store = visit.app.store()?;
    let until = visit.now.plus(AHEAD);
    let mut found = upcoming(&store, &rules.set, Whose { role, person }, (visit.now, until))?.unwrap_or_default();
    found.retain(|one| sees_duty(&board, who, one.case.as_deref(), &one.clause_id));
    let of =
        person.map_or_else(|| role.map_or_else(String::new, |role| rules.set.org.label(role).get(visit.lang).to_owned()), str::to_owned);
    let body = feed(&found, &rules.set, &format!("duly · {of}"), visit.lang);
    Ok(Reply::new("text/calendar; charset=utf-8", body))
}
