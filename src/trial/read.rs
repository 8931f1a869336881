//! Reading `tests/*.yaml`.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::{
    case::{Case, Event, Value, Values},
    diagnostic::{Place, Problems, SourceFile},
    time::{Instant, Zone},
    yaml::{self, Fields, Key, Kind, Node},
};

/// Keys of a test file.
pub const FILE_KEYS: &[Key] = &[Key::required("tests", "list of tests", "the tests", "各测试")];

/// Keys of a test.
pub const TEST_KEYS: &[Key] = &[
    Key::required("name", "text", "what it shows", "测试说明"),
    Key::required("case", "{kind, facts, id, part_of}", "the case", "个案"),
    Key::optional("events", "list of events", "its timeline", "事件时间线"),
    Key::required("expect", "list of expectations", "what must come out", "预期结果"),
    Key::optional("also", "list of cases", "other cases", "其他个案"),
    Key::optional("people", "{role: people}", "who holds which role", "角色担任者"),
    Key::optional("deputies", "{role: people}", "who stands in", "代理人"),
    Key::optional("parameters", "{name: value}", "the company's figures", "公司数值"),
    Key::optional("waivers", "list of {clause, from, until}", "waivers", "豁免"),
];

const CASE_KEYS: &[Key] = &[
    Key::optional("id", "text", "its id", "编号"),
    Key::required("kind", "kind", "its kind", "种类"),
    Key::optional("facts", "{name: value}", "its facts", "事实"),
    Key::optional("part_of", "case id", "the case it is part of", "所属个案"),
    Key::optional("events", "list of events", "its timeline", "事件"),
];

const EVENT_KEYS: &[Key] = &[
    Key::required("at", "time", "when", "时间"),
    Key::required("type", "event type", "what", "事件类型"),
    Key::optional("id", "text", "its id", "编号"),
    Key::optional("by", "person", "who", "人员"),
    Key::optional("role", "role", "in which role", "角色"),
    Key::optional("data", "{field: value}", "its data", "数据"),
];

const EXPECT_KEYS: &[Key] = &[
    Key::required("at", "time", "as of when", "判断时刻"),
    Key::required("clause", "clause id", "of which clause", "条款"),
    Key::required("state", "state, list of states, or none", "the state", "状态"),
    Key::optional("due", "time", "when it is due", "到期时刻"),
    Key::optional("overdue_by", "ISO 8601 duration", "how late", "逾期多久"),
    Key::optional("met_at", "time", "when it was done", "完成时刻"),
    Key::optional("since", "time", "since when", "自何时"),
    Key::optional("next", "{role, text} or none", "the next action", "下一步"),
    Key::optional("missing", "list of names", "what is missing", "缺少的内容"),
    Key::optional("instance", "text", "of which instance", "哪一项"),
    Key::optional("open", "true | false", "whether the violation is open", "是否未了结"),
    Key::optional("provisional", "true | false", "whether the due instant is provisional", "到期是否暂定"),
    Key::optional("group", "text", "of which group", "哪一组"),
    Key::optional("case", "case id", "of which case", "哪一个案"),
    Key::optional("message", "text", "a part of the message", "消息片段"),
];

const NEXT_KEYS: &[Key] = &[
    Key::optional("role", "role", "whose move it is", "由谁处理"),
    Key::optional("text", "text or {en, zh}", "a part of what to do", "处理内容片段"),
    Key::optional("en", "text", "the same in English", "英文片段"),
    Key::optional("zh", "text", "the same in Chinese", "中文片段"),
];

const WAIVER_KEYS: &[Key] = &[
    Key::required("clause", "clause id", "of which clause", "条款"),
    Key::optional("instance", "text", "of which instance", "哪一项"),
    Key::required("from", "time", "from when", "起"),
    Key::required("until", "time", "until when", "止"),
];

