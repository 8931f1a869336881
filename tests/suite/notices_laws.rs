//! What holds of notices whatever happens: none is lost, none comes twice that need not, quiet hours hold, each is tried as often as it should be.

use std::collections::{BTreeMap, BTreeSet};

use duly::{
    app::{
        clock::Watch,
        nightly::{Setting, nightly, unmet_in_words},
        notices::{
            ATTEMPTS, Budget, Change, Outcome, Refused, Transport, back_off, compose, compose_change, deliver, mark, retry, send, take_due,
        },
        workspace::{Workspace, load},
    },
    finding::Obligation,
    lang::Text,
    policy::{PolicySet, notices::What, sources::Sources},
    store::{LEASE, Outgoing, Store, StoreError},
    time::{Instant, Zone},
};
use proptest::prelude::{Just, Strategy, prop, prop_oneof};
use proptest::test_runner::TestRunner;

use crate::notices::{AS_OF, company};
use crate::sandbox::Sandbox;
use crate::support::config;

const MINUTE: i64 = 60_000;

/// A company whose store is open, and what time it is there.
struct Office {
    sandbox: Sandbox,
    store: Store,
    set: PolicySet,
    sources: Sources,
    now: Instant,
}

impl Office {
    fn new(notices: &str) -> Self {
        let sandbox = company(notices);
        let workspace = Workspace::find(&sandbox.path("")).unwrap().unwrap();
        let (sources, set) = load(&workspace.policy_folders(), &workspace.company).unwrap_or_else(|list| panic!("{list:?}"));
        let now = Instant::parse(AS_OF, Zone::UTC).unwrap();
        let (store, _) = Store::open(&workspace.store_folder(), now).unwrap();
        Self { sandbox, store, set, sources, now }
    }

    fn run(&mut self) {
        let how = Setting { as_of: self.now, now: self.now, fallback: false, full: false, threads: 1, watch: Watch::start() };
        nightly(&mut self.store, &self.set, &self.sources, &how, &mut |_| {}).unwrap();
    }

    fn compose(&mut self) -> usize {
        compose(&mut self.store, &self.set, self.now).unwrap().added
    }

    fn deliver(&mut self, transport: &mut dyn Transport) {
        let now = self.now;
        deliver(&mut self.store, &self.set, transport, &|| now).unwrap();
    }

    /// The same with other words about notices.
    fn reread(&mut self, notices: &str) {
        let text = self.sandbox.read("duly.yaml");
        let head = text.split_once("notices:\n").unwrap().0;
        self.sandbox.write("duly.yaml", format!("{head}notices:\n{notices}"));
        let workspace = Workspace::find(&self.sandbox.path("")).unwrap().unwrap();
        self.set = load(&workspace.policy_folders(), &workspace.company).unwrap_or_else(|list| panic!("{list:?}")).1;
    }

    fn found(&self) -> Vec<Obligation> {
        let wanted = self.store.findings().unwrap().iter().map(duly::store::FindingRecord::key).collect();
        let mut found = Vec::new();
        unmet_in_words(&self.store, &self.set, self.now, &wanted, &mut |one| {
            found.push(one);
            Ok::<(), StoreError>(())
        })
        .unwrap();
        found
    }

    /// Ids of what is not sent yet, given up or not.
    fn left(&self) -> Vec<Outgoing> {
        self.store.unsent(Instant::MAX).unwrap()
    }
}

/// What becomes of attempts, in their order; after that all goes well.
#[derive(Debug, Default)]
struct Post {
    fates: Vec<Outcome>,
    tried: usize,
    /// How often each notice arrived.
    arrived: BTreeMap<String, usize>,
    /// What was said.
    subjects: Vec<String>,
}

