//! Both judges on the same policies, cases and instants.

use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

use duly::{
    case::Case,
    engine::{Judged, Session, Tallies, Waived, Wanted, conclude, judge_case},
    finding::Obligation,
    policy::PolicySet,
    population::Member,
    time::Instant,
    view::{Batch, block_of},
};
use proptest::{
    prelude::Strategy,
    test_runner::{TestCaseError, TestRunner},
};

use super::{
    clock::{DAY, Ms},
    judge::judge as plainly,
    model::{Law, Waiver},
    random_case, random_clause,
    render::{compiled, sources},
    state::Verdict,
};
use crate::support::config;

/// One trial: a law, cases with waivers, and when to judge them.
#[derive(Clone, Debug)]
pub struct Trial {
    pub law: Law,
    pub cases: Vec<Case>,
    pub waivers: Vec<Waiver>,
    pub as_of: Vec<Ms>,
}

fn trials(names: Vec<&'static str>) -> impl Strategy<Value = Trial> {
    let world = random_case::pool().prop_flat_map(|pool| {
        let as_of = proptest::collection::vec(random_case::as_of(pool.clone()), 1..3);
        (random_case::cases(pool.clone()), random_case::waivers(pool), as_of)
    });
    (random_clause::law(names), world).prop_map(|(law, (cases, waivers, as_of))| Trial { law, cases, waivers, as_of })
}

/// What duly says, in the oracle's words.
pub fn said(found: &Obligation) -> Verdict {
    Verdict {
        case: found.case.clone(),
        group: found.group.clone(),
        clause: found.clause_id.clone(),
        instance: found.instance.clone(),
        state: found.state.word(),
        open: found.open,
        due: found.due.map(|due| due.at.millis()),
        since: found.since.map(Instant::millis),
        met_at: found.met_at.map(Instant::millis),
        overdue_by: found.overdue_by,
        missing: found.missing.clone(),
    }
}

/// The one place that knows how a case is judged: its obligations, what it adds to clauses over many cases, and until when that holds.
fn judged(
    set: &PolicySet,
    case: &Case,
    parent: Option<&Case>,
    waivers: &[Waived],
    at: Instant,
    tell: bool,
) -> (Vec<Obligation>, Vec<(usize, Member)>, Option<Instant>) {
    let session = Session::new(set, at, Wanted::All, None);
    let mut session = if tell { session.telling() } else { session };
    let verdict = judge_case(&mut session, case.clone(), parent.cloned(), waivers).unwrap();
    let until = verdict.valid_until();
    (verdict.obligations, verdict.judged.map_or_else(Vec::new, |judged| judged.members), until)
}

/// The waivers of a case, and the case that it is part of.
fn around<'t>(trial: &'t Trial, case: &Case) -> (Vec<Waived>, Option<&'t Case>) {
    let ours = trial.waivers.iter().filter(|waiver| waiver.case == case.id);
    let waivers = ours.map(|waiver| Waived {
        clause: waiver.clause.clone(),
        instance: waiver.instance.clone(),
        from: Instant::from_millis(waiver.from),
        until: Instant::from_millis(waiver.until),
    });
    (waivers.collect(), trial.cases.iter().find(|other| case.part_of.as_ref() == Some(&other.id)))
}

fn by_duly(set: &PolicySet, trial: &Trial, as_of: Ms, tell: bool) -> Vec<Verdict> {
    let at = Instant::from_millis(as_of);
    let mut tallies = Tallies::default();
    let mut list = Vec::new();
    for case in &trial.cases {
        let (waivers, parent) = around(trial, case);
        let (obligations, members, _) = judged(set, case, parent, &waivers, at, tell);
        list.extend(obligations.iter().map(said));
        tallies.add(members);
    }
    list.extend(conclude(set, tallies, at, Wanted::All).iter().map(said));
    list.sort();
    list
}

