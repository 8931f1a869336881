//! The head of a policy file: everything but its clauses.

use chrono::NaiveDate;

use super::{
    lookup::{constant, guess},
    template::read_text,
    vocabulary::{EventDecl, FactDecl, Kind, Vocabulary},
};
use crate::{
    diagnostic::{Diagnostic, Problems},
    lang::Text,
    script::{Parameter, is_name},
    time::{Counting, DayEnd, Zone, parse_date},
    value::Type,
    yaml::{Fields, Key, Kind as Shape, Node},
};

/// Keys of a policy file.
pub const POLICY_KEYS: &[Key] = &[
    Key::required("policy", "id", "the policy's id: its folder's name", "策略编号，即文件夹名"),
    Key::required("title", "text", "what a person sees", "名称"),
    Key::optional("source", "{document, issued}", "the document it states", "所依据的文件"),
    Key::required("effective", "date", "it holds from the start of this date", "自该日零时起生效"),
    Key::optional("calendar", "calendar", "where a clause names none", "默认日历"),
    Key::optional("counting", "civil | dates | elapsed", "how days are counted", "日数的算法"),
    Key::optional("day_end", "midnight | close", "when a counted day ends", "一日何时结束"),
    Key::optional("longest_waiver", "span", "the longest time for which a clause may be waived (default: 1y)", "豁免的最长期限（默认 1y）"),
    Key::optional("roles", "{role: {en, zh}}", "every role a clause names", "条款所涉角色"),
    Key::optional("parameters", "{name: {assumed | value | values}}", "figures the company may set", "公司可设定的数值"),
    Key::optional("kinds", "{kind: {facts, events, ends}}", "the kinds of cases", "个案种类"),
    Key::optional("derive", "{name: {of, type, value}}", "facts computed from facts", "由事实推导的事实"),
    Key::required("clauses", "list of clauses", "the rules", "各条款"),
    Key::optional("not_computable", "list of {covers, reason}", "articles no clause can check", "无法检查的条文"),
];

/// Keys of a clause, without the forms.
pub const CLAUSE_KEYS: &[Key] = &[
    Key::required("id", "text", "the article's number; quoted", "条款编号（加引号）"),
    Key::optional("covers", "list of ids", "catalogue entries it covers", "所覆盖的条目"),
    Key::required("title", "text", "the duty, in a few words", "义务名称"),
    Key::optional("says", "text", "the statement in our own words", "条款内容（自述）"),
    Key::optional("article", "text", "where in the document", "在文件中的位置"),
    Key::required("for", "kind or list", "the kind of case", "个案种类"),
    Key::optional("when", "expression", "it applies only when this holds", "适用条件"),
    Key::optional("unless", "expression", "it does not apply when this holds", "不适用条件"),
    Key::required("owner", "role", "whose move it is", "责任角色"),
    Key::optional("severity", "minor | major | critical", "how much a violation matters", "严重程度"),
    Key::optional("warn", "span", "how long before the due instant it is due soon", "提前多久提醒"),
    Key::optional("next", "text with {expressions}", "what to do next", "下一步"),
    Key::optional("escalate", "{after, to}", "to whom it goes when it stays overdue", "逾期后上报"),
    Key::optional("remedy", "matcher", "the event that settles a breach", "补救事件"),
    Key::optional("penalty", "text", "what follows a violation; reported only", "处罚（仅报告）"),
    Key::optional("overrides", "list of clause ids", "clauses that make no obligation where this does", "优先于哪些条款"),
    Key::optional("survives", "true", "runs on after the end of the case", "个案结束后仍有效"),
    Key::optional("version", "trigger | latest", "which version judges", "以哪个版本为准"),
    Key::optional("facts", "trigger | latest", "facts as at the trigger, or the latest", "以触发时还是最新事实为准"),
    Key::optional("calendar", "calendar", "instead of the policy's", "日历"),
    Key::optional("counting", "civil | dates | elapsed", "instead of the policy's", "日数算法"),
    Key::optional("day_end", "midnight | close", "instead of the policy's", "一日何时结束"),
];

/// The words for how days are counted.
pub const COUNTINGS: &[(&str, Counting)] = &[("civil", Counting::Civil), ("dates", Counting::Dates), ("elapsed", Counting::Elapsed)];
/// The words for when a counted day ends.
pub const DAY_ENDS: &[(&str, DayEnd)] = &[("midnight", DayEnd::Midnight), ("close", DayEnd::Close)];

const PARAMETER_KEYS: &[Key] = &[
    Key::optional("assumed", "value", "the document leaves it open; assumed until the company sets it", "文件未定，公司设定前的假定值"),
    Key::optional("value", "value", "the document's figure", "文件规定的数值"),
    Key::optional("values", "{date: value}", "figures that hold from dates", "自各日期起的数值"),
    Key::optional("en", "text", "what it is", "英文说明"),
    Key::optional("zh", "text", "what it is, in Chinese", "中文说明"),
    Key::optional("article", "text", "the article that names it", "出处"),
];

