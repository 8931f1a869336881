//! Where one value of a mapped log comes from, and what it is.

use std::{borrow::Cow, collections::BTreeMap};

use super::{line::utf8, number, times::Times};
use crate::{
    case::Value,
    diagnostic::{Place, Problems},
    lang::Text,
    time::{Span, Zone},
    yaml::{Fields, Key, Node},
};

/// Keys of a fact or a field of data, when it is more than the name of a column.
pub const FIELD_KEYS: &[Key] = &[COLUMN, VALUE, MAP, TYPE];
/// Keys of what is always a text: an id, a kind, a person.
pub const NAME_KEYS: &[Key] = &[COLUMN, VALUE, MAP];

const COLUMN: Key = Key::optional(
    "column",
    "name",
    "the column, or in JSONL a key or a path such as /order/id",
    "列名；JSONL 中为键或 /order/id 这样的路径",
);
const VALUE: Key = Key::optional("value", "text", "a constant, in place of a column", "常量，代替列");
const MAP: Key = Key::optional("map", "{text: name}", "what texts of the column stand for", "列中文本的含义");
const TYPE: Key = Key::optional(
    "type",
    "type",
    "text (default), integer, decimal, boolean, instant, date, span",
    "类型：text（默认）、integer、decimal、boolean、instant、date、span",
);

const SORTS: &[(&str, Sort)] = &[
    ("text", Sort::Text),
    ("integer", Sort::Integer),
    ("decimal", Sort::Decimal),
    ("boolean", Sort::Boolean),
    ("instant", Sort::Instant),
    ("date", Sort::Date),
    ("span", Sort::Span),
];

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Text,
    Integer,
    Decimal,
    Boolean,
    Instant,
    Date,
    Span,
}

/// A column that the mapping names.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) place: Place,
}

