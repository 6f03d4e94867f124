//! What to do about a problem, and the edits that do it.

use crate::source::Span;
use std::fmt;

/// What to do about a problem, in words; with the edits that do it, where they are known to be what was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Help {
    /// The words.
    pub text: String,
    /// The edits; none where it takes a decision.
    pub edits: Vec<Edit>,
}

/// What to write in a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The place.
    pub at: Span,
    /// What belongs there.
    pub text: String,
}

/// A correction, which can be carried out as it stands: by `relata check --fix`, or by an editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fix<'a> {
    /// What it does, in words: the problem's help.
    pub title: &'a str,
    /// The edits, which belong together; no two of them touch.
    pub edits: &'a [Edit],
}

impl Help {
    /// "did you mean `User`?": the name that stands at a place was meant to be another one.
    pub fn name(at: Span, name: &str) -> Self {
        Self::new(format!("did you mean `{name}`?"), at, name)
    }

    /// The same, where one name is near; else other words.
    pub fn nearest(at: Span, nearest: Option<&str>, words: impl FnOnce() -> String) -> Self {
        nearest.map_or_else(|| words().into(), |it| Self::name(at, it))
    }

    /// Words that say what belongs in a place. What a script would have to put in quotes stays words.
    pub fn new(text: String, at: Span, name: &str) -> Self {
        let plain = |it: char| it.is_alphanumeric() || it == '_';
        let is_plain = !name.is_empty() && name.chars().all(plain);
        let edit = is_plain.then(|| Edit { at, text: name.to_owned() });
        Self { text, edits: edit.into_iter().collect() }
    }

    /// "write `true`": what stands at a place is to be written so.
    pub fn write(at: Span, text: &str) -> Self {
        let edits = vec![Edit { at, text: text.to_owned() }];
        Self { text: format!("write `{text}`"), edits }
    }

    /// Other words for it.
    #[must_use]
    pub fn with_text(self, text: String) -> Self {
        Self { text, ..self }
    }

    /// The correction, if it holds one.
    pub(super) fn fix(&self) -> Option<Fix<'_>> {
        let Self { text, edits } = self;
        (!edits.is_empty()).then_some(Fix { title: text, edits })
    }
}

impl fmt::Display for Help {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<String> for Help {
    fn from(text: String) -> Self {
        Self { text, edits: Vec::new() }
    }
}

impl From<&str> for Help {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}
