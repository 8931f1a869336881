//! Comparing an obligation with what a test expects.

use crate::{
    finding::Obligation,
    time::{Instant, Span, Zone},
    yaml::Node,
};

/// What differs: the key, what was expected, what was found.
pub(super) type Difference = (String, String, String);

/// Compares the further keys of an expectation with an obligation.
pub(super) fn compare(more: &[(String, Node)], found: &Obligation, zone: Zone) -> Vec<Difference> {
    let mut list = Vec::new();
    for (key, node) in more {
        let expected = node.text().unwrap_or("").to_owned();
        let time = |at: Option<Instant>| at.map_or_else(|| "none".to_owned(), |at| at.to_rfc3339(zone));
        let given = |text: &str| {
            if text == "none" {
                text.to_owned()
            } else {
                Instant::parse(text, zone).map_or_else(|_| text.to_owned(), |at| at.to_rfc3339(zone))
            }
        };
        let (expected, actual) = match key.as_str() {
            "due" => (given(&expected), time(found.due.map(|due| due.at))),
            "met_at" => (given(&expected), time(found.met_at)),
            "since" => (given(&expected), time(found.since)),
            "overdue_by" => (expected, found.overdue_by.map_or_else(|| "none".to_owned(), Span::iso_elapsed)),
            "open" => (expected, found.open.to_string()),
            "provisional" => (expected, found.due.is_some_and(|due| due.provisional).to_string()),
            "instance" => (expected, found.instance.clone()),
            "group" => (expected, found.group.clone().unwrap_or_default()),
            "case" => (expected, found.case.clone().unwrap_or_default()),
            "missing" => {
                let mut names: Vec<&str> = node.items().iter().filter_map(Node::text).collect();
                names.sort_unstable();
                (names.join(", "), found.missing.join(", "))
            }
            "message" => {
                let holds = found.message.en.contains(&expected) || found.message.zh.contains(&expected);
                if holds {
                    continue;
                }
                (expected, found.message.en.clone())
            }
            "next" => {
                list.extend(next(node, found));
                continue;
            }
            _ => continue,
        };
        if expected != actual {
            list.push((key.clone(), expected, actual));
        }
    }
    list
}

fn next(node: &Node, found: &Obligation) -> Vec<Difference> {
    let mut list = Vec::new();
    let Some(action) = &found.next_action else {
        return if node.text() == Some("none") { list } else { vec![("next".to_owned(), "an action".to_owned(), "none".to_owned())] };
    };
    if node.text() == Some("none") {
        return vec![("next".to_owned(), "none".to_owned(), format!("{}: {}", action.role, action.text.en))];
    }
    if let Some(role) = node.get("role").and_then(Node::text)
        && role != action.role
    {
        list.push(("next.role".to_owned(), role.to_owned(), action.role.clone()));
    }
    let mut texts: Vec<&str> = node.get("text").into_iter().chain(node.get("en")).chain(node.get("zh")).filter_map(Node::text).collect();
    if let Some(both) = node.get("text").filter(|both| both.text().is_none()) {
        texts.extend(["en", "zh"].iter().filter_map(|lang| both.get(lang).and_then(Node::text)));
    }
    for text in texts {
        if !action.text.en.contains(text) && !action.text.zh.contains(text) {
            list.push(("next.text".to_owned(), text.to_owned(), format!("{} / {}", action.text.en, action.text.zh)));
        }
    }
    list
}