/// What a session finds in a case: findings, figures, what is met, until when that holds, when it must be judged again.
type Shown = (Vec<Verdict>, Vec<(&'static str, u64)>, Vec<(usize, u32)>, Option<Instant>, Option<Instant>);

fn shown(mut verdicts: Vec<Verdict>, judged: Judged, case: &str) -> Shown {
    verdicts.iter_mut().for_each(|verdict| verdict.case = Some(case.to_owned()));
    let counts = judged.counts.iter().map(|(state, count)| (state.word(), count)).collect();
    (verdicts, counts, judged.met.to_vec(), judged.valid_until, judged.rejudge)
}

/// A glance at a case shows what a full look does.
fn glances(set: &PolicySet, trial: &Trial, as_of: Ms) -> Result<(), TestCaseError> {
    for wanted in [Wanted::Findings, Wanted::Unmet] {
        let session = || Session::new(set, Instant::from_millis(as_of), wanted, None).itemised();
        let swept = swept(session().sweeping(), trial);
        for (case, swept) in trial.cases.iter().zip(swept) {
            let (waivers, parent) = around(trial, case);
            let look = |mut session: Session<'_>| {
                let found = judge_case(&mut session, case.clone(), parent.cloned(), &waivers).unwrap();
                shown(found.obligations.iter().map(said).collect(), found.judged.unwrap(), &case.id)
            };
            let (quick, full) = (look(session()), look(session().thorough()));
            for (way, seen) in [("glance", quick), ("sweep", swept)] {
                if seen != full {
                    let told = difference(trial, as_of, &full.0, &seen.0);
                    return Err(TestCaseError::fail(format!("a {way} at {} shows {seen:?}, and not {full:?}: {told}", case.id)));
                }
            }
        }
    }
    Ok(())
}

/// What is found in each of the cases where they stand in one block, and each of them several times.
fn swept(mut session: Session<'_>, trial: &Trial) -> Vec<Shown> {
    const COPIES: usize = 3;
    let set = session.set();
    let batch = |cases: Vec<Case>| Rc::new(Batch::new(Rc::new(block_of(cases).unwrap()), &set.symbols));
    let mut copies: Vec<(String, &Case)> =
        trial.cases.iter().flat_map(|case| (0..COPIES).map(move |copy| (format!("{copy}-{}", case.id), case))).collect();
    copies.sort_by(|a, b| a.0.cmp(&b.0));
    let block = batch(copies.iter().map(|(id, case)| Case { id: id.clone(), ..(*case).clone() }).collect());
    let mut all: HashMap<&str, Shown> = HashMap::new();
    for (row, (_, case)) in copies.iter().enumerate() {
        let (waivers, parent) = around(trial, case);
        let parent = parent.and_then(|parent| session.subject(&batch(vec![parent.clone()]), 0));
        let subject = session.subject(&block, row).unwrap();
        let mut verdicts = Vec::new();
        let judged = session.judge(&subject, parent.as_ref(), &waivers, &mut |found| verdicts.push(said(&found.obligation())));
        all.insert(&case.id, shown(verdicts, judged, &case.id));
    }
    trial.cases.iter().map(|case| all.remove(case.id.as_str()).unwrap()).collect()
}

/// What stays as it is while a verdict holds: all but how late something is.
fn standing(mut list: Vec<Verdict>, case: &str) -> Vec<Verdict> {
    list.retain(|verdict| verdict.case.as_deref() == Some(case));
    list.iter_mut().for_each(|verdict| verdict.overdue_by = None);
    list.sort();
    list
}

/// Until the instant that duly names, the oracle sees the same.
fn holds(set: &PolicySet, trial: &Trial, as_of: Ms) -> Result<(), TestCaseError> {
    let plain = plainly(&trial.law, &trial.cases, &trial.waivers, as_of);
    for case in &trial.cases {
        let (waivers, parent) = around(trial, case);
        let (.., until) = judged(set, case, parent, &waivers, Instant::from_millis(as_of), false);
        let last = until.map_or(as_of + 100 * DAY, |until| until.millis() - 1);
        let then = plainly(&trial.law, &trial.cases, &trial.waivers, last);
        let (now, then) = (standing(plain.clone(), &case.id), standing(then, &case.id));
        if now != then {
            return Err(TestCaseError::fail(format!("{} should hold until {until:?}: {}", case.id, difference(trial, as_of, &now, &then))));
        }
    }
    Ok(())
}

fn instants(trial: &Trial) -> Vec<Ms> {
    let mut list = trial.as_of.clone();
    // Where a state may change: about the instants that are due.
    let found = plainly(&trial.law, &trial.cases, &trial.waivers, random_case::late());
    let mut dues: Vec<Ms> = found.iter().filter_map(|verdict| verdict.due).collect();
    dues.dedup();
    for (due, offset) in dues.into_iter().zip([0, 1, -1, 0, 1, -1]) {
        list.push(due + offset);
    }
    list
}

fn agree(trial: &Trial) -> Result<(), TestCaseError> {
    let (_, set) = compiled(&trial.law);
    holds(&set, trial, trial.as_of[0])?;
    for as_of in instants(trial) {
        let mut plain = plainly(&trial.law, &trial.cases, &trial.waivers, as_of);
        plain.sort();
        // What the nightly check tells apart by its name has one.
        let told: Vec<_> = plain.iter().filter(|found| found.is_noted()).collect();
        let keys: HashSet<_> = told.iter().map(|found| (&found.case, &found.group, &found.clause, &found.instance)).collect();
        if keys.len() < told.len() {
            return Err(TestCaseError::fail(format!("two of one name\n{}", difference(trial, as_of, &plain, &[]))));
        }
        glances(&set, trial, as_of)?;
        for tell in [false, true] {
            let duly = by_duly(&set, trial, as_of, tell);
            if duly != plain {
                return Err(TestCaseError::fail(difference(trial, as_of, &plain, &duly)));
            }
        }
    }
    Ok(())
}

/// All that is needed to see which of the two is wrong.
pub fn difference(trial: &Trial, as_of: Ms, plain: &[Verdict], duly: &[Verdict]) -> String {
    use std::fmt::Write;
    let show = |at: Ms| Instant::from_millis(at).to_rfc3339(duly::time::Zone::parse(trial.law.calendar.zone.name()).unwrap());
    let mut text = format!("as of {} ({as_of})\n", show(as_of));
    for file in sources(&trial.law).files {
        let value: serde_json::Value = serde_json::from_str(&file.file.text).unwrap();
        match value.get("clauses") {
            Some(clauses) => writeln!(text, "version {}: figure {} {clauses:#}", value["effective"], value["parameters"]).unwrap(),
            None => writeln!(text, "{value}").unwrap(),
        }
    }
    writeln!(text, "{:?} {:?}", trial.law.posts, trial.law.figure).unwrap();
    for case in &trial.cases {
        writeln!(text, "case {} part of {:?} facts {:?}", case.id, case.part_of, case.facts).unwrap();
        for event in &case.events {
            let at = show(event.at.millis());
            writeln!(text, "  {at} {} {} by {:?} as {:?} {:?}", event.id, event.kind, event.by, event.role, event.data).unwrap();
        }
    }
    for waiver in &trial.waivers {
        writeln!(text, "{waiver:?}").unwrap();
    }
    let line = |verdict: &Verdict| {
        let show = |at: Option<Ms>| at.map_or_else(|| "-".to_owned(), show);
        let (due, since, met) = (show(verdict.due), show(verdict.since), show(verdict.met_at));
        let (clause, instance) = (&verdict.clause, &verdict.instance);
        let (who, state, open, late, missing) =
            (verdict.case.as_ref().or(verdict.group.as_ref()), verdict.state, verdict.open, verdict.overdue_by, &verdict.missing);
        format!("{who:?} {clause} {instance}: {state} open {open} due {due} since {since} met {met} late {late:?} missing {missing:?}")
    };
    for verdict in plain.iter().filter(|verdict| !duly.contains(verdict)) {
        writeln!(text, "oracle: {}", line(verdict)).unwrap();
    }
    for verdict in duly.iter().filter(|verdict| !plain.contains(verdict)) {
        writeln!(text, "duly:   {}", line(verdict)).unwrap();
    }
    if plain.len() != duly.len() {
        writeln!(text, "{} and {}", plain.len(), duly.len()).unwrap();
    }
    text
}

fn held(names: &[&'static str], cases: u32) {
    let mut runner = TestRunner::new(config(cases));
    if let Err(error) = runner.run(&trials(names.to_vec()), |trial| agree(&trial)) {
        match error {
            proptest::test_runner::TestError::Fail(why, _) => panic!("{why}"),
            other => panic!("{other}"),
        }
    }
}

/// A test for each form, so that a failure says where to look.
macro_rules! forms {
    ($($test:ident: $($name:literal),+;)*) => {
        $(#[test]
        fn $test() {
            held(&[$($name),+], 100);
        })*
    };
}

forms! {
    deadlines_agree: "deadline";
    approvals_agree: "approval";
    thresholds_agree: "threshold";
    recurrences_agree: "recurrence";
    orders_agree: "order";
    records_agree: "record";
    retentions_agree: "retention";
    limits_agree: "limit";
    quotas_agree: "quota";
    targets_agree: "target";
    separations_agree: "separation";
    prohibitions_agree: "forbid";
    chases_agree: "deadline", "chase";
    shares_in_time_agree: "deadline", "on_time";
}
