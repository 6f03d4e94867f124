//! Changes of a text.

use super::token::comments;
use std::ops::Range;

/// Changes of a text that don't overlap.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    /// Whether nothing is changed.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts `text` in place of what is at `range`.
    pub fn replace(&mut self, range: Range<usize>, text: impl Into<String>) {
        self.0.push((range, text.into()));
    }

    /// Puts `text` at a place. Several at one place keep their order.
    pub fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.replace(at..at, text);
    }

    /// Takes out what is at `range`, and the white space before it.
    pub fn remove(&mut self, range: Range<usize>) {
        self.replace(range, "");
    }

    /// The text with all changes.
    ///
    /// ```
    /// let sql = "(a, -- first\n b)";
    /// let mut edits = relata::stored::Edits::default();
    /// edits.remove(2..3);
    /// edits.remove(14..15);
    /// assert_eq!(edits.apply(sql), "(a -- first\n)");
    /// ```
    pub fn apply(&self, text: &str) -> String {
        let mut sorted: Vec<_> = self.0.iter().collect();
        sorted.sort_by_key(|(range, _)| (range.start, range.end));
        // What follows a comment of one line needs the line's end.
        let mut lines = comments(text);
        lines.retain(|line| text.get(line.clone()).is_some_and(|it| it.starts_with("--")));
        let mut res = String::with_capacity(text.len());
        let mut at = 0;
        for (range, new) in sorted {
            let kept = text.get(at..range.start).unwrap_or_default();
            let removes = new.is_empty() && !range.is_empty();
            let end = at + kept.trim_end().len();
            let comment = lines.iter().find(|it| it.start < end && end < it.end);
            let end = comment.map_or(end, |it| it.end.min(range.start));
            let trimmed = text.get(at..end).unwrap_or_default();
            res.push_str(if removes { trimmed } else { kept });
            res.push_str(new);
            at = at.max(range.end);
        }
        res.push_str(text.get(at..).unwrap_or_default());
        res
    }
}
