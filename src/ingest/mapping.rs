//! The mapping file: how the columns of a log become cases, facts and events.

use std::{path::Path, sync::Arc};

use super::{
    field::{Column, FIELD_KEYS, Field, NAME_KEYS},
    times::{Pattern, Times},
};
use crate::{
    diagnostic::{Problems, SourceFile},
    time::Zone,
    yaml::{self, Fields, Key, Node},
};

/// Keys of a mapping file.
pub const MAPPING_KEYS: &[Key] = &[
    Key::optional(
        "format",
        "csv, jsonl, xlsx or xes",
        "one event a row or line (default: by the file's content and name)",
        "每行一个事件（默认按文件内容与文件名）",
    ),
    Key::optional("sheet", "name", "of XLSX: the page (default: the first)", "XLSX 的工作表（默认第一个）"),
    Key::optional("delimiter", "character", "of CSV (default: a comma)", "CSV 的分隔符（默认逗号）"),
    Key::optional("zone", "time zone", "for times without offset, which are errors without it", "无偏移时间的时区；省略则此类时间为错误"),
    Key::optional("times", "list of patterns", "tried in order after RFC 3339", "在 RFC 3339 之后依次尝试的时间格式"),
    Key::optional("empty", "list of texts", "texts that mean not given (default: [\"\"])", "表示未给出的文本（默认 [\"\"]）"),
    Key::required("case", "{id, kind, part_of}", "which case a row belongs to", "该行属于哪个个案"),
    Key::optional("facts", "{name: column}", "facts of the case", "个案的事实"),
    Key::required("event", "{type, at, by, role, id, data}", "the event that a row is", "该行的事件"),
];

/// Keys of `case`.
pub const CASE_KEYS: &[Key] = &[
    Key::required("id", "column", "the id of the case", "个案编号"),
    Key::required("kind", "column or {value: KIND}", "the kind of the case", "个案种类"),
    Key::optional("part_of", "column", "the id of the case that this one is part of", "所属个案的编号"),
];

/// Keys of `event`.
pub const EVENT_KEYS: &[Key] = &[
    Key::required("type", "column", "the event type", "事件类型"),
    Key::required("at", "column", "when it happened", "发生时刻"),
    Key::optional("by", "column", "who did it", "由谁完成"),
    Key::optional("role", "column", "in which role", "以何角色"),
    Key::optional("id", "column", "unique within the case (left out: derived from the event)", "个案内唯一（省略则由事件得出）"),
    Key::optional("data", "{name: column}", "what was recorded with it", "随事件记录的数据"),
];

/// The shape of a log's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One event a row, the first row naming the columns.
    Csv,
    /// One event a line, each a JSON object.
    Jsonl,
    /// A workbook of Excel: one event a row, the first row naming the columns.
    Xlsx,
    /// An event log in XML (IEEE 1849): `case:KEY` is an attribute of the trace, `KEY` one of the event.
    Xes,
}

impl Format {
    /// The words of `format` in a mapping.
    const WORDS: &'static [(&'static str, Self)] = &[("csv", Self::Csv), ("jsonl", Self::Jsonl), ("xlsx", Self::Xlsx), ("xes", Self::Xes)];

    /// The format that a file's name tells, `.gz` apart.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        match name.rsplit_once('.')?.1 {
            "csv" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "xlsx" | "xlsm" => Some(Self::Xlsx),
            "xes" => Some(Self::Xes),
            _ => None,
        }
    }
}

/// How the columns of a log become cases, facts and events.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// The format of the log, when the mapping says it.
    pub format: Option<Format>,
    /// The zone of times without offset.
    pub zone: Option<Zone>,
    /// The page of a workbook.
    pub(super) sheet: Option<Column>,
    pub(super) delimiter: u8,
    pub(super) times: Times,
    pub(super) empty: Vec<String>,
    pub(super) columns: Vec<Column>,
    pub(super) case: CaseFields,
    pub(super) facts: Vec<(String, Field)>,
    pub(super) event: EventFields,
}

/// The columns that tell the case.
#[derive(Clone, Debug)]
pub(super) struct CaseFields {
    pub(super) id: Field,
    pub(super) kind: Field,
    pub(super) part_of: Option<Field>,
}

/// The columns that tell the event.
#[derive(Clone, Debug)]
pub(super) struct EventFields {
    pub(super) kind: Field,
    pub(super) at: Field,
    pub(super) by: Option<Field>,
    pub(super) role: Option<Field>,
    pub(super) id: Option<Field>,
    pub(super) data: Vec<(String, Field)>,
}

