//! A strict reader of OpenMetrics text 1.0, and what it says of the metrics that the nightly check and the server write.

use std::collections::{BTreeMap, BTreeSet};

use duly::app::openmetrics::Page;

/// A sample: its labels and its value as written.
pub type Sample = (BTreeMap<String, String>, String);

/// Reads a page of gauges, counters and histograms, or says what the standard forbids about it. Samples stand under their own names.
pub fn read(page: &str) -> Result<BTreeMap<String, Vec<Sample>>, String> {
    let body = page.strip_suffix("# EOF\n").ok_or("the page does not end with `# EOF` and a line feed")?;
    if !body.is_empty() && !body.ends_with('\n') {
        return Err("the line before `# EOF` is not ended".into());
    }
    let mut families: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
    let (mut current, mut kind, mut sampled) = (String::new(), String::new(), false);
    let mut said = BTreeSet::new();
    for line in body.lines() {
        if let Some(rest) = line.strip_prefix("# ") {
            let mut parts = rest.splitn(3, ' ');
            let (what, name, text) = (parts.next().unwrap_or(""), parts.next().ok_or("no name")?, parts.next().ok_or("no text")?);
            if !is_name(name, true) {
                return Err(format!("`{name}` is no metric name"));
            }
            if name != current {
                if families.contains_key(name) {
                    return Err(format!("the lines of `{name}` are apart"));
                }
                if what != "TYPE" {
                    return Err(format!("`{name}` does not begin with its type"));
                }
                histogram(&families, &current, &kind)?;
                families.insert(name.to_owned(), Vec::new());
                current = name.to_owned();
                sampled = false;
                said.clear();
            }
            if sampled {
                return Err(format!("`{what}` of `{name}` after its samples"));
            }
            if !said.insert(what.to_owned()) {
                return Err(format!("`{what}` of `{name}` twice"));
            }
            match what {
                "TYPE" if matches!(text, "gauge" | "counter" | "histogram") => text.clone_into(&mut kind),
                "UNIT" if name.ends_with(&format!("_{text}")) => {}
                "HELP" => drop(unescape(text, false)?),
                _ => return Err(format!("`{line}` is not allowed")),
            }
            continue;
        }
        let end = line.find(['{', ' ']).ok_or_else(|| format!("`{line}` has no value"))?;
        let suffixes: &[&str] = match kind.as_str() {
            "counter" => &["_total"],
            "histogram" => &["_bucket", "_count", "_sum"],
            _ => &[""],
        };
        if current.is_empty() {
            return Err("a sample before any family".into());
        }
        if !suffixes.iter().any(|suffix| line[..end] == format!("{current}{suffix}")) {
            return Err(format!("`{line}` does not belong to `{current}`"));
        }
        let (labels, value) = if line[end..].starts_with('{') { labels(&line[end + 1..])? } else { (BTreeMap::new(), &line[end..]) };
        let value = value.strip_prefix(' ').ok_or("no space before the value")?;
        if !is_number(value) {
            return Err(format!("`{value}` is no number"));
        }
        if kind != "gauge" && value.starts_with('-') {
            return Err(format!("`{line}`: what only goes up is not below nothing"));
        }
        sampled = true;
        let samples = families.entry(line[..end].to_owned()).or_default();
        if samples.iter().any(|(known, _)| *known == labels) {
            return Err(format!("`{line}`: these labels twice"));
        }
        samples.push((labels, value.to_owned()));
    }
    histogram(&families, &current, &kind)?;
    Ok(families)
}

/// Each histogram has buckets that never hold less than those before, the last of which holds all.
fn histogram(families: &BTreeMap<String, Vec<Sample>>, name: &str, kind: &str) -> Result<(), String> {
    if kind != "histogram" {
        return Ok(());
    }
    let of = |suffix: &str| families.get(&format!("{name}{suffix}")).map_or(&[][..], Vec::as_slice);
    let mut held: BTreeMap<BTreeMap<String, String>, (f64, f64)> = BTreeMap::new();
    for (labels, value) in of("_bucket") {
        let mut labels = labels.clone();
        let bound = labels.remove("le").ok_or("a bucket without `le`")?.replace("+Inf", "inf");
        if !bound.contains('.') && bound != "inf" {
            return Err(format!("`le=\"{bound}\"` is not as the standard writes it"));
        }
        let (bound, value) = (bound.parse::<f64>().map_err(|_| "no bound")?, value.parse::<f64>().map_err(|_| "no count")?);
        let before = held.insert(labels, (bound, value)).unwrap_or((f64::NEG_INFINITY, 0.0));
        if bound <= before.0 || value < before.1 {
            return Err(format!("the buckets of `{name}` are out of order"));
        }
    }
    for (labels, count) in of("_count") {
        if held.remove(labels) != Some((f64::INFINITY, count.parse().map_err(|_| "no count")?)) {
            return Err(format!("the last bucket of `{name}` does not hold all"));
        }
        if !of("_sum").iter().any(|(known, _)| known == labels) {
            return Err(format!("`{name}` has no sum"));
        }
    }
    if held.is_empty() { Ok(()) } else { Err(format!("`{name}` has buckets without a count")) }
}