impl Transport for Post {
    fn send(&mut self, notice: &Outgoing, _: Instant) -> Outcome {
        let outcome = self.fates.get(self.tried).cloned().unwrap_or(Outcome::Sent);
        self.tried += 1;
        if matches!(outcome, Outcome::Sent | Outcome::Unsure(_)) {
            *self.arrived.entry(notice.envelope.id.clone()).or_default() += 1;
            self.subjects.push(format!("{} {}", notice.envelope.what, notice.envelope.subject));
        }
        outcome
    }
}

fn failed() -> Outcome {
    Outcome::Failed(Text::same("no"))
}

fn unsure() -> Outcome {
    Outcome::Unsure(Text::same("who knows"))
}

const HOOK: &str = "  channels:\n    hook: {webhook: {url: \"http://127.0.0.1:9/\"}}\n    chat: {wecom: {url_env: X}, unsure: hold}\n";

fn rules(rules: &str) -> String {
    format!("{HOOK}  send:\n{rules}")
}

const THREE: &str = "    - {what: digest, to: {role: clerk}, by: hook}\n    - {what: new, to: {role: clerk}, by: hook}\n    - {what: escalation, to: {role: head}, by: hook}\n";

#[test]
fn each_is_composed_once_however_often_it_is_run() {
    let mut office = Office::new(&rules(THREE));
    assert_eq!(office.compose(), 0, "no run, nothing to tell");
    office.run();
    assert_eq!(office.compose(), 3);
    assert_eq!(office.compose(), 0);
    // Another run on the same day: the digest was composed, nothing is new, nothing more has gone up.
    office.now = office.now.plus(30 * MINUTE);
    office.run();
    assert_eq!(office.compose(), 0);
    // By the next noon B is overdue and has gone up: a digest of the new day, and an escalation of B alone. To be late is not to be new.
    office.now = office.now.plus(24 * 60 * MINUTE);
    office.run();
    assert_eq!(office.compose(), 2);
    let list = office.left();
    let escalations: Vec<&Outgoing> = list.iter().filter(|notice| notice.envelope.what == "escalation").collect();
    let bodies: BTreeSet<&str> = escalations.iter().map(|notice| notice.envelope.body.as_str()).collect();
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies.iter().filter(|body| body.contains("\"A/1\"")).count(), 1, "A went up once: {bodies:?}");
    assert_eq!(bodies.iter().filter(|body| body.contains("\"case\":\"B\"")).count(), 1);
}

#[test]
fn a_run_that_was_not_told_of_is_told_by_the_next() {
    let mut office = Office::new(&rules(THREE));
    office.run();
    assert_eq!(office.compose(), 3);
    let late = r#"{"case":"D","kind":"complaint","facts":{"site":"Dock","grade":"general"},"events":[{"type":"received","at":"2026-03-03T09:00:00+08:00"}]}"#;
    let cases = vec![duly::ingest::parse_case(late, Zone::UTC).unwrap()];
    office.store.import("late", cases, office.now).unwrap();
    office.now = office.now.plus(MINUTE);
    // It was killed before it composed anything.
    office.run();
    office.now = office.now.plus(MINUTE);
    office.run();
    assert_eq!(office.compose(), 2, "D is new, and has gone up");
    let list = office.left();
    let news: Vec<&Outgoing> = list.iter().filter(|notice| notice.envelope.what == "new").collect();
    assert_eq!(news.iter().filter(|notice| notice.envelope.body.contains("\"case\":\"D\"")).count(), 1);
}

