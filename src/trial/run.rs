//! Running policy tests.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    compare::compare,
    read::{Expectation, Trial, read_trials},
};
use crate::{
    case::Case,
    diagnostic::{Diagnostic, Place, Problems, did_you_mean},
    engine::{Session, Tallies, Waived, Wanted, conclude, judge_case},
    finding::Obligation,
    lang::{Lang, Text},
    policy::{
        PolicySet,
        company::Company,
        compile,
        sources::{Role, Sources},
    },
    time::{Instant, Zone},
};

/// A test that failed, at one expectation.
#[derive(Debug)]
pub struct Failure {
    /// The test.
    pub name: String,
    /// Where the expectation stands.
    pub place: Place,
    /// What was expected, what was found.
    pub differences: Vec<(String, String, String)>,
    /// Why it came out so.
    pub explanation: Vec<Text>,
}

/// What running gave.
#[derive(Debug, Default)]
pub struct Report {
    /// How many tests passed.
    pub passed: usize,
    /// How many failed.
    pub failed: usize,
    /// Each expectation that was not met.
    pub failures: Vec<Failure>,
    /// What is wrong with the test files themselves.
    pub problems: Vec<Diagnostic>,
    /// By clause, the states that some test expects of it.
    pub covered: BTreeMap<String, Vec<String>>,
}

impl Report {
    /// Draws a failure: expected, found, and why.
    #[must_use]
    pub fn show(failure: &Failure, lang: Lang) -> String {
        let mut text = format!("{} {}\n  {}\n", lang.pick("FAILED", "失败"), failure.name, failure.place.show());
        for (key, expected, found) in &failure.differences {
            text.push_str(&format!("  {key}: {} `{expected}`, {} `{found}`\n", lang.pick("expected", "预期"), lang.pick("found", "实际")));
        }
        for line in &failure.explanation {
            text.push_str(&format!("    {}\n", line.get(lang)));
        }
        text
    }
}

/// Runs the tests of all policies of the sources whose id `wanted` accepts.
///
/// # Errors
/// What is wrong with the policies.
pub fn run(sources: &Sources, company: &Company, wanted: &dyn Fn(&str) -> bool) -> Result<Report, Vec<Diagnostic>> {
    let set = compile(sources, company.clone())?;
    let mut report = Report::default();
    let mut problems = Problems::default();
    for source in sources.of(Role::Test) {
        let Some(edition) = set.editions.iter().find(|edition| edition.folder == source.folder && wanted(&edition.id)) else { continue };
        let zone = set.clauses.iter().find(|clause| clause.properties.policy == edition.id).map_or(Zone::UTC, |clause| clause.setup.zone());
        for trial in read_trials(&source.file, &edition.id, zone, &mut problems) {
            run_trial(&set, sources, company, &edition.id, &trial, zone, &mut report, &mut problems);
        }
    }
    report.problems = problems.into_sorted();
    Ok(report)
}

#[expect(clippy::too_many_arguments, reason = "one test with its whole setting")]
fn run_trial(
    set: &PolicySet,
    sources: &Sources,
    company: &Company,
    policy: &str,
    trial: &Trial,
    zone: Zone,
    report: &mut Report,
    problems: &mut Problems,
) {
    let own;
    let set = if trial.people.is_empty() && trial.parameters.is_empty() {
        set
    } else {
        let mut company = company.clone();
        for (role, node, deputies) in &trial.people {
            company.read_posts(role, node.items(), *deputies, problems);
        }
        for (name, node) in &trial.parameters {
            company.parameters.insert((policy.to_owned(), name.clone()), node.clone());
        }
        match compile(sources, company) {
            Ok(set) => {
                own = set;
                &own
            }
            Err(list) => {
                list.into_iter().for_each(|item| problems.push(item));
                return;
            }
        }
    };
    let Some(first) = trial.cases.first() else { return };
    for case in &trial.cases {
        check_names(set, case, trial, problems);
    }
    let mut failed = false;
    for expectation in &trial.expect {
        if set.named(&expectation.clause).next().is_none() {
            let ids = set.clause_ids();
            problems.error_with_help(
                "DU0407",
                &expectation.place,
                Text::new(format!("unknown clause `{}`", expectation.clause), format!("未知的条款 `{}`", expectation.clause)),
                did_you_mean(&expectation.clause, ids.iter().copied()),
            );
            failed = true;
            continue;
        }
        report.covered.entry(expectation.clause.clone()).or_default().extend(expectation.states.iter().cloned());
        let wanted_case =
            expectation.more.iter().find(|(key, _)| key == "case").and_then(|(_, node)| node.text()).unwrap_or(&first.id).to_owned();
        let (found, explanation) = judge_at(set, trial, expectation.at, &expectation.clause, &wanted_case);
        let differences = differences(expectation, &found, zone);
        if !differences.is_empty() {
            failed = true;
            report.failures.push(Failure { name: trial.name.clone(), place: expectation.place.clone(), differences, explanation });
        }
    }
    if failed {
        report.failed += 1;
    } else {
        report.passed += 1;
    }
}

