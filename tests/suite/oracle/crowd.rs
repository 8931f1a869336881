//! Limits and targets over many cases: who belongs to which period, and what a period comes to.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{
    clock::{Ms, Span},
    deadline,
    expr::{self, Place},
    limit::words,
    model::{Amount, Bound, Clause, Deadline, Excess, Law, Level, Limit, Matcher, Measure, Period, Target},
    recurrence::{begins, next},
    scene::{Court, Missing, Tell},
    state::{Verdict, verdict},
    threshold::holds,
};

/// One event or obligation in a period.
#[derive(Clone, Debug)]
pub struct Member {
    pub at: Ms,
    pub case: String,
    pub event: String,
    pub standing: Standing,
    /// How what is asked of it stands, should it go too far.
    pub sequels: Vec<Verdict>,
}

#[derive(Clone, Debug)]
pub enum Standing {
    /// Well or not, with the number it adds and what makes it different.
    Told {
        good: bool,
        value: Decimal,
        mark: String,
    },
    Untold(Missing),
    Waived,
}

/// By group and first day of the period.
pub type Groups = BTreeMap<(String, NaiveDate), Vec<Member>>;

pub fn period(law: &Law, per: Period, at: Ms) -> NaiveDate {
    let mut date = law.calendar.date(at);
    while !begins(per, date) {
        date = date.pred_opt().unwrap();
    }
    date
}

fn group(expression: Option<&String>, place: &Place<'_>) -> Tell<String> {
    let Some(text) = expression else { return Ok(String::new()) };
    let text = text.trim_start_matches('=');
    Ok(format!("{text}={}", words(&expr::value(text, place)?)))
}

/// What a case adds to a limit per period.
pub fn counted(court: &Court<'_>, form: &Limit, per: Period, groups: &mut Groups) {
    let (matcher, value) = match &form.measure {
        Measure::Count(matcher) => (matcher, None),
        Measure::Distinct(matcher, value) | Measure::Sum(matcher, value) => (matcher, Some(value)),
        Measure::Value(_) => return,
    };
    let excess = form.excess.as_ref().map(|excess| sequels(court, matcher, excess)).unwrap_or_default();
    add(court, (matcher, form.group.as_ref()), per, groups, &excess, |place| {
        let got = value.map(|value| expr::value(value, &Place { upto: place.event.unwrap(), ..*place })).transpose()?;
        let number = match &got {
            Some(expr::Got::Number(number)) => *number,
            _ => Decimal::ONE,
        };
        Ok(Standing::Told { good: true, value: number, mark: got.as_ref().map(words).unwrap_or_default() })
    });
}

/// What a case adds to a target by its events.
pub fn shared(court: &Court<'_>, form: &Target, of: &Matcher, groups: &mut Groups) {
    add(court, (of, form.group.as_ref()), form.per, groups, &Sequels::new(), |place| {
        let good = form.good.as_ref().map_or(Ok(true), |good| expr::holds(good, place))?;
        let value = form.mean.as_ref().map_or(Ok(Decimal::ZERO), |mean| expr::number(mean, place))?;
        Ok(Standing::Told { good, value, mark: String::new() })
    });
}

/// By event.
type Sequels = BTreeMap<String, Vec<Verdict>>;

/// What would be asked of each event, were it beyond: a deadline, and one that hangs on it. Waivers and remedies are those of cases, and not of
/// periods; whether the clause applies is asked at the event alone.
fn sequels(court: &Court<'_>, of: &Matcher, form: &Excess) -> Sequels {
    let clause = Clause { when: None, unless: None, remedy: None, ..court.clause.clone() };
    let plain = |expect: &Matcher, within: &Amount<Span>| Deadline {
        after: None,
        violation: None,
        expect: expect.clone(),
        within: Some(within.clone()),
        due: None,
        before: None,
        not_before: None,
        pauses: Vec::new(),
        first_only: false,
        one_to_one: false,
        key: false,
        anywhere: false,
    };
    let first = Deadline { after: Some(of.clone()), anywhere: form.anywhere, ..plain(&form.expect, &form.within) };
    let mut list = Sequels::new();
    for duty in deadline::judge(&Court { clause: &clause, ..*court }, &first) {
        let of_event = list.entry(duty.instance.clone()).or_default();
        let Some(found) = verdict(&Court { clause: &clause, ..*court }, &duty, &[]) else { continue };
        let named = |found: Verdict, name: &str| Verdict { instance: format!("{}/{}:{name}", court.scene.case.id, duty.instance), ..found };
        of_event.push(named(found.clone(), "excess"));
        let Some((expect, within)) = form.then.as_ref().filter(|_| found.is_violation()) else { continue };
        let violations = [(duty.instance.clone(), found.since.unwrap())];
        let then = Deadline { violation: Some("excess".to_owned()), ..plain(expect, within) };
        let court = Court { clause: &clause, violations: &violations, ..*court };
        let found = deadline::judge(&court, &then).iter().find_map(|duty| verdict(&court, duty, &[]));
        of_event.extend(found.map(|found| named(found, "then")));
    }
    list
}

