//! The figures of a nightly run: what its summary file, its metrics and its log say alike.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use super::{changes::Changes, nightly::Night, openmetrics::Page};
use crate::{
    finding::State,
    store::{Run, hex},
    time::{Instant, Zone},
};

/// The figures of a run.
#[derive(Debug)]
pub struct Figures<'n> {
    /// The run.
    pub run: &'n Run,
    /// When it began.
    pub started: Instant,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// How many of the cases were judged; the others were known to stand as before.
    pub judged: u64,
    /// The run that was told before: changes are counted since then. `None` when there was none.
    pub since: Option<u64>,
    /// Findings never there before.
    pub new: usize,
    /// Findings that were there and are.
    pub persisting: usize,
    /// Findings that went.
    pub cleared: usize,
    /// Findings that came back.
    pub reopened: usize,
    /// Violations not settled, by policy and severity.
    pub open: BTreeMap<(&'n str, &'static str), u64>,
}

impl<'n> Figures<'n> {
    /// The figures of a night, with its changes since an earlier run.
    #[must_use]
    pub fn of(night: &'n Night, since: Option<u64>, changes: &Changes, started: Instant, millis: u64) -> Self {
        let open = night.open.iter().map(|((policy, severity), count)| ((policy.as_str(), severity.word()), *count)).collect();
        let (new, reopened) = changes.counts();
        let kept = usize::try_from(night.findings()).unwrap_or(usize::MAX);
        Self {
            run: &night.run,
            started,
            millis,
            judged: night.run.judged,
            since,
            new,
            persisting: kept.saturating_sub(new + reopened),
            cleared: changes.cleared().len(),
            reopened,
            open,
        }
    }

    /// How many violations are not settled.
    #[must_use]
    pub fn open_violations(&self) -> u64 {
        self.open.values().sum()
    }

    /// How long it took, in seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        Duration::from_millis(self.millis).as_secs_f64()
    }

    /// How many obligations are in a state.
    fn count(&self, state: State) -> u64 {
        self.run.counts.get(state.word()).copied().unwrap_or(0)
    }

    /// The figures as JSON, instants in a zone.
    #[must_use]
    pub fn to_json(&self, zone: Zone) -> Value {
        let counts: serde_json::Map<String, Value> =
            State::ALL.iter().map(|state| (state.word().to_owned(), self.count(*state).into())).collect();
        let open: Vec<Value> =
            self.open.iter().map(|((policy, severity), count)| json!({"policy": policy, "severity": severity, "count": count})).collect();
        json!({
            "run": self.run.id,
            "since": self.since,
            "as_of": self.run.as_of.to_rfc3339(zone),
            "started": self.started.to_rfc3339(zone),
            "seconds": self.seconds(),
            "policies": hex(&self.run.policies),
            "fallback": self.run.fallback,
            "cases": self.run.cases,
            "judged": self.judged,
            "skipped": self.run.cases.saturating_sub(self.judged),
            "counts": counts,
            "open": open,
            "new": self.new,
            "persisting": self.persisting,
            "cleared": self.cleared,
            "reopened": self.reopened,
        })
    }

    /// The figures as OpenMetrics text.
    #[must_use]
    pub fn metrics(&self) -> String {
        let mut page = Page::default();
        page.gauge("duly_obligations", None, "Obligations by state, at the last nightly run.");
        for state in State::ALL {
            page.sample(&[("state", state.word())], self.count(*state));
        }
        page.gauge("duly_open_violations", None, "Violations not settled, by policy and severity.");
        for ((policy, severity), count) in &self.open {
            page.sample(&[("policy", policy), ("severity", severity)], count);
        }
        let mut single = |name, unit, help, value: String| {
            page.gauge(name, unit, help);
            page.sample(&[], value);
        };
        single("duly_findings_new", None, "Findings that were never there before.", self.new.to_string());
        single("duly_findings_persisting", None, "Findings that were there before and are.", self.persisting.to_string());
        single("duly_findings_cleared", None, "Findings that were there before and are no more.", self.cleared.to_string());
        single("duly_findings_reopened", None, "Findings that had been cleared and are back.", self.reopened.to_string());
        single("duly_cases", None, "Cases in the store.", self.run.cases.to_string());
        single("duly_cases_judged", None, "Cases that the run judged; the others stood as before.", self.judged.to_string());
        single("duly_run_seconds", Some("seconds"), "How long the run took.", thousandths(self.millis));
        single(
            "duly_run_timestamp_seconds",
            Some("seconds"),
            "When the run was recorded; alert on its age.",
            thousandths(u64::try_from(self.run.at.millis()).unwrap_or(0)),
        );
        single(
            "duly_run_fallback",
            None,
            "1 when the policies on disk did not load and the last good ones ran.",
            u8::from(self.run.fallback).to_string(),
        );
        page.end()
    }
}

fn thousandths(millis: u64) -> String {
    format!("{}.{:03}", millis / 1000, millis % 1000)
}
