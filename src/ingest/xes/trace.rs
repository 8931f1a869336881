//! The traces of an XES, each with its events, their attributes as values.

use std::{collections::btree_map::Entry, io::BufRead};

use super::xml::{Element, Token, Xml};
use crate::{
    case::{Value, Values},
    ingest::{IngestError, MOST_EVENTS, MOST_TRACE, number, parse::too_many},
    lang::Text,
};

/// Attributes of a trace or an event.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    /// The line at which they begin.
    pub(super) line: u64,
    pub(super) values: Values,
    /// Why they cannot be taken: the first reason.
    pub(super) refusal: Option<Text>,
}

/// A trace, or an event that stands outside all traces.
#[derive(Debug, Default)]
pub(super) struct Trace {
    pub(super) own: Attributes,
    pub(super) events: Vec<Attributes>,
}

/// Reads the traces of a log.
pub(super) struct Traces<I> {
    xml: Xml<I>,
    begun: bool,
    /// Bytes of the trace that is being read.
    size: usize,
}

impl<I: BufRead> Traces<I> {
    pub(super) fn new(input: I) -> Self {
        Self { xml: Xml::new(input), begun: false, size: 0 }
    }

    /// The next trace; `None` at the end. An event outside of traces comes as a refused trace without events.
    ///
    /// # Errors
    /// The input breaks off, is not XML, or no log.
    pub(super) fn next(&mut self) -> Result<Option<Trace>, IngestError> {
        loop {
            match self.xml.next()? {
                Token::Open { element: Element::Log, .. } if !self.begun => self.begun = true,
                Token::Open { .. } if !self.begun => {
                    let reason = Text::new("not an XES: its first element is not `log`", "不是 XES：第一个元素不是 `log`");
                    return Err(self.xml.broken(reason));
                }
                Token::Open { element: Element::Trace, .. } => return self.trace().map(Some),
                Token::Open { element: Element::Event, .. } => {
                    let refusal = Some(Text::new("an event outside of all traces belongs to no case", "轨迹之外的事件不属于任何个案"));
                    let own = Attributes { line: self.xml.line(), refusal, ..Attributes::default() };
                    self.xml.skip()?;
                    return Ok(Some(Trace { own, events: Vec::new() }));
                }
                Token::Open { .. } => self.xml.skip()?,
                Token::Close => {}
                Token::End if !self.begun => {
                    return Err(self.xml.broken(Text::new("the file is empty", "文件为空")));
                }
                Token::End => return Ok(None),
            }
        }
    }

    fn trace(&mut self) -> Result<Trace, IngestError> {
        self.size = 0;
        let mut trace = Trace { own: self.attributes(), events: Vec::new() };
        loop {
            match self.xml.next()? {
                Token::Close | Token::End => return Ok(trace),
                Token::Open { element: Element::Event, .. } => {
                    let mut event = self.attributes();
                    self.fill(&mut event)?;
                    trace.events.push(event);
                }
                Token::Open { element, key, value } => self.attribute(&mut trace.own, element, "", &key, value)?,
            }
            let refusal = if trace.events.len() > MOST_EVENTS {
                too_many()
            } else if self.size > MOST_TRACE {
                Text::new(format!("the trace is longer than {} MiB", MOST_TRACE >> 20), format!("轨迹长度超过 {} MiB", MOST_TRACE >> 20))
            } else {
                continue;
            };
            // What it says is not held: it may be without end.
            let line = trace.own.line;
            self.leave()?;
            return Ok(Trace { own: Attributes { line, refusal: Some(refusal), values: trace.own.values }, events: Vec::new() });
        }
    }

    /// Passes over the rest of the trace.
    fn leave(&mut self) -> Result<(), IngestError> {
        loop {
            match self.xml.next()? {
                Token::Open { .. } => self.xml.skip()?,
                Token::Close | Token::End => return Ok(()),
            }
        }
    }

    fn attributes(&self) -> Attributes {
        Attributes { line: self.xml.line(), ..Attributes::default() }
    }

    /// Reads the attributes of an event.
    fn fill(&mut self, of: &mut Attributes) -> Result<(), IngestError> {
        while let Token::Open { element, key, value } = self.xml.next()? {
            self.attribute(of, element, "", &key, value)?;
        }
        Ok(())
    }