#[test]
fn a_notice_is_tried_at_its_times_then_given_up_and_by_hand_again() {
    let mut office = Office::new(&rules("    - {what: digest, to: {role: clerk}, by: hook}\n"));
    office.run();
    office.compose();
    let mut post = Post { fates: vec![failed(); ATTEMPTS as usize], ..Post::default() };
    for attempt in 1..=ATTEMPTS {
        office.deliver(&mut post);
        assert_eq!(post.tried, attempt as usize);
        let Some(wait) = back_off(attempt) else { break };
        office.now = office.now.plus(wait - 1);
        office.deliver(&mut post);
        assert_eq!(post.tried, attempt as usize, "not before its time");
        office.now = office.now.plus(1);
    }
    let left = office.left();
    assert!(left.len() == 1 && left[0].is_given_up());
    office.now = office.now.plus(365 * 24 * 60 * MINUTE);
    office.deliver(&mut post);
    assert_eq!(post.tried, ATTEMPTS as usize);
    let id = left[0].envelope.id.clone();
    assert_eq!(retry(&mut office.store, &id, office.now).unwrap(), Ok(()));
    office.deliver(&mut post);
    assert_eq!((post.arrived[&id], office.left().len()), (1, 0));
    assert_eq!(retry(&mut office.store, &id, office.now).unwrap(), Err(Refused::Sent));
    assert_eq!(retry(&mut office.store, "N-0", office.now).unwrap(), Err(Refused::Unknown));
}

#[test]
fn an_attempt_that_nobody_came_back_from_is_made_again_or_held() {
    let mut office = Office::new(&rules("    - {what: digest, to: {role: clerk}, by: [hook, chat]}\n"));
    office.run();
    assert_eq!(office.compose(), 2);
    let taken = take_due(&mut office.store, &office.set, &mut Budget::default(), office.now).unwrap();
    assert_eq!(taken.len(), 2);
    drop(taken);
    office.now = office.now.plus(LEASE - 1);
    assert!(take_due(&mut office.store, &office.set, &mut Budget::default(), office.now).unwrap().is_empty());
    office.now = office.now.plus(1);
    let again = take_due(&mut office.store, &office.set, &mut Budget::default(), office.now).unwrap();
    let channels: Vec<(&str, u32)> = again.iter().map(|one| (one.notice.envelope.channel.as_str(), one.notice.attempts())).collect();
    assert_eq!(channels, [("hook", 2)], "the robot says hold");
    let outcomes = send(&mut Post::default(), again, &|| office.now);
    let report = mark(&mut office.store, &office.set, outcomes, office.now).unwrap();
    assert_eq!((report.sent, report.failed, report.given_up), (1, 0, 0));
    let left = office.left();
    assert!(left.len() == 1 && left[0].is_given_up() && left[0].envelope.channel == "chat");
    // What broke off is held as well, what was refused is not.
    let id = left[0].envelope.id.clone();
    for (fate, held) in [(failed(), false), (unsure(), true)] {
        retry(&mut office.store, &id, office.now).unwrap().unwrap();
        office.deliver(&mut Post { fates: vec![fate], ..Post::default() });
        assert_eq!(office.left()[0].is_given_up(), held);
    }
}

#[test]
fn quiet_hours_hold_back_all_but_what_is_urgent() {
    let quiet = "  quiet: {calendar: china-office, from: \"11:30\", to: \"14:00\"}\n";
    let urgent = THREE.replace("{role: head}, by: hook", "{role: head}, by: hook, urgent: true");
    let mut office = Office::new(&format!("{quiet}{}", rules(&urgent)));
    office.run();
    assert_eq!(office.compose(), 3);
    let mut post = Post::default();
    office.deliver(&mut post);
    assert_eq!(post.subjects, ["escalation Acme: 1 escalated"], "its clause is critical");
    office.now = Instant::parse("2026-03-16T13:59:59+08:00", Zone::UTC).unwrap();
    office.deliver(&mut post);
    assert_eq!(post.subjects.len(), 1);
    // What fails late in the day is not tried in the night.
    office.now = Instant::parse("2026-03-16T17:59:30+08:00", Zone::UTC).unwrap();
    post.fates = vec![Outcome::Sent, failed(), failed()];
    office.deliver(&mut post);
    assert_eq!((post.tried, post.subjects.len()), (3, 1));
    let next: BTreeSet<String> = office.left().iter().map(|notice| notice.due().unwrap().show(office.set.zone())).collect();
    assert_eq!(next, BTreeSet::from(["2026-03-17 09:00".to_owned()]));
    // Whoever makes the hours quiet after something was composed is heeded, too.
    office.now = Instant::parse("2026-03-17T10:00:00+08:00", Zone::UTC).unwrap();
    office.reread(&format!("  quiet: {{from: \"09:00\", to: \"10:30\"}}\n{}", rules(THREE)));
    office.deliver(&mut post);
    assert_eq!(post.tried, 3);
    office.reread(&rules(THREE));
    office.deliver(&mut post);
    assert_eq!(office.left().len(), 0);
}

