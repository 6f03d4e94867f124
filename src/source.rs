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

    /// Moves it by so many positions; to the front where adding them passes the end of all positions.
    pub const fn shift(&mut self, by: u32) {
        self.start = self.start.wrapping_add(by);
        self.end = self.end.wrapping_add(by);
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
    /// The text, without a byte order mark. It is kept as it was read: a copy of a large one is a part of what checking it costs.
    pub text: Arc<String>,
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

    /// Another text in the place of this one, at the line's beginning: to be read for itself.
    pub(crate) fn scratch(&self, text: impl Into<String>) -> Self {
        Self { text: Arc::new(text.into()), base: 0, ..self.clone() }
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

/// All texts of a session, in the order of their places: the order they came, as long as none is edited.
///
/// Texts come, change and go as long as a host likes: what is gone or has become shorter leaves its positions to others, once there are
/// none left behind the last text.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    list: Vec<Source>,
    /// Where in the list the text of each id is; none where it is gone.
    slots: Vec<Option<usize>>,
    /// Where the next text begins.
    next: usize,
}

impl Sources {
    /// Adds a text; a byte order mark at its start is dropped.
    ///
    /// # Errors
    /// [`TooLarge`] where all texts together would pass 4 GiB.
    pub fn add(&mut self, name: &str, text: &str) -> Result<SourceId, TooLarge> {
        self.add_owned(name, text.to_owned())
    }

    /// As [`Sources::add`], where the text needn't be copied.
    ///
    /// # Errors
    /// [`TooLarge`] where all texts together would pass 4 GiB.
    pub fn add_owned(&mut self, name: &str, mut text: String) -> Result<SourceId, TooLarge> {
        without_marks(&mut text);
        text.shrink_to_fit();
        let base = self.free(text.len(), 0)?;
        let free = self.slots.iter().position(Option::is_none);
        let slot = free.unwrap_or(self.slots.len());
        let id = SourceId(u32::try_from(slot).map_err(|_| TooLarge)?);
        if free.is_none() {
            self.slots.push(None);
        }
        self.put(Source { id, name: name.into(), text: Arc::new(text), base, imported: false });
        Ok(id)
    }

    /// Puts `text` in place of the bytes `range` of a text, where it is in them: a range is clipped to the text, and takes in whole
    /// characters. A byte order mark at the start of what comes of it is dropped. What is done, as it is done: the bytes, and what takes their place.
    ///
    /// The text keeps its place while there is room for it behind it.
    ///
    /// # Errors
    /// [`TooLarge`] where all texts together would pass 4 GiB; then nothing was changed.
    pub fn edit(
        &mut self,
        id: SourceId,
        range: Range<usize>,
        text: &str,
    ) -> Result<TextChange, TooLarge> {
        let old = self.get(id).clone();
        let begin = floor(&old.text, range.start);
        let end = ceiling(&old.text, range.end.max(begin));
        let (before, behind) = (old.text.get(..begin), old.text.get(end..));
        let (before, behind) = (before.unwrap_or_default(), behind.unwrap_or_default());
        let mut whole = [before, text, behind].concat();
        let length = whole.len();
        without_marks(&mut whole);
        let (range, length) = if whole.len() == length {
            (begin..end, text.len())
        } else {
            let lost = behind.len().saturating_sub(whole.len());
            (0..end + lost, whole.len().saturating_sub(behind.len()))
        };
        let place = self.place(id);
        let room = self.list.get(place + 1).map_or(u32::MAX as usize, |it| it.base as usize);
        let end = old.base as usize + whole.len() + 1;
        let base = if end <= room { old.base } else { self.free(whole.len(), whole.len() / 2)? };
        let text = Arc::new(whole);
        if end <= room {
            self.next = self.next.max(end);
            if let Some(source) = self.list.get_mut(place) {
                source.text = text;
            }
        } else {
            let moved = Source { text, base, ..old };
            self.remove(id);
            self.put(moved);
        }
        Ok(TextChange { range, length })
    }

    /// Lets a text go. Its positions lie in no text then; its id is given again.
    pub fn remove(&mut self, id: SourceId) {
        self.retain(|it| it.id != id);
    }

    /// Lets all texts go of which something doesn't hold. Their positions lie in no text then; their ids are given again.
    pub fn retain(&mut self, holds: impl FnMut(&Source) -> bool) {
        self.list.retain(holds);
        self.number();
    }

    /// Positions for so many bytes, and the end of a text; some are left free behind it where possible.
    fn free(&mut self, length: usize, reserve: usize) -> Result<u32, TooLarge> {
        let last = u32::MAX as usize;
        let end = self.next.saturating_add(length + 1);
        let base = if end <= last {
            let base = self.next;
            self.next = end.saturating_add(reserve).min(last);
            base
        } else {
            // Positions of texts that are gone are given again when there are no others left.
            let ends = self.list.iter().map(|it| it.base as usize + it.text.len() + 1);
            let begins = self.list.iter().skip(1).map(|it| it.base as usize);
            let first = self.list.first().map_or(last, |it| it.base as usize);
            let gaps = std::iter::once((0, first)).chain(ends.zip(begins.chain([last])));
            let fits = |gap: &(usize, usize)| gap.0.saturating_add(length + 1) <= gap.1;
            let (base, gap) = gaps.into_iter().find(fits).ok_or(TooLarge)?;
            if gap == last {
                self.next = base + length + 1;
            }
            base
        };
        u32::try_from(base).map_err(|_| TooLarge)
    }

    /// Puts a text where its positions say.
    fn put(&mut self, source: Source) {
        let place = self.list.partition_point(|it| it.base < source.base);
        self.list.insert(place, source);
        self.number();
    }

    /// Notes where each id's text is.
    fn number(&mut self) {
        self.slots.fill(None);
        for (place, source) in self.list.iter().enumerate() {
            if let Some(slot) = self.slots.get_mut(source.id.0 as usize) {
                *slot = Some(place);
            }
        }
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
        let slots = last.iter().map(|_| Some(0)).collect();
        Self { list: last.into_iter().collect(), slots, next: self.next }
    }

    /// Notes that a text is here because a script imports it.
    pub fn mark_imported(&mut self, id: SourceId) {
        let place = self.place(id);
        if let Some(source) = self.list.get_mut(place) {
            source.imported = true;
        }
    }

    /// The text that `id` names.
    ///
    /// # Panics
    /// Where `id` comes from other `Sources`, or its text is gone.
    #[expect(clippy::indexing_slicing, reason = "ids are made by `add` alone")]
    pub fn get(&self, id: SourceId) -> &Source {
        &self.list[self.place(id)]
    }

    /// Where in the list a text is; behind its end where it is gone.
    fn place(&self, id: SourceId) -> usize {
        self.slots.get(id.0 as usize).copied().flatten().unwrap_or(self.list.len())
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

/// What [`Sources::edit`] did to a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextChange {
    /// The bytes that are gone, of the text as it was.
    pub range: Range<usize>,
    /// How many stand in their place.
    pub length: usize,
}

/// Drops byte order marks at the start of a text.
fn without_marks(text: &mut String) {
    let marks = text.len() - text.trim_start_matches('\u{FEFF}').len();
    text.drain(..marks);
}

/// The nearest start of a character that isn't behind the byte `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|it| text.is_char_boundary(*it)).unwrap_or_default()
}

/// The nearest start of a character, or the end, that isn't before the byte `at`.
fn ceiling(text: &str, at: usize) -> usize {
    (at..text.len()).find(|it| text.is_char_boundary(*it)).unwrap_or(text.len())
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
        sources.retain(|it| it.id == kept);
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
        let kept = sources.add("a", "one").unwrap();
        for _ in 0..3 {
            sources.next = u32::MAX as usize - 10;
            for text in ["first", "second", "third"] {
                sources.retain(|it| it.id == kept);
                let id = sources.add("b", text).unwrap();
                let span = sources.get(id).span(0..5);
                assert!(text.starts_with(sources.slice(span)) && !sources.slice(span).is_empty());
            }
        }
        assert_eq!(sources.slice(Span::new(0, 3)), "one");
    }

    #[test]
    fn positions_never_run_out_while_texts_change() {
        let mut sources = Sources::default();
        let ids = ["a", "b", "c"].map(|it| sources.add(it, "model").unwrap());
        sources.next = u32::MAX as usize - 100;
        for round in 0..3000_usize {
            let id = ids.into_iter().cycle().nth(round).unwrap();
            let long = "x".repeat(round % 70);
            let length = sources.get(id).text.len();
            let change = sources.edit(id, 2..length, &long).unwrap();
            assert_eq!(change, TextChange { range: 2..length, length: long.len() });
            assert_eq!(*sources.get(id).text, format!("mo{long}"));
            for other in ids {
                let source = sources.get(other);
                let span = source.span(0..2);
                assert_eq!(
                    (sources.slice(span), sources.at(span.start).unwrap().id),
                    ("mo", other)
                );
            }
        }
    }

    #[test]
    fn an_edit_takes_whole_characters_and_no_mark() {
        for (start, end, text, said, range, length) in [
            (2, 3, "y", "éy", 2..3, 1),
            (1, 1, "y", "yx", 0..2, 1),
            (0, 9, "", "", 0..3, 0),
            (3, 0, "y", "éxy", 3..3, 1),
            (0, 0, "\u{FEFF}y", "yéx", 0..0, 1),
            (0, 2, "\u{FEFF}", "x", 0..2, 0),
        ] {
            let mut sources = Sources::default();
            let id = sources.add("a", "éx").unwrap();
            let change = sources.edit(id, start..end, text).unwrap();
            assert_eq!(
                (sources.get(id).text.as_str(), change),
                (said, TextChange { range, length })
            );
        }
    }
}
