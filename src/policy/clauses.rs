//! Reading the clauses of a policy version, each on its own: a wrong one does not hide the others' mistakes.

use std::{collections::BTreeMap, sync::Arc};

use rhai::Engine;

use super::{
    alternatives::{Kinds, read_matcher},
    calendar::Calendars,
    clause::{Escalation, Properties, Severity},
    company::Recorded,
    digest::{Digest, Digester},
    header::{CLAUSE_KEYS, COUNTINGS, DAY_ENDS},
    lookup::{Reader, read_lookup},
    template::{Template, read_text},
    vocabulary::Kind,
    words::{mentions, words},
};
use crate::{
    diagnostic::{Diagnostic, Problems, SourceFile, did_you_mean},
    form::{FORMS, FormReader, Rule},
    lang::Text,
    script::{Context, Expr, Names, Parameter, Setup},
    time::{Calendar, Counting, DayEnd},
    value::Type,
    yaml::{Fields, Key, Node},
};

/// What the clauses of a policy version share.
pub(super) struct Section<'s> {
    pub(super) policy: &'s str,
    pub(super) kinds: &'s [Arc<Kind>],
    /// By kind, the names of those that clauses are for.
    pub(super) names: &'s [Option<Arc<Names>>],
    pub(super) engine: &'s Arc<Engine>,
    pub(super) calendars: &'s Calendars,
    pub(super) calendar: &'s Arc<Calendar>,
    pub(super) counting: Counting,
    pub(super) day_end: DayEnd,
    pub(super) roles: &'s [String],
    pub(super) scripts: &'s [(String, Arc<SourceFile>)],
    /// Parameters of the policy.
    pub(super) parameters: &'s [Parameter],
    /// Its derived facts, as written.
    pub(super) derive: Option<&'s Node>,
    pub(super) records: Option<&'s BTreeMap<String, (Recorded, Recorded)>>,
}

/// A clause before it is put in its place among the others.
pub(super) struct Draft {
    pub(super) properties: Properties,
    pub(super) form: &'static str,
    pub(super) rule: Rule,
    pub(super) kind: usize,
    pub(super) names: Arc<Names>,
    pub(super) setup: Arc<Setup>,
    pub(super) inactive: Option<Text>,
    pub(super) reads: Vec<String>,
    pub(super) digest: Digest,
}

const ESCALATE_KEYS: &[Key] = &[
    Key::required("after", "span", "how long after the due instant", "逾期多久之后"),
    Key::required("to", "role", "to which role", "上报给"),
];

pub(super) fn read_clauses(nodes: &[Node], section: &Section<'_>, problems: &mut Problems) -> Vec<Draft> {
    let mut keys = CLAUSE_KEYS.to_vec();
    keys.extend(FORMS.iter().map(|form| Key::optional(form.name, "form", form.title.0, form.title.1)));
    let mut drafts: Vec<Draft> = Vec::new();
    let mut ids: Vec<(&str, &Node)> = Vec::new();
    for node in nodes {
        let Some(fields) = Fields::read(node, &keys, problems) else { continue };
        if let Some(id) = fields.get("id").and_then(Node::text) {
            if let Some((_, first)) = ids.iter().find(|(known, _)| *known == id) {
                let (line, _) = first.place.line_column();
                let place = fields.get("id").map_or(&node.place, |node| &node.place);
                problems.error(
                    "DU0405",
                    place,
                    format!("clause `{id}` is already in line {line}"),
                    format!("条款 `{id}` 已在第 {line} 行"),
                );
            }
            ids.push((id, node));
        }
        let named = |node: &Node| section.kinds.iter().find(|kind| node.text() == Some(kind.name.as_str())).cloned();
        let ours: Vec<Arc<Kind>> = fields.list("for").iter().filter_map(named).collect();
        let kinds = Kinds { all: section.kinds, ours: &ours };
        for kind in fields.list("for") {
            let Some(name) = kind.expect_text(problems) else { continue };
            let Some(index) = section.kinds.iter().position(|known| known.name == name) else {
                unknown_kind(kind, name, section.kinds, problems);
                continue;
            };
            drafts.extend(read_clause(&fields, index, kinds, section, problems));
        }
    }
    drafts
}

/// Notes a kind that neither the policies nor their vocabulary declare.
pub(super) fn unknown_kind(node: &Node, name: &str, kinds: &[Arc<Kind>], problems: &mut Problems) {
    problems.error_with_help(
        "DU0401",
        &node.place,
        Text::new(format!("unknown kind `{name}`"), format!("未知的个案种类 `{name}`")),
        did_you_mean(name, kinds.iter().map(|known| known.name.as_str())),
    );
}

