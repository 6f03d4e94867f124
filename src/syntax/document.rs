//! A text that is edited: what was read of its sentences is kept, as long as they stay as they are.
//!
//! After each edit the text is cut into sentences anew, which costs little; a sentence of which neither the text nor what the splitter says of it
//! has changed is moved to its new place, and not parsed again. So what comes of an edit is what [`parse`](super::parse) makes of the text.

use super::split::{self, Chunk};
use super::{Parsed, SyntaxResult, assemble, characters, cores, pasted, print, read_all};
use crate::ast::{Script, Sentence, Shift};
use crate::diagnostics::{Problem, SyntaxProblem};
use crate::source::{Source, SourceId, Sources, TextChange, TooLarge};
use std::ops::Range;
use std::sync::Arc;

/// A text that is edited, and what was read of it.
///
/// ```
/// use relata::{source::Sources, syntax::TextDocument};
/// let mut sources = Sources::default();
/// let id = sources.add("shop.schema", "model A { }\nmodel B { }").unwrap();
/// let mut document = TextDocument::new(sources.get(id));
/// document.edit(&mut sources, 6..7, "Product").unwrap();
/// assert_eq!(document.script().sentences.len(), 2);
/// assert_eq!(document.parsed(), 3);
/// ```
#[derive(Debug, Clone)]
pub struct TextDocument {
    script: Arc<Script>,
    problems: Vec<Problem>,
    /// The pieces of the text, in order, and what became of each.
    pieces: Vec<(Range<usize>, ChunkState)>,
    parsed: usize,
}

/// What became of a piece of the text.
#[derive(Debug, Clone)]
enum ChunkState {
    /// The next sentence of the script.
    Sentence,
    /// The grammar refused it.
    Broken(Box<SyntaxProblem>),
    /// It wasn't parsed, or what came of it wasn't kept.
    Unknown,
}

impl TextDocument {
    /// Reads a text.
    pub fn new(source: &Source) -> Self {
        let (sentences, comments, broken) = (Vec::new(), Vec::new(), Vec::new());
        let mut res = Self {
            script: Arc::new(Script { source: source.id, sentences, comments, broken }),
            problems: Vec::new(),
            pieces: Vec::new(),
            parsed: 0,
        };
        res.read(source, source.base, &TextChange { range: 0..0, length: source.text.len() });
        res
    }

    /// Puts `text` in place of the bytes `range` of the text, as [`Sources::edit`] does, and reads what has changed by that.
    ///
    /// # Errors
    /// [`TooLarge`] where all texts together would pass 4 GiB; then nothing was changed.
    pub fn edit(
        &mut self,
        sources: &mut Sources,
        range: Range<usize>,
        text: &str,
    ) -> Result<TextChange, TooLarge> {
        let base = sources.get(self.id()).base;
        let change = sources.edit(self.id(), range, text)?;
        self.read(sources.get(self.id()), base, &change);
        Ok(change)
    }

    /// Puts another text in place of the whole one, of which only what differs is read.
    ///
    /// # Errors
    /// [`TooLarge`] where all texts together would pass 4 GiB; then nothing was changed.
    pub fn replace(&mut self, sources: &mut Sources, text: &str) -> Result<TextChange, TooLarge> {
        let old = Arc::clone(&sources.get(self.id()).text);
        let same = old.bytes().zip(text.bytes()).take_while(|(one, two)| one == two).count();
        let same = (0..=same).rev().find(|it| old.is_char_boundary(*it)).unwrap_or_default();
        let (before, behind) = (old.get(same..), text.get(same..));
        let (before, behind) = (before.unwrap_or_default(), behind.unwrap_or_default());
        let both = before.bytes().rev().zip(behind.bytes().rev());
        let alike = both.take_while(|(one, two)| one == two).count();
        let boundary = |it: &usize| before.is_char_boundary(before.len() - it);
        let alike = (0..=alike).rev().find(boundary).unwrap_or_default();
        let new = behind.get(..behind.len() - alike).unwrap_or_default();
        self.edit(sources, same..old.len() - alike, new)
    }

    /// Which text it is.
    pub fn id(&self) -> SourceId {
        self.script.source
    }

    /// What could be read.
    pub const fn script(&self) -> &Arc<Script> {
        &self.script
    }

