//! After every step of a history the nightly check runs; what it keeps is what a fresh judgement of everything finds, and what the oracle does.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use duly::{
    app::{
        clock::Watch,
        judging::{Plan, Source, judge_all},
        nightly::{Night, Setting, nightly},
    },
    case::Case,
    engine::Wanted,
    finding::Obligation,
    policy::{PolicySet, sources::Sources},
    store::{FindingKey, FindingRecord, Store, Waiver},
    time::Instant,
};
use proptest::test_runner::{TestCaseError, TestError, TestRunner};

use super::{
    agreement::{Trial, difference, said},
    clock::{DAY, Ms},
    history::{History, Step, histories},
    judge::judge as plainly,
    mirror::Mirror,
    random_case::base,
    render::compiled,
    state::Verdict,
};
use crate::support::config;

/// The one place that knows how the check is called.
fn check(store: &mut Store, set: &PolicySet, sources: &Sources, as_of: Ms) -> Night {
    let at = Instant::from_millis(as_of);
    let setting = Setting { as_of: at, now: at, fallback: false, full: false, threads: 1, watch: Watch::start() };
    nightly(store, set, sources, &setting, &mut |_| {}).unwrap()
}

/// What of a finding is compared.
type Noted = BTreeMap<FindingKey, (String, Option<Ms>, bool, bool)>;

fn of_store(findings: &[FindingRecord]) -> Noted {
    let brief = |found: &FindingRecord| (found.state.clone(), found.due.map(Instant::millis), found.violation, found.open);
    findings.iter().map(|found| (found.key(), brief(found))).collect()
}

fn of_verdicts<'v>(list: impl Iterator<Item = &'v Verdict>) -> Noted {
    list.filter(|found| found.is_noted())
        .map(|found| {
            let key = FindingKey {
                case: found.case.clone(),
                group: found.group.clone(),
                clause: found.clause.clone(),
                instance: found.instance.clone(),
            };
            (key, (found.state.to_owned(), found.due, found.is_violation(), found.open))
        })
        .collect()
}

fn fresh(store: &Store, set: &PolicySet, as_of: Ms) -> Vec<Verdict> {
    let mut list = Vec::new();
    let as_of = Instant::from_millis(as_of);
    let plan = Plan { set, as_of, known_at: None, wanted: Wanted::Findings, only: None, case: None, threads: 1 };
    let mut sink = |found: Obligation| -> Result<(), std::convert::Infallible> {
        list.push(said(&found));
        Ok(())
    };
    assert!(judge_all(&plan, &Source::Store(store), &mut sink, &mut |_| {}).is_ok());
    list
}

/// What the notices of a run must be, from the sets before and after.
#[derive(Default)]
struct Book {
    /// By key: when it was found first, and how often it had come back.
    there: HashMap<FindingKey, (Ms, u32)>,
    cleared: HashMap<FindingKey, u32>,
}

impl Book {
    fn turn(&mut self, night: &Night, found: &[FindingRecord], as_of: Ms) -> Result<(), String> {
        let now: BTreeSet<FindingKey> = found.iter().map(FindingRecord::key).collect();
        let before: BTreeSet<FindingKey> = self.there.keys().cloned().collect();
        let (again, fresh): (Vec<_>, Vec<_>) = now.difference(&before).cloned().partition(|key| self.cleared.contains_key(key));
        let gone: Vec<FindingKey> = before.difference(&now).cloned().collect();
        let sorted = |list: &[FindingKey]| -> Vec<FindingKey> {
            let mut list = list.to_vec();
            list.sort();
            list
        };
        let told = [("new", &night.run.opened, &fresh), ("reopened", &night.run.reopened, &again), ("cleared", &night.run.cleared, &gone)];
        for (word, run, wanted) in told {
            if sorted(run) != *wanted {
                return Err(format!("{word}: the run says {run:#?}, and it should be {wanted:#?}"));
            }
        }
        if usize::try_from(night.persisting).unwrap() != now.intersection(&before).count() {
            return Err(format!("{} persist, not {}", now.intersection(&before).count(), night.persisting));
        }
        for key in gone {
            self.there.remove(&key);
            *self.cleared.entry(key).or_default() += 1;
        }
        for key in fresh.into_iter().chain(again) {
            let times = self.cleared.get(&key).copied().unwrap_or(0);
            self.there.insert(key, (as_of, times));
        }
        for record in found {
            let wanted = self.there.get(&record.key()).copied().unwrap_or_default();
            if (record.first_seen.millis(), record.reopened) != wanted {
                return Err(format!("{record:?}: first seen and reopened should be {wanted:?}"));
            }
        }
        Ok(())
    }
}

