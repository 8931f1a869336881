//! Pairs that differ in an instant: deadlines, records to be completed, terms of keeping, intervals.

use super::{
    Found, Sort,
    space::{Setting, Space},
    stage::{Heard, MINUTE, Opening, Stage},
};
use crate::{
    case::Case,
    finding::{Obligation, State},
    lang::Text,
    time::Instant,
};

/// Where two obligations stand: opened alike, due at different instants.
struct Gap {
    dues: [Instant; 2],
    instance: String,
}

/// The first pair of obligations that the same opened, that are due at different instants, and of which something more holds.
fn gap(heard: &Heard, more: impl Fn(&Obligation, &Obligation) -> bool) -> Option<Gap> {
    let [a, b] = &heard.obligations;
    a.iter().flat_map(|one| b.iter().map(move |other| (one, other))).find_map(|(one, other)| {
        let dues = [one.due?.at, other.due?.at];
        let [first, second] = dues;
        (one.instance == other.instance && first != second && more(one, other)).then(|| Gap { dues, instance: one.instance.clone() })
    })
}

/// Tries all openings, instants and settings.
fn search<T>(
    stage: &Stage<'_>,
    openings: &[Opening],
    apart: &[String],
    try_one: impl Fn(&Opening, &Setting, Instant) -> Option<T>,
) -> Option<T> {
    for opening in openings {
        let space = stage.given(opening, &["after", "at", "start"], apart);
        for base in stage.bases {
            if let Some(found) = space.settings().find_map(|setting| try_one(opening, &setting, base)) {
                return Some(found);
            }
        }
    }
    None
}

fn until(stage: &Stage<'_>, what: &Text, due: Instant, en: &str, zh: &str) -> Text {
    let due = due.show_due(stage.zone);
    Text::new(format!("{}{en}{due}", what.en), format!("{}{zh}{due}", what.zh))
}

/// Two deadlines on the same trigger and answer.
pub(super) fn deadlines(stage: &Stage<'_>) -> Option<Found> {
    let answers = stage.common("expect");
    if answers.is_empty() {
        return None;
    }
    search(stage, &stage.openings("after"), &answers, |opening, setting, base| {
        let case = stage.open(opening, setting, base);
        let as_of = opening.as_of(base);
        let gap = gap(&stage.hear(&case, as_of), |_, _| true)?;
        let answer = answers.iter().find(|answer| settles_both(stage, &case, answer, as_of, &gap))?;
        let label = stage.label(answer);
        let asks = gap.dues.map(|due| until(stage, &label, due, " by ", "不迟于 "));
        Some(Found { sort: Sort::Deadline, about: label, asks, case })
    })
}

/// Whether one event is what both wait for.
fn settles_both(stage: &Stage<'_>, case: &Case, answer: &str, as_of: Instant, gap: &Gap) -> bool {
    let mut space = Space::default();
    stage.at_hand(&[answer.to_owned()], &["expect"], &mut space);
    let [first, second] = gap.dues;
    let instants = [as_of.plus(MINUTE), first.max(as_of), second.max(as_of)];
    space.settings().any(|own| {
        instants.iter().any(|at| {
            let mut answered = case.clone();
            let mut event = stage.event(answer, "answer", *at, &own);
            // Pairs are found by fields of the trigger.
            for key in stage.pair.iter().filter_map(|reading| reading.text("key")) {
                let of_trigger = case.events.iter().rev().find_map(|event| event.data.get(key).cloned());
                event.data.extend(of_trigger.map(|value| (key.to_owned(), value)));
            }
            answered.events.push(event);
            let heard = stage.hear(&answered, *at);
            let done = |list: &[Obligation]| {
                list.iter().any(|found| found.instance == gap.instance && matches!(found.state, State::Met | State::MetLate))
            };
            heard.obligations.iter().all(|list| done(list))
        })
    })
}

/// Two terms of keeping the same thing.
pub(super) fn retentions(stage: &Stage<'_>) -> Option<Found> {
    search(stage, &stage.openings("after"), &[], |opening, setting, base| {
        let case = stage.open(opening, setting, base);
        let gap = gap(&stage.hear(&case, opening.as_of(base)), |_, _| true)?;
        let about = opening.events.first().map_or_else(Text::default, |event| stage.label(event));
        let asks = gap.dues.map(|due| until(stage, &Text::default(), due, "kept until ", "保存至 "));
        Some(Found { sort: Sort::Retention, about, asks, case })
    })
}

/// Two records of the same event that are to have the same thing at different instants, or in different numbers.
pub(super) fn records(stage: &Stage<'_>) -> Option<Found> {
    search(stage, &stage.openings("at"), &[], |opening, setting, base| {
        let case = stage.open(opening, setting, base);
        let heard = stage.hear(&case, base);
        let about = opening.events.first().map_or_else(|| stage.kind.label.clone(), |event| stage.label(event));
        if let Some(gap) = gap(&heard, |one, other| one.missing.iter().any(|name| other.missing.contains(name))) {
            let asks = gap.dues.map(|due| until(stage, &Text::default(), due, "complete by ", "须在此之前完整："));
            return Some(Found { sort: Sort::Record, about, asks, case });
        }
        let [a, b] = stage.pair.map(|reading| reading.text("copies"));
        let asks = [a?, b?].map(|copies| Text::new(format!("at least {copies} copies"), format!("至少 {copies} 份")));
        (a != b && heard.both_apply()).then_some(Found { sort: Sort::Record, about, asks, case })
    })
}

/// Two intervals for doing the same thing.
pub(super) fn recurrences(stage: &Stage<'_>) -> Option<Found> {
    let doings = stage.common("expect");
    if doings.is_empty() {
        return None;
    }
    search(stage, &stage.openings("start"), &doings, |opening, setting, base| {
        let case = stage.open(opening, setting, base);
        let [first, second] = next_due(stage, &case, base)?;
        if first == second {
            return None;
        }
        let doing = doings.iter().find(|doing| counts_for_both(stage, &case, doing, base, [first, second]))?;
        let label = stage.label(doing);
        let asks = [first, second].map(|due| until(stage, &label, due, " next by ", "下次不迟于 "));
        Some(Found { sort: Sort::Recurrence, about: label, asks, case })
    })
}

/// When each of both is next due.
fn next_due(stage: &Stage<'_>, case: &Case, as_of: Instant) -> Option<[Instant; 2]> {
    let heard = stage.hear(case, as_of);
    let next = |list: &[Obligation]| {
        let waiting = list.iter().filter(|found| matches!(found.state, State::Pending | State::DueSoon));
        waiting.filter_map(|found| found.due).map(|due| due.at).min()
    };
    let [a, b] = &heard.obligations;
    Some([next(a)?, next(b)?])
}

/// Whether one doing, late in the shorter interval, moves both on.
fn counts_for_both(stage: &Stage<'_>, case: &Case, doing: &str, base: Instant, dues: [Instant; 2]) -> bool {
    let [first, second] = dues;
    let at = first.min(second).plus(-MINUTE).max(base.plus(MINUTE));
    let mut space = Space::default();
    stage.at_hand(&[doing.to_owned()], &["expect"], &mut space);
    space.settings().any(|own| {
        let mut done = case.clone();
        done.events.push(stage.event(doing, "done", at, &own));
        next_due(stage, &done, at).is_some_and(|[one, other]| one != first && other != second)
    })
}
