//! Records are kept for a term.
//!
//! From each `after` on, records are kept for `keep`; `dispose` before the end of the term is a breach. With `review`, an event is expected
//! within `review_within` after the term has ended.
//!
//! States: pending while the term runs, met when it has run out, breached by an early disposal; the review is a second obligation:
//! pending, `due_soon`, overdue, met, `met_late`.
//!
//! Example: `retention: {after: archived, keep: 3y, dispose: destroyed, review: reviewed, review_within: 30d}`
//!
//! # 中文
//! 记录须保存一定年限。
//!
//! 自每个 `after` 起保存 `keep`；在期满之前 `dispose` 为违反。有 `review` 时，期满后须在 `review_within` 内复核。
//!
//! 状态：期内为未到期，期满为达成，过早销毁为违反；复核另成一项义务：未到期、即将到期、逾期、按时完成、逾期完成。
//!
//! 示例：`retention: {after: archived, keep: 3y, dispose: destroyed, review: reviewed, review_within: 30d}`

use super::{Ask, Duty, Form, FormReader, Instance, Judge, Outcome, Rule};
use crate::{
    lang::Text,
    policy::{lookup::Lookup, matcher::Matcher},
    script::{Env, Expr},
    time::{Due, Instant, Span},
    value::Type,
    view::Position,
    yaml::{Fields, Key},
};

pub(super) const FORM: Form =
    Form { name: "retention", title: ("retention", "保存期限"), keys: KEYS, source: include_str!("retention.rs"), read };

const KEYS: &[Key] = &[
    Key::required("after", "matcher", "from when records are kept", "保存的起点"),
    Key::required("keep", "span", "for how long", "保存多久"),
    Key::optional("dispose", "matcher", "must not come before the term ends", "期满之前不得发生的销毁"),
    Key::optional("review", "matcher", "expected once the term has ended", "期满后须有的复核"),
    Key::optional("review_within", "span", "time for the review (default 30d)", "复核时限（默认 30d）"),
];

#[derive(Debug)]
struct Retention {
    after: Matcher,
    keep: Lookup,
    dispose: Option<Matcher>,
    review: Option<Matcher>,
    review_within: Option<Lookup>,
}

fn read(fields: &Fields<'_>, reader: &mut FormReader<'_, '_>) -> Option<Rule> {
    let after = reader.need_matcher(fields, "after")?;
    let optional = |name: &str, reader: &mut FormReader<'_, '_>| match fields.get(name) {
        Some(_) => reader.matcher(fields, name).map(Some),
        None => Some(None),
    };
    Some(Rule::Case(Box::new(Retention {
        keep: reader.lookup_at(fields, "keep", Type::Span, &after.types())?,
        dispose: optional("dispose", reader)?,
        review: optional("review", reader)?,
        review_within: if fields.get("review_within").is_some() { Some(reader.lookup(fields, "review_within", Type::Span)?) } else { None },
        after,
    })))
}

