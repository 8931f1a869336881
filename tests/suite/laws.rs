//! Laws of judging, on generated cases: a verdict holds until the instant it names, the future changes nothing, and neither the order of
//! the input nor the number of threads matters.

use std::path::Path;

use duly::{
    app::judging::{Plan, Source, judge_all},
    case::Case,
    engine::{Session, Wanted, judge_case},
    finding::Obligation,
    policy::{PolicySet, company::Company, compile, sources::Sources},
    sample::case_at,
    time::{Instant, Zone},
};
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use crate::support::config;

fn set() -> PolicySet {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = Sources::read(&[root.join("policies"), root.join("examples/house-rules")]).unwrap();
    compile(&sources, Company::default()).unwrap()
}

type Verdict = Vec<(String, String, &'static str, Option<i64>)>;

fn verdict(set: &PolicySet, case: &Case, as_of: Instant) -> (Verdict, Option<Instant>) {
    let verdict = judge_case(&mut Session::new(set, as_of, Wanted::All, None), case.clone(), None, &[]).unwrap();
    let list = verdict.obligations.iter().map(brief).collect();
    (list, verdict.valid_until())
}

fn brief(found: &Obligation) -> (String, String, &'static str, Option<i64>) {
    (found.clause_id.clone(), found.instance.clone(), found.state.word(), found.due.map(|due| due.at.millis()))
}

fn start() -> Instant {
    Instant::parse("2026-02-20T00:00:00+08:00", Zone::UTC).unwrap()
}

const DAY: i64 = 86_400_000;

proptest! {
    #![proptest_config(config(1_500))]

    #[test]
    fn a_verdict_holds_until_the_instant_it_names(index in 0_u64..4_000, after in 0_i64..60 * DAY, part in 0.0..1.0_f64) {
        let set = set_once();
        let case = case_at(index, 5);
        let as_of = start().plus(after);
        let (before, until) = verdict(set, &case, as_of);
        // What nothing but an event can change holds for ever.
        let end = until.unwrap_or_else(|| as_of.plus(400 * DAY));
        prop_assert!(end > as_of);
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "any instant between will do")]
        let between = as_of.plus(((end.since(as_of) - 1) as f64 * part) as i64);
        prop_assert_eq!(&verdict(set, &case, between).0, &before, "at {} of {} to {:?}", between.show(zone()), as_of.show(zone()), until.map(|at| at.show(zone())));
        let last = end.plus(-1).max(as_of);
        prop_assert_eq!(&verdict(set, &case, last).0, &before, "just before {}", end.show(zone()));
    }

    #[test]
    fn what_happens_later_changes_nothing(index in 0_u64..4_000, after in 0_i64..45 * DAY) {
        let set = set_once();
        let as_of = start().plus(after);
        let case = case_at(index, 6);
        let mut known = case.clone();
        known.events.retain(|event| event.at <= as_of);
        prop_assert_eq!(verdict(set, &case, as_of).0, verdict(set, &known, as_of).0);
    }
}

/// What a session finds in a case: findings, figures, and until when they hold.
fn told(mut session: Session<'_>, case: &Case) -> (Verdict, Vec<(&'static str, u64)>, Option<Instant>) {
    let verdict = judge_case(&mut session, case.clone(), None, &[]).unwrap();
    let judged = verdict.judged.as_ref().unwrap();
    let counts = judged.counts.iter().map(|(state, count)| (state.word(), count)).collect();
    (verdict.obligations.iter().map(brief).collect(), counts, judged.valid_until)
}

proptest! {
    #![proptest_config(config(1_500))]

    #[test]
    fn a_glance_shows_what_a_full_look_shows(index in 0_u64..4_000, after in 0_i64..60 * DAY) {
        let set = set_once();
        let as_of = start().plus(after);
        let case = case_at(index, 7);
        let quick = told(Session::new(set, as_of, Wanted::Findings, None), &case);
        prop_assert_eq!(quick, told(Session::new(set, as_of, Wanted::Findings, None).thorough(), &case));
    }
}

fn zone() -> Zone {
    Zone::parse("Asia/Shanghai").unwrap()
}

fn set_once() -> &'static PolicySet {
    static SET: std::sync::OnceLock<PolicySet> = std::sync::OnceLock::new();
    SET.get_or_init(set)
}

fn all(cases: &[Case], threads: usize) -> Vec<(Option<String>, Verdict)> {
    let set = set_once();
    let plan = Plan { set, as_of: start().plus(40 * DAY), known_at: None, wanted: Wanted::All, only: None, case: None, threads };
    let mut list = Vec::new();
    let mut sink = |found: Obligation| -> Result<(), std::convert::Infallible> {
        list.push((found.case.clone(), vec![brief(&found)]));
        Ok(())
    };
    assert!(judge_all(&plan, &Source::Cases(cases), &mut sink, &mut |_| {}).is_ok());
    list
}

#[test]
fn threads_and_order_of_cases_do_not_matter() {
    let cases: Vec<Case> = (0..3_000).map(|index| case_at(index, 9)).collect();
    let one = all(&cases, 1);
    assert_eq!(one, all(&cases, 3));
    let mut reversed = cases;
    reversed.reverse();
    let (mut a, mut b) = (one, all(&reversed, 2));
    a.sort();
    b.sort();
    assert_eq!(a, b);
}
