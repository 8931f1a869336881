//! The law of what a change would do: counts and examples are those of judging everything under both sets and comparing, whatever was edited.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    path::Path,
    sync::{Arc, OnceLock},
};

use duly::{
    account::Scope,
    app::{
        compare::{Change, Difference, Side, differences},
        impact::{Edit, Impact, Question, impact},
        judging::{Plan, Source, Stopped, judge_all},
    },
    diagnostic::SourceFile,
    engine::Wanted,
    finding::Obligation,
    policy::{PolicySet, company::Company, compile, sources::Sources},
    sample::case_at,
    store::{Store, Waiver},
    time::{Instant, Zone},
};
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
use proptest::test_runner::{Config, TestCaseError};

use crate::support::config;

const HOUR: i64 = 3_600_000;

/// Edits of the bundled policies: a file, what it says, and what it is made to say.
const EDITS: &[&[(&str, &str, &str)]] = &[
    &[],
    // A limit.
    &[("security-systems/policy.yaml", "ring-1: 2h, ring-2: 3h, ring-3: 4h", "ring-1: 9h, ring-2: 30min, ring-3: 4h")],
    // What moves no instant and no state.
    &[("security-systems/policy.yaml", "title: {en: Reach the site in time, zh: 按时到场}", "title: {en: Be there, zh: 到场}")],
    // A figure that several clauses read.
    &[("security-systems/policy.yaml", "accepted_within: {assumed: 15min", "accepted_within: {assumed: 1min")],
    // A holiday more.
    &[("calendars/china.yaml", "holidays:", "holidays:\n  2026-03-10..2026-03-12: 厂休")],
    // A clause that goes, and another that comes.
    &[("repair-dispatch/policy.yaml", "- id: \"20-a\"", "- id: \"20-z\"")],
    // A share over many cases, and the clause that it counts.
    &[
        (
            "repair-dispatch/policy.yaml",
            "target: {per: month, clause: \"18-b\", at_least: =survey_share}",
            "target: {per: quarter, clause: \"18-b\", at_least: 1}",
        ),
        (
            "repair-dispatch/policy.yaml",
            "expect: survey_card_mailed, within: =survey_card_within",
            "expect: survey_card_mailed, within: 1min",
        ),
    ],
    // A policy that begins later.
    &[("repair-dispatch/policy.yaml", "effective: 2024-01-01", "effective: 2026-03-05")],
    // How a policy counts its days.
    &[("repair-dispatch/policy.yaml", "calendar: china-office", "calendar: china-office\ncounting: elapsed")],
    // A kind of which there are cases says something more.
    &[(
        "house-rules/policy.yaml",
        "standing: true\n    facts:",
        "standing: true\n    facts:\n      colour: {type: text, en: colour, zh: 颜色}",
    )],
];

fn sets() -> &'static [PolicySet] {
    static SETS: OnceLock<Vec<PolicySet>> = OnceLock::new();
    SETS.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let base = Sources::read(&[root.join("policies"), root.join("examples/house-rules")]).unwrap();
        let edited = |edits: &[(&str, &str, &str)]| {
            let mut sources = base.clone();
            for (file, from, to) in edits {
                let source = sources.files.iter_mut().find(|source| source.file.path.ends_with(file)).unwrap();
                assert!(source.file.text.contains(from), "{file} says `{from}`");
                source.file = Arc::new(SourceFile { path: source.file.path.clone(), text: source.file.text.replacen(from, to, 1) });
            }
            compile(&sources, Company { sites: vec!["area".to_owned()], ..Company::default() }).unwrap()
        };
        EDITS.iter().map(|edits| edited(edits)).collect()
    })
}