fn read_clause(fields: &Fields<'_>, kind: usize, kinds: Kinds<'_>, section: &Section<'_>, problems: &mut Problems) -> Option<Draft> {
    let names = section.names.get(kind)?.as_ref()?;
    let calendar = match fields.get("calendar") {
        Some(node) => section.calendars.need(node, problems)?,
        None => Arc::clone(section.calendar),
    };
    let setup = Arc::new(Setup {
        counting: fields.word("counting", COUNTINGS, problems).unwrap_or(section.counting),
        day_end: fields.word("day_end", DAY_ENDS, problems).unwrap_or(section.day_end),
        calendar,
    });
    let reader = Reader { engine: section.engine, context: Context { names, event: None, of: None }, zone: setup.zone() };
    let before = problems.errors();
    let properties = read_properties(fields, kinds, section, &reader, problems);
    let forms: Vec<_> = FORMS.iter().filter_map(|form| fields.get(form.name).map(|node| (form, node))).collect();
    let (form, node) = match forms.as_slice() {
        [one] => *one,
        [] if fields.misspelt => return None,
        [] => {
            problems.error_with_help(
                "DU0103",
                &fields.node.place,
                Text::new("this clause has no form", "该条款没有形式"),
                did_you_mean("?", FORMS.iter().map(|form| form.name)),
            );
            return None;
        }
        [_, (second, _), ..] => {
            let place = fields.key(second.name).map_or(&fields.node.place, |node| &node.place);
            problems.error("DU0105", place, "a clause has one form; make this another clause", "一个条款只有一种形式；请另立条款");
            return None;
        }
    };
    let mut form_reader = FormReader { reader, kinds, scripts: section.scripts, roles: section.roles, policy: section.policy, problems };
    let rule = form.compile(node, &mut form_reader);
    if let Some(rule) = &rule {
        check_rule(rule, fields, names, kinds, problems);
    }
    let reads = reads(fields, node, names);
    let inactive = section.records.and_then(|records| not_recorded(&reads, names, records));
    if problems.errors() > before {
        return None;
    }
    let digest = digest(fields.node, form.name, &setup, section);
    Some(Draft { properties: properties?, form: form.name, rule: rule?, kind, names: Arc::clone(names), setup, inactive, reads, digest })
}

/// What reads well and would not do what is meant.
fn check_rule(rule: &Rule, fields: &Fields<'_>, names: &Names, kinds: Kinds<'_>, problems: &mut Problems) {
    if let (Rule::Population(_), [_, _, ..], Some(node)) = (rule, kinds.ours, fields.get("for")) {
        problems.error_with_help(
            "DU0105",
            &node.place,
            Text::new("over many cases a clause counts those of one kind", "跨个案的条款只统计一个种类的个案"),
            Text::new("write a clause for each kind", "请为每个种类各写一个条款"),
        );
    }
    let ends = !names.kind.ends.is_empty() && !fields.flag("survives", problems).unwrap_or(false);
    let breaks = match rule {
        Rule::Case(rule) => rule.breaks() || ends,
        Rule::Population(_) => false,
    };
    if let (false, Some(key)) = (breaks, fields.key("remedy")) {
        let message = Text::new(
            "this remedy settles nothing: what this clause asks may be late, but is never breached",
            "该补救不起作用：本条款所求只会逾期，不会成为违反",
        );
        let help = Text::new(
            "what is late is settled by doing it; put the remedy among what is expected, or into a clause of its own",
            "逾期者以完成了结；请把补救列入 `expect`，或另立条款",
        );
        problems.push(Diagnostic::warning("DU0108", &key.place, message).help(Some(help)));
    }
}

/// What the clause says, and all that its expressions may draw on.
fn digest(node: &Node, form: &str, setup: &Setup, section: &Section<'_>) -> Digest {
    let mut all = Vec::new();
    words(node, &mut all);
    let mut digester = Digester::default();
    digester.text(section.policy).node(node).setup(setup);
    if let Some(derive) = section.derive {
        words(derive, &mut all);
        digester.node(derive);
    }
    digester.parameters(section.parameters, &all);
    if form == "rule" {
        section.scripts.iter().for_each(|(_, file)| {
            digester.text(&file.text);
        });
    }
    digester.close()
}

