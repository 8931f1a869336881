//! The sample company: what it makes is taken, is spoken of by the policies, and keeps them where nothing goes wrong.

use std::collections::{BTreeMap, BTreeSet};

use duly::{
    app::starter,
    case::FACTS,
    policy::{company::Company, compile, sources::Sources},
    sample::Sample,
};
use serde_json::Value;

use crate::sandbox::Sandbox;

const CLOSE: &str = "2026-03-31T18:00:00+08:00";

/// Of so many clean cases of a hundred at most one may be violated by mistake of the sample; of a kind, where a holiday moves more.
const MOST: f64 = 0.01;
const MOST_OF_A_KIND: f64 = 0.10;

/// The sample company's workspace with cases.
fn company(cases: &str, mishaps: &str) -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    sandbox.write("duly.yaml", starter::company());
    for (path, text) in starter::COMPANY {
        sandbox.write(path, text);
    }
    let text = sandbox.run(&["sample", "--cases", cases, "--seed", "3", "--mishaps", mishaps]).code(0).stdout;
    sandbox.write("cases.jsonl", &text);
    (sandbox, text)
}

/// How many cases there are of each kind, and how many of them have a violation, with the clauses that are violated.
type Found = BTreeMap<String, (usize, BTreeSet<String>, BTreeSet<String>)>;

fn found(sandbox: &Sandbox, cases: &str) -> Found {
    let mut kinds = BTreeMap::new();
    let mut found = Found::new();
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| case[name].as_str().unwrap().to_owned();
        found.entry(text("kind")).or_default().0 += 1;
        kinds.insert(text("case"), text("kind"));
    }
    let out = sandbox.run(&["check", "--cases", "cases.jsonl", "--as-of", CLOSE, "--format", "jsonl", "--fail-on", "never"]).code(0);
    for line in out.stdout.lines() {
        let finding: Value = serde_json::from_str(line).unwrap();
        if let (Some(case), true) = (finding["case"].as_str(), finding["violation"] == true) {
            let of = found.get_mut(&kinds[case]).unwrap();
            of.1.insert(case.to_owned());
            of.2.insert(finding["clause"].as_str().unwrap().to_owned());
        }
    }
    found
}

fn share(part: usize, whole: usize) -> f64 {
    f64::from(u32::try_from(part).unwrap()) / f64::from(u32::try_from(whole).unwrap())
}

#[test]
fn where_nothing_goes_wrong_the_rules_are_kept() {
    let (sandbox, cases) = company("4000", "0");
    let found = found(&sandbox, &cases);
    let mut violated = 0;
    for (kind, (count, bad, clauses)) in &found {
        println!("{kind}: {count} clean cases, {} violated {clauses:?}", bad.len());
        violated += bad.len();
        assert!(bad.len() <= 1 || share(bad.len(), *count) <= MOST_OF_A_KIND, "{kind}: {} of {count}: {clauses:?}", bad.len());
    }
    assert!(share(violated, 4000) <= MOST, "{violated} of 4000");
}

#[test]
fn where_something_goes_wrong_a_rule_is_mostly_broken() {
    let (sandbox, cases) = company("4000", "100");
    let found = found(&sandbox, &cases);
    let mut violated = 0;
    for (kind, (count, bad, _)) in &found {
        println!("{kind}: {count} cases with a mishap, {} violated", bad.len());
        violated += bad.len();
        // Of a plan and a site no adopted clause asks anything by itself; of a few cases chance may spare all.
        assert!(!bad.is_empty() || ["plan", "site"].contains(&kind.as_str()) || *count < 5, "{kind}: {count}");
    }
    assert!(share(violated, 4000) > 0.5, "{violated} of 4000");
}

#[test]
fn every_case_is_taken_and_none_is_of_a_kind_that_the_policies_do_not_know() {
    let (sandbox, cases) = company("2000", "8");
    let taken = sandbox.run(&["import", "cases.jsonl", "--format", "json"]).code(0);
    let report: Value = serde_json::from_str(&taken.stdout).unwrap();
    assert_eq!(report["cases_new"], 2000, "{}", taken.all());
    assert_eq!((&report["rows_rejected"], &report["cases_refused"]), (&0.into(), &0.into()), "{}", taken.all());
    assert!(!taken.stderr.contains("warning"), "{}", taken.stderr);
    assert_eq!(cases.lines().count(), 2000);
}

/// All that a case holds is declared, and of all that is declared as a kind there are cases.
#[test]
fn the_sample_speaks_as_the_policies_do() {
    let sandbox = Sandbox::new();
    for (path, text) in starter::COMPANY {
        sandbox.write(path, text);
    }
    let set = compile(&Sources::read(&[sandbox.path("policies")]).unwrap(), Company::default()).unwrap();
    let mut seen = BTreeSet::new();
    let mut unknown = BTreeSet::new();
    for case in (Sample { mishaps: 50, ..Sample::of(2) }).cases(4000) {
        let Some(kind) = set.kinds.iter().find(|kind| kind.name == case.kind) else {
            unknown.insert(case.kind);
            continue;
        };
        seen.insert(kind.name.clone());
        let told = case.events.iter().filter(|event| event.kind == FACTS).flat_map(|event| event.data.keys());
        for fact in case.facts.keys().chain(told) {
            if kind.fact(fact).is_none() {
                unknown.insert(format!("{}: fact {fact}", kind.name));
            }
        }
        for event in case.events.iter().filter(|event| event.kind != FACTS) {
            if kind.event(&event.kind).is_none() {
                unknown.insert(format!("{}: event {}", kind.name, event.kind));
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:?}");
    let missing: Vec<&str> = set.kinds.iter().map(|kind| kind.name.as_str()).filter(|kind| !seen.contains(*kind)).collect();
    // The house rules' boxes come from a file of their own.
    assert_eq!(missing, ["archive-box"]);
}

#[test]
fn days_and_mishaps_are_chosen_and_stated() {
    let sandbox = Sandbox::new();
    let run = |arguments: &[&str]| sandbox.run(&[&["sample", "--cases", "200"], arguments].concat()).code(0);
    let usual = run(&[]);
    assert_eq!(usual.stderr.trim(), "365 days up to 2026-03-31 18:00; something goes wrong in 8 of a hundred cases");
    assert_eq!(run(&["--days", "365", "--mishaps", "8"]).stdout, usual.stdout);
    let other = run(&["--days", "90", "--mishaps", "30", "--lang", "zh"]);
    assert_eq!(other.stderr.trim(), "截至 2026-03-31 18:00 的 90 天；每百个个案有 30 个出差错");
    assert_ne!(other.stdout, usual.stdout);
    assert_eq!(run(&["--days", "90", "--mishaps", "30"]).stdout, other.stdout);
}
