//! The elements of an XES, one after the other: of XML only what such a log is made of. Entities of the log's own are not known, so that
//! none is expanded; nothing is read that the log refers to.

use std::io::{self, BufRead, Read};

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

use crate::{
    ingest::{IngestError, MOST_LEVELS, MOST_LINE},
    lang::Text,
};

/// Levels of elements at most: those of values, and the few around them.
const MOST_DEPTH: usize = MOST_LEVELS + 8;

/// What an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    Log,
    Trace,
    Event,
    /// A value that is a text: `string`, `id`, and `date`, whose text says the instant.
    Text,
    Integer,
    Float,
    Boolean,
    List,
    Container,
    /// What holds the items of a list.
    Items,
    /// Extensions, globals, classifiers.
    Other,
}

/// What comes next.
#[derive(Debug)]
pub(super) enum Token {
    /// An element begins, with its attributes `key` and `value`.
    Open { element: Element, key: String, value: Option<String> },
    /// The element that was opened last ends.
    Close,
    /// The input ends.
    End,
}

/// Reads the elements of an input.
pub(super) struct Xml<I> {
    reader: Reader<Counted<I>>,
    buffer: Vec<u8>,
    depth: usize,
    /// Bytes before the token that was read last.
    begun: u64,
}

/// An input that knows its line, and gives only so much at a time.
struct Counted<I> {
    input: I,
    /// How many lines have ended.
    lines: u64,
    /// Bytes that may still be given for the token that is being read.
    left: usize,
    /// What the system said when it failed.
    failed: Option<io::Error>,
}

impl<I: BufRead> Read for Counted<I> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let given = self.fill_buf()?.read(target)?;
        self.consume(given);
        Ok(given)
    }
}

impl<I: BufRead> BufRead for Counted<I> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        match self.input.fill_buf() {
            Ok(bytes) => Ok(bytes.get(..self.left).unwrap_or(bytes)),
            Err(error) => {
                let kind = error.kind();
                // The reader of XML keeps errors for itself.
                self.failed = Some(error);
                Err(kind.into())
            }
        }
    }

    fn consume(&mut self, amount: usize) {
        // What was filled is given again without reading.
        if let Ok(bytes) = self.input.fill_buf() {
            let ends = bytes.iter().take(amount).filter(|byte| **byte == b'\n').count();
            self.lines = self.lines.saturating_add(u64::try_from(ends).unwrap_or_default());
        }
        self.left = self.left.saturating_sub(amount);
        self.input.consume(amount);
    }
}

impl<I: BufRead> Xml<I> {
    pub(super) fn new(input: I) -> Self {
        let mut reader = Reader::from_reader(Counted { input, lines: 0, left: 0, failed: None });
        reader.config_mut().expand_empty_elements = true;
        Self { reader, buffer: Vec::new(), depth: 0, begun: 0 }
    }

    /// The line that was reached, from 1.
    pub(super) fn line(&self) -> u64 {
        self.reader.get_ref().lines + 1
    }

    /// How many bytes the token that was read last takes.
    pub(super) fn size(&self) -> usize {
        usize::try_from(self.reader.buffer_position().saturating_sub(self.begun)).unwrap_or(usize::MAX)
    }

    /// What comes next.
    ///
    /// # Errors
    /// The input breaks off, or is not XML.
    pub(super) fn next(&mut self) -> Result<Token, IngestError> {
        self.begun = self.reader.buffer_position();
        loop {
            self.buffer.clear();
            // One long text must not leave its size to all that follow.
            self.buffer.shrink_to(1 << 16);
            self.reader.get_mut().left = MOST_LINE;
            let read = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => take(&event),
                Err(error) => {
                    let input = self.reader.get_mut();
                    if let Some(source) = input.failed.take() {
                        return Err(IngestError::Read { line: input.lines, source });
                    }
                    Err(if input.left == 0 { crate::ingest::line::too_long() } else { not_xml(&error) })
                }
            };
            match read {
                Ok(None) => {}
                Ok(Some(Token::Open { .. })) if self.depth >= MOST_DEPTH => {
                    return Err(self.broken(Text::new(
                        format!("elements nest deeper than {MOST_DEPTH} levels"),
                        format!("元素嵌套超过 {MOST_DEPTH} 层"),
                    )));
                }
                Ok(Some(Token::End)) if self.depth > 0 => {
                    return Err(self.broken(Text::new("the file is not whole: an element is not closed", "文件不完整：有元素未结束")));
                }
                Ok(Some(token)) => {
                    match token {
                        Token::Open { .. } => self.depth += 1,
                        Token::Close => self.depth = self.depth.saturating_sub(1),
                        Token::End => {}
                    }
                    return Ok(token);
                }
                Err(reason) => return Err(self.broken(reason)),
            }
        }
    }

    /// Passes over the rest of the element that was opened last.
    pub(super) fn skip(&mut self) -> Result<(), IngestError> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            self.next()?;
        }
        Ok(())
    }

    /// An error at the place that was reached.
    pub(super) fn broken(&self, reason: Text) -> IngestError {
        IngestError::Broken { line: self.line(), reason }
    }
}

/// What an event of the reader is to a log; `None` for what is nothing to it.
fn take(event: &Event<'_>) -> Result<Option<Token>, Text> {
    Ok(match event {
        Event::Start(start) => Some(open(start)?),
        Event::End(_) => Some(Token::Close),
        Event::Eof => Some(Token::End),
        Event::Decl(declared) => {
            let name = declared.encoding().and_then(Result::ok).unwrap_or_default();
            if !["", "utf-8", "utf8", "us-ascii"].contains(&name.to_ascii_lowercase().as_str()) {
                return Err(Text::new(
                    format!("the encoding `{name}` is not read; save the file as UTF-8"),
                    format!("不读取编码 `{name}`；请将文件另存为 UTF-8"),
                ));
            }
            None
        }
        _ => None,
    })
}

fn open(start: &BytesStart<'_>) -> Result<Token, Text> {
    let element = match start.local_name().as_ref() {
        "log" => Element::Log,
        "trace" => Element::Trace,
        "event" => Element::Event,
        "string" | "date" | "id" => Element::Text,
        "int" => Element::Integer,
        "float" => Element::Float,
        "boolean" => Element::Boolean,
        "list" => Element::List,
        "container" => Element::Container,
        "values" => Element::Items,
        _ => Element::Other,
    };
    let (mut key, mut value) = (String::new(), None);
    if element != Element::Other {
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| not_xml(&error.into()))?;
            let text = || attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| not_xml(&error));
            match attribute.key.as_ref() {
                "key" => key = text()?.into_owned(),
                "value" => value = Some(text()?.into_owned()),
                _ => {}
            }
        }
    }
    Ok(Token::Open { element, key, value })
}

fn not_xml(error: &quick_xml::Error) -> Text {
    Text::new(format!("not XML: {error}"), format!("不是 XML：{error}"))
}
