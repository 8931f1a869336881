//! Findings as SARIF 2.1.0: rules are clauses, results are findings, and the case of each is its logical location.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{About, to_json};
use crate::{
    finding::{Obligation, State},
    lang::{Lang, Text},
    policy::{Clause, clause::Severity},
};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json";

/// The log of a run, with all clauses as its rules.
#[must_use]
pub fn sarif(list: &[Obligation], about: &About<'_>) -> Value {
    // Versions of a clause are one rule, which the newest describes.
    let mut rules: Vec<(&str, &Clause)> = Vec::new();
    for clause in &about.set.clauses {
        let id = clause.properties.id.as_str();
        match rules.iter_mut().find(|(known, _)| *known == id) {
            Some((_, known)) if known.from < clause.from => *known = clause,
            Some(_) => {}
            None => rules.push((id, clause)),
        }
    }
    let index = |found: &Obligation| rules.iter().position(|(id, _)| *id == found.clause_id);
    let results: Vec<Value> = list.iter().map(|found| result(found, index(found), about)).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "duly",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|(_, clause)| rule(clause, about.lang)).collect::<Vec<_>>(),
            }},
            "language": about.lang.pick("en-US", "zh-CN"),
            "columnKind": "unicodeCodePoints",
            "properties": {"asOf": about.as_of.to_rfc3339(about.zone)},
            "results": results,
        }],
    })
}

fn rule(clause: &Clause, lang: Lang) -> Value {
    let of = &clause.properties;
    // What a policy leaves out is said by what it does not.
    let title = if of.title.is_empty() { Text::same(of.id.as_str()) } else { of.title.clone() };
    let says = if of.says.is_empty() { title.clone() } else { of.says.clone() };
    let both = |text: &Text| json!({"en": text.en, "zh": text.zh});
    json!({
        "id": of.id,
        "name": of.id,
        "shortDescription": {"text": title.get(lang)},
        "fullDescription": {"text": says.get(lang)},
        "help": {"text": says.get(lang), "markdown": format!("**{}**\n\n{}", markdown(title.get(lang)), markdown(says.get(lang)))},
        "messageStrings": {"en": {"text": braces(&says.en)}, "zh": {"text": braces(&says.zh)}},
        "defaultConfiguration": {"level": level(of.severity)},
        "properties": {
            "title": both(&title), "says": both(&says), "policy": of.policy, "owner": of.owner, "severity": of.severity.word(),
            "form": clause.form, "tags": [of.policy, clause.form],
        },
    })
}

fn result(found: &Obligation, rule: Option<usize>, about: &About<'_>) -> Value {
    let who = found.case.as_ref().or(found.group.as_ref()).map_or("", String::as_str);
    let what = if found.case.is_some() { "case" } else { "group" };
    let mut location = json!({"logicalLocations": [{"name": who, "fullyQualifiedName": format!("{}/{who}", found.kind), "kind": what}]});
    // Those who show results in files show them at the clause.
    if let (Some(clause), Value::Object(location)) = (about.set.clauses.get(found.clause), &mut location) {
        let place = &clause.properties.place;
        let (line, column) = place.line_column();
        let uri = uri(&place.file.path);
        location.insert(
            "physicalLocation".to_owned(),
            json!({"artifactLocation": {"uri": uri}, "region": {"startLine": line, "startColumn": column}}),
        );
    }
    let kind = match found.state {
        _ if found.is_violation() => "fail",
        State::Undetermined => "open",
        State::DueSoon | State::Pending => "review",
        State::Waived => "notApplicable",
        _ => "pass",
    };
    let mut result = Map::new();
    let mut put = |key: &str, value: Value| result.insert(key.to_owned(), value);
    put("ruleId", found.clause_id.as_str().into());
    if let Some(rule) = rule {
        put("ruleIndex", rule.into());
    }
    put("kind", kind.into());
    // The standard has no level for what is no failure.
    put("level", if found.is_violation() { level(found.severity) } else { "none" }.into());
    put("message", json!({"text": found.message.get(about.lang)}));
    put("locations", json!([location]));
    put("partialFingerprints", json!({"obligation/v1": fingerprint(found)}));
    let mut properties = to_json(found, about.set, about.lang);
    if let Value::Object(properties) = &mut properties {
        properties.insert("message".to_owned(), json!({"en": found.message.en, "zh": found.message.zh}));
    }
    put("properties", properties);
    Value::Object(result)
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "error",
        Severity::Major => "warning",
        Severity::Minor => "note",
    }
}

/// What tells an obligation apart from all others, whenever it is judged and however it then stands.
fn fingerprint(found: &Obligation) -> String {
    let mut digest = Sha256::new();
    for part in
        [found.clause_id.as_str(), found.case.as_deref().unwrap_or_default(), found.group.as_deref().unwrap_or_default(), &found.instance]
    {
        digest.update(part.as_bytes());
        // No id has this byte.
        digest.update([0]);
    }
    crate::store::hex(&digest.finalize())
}

/// A path as a URI reference.
fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let escaped: String =
        path.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect();
    if path.starts_with('/') { format!("file://{escaped}") } else { escaped }
}

/// A text in which Markdown sees no signs of its own.
fn markdown(text: &str) -> String {
    text.chars().flat_map(|c| "\\`*_[]<>#|".contains(c).then_some('\\').into_iter().chain([c])).collect()
}

/// A message in which braces stand for themselves.
fn braces(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}