const KIND_KEYS: &[Key] = &[
    Key::optional("en", "text", "its name", "英文名"),
    Key::optional("zh", "text", "its name in Chinese", "中文名"),
    Key::optional("ends", "list of events", "events that end a case", "结束个案的事件"),
    Key::optional("standing", "true", "always there: a department, a site, a part", "常设对象"),
    Key::optional("facts", "{name: {type, ..}}", "its facts", "事实"),
    Key::optional("events", "{type: {en, zh, data}}", "its events", "事件"),
];

const FACT_KEYS: &[Key] = &[
    Key::required("type", "type", "text, integer, decimal, boolean, instant, date, span or list", "类型"),
    Key::optional("en", "text", "what a person sees", "英文标签"),
    Key::optional("zh", "text", "what a person sees, in Chinese", "中文标签"),
    Key::optional("unit", "text", "the unit of a number", "单位"),
    Key::optional("values", "list or {value: label}", "the allowed values", "允许的取值"),
    Key::optional("min", "number", "the least", "最小值"),
];

const EVENT_KEYS: &[Key] = &[
    Key::optional("en", "text", "what a person sees", "英文标签"),
    Key::optional("zh", "text", "what a person sees, in Chinese", "中文标签"),
    Key::optional("data", "{field: {type, ..}}", "the fields of its data", "数据字段"),
];

/// Label of a map with `en` and `zh`; the id where there is none.
pub fn label(fields: &Fields<'_>, id: &str, problems: &mut Problems) -> Text {
    let en = fields.text("en", problems).unwrap_or("");
    let zh = fields.text("zh", problems).unwrap_or("");
    let or = |a: &str, b: &str| if a.is_empty() { b.to_owned() } else { a.to_owned() };
    Text::new(or(en, &or(zh, id)), or(zh, &or(en, id)))
}

/// Reads a declared fact or a field of data.
fn read_fact(name: &Node, node: &Node, problems: &mut Problems) -> Option<FactDecl> {
    let id = name.expect_text(problems)?;
    if let Err(message) = is_name(id) {
        problems.error("DU0404", &name.place, message.en, message.zh);
        return None;
    }
    let fields = Fields::read(node, FACT_KEYS, problems)?;
    let kind = fields.word("type", Type::NAMES, problems)?;
    let mut values = Vec::new();
    match fields.get("values").map(|node| &node.kind) {
        Some(Shape::Map(entries)) => {
            for (value, text) in entries {
                values.push((value.text().unwrap_or("").to_owned(), read_text(text, problems)?));
            }
        }
        Some(Shape::List(items)) => {
            values.extend(items.iter().filter_map(Node::text).map(|text| (text.to_owned(), Text::default())));
        }
        _ => {}
    }
    Some(FactDecl {
        name: id.to_owned(),
        label: label(&fields, id, problems),
        kind,
        unit: fields.text("unit", problems).map(str::to_owned),
        values,
        min: fields.integer("min", problems),
        place: name.place.clone(),
    })
}

/// Takes the kinds of a policy into the vocabulary.
pub fn read_kinds(node: &Node, vocabulary: &mut Vocabulary, problems: &mut Problems) {
    for (name, what) in node.expect_map(problems) {
        let Some(id) = name.expect_text(problems) else { continue };
        let Some(fields) = Fields::read(what, KIND_KEYS, problems) else { continue };
        let label = label(&fields, id, problems);
        let standing = fields.flag("standing", problems);
        let Some(kind) = vocabulary.entry(id, || Kind::new(id, label, standing.unwrap_or(false), name.place.clone())) else { continue };
        if standing.is_some_and(|standing| standing != kind.standing) {
            let place = fields.key("standing").map_or(&name.place, |node| &node.place);
            let earlier = kind.place.show();
            problems.error_with_help(
                "DU0405",
                place,
                Text::new(
                    format!("`standing` of kind `{id}` is otherwise in {earlier}"),
                    format!("种类 `{id}` 的 `standing` 在 {earlier} 另有规定"),
                ),
                Text::new("leave it out here, or give both the same", "请在此处省略，或使两处一致"),
            );
        }
        let facts = fields.get("facts").map_or(&[][..], |node| node.expect_map(problems));
        for (fact, what) in facts {
            let Some(decl) = read_fact(fact, what, problems) else { continue };
            if let Err(earlier) = kind.add_fact(decl) {
                conflict(fact, &earlier, problems);
            }
        }
        let events = fields.get("events").map_or(&[][..], |node| node.expect_map(problems));
        for (event, what) in events {
            let Some(id) = event.expect_text(problems) else { continue };
            let Some(inner) = Fields::read(what, EVENT_KEYS, problems) else { continue };
            if matches!(id, "opened" | "*") {
                problems.push(hides(event, id));
            }
            let data = inner.get("data").map_or(&[][..], |node| node.expect_map(problems));
            let data = data.iter().filter_map(|(name, what)| read_fact(name, what, problems)).collect();
            let decl = EventDecl { name: id.to_owned(), label: self::label(&inner, id, problems), data, place: event.place.clone() };
            if let Err(earlier) = kind.add_event(decl) {
                conflict(event, &earlier, problems);
            }
        }
        for end in fields.list("ends") {
            let Some(id) = end.expect_text(problems) else { continue };
            match kind.event(id) {
                Some(event) if !kind.ends.contains(&event) => kind.ends.push(event),
                Some(_) => {}
                None => {
                    let known: Vec<&str> = kind.events.iter().map(|event| event.name.as_str()).collect();
                    problems.error_with_help(
                        "DU0401",
                        &end.place,
                        Text::new(format!("kind `{}` has no event `{id}`", kind.name), format!("`{}` 没有事件 `{id}`", kind.name)),
                        crate::diagnostic::did_you_mean(id, known.iter().copied()),
                    );
                }
            }
        }
    }
}

