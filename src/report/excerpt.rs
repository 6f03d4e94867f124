//! The few lines that a report shows: copied out of the files, made visible, and long ones cut around the places.

use super::visible::replacement;
use super::{LineIndex, visible, visible_in_line};
use crate::diagnostics::Label;
use crate::source::{Lines, SourceId, Unit};
use miette::{LabeledSpan, MietteError, SourceCode, SourceSpan, SpanContents};
use std::collections::BTreeMap;
use std::ops::Range;

/// A place over more lines than this is shown by its first line alone.
const TALLEST: usize = 6;
/// At most so many places of one problem are shown.
const MOST: usize = 8;
/// So many characters stay around a place where a line is cut.
const AROUND: usize = 12;
/// What the drawing puts before a line: its number and a bar.
const GUTTER: usize = 8;

/// Lines of one or several files, in a text of its own.
#[derive(Debug)]
pub(super) struct Excerpt {
    text: String,
    lines: Vec<Line>,
    labels: Vec<LabeledSpan>,
    /// Where each label begins in the text, and in which column (from 0) of its file.
    columns: Vec<(usize, usize)>,
}

/// A line of an [`Excerpt`].
#[derive(Debug)]
struct Line {
    file: String,
    source: SourceId,
    /// From 0.
    number: usize,
    /// Where it is in the excerpt's text, its end included.
    range: Range<usize>,
    /// Byte of the file, byte of the excerpt: for each character that is shown, and the end.
    map: Vec<(usize, usize)>,
}

/// A label by the bytes of its file.
struct Spot {
    source: SourceId,
    range: Range<usize>,
    column: usize,
    text: String,
}

impl Excerpt {
    pub(super) fn new(labels: Vec<Label>, index: &mut LineIndex<'_>, width: usize) -> Self {
        let mut excerpt = Self {
            text: String::new(),
            lines: Vec::new(),
            labels: Vec::new(),
            columns: Vec::new(),
        };
        let mut spots = Vec::new();
        // Which lines are shown, and what of each is to be seen.
        let mut wanted: BTreeMap<(SourceId, usize), Vec<usize>> = BTreeMap::new();
        for label in labels.into_iter().take(MOST) {
            let Some(lines) = index.at(label.span.start) else {
                continue;
            };
            let source = lines.source();
            let mut range = source.range(label.span);
            let first = lines.line(range.start);
            let mut last = lines.line(range.end.max(range.start + 1) - 1).max(first);
            if last - first >= TALLEST {
                last = first;
            }
            range.start = range.start.min(lines.range(first).end);
            range.end = range.end.min(lines.range(last).end).max(range.start);
            for line in first..=last {
                let seen = wanted.entry((source.id, line)).or_default();
                if line == first {
                    seen.push(range.start);
                }
                if line == last {
                    seen.push(range.end);
                }
            }
            spots.push(Spot {
                source: source.id,
                column: lines.line_column(label.span.start, Unit::Utf32).1 - 1,
                range,
                text: visible(&label.text).into_owned(),
            });
        }
        let room = width.saturating_sub(GUTTER).max(2 * AROUND);
        for ((id, number), seen) in wanted {
            let source = index.sources.get(id);
            let lines = index.of(source);
            excerpt.add(lines, number, &seen, room);
        }
        for (i, spot) in spots.into_iter().enumerate() {
            excerpt.label(spot, i == 0);
        }
        excerpt
    }