fn add(
    court: &Court<'_>,
    (of, by): (&Matcher, Option<&String>),
    per: Period,
    groups: &mut Groups,
    sequels: &Sequels,
    tell: impl Fn(&Place<'_>) -> Tell<Standing>,
) {
    for (position, meant) in court.found(of) {
        let at = court.scene.at(position);
        let place = court.at_event(position);
        let asks = court.asks(&place, meant);
        if asks == Ok(false) {
            continue;
        }
        // The group may be told where the rest cannot; a member of which it cannot be told stands outside all groups.
        let group = group(by, &Place { upto: position, ..place });
        let standing = asks.and(group.clone()).and_then(|_| tell(&place)).unwrap_or_else(Standing::Untold);
        let event = court.scene.id(position);
        let sequels = sequels.get(&event).cloned().unwrap_or_default();
        let member = Member { at, case: court.scene.case.id.clone(), event, standing, sequels };
        groups.entry((group.unwrap_or_default(), period(court.law, per, at))).or_default().push(member);
    }
}

/// What a case adds to a target by the obligations of a clause.
pub fn by_obligations(court: &Court<'_>, form: &Target, found: &[(Ms, Verdict)], groups: &mut Groups) {
    for (opened, verdict) in found {
        // The due instant picks the period.
        let at = verdict.due.unwrap_or(*opened);
        let standing = match verdict.state {
            "met" | "met_late" | "overdue" | "breached" => {
                Standing::Told { good: verdict.state == "met", value: Decimal::ZERO, mark: String::new() }
            }
            "waived" => Standing::Waived,
            "undetermined" => Standing::Untold(Missing::new()),
            _ => continue,
        };
        let position = court.scene.position_at(at);
        if court.applies(&court.at_event(position)) == Ok(false) {
            continue;
        }
        let place = Place { upto: position, ..court.at_event(position) };
        let (group, standing) = match group(form.group.as_ref(), &place) {
            Ok(group) => (group, standing),
            Err(missing) => (String::new(), Standing::Untold(missing)),
        };
        let member = Member { at, case: court.scene.case.id.clone(), event: verdict.instance.clone(), standing, sequels: Vec::new() };
        groups.entry((group, period(court.law, form.per, at))).or_default().push(member);
    }
}

/// What the periods of a clause come to.
pub fn conclude(law: &Law, clause: &Clause, figure: i64, groups: Groups, as_of: Ms, list: &mut Vec<Verdict>) {
    for ((group, first), mut members) in groups {
        members.sort_by(|a, b| (a.at, &a.case, &a.event).cmp(&(b.at, &b.case, &b.event)));
        let close = Close { law, clause, figure, group, first, as_of };
        match &clause.form {
            super::model::Form::Limit(form) => close.limit(form, &members, list),
            super::model::Form::Target(form) => close.target(form, &members, list),
            _ => {}
        }
    }
}

struct Close<'a> {
    law: &'a Law,
    clause: &'a Clause,
    figure: i64,
    group: String,
    first: NaiveDate,
    as_of: Ms,
}