impl Mapping {
    /// Reads a mapping file; `None`, with all its errors noted, when it cannot be used.
    pub fn read(file: &Arc<SourceFile>, problems: &mut Problems) -> Option<Self> {
        let before = problems.errors();
        let node = yaml::parse(file, problems)?;
        let fields = Fields::read(&node, MAPPING_KEYS, problems)?;
        let format = fields.word("format", Format::WORDS, problems);
        let sheet =
            fields.get("sheet").and_then(|node| Some(Column { name: node.expect_text(problems)?.to_owned(), place: node.place.clone() }));
        let times = read_times(&fields, problems);
        let delimiter = read_delimiter(&fields, problems);
        let empty = match fields.key("empty") {
            Some(_) => fields.list("empty").iter().filter_map(|item| item.expect_text(problems).map(str::to_owned)).collect(),
            None => vec![String::new()],
        };
        let mut reader = Reader { columns: Vec::new(), times: &times, problems };
        // Each part is read whatever is wrong with the others, so that all errors come at once.
        let case = fields.get("case").and_then(|node| reader.case(node));
        let facts = fields.get("facts").map(|node| reader.values(node)).unwrap_or_default();
        let event = fields.get("event").and_then(|node| reader.event(node));
        let columns = reader.columns;
        for name in ["case", "event"].into_iter().filter(|name| fields.key(name).is_some() && fields.get(name).is_none()) {
            let place = fields.key(name).map_or(&node.place, |key| &key.place);
            problems.error("DU0104", place, format!("`{name}` is empty"), format!("`{name}` 为空"));
        }
        if problems.errors() > before {
            return None;
        }
        let (case, event) = (case?, event?);
        Some(Self { format, zone: times.zone, sheet, delimiter, times, empty, columns, case, facts, event })
    }
}

fn read_times(fields: &Fields<'_>, problems: &mut Problems) -> Times {
    let mut times = Times::default();
    if let Some(node) = fields.get("zone") {
        match Zone::parse(node.expect_text(problems).unwrap_or("UTC")) {
            Ok(zone) => times.zone = Some(zone),
            Err(error) => problems.error("DU0105", &node.place, error.en, error.zh),
        }
    }
    for node in fields.list("times") {
        match node.expect_text(problems).map(Pattern::new) {
            Some(Ok(pattern)) => times.patterns.push(pattern),
            Some(Err(reason)) => problems.error("DU0105", &node.place, reason.en, reason.zh),
            None => {}
        }
    }
    times
}

fn read_delimiter(fields: &Fields<'_>, problems: &mut Problems) -> u8 {
    let Some(node) = fields.get("delimiter") else { return b',' };
    match node.expect_text(problems).map(str::as_bytes) {
        Some(b"\\t" | b"tab") => b'\t',
        Some([byte]) if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n' | 0) => *byte,
        Some(_) => {
            problems.error(
                "DU0105",
                &node.place,
                "`delimiter` is one ASCII character, such as `;`, or `tab`",
                "`delimiter` 应为一个 ASCII 字符，如 `;`，或 `tab`",
            );
            b','
        }
        None => b',',
    }
}

/// Reads the fields of a mapping.
struct Reader<'r> {
    columns: Vec<Column>,
    times: &'r Times,
    problems: &'r mut Problems,
}

impl Reader<'_> {
    fn case(&mut self, node: &Node) -> Option<CaseFields> {
        let fields = Fields::read(node, CASE_KEYS, self.problems)?;
        let (id, kind, part_of) = (self.name(&fields, "id"), self.name(&fields, "kind"), self.name(&fields, "part_of"));
        Some(CaseFields { id: self.given(id, &fields, "id")?, kind: self.given(kind, &fields, "kind")?, part_of })
    }

    fn event(&mut self, node: &Node) -> Option<EventFields> {
        let fields = Fields::read(node, EVENT_KEYS, self.problems)?;
        let (kind, at) = (self.name(&fields, "type"), self.name(&fields, "at"));
        let (by, role, id) = (self.name(&fields, "by"), self.name(&fields, "role"), self.name(&fields, "id"));
        let data = fields.get("data").map(|node| self.values(node)).unwrap_or_default();
        let (kind, at) = (self.given(kind, &fields, "type"), self.given(at, &fields, "at"));
        Some(EventFields { kind: kind?, at: at?, by, role, id, data })
    }

    fn values(&mut self, node: &Node) -> Vec<(String, Field)> {
        let mut list = Vec::new();
        for (name, node) in node.expect_map(self.problems) {
            if let Some(field) = self.field(node, FIELD_KEYS)
                && let Some(name) = name.expect_text(self.problems)
            {
                list.push((name.to_owned(), field));
            }
        }
        list
    }

    fn name(&mut self, fields: &Fields<'_>, name: &str) -> Option<Field> {
        self.field(fields.get(name)?, NAME_KEYS)
    }

    fn field(&mut self, node: &Node, keys: &[Key]) -> Option<Field> {
        let field = Field::read(node, keys, &mut self.columns, self.problems)?;
        field.check(&node.place, self.times, self.problems);
        Some(field)
    }

    /// A required key that stands there with nothing after it.
    fn given(&mut self, field: Option<Field>, fields: &Fields<'_>, name: &str) -> Option<Field> {
        if let Some(key) = fields.key(name).filter(|_| fields.get(name).is_none()) {
            self.problems.error("DU0104", &key.place, format!("`{name}` is empty"), format!("`{name}` 为空"));
        }
        field
    }
}