    pub(super) fn labels(&self) -> impl ExactSizeIterator<Item = LabeledSpan> + '_ {
        self.labels.iter().cloned()
    }

    /// Adds a line, cut to what is around the bytes `seen` where it is longer than `room`.
    fn add(&mut self, lines: &Lines<'_>, number: usize, seen: &[usize], room: usize) {
        let source = lines.source();
        let whole = lines.range(number);
        let (begin, mut map) = (self.text.len(), Vec::new());
        let line = source.text.get(whole.clone()).unwrap_or_default();
        let pieces = if line.chars().nth(room).is_none() {
            vec![whole.clone()]
        } else {
            pieces(line, whole.start, seen, room)
        };
        for piece in &pieces {
            if piece.start > whole.start {
                self.text.push('…');
            }
            let text = source.text.get(piece.clone()).unwrap_or_default();
            for (at, it) in text.char_indices() {
                map.push((piece.start + at, self.text.len()));
                self.text.push(replacement(it).unwrap_or(it));
            }
            map.push((piece.end, self.text.len()));
        }
        if pieces.last().is_some_and(|it| it.end < whole.end) {
            self.text.push('…');
        }
        self.text.push('\n');
        self.lines.push(Line {
            file: visible_in_line(&source.name).into_owned(),
            source: source.id,
            number,
            range: begin..self.text.len(),
            map,
        });
    }

    fn label(&mut self, spot: Spot, primary: bool) {
        let place = |at: usize| {
            let of = |it: &&Line| {
                let first = it.map.first().map_or(0, |(file, _)| *file);
                it.source == spot.source && first <= at
            };
            // The last line of that file that begins at or before `at`.
            let line = self.lines.iter().rev().find(of)?;
            let before = line.map.partition_point(|(file, _)| *file <= at);
            let (_, here) = line.map.get(before.checked_sub(1)?)?;
            Some(*here)
        };
        let (Some(start), Some(end)) = (place(spot.range.start), place(spot.range.end)) else {
            return;
        };
        let length = end.saturating_sub(start);
        self.columns.push((start, spot.column));
        let text = (!spot.text.is_empty()).then_some(spot.text);
        self.labels.push(if primary {
            LabeledSpan::new_primary_with_span(text, (start, length))
        } else {
            LabeledSpan::new_with_span(text, (start, length))
        });
    }

    /// The column (from 0) in its file of the label that begins at the byte `at` of the excerpt.
    fn column(&self, at: usize) -> usize {
        let found = self.columns.iter().find(|(start, _)| *start == at);
        found.map_or(0, |(_, column)| *column)
    }

    /// The line in which the byte `at` of the excerpt lies.
    fn line(&self, at: usize) -> Option<usize> {
        let line = self.lines.partition_point(|it| it.range.end <= at);
        (line < self.lines.len()).then_some(line)
    }
}

/// The parts of a long line that are shown: some characters around every byte `seen`, which the rest of `room` widens.
fn pieces(line: &str, base: usize, seen: &[usize], room: usize) -> Vec<Range<usize>> {
    let mut seen: Vec<usize> = seen.iter().map(|it| it.saturating_sub(base)).collect();
    seen.sort_unstable();
    seen.dedup();
    if seen.is_empty() {
        seen.push(0);
    }
    let least = (room / (2 * seen.len())).max(AROUND).min(room / 2);
    let mut found = surroundings(line, &seen, least);
    for around in least + 1..=room {
        let wider = surroundings(line, &seen, around);
        let parts = wider.iter().filter_map(|it| line.get(it.clone()));
        let shown: usize = parts.map(|it| it.chars().count()).sum();
        if shown > room {
            break;
        }
        found = wider;
    }
    found.into_iter().map(|it| it.start + base..it.end + base).collect()
}

/// The parts of a line that are so many characters or fewer from one of the bytes `seen`.
fn surroundings(line: &str, seen: &[usize], around: usize) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for &at in seen {
        let before = line.get(..at).unwrap_or_default();
        let behind = line.get(at..).unwrap_or_default();
        let start = before.char_indices().rev().nth(around - 1).map_or(0, |(it, _)| it);
        let end = behind.char_indices().nth(around).map_or(line.len(), |(it, _)| at + it);
        match found.last_mut() {
            Some(last) if start <= last.end + 1 => last.end = end.max(last.end),
            _ => found.push(start..end),
        }
    }
    found
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        _before: usize,
        _after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let first = self.line(span.offset()).ok_or(MietteError::OutOfBounds)?;
        let behind = (span.offset() + span.len()).max(span.offset() + 1) - 1;
        let last = self.line(behind).ok_or(MietteError::OutOfBounds)?;
        let shown = self.lines.get(first..=last).ok_or(MietteError::OutOfBounds)?;
        let adjacent = |pair: &[Line]| match pair {
            [a, b] => a.source == b.source && a.number + 1 == b.number,
            _ => true,
        };
        let [head, ..] = shown else {
            return Err(MietteError::OutOfBounds);
        };
        if !shown.windows(2).all(adjacent) {
            return Err(MietteError::OutOfBounds);
        }
        let end = shown.last().map_or(head.range.end, |it| it.range.end);
        let range = head.range.start..end;
        Ok(Box::new(Shown {
            data: self.text.as_bytes().get(range.clone()).unwrap_or_default(),
            span: (range.start, range.len()).into(),
            name: &head.file,
            line: head.number,
            column: self.column(span.offset()),
            count: shown.len(),
        }))
    }
}

/// What miette is given to draw.
struct Shown<'a> {
    data: &'a [u8],
    span: SourceSpan,
    name: &'a str,
    line: usize,
    column: usize,
    count: usize,
}

impl<'a> SpanContents<'a> for Shown<'a> {
    fn data(&self) -> &'a [u8] {
        self.data
    }

    fn span(&self) -> &SourceSpan {
        &self.span
    }

    fn line(&self) -> usize {
        self.line
    }

    fn column(&self) -> usize {
        self.column
    }

    fn line_count(&self) -> usize {
        self.count
    }

    fn name(&self) -> Option<&str> {
        Some(self.name)
    }
}
