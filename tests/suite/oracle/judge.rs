//! Cases held against a law: every version, every clause, one after another.

use std::collections::BTreeMap;

use duly::case::Case;

use super::{
    apart, approval,
    clock::Ms,
    crowd::{self, Groups},
    deadline, limit,
    model::{Clause, Form, Law, Members, Version, Waiver},
    order, record, recurrence, retention,
    scene::{Court, Scene},
    state::{Duty, Verdict, verdict},
    threshold,
};

/// The obligations of one clause in one case: when each opened, and how it stands.
type Found = BTreeMap<String, Vec<(Ms, Verdict)>>;

/// Every obligation of these cases at an instant, in no particular order.
pub fn judge(law: &Law, cases: &[Case], waivers: &[Waiver], as_of: Ms) -> Vec<Verdict> {
    let mut list = Vec::new();
    // Where no clause of any version asks for them, what befell parents is not there.
    let asks_for_parents = format!("{law:?}").contains("of_parent: true");
    let mut crowds: BTreeMap<(usize, usize), Groups> = BTreeMap::new();
    for case in cases {
        let parent = case.part_of.as_ref().filter(|_| asks_for_parents).and_then(|id| cases.iter().find(|other| other.id == *id));
        let scene = Scene::new(case, parent, as_of);
        if case.kind != "job" {
            continue;
        }
        let mut found = Found::new();
        for (number, version, index, clause) in in_turn(law) {
            let window = window(law, number, clause);
            if window.0 > as_of {
                continue;
            }
            let violations: Vec<(String, Ms)> = hangs_on(&clause.form).and_then(|id| found.get(id)).map_or_else(Vec::new, |list| {
                let violated = list.iter().filter(|(_, verdict)| verdict.is_violation());
                violated.filter_map(|(_, verdict)| Some((verdict.instance.clone(), verdict.since?))).collect()
            });
            let effective = law.calendar.start_of(law.versions[0].effective);
            let court = Court { law, version, clause, scene: &scene, effective, window, violations: &violations };
            let mut groups = Groups::new();
            let duties = duties(&court, &found, &mut groups);
            for (key, members) in groups {
                let start = law.calendar.start_of(key.1);
                let members = members.into_iter().filter(|member| judges(law, number, clause, start, member.at));
                crowds.entry((number, index)).or_default().entry(key).or_default().extend(members);
            }
            for duty in duties.into_iter().filter(|duty| court.in_force(duty.opened)) {
                if let Some(verdict) = verdict(&court, &duty, waivers) {
                    found.entry(clause.id.clone()).or_default().push((duty.opened, verdict.clone()));
                    list.push(verdict);
                }
            }
        }
    }
    for ((number, index), mut groups) in crowds {
        groups.retain(|_, members| !members.is_empty());
        let version = &law.versions[number];
        let figure = law.figure.unwrap_or(version.figure);
        crowd::conclude(law, &version.clauses[index], figure, groups, as_of, &mut list);
    }
    list
}

/// All clauses of all versions, those that hang on others after them.
fn in_turn(law: &Law) -> Vec<(usize, &Version, usize, &Clause)> {
    let mut list = Vec::new();
    for (number, version) in law.versions.iter().enumerate() {
        list.extend(version.clauses.iter().enumerate().map(move |(index, clause)| (number, version, index, clause)));
    }
    // Chains are one link long in the models.
    list.sort_by_key(|(.., clause)| hangs_on(&clause.form).is_some());
    list
}

fn hangs_on(form: &Form) -> Option<&String> {
    match form {
        Form::Deadline(deadline) => deadline.violation.as_ref(),
        Form::Target(target) => match &target.members {
            Members::Clause(clause) => Some(clause),
            Members::Of(_) => None,
        },
        _ => None,
    }
}

/// The versions that have a clause, by number, and whether the newest of them judges everything.
fn having(law: &Law, id: &str) -> (Vec<usize>, bool) {
    let found = |number: &usize| law.versions[*number].clauses.iter().find(|clause| clause.id == id);
    let list: Vec<usize> = (0..law.versions.len()).filter(|number| found(number).is_some()).collect();
    let latest = list.last().and_then(found).is_some_and(|clause| clause.version_latest);
    (list, latest)
}

/// When a version begins to hold; `None` after the last one.
fn begins(law: &Law, number: usize) -> Option<Ms> {
    law.versions.get(number).map(|version| law.calendar.start_of(version.effective))
}

/// From when until when the clause of a version judges what was opened.
fn window(law: &Law, number: usize, clause: &Clause) -> (Ms, Option<Ms>) {
    let (having, latest) = having(law, &clause.id);
    let (from, until) = (begins(law, number).unwrap(), begins(law, number + 1));
    match (latest, having.last() == Some(&number)) {
        (false, _) => (from, until),
        // The newest version judges all that was opened since the first.
        (true, true) => (begins(law, 0).unwrap(), until),
        (true, false) => (from, Some(from)),
    }
}

/// Whether a version judges what happened at an instant in a period over many cases: the version that holds when the period begins judges all of it,
/// or the first that has the clause where none had it by then. What happened when no version had the clause is nobody's.
fn judges(law: &Law, number: usize, clause: &Clause, start: Ms, at: Ms) -> bool {
    let (having, latest) = having(law, &clause.id);
    let (oldest, newest) = (having[0], having[having.len() - 1]);
    let first = begins(law, if latest { 0 } else { oldest }).unwrap();
    if at < first || begins(law, newest + 1).is_some_and(|end| at >= end) {
        return false;
    }
    let start = start.max(first);
    let held = (0..law.versions.len()).rev().find(|number| begins(law, *number).is_some_and(|begin| begin <= start));
    if latest { number == newest } else { held == Some(number) }
}

fn duties(court: &Court<'_>, found: &Found, groups: &mut Groups) -> Vec<Duty> {
    match &court.clause.form {
        Form::Deadline(form) => deadline::judge(court, form),
        Form::Approval(form) => approval::judge(court, form),
        Form::Threshold(form) => threshold::judge(court, form),
        Form::Recurrence(form) => recurrence::judge(court, form),
        Form::Order(form) => order::judge(court, form),
        Form::Record(form) => record::judge(court, form),
        Form::Retention(form) => retention::judge(court, form),
        Form::Separation(form) => apart::separation(court, form),
        Form::Forbid(form) => apart::forbid(court, form),
        Form::Limit(form) => match form.per {
            None => limit::judge(court, form),
            Some(per) => {
                crowd::counted(court, form, per, groups);
                Vec::new()
            }
        },
        Form::Target(form) => {
            match &form.members {
                Members::Of(of) => crowd::shared(court, form, of, groups),
                Members::Clause(clause) => {
                    crowd::by_obligations(court, form, found.get(clause).map_or(&[], Vec::as_slice), groups);
                }
            }
            Vec::new()
        }
    }
}
