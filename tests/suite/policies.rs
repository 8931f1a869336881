//! The tests beside the policies, run as `duly test` runs them; and that every clause is shown violated by one of them.

use std::path::{Path, PathBuf};

use duly::{
    diagnostic::render_all,
    lang::Lang,
    policy::{company::Company, compile, sources::Sources},
    trial::{Report, run},
};

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    vec![root.join("policies"), root.join("examples/house-rules")]
}

fn report() -> Report {
    let sources = Sources::read(&folders()).unwrap();
    run(&sources, &Company::default(), &|_| true).unwrap_or_else(|list| panic!("{}", render_all(&list, Lang::En, false)))
}

#[test]
fn all_policy_tests_pass() {
    let report = report();
    let failures: Vec<String> = report.failures.iter().map(|failure| Report::show(failure, Lang::En)).collect();
    assert!(report.problems.is_empty(), "{}", render_all(&report.problems, Lang::En, false));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(report.passed > 900, "only {} tests ran", report.passed);
}

/// The same for policies that were written to show how forms, matching and properties work.
#[test]
fn all_tests_of_forms_and_matching_pass() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    for (folder, least) in [("matching", 40), ("forms", 160)] {
        let sources = Sources::read(&[root.join(folder)]).unwrap();
        let report = run(&sources, &Company::default(), &|_| true).unwrap_or_else(|list| panic!("{}", render_all(&list, Lang::En, false)));
        let failures: Vec<String> = report.failures.iter().map(|failure| Report::show(failure, Lang::En)).collect();
        assert!(report.problems.is_empty(), "{}", render_all(&report.problems, Lang::En, false));
        assert!(failures.is_empty(), "{}", failures.join("\n"));
        assert!(report.passed >= least, "{folder}: only {} tests ran", report.passed);
    }
}

#[test]
fn every_clause_has_a_violated_test() {
    let report = report();
    let sources = Sources::read(&folders()).unwrap();
    let set = compile(&sources, Company::default()).unwrap();
    let violated = |id: &str| {
        report
            .covered
            .get(id)
            .is_some_and(|states| states.iter().any(|state| matches!(state.as_str(), "overdue" | "breached" | "met_late")))
    };
    let missing: Vec<&str> = set.clause_ids().into_iter().filter(|id| !violated(id)).collect();
    assert!(missing.is_empty(), "no violated test: {missing:?}");
}

#[test]
fn every_text_stands_in_both_languages() {
    let sources = Sources::read(&folders()).unwrap();
    let set = compile(&sources, Company::default()).unwrap();
    for clause in &set.clauses {
        let properties = &clause.properties;
        for text in [&properties.title, &properties.says] {
            assert!(!text.en.is_empty() && !text.zh.is_empty(), "{}", properties.id);
            assert!(text.zh.chars().any(|c| c as u32 > 0x2fff), "{}: `{}` is not Chinese", properties.id, text.zh);
        }
    }
}
