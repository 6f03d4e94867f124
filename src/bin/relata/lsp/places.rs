//! Places, as the protocol counts them.

use super::project::ScriptFolders;
use gen_lsp_types::{Location, Position, Range};
use relata::source::{Lines, Source, SourceId, Span, Unit};
use std::collections::HashMap;

/// Turns places of texts into the protocol's; the lines of each text are found once.
pub(super) struct ProtocolPlaces<'a> {
    project: &'a ScriptFolders,
    unit: Unit,
    lines: HashMap<SourceId, Lines<'a>>,
}

impl<'a> ProtocolPlaces<'a> {
    pub(super) fn new(project: &'a ScriptFolders, unit: Unit) -> Self {
        Self { project, unit, lines: HashMap::new() }
    }

    fn lines(&mut self, source: &'a Source) -> &Lines<'a> {
        self.lines.entry(source.id).or_insert_with(|| Lines::new(source))
    }

    /// A place of that text; one of another text is its beginning or its end.
    pub(super) fn range(&mut self, source: &'a Source, span: Span) -> Range {
        let unit = self.unit;
        let lines = self.lines(source);
        Range { start: position(lines, span.start, unit), end: position(lines, span.end, unit) }
    }

    /// A place, and the text in which it is.
    pub(super) fn location(&mut self, span: Span) -> Option<Location> {
        let project = self.project;
        let source = project.sources().at(span.start)?;
        Some(Location { uri: project.uri(&source.name), range: self.range(source, span) })
    }

    /// The byte at a position.
    pub(super) fn offset(&mut self, source: &'a Source, at: Position) -> usize {
        let unit = self.unit;
        offset(self.lines(source), at, unit)
    }

    /// The place of a range.
    pub(super) fn span(&mut self, source: &'a Source, range: Range) -> Span {
        let (start, end) = (self.offset(source, range.start), self.offset(source, range.end));
        source.span(start.min(end)..end.max(start))
    }
}

fn position(lines: &Lines<'_>, at: u32, unit: Unit) -> Position {
    let (line, column) = lines.line_column(at, unit);
    let number = |it: usize| u32::try_from(it.saturating_sub(1)).unwrap_or(u32::MAX);
    Position { line: number(line), character: number(column) }
}

/// The byte at a position; where there is none, the nearest before it.
pub(super) fn offset(lines: &Lines<'_>, at: Position, unit: Unit) -> usize {
    let (line, column) = (at.line as usize, at.character as usize);
    if line >= lines.len() {
        return lines.source().text.len();
    }
    lines.offset(line + 1, column.saturating_add(1), unit)
}