impl Retention {
    fn judge_one<'a>(&'a self, ask: &mut Ask<'a>, position: Position) {
        let (instance, at) = (Instance::Event(position), ask.instant_of(position));
        let env = ask.env_at(position);
        if !ask.takes(&env, &instance, at, position) {
            return;
        }
        let mut duty = Duty::new(instance, at, position);
        let term = match self.keep.span(&env) {
            Ok(span) => env.setup.clock().add(at, span, &[]),
            Err(trouble) => {
                duty.outcome = trouble.into();
                ask.duties.push(duty);
                return;
            }
        };
        let until = term.at.show_due(env.setup.zone());
        let after = |matcher: &'a Matcher| matcher.positions_in(&ask.env, position + 1..Position::MAX);
        // What lapses with its case cannot be broken after that, nor does it come back when the term has run out.
        let lapses = ask.end().filter(|end| *end <= term.at);
        let is_early = |found| ask.instant_of(found) < term.at && lapses.is_none_or(|end| ask.instant_of(found) <= end);
        let early = self.dispose.as_ref().map_or(Ok(None), |dispose| after(dispose).first(is_early));
        duty.due = Some(term);
        // Nothing can be done before the term ends, so nothing falls due: no warning unless the clause asks for one.
        duty.stood = term.at.since(at);
        duty.about = Some(Text::new(format!("to be kept until {until}"), format!("须保存至 {until}")).into());
        match early {
            Ok(Some(found)) => {
                duty.outcome = Outcome::Broken { at: ask.instant_of(found), settled: None };
                duty.evidence.push(found);
                duty.about = Some(Text::new(format!("disposed of before {until}"), format!("在 {until} 之前即已销毁")).into());
            }
            Err(doubt) => {
                duty.evidence.push(doubt.position);
                duty.outcome = doubt.trouble.into();
            }
            Ok(None) if ask.env.view.as_of >= term.at && lapses.is_none() => duty.outcome = Outcome::Met(Some(term.at)),
            Ok(None) => {}
        }
        let ended = duty.outcome == Outcome::Met(Some(term.at));
        ask.duties.push(duty);
        ask.wake_at(term.at);
        if let Some(review) = self.review.as_ref().filter(|_| ended) {
            let duty = self.reviewed(ask, &env, position, term, review);
            ask.duties.push(duty);
        }
    }

    /// The review that is expected once the term has ended.
    fn reviewed<'a>(&'a self, ask: &Ask<'a>, env: &Env<'a>, position: Position, term: Due, review: &'a Matcher) -> Duty<'a> {
        let instance = Instance::Text(format!("{}:review", ask.event_id(position)));
        let mut duty = Duty::new(instance, ask.instant_of(position), position);
        duty.started = Some(term.at);
        duty.act = Some(Text::new("Review what may be disposed of", "复核可否销毁").into());
        let due = match self.review_within.as_ref().map_or(Ok(Span::Days(30)), |within| within.span(env)) {
            Ok(span) => env.setup.clock().after_due(term.at, span),
            Err(trouble) => {
                duty.outcome = trouble.into();
                return duty;
            }
        };
        duty.due = Some(due);
        let first = |from: Instant, until: Instant| {
            let mut unsure = None;
            // What has been disposed of needs no review.
            for matcher in std::iter::once(review).chain(&self.dispose) {
                let after = matcher.positions_in(&ask.env, position + 1..Position::MAX);
                match after.first(|found| (from..=until).contains(&ask.instant_of(found))) {
                    Ok(None) => {}
                    Err(doubt) => unsure = unsure.or(Some(doubt)),
                    found => return found,
                }
            }
            unsure.map_or(Ok(None), Err)
        };
        let found = match first(term.at, due.at) {
            Ok(None) => first(due.at.plus(1), Instant::MAX),
            found => found,
        };
        match found {
            Ok(Some(found)) => {
                duty.outcome = Outcome::Met(Some(ask.instant_of(found)));
                duty.evidence.push(found);
            }
            Err(doubt) => {
                duty.evidence.push(doubt.position);
                duty.outcome = doubt.trouble.into();
            }
            Ok(None) => {}
        }
        duty
    }
}

impl Judge for Retention {
    fn judge<'a>(&'a self, ask: &mut Ask<'a>) {
        for found in self.after.positions(&ask.env) {
            if let Some(position) = ask.sure(found) {
                self.judge_one(ask, position);
            }
        }
    }

    fn needs(&self) -> Vec<u16> {
        self.after.types()
    }

    fn breaks(&self) -> bool {
        self.dispose.is_some()
    }

    fn expressions(&self) -> Vec<&Expr> {
        let matchers = std::iter::once(&self.after).chain(&self.dispose).chain(&self.review);
        let values = std::iter::once(&self.keep).chain(&self.review_within);
        values.flat_map(Lookup::expressions).chain(matchers.flat_map(Matcher::conditions)).collect()
    }
}
