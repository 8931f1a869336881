//! Figures as OpenMetrics text, version 1.0: gauges, counters, histograms. Prometheus' older text format reads it as well, since what it does
//! not know is a comment there.

use std::fmt::{Display, Write as _};

/// A page of metric families.
#[derive(Debug, Default)]
pub struct Page {
    text: String,
    name: &'static str,
    /// What a sample's name has behind the family's.
    suffix: &'static str,
}

impl Page {
    /// Begins a family of values that go up and down; samples follow. A name ends with its unit, when there is one.
    pub fn gauge(&mut self, name: &'static str, unit: Option<&'static str>, help: &str) {
        self.family(name, "gauge", "", unit, help);
    }

    /// Begins a family of values that only go up. Its samples are called `NAME_total`.
    pub fn counter(&mut self, name: &'static str, unit: Option<&'static str>, help: &str) {
        self.family(name, "counter", "_total", unit, help);
    }

    /// Begins a family of histograms, whose samples are written by [`Self::buckets`].
    pub fn histogram(&mut self, name: &'static str, unit: Option<&'static str>, help: &str) {
        self.family(name, "histogram", "_bucket", unit, help);
    }

    fn family(&mut self, name: &'static str, kind: &str, suffix: &'static str, unit: Option<&'static str>, help: &str) {
        (self.name, self.suffix) = (name, suffix);
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(self.text, "# TYPE {name} {kind}");
        if let Some(unit) = unit {
            let _ = writeln!(self.text, "# UNIT {name} {unit}");
        }
        let _ = writeln!(self.text, "# HELP {name} {}", escaped(help));
    }

    /// A sample of the family begun last. Label names are ours; their values may be any text.
    pub fn sample(&mut self, labels: &[(&'static str, &str)], value: impl Display) {
        self.line(self.suffix, labels, value);
    }

    /// A histogram of the family begun last: how many values are at most each bound, all of them, and their sum.
    pub fn buckets<'b>(
        &mut self,
        labels: &[(&'static str, &str)],
        buckets: impl IntoIterator<Item = (&'b str, u64)>,
        count: u64,
        sum: &str,
    ) {
        for (bound, held) in buckets.into_iter().chain([("+Inf", count)]) {
            let mut labels = labels.to_vec();
            labels.push(("le", bound));
            self.line("_bucket", &labels, held);
        }
        self.line("_count", labels, count);
        self.line("_sum", labels, sum);
    }

    fn line(&mut self, suffix: &str, labels: &[(&'static str, &str)], value: impl Display) {
        self.text.push_str(self.name);
        self.text.push_str(suffix);
        if !labels.is_empty() {
            let list: Vec<String> = labels.iter().map(|(name, text)| format!("{name}=\"{}\"", escaped(text))).collect();
            let _ = write!(self.text, "{{{}}}", list.join(","));
        }
        let _ = writeln!(self.text, " {value}");
    }

    /// The page with its end mark, by which a reader knows that it is whole.
    #[must_use]
    pub fn end(mut self) -> String {
        self.text.push_str("# EOF\n");
        self.text
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn a_page_is_as_the_standard_says() {
        let mut page = Page::default();
        page.gauge("duly_run_seconds", Some("seconds"), "How long it took.");
        page.sample(&[], "0.125");
        page.gauge("duly_open_violations", None, "By \"policy\".");
        page.sample(&[("policy", "a\\b\"c\nd"), ("severity", "major")], 3);
        page.counter("duly_requests", None, "Requests.");
        page.sample(&[("route", "/")], 2);
        page.histogram("duly_answer_seconds", Some("seconds"), "Answers.");
        page.buckets(&[("route", "/")], [("0.1", 1)], 2, "1.5");
        assert_eq!(
            page.end(),
            "# TYPE duly_run_seconds gauge\n# UNIT duly_run_seconds seconds\n# HELP duly_run_seconds How long it took.\nduly_run_seconds 0.125\n\
             # TYPE duly_open_violations gauge\n# HELP duly_open_violations By \\\"policy\\\".\n\
             duly_open_violations{policy=\"a\\\\b\\\"c\\nd\",severity=\"major\"} 3\n\
             # TYPE duly_requests counter\n# HELP duly_requests Requests.\nduly_requests_total{route=\"/\"} 2\n\
             # TYPE duly_answer_seconds histogram\n# UNIT duly_answer_seconds seconds\n# HELP duly_answer_seconds Answers.\n\
             duly_answer_seconds_bucket{route=\"/\",le=\"0.1\"} 1\nduly_answer_seconds_bucket{route=\"/\",le=\"+Inf\"} 2\n\
             duly_answer_seconds_count{route=\"/\"} 2\nduly_answer_seconds_sum{route=\"/\"} 1.5\n# EOF\n"
        );
    }
}
