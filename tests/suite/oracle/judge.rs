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
    let mut crowds: BTreeMap<(usize, usize), Groups> = BTreeMap::new();
    for case in cases {
        let parent = case.part_of.as_ref().and_then(|id| cases.iter().find(|other| other.id == *id));
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
                let members = members.into_iter().filter(|member| court.in_force(member.at));
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

/// From when until when the clause of a version judges what was opened.
fn window(law: &Law, number: usize, clause: &Clause) -> (Ms, Option<Ms>) {
    let start = |number: usize| law.versions.get(number).map(|version| law.calendar.start_of(version.effective));
    let (from, until) = (start(number).unwrap(), start(number + 1));
    match (clause.version_latest, until) {
        (false, until) => (from, until),
        // The newest version judges all that was opened since the first.
        (true, None) => (start(0).unwrap(), None),
        (true, Some(_)) => (from, Some(from)),
    }
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
