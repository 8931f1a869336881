//! How things went: when violations began and ended, and how much was done in time. Reckoned from the cases themselves and not from runs, so that a
//! store with one run already tells of its whole past.

use chrono::{Datelike, Days, NaiveDate};

use super::judging::{Met, Plan, Source, judge_each};
use crate::{
    engine::{Counts, Period, Wanted, conclude_one},
    finding::{Obligation, State},
    policy::PolicySet,
    population::Tally,
    store::{Store, StoreError},
    time::{Instant, Zone},
};

/// A violation: from when to when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The clause, by its index in the policy set.
    pub clause: usize,
    /// When it began.
    pub from: Instant,
    /// When it was settled; `None` while it is open.
    pub until: Option<Instant>,
}

/// How things went.
#[derive(Debug)]
pub struct Trends {
    /// The run after which it was reckoned.
    pub run: Option<u64>,
    /// For which instant.
    pub as_of: Instant,
    /// All violations of single cases.
    pub violations: Vec<Violation>,
    /// How many obligations are in each state, by the clause's index.
    pub counts: Vec<Counts>,
    /// What clauses over many cases came to: targets and quotas.
    pub periods: Vec<Obligation>,
}

/// What is kept of a finding on its way.
enum Kept {
    Violation(Violation),
    Period(Box<Obligation>),
    Nothing,
}

impl Trends {
    /// Judges all cases, and keeps what they tell of the past; how many were met is what the last run counted.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn reckon(store: &Store, set: &PolicySet, as_of: Instant, run: Option<u64>, threads: usize) -> Result<Self, StoreError> {
        let mut trends =
            Self { run, as_of, violations: Vec::new(), counts: vec![Counts::default(); set.clauses.len()], periods: Vec::new() };
        for row in store.sheet()?.iter().flat_map(|sheet| &sheet.clauses) {
            let same = set.named(&row.id).find(|(_, clause)| clause.digest == row.digest).or_else(|| set.named(&row.id).last());
            if let Some(counts) = same.and_then(|(index, _)| trends.counts.get_mut(index)) {
                counts.merge(&row.counts);
            }
        }
        let plan = Plan { set, as_of, known_at: None, wanted: Wanted::Findings, only: None, case: None, threads };
        let make = |met: Met<'_>| match met {
            Met::Many(obligation) => Kept::Period(Box::new(obligation)),
            Met::Case(found) if found.stand.state.is_violation() => Kept::Violation(Violation {
                clause: found.index,
                from: found.stand.since.or(found.duty.due.map(|due| due.at)).unwrap_or(found.duty.opened),
                until: found.stand.met_at.filter(|_| !found.stand.open),
            }),
            Met::Case(_) => Kept::Nothing,
        };
        let mut sink = |kept: Kept| -> Result<(), std::convert::Infallible> {
            match kept {
                Kept::Period(obligation) => trends.periods.push(*obligation),
                Kept::Violation(violation) => trends.violations.push(violation),
                Kept::Nothing => {}
            }
            Ok(())
        };
        judge_each(&plan, &Source::Store(store), &make, &mut sink, &mut |_| {}).map_err(super::judging::Stopped::store)?;
        trends.periods.extend(met_periods(store, set, as_of)?);
        Ok(trends)
    }
}

/// Periods of targets and quotas that are well, which are no findings.
fn met_periods(store: &Store, set: &PolicySet, as_of: Instant) -> Result<Vec<Obligation>, StoreError> {
    let Some(sheet) = store.sheet()? else { return Ok(Vec::new()) };
    let mut list = Vec::new();
    for (group, head) in store.heads()? {
        let Some(row) = sheet.clauses.get(usize::from(group.clause)) else { continue };
        let same = set.clauses.iter().position(|clause| row.digest == clause.digest && row.id == clause.properties.id);
        let Some(clause) = same.filter(|clause| set.clauses.get(*clause).is_some_and(|clause| clause.form == "target")) else { continue };
        let mut tally = Tally::default();
        store.tally(&group)?.into_iter().for_each(|member| tally.add(member));
        let period = Period { clause, group: &group.group, start: group.start, end: head.end };
        let (found, _) = conclude_one(set, &period, tally, as_of, Wanted::All);
        list.extend(found.into_iter().filter(|found| !found.state.is_finding()));
    }
    Ok(list)
}

/// A week: from Monday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Week {
    /// Its Monday.
    pub monday: NaiveDate,
    /// Violations that began in it.
    pub opened: u64,
    /// Violations that were settled in it.
    pub closed: u64,
    /// Violations that were open at its end.
    pub open: u64,
}

/// The last weeks up to that of an instant, the oldest first.
#[must_use]
pub fn weeks<'v>(violations: impl Iterator<Item = &'v Violation>, now: Instant, zone: Zone, most: u64) -> Vec<Week> {
    let today = now.date(zone);
    let monday = today.checked_sub_days(Days::new(today.weekday().num_days_from_monday().into())).unwrap_or(today);
    let mut weeks: Vec<(Week, Instant, Instant)> = (0..most)
        .rev()
        .filter_map(|back| monday.checked_sub_days(Days::new(back * 7)))
        .map(|monday| {
            let next = monday.checked_add_days(Days::new(7)).unwrap_or(monday);
            (Week { monday, opened: 0, closed: 0, open: 0 }, zone.start_of(monday), zone.start_of(next))
        })
        .collect();
    for violation in violations {
        for (week, from, until) in &mut weeks {
            let within = |at: Instant| *from <= at && at < *until;
            week.opened += u64::from(within(violation.from));
            week.closed += u64::from(violation.until.is_some_and(within));
            week.open += u64::from(violation.from < *until && violation.until.is_none_or(|settled| settled >= *until));
        }
    }
    weeks.into_iter().map(|(week, ..)| week).collect()
}

/// How much was done in time: what was met, of what was met or violated; waiting, waived and undetermined ones do not count. `None` of nothing.
#[must_use]
pub fn on_time(counts: &Counts) -> Option<(u64, u64)> {
    let met = counts.of(State::Met);
    let all = met + counts.of(State::MetLate) + counts.of(State::Overdue) + counts.of(State::Breached);
    (all > 0).then_some((met, all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_count_what_began_what_ended_and_what_stood() {
        let zone = Zone::parse("Asia/Shanghai").unwrap();
        let at = |text: &str| Instant::parse(text, zone).unwrap();
        let of = |from: &str, until: Option<&str>| Violation { clause: 0, from: at(from), until: until.map(at) };
        // 2026-03-02 and 2026-03-09 are Mondays.
        let list = [
            of("2026-02-20T10:00", Some("2026-03-08T23:59")),
            of("2026-03-02T00:00", None),
            of("2026-03-08T12:00", Some("2026-03-09T00:00")),
        ];
        let weeks = weeks(list.iter(), at("2026-03-11T09:00"), zone, 2);
        let told: Vec<_> = weeks.iter().map(|week| (week.monday.to_string(), week.opened, week.closed, week.open)).collect();
        assert_eq!(told, [("2026-03-02".to_owned(), 2, 1, 2), ("2026-03-09".to_owned(), 0, 1, 1)]);
    }
}
