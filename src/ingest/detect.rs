//! What an input is, by its first bytes and its name.

use std::{
    io::{self, BufRead, Read},
    path::Path,
};

use serde::{Deserialize, de::IgnoredAny};

use super::{
    MOST_LINE,
    error::IngestError,
    mapping::{Format, Mapping},
    open::BOM,
};

/// How an input is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One case a line, as the contract has it.
    Cases,
    /// One CloudEvent a line.
    CloudEvents,
    /// One CloudEvent over several lines, or a batch of them.
    CloudEventBatch,
    /// Traces, without a mapping.
    Traces,
    /// Rows through a mapping.
    Mapped(Format),
}

/// What tells a CloudEvent from a case.
#[derive(Deserialize)]
struct Looked {
    specversion: Option<IgnoredAny>,
}

/// Workbooks are archives, in which the first file begins like this.
const ARCHIVE: &[u8] = b"PK\x03\x04";
/// Old workbooks, and new ones with a password.
const COMPOUND: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0];
/// How an XES may begin.
const XML: &[&[u8]] = &[b"<?xml", b"<log", b"<!--", b"<!DOCTYPE"];

/// The first line that is not blank, with all before it: what it takes to know what an input is. A pipe is not asked for more.
pub(super) fn head(input: &mut dyn BufRead) -> io::Result<Vec<u8>> {
    let most = u64::try_from(MOST_LINE).unwrap_or(u64::MAX);
    let (mut head, mut input) = (Vec::new(), input.take(most));
    while start(&head).is_empty() && input.read_until(b'\n', &mut head)? > 0 {}
    Ok(head)
}

/// From the first byte on that is not blank.
fn start(head: &[u8]) -> &[u8] {
    head.strip_prefix(&BOM).unwrap_or(head).trim_ascii_start()
}

/// What an input is; `name` is that of its file.
pub(super) fn shape(name: &str, head: &[u8], mapping: Option<&Mapping>) -> Result<Shape, IngestError> {
    let start = start(head);
    let named = Format::of(Path::new(name));
    let seen = match start {
        _ if start.starts_with(ARCHIVE) => Some(Format::Xlsx),
        _ if start.starts_with(COMPOUND) => return Err(old_book(name)),
        _ if XML.iter().any(|sign| start.starts_with(sign)) && !matches!(named, Some(Format::Csv | Format::Jsonl)) => Some(Format::Xes),
        _ => None,
    };
    let Some(mapping) = mapping else { return plain(name, start, seen.or(named)) };
    let format = mapping.format.or(seen).or(named).unwrap_or(Format::Csv);
    match (format, seen) {
        (Format::Xlsx, None | Some(Format::Xes)) => Err(IngestError::unfit(
            (format!("`{name}` is no workbook (.xlsx)"), format!("`{name}` 不是工作簿（.xlsx）")),
            ("say its `format` in the mapping, or save it as .xlsx", "请在映射中说明 `format`，或另存为 .xlsx"),
        )),
        (Format::Csv | Format::Jsonl, Some(Format::Xlsx)) => Err(IngestError::unfit(
            (
                format!("`{name}` is a workbook (.xlsx), while the mapping says another `format`"),
                format!("`{name}` 是工作簿（.xlsx），而映射中的 `format` 不同"),
            ),
            ("leave `format` out of the mapping, or say `format: xlsx`", "请在映射中省略 `format`，或写 `format: xlsx`"),
        )),
        _ => Ok(Shape::Mapped(format)),
    }
}

/// What an input is that has no mapping.
fn plain(name: &str, start: &[u8], format: Option<Format>) -> Result<Shape, IngestError> {
    let needs_mapping = |sort: &str| {
        IngestError::unfit(
            (format!("`{name}` is {sort}: it needs a mapping"), format!("`{name}` 是 {sort}：需要映射文件")),
            ("say `--map mapping.yaml`; examples/receipt shows one", "请用 `--map mapping.yaml`；示例见 examples/receipt"),
        )
    };
    match format {
        Some(Format::Csv) => return Err(needs_mapping("CSV")),
        Some(Format::Xlsx) => return Err(needs_mapping("XLSX")),
        Some(Format::Xes) => return Ok(Shape::Traces),
        Some(Format::Jsonl) | None => {}
    }
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_end();
    if start.starts_with(b"[") || line == b"{" {
        return Ok(Shape::CloudEventBatch);
    }
    let version = serde_json::from_slice::<Looked>(line).ok().and_then(|looked| looked.specversion);
    Ok(if version.is_some() { Shape::CloudEvents } else { Shape::Cases })
}

fn old_book(name: &str) -> IngestError {
    IngestError::unfit(
        (
            format!("`{name}` is a workbook of the old sort (.xls), or one with a password"),
            format!("`{name}` 是旧格式的工作簿（.xls），或设有密码"),
        ),
        ("save it as .xlsx without a password", "请另存为不带密码的 .xlsx"),
    )
}
