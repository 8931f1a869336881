//! The law of the nightly run: after any history of imports, clock steps, retractions, waivers, edits of policies and of calendars, what a run that
//! looks only at what can have changed leaves behind is what judging everything gives.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use duly::{
    app::{
        clock::Watch,
        judging::{Plan, Source, Stopped, judge_all},
        nightly::{Night, Setting, nightly, verify},
    },
    case::{Case, Event, Value, Values},
    diagnostic::SourceFile,
    engine::Wanted,
    finding::Obligation,
    policy::{PolicySet, company::Company, compile, sources::Sources},
    sample::case_at,
    store::{FindingKey, Store, Waiver},
    time::{Instant, Zone},
};
use proptest::prelude::{Just, Strategy, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::test_runner::{Config, TestCaseError};

use crate::support::config;

const HOUR: i64 = 3_600_000;

/// What happens between two runs.
#[derive(Clone, Debug)]
enum Step {
    /// Time goes by, in hours; sometimes the clock is put back.
    Clock(i64),
    /// Some cases are told of once more, with what has happened to them since.
    Import { first: u64, count: u64 },
    /// Some orders are told of that one adviser discounted, some hours ago, each a little before the one before it; and that they were reported
    /// some hours later. So what is beyond the quota of a week changes with what is told late.
    Discount { first: u64, count: u64, back: i64, told: Option<i64> },
    /// An event of a case is taken back.
    Retract { case: String, event: usize },
    /// A case is excused from a clause for some hours.
    Waive { case: u64, clause: usize, from: i64, hours: i64 },
    /// The company edits its policies.
    Edit(usize),
    /// Everything is judged again.
    Full,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_i64..72).prop_map(Step::Clock),
        1 => (200_i64..2_000).prop_map(Step::Clock),
        1 => (-50_i64..0).prop_map(Step::Clock),
        4 => (0_u64..60, 1_u64..12).prop_map(|(first, count)| Step::Import { first, count }),
        1 => discount(),
        1 => (0_u64..60, 0_usize..40).prop_map(|(case, event)| Step::Retract { case: case_at(case, 11).id, event }),
        2 => (0_u64..60, 0_usize..1_000, -40_i64..40, 1_i64..200).prop_map(|(case, clause, from, hours)| Step::Waive { case, clause, from, hours }),
        2 => (0_usize..edits().len()).prop_map(Step::Edit),
        1 => Just(Step::Full),
    ]
}

fn discount() -> impl Strategy<Value = Step> {
    (0_u64..6, 1_u64..8, 0_i64..60, proptest::option::weighted(0.4, 0_i64..60)).prop_map(|(first, count, back, told)| Step::Discount {
        first,
        count,
        back,
        told,
    })
}

/// What moves those beyond a quota.
fn step_of_a_quota() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => discount(),
        4 => (0_i64..48).prop_map(Step::Clock),
        1 => (0_u64..13, 0_usize..3).prop_map(|(order, event)| Step::Retract { case: format!("D-{order}"), event }),
        1 => prop_oneof![Just(0), Just(QUOTA)].prop_map(Step::Edit),
        1 => Just(Step::Full),
    ]
}

/// The edit that makes a quota small.
const QUOTA: usize = 4;

