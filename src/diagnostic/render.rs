//! Drawing a message with the line it points at.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::{Diagnostic, Severity};
use crate::lang::Lang;

/// Draws one message; with colours when `colour` is set.
#[must_use]
pub fn render(item: &Diagnostic, lang: Lang, colour: bool) -> String {
    let (level, name) = match item.severity {
        Severity::Error => (Level::ERROR, lang.pick("error", "错误")),
        Severity::Warning => (Level::WARNING, lang.pick("warning", "警告")),
        Severity::Note => (Level::NOTE, lang.pick("note", "说明")),
    };
    let title = level.with_name(name).primary_title(item.message.get(lang)).id(item.code);
    let mut group = match &item.place {
        Some(place) => {
            let span = clamp(&place.file.text, place.span.clone());
            title.element(
                Snippet::source(place.file.text.as_str()).path(place.file.path.as_str()).annotation(AnnotationKind::Primary.span(span)),
            )
        }
        None => annotate_snippets::Group::with_title(title),
    };
    if let Some(help) = &item.help {
        group = group.element(Level::HELP.with_name(lang.pick("help", "建议")).message(help.get(lang)));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group])
}

/// Draws all messages, a blank line between them.
#[must_use]
pub fn render_all(items: &[Diagnostic], lang: Lang, colour: bool) -> String {
    items.iter().map(|item| render(item, lang, colour)).collect::<Vec<_>>().join("\n\n")
}

/// Keeps a span inside the text and on character boundaries, since a renderer must not panic on a wrong one. A span over
/// several lines is cut to its first.
fn clamp(text: &str, span: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(span.start);
    let end = floor(span.end).max(start);
    let line_end = text.get(start..end).and_then(|part| part.find('\n')).map_or(end, |at| start + at);
    start..line_end
}
