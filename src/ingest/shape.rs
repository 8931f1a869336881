//! What a JSON text should hold at a place, so that anything else is refused with a reason in both languages.
//!
//! The text goes from the parser straight into the case, without a tree between; the first refusal is noted in the
//! [`Context`], since an error of serde has room for one language only.

use std::{
    cell::{Cell, RefCell},
    fmt,
};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::number::{self, Scan};
use crate::{case::Value, lang::Text, time::Zone};

/// What is known while one text is read.
pub(super) struct Context<'t> {
    /// The zone of times without offset.
    pub(super) zone: Zone,
    /// The event being read, from 1; 0 outside events.
    pub(super) event: Cell<usize>,
    /// The whole text.
    pub(super) text: &'t str,
    reason: RefCell<Option<Text>>,
    numbers: Cell<usize>,
    scan: RefCell<Scan>,
}

/// A kind of JSON value in words.
pub(super) type Found = (&'static str, &'static str);

const NULL: Found = ("null", "null");
const FLAG: Found = ("true or false", "布尔值");
const NUMBER: Found = ("a number", "数字");
const TEXT: Found = ("a text", "文本");
const LIST: Found = ("a list", "列表");
const MAP: Found = ("an object", "对象");

impl<'t> Context<'t> {
    pub(super) fn new(text: &'t str, zone: Zone) -> Self {
        Self { zone, event: Cell::new(0), text, reason: RefCell::default(), numbers: Cell::new(0), scan: RefCell::default() }
    }

    /// Notes why the text is refused, and gives an error to stop at.
    pub(super) fn refuse<E: Error>(&self, reason: Text) -> E {
        let reason = match self.event.get() {
            0 => reason,
            event => Text::new(format!("event {event}: {}", reason.en), format!("第 {event} 个事件：{}", reason.zh)),
        };
        self.reason.borrow_mut().get_or_insert(reason);
        E::custom("refused")
    }

    /// The reason that was noted.
    pub(super) fn take_reason(&self) -> Option<Text> {
        self.reason.take()
    }

    /// Refuses a character that neither the store nor a screen can take.
    pub(super) fn clean<E: Error>(&self, text: &str) -> Result<(), E> {
        if text.as_bytes().contains(&0) {
            return Err(self.refuse(Text::new("a text holds the NUL character", "文本中含有 NUL 字符")));
        }
        Ok(())
    }

    /// The number that was met last, as it is written; the parser itself gives a rounded one.
    fn written<E: Error>(&self) -> Result<Value, E> {
        let text = self.scan.borrow_mut().find(self.text, self.numbers.get()).unwrap_or_default();
        number::read(text).ok_or_else(|| {
            let short: String = text.chars().take(40).collect();
            self.refuse(Text::new(
                format!("the number `{short}` is too large; give it as a text"),
                format!("数字 `{short}` 过大；请改为文本"),
            ))
        })
    }
}

/// What may stand at a place: each method that is not given refuses its kind of value.
pub(super) trait Shape<'de>: Sized {
    /// What is made of it.
    type Out;

    /// Where refusals go.
    fn context(&self) -> &Context<'_>;

    /// What should stand here, as in "`case` is a text".
    fn wanted(&self) -> Text;

    /// Refuses what was found.
    fn refuse<E: Error>(self, found: Found) -> Result<Self::Out, E> {
        let wanted = self.wanted();
        let reason = Text::new(format!("{}, found {}", wanted.en, found.0), format!("{}，却是{}", wanted.zh, found.1));
        Err(self.context().refuse(reason))
    }

    /// `null`.
    fn null<E: Error>(self) -> Result<Self::Out, E> {
        self.refuse(NULL)
    }

    /// `true` or `false`.
    fn flag<E: Error>(self, _flag: bool) -> Result<Self::Out, E> {
        self.refuse(FLAG)
    }

    /// A whole number, or one with a fraction, exactly as written.
    fn number<E: Error>(self, _number: Value) -> Result<Self::Out, E> {
        self.refuse(NUMBER)
    }

    /// A text.
    fn text<E: Error>(self, _text: &str) -> Result<Self::Out, E> {
        self.refuse(TEXT)
    }

    /// A list.
    fn list<A: SeqAccess<'de>>(self, _items: A) -> Result<Self::Out, A::Error> {
        self.refuse(LIST)
    }

    /// An object.
    fn map<A: MapAccess<'de>>(self, _entries: A) -> Result<Self::Out, A::Error> {
        self.refuse(MAP)
    }
}

/// Reads a shape.
pub(super) struct Reading<S>(pub(super) S);

impl<'de, S: Shape<'de>> DeserializeSeed<'de> for Reading<S> {
    type Value = S::Out;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Out, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: Shape<'de>> Visitor<'de> for Reading<S> {
    type Value = S::Out;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<S::Out, E> {
        self.0.null()
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<S::Out, E> {
        self.0.flag(flag)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<S::Out, E> {
        let context = self.0.context();
        context.numbers.set(context.numbers.get() + 1);
        self.0.number(Value::Int(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<S::Out, E> {
        let context = self.0.context();
        context.numbers.set(context.numbers.get() + 1);
        self.0.number(i64::try_from(number).map_or_else(|_| Value::Decimal(number.into()), Value::Int))
    }

    fn visit_f64<E: Error>(self, _rounded: f64) -> Result<S::Out, E> {
        let context = self.0.context();
        context.numbers.set(context.numbers.get() + 1);
        let number = context.written()?;
        self.0.number(number)
    }

    /// A text that stands in the line as it is. It holds no NUL: only an escape could say one, since the parser refuses
    /// control characters.
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<S::Out, E> {
        self.0.text(text)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<S::Out, E> {
        self.0.context().clean(text)?;
        self.0.text(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<S::Out, A::Error> {
        self.0.list(items)
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<S::Out, A::Error> {
        self.0.map(entries)
    }
}