fn is_name(name: &str, colon: bool) -> bool {
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_' || (colon && c == ':');
    name.starts_with(letter) && name.chars().all(|c| letter(c) || c.is_ascii_digit())
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = digits.bytes().all(|b| b.is_ascii_digit() || b".eE+-".contains(&b)) && digits.starts_with(|c: char| c.is_ascii_digit());
    matches!(digits, "Inf" | "NaN") || (plain && digits.parse::<f64>().is_ok())
}

/// What stands between braces, and the rest.
fn labels(mut text: &str) -> Result<(BTreeMap<String, String>, &str), String> {
    let mut map = BTreeMap::new();
    loop {
        let (name, rest) = text.split_once("=\"").ok_or("a label without a value")?;
        if !is_name(name, false) {
            return Err(format!("`{name}` is no label name"));
        }
        let mut escaped = false;
        let quote = rest.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let quote = quote.ok_or("a label value is not ended")?;
        if map.insert(name.to_owned(), unescape(&rest[..quote], true)?).is_some() {
            return Err(format!("label `{name}` twice"));
        }
        match rest[quote + 1..].split_at_checked(1) {
            Some((",", rest)) => text = rest,
            Some(("}", rest)) => return Ok((map, rest)),
            _ => return Err("a label is followed by neither `,` nor `}`".into()),
        }
    }
}

fn unescape(text: &str, label: bool) -> Result<String, String> {
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        plain.push(match c {
            '"' if label => return Err("a bare quotation mark".into()),
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some(c @ ('\\' | '"')) => c,
                other => return Err(format!("`\\{other:?}` is no escape")),
            },
            c => c,
        });
    }
    Ok(plain)
}

#[test]
fn the_reader_is_strict() {
    let good =
        "# TYPE a_seconds gauge\n# UNIT a_seconds seconds\n# HELP a_seconds text\na_seconds{x=\"1\"} 1\na_seconds{x=\"2\"} -2.5e3\n# EOF\n";
    read(good).unwrap();
    for (from, to) in [
        ("# EOF\n", "# EOF"),
        ("# EOF\n", ""),
        ("# EOF\n", "# EOF\n\n"),
        ("} 1\n", "} 1\n\n"),
        ("} 1\n", "}  1\n"),
        ("} 1\n", "} 1 \n"),
        ("} 1\n", "} one\n"),
        ("} 1\n", "} .5\n"),
        ("x=\"2\"", "x=\"1\""),
        ("x=\"2\"", "x=\"2\",x=\"3\""),
        ("x=\"2\"", "1x=\"2\""),
        ("x=\"2\"", "x=\"\"\""),
        ("x=\"2\"", r#"x="\t""#),
        ("x=\"2\"", "x=\"2\" "),
        (" seconds\n", " minutes\n"),
        ("# TYPE a_seconds gauge\n", ""),
        ("gauge", "guage"),
        ("# HELP a_seconds text\n", "# HELP a_seconds text\n# HELP a_seconds text\n"),
        ("a_seconds{x=\"2\"}", "b{x=\"2\"}"),
        ("# EOF\n", "# HELP a_seconds text\n# EOF\n"),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good);
        assert!(read(&bad).is_err(), "{from:?} -> {to:?}");
    }
}

#[test]
fn the_reader_is_strict_about_what_only_goes_up() {
    let good = "# TYPE a counter\na_total 2\n# TYPE b_seconds histogram\n# UNIT b_seconds seconds\nb_seconds_bucket{le=\"0.5\"} 1\n\
                b_seconds_bucket{le=\"+Inf\"} 3\nb_seconds_count 3\nb_seconds_sum 4.5\n# EOF\n";
    read(good).unwrap();
    for (from, to) in [
        ("a_total 2", "a 2"),
        ("a_total 2", "a_total -2"),
        ("} 1\n", "} 4\n"),
        ("le=\"0.5\"", "le=\"5\""),
        ("le=\"+Inf\"", "le=\"0.1\""),
        ("le=\"+Inf\"", "le=\"1.0\""),
        ("b_seconds_count 3\n", ""),
        ("b_seconds_count 3", "b_seconds_count 2"),
        ("b_seconds_sum 4.5\n", ""),
        ("b_seconds_sum", "b_seconds_mean"),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good);
        assert!(read(&bad).is_err(), "{from:?} -> {to:?}");
    }
}

#[test]
fn any_text_survives_as_a_label() {
    let hostile = ["", "\"", "\\", "\n", "\\n", "\\\"", "a\"} 5\n# EOF\n", "策略 {x=\"1\"}", "trailing\\"];
    let mut page = Page::default();
    page.gauge("duly_test", None, "A help with \"quotes\", a \\ and\na second line.");
    for (number, text) in hostile.iter().enumerate() {
        page.sample(&[("policy", text), ("severity", "major")], number);
    }
    let page = page.end();
    let families = read(&page).unwrap_or_else(|why| panic!("{why}\n{page}"));
    let read: Vec<&str> = families["duly_test"].iter().map(|(labels, _)| labels["policy"].as_str()).collect();
    assert_eq!(read, hostile);
}
