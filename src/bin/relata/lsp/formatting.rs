//! The one style, as edits that leave the cursor where it is.

use super::places::ProtocolPlaces;
use super::project::Asked;
use super::relaid::{joined, relaid};
use super::server::{Answered, Server};
use crate::line_diff::LineDiff;
use gen_lsp_types::{
    DocumentFormattingParams, DocumentOnTypeFormattingParams, DocumentRangeFormattingParams,
    Range as LineRange, TextEdit, Uri,
};
use relata::source::Unit;
use std::io::Write;
use std::ops::Range;
use std::time::Duration;

/// So many places are each told by themselves, so that the cursor stays where it is. Of more, those beside each other are told as one: what is told
/// of a script that was never formatted would be three times its text.
const MANY: usize = 500;

/// `textDocument/formatting`
pub(super) fn format<W: Write>(
    server: &mut Server<'_, W>,
    params: &DocumentFormattingParams,
) -> Answered<Option<Vec<TextEdit>>> {
    formatted(server, &params.text_document.uri, |_| true)
}

/// `textDocument/rangeFormatting`
pub(super) fn format_range<W: Write>(
    server: &mut Server<'_, W>,
    params: &DocumentRangeFormattingParams,
) -> Answered<Option<Vec<TextEdit>>> {
    let within = params.range;
    let touches =
        move |it: &LineRange| within.start.line <= it.end.line && it.start.line <= within.end.line;
    formatted(server, &params.text_document.uri, touches)
}

/// `textDocument/onTypeFormatting`: behind a `}` the sentence that it ends.
pub(super) fn format_typed<W: Write>(
    server: &mut Server<'_, W>,
    params: &DocumentOnTypeFormattingParams,
) -> Answered<Option<Vec<TextEdit>>> {
    let (uri, at) = (&params.text_document.uri, params.position);
    let unit = server.client.unit;
    let asked = server.latest(uri)?;
    let mut places = ProtocolPlaces::new(asked.project, unit);
    let offset = places.offset(asked.source, at);
    let position = asked.source.span(offset..offset).start;
    let sentences = asked.script().map_or(&[][..], |it| &it.sentences);
    let ended = sentences.iter().find(|it| it.span.start <= position && position <= it.span.end);
    let Some(ended) = ended else {
        return Ok(None);
    };
    let within = places.range(asked.source, ended.span);
    let touches =
        move |it: &LineRange| within.start.line <= it.end.line && it.start.line <= within.end.line;
    formatted(server, uri, touches)
}

fn formatted<W: Write>(
    server: &mut Server<'_, W>,
    uri: &Uri,
    wanted: impl Fn(&LineRange) -> bool,
) -> Answered<Option<Vec<TextEdit>>> {
    if !server.shown.format {
        return Ok(None);
    }
    let unit = server.client.unit;
    let asked = server.latest(uri)?;
    let mut edits = minimal(asked, unit);
    edits.retain(|it| wanted(&it.range));
    Ok(Some(edits))
}

/// The lines that are other ones in the one style.
fn minimal(asked: Asked<'_>, unit: Unit) -> Vec<TextEdit> {
    let source = asked.source;
    let Some(after) = asked.document().map(|it| it.formatted(source)) else {
        return Vec::new();
    };
    if *after == *source.text {
        return Vec::new();
    }
    let mut places = ProtocolPlaces::new(asked.project, unit);
    let mut edit = |(range, new_text): (Range<usize>, String)| {
        let range = places.range(source, source.span(range));
        TextEdit { range, new_text }
    };
    if let Some(mut found) = relaid(&source.text, &after) {
        if found.len() > MANY {
            found = joined(found);
        }
        let text = |it: Range<usize>| after.get(it).unwrap_or_default().to_owned();
        return found.into_iter().map(|(range, new)| edit((range, text(new)))).collect();
    }
    // Of a text that is other in every line, whatever has been found by then is good enough.
    let diff = LineDiff::new(&source.text, &after, Some(Duration::from_millis(30)));
    diff.replacements().map(edit).collect()
}
