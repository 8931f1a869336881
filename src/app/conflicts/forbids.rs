//! One clause forbids what another expects: on some case the awaited event cannot be done without a breach, whatever is done before it.

use super::{
    Found, Sort,
    space::{Setting, Space, What},
    stage::{MINUTE, Stage},
};
use crate::{
    case::{Case, Value},
    finding::{Obligation, State},
    lang::Text,
    time::Instant,
};

/// How long after the opening the event is tried, in milliseconds: at once, by night, the next day.
const WHEN: [i64; 3] = [MINUTE, 13 * 60 * MINUTE, 24 * 60 * MINUTE];

pub(super) fn weigh(stage: &Stage<'_>, forbidding: usize) -> Option<Found> {
    let expecting = 1 - forbidding;
    let [forbids, expects] = [stage.pair.get(forbidding)?, stage.pair.get(expecting)?];
    let forbidden = forbids.types("event");
    let answers: Vec<String> = expects.types("expect").intersection(&forbidden).map(|name| (*name).to_owned()).collect();
    for answer in &answers {
        let triggers: Vec<Vec<String>> = match (expects.form.get("after").or_else(|| expects.form.get("start")), expects.violation()) {
            (_, Some(_)) => continue,
            (None, _) => vec![Vec::new()],
            (Some(_), None) => {
                let named = expects.types("after").into_iter().chain(expects.types("start"));
                named.map(|event| vec![event.to_owned()]).collect()
            }
        };
        for trigger in triggers {
            let opening = super::stage::Opening::of(trigger);
            let space = stage.given(&opening, &["after", "start"], &others(stage, forbidding, &opening.events, answer));
            let base = stage.bases[0];
            let found = space.settings().find_map(|setting| {
                let case = stage.open(&opening, &setting, base);
                let heard = stage.hear(&case, base);
                let open = heard.obligations.get(expecting)?.iter().find(|found| is_open(found))?;
                let tries = Tries { stage, forbidding, answer, case: &case, open, base };
                tries.is_caught(&opening.events).then_some(case)
            });
            if let Some(case) = found {
                let label = stage.label(answer);
                let forbids = Text::new(format!("forbids: {}", label.en), format!("禁止：{}", label.zh));
                let expects = Text::new(format!("expects: {}", label.en), format!("要求：{}", label.zh));
                let asks = if forbidding == 0 { [forbids, expects] } else { [expects, forbids] };
                return Some(Found { sort: Sort::Forbidden, about: label, asks, case });
            }
        }
    }
    None
}

const fn is_open(found: &Obligation) -> bool {
    matches!(found.state, State::Pending | State::DueSoon | State::Overdue)
}

/// Events of which the forbidding clause speaks, other than the trigger and the answer: what may be done before.
fn others(stage: &Stage<'_>, forbidding: usize, trigger: &[String], answer: &str) -> Vec<String> {
    let Some(forbids) = stage.pair.get(forbidding) else { return Vec::new() };
    let names = stage.kind.events.iter().map(|event| &event.name).filter(|name| *name != answer && !trigger.contains(name));
    names.filter(|name| forbids.speaks_of(name)).cloned().collect()
}

/// All ways of doing what is expected.
struct Tries<'t> {
    stage: &'t Stage<'t>,
    forbidding: usize,
    answer: &'t str,
    case: &'t Case,
    open: &'t Obligation,
    base: Instant,
}

impl Tries<'_> {
    /// Whether what is expected can be done, and every way of doing it is forbidden.
    fn is_caught(&self, trigger: &[String]) -> bool {
        let mut space = Space::default();
        self.stage.at_hand(&[self.answer.to_owned()], &["expect", "event"], &mut space);
        for other in others(self.stage, self.forbidding, trigger, self.answer) {
            space.add(What::Before(other), vec![Value::Int(0), Value::Int(1)]);
        }
        let mut can_be_done = false;
        for setting in space.settings() {
            for after in WHEN {
                match self.one(&setting, self.base.plus(after)) {
                    (true, false) => return false,
                    (true, true) => can_be_done = true,
                    (false, _) => {}
                }
            }
        }
        can_be_done
    }

    /// Whether a way of doing it settles the obligation, and whether it is a breach.
    fn one(&self, setting: &Setting, at: Instant) -> (bool, bool) {
        let mut case = self.case.clone();
        for (what, value) in setting {
            if let (What::Before(event), Value::Int(1)) = (what, value) {
                case.events.push(self.stage.event(event, event, at.plus(-MINUTE / 2), setting));
            }
        }
        case.events.push(self.stage.event(self.answer, "answer", at, setting));
        let heard = self.stage.hear(&case, at);
        let lists = &heard.obligations;
        let of = |side: usize| lists.get(side).into_iter().flatten();
        let waits = of(1 - self.forbidding).any(|found| found.instance == self.open.instance && is_open(found));
        let done = of(1 - self.forbidding).any(|found| matches!(found.state, State::Met | State::MetLate));
        let breached = of(self.forbidding).any(|found| found.state == State::Breached && found.evidence.iter().any(|id| id == "answer"));
        (done && !waits, breached)
    }
}
