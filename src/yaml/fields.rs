//! Reading a map's fields against the table of keys that also makes the help and the JSON Schema.

use super::{Kind, Node};
use crate::{
    diagnostic::{Problems, did_you_mean, nearest},
    lang::Text,
};

/// A key that a map may have. One table serves reading, `duly help` and the JSON Schema.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// The shape of its value, in a word or two: `span`, `matcher`, `list of roles`.
    pub shape: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// What it means, in English.
    pub en: &'static str,
    /// What it means, in Chinese.
    pub zh: &'static str,
}

impl Key {
    /// An optional key.
    #[must_use]
    pub const fn optional(name: &'static str, shape: &'static str, en: &'static str, zh: &'static str) -> Self {
        Self { name, shape, required: false, en, zh }
    }

    /// A key that must be there.
    #[must_use]
    pub const fn required(name: &'static str, shape: &'static str, en: &'static str, zh: &'static str) -> Self {
        Self { name, shape, required: true, en, zh }
    }
}

/// The fields of a map, checked against its keys.
#[derive(Debug)]
pub struct Fields<'n> {
    /// The map itself.
    pub node: &'n Node,
    entries: &'n [(Node, Node)],
    /// A key was misspelt: what seems to be missing may be that.
    pub misspelt: bool,
}

impl<'n> Fields<'n> {
    /// Takes a node as a map; notes what is not a map, unknown keys and missing ones.
    pub fn read(node: &'n Node, keys: &[Key], problems: &mut Problems) -> Option<Self> {
        let Kind::Map(entries) = &node.kind else {
            let (en, zh) = node.describe();
            let names = keys.iter().map(|key| key.name).collect::<Vec<_>>().join(", ");
            problems.error_with_help(
                "DU0104",
                &node.place,
                Text::new(format!("expected a map, found {en}"), format!("此处应为映射，却是{zh}")),
                Text::new(format!("its keys are: {names}"), format!("可用的键：{names}")),
            );
            return None;
        };
        for (key, _) in entries {
            let name = key.text().unwrap_or("");
            if !keys.iter().any(|known| known.name == name) {
                problems.error_with_help(
                    "DU0102",
                    &key.place,
                    Text::new(format!("unknown key `{name}`"), format!("未知的键 `{name}`")),
                    did_you_mean(name, keys.iter().map(|known| known.name)),
                );
            }
        }
        // A misspelt key is not also a missing one.
        let misspelt: Vec<&str> = entries
            .iter()
            .filter_map(|(key, _)| key.text())
            .filter(|name| !keys.iter().any(|known| known.name == *name))
            .filter_map(|name| nearest(name, keys.iter().map(|known| known.name)))
            .collect();
        for key in keys.iter().filter(|key| key.required && !misspelt.contains(&key.name)) {
            if !entries.iter().any(|(name, _)| name.text() == Some(key.name)) {
                let place = entries.first().map_or(&node.place, |(first, _)| &first.place);
                problems.error_with_help(
                    "DU0103",
                    place,
                    Text::new(format!("`{}` is missing here", key.name), format!("此处缺少 `{}`", key.name)),
                    Text::new(
                        format!("`{}` ({}): {}", key.name, key.shape, key.en),
                        format!("`{}`（{}）：{}", key.name, key.shape, key.zh),
                    ),
                );
            }
        }
        Some(Self { node, entries, misspelt: !misspelt.is_empty() })
    }

    /// The value of a key; an empty value counts as absent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'n Node> {
        self.entries.iter().find(|(key, _)| key.text() == Some(name)).map(|(_, value)| value).filter(|value| value.kind != Kind::Null)
    }

    /// The node of a key itself, to point at.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&'n Node> {
        self.entries.iter().find(|(key, _)| key.text() == Some(name)).map(|(key, _)| key)
    }

    /// A text.
    pub fn text(&self, name: &str, problems: &mut Problems) -> Option<&'n str> {
        self.get(name)?.expect_text(problems)
    }

    /// One of several words.
    pub fn word<T: Copy>(&self, name: &str, words: &[(&str, T)], problems: &mut Problems) -> Option<T> {
        let node = self.get(name)?;
        let text = node.expect_text(problems)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let list = words.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>().join(", ");
            problems.error_with_help(
                "DU0105",
                &node.place,
                Text::new(format!("`{text}` is not a value of `{name}`"), format!("`{text}` 不是 `{name}` 的取值")),
                Text::new(format!("one of {list}"), format!("可取 {list}")),
            );
        }
        found
    }

    /// `true` or `false`.
    pub fn flag(&self, name: &str, problems: &mut Problems) -> Option<bool> {
        self.word(name, &[("true", true), ("false", false)], problems)
    }

    /// A whole number.
    pub fn integer(&self, name: &str, problems: &mut Problems) -> Option<i64> {
        let node = self.get(name)?;
        let text = node.expect_text(problems)?;
        let number = text.parse().ok();
        if number.is_none() {
            problems.error(
                "DU0105",
                &node.place,
                format!("`{name}` is a whole number, found `{text}`"),
                format!("`{name}` 应为整数，却是 `{text}`"),
            );
        }
        number
    }

    /// A list; a single value counts as a list of one.
    #[must_use]
    pub fn list(&self, name: &str) -> &'n [Node] {
        match self.get(name) {
            Some(Node { kind: Kind::List(items), .. }) => items,
            Some(node) => std::slice::from_ref(node),
            None => &[],
        }
    }
}

impl Node {
    /// The text of a scalar; anything else is noted.
    pub fn expect_text(&self, problems: &mut Problems) -> Option<&str> {
        if let Some(text) = self.text() {
            return Some(text);
        }
        let (en, zh) = self.describe();
        problems.error("DU0104", &self.place, format!("expected a text, found {en}"), format!("此处应为文本，却是{zh}"));
        None
    }

    /// The entries of a map; anything else is noted.
    pub fn expect_map(&self, problems: &mut Problems) -> &[(Self, Self)] {
        match &self.kind {
            Kind::Map(entries) => entries,
            Kind::Null => &[],
            _ => {
                let (en, zh) = self.describe();
                problems.error("DU0104", &self.place, format!("expected a map, found {en}"), format!("此处应为映射，却是{zh}"));
                &[]
            }
        }
    }

    /// The items of a list, a single value being a list of one.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.kind {
            Kind::List(items) => items,
            Kind::Null => &[],
            _ => std::slice::from_ref(self),
        }
    }
}