impl Close<'_> {
    fn end(&self, per: Period) -> Ms {
        self.law.calendar.start_of(next(per, self.first))
    }

    fn verdict(&self, instance: &str, state: &'static str, due: Option<Ms>) -> Verdict {
        Verdict {
            case: None,
            group: Some(self.group.clone()),
            clause: format!("{}/{}", super::model::POLICY, self.clause.id),
            instance: instance.to_owned(),
            state,
            open: state == "breached",
            due,
            since: None,
            met_at: None,
            overdue_by: None,
            missing: Vec::new(),
        }
    }

    /// A figure that needs no case.
    fn level(&self, amount: &Amount<i64>) -> Decimal {
        match amount {
            Amount::Is(number) => (*number).into(),
            Amount::Computed(text) if text == "=figure" => self.figure.into(),
            other => panic!("{other:?} needs a case"),
        }
    }

    fn pending(&self, name: &str, end: Ms) -> Verdict {
        let warned = self.clause.warn.is_some_and(|warn| {
            let clock = super::clock::Clock {
                calendar: &self.law.calendar,
                counting: self.clause.counting.unwrap_or(super::clock::Counting::Civil),
                close: self.clause.day_end_close,
                pauses: &[],
            };
            self.as_of >= clock.add(end, super::state::backwards(warn))
        });
        self.verdict(name, if warned { "due_soon" } else { "pending" }, Some(end))
    }

    fn limit(&self, form: &Limit, members: &[Member], list: &mut Vec<Verdict>) {
        let end = self.end(form.per.unwrap());
        let name = self.first.to_string();
        let bounds: Vec<(Bound, Decimal)> = [(Bound::AtLeast, &form.at_least), (Bound::AtMost, &form.at_most)]
            .into_iter()
            .filter_map(|(bound, level)| match level.as_ref()? {
                Level::Number(amount) => Some((bound, self.level(amount))),
                Level::Measure(_) => panic!("a figure bounds a limit over many cases"),
            })
            .collect();
        let mut number = Decimal::ZERO;
        let mut marks = BTreeSet::new();
        let mut broken = false;
        for member in members {
            let Standing::Told { value, mark, .. } = &member.standing else { continue };
            if matches!(form.measure, Measure::Distinct(..)) {
                if !marks.insert(mark) {
                    continue;
                }
                number += Decimal::ONE;
            } else {
                number += *value;
            }
            // From the first event too many onward, each is a violation.
            if bounds.iter().any(|(bound, level)| *bound == Bound::AtMost && !holds(*bound, number, *level)) {
                broken = true;
                list.push(Verdict {
                    since: Some(member.at),
                    ..self.verdict(&format!("{}/{}", member.case, member.event), "breached", None)
                });
                let ours = |found: &Verdict| Verdict { case: None, group: Some(self.group.clone()), ..found.clone() };
                list.extend(member.sequels.iter().map(ours));
            }
        }
        if broken {
            return;
        }
        let untold = |member: &Member| if let Standing::Untold(missing) = &member.standing { Some(missing.clone()) } else { None };
        if let Some(missing) = members.iter().map(untold).collect::<Option<Vec<_>>>() {
            let missing: Missing = missing.into_iter().flatten().collect();
            list.push(Verdict { missing: missing.into_iter().collect(), ..self.verdict(&name, "undetermined", None) });
            return;
        }
        let short = bounds.iter().any(|(bound, level)| *bound == Bound::AtLeast && !holds(*bound, number, *level));
        let lower = form.at_least.is_some();
        list.push(match (lower && short, self.as_of >= end) {
            (true, true) => Verdict { since: Some(end), ..self.verdict(&name, "breached", Some(end)) },
            // A lower bound that has been reached is kept; an upper one may yet be passed.
            (false, ended) if ended || (lower && form.at_most.is_none()) => self.verdict(&name, "met", Some(end)),
            _ => self.pending(&name, end),
        });
    }

    fn target(&self, form: &Target, members: &[Member], list: &mut Vec<Verdict>) {
        let end = self.end(form.per);
        let name = self.first.to_string();
        let told: Vec<(bool, Decimal)> = members
            .iter()
            .filter_map(|member| if let Standing::Told { good, value, .. } = &member.standing { Some((*good, *value)) } else { None })
            .collect();
        // An empty share leaves no obligation.
        if told.len() < form.minimum.unwrap_or(1).max(1) {
            return;
        }
        let good = told.iter().filter(|(good, _)| *good).count();
        let all = Decimal::from(told.len());
        let number = if form.mean.is_some() {
            told.iter().map(|(_, value)| *value).sum::<Decimal>() / all
        } else {
            Decimal::from(good) * Decimal::ONE_HUNDRED / all
        };
        let level = |level: Option<i64>| level.map(Decimal::from);
        let kept = level(form.at_least).is_none_or(|least| number >= least) && level(form.at_most).is_none_or(|most| number <= most);
        if self.as_of >= end {
            list.push(if kept {
                Verdict { met_at: Some(end), ..self.verdict(&name, "met", Some(end)) }
            } else {
                Verdict { since: Some(end), ..self.verdict(&name, "breached", Some(end)) }
            });
            return;
        }
        // Out of reach: even if all members that are still to come were good.
        let hopeless = form.mean.is_none()
            && form.size.zip(level(form.at_least)).is_some_and(|(size, least)| {
                let bad = told.len() - good;
                let size = Decimal::from(size);
                size >= all && (size - Decimal::from(bad)) * Decimal::ONE_HUNDRED / size < least
            });
        list.push(if hopeless {
            let at = members.iter().map(|member| member.at).max();
            Verdict { since: at, ..self.verdict(&name, "breached", Some(end)) }
        } else {
            self.pending(&name, end)
        });
    }
}