    /// What couldn't, in order of place.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The text in the one style, which isn't read again for that.
    pub fn formatted(&self, source: &Source) -> String {
        print::format_script(source, &self.script, &self.problems, print::WIDTH)
    }

    /// How many sentences were parsed until now, all in all.
    pub const fn parsed(&self) -> usize {
        self.parsed
    }

    /// Reads the text as it is now, after a change; it was at `base` before that.
    fn read(&mut self, source: &Source, base: u32, change: &TextChange) {
        let mut split = split::split(source);
        characters::mark(source, &mut split);
        pasted::mark(source, &mut split);
        let sentences = std::mem::take(&mut Arc::make_mut(&mut self.script).sentences);
        let mut before = EarlierChunks {
            pieces: std::mem::take(&mut self.pieces).into_iter().peekable(),
            sentences: sentences.into_iter(),
            base,
            change,
        };
        let kept = split.pieces.iter().map(|it| before.take(source, it));
        let kept: Vec<Option<SyntaxResult<Sentence>>> = kept.collect();
        let both = split.pieces.iter().zip(&kept);
        let missing: Vec<&Chunk> = both.filter(|it| it.1.is_none()).map(|it| it.0).collect();
        self.parsed += missing.len();
        let length = missing.iter().map(|it| it.range.len()).sum();
        let (new, is_suspicious) = read_all(source, &missing, cores(length));
        let is_suspicious = is_suspicious || kept.iter().flatten().any(pasted::may_be_foreign);
        let mut new = new.into_iter();
        let results = kept.into_iter().filter_map(|it| it.or_else(|| new.next()));
        let results: Vec<SyntaxResult<Sentence>> = results.collect();
        if (is_suspicious || !split.problems.is_empty())
            && pasted::may_have_foreign(source, &split, &results)
            && let Some(Parsed { script, problems }) =
                pasted::without_foreign(source, cores(length))
        {
            (self.script, self.problems) = (Arc::new(script), problems);
            self.pieces.clear();
            return;
        }
        let states = split.pieces.iter().zip(&results).map(|(piece, result)| match result {
            Err(problem) if piece.problem.is_none() => ChunkState::Broken(problem.clone()),
            Ok(_) | Err(_) => ChunkState::Unknown,
        });
        let ranges = split.pieces.iter().map(|it| it.range.clone());
        self.pieces = ranges.zip(states).collect();
        let (Parsed { script, problems }, numbers) = assemble(source, &mut split, results);
        for number in numbers {
            if let Some((_, state)) = self.pieces.get_mut(number) {
                *state = ChunkState::Sentence;
            }
        }
        self.script = Arc::new(script);
        self.problems = problems;
    }
}

/// The text as it was before a change.
struct EarlierChunks<'a> {
    pieces: std::iter::Peekable<std::vec::IntoIter<(Range<usize>, ChunkState)>>,
    sentences: std::vec::IntoIter<Sentence>,
    base: u32,
    change: &'a TextChange,
}

impl EarlierChunks<'_> {
    /// What is known of a piece: what became of the same piece before, if it was there.
    fn take(&mut self, source: &Source, piece: &Chunk) -> Option<SyntaxResult<Sentence>> {
        if let Some(problem) = &piece.problem {
            return Some(Err(problem.clone()));
        }
        let range = self.place(&piece.range)?;
        while let Some((_, state)) = self.pieces.next_if(|it| it.0.start < range.start) {
            if matches!(state, ChunkState::Sentence) {
                self.sentences.next();
            }
        }
        let (_, state) = self.pieces.next_if(|it| it.0 == range)?;
        let was = u32::try_from(range.start).ok()?.wrapping_add(self.base);
        let by = source.span(piece.range.clone()).start.wrapping_sub(was);
        match state {
            ChunkState::Sentence => {
                let mut sentence = self.sentences.next()?;
                if by != 0 {
                    sentence.shift(by);
                }
                Some(Ok(sentence))
            }
            ChunkState::Broken(mut problem) => {
                problem.shift(by);
                Some(Err(problem))
            }
            ChunkState::Unknown => None,
        }
    }

    /// Where a piece that didn't change was.
    fn place(&self, piece: &Range<usize>) -> Option<Range<usize>> {
        let TextChange { range, length } = self.change;
        if piece.end <= range.start {
            return Some(piece.clone());
        }
        let behind = range.start + length;
        let start = piece.start.checked_sub(behind)? + range.end;
        Some(start..start + piece.len())
    }
}