/// Edits of the bundled policies: a file, what it says, and what it is made to say.
fn edits() -> &'static [&'static [(&'static str, &'static str, &'static str)]] {
    &[
        &[],
        // A limit.
        &[("security-systems/policy.yaml", "ring-1: 2h", "ring-1: 9h")],
        // A warning, and what several clauses share.
        &[
            ("console-repair/policy.yaml", "severity: minor", "severity: critical"),
            ("security-systems/policy.yaml", "warn: 30min", "warn: 5h"),
        ],
        // A holiday more.
        &[("calendars/china.yaml", "holidays:", "holidays:\n  2026-03-10..2026-03-12: 厂休")],
        // A quota that is passed sooner.
        &[("car-workshop/policy.yaml", "discounts_per_week: {value: 5", "discounts_per_week: {value: 2")],
        // A clause less: it is for another kind now, of which there are no cases.
        &[("repair-dispatch/policy.yaml", "- id: \"20-a\"", "- id: \"20-z\"")],
    ]
}

fn sets() -> &'static [(Sources, PolicySet)] {
    static SETS: OnceLock<Vec<(Sources, PolicySet)>> = OnceLock::new();
    SETS.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let base = || Sources::read(&[root.join("policies"), root.join("examples/house-rules")]).unwrap();
        let edited = |edits: &[(&str, &str, &str)]| {
            let mut sources = base();
            for (file, from, to) in edits {
                let source = sources.files.iter_mut().find(|source| source.file.path.ends_with(file)).unwrap();
                assert!(source.file.text.contains(from), "{file} says `{from}`");
                source.file = Arc::new(SourceFile { path: source.file.path.clone(), text: source.file.text.replacen(from, to, 1) });
            }
            let set = compile(&sources, Company::default()).unwrap();
            (sources, set)
        };
        edits().iter().map(|edits| edited(edits)).collect()
    })
}

struct Firm {
    store: Store,
    as_of: Instant,
    set: usize,
    recorded: i64,
}

impl Firm {
    /// A case as far as it has happened by now, and a little further: sources may run ahead of the clock.
    fn case(&self, number: u64) -> Case {
        let mut case = case_at(number, 11);
        let known = self.as_of.plus(5 * HOUR);
        case.events.retain(|event| event.at <= known);
        case
    }

    /// A discounted order; what it is told of once more happened at another instant, and so is another event.
    fn order(&self, number: u64, back: i64, told: Option<i64>) -> Case {
        let at = self.as_of.plus(-(back + i64::try_from(number).unwrap()) * HOUR);
        let event = |kind: &str, at: Instant| Event {
            id: format!("{kind}-{}", at.millis()),
            kind: kind.to_owned(),
            at,
            by: Some("wang".to_owned()),
            role: None,
            data: Values::new(),
        };
        let reported = told.map(|hours| event("excess_reported", at.plus(hours * HOUR)));
        Case {
            id: format!("D-{number}"),
            kind: "repair".to_owned(),
            part_of: None,
            facts: Values::from([("repair_kind".to_owned(), Value::Text("general".into()))]),
            events: [event("discounted", at)].into_iter().chain(reported).collect(),
        }
    }

    fn now(&mut self) -> Instant {
        self.recorded += 1;
        Instant::from_millis(self.recorded)
    }

    fn take(&mut self, step: &Step) -> bool {
        let now = self.now();
        match step {
            Step::Clock(hours) => self.as_of = self.as_of.plus(hours * HOUR),
            Step::Import { first, count } => {
                let cases = (*first..first + count).map(|number| self.case(number)).collect();
                self.store.import("test", cases, now).unwrap();
            }
            Step::Discount { first, count, back, told } => {
                let orders = (*first..first + count).map(|number| self.order(number, *back, *told)).collect();
                self.store.import("test", orders, now).unwrap();
            }
            Step::Retract { case, event } => {
                if let Some(record) = self.store.case(case).unwrap()
                    && let Some(event) = record.events.get(event % record.events.len().max(1))
                {
                    let event = event.event.id.clone();
                    self.store.retract(case, &event, "lin", "wrong", now).unwrap();
                }
            }
            Step::Waive { case, clause, from, hours } => {
                let set = &sets()[self.set].1;
                let clause = set.clauses[clause % set.clauses.len()].properties.id.clone();
                let from = self.as_of.plus(from * HOUR);
                let waiver = Waiver {
                    id: String::new(),
                    case: case_at(*case, 11).id,
                    clause,
                    instance: None,
                    from,
                    until: from.plus(hours * HOUR),
                    by: "lin".into(),
                    approved_by: "chen".into(),
                    reason: "test".into(),
                    recorded: now,
                };
                self.store.add_waiver(waiver, now).unwrap();
            }
            Step::Edit(set) => self.set = *set,
            Step::Full => return true,
        }
        false
    }

