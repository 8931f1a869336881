//! The tree. Scalars keep the text as written, so that `4.20` does not become 4.2.

use std::{fmt, ops::Range, sync::Arc};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use crate::{
    diagnostic::{Diagnostic, Place, Problems, SourceFile},
    lang::Text,
};

/// What a node holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing: `~`, `null`, or an empty value.
    Null,
    /// A scalar. `quoted` tells `"7"` from `7`.
    Scalar {
        /// The text, quotes and escapes resolved; a plain scalar exactly as written.
        text: String,
        /// Written in quotes or as a block.
        quoted: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// Keys (scalars) and values, in the order of the file.
    Map(Vec<(Node, Node)>),
}

/// A YAML node and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it holds.
    pub kind: Kind,
    /// Where it stands.
    pub place: Place,
}

impl Node {
    /// The scalar's text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The value of a key, when this is a map.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value),
            _ => None,
        }
    }

    /// What it is, in words, for messages.
    #[must_use]
    pub const fn describe(&self) -> (&'static str, &'static str) {
        match self.kind {
            Kind::Null => ("nothing", "空"),
            Kind::Scalar { .. } => ("a text", "一个文本"),
            Kind::List(_) => ("a list", "一个列表"),
            Kind::Map(_) => ("a map", "一个映射"),
        }
    }
}

/// Reads a file's text; `None`, with the problem noted, when it is not well-formed YAML.
pub fn parse(file: &Arc<SourceFile>, problems: &mut Problems) -> Option<Node> {
    match serde_saphyr::from_str::<Raw>(&file.text) {
        Ok(raw) => Some(convert(raw, file)),
        Err(error) => {
            let span = error.location().map_or(0..0, |at| byte_span(&file.text, at.line(), at.column()));
            let said = error.without_snippet().to_string();
            let said = said.split(" at line ").next().unwrap_or(&said);
            let said = said.split(", set Dup").next().unwrap_or(said).to_owned();
            let place = Place { file: Arc::clone(file), span };
            let message = Text::new(format!("this is not well-formed YAML: {said}"), format!("YAML 格式有误：{said}"));
            let help = if said.contains("duplicate") {
                Text::new("each key may stand once; remove or rename one of them", "每个键只能出现一次；请删去或改名")
            } else {
                Text::new(
                    "check indentation, quotes, and that each `key:` is followed by a space",
                    "请检查缩进、引号，以及每个 `键:` 后是否有空格",
                )
            };
            problems.push(Diagnostic::error("DU0101", &place, message).help(Some(help)));
            None
        }
    }
}

/// The bytes of the character at a line and column (both from 1).
fn byte_span(text: &str, line: u64, column: u64) -> Range<usize> {
    let mut offset = 0;
    for (number, content) in (1..).zip(text.split_inclusive('\n')) {
        if number == line {
            let skip = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
            let at = content.char_indices().nth(skip).map_or(content.trim_end().len(), |(at, _)| at);
            return offset + at..offset + at + 1;
        }
        offset += content.len();
    }
    text.len()..text.len()
}

/// A node as serde gives it.
struct Raw(Spanned<RawKind>);

enum RawKind {
    Null,
    Scalar(String),
    List(Vec<Raw>),
    Map(Vec<(Raw, Raw)>),
}

fn convert(raw: Raw, file: &Arc<SourceFile>) -> Node {
    // Of an alias, the place of what it stands for: there is the text.
    let span = raw.0.defined.span();
    let start = span.byte_offset().and_then(|at| usize::try_from(at).ok()).unwrap_or(0);
    let len = span.byte_len().and_then(|at| usize::try_from(at).ok()).unwrap_or(0);
    let place = Place { file: Arc::clone(file), span: start..start + len };
    let kind = match raw.0.value {
        RawKind::Null => Kind::Null,
        RawKind::List(items) => Kind::List(items.into_iter().map(|item| convert(item, file)).collect()),
        RawKind::Map(entries) => Kind::Map(entries.into_iter().map(|(key, value)| (convert(key, file), convert(value, file))).collect()),
        RawKind::Scalar(text) => {
            let written = file.text.get(place.span.clone()).unwrap_or("");
            let block = file.text.get(..start).is_some_and(|before| {
                let line = before.trim_end_matches([' ', '\t']);
                line.ends_with('\n') && written.contains('\n') && text.contains('\n')
            });
            if written.starts_with(['"', '\'']) || block || text.contains('\n') {
                Kind::Scalar { text, quoted: true }
            } else {
                let text = if written.is_empty() { text } else { written.trim().to_owned() };
                Kind::Scalar { text, quoted: false }
            }
        }
    };
    Node { kind, place }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spanned::<RawKind>::deserialize(deserializer).map(Raw)
    }
}

impl<'de> Deserialize<'de> for RawKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = RawKind;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a scalar, a list or a map")
    }

    fn visit_unit<E>(self) -> Result<RawKind, E> {
        Ok(RawKind::Null)
    }

    fn visit_none<E>(self) -> Result<RawKind, E> {
        Ok(RawKind::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<RawKind, D::Error> {
        RawKind::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<RawKind, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(RawKind::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<RawKind, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(RawKind::Map(entries))
    }
}