/// The cases of one store for all trials: some are told twice, so that loose ones stand beside those in blocks.
fn store() -> &'static (tempfile::TempDir, Store) {
    static STORE: OnceLock<(tempfile::TempDir, Store)> = OnceLock::new();
    STORE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join(".duly"), Instant::from_millis(1)).unwrap().0;
        store.import("test", (0..90).map(|number| case_at(number, 11)).collect(), Instant::from_millis(2)).unwrap();
        store.import("test", (0..20).map(|number| case_at(number * 3, 12)).collect(), Instant::from_millis(3)).unwrap();
        for (number, clause) in ["security-systems/4.2.5", "repair-dispatch/18-b", "repair-dispatch/20-a"].into_iter().enumerate() {
            for case in 0..16 {
                let waiver = Waiver {
                    id: String::new(),
                    case: case_at(case * 5 + number as u64, 11).id,
                    clause: clause.into(),
                    instance: None,
                    from: start(),
                    until: start().plus(600 * HOUR),
                    by: "lin".into(),
                    approved_by: "chen".into(),
                    reason: "test".into(),
                    recorded: start(),
                };
                store.add_waiver(waiver, Instant::from_millis(4)).unwrap();
            }
        }
        (folder, store)
    })
}

fn start() -> Instant {
    Instant::parse("2026-02-20T00:00:00+08:00", Zone::UTC).unwrap()
}

fn usual() -> Instant {
    start().plus(900 * HOUR)
}

/// Everything under the policies without edits, at the usual instant.
fn first() -> &'static Side {
    static FIRST: OnceLock<Side> = OnceLock::new();
    FIRST.get_or_init(|| side(&sets()[0], usual(), None))
}

fn side(set: &PolicySet, as_of: Instant, only: Option<&BTreeSet<String>>) -> Side {
    let mut side = Side::default();
    let only = only.map(|ids| move |clause: &duly::policy::Clause| ids.contains(&clause.properties.id));
    let only = only.as_ref().map(|only| only as &(dyn Fn(&duly::policy::Clause) -> bool + Sync));
    let plan = Plan { set, as_of, known_at: None, wanted: Wanted::All, only, case: None, threads: 1 };
    let mut sink = |found: Obligation| -> Result<(), Infallible> {
        side.add(found);
        Ok(())
    };
    judge_all(&plan, &Source::Store(&store().1), &mut sink, &mut |_| {}).map_err(Stopped::store).unwrap();
    side
}

fn asked(old: usize, new: usize, as_of: Instant, threads: usize, most_examples: usize) -> Impact {
    let (scope, sets) = (Scope::default(), sets());
    let (old, new) = (&sets[old], &sets[new]);
    impact(&Question { store: &store().1, old, new, as_of, scope: &scope, threads, most_examples }, &mut |_| {}).unwrap()
}

fn show(difference: &Difference) -> String {
    format!("{:?}", (difference.change, &difference.key, difference.before, difference.after))
}

fn holds(old: usize, new: usize, as_of: Instant, threads: usize) -> Result<(), TestCaseError> {
    let told = asked(old, new, as_of, threads, usize::MAX);
    let before = if old == 0 && as_of == usual() { first() } else { &side(&sets()[old], as_of, None) };
    let (list, _) = differences(before, &side(&sets()[new], as_of, None));
    let mut found: Vec<&Difference> = told.clauses.iter().flat_map(|clause| &clause.examples).collect();
    found.sort_by(|a, b| (a.change, &a.key).cmp(&(b.change, &b.key)));
    prop_assert_eq!(found.into_iter().map(show).collect::<Vec<_>>(), list.iter().map(show).collect::<Vec<_>>());

    let ids: BTreeSet<String> = told.clauses.iter().map(|clause| clause.id.clone()).collect();
    let (before, after) = (side(&sets()[old], as_of, Some(&ids)), side(&sets()[new], as_of, Some(&ids)));
    let (again, same) = differences(&before, &after);
    prop_assert_eq!(again.len(), list.len());
    let total = told.total();
    prop_assert_eq!(total.unchanged, same as u64);
    for change in Change::ALL {
        prop_assert_eq!(total.of(*change), list.iter().filter(|one| one.change == *change).count() as u64);
    }
    let sum = |counts: duly::engine::Counts| counts.iter().map(|(_, count)| count).sum::<u64>();
    prop_assert_eq!((sum(total.before), sum(total.after)), (before.len() as u64, after.len() as u64));

    // With fewer examples the counts are the same, and the examples are the first ones.
    let few = asked(old, new, as_of, threads, 2);
    for (few, all) in few.clauses.iter().zip(&told.clauses) {
        prop_assert_eq!((&few.id, few.counted), (&all.id, all.counted));
        let mut seen: BTreeMap<Change, usize> = BTreeMap::new();
        let first = all.examples.iter().filter(|one| {
            let count = seen.entry(one.change).or_default();
            *count += 1;
            *count <= 2
        });
        prop_assert_eq!(few.examples.iter().map(show).collect::<Vec<_>>(), first.map(show).collect::<Vec<_>>());
    }
    Ok(())
}

