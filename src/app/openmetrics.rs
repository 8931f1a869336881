//! Figures as OpenMetrics text, version 1.0: gauges only. Prometheus' older text format reads it as well, since what it does not know is
//! a comment there.

use std::fmt::{Display, Write as _};

/// A page of metric families.
#[derive(Debug, Default)]
pub struct Page {
    text: String,
    name: &'static str,
}

impl Page {
    /// Begins a family; samples follow. A name ends with its unit, when there is one.
    pub fn gauge(&mut self, name: &'static str, unit: Option<&'static str>, help: &str) {
        self.name = name;
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(self.text, "# TYPE {name} gauge");
        if let Some(unit) = unit {
            let _ = writeln!(self.text, "# UNIT {name} {unit}");
        }
        let _ = writeln!(self.text, "# HELP {name} {}", escaped(help));
    }

    /// A sample of the family begun last. Label names are ours; their values may be any text.
    pub fn sample(&mut self, labels: &[(&'static str, &str)], value: impl Display) {
        self.text.push_str(self.name);
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
        assert_eq!(
            page.end(),
            "# TYPE duly_run_seconds gauge\n# UNIT duly_run_seconds seconds\n# HELP duly_run_seconds How long it took.\nduly_run_seconds 0.125\n\
             # TYPE duly_open_violations gauge\n# HELP duly_open_violations By \\\"policy\\\".\n\
             duly_open_violations{policy=\"a\\\\b\\\"c\\nd\",severity=\"major\"} 3\n# EOF\n"
        );
    }
}
