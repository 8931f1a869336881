//! Sending: what is due is taken, each attempt on disk before it is made; sent without the store; and marked.

use std::collections::HashMap;

use super::{
    quiet::free_from,
    transport::{Outcome, Transport},
};
use crate::{
    app::clock::Watch,
    lang::Text,
    policy::{
        PolicySet,
        notices::{Channel, Unsure},
    },
    store::{Fate, LEASE, Mark, Outgoing, Store, StoreError},
    time::Instant,
};

/// Attempts after which a notice is given up, over some three days.
pub const ATTEMPTS: u32 = 9;

/// Notices that are taken at a time: with what one attempt may take at most, they end well inside [`LEASE`].
const TAKEN: usize = 20;

/// Messages to one robot in a round. Robots of WeCom and DingTalk take 20 a minute, and shut the door for a while on who sends more.
const ROBOT: usize = 15;

/// How long sending may go on before the rest is left to the next round, in milliseconds.
const ROUND: u64 = 8 * 60_000;

const MINUTE: i64 = 60_000;

/// How long after an attempt the next one is made, in milliseconds; `None` when that was the last.
#[must_use]
pub const fn back_off(attempt: u32) -> Option<i64> {
    let minutes = match attempt {
        0 | 1 => 1,
        2 => 5,
        3 => 15,
        4 => 60,
        5 => 4 * 60,
        6 => 12 * 60,
        7..ATTEMPTS => 24 * 60,
        _ => return None,
    };
    Some(minutes * MINUTE)
}

/// A notice that is to be sent now.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The notice; its attempts count the one that begins.
    pub notice: Outgoing,
}

/// What one round may still send, by channel.
#[derive(Clone, Debug, Default)]
pub struct Budget {
    robots: HashMap<String, usize>,
}

impl Budget {
    /// Whether one more may go out by a channel.
    fn grants(&mut self, name: &str, channel: Option<&Channel>) -> bool {
        if !channel.is_some_and(|channel| channel.way.is_robot()) {
            return true;
        }
        let spent = self.robots.entry(name.to_owned()).or_default();
        let grants = *spent < ROBOT;
        *spent += usize::from(grants);
        grants
    }
}

/// What a round came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Accepted.
    pub sent: usize,
    /// Not accepted, and tried again later.
    pub failed: usize,
    /// Tried often enough, or left to a person.
    pub given_up: usize,
}

impl Report {
    fn add(&mut self, other: Self) {
        self.sent += other.sent;
        self.failed += other.failed;
        self.given_up += other.given_up;
    }

    /// Whether nothing was tried.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.sent + self.failed + self.given_up == 0
    }
}

fn channel<'s>(set: &'s PolicySet, name: &str) -> Option<&'s Channel> {
    set.company.notices.as_ref()?.channels.get(name)
}

/// Takes notices that are due, at most some twenty, and records that an attempt begins before anything is sent. Quiet hours hold back what is not
/// urgent. Call it until it gives none, with the same budget, and again in a minute at the earliest with a new one.
///
/// # Errors
/// When the store cannot be read or written.
pub fn take_due(store: &mut Store, set: &PolicySet, budget: &mut Budget, now: Instant) -> Result<Vec<Taken>, StoreError> {
    let quiet = free_from(set, now) > now;
    let mut taken: Vec<Taken> = Vec::new();
    let mut marks = Vec::new();
    for mut notice in store.unsent(now)? {
        if taken.len() >= TAKEN {
            break;
        }
        if notice.is_given_up() || (quiet && !notice.envelope.urgent) {
            continue;
        }
        let known = channel(set, &notice.envelope.channel);
        let id = notice.envelope.id.clone();
        let attempt = notice.attempts();
        // Nobody came back from the attempt before: whether it arrived, nobody knows.
        let cut_off = matches!(notice.mark, Some(Mark { fate: Fate::Begun, .. }));
        if cut_off && known.is_some_and(|channel| channel.unsure == Unsure::Hold) {
            marks.push(Mark { id, attempt, at: now, fate: Fate::GivenUp { reason: interrupted() } });
            continue;
        }
        if !budget.grants(&notice.envelope.channel, known) {
            continue;
        }
        let mark = Mark { id, attempt: attempt.saturating_add(1), at: now, fate: Fate::Begun };
        notice.mark = Some(mark.clone());
        marks.push(mark);
        taken.push(Taken { notice });
    }
    store.mark(marks, now)?;
    Ok(taken)
}

