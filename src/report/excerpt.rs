//! The few lines that a report shows: copied out of the files, made visible, and long ones cut around the places.

use super::columns::{columns, columns_of, wrap};
use super::visible::replacement;
use super::{LineIndex, visible, visible_in_line};
use crate::diagnostics::Label;
use crate::source::{Lines, SourceId, Unit};
use miette::{LabeledSpan, MietteError, SourceCode, SourceSpan, SpanContents};
use std::collections::BTreeMap;
use std::ops::Range;
use unicode_width::UnicodeWidthStr as _;

/// A place over more lines than this is shown by its first line alone.
const TALLEST: usize = 6;
/// At most so many places of one problem are shown.
const MOST: usize = 8;
/// What the drawing puts before a line, beside its number: a bar, and spaces.
const GUTTER: usize = 4;
/// What it puts before a label.
const ARM: usize = 4;
/// What stands beside the name of a file: a frame, a line and a column.
const BESIDE_FILE: usize = 20;
/// No line has less room than this, however narrow it is to be.
const LEAST: usize = 8;

/// Lines of one or several files, in a text of its own.
#[derive(Debug)]
pub(super) struct Excerpt {
    text: String,
    lines: Vec<Line>,
    labels: Vec<LabeledSpan>,
    /// Where each label begins in the text, and in which column (from 0) of its file.
    columns: Vec<(usize, usize)>,
    /// How many columns a line and what is drawn below it may take.
    room: usize,
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
    /// Whether it goes over several lines.
    tall: bool,
}

impl Excerpt {
    pub(super) fn new(labels: Vec<Label>, index: &mut LineIndex<'_>, width: usize) -> Self {
        let mut excerpt = Self {
            text: String::new(),
            lines: Vec::new(),
            labels: Vec::new(),
            columns: Vec::new(),
            room: 0,
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
                tall: last > first,
            });
        }
        let highest = wanted.keys().map(|(_, number)| number + 1).max().unwrap_or_default();
        let tall = spots.iter().filter(|it| it.tall).count();
        let beside = if tall > 0 { tall + 3 } else { 0 };
        let gutter = GUTTER + highest.to_string().len() + beside;
        // A place behind the end is drawn one column behind it.
        excerpt.room = width.saturating_sub(gutter + 1).max(LEAST);
        for ((id, number), seen) in wanted {
            let source = index.sources.get(id);
            let lines = index.of(source);
            let own: Vec<&Spot> = spots.iter().filter(|it| it.source == id && !it.tall).collect();
            excerpt.add(lines, number, (&seen, &own), width);
        }
        for (i, spot) in spots.iter().enumerate() {
            excerpt.label(spot, i == 0);
        }
        excerpt
    }

    pub(super) fn labels(&self) -> impl ExactSizeIterator<Item = LabeledSpan> + '_ {
        self.labels.iter().cloned()
    }

    /// Adds a line, cut to what is around the bytes `seen` where it is wider than there is room.
    fn add(
        &mut self,
        lines: &Lines<'_>,
        number: usize,
        (seen, spots): (&[usize], &[&Spot]),
        width: usize,
    ) {
        let source = lines.source();
        let whole = lines.range(number);
        let (begin, mut map) = (self.text.len(), Vec::new());
        let line = source.text.get(whole.clone()).unwrap_or_default();
        let cut = |room: usize| {
            if columns(line) <= room {
                vec![whole.clone()]
            } else {
                pieces(line, whole.start, seen, room)
            }
        };
        // A label stands to the right of its place: where it would have too little room there, the line gets less.
        let here: Vec<&&Spot> = (spots.iter())
            .filter(|it| whole.start <= it.range.start && it.range.start <= whole.end)
            .collect();
        let fits = |pieces: &Vec<Range<usize>>| {
            here.iter().all(|it| {
                let label = it.text.width().min(self.room / 3);
                middle(line, whole.start, pieces, &it.range) + ARM + label <= self.room
            })
        };
        let least = (self.room / 3).max(LEAST);
        let pieces = (least..=self.room).rev().step_by(2).map(cut).find(fits);
        let pieces = pieces.unwrap_or_else(|| cut(least));
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
            file: file(&visible_in_line(&source.name), width.saturating_sub(BESIDE_FILE)),
            source: source.id,
            number,
            range: begin..self.text.len(),
            map,
        });
    }

    fn label(&mut self, spot: &Spot, primary: bool) {
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
        let own = self.text.get(..start).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1);
        let before = self.text.get(own..start).unwrap_or_default();
        let marked = self.text.get(start..end).unwrap_or_default();
        let left = if spot.tall { 0 } else { columns(before) + columns(marked) / 2 };
        let room = self.room.saturating_sub(left + ARM).max(LEAST);
        let text = (!spot.text.is_empty()).then(|| wrap(&spot.text, room).join("\n"));
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

