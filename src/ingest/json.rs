//! The shapes of plain JSON: names, texts, values.

use std::collections::{BTreeMap, btree_map::Entry};

use serde::de::{Error, MapAccess, SeqAccess};

use super::{
    MOST_LEVELS,
    shape::{Context, Reading, Shape},
};
use crate::{
    case::{Value, Values},
    diagnostic::did_you_mean,
    lang::Text,
};

/// A key of an object with fixed keys: its position among them.
#[derive(Clone, Copy)]
pub(super) struct KeyOf<'c, 't> {
    pub(super) context: &'c Context<'t>,
    pub(super) keys: &'static [&'static str],
    /// Where it probably stands: after the key before, since most writers keep an order.
    pub(super) guess: usize,
}

impl Shape<'_> for KeyOf<'_, '_> {
    type Out = usize;

    fn context(&self) -> &Context<'_> {
        self.context
    }

    fn wanted(&self) -> Text {
        Text::new("a key is a text", "键应为文本")
    }

    fn text<E: Error>(self, text: &str) -> Result<usize, E> {
        if self.keys.get(self.guess).is_some_and(|key| *key == text) {
            return Ok(self.guess);
        }
        self.keys.iter().position(|key| *key == text).ok_or_else(|| {
            let hint = did_you_mean(text, self.keys.iter().copied()).unwrap_or_default();
            self.context.refuse(Text::new(format!("unknown key `{text}`; {}", hint.en), format!("未知的键 `{text}`；{}", hint.zh)))
        })
    }
}

/// Keys that an object has had: each may stand once.
#[derive(Default)]
pub(super) struct Once(u32);

impl Once {
    pub(super) fn mark<E: Error>(&mut self, context: &Context<'_>, keys: &[&str], key: usize) -> Result<(), E> {
        let bit = 1_u32 << (key & 31);
        if self.0 & bit != 0 {
            return Err(twice(context, keys.get(key).copied().unwrap_or_default()));
        }
        self.0 |= bit;
        Ok(())
    }
}

fn twice<E: Error>(context: &Context<'_>, key: &str) -> E {
    context.refuse(Text::new(format!("the key `{key}` stands twice"), format!("键 `{key}` 出现了两次")))
}

/// The name of a fact or of a field of data.
#[derive(Clone, Copy)]
struct NameOf<'c, 't>(&'c Context<'t>);

impl Shape<'_> for NameOf<'_, '_> {
    type Out = String;

    fn context(&self) -> &Context<'_> {
        self.0
    }

    fn wanted(&self) -> Text {
        Text::new("a name is a text", "名称应为文本")
    }

    fn text<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }
}

/// A text, such as an id; `null` and an empty one count as not given.
#[derive(Clone, Copy)]
pub(super) struct TextOf<'c, 't> {
    pub(super) context: &'c Context<'t>,
    pub(super) name: &'static str,
}

impl Shape<'_> for TextOf<'_, '_> {
    type Out = Option<String>;

    fn context(&self) -> &Context<'_> {
        self.context
    }

    fn wanted(&self) -> Text {
        Text::new(format!("`{}` is a text", self.name), format!("`{}` 应为文本", self.name))
    }

    fn null<E: Error>(self) -> Result<Option<String>, E> {
        Ok(None)
    }

    fn text<E: Error>(self, text: &str) -> Result<Option<String>, E> {
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }
}

/// Any value.
#[derive(Clone, Copy)]
struct ValueOf<'c, 't> {
    context: &'c Context<'t>,
    /// How deep it stands.
    level: usize,
}

impl ValueOf<'_, '_> {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.level >= MOST_LEVELS {
            return Err(self
                .context
                .refuse(Text::new(format!("a value nests deeper than {MOST_LEVELS} levels"), format!("值的嵌套超过 {MOST_LEVELS} 层"))));
        }
        Ok(Self { level: self.level + 1, ..self })
    }
}

impl<'de> Shape<'de> for ValueOf<'_, '_> {
    type Out = Value;

    fn context(&self) -> &Context<'_> {
        self.context
    }

    fn wanted(&self) -> Text {
        Text::new("a value is anything", "值可为任意类型")
    }

    fn null<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn flag<E: Error>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn number<E: Error>(self, number: Value) -> Result<Value, E> {
        Ok(number)
    }

    fn text<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn list<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Reading(inner))? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn map<A: MapAccess<'de>>(self, entries: A) -> Result<Value, A::Error> {
        collect(self.deeper()?, entries).map(Value::Map)
    }
}

fn collect<'de, A: MapAccess<'de>>(inner: ValueOf<'_, '_>, mut entries: A) -> Result<Values, A::Error> {
    let mut map = BTreeMap::new();
    while let Some(name) = entries.next_key_seed(Reading(NameOf(inner.context)))? {
        let value = entries.next_value_seed(Reading(inner))?;
        match map.entry(name) {
            Entry::Vacant(place) => place.insert(value),
            Entry::Occupied(place) => return Err(twice(inner.context, place.key())),
        };
    }
    Ok(map)
}

/// An object of named values: facts, data, or a whole line of a log; `null` counts as none.
#[derive(Clone, Copy)]
pub(super) struct ValuesOf<'c, 't> {
    pub(super) context: &'c Context<'t>,
    /// The key it stands under; nothing for a whole line.
    pub(super) name: &'static str,
}

impl<'de> Shape<'de> for ValuesOf<'_, '_> {
    type Out = Values;

    fn context(&self) -> &Context<'_> {
        self.context
    }

    fn wanted(&self) -> Text {
        match self.name {
            "" => whole_line(),
            name => Text::new(format!("`{name}` is an object"), format!("`{name}` 应为对象")),
        }
    }

    fn null<E: Error>(self) -> Result<Values, E> {
        if self.name.is_empty() {
            return Err(self.context.refuse(whole_line()));
        }
        Ok(Values::new())
    }

    fn map<A: MapAccess<'de>>(self, entries: A) -> Result<Values, A::Error> {
        collect(ValueOf { context: self.context, level: 0 }, entries)
    }
}

/// A list of values.
#[derive(Clone, Copy)]
pub(super) struct ListOf<'c, 't> {
    pub(super) context: &'c Context<'t>,
}

impl<'de> Shape<'de> for ListOf<'_, '_> {
    type Out = Vec<Value>;

    fn context(&self) -> &Context<'_> {
        self.context
    }

    fn wanted(&self) -> Text {
        Text::new("a batch is a JSON array", "批次应为 JSON 数组")
    }

    fn list<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<Value>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Reading(ValueOf { context: self.context, level: 0 }))? {
            list.push(item);
        }
        Ok(list)
    }
}

/// What a line is.
pub(super) fn whole_line() -> Text {
    Text::new("a line is one JSON object", "每行应为一个 JSON 对象")
}