fn interrupted() -> Text {
    Text::new(
        "the program ended while it was being sent; whether it arrived is not known, and the channel says to hold such",
        "发送过程中程序中断，是否送达不明；该渠道设为 hold，留待人工处理",
    )
}

/// Sends notices, one by one; the store need not be open. What does not come to its turn in time is left to the next round.
pub fn send(transport: &mut dyn Transport, taken: Vec<Taken>, clock: &dyn Fn() -> Instant) -> Vec<(Taken, Outcome)> {
    let watch = Watch::start();
    let mut outcomes = Vec::with_capacity(taken.len());
    for one in taken {
        let outcome = if watch.millis() > ROUND { Outcome::Untried } else { transport.send(&one.notice, clock()) };
        outcomes.push((one, outcome));
    }
    outcomes
}

/// Records what became of notices.
///
/// # Errors
/// When the store cannot be read or written.
pub fn mark(store: &mut Store, set: &PolicySet, outcomes: Vec<(Taken, Outcome)>, now: Instant) -> Result<Report, StoreError> {
    let mut report = Report::default();
    let mut marks = Vec::with_capacity(outcomes.len());
    for (Taken { notice }, outcome) in outcomes {
        let envelope = &notice.envelope;
        let mut attempt = notice.attempts();
        let hold = channel(set, &envelope.channel).is_some_and(|channel| channel.unsure == Unsure::Hold);
        let fate = match outcome {
            Outcome::Sent => Fate::Sent,
            Outcome::Untried => {
                attempt = attempt.saturating_sub(1);
                Fate::Waits { next: now }
            }
            Outcome::Unsure(reason) if hold => Fate::GivenUp { reason },
            Outcome::Failed(reason) | Outcome::Unsure(reason) => match back_off(attempt) {
                None => Fate::GivenUp { reason },
                Some(wait) => {
                    let next = now.plus(wait);
                    Fate::Failed { reason, next: if envelope.urgent { next } else { free_from(set, next) } }
                }
            },
        };
        match fate {
            Fate::Sent => report.sent += 1,
            Fate::Failed { .. } => report.failed += 1,
            Fate::GivenUp { .. } => report.given_up += 1,
            Fate::Begun | Fate::Waits { .. } => {}
        }
        marks.push(Mark { id: notice.envelope.id, attempt, at: now, fate });
    }
    store.mark(marks, now)?;
    Ok(report)
}

/// Takes, sends and marks until nothing is due, the store being held all the while: for a program that does nothing else with it.
///
/// # Errors
/// When the store cannot be read or written.
pub fn deliver(
    store: &mut Store,
    set: &PolicySet,
    transport: &mut dyn Transport,
    clock: &dyn Fn() -> Instant,
) -> Result<Report, StoreError> {
    let (mut budget, mut report, watch) = (Budget::default(), Report::default(), Watch::start());
    while watch.millis() <= ROUND {
        let taken = take_due(store, set, &mut budget, clock())?;
        if taken.is_empty() {
            break;
        }
        let outcomes = send(transport, taken, clock);
        report.add(mark(store, set, outcomes, clock())?);
    }
    Ok(report)
}

/// Why a notice cannot be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is none of this id.
    Unknown,
    /// It was accepted.
    Sent,
    /// An attempt is under way.
    UnderWay,
}

/// Lets a notice be tried again at once, with all attempts anew.
///
/// # Errors
/// When the store cannot be read or written.
pub fn retry(store: &mut Store, id: &str, now: Instant) -> Result<Result<(), Refused>, StoreError> {
    let Some(notice) = store.notice(id)? else { return Ok(Err(Refused::Unknown)) };
    match &notice.mark {
        Some(Mark { fate: Fate::Sent, .. }) => return Ok(Err(Refused::Sent)),
        Some(Mark { fate: Fate::Begun, at, .. }) if now < at.plus(LEASE) => return Ok(Err(Refused::UnderWay)),
        _ => {}
    }
    store.mark(vec![Mark { id: id.to_owned(), attempt: 0, at: now, fate: Fate::Waits { next: now } }], now)?;
    Ok(Ok(()))
}