fn read_properties(
    fields: &Fields<'_>,
    kinds: Kinds<'_>,
    section: &Section<'_>,
    reader: &Reader<'_>,
    problems: &mut Problems,
) -> Option<Properties> {
    let article = fields.text("id", problems)?.to_owned();
    if article.is_empty() || article.chars().any(|c| c.is_control() || c.is_whitespace() || c == '/') {
        let place = fields.get("id").map_or(&fields.node.place, |node| &node.place);
        problems.error("DU0404", place, "a clause id has no spaces and no `/`", "条款编号不得含空格与 `/`");
        return None;
    }
    let role = |node: &Node, problems: &mut Problems| -> Option<String> {
        let name = node.expect_text(problems)?;
        if !section.roles.iter().any(|known| known == name) {
            problems.error_with_help(
                "DU0402",
                &node.place,
                Text::new(format!("unknown role `{name}`"), format!("未知的角色 `{name}`")),
                did_you_mean(name, section.roles.iter().map(String::as_str)),
            );
        }
        Some(name.to_owned())
    };
    let text = |name: &str, problems: &mut Problems| fields.get(name).and_then(|node| read_text(node, problems));
    let title = text("title", problems);
    if let Some(node) = fields.get("title")
        && node.text().is_some()
    {
        problems.push(
            Diagnostic::warning("DU0107", &node.place, Text::new("the title stands in one language only", "标题只有一种语言"))
                .help(Some(Text::new("write `{en: .., zh: ..}`", "请写 `{en: .., zh: ..}`"))),
        );
    }
    let condition = |name: &str, problems: &mut Problems| {
        let node = fields.get(name)?;
        let text = node.expect_text(problems)?.trim().trim_start_matches('=').trim();
        let context = Context { event: Some(&[]), ..reader.context };
        Expr::compile(reader.engine, text, &node.place, &context, Type::Boolean, problems)
    };
    let escalate = fields.get("escalate").and_then(|node| {
        let inner = Fields::read(node, ESCALATE_KEYS, problems)?;
        let to = role(inner.get("to")?, problems)?;
        Some(Escalation { after: read_lookup(inner.get("after")?, Type::Span, reader, problems)?, to })
    });
    let at_hand = Reader { context: Context { event: Some(&[]), ..reader.context }, ..*reader };
    let full = |id: &str| if id.contains('/') { id.to_owned() } else { format!("{}/{id}", section.policy) };
    let covers: Vec<String> = fields.list("covers").iter().filter_map(Node::text).map(str::to_owned).collect();
    Some(Properties {
        id: format!("{}/{article}", section.policy),
        policy: section.policy.to_owned(),
        covers: if fields.get("covers").is_none() { vec![article.clone()] } else { covers },
        article: fields.text("article", problems).unwrap_or(&article).to_owned(),
        title: title.unwrap_or_default(),
        says: text("says", problems).unwrap_or_default(),
        when: condition("when", problems),
        unless: condition("unless", problems),
        owner: role(fields.get("owner")?, problems)?,
        severity: fields.word("severity", Severity::WORDS, problems).unwrap_or_default(),
        warn: fields.get("warn").and_then(|node| read_lookup(node, Type::Span, reader, problems)),
        next: fields.get("next").and_then(|node| Template::read(node, &at_hand, problems)),
        escalate,
        remedy: fields.get("remedy").and_then(|node| read_matcher(node, reader, kinds, problems)),
        penalty: text("penalty", problems),
        overrides: fields.list("overrides").iter().filter_map(Node::text).map(full).collect(),
        survives: fields.flag("survives", problems).unwrap_or(false),
        latest_version: fields.word("version", &[("trigger", false), ("latest", true)], problems).unwrap_or(false),
        latest_facts: fields.word("facts", &[("trigger", false), ("latest", true)], problems).unwrap_or(false),
        place: fields.get("id").map_or(&fields.node.place, |node| &node.place).clone(),
    })
}

/// The facts and events that a clause speaks of; those of derived facts are theirs.
fn reads(fields: &Fields<'_>, form: &Node, names: &Names) -> Vec<String> {
    let mut list = Vec::new();
    words(form, &mut list);
    for name in ["when", "unless"] {
        list.extend(fields.get(name).and_then(Node::text));
    }
    let facts = names.kind.facts.iter().map(|fact| fact.name.as_str());
    let events = names.kind.events.iter().map(|event| event.name.as_str());
    facts.chain(events).filter(|name| list.iter().any(|text| mentions(text, name))).map(str::to_owned).collect()
}

/// What of it the company does not record.
fn not_recorded(reads: &[String], names: &Names, records: &BTreeMap<String, (Recorded, Recorded)>) -> Option<Text> {
    let kind = &names.kind;
    let Some((facts, events)) = records.get(&kind.name) else {
        return Some(Text::new(format!("no `{}` is recorded", kind.name), format!("未记录 `{}`", kind.name)));
    };
    let missing: Vec<&str> = reads
        .iter()
        .map(String::as_str)
        .filter(|name| {
            let as_fact = kind.fact(name).is_some().then(|| facts.holds(name));
            let as_event = kind.event(name).is_some().then(|| events.holds(name));
            !as_fact.or(as_event).unwrap_or(true) && !as_event.unwrap_or(false)
        })
        .collect();
    (!missing.is_empty()).then(|| {
        let list = missing.join(", ");
        Text::new(format!("not recorded: {list}"), format!("未记录：{list}"))
    })
}