/// What must come out at an instant.
#[derive(Debug)]
pub struct Expectation {
    /// As-of.
    pub at: Instant,
    /// The clause, `policy/article`.
    pub clause: String,
    /// The expected states; empty for none.
    pub states: Vec<String>,
    /// A list was given: all obligations in order.
    pub several: bool,
    /// Further keys and their values, to compare.
    pub more: Vec<(String, Node)>,
    /// Where it stands.
    pub place: Place,
}

/// A test.
#[derive(Debug)]
pub struct Trial {
    /// What it shows.
    pub name: String,
    /// The case and the others.
    pub cases: Vec<Case>,
    /// What must come out.
    pub expect: Vec<Expectation>,
    /// Roles and people: role, node, deputies.
    pub people: Vec<(String, Node, bool)>,
    /// Figures of the company.
    pub parameters: Vec<(String, Node)>,
    /// Waivers: clause, instance, from, until.
    pub waivers: Vec<(String, Option<String>, Instant, Instant)>,
    /// Where it stands.
    pub place: Place,
}

/// Reads a file of tests of a policy.
pub fn read_trials(file: &Arc<SourceFile>, policy: &str, zone: Zone, problems: &mut Problems) -> Vec<Trial> {
    let mut list = Vec::new();
    let Some(node) = yaml::parse(file, problems) else { return list };
    let Some(fields) = Fields::read(&node, FILE_KEYS, problems) else { return list };
    for item in fields.list("tests") {
        list.extend(read_trial(item, policy, zone, problems));
    }
    list
}

fn read_trial(node: &Node, policy: &str, zone: Zone, problems: &mut Problems) -> Option<Trial> {
    let before = problems.errors();
    let fields = Fields::read(node, TEST_KEYS, problems)?;
    let name = fields.get("name")?;
    let name_text = name.text().or_else(|| name.get("en").and_then(Node::text)).unwrap_or("").to_owned();
    let mut case = read_case(fields.get("case")?, "case", zone, problems)?;
    case.events.extend(read_events(fields.list("events"), zone, problems));
    let mut cases = vec![case];
    for (number, other) in (2..).zip(fields.list("also")) {
        cases.push(read_case(other, &format!("case-{number}"), zone, problems)?);
    }
    for case in &mut cases {
        identify(case);
    }
    let full = |id: &str| if id.contains('/') { id.to_owned() } else { format!("{policy}/{id}") };
    let mut expect = Vec::new();
    for item in fields.list("expect") {
        expect.extend(read_expectation(item, &full, zone, problems));
    }
    let mut people = Vec::new();
    for (key, deputies) in [("people", false), ("deputies", true)] {
        for (role, names) in fields.get(key).map_or(&[][..], |node| node.expect_map(problems)) {
            people.push((role.text().unwrap_or("").to_owned(), names.clone(), deputies));
        }
    }
    let parameters = fields.get("parameters").map_or(&[][..], |node| node.expect_map(problems));
    let parameters = parameters.iter().map(|(name, value)| (name.text().unwrap_or("").to_owned(), value.clone())).collect();
    let mut waivers = Vec::new();
    for item in fields.list("waivers") {
        let inner = Fields::read(item, WAIVER_KEYS, problems)?;
        let from = instant(inner.get("from")?, zone, problems)?;
        let until = instant(inner.get("until")?, zone, problems)?;
        waivers.push((full(inner.text("clause", problems)?), inner.text("instance", problems).map(str::to_owned), from, until));
    }
    (problems.errors() == before).then(|| Trial { name: name_text, cases, expect, people, parameters, waivers, place: name.place.clone() })
}