/// What a row holds in a column.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell<'r> {
    /// Nothing: the column is not in this line.
    None,
    /// A field of a CSV.
    Bytes(&'r [u8]),
    /// A value of a JSON line.
    Value(&'r Value),
}

/// Where a value comes from, and what it is.
#[derive(Clone, Debug)]
pub(super) struct Field {
    source: Source,
    /// What texts stand for; others keep their own.
    map: BTreeMap<String, String>,
    sort: Sort,
}

#[derive(Clone, Debug)]
enum Source {
    /// The column with this position among those of the mapping.
    Column {
        at: usize,
        name: String,
    },
    Constant(String),
}

impl Field {
    /// Reads a field of a mapping; a new column is added to the list.
    pub(super) fn read(node: &Node, keys: &[Key], columns: &mut Vec<Column>, problems: &mut Problems) -> Option<Self> {
        if let Some(name) = node.text() {
            return Some(Self { source: column(name, &node.place, columns), map: BTreeMap::new(), sort: Sort::Text });
        }
        let fields = Fields::read(node, keys, problems)?;
        let source = match (fields.get("column"), fields.get("value")) {
            (Some(name), None) => column(name.expect_text(problems)?, &name.place, columns),
            (None, Some(value)) => Source::Constant(value.expect_text(problems)?.to_owned()),
            _ => {
                problems.error("DU0103", &node.place, "expected either `column` or `value` here", "此处应有 `column` 或 `value` 之一");
                return None;
            }
        };
        let mut map = BTreeMap::new();
        for (text, name) in fields.get("map").map_or(&[][..], |node| node.expect_map(problems)) {
            if let (Some(text), Some(name)) = (text.text(), name.text()) {
                map.insert(text.to_owned(), name.to_owned());
            } else {
                problems.error("DU0104", &name.place, "expected a text for each text", "每个文本应对应一个文本");
            }
        }
        let sort = match fields.get("type") {
            Some(_) => fields.word("type", SORTS, problems)?,
            None => Sort::Text,
        };
        Some(Self { source, map, sort })
    }

    /// Notes a constant that is not of its type.
    pub(super) fn check(&self, place: &Place, times: &Times, problems: &mut Problems) {
        if let Source::Constant(text) = &self.source
            && let Err(reason) = self.typed(text, times)
        {
            problems.error("DU0105", place, reason.en, reason.zh);
        }
    }

    /// The text in a row; `None` when it is not given.
    pub(super) fn text<'r>(&'r self, cells: &[Cell<'r>], empty: &[String]) -> Result<Option<Cow<'r, str>>, Text> {
        let (at, name) = match &self.source {
            Source::Column { at, name } => (*at, name),
            Source::Constant(text) => return Ok(Some(Cow::Borrowed(text))),
        };
        let text = plain(cells.get(at).copied().unwrap_or(Cell::None)).map_err(|reason| in_column(name, &reason))?;
        let Some(text) = text.filter(|text| !empty.iter().any(|known| known == text)) else { return Ok(None) };
        Ok(Some(self.map.get(text.as_ref()).map_or(text, |name| Cow::Borrowed(name.as_str()))))
    }

    /// The text in a row, which must be given: `what` says what for.
    pub(super) fn required<'r>(&'r self, cells: &[Cell<'r>], empty: &[String], what: (&str, &str)) -> Result<Cow<'r, str>, Text> {
        self.text(cells, empty)?.filter(|text| !text.trim().is_empty()).ok_or_else(|| {
            let reason = Text::new(format!("{} is not given", what.0), format!("未给出{}", what.1));
            self.named(&reason)
        })
    }

    /// The value in a row; `None` when it is not given.
    pub(super) fn value(&self, cells: &[Cell<'_>], empty: &[String], times: &Times) -> Result<Option<Value>, Text> {
        let Some(text) = self.text(cells, empty)? else { return Ok(None) };
        self.typed(&text, times).map(Some).map_err(|reason| self.named(&reason))
    }

    /// A reason with the column it concerns.
    pub(super) fn named(&self, reason: &Text) -> Text {
        match &self.source {
            Source::Column { name, .. } => in_column(name, reason),
            Source::Constant(_) => reason.clone(),
        }
    }

    fn typed(&self, text: &str, times: &Times) -> Result<Value, Text> {
        let trimmed = text.trim();
        let wrong = |en: &str, zh: &str| {
            let short: String = trimmed.chars().take(80).collect();
            Text::new(format!("`{short}` is not {en}"), format!("`{short}` 不是{zh}"))
        };
        match self.sort {
            Sort::Text => Ok(Value::Text(text.to_owned())),
            Sort::Integer => match number::read(trimmed) {
                Some(number @ Value::Int(_)) => Ok(number),
                _ => Err(wrong("a whole number", "整数")),
            },
            Sort::Decimal => number::read(trimmed).ok_or_else(|| wrong("a number such as `1234.50`", " `1234.50` 之类的数字")),
            Sort::Boolean if trimmed.eq_ignore_ascii_case("true") => Ok(Value::Bool(true)),
            Sort::Boolean if trimmed.eq_ignore_ascii_case("false") => Ok(Value::Bool(false)),
            Sort::Boolean => Err(wrong("`true` or `false`; `map` can turn it into one", "`true` 或 `false`；可用 `map` 转换")),
            Sort::Instant => {
                let zone = times.zone.unwrap_or(Zone::UTC);
                times.instant(trimmed).map(|at| Value::Text(at.to_rfc3339(zone)))
            }
            Sort::Date => times.date(trimmed).map(|date| Value::Text(date.to_string())),
            Sort::Span => match Span::parse(trimmed) {
                Ok(_) => Ok(Value::Text(trimmed.to_owned())),
                Err(error) => Err(Text::new(error.en, error.zh)),
            },
        }
    }
}

fn column(name: &str, place: &Place, columns: &mut Vec<Column>) -> Source {
    let at = columns.iter().position(|known| known.name == name).unwrap_or_else(|| {
        columns.push(Column { name: name.to_owned(), place: place.clone() });
        columns.len() - 1
    });
    Source::Column { at, name: name.to_owned() }
}

fn in_column(name: &str, reason: &Text) -> Text {
    Text::new(format!("column `{name}`: {}", reason.en), format!("列 `{name}`：{}", reason.zh))
}

/// A cell as text; `None` when nothing is there.
fn plain(cell: Cell<'_>) -> Result<Option<Cow<'_, str>>, Text> {
    let text = match cell {
        Cell::None | Cell::Value(Value::Null) => return Ok(None),
        Cell::Bytes(bytes) => Cow::Borrowed(utf8(bytes)?),
        Cell::Value(Value::Text(text)) => Cow::Borrowed(text.as_str()),
        Cell::Value(Value::Bool(flag)) => Cow::Owned(flag.to_string()),
        Cell::Value(Value::Int(number)) => Cow::Owned(number.to_string()),
        Cell::Value(Value::Decimal(number)) => Cow::Owned(number.to_string()),
        Cell::Value(Value::List(_)) => {
            return Err(Text::new("expected one value, found a list", "应为单个值，却是列表"));
        }
        Cell::Value(Value::Map(_)) => {
            return Err(Text::new("expected one value, found an object", "应为单个值，却是对象"));
        }
    };
    if text.as_bytes().contains(&0) {
        return Err(Text::new("a NUL byte", "含有 NUL 字节"));
    }
    Ok(Some(text))
}
