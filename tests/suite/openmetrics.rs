//! A strict reader of OpenMetrics text 1.0, and what it says of the metrics that the nightly check writes.

use std::collections::{BTreeMap, BTreeSet};

use duly::app::openmetrics::Page;

/// A sample: its labels and its value as written.
pub type Sample = (BTreeMap<String, String>, String);

/// Reads a page of gauges, or says what the standard forbids about it.
pub fn read(page: &str) -> Result<BTreeMap<String, Vec<Sample>>, String> {
    let body = page.strip_suffix("# EOF\n").ok_or("the page does not end with `# EOF` and a line feed")?;
    if !body.is_empty() && !body.ends_with('\n') {
        return Err("the line before `# EOF` is not ended".into());
    }
    let mut families: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
    let mut current = String::new();
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
                families.insert(name.to_owned(), Vec::new());
                current = name.to_owned();
                said.clear();
            }
            if !families[name].is_empty() {
                return Err(format!("`{what}` of `{name}` after its samples"));
            }
            if !said.insert(what.to_owned()) {
                return Err(format!("`{what}` of `{name}` twice"));
            }
            match what {
                "TYPE" if text == "gauge" => {}
                "UNIT" if name.ends_with(&format!("_{text}")) => {}
                "HELP" => drop(unescape(text, false)?),
                _ => return Err(format!("`{line}` is not allowed")),
            }
            continue;
        }
        let end = line.find(['{', ' ']).ok_or_else(|| format!("`{line}` has no value"))?;
        if line[..end] != current {
            return Err(format!("`{line}` does not belong to `{current}`"));
        }
        let (labels, value) = if line[end..].starts_with('{') { labels(&line[end + 1..])? } else { (BTreeMap::new(), &line[end..]) };
        let value = value.strip_prefix(' ').ok_or("no space before the value")?;
        if !is_number(value) {
            return Err(format!("`{value}` is no number"));
        }
        let samples = families.get_mut(&current).ok_or("a sample before any family")?;
        if samples.iter().any(|(known, _)| *known == labels) {
            return Err(format!("`{line}`: these labels twice"));
        }
        samples.push((labels, value.to_owned()));
    }
    Ok(families)
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
