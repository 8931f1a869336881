//! Figures for monitoring, as OpenMetrics text.

use std::collections::BTreeMap;

use crate::{
    app::{
        board::{Choice, View},
        openmetrics::Page,
    },
    finding::State,
    policy::{clause::Severity, org::Org},
    web::visit::{Answer, Reply, Visit},
};

/// The content type that OpenMetrics asks for.
const CONTENT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The page.
pub fn show(visit: &Visit<'_>) -> Answer {
    let who = visit.account()?;
    let rules = visit.app.rules();
    let mut page = Page::default();
    let run = {
        let board = visit.app.board();
        findings(&mut page, &visit.app.view(&board, &rules, who, visit.now), &rules.set.org);
        board.run.clone()
    };
    let mut single = |name, unit, help: &str, value: String| {
        page.gauge(name, unit, help);
        page.sample(&[], value);
    };
    // While a check has the store, these are left out rather than waited for.
    let (cases, last) = match visit.app.store_now() {
        Some(store) => (Some(store.len()?), store.last_run()?),
        None => (None, None),
    };
    if let Some(cases) = cases {
        single("duly_cases", None, "Cases in the store.", cases.to_string());
    }
    if let Some(last) = last {
        single("duly_run_seconds", Some("seconds"), "How long the last run took.", seconds(i64::try_from(last.millis).unwrap_or(i64::MAX)));
        single("duly_cases_judged", None, "Cases that the last run judged; the others stood as before.", last.judged.to_string());
    }
    if let Some(run) = run {
        single("duly_run_timestamp_seconds", Some("seconds"), "When the last run was recorded.", seconds(run.at.millis()));
        single("duly_run_age_seconds", Some("seconds"), "How long ago that was.", seconds(crate::app::clock::now().since(run.at).max(0)));
        single(
            "duly_run_fallback",
            None,
            "1 when the policies on disk did not load and the last good ones ran.",
            u8::from(run.fallback).to_string(),
        );
    }
    single(
        "duly_policies_load",
        None,
        "1 when the policies were read without mistakes; 0 when the last good ones are in use.",
        u8::from(rules.problems.is_empty()).to_string(),
    );
    single("duly_sessions", None, "Sessions of people who are signed in.", visit.app.door.sessions().to_string());
    single(
        "duly_uptime_seconds",
        Some("seconds"),
        "How long the server has been up.",
        seconds(i64::try_from(visit.app.watch.millis()).unwrap_or(0)),
    );
    visit.app.meter.write(&mut page);
    Ok(Reply::new(CONTENT, page.end()))
}

/// What is open, of what the account sees.
fn findings(page: &mut Page, view: &View<'_>, org: &Org) {
    let mut open: BTreeMap<(&str, Severity), u64> = BTreeMap::new();
    let mut states: BTreeMap<State, u64> = BTreeMap::new();
    let board = view.board;
    view.each(&Choice::default(), org, |item, stands| {
        *states.entry(stands.state).or_default() += 1;
        if let Some(clause) = board.clause(item).filter(|_| stands.open) {
            *open.entry((board.policies.name(clause.policy), clause.severity)).or_default() += 1;
        }
    });
    page.gauge("duly_open_violations", None, "Violations not settled, by policy and severity.");
    for ((policy, severity), count) in &open {
        page.sample(&[("policy", policy), ("severity", severity.word())], count);
    }
    page.gauge("duly_open_obligations", None, "Obligations that are not met, by state.");
    for state in [State::Overdue, State::Breached, State::DueSoon, State::Pending, State::Undetermined, State::Waived] {
        page.sample(&[("state", state.word())], states.get(&state).copied().unwrap_or(0));
    }
}

fn seconds(millis: i64) -> String {
    format!("{}.{:03}", millis / 1_000, millis.rem_euclid(1_000))
}
