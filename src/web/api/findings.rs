//! What is open, in words; and taking it in hand.

use std::collections::{BTreeSet, HashMap};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    cases::limit,
    endpoint::{Kind, Parameter, query},
    sent,
};
use crate::{
    app::{
        board::{Item, Stands, View},
        changes::key,
        nightly::in_words_of,
    },
    desk::Hand,
    engine::Wanted,
    finding::Obligation,
    policy::clause::Severity,
    report::to_json,
    store::{FindingKey, StoreError},
    time::{Instant, Zone},
    web::{
        pages::{
            deeds::{Taken, take},
            today::{choice, sort},
        },
        state::Rules,
        visit::{Answer, Refusal, Reply, Visit},
    },
};

/// What chooses rows; as the addresses of the board have it.
pub const FILTERS: &[Parameter] = &[
    query(
        "section",
        Kind::Word(&["overdue", "today", "week", "later", "undetermined", "waived"]),
        "Only this part of the board; each row is in one.",
    ),
    query(
        "state",
        Kind::Word(&["overdue", "breached", "met_late", "due_soon", "pending", "undetermined", "waived", "met"]),
        "Only rows in this state.",
    ),
    query("severity", Kind::Word(&["minor", "major", "critical"]), "Only violations that matter so much."),
    query("policy", Kind::Text, "Only of this policy."),
    query("clause", Kind::Text, "Only of this clause, `policy/article`."),
    query("form", Kind::Text, "Only of clauses of this form."),
    query("kind", Kind::Text, "Only of cases of this kind."),
    query("site", Kind::Text, "Only at this site."),
    query("nosite", Kind::Flag, "Only at no site."),
    query("role", Kind::Text, "Only what is this role's move."),
    query("person", Kind::Text, "Only what is this person's move alone."),
    query("mine", Kind::Flag, "Only what the account of the token may do."),
    query("shared", Kind::Text, "Only what is the move of several who hold this role, or of none."),
    query("new", Kind::Flag, "Only findings that the last run found first, and those since."),
    query("text", Kind::Text, "Only cases whose id has this in it."),
    query("from", Kind::Instant, "Only what is due from then on."),
    query("until", Kind::Instant, "Only what is due before then."),
    query("sort", Kind::Word(&["pressing", "due", "case", "clause"]), "In which order: the most pressing first where nothing is said."),
];

/// A row of the board, as it is when the board has been left again.
struct Row {
    key: FindingKey,
    site: Option<String>,
    first_seen: Option<Instant>,
    /// What is told of it where it cannot be judged anew.
    bare: Value,
}

impl Row {
    fn new(view: &View<'_>, rules: &Rules, item: &Item, stands: Stands) -> Self {
        let board = view.board;
        let key = board.key(item);
        let clause = board.clause(item);
        let bare = json!({
            "case": key.case, "group": key.group, "kind": item.kind.map_or("", |kind| board.kinds.name(kind)),
            "policy": key.clause.split('/').next().unwrap_or(""), "clause": key.clause, "instance": key.instance, "state": stands.state.word(),
            "violation": stands.state.is_violation(), "open": stands.open,
            "severity": clause.map_or_else(Severity::default, |row| row.severity).word(), "due": instant(item.due, rules.zone),
            "provisional": false, "since": null, "met_at": null, "overdue_by": null, "next_action": null, "missing": [], "evidence": [], "message": "",
        });
        Self { key, site: item.site.map(|site| board.sites.name(site).to_owned()), first_seen: item.first_seen, bare }
    }

    fn to_json(&self, found: Option<&Obligation>, hand: &Hand, rules: &Rules, visit: &Visit<'_>) -> Value {
        let mut row = found.map_or_else(|| self.bare.clone(), |found| to_json(found, &rules.set, visit.lang));
        let acknowledged = hand.seen.as_ref().map(|(by, at)| json!({"by": by, "at": at.to_rfc3339(rules.zone)}));
        if let Some(map) = row.as_object_mut() {
            map.insert("site".to_owned(), self.site.as_deref().into());
            map.insert("first_seen".to_owned(), instant(self.first_seen, rules.zone));
            map.insert("assigned_to".to_owned(), hand.to.as_deref().into());
            map.insert("acknowledged".to_owned(), acknowledged.into());
        }
        row
    }
}

