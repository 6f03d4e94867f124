//! Changes of a text.

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
    pub fn apply(&self, text: &str) -> String {
        let mut sorted: Vec<_> = self.0.iter().collect();
        sorted.sort_by_key(|(range, _)| (range.start, range.end));
        let mut res = String::with_capacity(text.len());
        let mut at = 0;
        for (range, new) in sorted {
            let kept = text.get(at..range.start).unwrap_or_default();
            let removes = new.is_empty() && !range.is_empty();
            res.push_str(if removes { kept.trim_end() } else { kept });
            res.push_str(new);
            at = at.max(range.end);
        }
        res.push_str(text.get(at..).unwrap_or_default());
        res
    }
}
