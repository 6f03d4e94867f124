//! Where a text's lines begin, found once, so that many places of it cost little.

use super::Source;

/// How many bytes lie between two counts of characters.
const BLOCK: usize = 1024;

/// What columns count: an editor and its server agree on one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Unit {
    /// Bytes of UTF-8.
    Utf8,
    /// Units of UTF-16: JavaScript's, Java's, and what the Language Server Protocol begins with.
    Utf16,
    /// Characters, as UTF-32 has them: what reports count.
    #[default]
    Utf32,
}

/// The lines of one [`Source`].
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    source: &'a Source,
    /// The byte at which each line begins.
    starts: Vec<usize>,
    /// What begins before each block; empty where every character is one byte.
    counts: Vec<TextLength>,
}

/// How much of a text there is.
#[derive(Debug, Clone, Copy, Default)]
struct TextLength {
    /// Characters.
    characters: usize,
    /// Those of them that UTF-16 spells by two units.
    pairs: usize,
}

impl TextLength {
    /// Of what begins in `bytes`.
    fn of(bytes: &[u8]) -> Self {
        let number = |begins: fn(u8) -> bool| bytes.iter().filter(|it| begins(**it)).count();
        Self { characters: number(|it| it & 0xC0 != 0x80), pairs: number(|it| it >= 0xF0) }
    }

    fn and(self, other: Self) -> Self {
        let characters = self.characters + other.characters;
        Self { characters, pairs: self.pairs + other.pairs }
    }
}

impl<'a> Lines<'a> {
    /// Reads the text once.
    pub fn new(source: &'a Source) -> Self {
        let text = source.text.as_bytes();
        let ends = memchr::memchr_iter(b'\n', text);
        let starts = std::iter::once(0).chain(ends.map(|at| at + 1)).collect();
        let counts = if source.text.is_ascii() {
            Vec::new()
        } else {
            let mut before = TextLength::default();
            let each = text.chunks(BLOCK).map(|block| {
                let here = before;
                before = before.and(TextLength::of(block));
                here
            });
            each.collect()
        };
        Self { source, starts, counts }
    }

    /// The text.
    pub fn source(&self) -> &'a Source {
        self.source
    }

    /// How many lines there are, at least one.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Never: an empty text has one line.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The line (from 0) in which the byte `at` lies.
    pub fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|it| *it <= at).saturating_sub(1)
    }

    /// The bytes of a line (from 0), without its end.
    pub fn range(&self, line: usize) -> std::ops::Range<usize> {
        let text = self.source.text.as_bytes();
        let start = self.starts.get(line).copied().unwrap_or(text.len());
        let end = match self.starts.get(line + 1) {
            Some(next) => next - 1,
            None => text.len(),
        };
        let end = match text.get(start..end) {
            Some([.., b'\r']) => end - 1,
            _ => end,
        };
        start..end.max(start)
    }

    /// Line and column (from 1) of a position.
    pub fn line_column(&self, position: u32, unit: Unit) -> (usize, usize) {
        let at = self.source.offset(position);
        let line = self.line(at);
        let start = self.starts.get(line).copied().unwrap_or(0);
        (line + 1, self.count(at, unit) - self.count(start, unit) + 1)
    }

    /// The byte at a line and column (from 1); that of the nearest character where there is none.
    pub fn offset(&self, line: usize, column: usize, unit: Unit) -> usize {
        let range = self.range(line.saturating_sub(1));
        let text = self.source.text.get(range.clone()).unwrap_or_default();
        let mut left = column.saturating_sub(1);
        for (at, it) in text.char_indices() {
            let wide = match unit {
                Unit::Utf8 => it.len_utf8(),
                Unit::Utf16 => it.len_utf16(),
                Unit::Utf32 => 1,
            };
            if left < wide {
                return range.start + at;
            }
            left -= wide;
        }
        range.end
    }

    /// How many units begin before the byte `at`.
    fn count(&self, at: usize, unit: Unit) -> usize {
        let block = (at / BLOCK).min(self.counts.len().saturating_sub(1));
        let Some(before) = self.counts.get(block).filter(|_| unit != Unit::Utf8) else {
            return at;
        };
        let bytes = self.source.text.as_bytes().get(block * BLOCK..at).unwrap_or_default();
        let count = before.and(TextLength::of(bytes));
        count.characters + if unit == Unit::Utf16 { count.pairs } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn slowly(text: &str, at: usize, unit: Unit) -> (usize, usize) {
        let before = text.get(..at).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        let column = match unit {
            Unit::Utf8 => line.len(),
            Unit::Utf16 => line.encode_utf16().count(),
            Unit::Utf32 => line.chars().count(),
        };
        (before.matches('\n').count() + 1, column + 1)
    }

    #[test]
    fn lines_agree_with_the_slow_way() {
        let long = "ä𝄞".repeat(3000) + "\r\nb\n\n" + &"x".repeat(1024) + "é";
        for text in ["", "a", "a\n", "ä\nb\r\nç", long.as_str()] {
            let mut sources = Sources::default();
            sources.add("before", "1\n2").unwrap();
            let id = sources.add("a", text).unwrap();
            let source = sources.get(id);
            let lines = Lines::new(source);
            for (at, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let position = source.span(at..at).start;
                for unit in [Unit::Utf8, Unit::Utf16, Unit::Utf32] {
                    let (line, column) = lines.line_column(position, unit);
                    assert_eq!((line, column), slowly(text, at, unit), "{at} {unit:?}");
                    // Between the two bytes of a line's end there is no place.
                    let found = lines.offset(line, column, unit);
                    assert_eq!(found.min(at), found, "{at} {unit:?}");
                    assert!(
                        text.get(found..at)
                            .unwrap_or_default()
                            .trim_matches(['\r', '\n'])
                            .is_empty(),
                        "{at}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_line_has_no_end() {
        let mut sources = Sources::default();
        let id = sources.add("a", "one\r\ntwo\n").unwrap();
        let lines = Lines::new(sources.get(id));
        assert_eq!((lines.range(0), lines.range(1), lines.range(2)), (0..3, 5..8, 9..9));
    }
}