fn instant(at: Option<Instant>, zone: Zone) -> Value {
    at.map_or(Value::Null, |at| at.to_rfc3339(zone).into())
}

/// A page of them.
pub fn list(visit: &Visit<'_>) -> Answer {
    let rules = visit.app.rules();
    let who = visit.account()?;
    let choice = choice(visit, &rules)?;
    let size = limit(visit);
    let page = visit.query.number("page", 1).max(1);
    let (rows, total, version) = {
        // The board is left before the store is entered: who has the store may be waiting for the board.
        let board = visit.app.board();
        let view = visit.app.view(&board, &rules, who, visit.now);
        let found = view.page(&choice, &rules.set.org, sort(visit), (page - 1).saturating_mul(size), size);
        let rows: Vec<Row> = found.rows.iter().map(|(item, stands)| Row::new(&view, &rules, item, *stands)).collect();
        (rows, found.total, board.version)
    };
    let store = visit.app.store()?;
    let wanted: BTreeSet<FindingKey> = rows.iter().map(|row| row.key.clone()).collect();
    let mut words: HashMap<FindingKey, Obligation> = HashMap::new();
    in_words_of(&store, &rules.set, visit.now, Wanted::Unmet, &wanted, &mut |found: Obligation| {
        words.insert(key(&found), found);
        Ok::<(), StoreError>(())
    })?;
    let mut findings: Vec<Value> = Vec::with_capacity(rows.len());
    for row in &rows {
        let hand = store.hand(&row.key)?.unwrap_or_default();
        findings.push(row.to_json(words.get(&row.key), &hand, &rules, visit));
    }
    drop(store);
    let lines = visit.header("accept").is_some_and(|accept| accept.contains("jsonl") || accept.contains("ndjson"));
    let reply = if lines {
        let text: String = findings.iter().flat_map(|finding| [finding.to_string(), "\n".to_owned()]).collect();
        Reply::new(super::JSONL, text).with_header("x-total-count", total.to_string())
    } else {
        let as_of = visit.now.to_rfc3339(rules.zone);
        Reply::json(&json!({"total": total, "page": page, "limit": size, "as_of": as_of, "board": version, "findings": findings}))
    };
    if page.saturating_mul(size) >= total {
        return Ok(reply);
    }
    let next = visit.query.with("page", &(page + 1).to_string()).query();
    Ok(reply.with_header("link", format!("<{}{next}>; rel=\"next\"", visit.path)))
}

/// Which findings are meant.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Assignment {
    findings: Vec<FindingKey>,
    #[serde(default)]
    to: Option<String>,
}

/// Which findings are meant.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Acknowledgement {
    findings: Vec<FindingKey>,
}

/// Gives findings to a person.
pub fn assign(visit: &Visit<'_>) -> Answer {
    let Assignment { findings, to } = sent::json(visit)?;
    hold(visit, findings, &Taken::Given(to.filter(|to| !to.trim().is_empty())))
}

/// Takes note of findings.
pub fn acknowledge(visit: &Visit<'_>) -> Answer {
    let Acknowledgement { findings } = sent::json(visit)?;
    hold(visit, findings, &Taken::Seen)
}

/// Findings that may be taken in hand at once: each is an entry of the journal.
const MOST_HELD: usize = 1_000;

fn hold(visit: &Visit<'_>, findings: Vec<FindingKey>, taken: &Taken) -> Answer {
    if findings.len() > MOST_HELD {
        return Err(Refusal::Large);
    }
    let done = findings.len();
    take(visit, findings, taken)?;
    Ok(Reply::json(&json!({"done": done})))
}
