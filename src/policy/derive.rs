//! The names that the clauses of a policy version may use, by kind; among them the facts that it derives from others.

use std::{collections::HashSet, sync::Arc};

use super::{
    clauses::unknown_kind,
    header::label,
    lookup::{Reader, read_lookup},
    template::read_text,
    vocabulary::Kind,
    words::{mentions, words},
};
use crate::{
    atom::Symbols,
    diagnostic::Problems,
    lang::Text,
    script::{Binding, Context, Derived, Names, is_name},
    time::Zone,
    value::Type,
    yaml::{Fields, Key, Kind as Shape, Node},
};

const DERIVE_KEYS: &[Key] = &[
    Key::required("of", "kind or list", "of which kind", "属于哪种个案"),
    Key::required("type", "type", "its type", "类型"),
    Key::required("value", "=expression or table", "its value", "取值"),
    Key::optional("values", "list or {value: label}", "the values it can have", "可能的取值"),
    Key::optional("en", "text", "what a person sees", "英文标签"),
    Key::optional("zh", "text", "what a person sees, in Chinese", "中文标签"),
];

/// The names of each kind that a policy's clauses or derived facts are of: facts, parameters, derived facts with their values compiled. The other
/// kinds, of which a vocabulary may have many, cost nothing.
pub(super) fn names_by_kind(
    fields: &Fields<'_>,
    kinds: &[Arc<Kind>],
    parameters: &[crate::script::Parameter],
    engine: &Arc<rhai::Engine>,
    symbols: &Arc<Symbols>,
    zone: Zone,
    problems: &mut Problems,
) -> Vec<Option<Arc<Names>>> {
    let derives = fields.get("derive").map_or(&[][..], |node| node.expect_map(problems));
    let used = used(fields, derives, kinds, problems);
    kinds
        .iter()
        .map(|kind| {
            if !used.contains(kind.name.as_str()) {
                return None;
            }
            let mut types = Vec::new();
            let mut values = Vec::new();
            for (name, what) in derives {
                let (Some(id), Some(inner)) = (name.text(), Fields::read(what, DERIVE_KEYS, problems)) else { continue };
                if !inner.list("of").iter().any(|of| of.text() == Some(kind.name.as_str())) {
                    continue;
                }
                if let Err(message) = is_name(id) {
                    problems.error("DU0404", &name.place, message.en, message.zh);
                    continue;
                }
                if kind.fact(id).is_some() || parameters.iter().any(|parameter| parameter.name == id) {
                    problems.error(
                        "DU0405",
                        &name.place,
                        format!("`{id}` is already the name of a fact or parameter"),
                        format!("`{id}` 已是事实或参数的名称"),
                    );
                    continue;
                }
                let Some(wanted) = inner.word("type", Type::NAMES, problems) else { continue };
                let allowed = match inner.get("values").map(|node| &node.kind) {
                    Some(Shape::Map(entries)) => entries
                        .iter()
                        .map(|(value, text)| (value.text().unwrap_or("").to_owned(), read_text(text, problems).unwrap_or_default()))
                        .collect(),
                    Some(Shape::List(items)) => {
                        items.iter().filter_map(Node::text).map(|text| (text.to_owned(), Text::default())).collect()
                    }
                    _ => Vec::new(),
                };
                types.push((id.to_owned(), wanted, allowed));
                values.push((name, inner));
            }
            for parameter in parameters {
                if kind.fact(&parameter.name).is_some() {
                    problems.error(
                        "DU0405",
                        &parameter.place,
                        format!("`{}` is also a fact of `{}`", parameter.name, kind.name),
                        format!("`{}` 也是 `{}` 的事实", parameter.name, kind.name),
                    );
                }
            }
            let mut names = Names::new(Arc::clone(kind), parameters.to_vec(), types, Arc::clone(symbols));
            let mut compiled = Vec::new();
            for (name, inner) in values {
                let (id, wanted) = match names.derived_types.get(compiled.len()) {
                    Some((id, wanted, _)) => (id.clone(), *wanted),
                    None => continue,
                };
                let reader = Reader { engine, context: Context { names: &names, event: None, of: None }, zone };
                match inner.get("value").and_then(|node| read_lookup(node, wanted, &reader, problems)) {
                    Some(value) => compiled.push(Derived { label: label(&inner, &id, problems), name: id, kind: wanted, value }),
                    None => break,
                }
                check_circle(name, compiled.len() - 1, &names, &compiled, &inner, problems);
            }
            names.derived = compiled;
            Some(Arc::new(names))
        })
        .collect()
}

/// The kinds that clauses are for, and derived facts of.
fn used<'n>(fields: &Fields<'n>, derives: &'n [(Node, Node)], kinds: &[Arc<Kind>], problems: &mut Problems) -> HashSet<&'n str> {
    let mut used: HashSet<&str> = HashSet::new();
    for clause in fields.list("clauses") {
        used.extend(clause.get("for").map_or(&[][..], Node::items).iter().filter_map(Node::text));
    }
    for of in derives.iter().filter_map(|(_, what)| what.get("of")).flat_map(Node::items) {
        let Some(name) = of.expect_text(problems) else { continue };
        if !kinds.iter().any(|kind| kind.name == name) {
            unknown_kind(of, name, kinds, problems);
        }
        used.insert(name);
    }
    used
}

/// A derived fact may use those declared above it; anything else could go in a circle.
fn check_circle(name: &Node, index: usize, names: &Names, compiled: &[Derived], inner: &Fields<'_>, problems: &mut Problems) {
    let mut said = Vec::new();
    if let Some(node) = inner.get("value") {
        words(node, &mut said);
    }
    for (other, binding) in names.all() {
        if let Binding::Derived(used) = binding
            && used >= index
            && said.iter().any(|word| mentions(word, other))
        {
            let id = compiled.get(index).map_or("", |derived| derived.name.as_str());
            problems.error_with_help(
                "DU0403",
                &name.place,
                Text::new(
                    format!("cyclic reference: `{id}` uses `{other}`, which is not declared above it"),
                    format!("循环引用：`{id}` 用到其后声明的 `{other}`"),
                ),
                Text::new("a derived fact uses only facts and derived facts declared above it", "推导事实只能使用在其之前声明的名称"),
            );
        }
    }
}
