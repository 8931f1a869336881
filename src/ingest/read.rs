//! Reading any input that cases come in.

use std::io::{BufRead, Cursor, Read};

use super::{
    Reject, Summary, cloudevents,
    cloudevents::Defaults,
    detect::{self, Shape},
    error::IngestError,
    group::Log,
    jsonl::read_jsonl,
    mapping::Mapping,
    xes::read_xes,
};
use crate::{case::Case, time::Zone};

/// What is known of an input.
#[derive(Clone, Copy, Debug)]
pub struct Options<'o> {
    /// The name of its file, which tells its format where its content does not.
    pub name: &'o str,
    /// How its rows become cases.
    pub mapping: Option<&'o Mapping>,
    /// The kind of its cases, where it does not say it itself: of an XES and of CloudEvents.
    pub kind: Option<&'o str>,
    /// The zone of times without offset.
    pub zone: Zone,
    /// Cases delivered at a time.
    pub batch: usize,
}

/// Reads an input of any format and delivers its cases in batches. The first bytes and the name tell what it is; one that was gzipped
/// comes unpacked, as from [`super::open`].
///
/// Cases that come from CloudEvents have an empty kind where nothing told it.
///
/// # Errors
///
/// What the sink says; [`IngestError`] when the input cannot be read to its end, or is nothing that can be read.
pub fn read<E: From<IngestError>>(
    mut input: Box<dyn BufRead + Send>,
    options: &Options<'_>,
    sink: &mut dyn FnMut(Vec<Case>) -> Result<(), E>,
    rejects: &mut dyn FnMut(Reject),
) -> Result<Summary, E> {
    let head = detect::head(&mut input).map_err(|source| IngestError::Read { line: 0, source })?;
    let shape = detect::shape(options.name, &head, options.mapping)?;
    let mut input = Cursor::new(head).chain(input);
    let defaults = Defaults { zone: options.zone, kind: options.kind };
    match (shape, options.mapping) {
        (Shape::Mapped(format), Some(mapping)) => {
            let mut log = Log::new(mapping).in_zone(options.zone);
            log.read(&mut input, format, rejects)?;
            log.finish(options.batch, sink)
        }
        (Shape::Traces, _) => {
            let kind = options.kind.ok_or_else(|| no_kind(options.name))?;
            read_xes(input, options.zone, kind, options.batch, sink, rejects)
        }
        (Shape::CloudEvents, _) => cloudevents::read_lines(input, defaults, options.batch, sink, rejects),
        (Shape::CloudEventBatch, _) => cloudevents::read_whole(input, defaults, sink, rejects),
        (Shape::Cases | Shape::Mapped(_), _) => read_jsonl(input, options.zone, options.batch, sink, rejects),
    }
}

fn no_kind(name: &str) -> IngestError {
    IngestError::unfit(
        (format!("`{name}` is XES, which does not tell the kind of its cases"), format!("`{name}` 是 XES，其中没有个案的种类")),
        ("say it with `--kind KIND`, or in a mapping with `--map`", "请用 `--kind 种类` 说明，或用 `--map` 给出映射"),
    )
}