/// An event type that hides what every kind has.
fn hides(node: &Node, id: &str) -> Diagnostic {
    let message = if id == "*" {
        Text::new("an event type `*` cannot be asked for: `*` means any event", "名为 `*` 的事件类型无法引用：`*` 指任何事件")
    } else {
        Text::new(
            "an event type `opened` hides what `opened` means: the first event of a case",
            "名为 `opened` 的事件类型遮蔽了 `opened` 的本义：个案的首个事件",
        )
    };
    Diagnostic::warning("DU0404", &node.place, message)
        .help(Some(Text::new("give it another name, for example `taken_up`", "请换一个名称，例如 `taken_up`")))
}

fn conflict(node: &Node, earlier: &FactDecl, problems: &mut Problems) {
    let name = &earlier.name;
    problems.error_with_help(
        "DU0405",
        &node.place,
        Text::new(
            format!("`{name}` is declared otherwise in {}", earlier.place.show()),
            format!("`{name}` 在 {} 另有不同的声明", earlier.place.show()),
        ),
        Text::new("give both the same type and values, or use another name", "请使两处的类型与取值一致，或改名"),
    );
}

/// Reads the parameters of a policy; the company's figures take their place.
pub fn read_parameters(node: Option<&Node>, set: impl Fn(&str) -> Option<Node>, zone: Zone, problems: &mut Problems) -> Vec<Parameter> {
    let mut list = Vec::new();
    for (name, what) in node.map_or(&[][..], |node| node.expect_map(problems)) {
        let Some(id) = name.expect_text(problems) else { continue };
        if let Err(message) = is_name(id) {
            problems.error("DU0404", &name.place, message.en, message.zh);
            continue;
        }
        let Some(fields) = Fields::read(what, PARAMETER_KEYS, problems) else { continue };
        let mut values: Vec<(NaiveDate, crate::value::Val)> = Vec::new();
        let given = fields.get("value").or_else(|| fields.get("assumed"));
        let read = |node: &Node, problems: &mut Problems| match &node.kind {
            Shape::List(_) => constant(node, Type::List, zone, problems),
            _ => node.expect_text(problems).map(|text| guess(text, zone)),
        };
        if let Some(node) = given {
            values.extend(read(node, problems).map(|value| (NaiveDate::MIN, value)));
        }
        for (date, value) in fields.get("values").map_or(&[][..], |node| node.expect_map(problems)) {
            match parse_date(date.text().unwrap_or("")) {
                Ok(date) => values.extend(read(value, problems).map(|value| (date, value))),
                Err(error) => problems.error("DU0105", &date.place, error.en, error.zh),
            }
        }
        values.sort_by_key(|(date, _)| *date);
        let mut assumed = fields.get("assumed").is_some();
        if values.is_empty() {
            problems.error(
                "DU0103",
                &name.place,
                format!("`{id}` has no `value`, `values` or `assumed`"),
                format!("`{id}` 没有 `value`、`values` 或 `assumed`"),
            );
            continue;
        }
        if let Some(own) = set(id)
            && let Some(value) = read(&own, problems)
        {
            let wanted = values.first().map_or(Type::Any, |(_, value)| value.kind());
            if value.kind().fits(wanted) {
                values = vec![(NaiveDate::MIN, value)];
                assumed = false;
            } else {
                problems.error(
                    "DU0105",
                    &own.place,
                    format!("`{id}` is {}, this is {}", wanted.name(), value.kind().name()),
                    format!("`{id}` 应为{}，却是{}", wanted.zh(), value.kind().zh()),
                );
            }
        }
        list.push(Parameter {
            name: id.to_owned(),
            label: label(&fields, id, problems),
            values,
            assumed,
            article: fields.text("article", problems).map(str::to_owned),
            place: name.place.clone(),
        });
    }
    list
}
