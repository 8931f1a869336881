//! Texts with expressions in braces: `Send an engineer to {area}`.

use super::lookup::Reader;
use crate::{
    diagnostic::{Place, Problems},
    lang::Text,
    script::{Binding, Env, Expr, Trouble},
    value::{Type, Val},
    yaml::Node,
};

#[derive(Debug)]
enum Part {
    Text(String),
    Expr(Box<Expr>),
}

/// A text in both languages, with expressions to fill in.
#[derive(Debug)]
pub struct Template {
    en: Vec<Part>,
    zh: Vec<Part>,
}

impl Template {
    /// Reads `{en: .., zh: ..}` or one text for both.
    pub fn read(node: &Node, reader: &Reader<'_>, problems: &mut Problems) -> Option<Self> {
        let text = read_text(node, problems)?;
        let place = |lang: &str| node.get(lang).unwrap_or(node).place.clone();
        Some(Self { en: parts(&text.en, &place("en"), reader, problems)?, zh: parts(&text.zh, &place("zh"), reader, problems)? })
    }

    /// The text with its expressions filled in; what is missing is shown as `?`.
    #[must_use]
    pub fn fill(&self, env: &Env<'_>) -> Text {
        Text::new(fill(&self.en, env, false), fill(&self.zh, env, true))
    }
}

fn fill(parts: &[Part], env: &Env<'_>, zh: bool) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Text(plain) => text.push_str(plain),
            Part::Expr(expr) => match expr.value(env) {
                Ok(value) => text.push_str(&labelled(expr, &value, env, zh)),
                Err(Trouble::Missing(_) | Trouble::Failed { .. }) => text.push('?'),
            },
        }
    }
    text
}

/// An allowed value is shown by its label.
fn labelled(expr: &Expr, value: &Val, env: &Env<'_>, zh: bool) -> String {
    let labels = match expr.binding() {
        Some(binding @ (Binding::Fact(_) | Binding::Derived(_))) => env.names.type_of(binding).1,
        _ => &[],
    };
    let plain = value.to_string();
    match labels.iter().find(|(name, _)| *name == plain) {
        Some((_, label)) if !label.is_empty() => {
            if zh {
                label.zh.clone()
            } else {
                label.en.clone()
            }
        }
        _ => value.show(env.setup.zone(), zh),
    }
}

fn parts(text: &str, place: &Place, reader: &Reader<'_>, problems: &mut Problems) -> Option<Vec<Part>> {
    let mut list = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        list.push(Part::Text(before.to_owned()));
        let Some((inside, behind)) = after.split_once('}') else {
            problems.error("DU0105", place, "a `{` without its `}`", "`{` 没有对应的 `}`");
            return None;
        };
        let expr = Expr::compile(reader.engine, inside, place, &reader.context, Type::Any, problems)?;
        list.push(Part::Expr(Box::new(expr)));
        rest = behind;
    }
    list.push(Part::Text(rest.to_owned()));
    Some(list)
}

/// Reads a text in both languages: `{en: .., zh: ..}`, or one text for both.
pub fn read_text(node: &Node, problems: &mut Problems) -> Option<Text> {
    if let Some(text) = node.text() {
        return Some(Text::same(text));
    }
    let mut text = Text::default();
    for (key, value) in node.expect_map(problems) {
        match key.text() {
            Some("en") => value.expect_text(problems)?.clone_into(&mut text.en),
            Some("zh") => value.expect_text(problems)?.clone_into(&mut text.zh),
            _ => problems.error("DU0102", &key.place, "a text has `en` and `zh`", "文本的键为 `en` 与 `zh`"),
        }
    }
    if text.en.is_empty() {
        text.en.clone_from(&text.zh);
    }
    if text.zh.is_empty() {
        text.zh.clone_from(&text.en);
    }
    Some(text)
}