    fn night(&mut self, full: bool) -> Night {
        let (sources, set) = &sets()[self.set];
        let now = self.now();
        let setting = Setting { as_of: self.as_of, now, fallback: false, full, threads: 2, watch: Watch::start() };
        nightly(&mut self.store, set, sources, &setting, &mut |_| {}).unwrap()
    }

    /// All findings and all figures, judged anew.
    fn everything(&self) -> (BTreeMap<FindingKey, String>, Vec<(&'static str, u64)>) {
        let plan = Plan {
            set: &sets()[self.set].1,
            as_of: self.as_of,
            known_at: None,
            wanted: Wanted::Findings,
            only: None,
            case: None,
            threads: 1,
        };
        let mut findings = BTreeMap::new();
        let mut sink = |found: Obligation| -> Result<(), std::convert::Infallible> {
            if found.open || !found.is_violation() {
                let key = FindingKey { case: found.case, group: found.group, clause: found.clause_id, instance: found.instance };
                findings.insert(key, format!("{} {:?} {}", found.state.word(), found.due.map(|due| due.at), found.open));
            }
            Ok(())
        };
        let summary = judge_all(&plan, &Source::Store(&self.store), &mut sink, &mut |_| {}).map_err(Stopped::store).unwrap();
        (findings, summary.counts.iter().map(|(state, count)| (state.word(), count)).collect())
    }
}

fn holds(steps: &[Step]) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let as_of = Instant::parse("2026-03-02T00:00:00+08:00", Zone::UTC).unwrap();
    let store = Store::open(&folder.path().join(".duly"), Instant::from_millis(1)).unwrap().0;
    let mut company = Firm { store, as_of, set: 0, recorded: 1 };
    company.take(&Step::Import { first: 0, count: 40 });
    company.night(false);
    let mut before = company.everything().0;
    for step in steps {
        let full = company.take(step);
        let night = company.night(full);
        let (findings, counts) = company.everything();
        let set = &sets()[company.set].1;
        let (wrong, _) = verify(&company.store, set, company.as_of, 1, &mut |_| {}).unwrap();
        prop_assert!(wrong.is_empty(), "after {step:?}: {wrong:?}");
        let kept: BTreeMap<FindingKey, String> =
            company.store.findings().unwrap().iter().map(|one| (one.key(), format!("{} {:?} {}", one.state, one.due, one.open))).collect();
        prop_assert_eq!(&kept, &findings, "after {:?}", step);
        let figures: Vec<(&str, u64)> = night.summary.counts.iter().map(|(state, count)| (state.word(), count)).collect();
        prop_assert_eq!(figures, counts, "after {:?}", step);
        let came: Vec<&FindingKey> = findings.keys().filter(|key| !before.contains_key(key)).collect();
        let mut told: Vec<&FindingKey> = night.run.opened.iter().chain(&night.run.reopened).collect();
        told.sort();
        prop_assert_eq!(told, came, "new after {:?}", step);
        let went: Vec<&FindingKey> = before.keys().filter(|key| !findings.contains_key(key)).collect();
        prop_assert_eq!(night.run.cleared.iter().collect::<Vec<_>>(), went, "cleared after {:?}", step);
        before = findings;
    }
    Ok(())
}

proptest! {
    #![proptest_config(Config { max_shrink_iters: 60, ..config(12) })]

    #[test]
    fn a_run_over_what_changed_leaves_what_a_run_over_everything_leaves(steps in proptest::collection::vec(step(), 1..10)) {
        holds(&steps)?;
    }

    #[test]
    fn those_beyond_a_quota_are_what_a_run_over_everything_finds(steps in proptest::collection::vec(step_of_a_quota(), 3..12)) {
        holds(&[vec![Step::Edit(QUOTA)], steps].concat())?;
    }
}
