//! Where each sentence begins and ends, found without parsing.
//!
//! A sentence ends with its line or with `;`, unless a bracket is open or the next line begins with `<` or `{`. So the
//! splitter has to know brackets, strings and comments, and nothing else.
//!
//! Where brackets are still open at the end of the text, one of them lacks its closer, and the text is read once more
//! from that sentence on: a line that plainly begins a sentence now ends the one before. So a valid text is never cut
//! in the wrong place, a missing bracket costs one sentence, and no text is read more than twice.

mod skip;

use crate::ast::{Comment, CommentKind};
use crate::diagnostics::SyntaxProblem;
use crate::source::{Source, Span};
use crate::words::Reserved;
use std::ops::Range;

/// How deep brackets may be nested.
pub(super) const MAX_DEPTH: usize = 128;
/// How many brackets and `case` an expression may be made of, one in the other.
pub(super) const MAX_LEVEL: usize = 160;
/// How many sentences may stand behind one another's `=`.
const MAX_ASSIGNED: usize = 16;
/// How many unclosed comments and texts are looked into for sentences.
const MAX_UNCLOSED: u8 = 16;

/// A text, cut.
#[derive(Debug, Default)]
pub(super) struct Split {
    /// The sentences, in order.
    pub(super) pieces: Vec<Chunk>,
    /// Every comment, in order.
    pub(super) comments: Vec<Comment>,
    /// Problems outside of sentences.
    pub(super) problems: Vec<SyntaxProblem>,
    /// Whether a bracket, a comment or a text was open where the text ends.
    pub(super) incomplete: bool,
}

/// What should be a sentence.
#[derive(Debug)]
pub(super) struct Chunk {
    /// Its bytes, from the first that is no white space to the last.
    pub(super) range: Range<usize>,
    /// Whether it doesn't begin its line.
    pub(super) indented: bool,
    /// Why it can't be one.
    pub(super) problem: Option<Box<SyntaxProblem>>,
}

/// Cuts a text into sentences.
pub(super) fn split(source: &Source) -> Split {
    let mut splitter = Splitter {
        source,
        bytes: source.text.as_bytes(),
        at: 0,
        eager: false,
        suspect: false,
        spans: false,
        open: Vec::new(),
        counts: [0; 4],
        cases: 0,
        assigned: 0,
        start: None,
        end: 0,
        problem: None,
        continued: 0,
        unclosed: 0,
        comments_before: 0,
        problems_before: 0,
        split: Split::default(),
    };
    splitter.run();
    splitter.split
}

struct Splitter<'a> {
    source: &'a Source,
    bytes: &'a [u8],
    at: usize,
    /// Whether a line that plainly begins a sentence ends the one before, whatever is open.
    eager: bool,
    /// Whether the sentence at hand is known to lack something.
    suspect: bool,
    /// Whether a text of several lines in it holds a line that plainly begins a sentence.
    spans: bool,
    /// The open brackets.
    open: Vec<OpenBracket>,
    /// How many of each kind are open, in the order of `KINDS`.
    counts: [usize; 4],
    /// How many `case` are open.
    cases: usize,
    /// How many `=` the sentence at hand has, or the one within it that is read.
    assigned: usize,
    /// Where the sentence at hand begins, once it does.
    start: Option<usize>,
    /// Behind its last byte that is no white space.
    end: usize,
    problem: Option<SyntaxProblem>,
    /// Up to here it is known to go on.
    continued: usize,
    unclosed: u8,
    comments_before: usize,
    problems_before: usize,
    split: Split,
}

#[derive(Debug, Clone, Copy)]
struct OpenBracket {
    byte: u8,
    at: usize,
    /// How many `case` were open before it.
    cases: usize,
}

/// What opens and what closes.
const KINDS: [(u8, u8); 4] = [(b'(', b')'), (b'[', b']'), (b'{', b'}'), (b'<', b'>')];

