//! What was asked of the server, and how long the answers took: counts since it began, for a page of metrics.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::app::openmetrics::Page;

/// The bounds of the histogram, as OpenMetrics writes them, and in microseconds.
const BOUNDS: [(&str, u64); 11] = [
    ("0.005", 5_000),
    ("0.01", 10_000),
    ("0.025", 25_000),
    ("0.05", 50_000),
    ("0.1", 100_000),
    ("0.25", 250_000),
    ("0.5", 500_000),
    ("1.0", 1_000_000),
    ("2.5", 2_500_000),
    ("5.0", 5_000_000),
    ("10.0", 10_000_000),
];

/// How long the answers of a route took.
#[derive(Clone, Debug, Default)]
struct Times {
    buckets: [u64; BOUNDS.len()],
    count: u64,
    micros: u64,
}

/// What was counted. Routes are those of the table, so that nobody can make it grow by asking for what is not there.
#[derive(Debug, Default)]
struct Counts {
    requests: BTreeMap<(&'static str, String, u16), u64>,
    times: BTreeMap<&'static str, Times>,
    refused: u64,
}

/// The meter.
#[derive(Debug, Default)]
pub struct Meter(Mutex<Counts>);

impl Meter {
    /// Notes an answer. The path is that of the route; an empty one stands for what no route knows.
    pub fn note(&self, path: &'static str, method: &str, status: u16, took: Duration) {
        let path = if path.is_empty() { "other" } else { path };
        // Methods are what a client likes to send; where no route took it, it does not matter which.
        let method = if path == "other" { "any" } else { method };
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.requests.entry((path, method.to_owned(), status)).or_default() += 1;
        let times = counts.times.entry(path).or_default();
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        times.count += 1;
        times.micros = times.micros.saturating_add(micros);
        for (count, (_, bound)) in times.buckets.iter_mut().zip(BOUNDS) {
            *count += u64::from(micros <= bound);
        }
    }

    /// Notes that somebody was not let in.
    pub fn note_refused(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).refused += 1;
    }

    /// Writes what was counted.
    pub fn write(&self, page: &mut Page) {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        page.counter("duly_http_requests", None, "Requests by route, method and status.");
        for ((path, method, status), count) in &counts.requests {
            page.sample(&[("route", path), ("method", method), ("status", &status.to_string())], count);
        }
        page.histogram("duly_http_request_duration_seconds", Some("seconds"), "How long answers took, by route.");
        for (path, times) in &counts.times {
            let buckets = times.buckets.iter().zip(BOUNDS).map(|(count, (bound, _))| (bound, *count));
            let sum = format!("{}.{:06}", times.micros / 1_000_000, times.micros % 1_000_000);
            page.buckets(&[("route", path)], buckets, times.count, &sum);
        }
        page.counter("duly_sign_ins_refused", None, "Attempts to sign in with a wrong name or password.");
        page.sample(&[], counts.refused);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_in_every_bucket_that_holds_them() {
        let meter = Meter::default();
        meter.note("/a", "GET", 200, Duration::from_millis(7));
        meter.note("/a", "GET", 200, Duration::from_mins(1));
        meter.note("", "BREW", 404, Duration::ZERO);
        meter.note_refused();
        let mut page = Page::default();
        meter.write(&mut page);
        let text = page.end();
        for line in [
            "duly_http_requests_total{route=\"/a\",method=\"GET\",status=\"200\"} 2",
            "duly_http_requests_total{route=\"other\",method=\"any\",status=\"404\"} 1",
            "duly_http_request_duration_seconds_bucket{route=\"/a\",le=\"0.005\"} 0",
            "duly_http_request_duration_seconds_bucket{route=\"/a\",le=\"0.01\"} 1",
            "duly_http_request_duration_seconds_bucket{route=\"/a\",le=\"+Inf\"} 2",
            "duly_http_request_duration_seconds_sum{route=\"/a\"} 60.007000",
            "duly_sign_ins_refused_total 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