/// A file's name in so many columns: of a path that is longer the end.
fn file(name: &str, room: usize) -> String {
    let mut wide = 0;
    let fits = |it: &(usize, char)| {
        wide += columns_of(it.1);
        wide < room
    };
    if columns(name) <= room {
        return name.to_owned();
    }
    let start = name.char_indices().rev().take_while(fits).last().map_or(name.len(), |it| it.0);
    format!("…{}", name.get(start..).unwrap_or_default())
}

/// In which column the arm of a label begins, where these pieces of a line are shown.
fn middle(line: &str, base: usize, pieces: &[Range<usize>], place: &Range<usize>) -> usize {
    let column = |at: usize| {
        let mut res = 0;
        for piece in pieces {
            // What is left out before it is a sign.
            res += usize::from(piece.start > base);
            let end = at.clamp(piece.start, piece.end);
            res += columns(line.get(piece.start - base..end - base).unwrap_or_default());
            if at <= piece.end {
                break;
            }
        }
        res
    };
    usize::midpoint(column(place.start), column(place.end))
}

/// The parts of a long line that are shown: some columns around every byte `seen`, as many as there is room for.
fn pieces(line: &str, base: usize, seen: &[usize], room: usize) -> Vec<Range<usize>> {
    let whole = |at: usize| (0..=at.min(line.len())).rev().find(|it| line.is_char_boundary(*it));
    let seen = seen.iter().map(|it| it.saturating_sub(base));
    let mut seen: Vec<usize> = seen.filter_map(whole).collect();
    seen.sort_unstable();
    seen.dedup();
    if seen.is_empty() {
        seen.push(0);
    }
    let mut found = surroundings(line, &seen, 1);
    for around in 2..=room {
        let wider = surroundings(line, &seen, around);
        let parts = wider.iter().filter_map(|it| line.get(it.clone()));
        // A sign for what is left out stands between them, and at both ends.
        let shown: usize = parts.map(|it| columns(it) + 1).sum();
        if shown + 1 > room {
            break;
        }
        found = wider;
    }
    found.into_iter().map(|it| it.start + base..it.end + base).collect()
}

/// The parts of a line that are so many columns or fewer from one of the bytes `seen`.
fn surroundings(line: &str, seen: &[usize], around: usize) -> Vec<Range<usize>> {
    let within = |wide: &mut usize, sign: char| {
        *wide += columns_of(sign);
        *wide <= around
    };
    let mut found: Vec<Range<usize>> = Vec::new();
    for &at in seen {
        let before = line.get(..at).unwrap_or_default();
        let behind = line.get(at..).unwrap_or_default();
        let mut wide = 0;
        let start = before.char_indices().rev().take_while(|it| within(&mut wide, it.1)).last();
        let start = start.map_or(at, |it| it.0);
        wide = 0;
        let end = behind.char_indices().find(|it| !within(&mut wide, it.1));
        let end = end.map_or(line.len(), |it| at + it.0);
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
