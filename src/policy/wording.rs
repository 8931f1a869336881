//! What a clause says as it stands in its file: its lines, and those of its properties that a compiled clause no longer tells. Read from the texts
//! of a set that compiled, when somebody asks for one clause.

use super::{
    set::PolicySet,
    sources::{Role, Sources},
    template::read_text,
};
use crate::{
    diagnostic::{Place, Problems},
    lang::Text,
    yaml::{self, Kind, Node},
};

/// A clause of one version, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    /// The index of its version.
    pub edition: usize,
    /// Its lines, without the indentation that all of them share.
    pub lines: String,
    /// The number of the first line.
    pub first: usize,
    /// The condition on which it applies.
    pub when: Option<String>,
    /// The condition on which it does not.
    pub unless: Option<String>,
    /// What to do next; expressions stand in braces.
    pub next: Option<Text>,
    /// After how long it goes to somebody else.
    pub escalate_after: Option<String>,
    /// How long before the due instant it is said to fall due.
    pub warn: Option<String>,
    /// Where it stands.
    pub place: Place,
}

/// The wordings of a clause, by version in the order of the set.
#[must_use]
pub fn wordings(sources: &Sources, set: &PolicySet, id: &str) -> Vec<Wording> {
    let Some((policy, article)) = id.split_once('/') else { return Vec::new() };
    let mut list = Vec::new();
    // The set compiled: whatever is wrong here was told then.
    let mut problems = Problems::default();
    for (index, (edition, source)) in set.editions.iter().zip(sources.of(Role::Policy)).enumerate() {
        if edition.id != policy {
            continue;
        }
        let Some(node) = yaml::parse(&source.file, &mut problems) else { continue };
        let clauses = node.get("clauses").map_or(&[][..], Node::items);
        let found = clauses.iter().position(|clause| clause.get("id").and_then(Node::text) == Some(article));
        let Some(at) = found else { continue };
        let Some(clause) = clauses.get(at) else { continue };
        let next = clauses.get(at + 1).map(first_byte);
        list.extend(wording(index, clause, next, &mut problems));
    }
    list
}

/// Where a node begins: a map with its first key, wherever the reader says that the map itself does.
fn first_byte(node: &Node) -> usize {
    match &node.kind {
        Kind::Map(entries) => entries.first().map_or(node.place.span.start, |(key, _)| key.place.span.start),
        _ => node.place.span.start,
    }
}

fn wording(edition: usize, clause: &Node, next: Option<usize>, problems: &mut Problems) -> Option<Wording> {
    let id = clause.get("id")?;
    let plain = |name: &str| clause.get(name).map(shown);
    let (first, lines) = lines(&id.place.file.text, first_byte(clause), next);
    Some(Wording {
        edition,
        lines,
        first,
        when: plain("when"),
        unless: plain("unless"),
        next: clause.get("next").and_then(|node| read_text(node, problems)),
        escalate_after: clause.get("escalate").and_then(|node| node.get("after")).map(shown),
        warn: plain("warn"),
        place: id.place.clone(),
    })
}

/// A value as written; of a table, its lines.
fn shown(node: &Node) -> String {
    match node.text() {
        Some(text) => text.trim().trim_start_matches('=').trim().to_owned(),
        None => node.place.file.text.get(node.place.span.clone()).unwrap_or("").trim().to_owned(),
    }
}

/// The lines from that of a byte on: up to those of the next item, or to where the text is indented less.
fn lines(text: &str, from: usize, next: Option<usize>) -> (usize, String) {
    let start = |at: usize| text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
    let begin = start(from);
    let end = next.map_or(text.len(), start).max(begin);
    let number = text.get(..begin).unwrap_or("").matches('\n').count() + 1;
    let body = text.get(begin..end).unwrap_or("");
    let indent = |line: &str| line.len() - line.trim_start().len();
    let own = body.lines().next().map_or(0, indent);
    let mut kept: Vec<&str> = Vec::new();
    for (place, line) in body.lines().enumerate() {
        if place > 0 && !line.trim().is_empty() && indent(line) <= own {
            break;
        }
        kept.push(line);
    }
    // What stands between two clauses speaks of the next.
    while kept.last().is_some_and(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        kept.pop();
    }
    let cut: Vec<&str> = kept.into_iter().map(|line| line.get(own.min(indent(line))..).unwrap_or("")).collect();
    (number, cut.join("\n"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::policy::{company::Company, compile};

    #[test]
    fn a_clause_is_told_in_its_own_lines() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
        let sources = Sources::read(&[folder]).unwrap();
        let set = compile(&sources, Company::default()).unwrap();
        let found = wordings(&sources, &set, "security-systems/4.2.5");
        let [one] = found.as_slice() else { panic!("{found:?}") };
        insta::assert_snapshot!(one.lines, @r#"
        - id: "4.2.5"
          covers: [4.2.5-a, 4.2.5-b, 4.2.5-c, 4.2.5-d, 4.2.5-e]
          title: {en: Reach the site in time, zh: 按时到场}
          says: {en: "From the customer's report the site is reached within hours set by area, far away by the contract.", zh: 自报修起按区域限时到场，远处按合同。}
          for: fault
          owner: maintenance-engineer
          warn: 30min
          next: {en: "Send an engineer to the site ({area})", zh: "派人到场（{area}）"}
          deadline:
            after: reported
            expect: arrived
            within:
              select: area
              rows: {ring-1: 2h, ring-2: 3h, ring-3: 4h, nearby: 6h, remote: =contract_arrival}
        "#);
        assert_eq!((one.warn.as_deref(), one.next.as_ref().map(|next| next.zh.as_str())), (Some("30min"), Some("派人到场（{area}）")));
        assert_eq!(one.place.file.text.lines().nth(one.first - 1), Some("  - id: \"4.2.5\""));
        // The first and the last clause of each policy: their lines begin with the id and hold no other.
        let ids = set.clause_ids();
        let policy = |id: &str| id.split('/').next().unwrap().to_owned();
        let ends = ids.iter().zip(ids.iter().skip(1)).filter(|(one, next)| policy(one) != policy(next)).flat_map(|(one, next)| [one, next]);
        for id in ends {
            let found = wordings(&sources, &set, id);
            assert!(!found.is_empty(), "{id}");
            for one in &found {
                assert!(one.lines.starts_with("- id:"), "{id}: {}", one.lines);
                assert_eq!(one.lines.matches("\n- ").count(), 0, "{id}: {}", one.lines);
            }
        }
    }

    #[test]
    fn the_last_clause_ends_where_the_list_does() {
        let text =
            "clauses:\n  - id: a\n    title: x\n\n  # Of b.\n  - id: b\n    title: y\n\n# Reasons.\nnot_computable:\n  - covers: [c]\n";
        assert_eq!(lines(text, 13, Some(46)), (2, "- id: a\n  title: x".to_owned()));
        assert_eq!(lines(text, 46, None), (6, "- id: b\n  title: y".to_owned()));
        assert_eq!(lines("clauses: [{id: a}, {id: b}]\n", 11, Some(20)).0, 1);
    }
}