    /// Reads an attribute that was opened, and those inside it: `KEY/INNER`.
    fn attribute(
        &mut self,
        of: &mut Attributes,
        element: Element,
        above: &str,
        key: &str,
        text: Option<String>,
    ) -> Result<(), IngestError> {
        self.size = self.size.saturating_add(self.xml.size());
        if self.size > MOST_TRACE || matches!(element, Element::Other | Element::Log | Element::Trace | Element::Event) {
            return self.xml.skip();
        }
        let name = format!("{above}{key}");
        match element {
            Element::List => {
                let items = self.items()?;
                put(of, name, Ok(Value::List(items)));
            }
            element => {
                if element != Element::Container && element != Element::Items {
                    put(of, name.clone(), scalar(element, text));
                }
                let above = if key.is_empty() { above.to_owned() } else { name + "/" };
                while let Token::Open { element, key, value } = self.xml.next()? {
                    self.attribute(of, element, &above, &key, value)?;
                }
            }
        }
        Ok(())
    }

    /// The items of a list that was opened. What is said about an item is left out.
    fn items(&mut self) -> Result<Vec<Value>, IngestError> {
        let mut items = Vec::new();
        while let Token::Open { element, value, .. } = self.xml.next()? {
            self.size = self.size.saturating_add(self.xml.size());
            match element {
                _ if self.size > MOST_TRACE => self.xml.skip()?,
                Element::Items => items.extend(self.items()?),
                Element::List => items.push(Value::List(self.items()?)),
                Element::Container => {
                    let mut inner = Attributes::default();
                    self.fill(&mut inner)?;
                    items.push(Value::Map(inner.values));
                }
                Element::Text | Element::Integer | Element::Float | Element::Boolean => {
                    self.xml.skip()?;
                    items.extend(scalar(element, value).ok());
                }
                Element::Log | Element::Trace | Element::Event | Element::Other => self.xml.skip()?,
            }
        }
        Ok(items)
    }
}

/// Adds a value; two that differ cannot have one name.
fn put(of: &mut Attributes, name: String, value: Result<Value, Text>) {
    let refusal = match value {
        Err(reason) => Text::new(format!("`{name}`: {}", reason.en), format!("`{name}`：{}", reason.zh)),
        Ok(_) if name.is_empty() => Text::new("an attribute without `key`", "属性缺少 `key`"),
        Ok(value) => match of.values.entry(name) {
            Entry::Vacant(place) => {
                place.insert(value);
                return;
            }
            Entry::Occupied(place) if *place.get() == value => return,
            Entry::Occupied(place) => {
                let key = place.key();
                Text::new(format!("the key `{key}` stands twice"), format!("键 `{key}` 出现了两次"))
            }
        },
    };
    of.refusal.get_or_insert(refusal);
}

/// The value of an attribute, numbers exactly as written.
fn scalar(element: Element, text: Option<String>) -> Result<Value, Text> {
    let Some(text) = text else { return Err(Text::new("an attribute without `value`", "属性缺少 `value`")) };
    if text.contains('\0') {
        return Err(Text::new("a NUL byte", "含有 NUL 字节"));
    }
    let plain = text.trim();
    let short = || plain.chars().take(80).collect::<String>();
    match element {
        Element::Integer => match number::read(plain) {
            Some(number @ Value::Int(_)) => Ok(number),
            _ => Err(Text::new(format!("`{}` is not a whole number", short()), format!("`{}` 不是整数", short()))),
        },
        // What XML Schema also calls a number is none to a rule; as a text it is seen to be wrong where it is asked for.
        Element::Float if ["NaN", "INF", "-INF"].contains(&plain) => Ok(Value::Text(plain.to_owned())),
        Element::Float => {
            number::read(plain).ok_or_else(|| Text::new(format!("`{}` is not a number", short()), format!("`{}` 不是数字", short())))
        }
        Element::Boolean => match plain.to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(Value::Bool(true)),
            "false" | "0" => Ok(Value::Bool(false)),
            _ => Err(Text::new(format!("`{}` is not `true` or `false`", short()), format!("`{}` 不是 `true` 或 `false`", short()))),
        },
        _ => Ok(Value::Text(text)),
    }
}