fn read_expectation(node: &Node, full: &dyn Fn(&str) -> String, zone: Zone, problems: &mut Problems) -> Option<Expectation> {
    let fields = Fields::read(node, EXPECT_KEYS, problems)?;
    let state = fields.get("state")?;
    let several = matches!(state.kind, Kind::List(_));
    let states = state.items().iter().filter_map(Node::text).filter(|word| *word != "none").map(str::to_owned).collect();
    let more =
        EXPECT_KEYS.iter().skip(3).filter_map(|key| fields.get(key.name).map(|value| (key.name.to_owned(), value.clone()))).collect();
    let clause = fields.get("clause")?;
    match fields.get("next") {
        Some(next) if matches!(next.kind, Kind::Map(_)) => {
            Fields::read(next, NEXT_KEYS, problems)?;
        }
        Some(next) if next.text() != Some("none") => {
            problems.error(
                "DU0105",
                &next.place,
                "the next action is a map such as `{role: clerk, text: call}`, or `none`; one of all obligations that are found",
                "下一步应为映射，如 `{role: clerk, text: 致电}`，或 `none`；对找到的各项义务同样适用",
            );
            return None;
        }
        _ => {}
    }
    Some(Expectation {
        at: instant(fields.get("at")?, zone, problems)?,
        clause: full(clause.expect_text(problems)?),
        states,
        several,
        more,
        place: clause.place.clone(),
    })
}

/// Reads a time of a test.
pub fn instant(node: &Node, zone: Zone, problems: &mut Problems) -> Option<Instant> {
    let text = node.expect_text(problems)?;
    Instant::parse(text, zone).map_err(|error| problems.error("DU0105", &node.place, error.en, error.zh)).ok()
}

fn read_case(node: &Node, id: &str, zone: Zone, problems: &mut Problems) -> Option<Case> {
    let fields = Fields::read(node, CASE_KEYS, problems)?;
    Some(Case {
        id: fields.text("id", problems).unwrap_or(id).to_owned(),
        kind: fields.text("kind", problems)?.to_owned(),
        part_of: fields.text("part_of", problems).map(str::to_owned),
        facts: fields.get("facts").map_or_else(Values::new, |node| values(node, problems)),
        events: read_events(fields.list("events"), zone, problems),
    })
}

fn read_events(nodes: &[Node], zone: Zone, problems: &mut Problems) -> Vec<Event> {
    let mut list = Vec::new();
    for node in nodes {
        let Some(fields) = Fields::read(node, EVENT_KEYS, problems) else { continue };
        let (Some(at), Some(kind)) = (fields.get("at").and_then(|node| instant(node, zone, problems)), fields.text("type", problems))
        else {
            continue;
        };
        list.push(Event {
            id: fields.text("id", problems).unwrap_or("").to_owned(),
            kind: kind.to_owned(),
            at,
            by: fields.text("by", problems).map(str::to_owned),
            role: fields.text("role", problems).map(str::to_owned),
            data: fields.get("data").map_or_else(Values::new, |node| values(node, problems)),
        });
    }
    list
}

/// Events of a test without an id are numbered as written: e1, e2, ..
fn identify(case: &mut Case) {
    for (number, event) in (1..).zip(&mut case.events) {
        if event.id.is_empty() {
            event.id = format!("e{number}");
        }
    }
    case.events.sort_by_key(|event| event.at);
}

fn values(node: &Node, problems: &mut Problems) -> Values {
    node.expect_map(problems).iter().map(|(name, value)| (name.text().unwrap_or("").to_owned(), value_of(value))).collect()
}

/// A YAML value as JSON would give it.
fn value_of(node: &Node) -> Value {
    match &node.kind {
        Kind::Null => Value::Null,
        Kind::List(items) => Value::List(items.iter().map(value_of).collect()),
        Kind::Map(entries) => {
            Value::Map(entries.iter().map(|(name, value)| (name.text().unwrap_or("").to_owned(), value_of(value))).collect())
        }
        Kind::Scalar { text, quoted: true } => Value::Text(text.clone()),
        Kind::Scalar { text, quoted: false } => match text.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => match (text.parse::<i64>(), text.parse::<Decimal>()) {
                (Ok(number), _) => Value::Int(number),
                (Err(_), Ok(number)) => Value::Decimal(number),
                _ => Value::Text(text.clone()),
            },
        },
    }
}