proptest! {
    #![proptest_config(Config { max_shrink_iters: 20, ..config(4) })]

    #[test]
    fn what_a_change_would_do_is_the_difference_of_two_full_runs(
        old in 0..EDITS.len(), new in 0..EDITS.len(), hours in 0_i64..1_400, threads in 1_usize..4,
    ) {
        holds(old, new, start().plus(hours * HOUR), threads)?;
    }
}

#[test]
fn each_edit_by_itself_keeps_the_law() {
    let as_of = usual();
    let mut moved = BTreeSet::new();
    for new in 1..EDITS.len() {
        holds(0, new, as_of, 2).unwrap();
        let total = asked(0, new, as_of, 2, 1).total();
        moved.extend(Change::ALL.iter().filter(|change| total.of(**change) > 0).map(|change| (new, *change)));
    }
    // The edits are not idle: each kind of change is among them.
    for change in Change::ALL {
        assert!(moved.iter().any(|(_, found)| found == change), "{change:?}: {moved:?}");
    }
    // Over many cases as well.
    let target = asked(0, 6, as_of, 2, 9);
    let target = target.clauses.iter().find(|clause| clause.id == "repair-dispatch/18").unwrap();
    assert!(target.counted.changed() > 0 && target.examples.iter().all(|one| one.key.0.is_none()), "{target:?}");
}

#[test]
fn only_what_reads_otherwise_is_judged() {
    let as_of = usual();
    let edits = |new: usize| asked(0, new, as_of, 1, 0).clauses.iter().map(|clause| (clause.id.clone(), clause.edit)).collect::<Vec<_>>();
    assert_eq!(edits(0), []);
    assert_eq!(edits(1), [("security-systems/4.2.5".to_owned(), Edit::Changed)]);
    assert_eq!(edits(5), [("repair-dispatch/20-a".to_owned(), Edit::Gone), ("repair-dispatch/20-z".to_owned(), Edit::New)]);
    // A kind says more: every clause might hear it.
    let ids: BTreeSet<&str> = sets()[0].clauses.iter().map(|clause| clause.properties.id.as_str()).collect();
    assert_eq!(edits(9).len(), ids.len());
    let told = asked(0, 9, as_of, 1, 0);
    assert_eq!((told.total().changed(), told.beyond), (0, 0));
}

#[test]
fn a_scope_is_kept() -> Result<(), TestCaseError> {
    let as_of = usual();
    let ask = |scope: &Scope, new: usize| {
        let question =
            Question { store: &store().1, old: &sets()[0], new: &sets()[new], as_of, scope, threads: 2, most_examples: usize::MAX };
        impact(&question, &mut |_| {}).unwrap()
    };
    let whole = ask(&Scope::default(), 1);
    prop_assert!(whole.total().changed() > 0);
    let other = ask(&Scope { policies: vec!["warehouse".into()], sites: Vec::new() }, 1);
    prop_assert_eq!((other.clauses.len(), other.beyond, other.cases), (0, 1, 0));
    // The sites of all that changes: one of them sees its own part, and all parts make the whole.
    let site = |difference: &Difference| {
        let record = store().1.case(difference.key.0.as_deref().unwrap()).unwrap().unwrap();
        duly::app::board::site_of_record(&record, &sets()[0])
    };
    let examples: Vec<&Difference> = whole.clauses.iter().flat_map(|clause| &clause.examples).collect();
    let sites: BTreeSet<String> = examples.iter().filter_map(|one| site(one)).collect();
    prop_assert!(!sites.is_empty());
    for name in &sites {
        let part = ask(&Scope { policies: Vec::new(), sites: vec![name.clone()] }, 1);
        let own = examples.iter().filter(|one| site(one).as_ref() == Some(name)).count() as u64;
        prop_assert_eq!(part.total().changed(), own);
    }
    let none = ask(&Scope { policies: Vec::new(), sites: vec!["nowhere".into()] }, 6);
    prop_assert_eq!((none.total().changed(), none.total().unchanged, none.cases), (0, 0, 0));
    Ok(())
}