fn apply(step: &Step, mirror: &mut Mirror, store: &mut Store) -> bool {
    let now = |mirror: &Mirror| Instant::from_millis(mirror.now);
    match step {
        Step::Import(tellings) => {
            for telling in tellings {
                let case = Case {
                    id: telling.case.clone(),
                    kind: if telling.case == "S" { "site" } else { "job" }.to_owned(),
                    part_of: telling.member.then(|| "S".to_owned()),
                    facts: telling.facts.clone(),
                    events: telling.events.clone(),
                };
                store.import("source", vec![case], now(mirror)).unwrap();
                mirror.tell(telling);
            }
        }
        Step::Event(case, event) if mirror.cases.iter().any(|known| known.id == *case) => {
            store.add_event(case, event.clone(), now(mirror)).unwrap();
            mirror.event(case, event);
        }
        Step::Retract(index) => {
            let list = mirror.retractable();
            if !list.is_empty() {
                let (case, event) = index.get(&list);
                assert!(store.retract(case, event, "ann", "wrong", now(mirror)).unwrap());
                mirror.take_back(event);
            }
        }
        Step::Clock(by) => mirror.now += by,
        Step::Waive(waiver) => {
            let given = Waiver {
                id: String::new(),
                case: waiver.case.clone(),
                clause: waiver.clause.clone(),
                instance: waiver.instance.clone(),
                from: Instant::from_millis(waiver.from),
                until: Instant::from_millis(waiver.until),
                by: "ann".to_owned(),
                approved_by: "bob".to_owned(),
                reason: "agreed".to_owned(),
                recorded: now(mirror),
            };
            store.add_waiver(given, now(mirror)).unwrap();
            mirror.record();
            mirror.waivers.push(waiver.clone());
        }
        Step::Event(..) | Step::Nothing => {}
        law => {
            mirror.legislate(law);
            return true;
        }
    }
    false
}

fn live(history: &History) -> Result<(), TestCaseError> {
    let dir = tempfile::tempdir().unwrap();
    let start = base() + 12 * DAY;
    let (mut store, _) = Store::open(dir.path(), Instant::from_millis(start)).unwrap();
    let mut mirror = Mirror::new(history.law.clone(), start);
    let mut law = compiled(&mirror.law);
    let mut book = Book::default();
    for (number, step) in history.steps.iter().enumerate() {
        if apply(step, &mut mirror, &mut store) {
            law = compiled(&mirror.law);
        }
        let (sources, set) = &law;
        let as_of = mirror.now;
        let cases = mirror.known();
        let mut plain = plainly(&mirror.law, &cases, &mirror.waivers, as_of);
        let night = check(&mut store, set, sources, as_of);
        // A run is recorded too.
        mirror.record();
        let found = store.findings().unwrap();
        let kept = of_store(&found);
        let mut full = fresh(&store, set, as_of);
        let wrong = |why: &str, plain: &[Verdict], other: &[Verdict]| {
            let trial = Trial { law: mirror.law.clone(), cases: cases.clone(), waivers: mirror.waivers.clone(), as_of: vec![as_of] };
            let told = difference(&trial, as_of, plain, other);
            let steps = &history.steps[..=number];
            TestCaseError::fail(format!("step {number}: {why}\n{told}\nkept {kept:#?}\nsteps {steps:#?}"))
        };
        let by_all = of_verdicts(full.iter());
        if by_all != of_verdicts(plain.iter()) {
            plain.retain(Verdict::is_noted);
            full.retain(Verdict::is_noted);
            return Err(wrong("a fresh judgement differs from the oracle's", &plain, &full));
        }
        if kept != by_all {
            return Err(wrong("what the night keeps differs from a fresh judgement", &[], &full));
        }
        if let Err(why) = book.turn(&night, &found, as_of) {
            return Err(wrong(&why, &[], &full));
        }
    }
    Ok(())
}

#[test]
fn every_night_finds_what_a_fresh_judgement_finds() {
    let mut runner = TestRunner::new(config(40));
    match runner.run(&histories(14), |history| live(&history)) {
        Ok(()) => {}
        Err(TestError::Fail(why, _)) => panic!("{why}"),
        Err(other) => panic!("{other}"),
    }
}