#[test]
fn a_robot_is_not_sent_more_than_it_takes_in_a_minute() {
    let many: String = (0..40).map(|n| format!("    - {{what: digest, to: {{person: p{n}}}, of: all, by: [chat, hook]}}\n")).collect();
    let people: String = (0..40).map(|n| format!("    p{n}: {{lang: zh}}\n")).collect();
    let mut office = Office::new(&format!("  people:\n{people}{}", rules(&many)));
    office.run();
    assert_eq!(office.compose(), 80);
    let mut post = Post::default();
    let left = |office: &Office| office.left().iter().filter(|notice| notice.envelope.channel == "chat").count();
    office.deliver(&mut post);
    assert_eq!((left(&office), office.left().len()), (25, 25), "all webhooks, and fifteen of the robot's");
    office.deliver(&mut post);
    office.deliver(&mut post);
    assert_eq!(left(&office), 0);
}

#[test]
fn rules_that_mean_the_same_person_make_one_notice() {
    let mut office = Office::new(&rules(
        "    - {what: digest, to: {person: lin}, by: hook, of: [head]}\n    - {what: digest, to: {person: lin}, by: hook}\n    - {what: digest, to: {person: zhao}, by: hook, every: week, of: all}\n    - {what: digest, to: owners, by: hook, every: run}\n",
    ));
    office.run();
    // lin, zhao, and the clerks as a role; nothing is the head's move.
    assert_eq!(office.compose(), 3);
    office.now = office.now.plus(MINUTE);
    office.run();
    assert_eq!(office.compose(), 1, "each run, to the role");
    office.now = office.now.plus(24 * 60 * MINUTE);
    office.run();
    assert_eq!(office.compose(), 2, "and each day to lin");
    office.now = office.now.plus(6 * 24 * 60 * MINUTE);
    office.run();
    assert_eq!(office.compose(), 3, "and each week to zhao");
}

#[test]
fn a_change_is_told_once_and_not_as_new_again() {
    let told = "    - {what: assigned, to: owners, by: hook}\n    - {what: new, to: {role: clerk}, by: hook}\n";
    let mail = "  from: d@a.example\n  people:\n    lin: {mail: lin@a.example}\n    pei: {mail: pei@a.example, lang: zh}\n";
    let mut office = Office::new(&format!(
        "{mail}{}",
        rules(told).replace("  send:", "    post: {mail: {host: h}}\n  send:\n    - {what: assigned, to: owners, by: post}")
    ));
    office.run();
    let found: Vec<Obligation> = office.found().into_iter().filter(|one| one.case.as_deref() == Some("A/1")).collect();
    assert_eq!(found.len(), 1);
    let mut change = |id: &str, what: What, person: Option<&str>| {
        compose_change(&mut office.store, &office.set, &Change { id, what, person }, &found, office.now).unwrap().added
    };
    // To lin by mail, and to the clerks by the hook, since lin is one of them.
    assert_eq!(change("1", What::Assigned, Some("lin")), 2);
    assert_eq!(change("1", What::Assigned, Some("lin")), 0);
    assert_eq!(change("2", What::Assigned, Some("lin")), 2, "given back and given again");
    // pei holds no role and is told all the same, in Chinese.
    assert_eq!(change("3", What::Assigned, Some("pei")), 1);
    assert_eq!(change("4", What::New, None), 1);
    assert_eq!(change("5", What::New, None), 0, "it is told already");
    assert_eq!(change("6", What::Digest, None), 0);
    let list = office.left();
    let pei = list.iter().find(|notice| notice.envelope.person.as_deref() == Some("pei")).unwrap();
    assert_eq!(pei.envelope.subject, "Acme：指派给您 1 项");
    // The run found B and U new as well; A was told.
    assert_eq!(office.compose(), 1);
    let list = office.left();
    let new = list.iter().find(|notice| notice.envelope.what == "new" && notice.envelope.run > 0).unwrap();
    assert!(!new.envelope.body.contains("\"A/1\"") && new.envelope.subject == "Acme: 2 new", "{}", new.envelope.body);
}

