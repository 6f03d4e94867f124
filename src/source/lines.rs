//! Where a text's lines begin, found once, so that many places of it cost little.

use super::Source;

/// How many bytes lie between two counts of characters.
const BLOCK: usize = 1024;

/// The lines of one [`Source`].
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    source: &'a Source,
    /// The byte at which each line begins.
    starts: Vec<usize>,
    /// How many characters begin before each block; empty where every character is one byte.
    counts: Vec<usize>,
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
            let mut before = 0;
            let each = text.chunks(BLOCK).map(|block| {
                let here = before;
                before += characters(block);
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

    /// Line and column (from 1, in characters) of a position.
    pub fn line_column(&self, position: u32) -> (usize, usize) {
        let at = self.source.offset(position);
        let line = self.line(at);
        let start = self.starts.get(line).copied().unwrap_or(0);
        (line + 1, self.count(at) - self.count(start) + 1)
    }

    /// How many characters begin before the byte `at`.
    fn count(&self, at: usize) -> usize {
        let Some(before) = self.counts.get(at / BLOCK) else {
            return match self.counts.last() {
                None => at,
                Some(last) => last + characters(self.bytes((self.counts.len() - 1) * BLOCK, at)),
            };
        };
        before + characters(self.bytes(at / BLOCK * BLOCK, at))
    }

    fn bytes(&self, start: usize, end: usize) -> &[u8] {
        self.source.text.as_bytes().get(start..end).unwrap_or_default()
    }
}

/// How many characters begin in `bytes`.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|it| (**it & 0xC0) != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    #[test]
    fn lines_agree_with_the_slow_way() {
        let long = "ä".repeat(3000) + "\r\nb\n\n" + &"x".repeat(1024) + "é";
        for text in ["", "a", "a\n", "ä\nb\r\nç", long.as_str()] {
            let mut sources = Sources::default();
            sources.add("before", "1\n2").unwrap();
            let id = sources.add("a", text).unwrap();
            let source = sources.get(id);
            let lines = Lines::new(source);
            for (at, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let position = source.span(at..at).start;
                assert_eq!(lines.line_column(position), source.line_column(position), "{at}");
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