/// A test that speaks of what no policy declares would pass for the wrong reason.
fn check_names(set: &PolicySet, case: &Case, trial: &Trial, problems: &mut Problems) {
    let Some((_, kind)) = set.kind(&case.kind) else {
        let known: Vec<&str> = set.kinds.iter().map(|kind| kind.name.as_str()).collect();
        problems.error_with_help(
            "DU0401",
            &trial.place,
            Text::new(format!("unknown kind `{}`", case.kind), format!("未知的个案种类 `{}`", case.kind)),
            did_you_mean(&case.kind, known.iter().copied()),
        );
        return;
    };
    let facts =
        case.events.iter().filter(|event| event.kind == crate::case::FACTS).flat_map(|event| event.data.keys()).chain(case.facts.keys());
    for fact in facts.filter(|fact| kind.fact(fact).is_none()) {
        problems.error(
            "DU0202",
            &trial.place,
            format!("kind `{}` has no fact `{fact}`", kind.name),
            format!("`{}` 没有事实 `{fact}`", kind.name),
        );
    }
    for event in case.events.iter().filter(|event| event.kind != crate::case::FACTS && kind.event(&event.kind).is_none()) {
        let name = &event.kind;
        problems.error(
            "DU0202",
            &trial.place,
            format!("kind `{}` has no event `{name}`", kind.name),
            format!("`{}` 没有事件 `{name}`", kind.name),
        );
    }
}

/// The obligations of a clause at an instant, and why.
fn judge_at(set: &PolicySet, trial: &Trial, at: Instant, clause: &str, case: &str) -> (Vec<Obligation>, Vec<Text>) {
    let waivers: Vec<Waived> = trial
        .waivers
        .iter()
        .map(|(clause, instance, from, until)| Waived { clause: clause.clone(), instance: instance.clone(), from: *from, until: *until })
        .collect();
    let mut tallies = Tallies::default();
    let mut found = Vec::new();
    let mut explanation = Vec::new();
    for each in &trial.cases {
        let parent = each.part_of.as_ref().and_then(|id| trial.cases.iter().find(|case| case.id == *id)).cloned();
        let first = each.id == case;
        let only = |candidate: &crate::policy::Clause| candidate.properties.id == clause;
        let mut session = Session::new(set, at, Wanted::All, Some(&only));
        if first {
            session = session.telling();
        }
        // What cannot be packed gives no obligations, and the test says that they are missing.
        let verdict = judge_case(&mut session, each.clone(), parent, &waivers).unwrap_or_default();
        let Some(judged) = verdict.judged else { continue };
        tallies.add(judged.members);
        if first {
            found.extend(verdict.obligations);
            explanation.extend(judged.stories.into_iter().flat_map(|story| story.lines));
        }
    }
    found.extend(conclude(set, tallies, at, Wanted::All).into_iter().filter(|obligation| obligation.clause_id == clause));
    (found, explanation)
}

fn differences(expectation: &Expectation, found: &[Obligation], zone: Zone) -> Vec<(String, String, String)> {
    let chosen = |key: &str| expectation.more.iter().find(|(name, _)| name == key).and_then(|(_, node)| node.text());
    if let Some(group) = chosen("group") {
        let groups: BTreeSet<&str> = found.iter().filter_map(|obligation| obligation.group.as_deref()).collect();
        let nothing_at_all = groups.is_empty() && expectation.states.is_empty();
        // A name misspelt would otherwise pass for a group without obligations.
        if !groups.contains(group) && !nothing_at_all {
            let known = if groups.is_empty() { "none".to_owned() } else { groups.into_iter().collect::<Vec<_>>().join(", ") };
            return vec![("group".to_owned(), group.to_owned(), known)];
        }
    }
    let found: Vec<&Obligation> = found
        .iter()
        .filter(|obligation| chosen("instance").is_none_or(|instance| obligation.instance == instance))
        .filter(|obligation| chosen("group").is_none_or(|group| obligation.group.as_deref() == Some(group)))
        .collect();
    let states: Vec<&str> = found.iter().map(|obligation| obligation.state.word()).collect();
    let expected: Vec<&str> = expectation.states.iter().map(String::as_str).collect();
    if states != expected {
        let show = |list: &[&str]| if list.is_empty() { "none".to_owned() } else { list.join(", ") };
        return vec![("state".to_owned(), show(&expected), show(&states))];
    }
    match found.as_slice() {
        [only] => compare(&expectation.more, only, zone),
        // Whose move it is holds of all that have a next action; the other keys speak of the first.
        [first, ..] if expectation.several => {
            let (next, more): (Vec<_>, Vec<_>) = expectation.more.iter().cloned().partition(|(key, _)| key == "next");
            let mut list = compare(&more, first, zone);
            let acting: Vec<&Obligation> = found.iter().copied().filter(|obligation| obligation.next_action.is_some()).collect();
            for obligation in if acting.is_empty() { vec![*first] } else { acting } {
                list.extend(compare(&next, obligation, zone));
            }
            list
        }
        _ => Vec::new(),
    }
}