/// One thing that happens.
#[derive(Clone, Debug)]
enum Turn {
    /// A round of sending, with what becomes of its attempts; after so many the program is killed.
    Round(Vec<u8>, usize),
    /// A run.
    Run,
    /// Minutes go by.
    Wait(i64),
    /// The index is made again.
    Rebuild,
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        4 => (prop::collection::vec(0_u8..4, 0..5), 0_usize..8).prop_map(|(fates, killed)| Turn::Round(fates, killed)),
        2 => Just(Turn::Run),
        3 => (1_i64..400).prop_map(Turn::Wait),
        1 => Just(Turn::Rebuild),
    ]
}

#[test]
fn none_is_lost_and_none_comes_twice_that_need_not() {
    TestRunner::new(config(16))
        .run(&prop::collection::vec(turn(), 1..14), |turns| {
            let mut office = Office::new(&rules(THREE));
            office.run();
            office.compose();
            let mut arrived: BTreeMap<String, usize> = BTreeMap::new();
            // Attempts of which nobody can know how they ended: each may double a notice.
            let mut doubtful: BTreeMap<String, usize> = BTreeMap::new();
            for turn in turns {
                match turn {
                    Turn::Run => {
                        office.now = office.now.plus(MINUTE);
                        office.run();
                        office.compose();
                    }
                    Turn::Wait(minutes) => office.now = office.now.plus(minutes * MINUTE),
                    Turn::Rebuild => office.store.rebuild().unwrap(),
                    Turn::Round(fates, killed) => {
                        let taken = take_due(&mut office.store, &office.set, &mut Budget::default(), office.now).unwrap();
                        let fates =
                            fates.iter().map(|fate| [Outcome::Sent, failed(), unsure(), failed()][usize::from(*fate)].clone()).collect();
                        let mut post = Post { fates, ..Post::default() };
                        let kill = killed < taken.len();
                        let sent = if kill { taken.into_iter().take(killed).collect() } else { taken };
                        let outcomes = send(&mut post, sent, &|| office.now);
                        for (id, count) in post.arrived {
                            *arrived.entry(id).or_default() += count;
                        }
                        for (one, outcome) in &outcomes {
                            if kill || matches!(outcome, Outcome::Unsure(_)) {
                                *doubtful.entry(one.notice.envelope.id.clone()).or_default() += 1;
                            }
                        }
                        if !kill {
                            mark(&mut office.store, &office.set, outcomes, office.now).unwrap();
                        }
                    }
                }
            }
            // In the end all goes well for long enough.
            for _ in 0..12 {
                office.now = office.now.plus(25 * 60 * MINUTE);
                let mut post = Post::default();
                office.deliver(&mut post);
                for (id, count) in post.arrived {
                    *arrived.entry(id).or_default() += count;
                }
            }
            assert!(office.left().iter().all(Outgoing::is_given_up), "{:?}", office.left());
            for notice in office.store.notices().unwrap() {
                let id = notice.envelope.id;
                let (came, doubts) = (arrived.get(&id).copied().unwrap_or(0), doubtful.get(&id).copied().unwrap_or(0));
                assert!(came >= 1, "{id} is lost");
                assert!(came <= 1 + doubts, "{id} came {came} times with {doubts} doubts");
            }
            office.store.verify().unwrap();
            Ok(())
        })
        .unwrap();
}