impl Splitter<'_> {
    fn run(&mut self) {
        if self.bytes.starts_with(b"#!") {
            let end = self.line_end(0);
            self.comment(0..end, CommentKind::Line);
        }
        loop {
            while let Some(byte) = self.bytes.get(self.at).copied() {
                self.step(byte);
            }
            if self.start.is_none() {
                break;
            }
            if !self.open.is_empty() && !self.eager {
                self.split.incomplete = true;
                self.eager = true;
                self.restart_sentence();
            } else {
                self.finish();
            }
        }
    }

    /// Reads the sentence at hand once more, now that it is known to lack something.
    fn restart_sentence(&mut self) {
        if let Some(start) = self.start.take() {
            self.at = start;
        }
        (self.suspect, self.spans) = (true, false);
        self.continued = 0;
        self.problem = None;
        self.forget_open();
        self.split.comments.truncate(self.comments_before);
        self.split.problems.truncate(self.problems_before);
    }

    fn forget_open(&mut self) {
        self.open.clear();
        self.counts = [0; 4];
        (self.cases, self.assigned) = (0, 0);
    }

    fn step(&mut self, byte: u8) {
        match byte {
            b' ' | b'\t' | b'\r' => self.at += 1,
            b'\n' => self.newline(),
            b'/' if self.peek(1) == b'/' => {
                let range = self.at..self.line_end(self.at);
                let text = self.bytes.get(range.clone()).unwrap_or_default();
                let doc = text.starts_with(b"///") && !text.starts_with(b"////");
                let kind = if doc { CommentKind::Doc } else { CommentKind::Line };
                self.comment(range, kind);
            }
            b'/' if self.peek(1) == b'*' => self.block_comment(),
            b'"' | b'\'' => self.string(byte),
            b'`' => self.name(),
            b'(' | b'[' | b'{' => self.open(byte),
            b')' | b']' | b'}' => self.close(byte),
            b'<' if self.angles() => self.open(byte),
            b'>' if self.angles() => self.close(byte),
            b';' if self.open.is_empty() => {
                self.at += 1;
                self.finish();
            }
            _ if is_name(byte) => {
                let from = self.at;
                while is_name(self.peek(0)) {
                    self.at += 1;
                }
                self.take(from);
                let word = self.bytes.get(from..self.at).unwrap_or_default();
                match (word, self.peek(0)) {
                    (b"sql", b'`') => self.sql(from),
                    (b"x", b'"') => self.string(b'"'),
                    (b"case" | b"end", _) if !self.angles() => self.case(from..self.at),
                    _ => {}
                }
            }
            b'=' if self.angles() => {
                self.assigned += 1;
                if self.assigned > MAX_ASSIGNED {
                    let at = self.span(self.at..self.at + 1);
                    self.problem.get_or_insert_with(|| SyntaxProblem::Unexpected {
                        found: "`=`".to_owned(),
                        at,
                        expected: "expected the sentence's end".to_owned(),
                        help: Some("take what stands behind it into a sentence of its own".into()),
                    });
                }
                self.at += 1;
                self.take(self.at - 1);
            }
            b',' | b';' => {
                self.assigned = 0;
                self.at += 1;
                self.take(self.at - 1);
            }
            _ => {
                self.at += 1;
                self.take(self.at - 1);
            }
        }
    }

    /// Everything from `from` up to here belongs to the sentence.
    fn take(&mut self, from: usize) {
        if self.start.is_none() {
            self.start = Some(from);
            self.comments_before = self.split.comments.len();
            self.problems_before = self.split.problems.len();
        }
        self.end = self.at;
    }

    /// `case` or `end` in an expression. What is opened in a bracket ends with it, so each bracket knows how many were open before.
    fn case(&mut self, range: Range<usize>) {
        let word = self.bytes.get(range.clone()).unwrap_or_default();
        let before = range.start.checked_sub(1).and_then(|it| self.bytes.get(it));
        match (before, word) {
            // a name behind a dot
            (Some(b'.'), _) => {}
            (_, b"end") => {
                let outside = self.open.last().map_or(0, |it| it.cases);
                self.cases = self.cases.saturating_sub(1).max(outside);
            }
            (_, _) => {
                self.cases += 1;
                let brackets = self.open.iter().skip_while(|it| it.byte != b'(').count();
                if brackets + self.cases > MAX_LEVEL {
                    let (limit, at) = (MAX_LEVEL, self.span(range.start..range.start + 1));
                    self.problem.get_or_insert(SyntaxProblem::ExpressionTooDeep { limit, at });
                }
            }
        }
    }

    fn newline(&mut self) {
        self.at += 1;
        self.assigned = 0;
        if self.start.is_none() || self.at <= self.continued {
            return;
        }
        if self.open.is_empty() {
            let next = self.behind_space(self.at);
            if matches!(self.bytes.get(next), Some(b'<' | b'{')) {
                self.continued = next;
            } else {
                self.finish();
            }
        } else if (self.eager || self.problem.is_some()) && self.is_head() {
            self.finish();
        }
    }

    /// The sentence at hand is over.
    fn finish(&mut self) {
        if self.problem.is_some() && self.spans && !self.suspect && self.unclosed < MAX_UNCLOSED {
            // its raw SQL, say, may lack the second quote and go on to the first of another one
            self.unclosed += 1;
            self.restart_sentence();
            return;
        }
        self.spans = false;
        if let Some(open) = self.open.last().copied() {
            let missing = Span::new(self.place(self.end), self.place(self.end));
            let problem = self.unclosed(open, missing);
            self.problem.get_or_insert(problem);
        }
        self.forget_open();
        self.suspect = false;
        let problem = self.problem.take().map(Box::new);
        if let Some(start) = self.start.take() {
            let before = start.checked_sub(1).and_then(|it| self.bytes.get(it));
            self.split.pieces.push(Chunk {
                range: start..self.end,
                indented: !matches!(before, None | Some(b'\n')),
                problem,
            });
        }
    }

    fn unclosed(&self, OpenBracket { byte, at, .. }: OpenBracket, missing: Span) -> SyntaxProblem {
        let closer = KINDS.iter().find(|it| it.0 == byte).map_or(b'>', |it| it.1);
        SyntaxProblem::Unclosed {
            bracket: char::from(byte),
            closer: char::from(closer),
            opened: self.span(at..at + 1),
            missing,
        }
    }

    /// Whether `<` and `>` are brackets here: not from a `(` to its `)`.
    fn angles(&self) -> bool {
        let [round, ..] = self.counts;
        round == 0
    }

    fn open(&mut self, byte: u8) {
        self.open.push(OpenBracket { byte, at: self.at, cases: self.cases });
        self.count(byte, |it| it + 1);
        if self.open.len() > MAX_DEPTH {
            let at = self.span(self.at..self.at + 1);
            let limit = MAX_DEPTH;
            self.problem.get_or_insert(SyntaxProblem::TooDeep { limit, at });
        }
        self.at += 1;
        self.take(self.at - 1);
    }

    fn count(&mut self, opener: u8, change: impl Fn(usize) -> usize) -> usize {
        let counts = KINDS.iter().zip(&mut self.counts);
        let count = counts.into_iter().find(|it| it.0.0 == opener);
        count.map_or(0, |(_, it)| {
            *it = change(*it);
            *it
        })
    }

    fn close(&mut self, byte: u8) {
        let (opener, _) = KINDS.into_iter().find(|it| it.1 == byte).unwrap_or((b'<', b'>'));
        if self.count(opener, |it| it) == 0 {
            let at = self.span(self.at..self.at + 1);
            self.problem.get_or_insert(SyntaxProblem::Unopened {
                bracket: char::from(byte),
                at,
                opener: char::from(opener),
                missing: None,
                help: Some(match byte {
                    b'>' => {
                        "`>` as an operator stands in round brackets: `(amount > 5)`".to_owned()
                    }
                    _ => "take it away, or open it where it belongs".to_owned(),
                }),
            });
        } else {
            while let Some(open) = self.open.pop() {
                self.count(open.byte, |it| it - 1);
                self.cases = open.cases;
                if open.byte == opener {
                    break;
                }
                let missing = self.span(self.at..self.at + 1);
                let problem = self.unclosed(open, missing);
                self.problem.get_or_insert(problem);
            }
        }
        self.at += 1;
        self.take(self.at - 1);
    }

    /// The first byte from `at` on that is neither white space nor in a comment.
    fn behind_space(&self, mut at: usize) -> usize {
        loop {
            match (self.bytes.get(at), self.bytes.get(at + 1)) {
                (Some(b' ' | b'\t' | b'\r' | b'\n'), _) => at += 1,
                (Some(b'/'), Some(b'/')) => at = self.line_end(at),
                (Some(b'/'), Some(b'*')) => match self.comment_end(at) {
                    Ok(end) => at = end,
                    Err(_) => return at,
                },
                _ => return at,
            }
        }
    }

    /// Whether a sentence plainly begins here, at a line's start.
    fn is_head(&self) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if rest.starts_with(b"///") {
            return true;
        }
        let length = rest.iter().take_while(|it| is_name(**it) || **it == b'.');
        let (word, rest) = rest.split_at(length.count());
        let first = word.first().copied().unwrap_or_default();
        if !is_name(first) || first.is_ascii_digit() || continues(word) {
            return false;
        }
        let blanks = rest.iter().take_while(|it| matches!(it, b' ' | b'\t'));
        let blanks = blanks.count();
        match rest.get(blanks).copied() {
            None | Some(b'\n' | b'\r' | b';' | b'{' | b'<') => true,
            Some(b'`') if word == b"sql" => true,
            Some(next) => {
                let follows = rest.get(blanks..).unwrap_or_default();
                let length = follows.iter().take_while(|it| is_name(**it)).count();
                let word = follows.get(..length).unwrap_or_default();
                blanks > 0
                    && (is_name(next) || matches!(next, b'(' | b'[' | b'"' | b'\'' | b'`'))
                    && !continues(word)
            }
        }
    }

    /// Whether a text of several lines runs into a line that plainly begins a sentence, where something is missing.
    fn is_lost(&mut self) -> bool {
        if self.peek(0) != b'\n' || (self.spans && !self.suspect) {
            return false;
        }
        self.at += 1;
        self.spans |= self.is_head();
        self.at -= 1;
        self.spans && self.suspect
    }

    /// The end of the last line before one that plainly begins a sentence.
    fn before_head(&mut self, from: usize) -> usize {
        let here = self.at;
        self.at = from;
        let end = loop {
            let end = self.line_end(self.at);
            let rest = self.bytes.get(end..).unwrap_or_default();
            let Some(next) = memchr::memchr(b'\n', rest) else {
                break end;
            };
            self.at = end + next + 1;
            if self.is_head() {
                break end;
            }
        };
        self.at = here;
        end
    }

    fn line_end(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        let end = memchr::memchr(b'\n', rest).map_or(self.bytes.len(), |it| from + it);
        if end > from && self.bytes.get(end - 1) == Some(&b'\r') { end - 1 } else { end }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or_default()
    }

    fn place(&self, at: usize) -> u32 {
        self.span(at..at).start
    }

    fn span(&self, range: Range<usize>) -> Span {
        self.source.span(range)
    }
}

/// Whether a line of an expression may begin or go on with a word.
fn continues(word: &[u8]) -> bool {
    let Ok(word) = std::str::from_utf8(word) else {
        return false;
    };
    match Reserved::of(word) {
        Some(Reserved::Operator | Reserved::GoesOn | Reserved::Ends) => true,
        Some(Reserved::Begins | Reserved::Constant) => false,
        None => matches!(word, "asc" | "desc" | "as"),
    }
}

/// Whether a byte may belong to a name.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}
