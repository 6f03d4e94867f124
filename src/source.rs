//! Texts and places in them.
//!
//! All the texts of one [`Sources`] share one line of positions: each text has a base, and a [`Span`] is two
//! positions on that line. So a span alone says which text it is in, a report can point into two files, and
//! the lines typed at a REPL stay addressable after they ran.

mod lines;

pub use lines::{Lines, Unit};

use std::ops::Range;
use std::sync::Arc;

/// A place: the bytes from `start` up to `end`, as positions on the line of all [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The first byte's position.
    pub start: u32,
    /// The position behind the last byte.
    pub end: u32,
}

impl Span {
    /// The span from `start` to `end`.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The empty place at this span's end.
    #[must_use]
    pub const fn at_end(self) -> Self {
        Self { start: self.end, end: self.end }
    }

    /// How many bytes it holds.
    pub const fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// Whether it holds nothing.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }
}

impl From<Span> for miette::SourceSpan {
    fn from(span: Span) -> Self {
        Self::new((span.start as usize).into(), span.len() as usize)
    }
}

/// Names a [`Source`] of one [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

/// One text: a file, or what was typed.
#[derive(Debug, Clone)]
pub struct Source {
    /// Which one it is.
    pub id: SourceId,
    /// What reports call it: a path, `<stdin>`, `<repl:3>`.
    pub name: Arc<str>,
    /// The text, without a byte order mark.
    pub text: Arc<str>,
    /// The position of its first byte.
    pub base: u32,
    /// Whether it is here because a script imports it.
    pub imported: bool,
}

impl Source {
    /// The place of the bytes `range` of this text.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "Sources::add refuses texts that would pass u32"
    )]
    pub fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.base + range.start as u32, self.base + range.end as u32)
    }

    /// The bytes of this text that `span` covers, clipped to it.
    pub fn range(&self, span: Span) -> Range<usize> {
        let start = self.offset(span.start);
        start..self.offset(span.end).max(start)
    }

    /// The byte of this text at `position`, clipped to it.
    pub fn offset(&self, position: u32) -> usize {
        (position.saturating_sub(self.base) as usize).min(self.text.len())
    }

    /// The text that `span` covers.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(self.range(span)).unwrap_or_default()
    }
}

/// More text than positions can count (4 GiB).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the scripts are larger than 4 GiB together")]
pub struct TooLarge;

/// All texts of a session, in the order they came.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    list: Vec<Source>,
    /// Where the next text begins.
    next: usize,
}

impl Sources {
    /// Adds a text; a byte order mark at its start is dropped.
    ///
    /// # Errors
    /// [`TooLarge`] where all texts together would pass 4 GiB.
    pub fn add(&mut self, name: &str, text: &str) -> Result<SourceId, TooLarge> {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let end = |base: usize| u32::try_from(base + text.len() + 1).ok();
        // Positions of texts that are gone are given again when there are no others left.
        let end = end(self.next).or_else(|| end(self.end()));
        let end = end.ok_or(TooLarge)?;
        let id = SourceId(u32::try_from(self.list.len()).map_err(|_| TooLarge)?);
        #[expect(clippy::cast_possible_truncation, reason = "base < end, which fits")]
        let base = (end as usize - text.len() - 1) as u32;
        self.next = end as usize;
        self.list.push(Source { id, name: name.into(), text: text.into(), base, imported: false });
        Ok(id)
    }

    /// The position behind the last text.
    fn end(&self) -> usize {
        let last = self.list.last();
        last.map_or(0, |it| it.base as usize + it.text.len() + 1)
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The last text alone, in its place.
    pub(crate) fn last_alone(&self) -> Self {
        let last = self.list.last().map(|it| Source { id: SourceId(0), ..it.clone() });
        Self { list: last.into_iter().collect(), next: self.next }
    }

    /// Lets all texts go but the first `kept`. Their positions lie in no text then; their ids are given again.
    pub fn release(&mut self, kept: usize) {
        self.list.truncate(kept);
    }

    /// Notes that a text is here because a script imports it.
    pub fn mark_imported(&mut self, id: SourceId) {
        if let Some(source) = self.list.get_mut(id.0 as usize) {
            source.imported = true;
        }
    }

    /// The text that `id` names.
    ///
    /// # Panics
    /// Where `id` comes from other `Sources`.
    #[expect(clippy::indexing_slicing, reason = "ids are made by `add` alone")]
    pub fn get(&self, id: SourceId) -> &Source {
        &self.list[id.0 as usize]
    }

    /// The text in which `position` lies.
    pub fn at(&self, position: u32) -> Option<&Source> {
        let index = self.list.partition_point(|it| it.base <= position).checked_sub(1)?;
        let found = self.list.get(index)?;
        // Behind its end lay a text that is gone.
        (position <= found.span(0..found.text.len()).end).then_some(found)
    }

    /// All texts, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.list.iter()
    }

    /// The text that `span` covers.
    pub fn slice(&self, span: Span) -> &str {
        self.at(span.start).map_or("", |it| it.slice(span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_finds_its_source() {
        let mut sources = Sources::default();
        let a = sources.add("a", "one\ntwo").unwrap();
        let b = sources.add("b", "\u{FEFF}drei\nvíer").unwrap();
        let span = sources.get(b).span(5..10);
        assert_eq!(sources.slice(span), "víer");
        assert_eq!(sources.at(span.start).unwrap().id, b);
        assert_eq!(sources.at(0).unwrap().id, a);
    }

    #[test]
    fn a_text_that_is_gone_has_no_places() {
        let mut sources = Sources::default();
        let kept = sources.add("a", "one").unwrap();
        let gone = sources.add("b", "two").unwrap();
        let span = sources.get(gone).span(0..3);
        sources.release(1);
        assert_eq!((sources.at(span.start).is_none(), sources.slice(span)), (true, ""));
        let new = sources.add("c", "three").unwrap();
        let other = sources.get(new).span(0..5);
        assert!(other.start > span.end);
        assert_eq!(sources.slice(other), "three");
        assert_eq!(sources.slice(sources.get(kept).span(0..3)), "one");
    }

    #[test]
    fn positions_never_run_out_while_texts_go() {
        let mut sources = Sources::default();
        sources.add("a", "one").unwrap();
        for _ in 0..3 {
            sources.next = u32::MAX as usize - 10;
            for text in ["first", "second", "third"] {
                sources.release(1);
                let id = sources.add("b", text).unwrap();
                let span = sources.get(id).span(0..5);
                assert!(text.starts_with(sources.slice(span)) && !sources.slice(span).is_empty());
            }
        }
        assert_eq!(sources.slice(Span::new(0, 3)), "one");
    }
}
