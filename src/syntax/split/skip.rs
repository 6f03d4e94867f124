//! Texts, names in backquotes, raw SQL and comments: nothing within them divides a script.

use super::{MAX_DEPTH, MAX_UNCLOSED, Splitter};
use crate::ast::{Comment, CommentKind};
use crate::diagnostics::SyntaxProblem;
use std::ops::Range;

impl Splitter<'_> {
    pub(super) fn string(&mut self, quote: u8) {
        let from = self.at;
        let rest = self.bytes.get(from..).unwrap_or_default();
        let block = rest.starts_with(b"\"\"\"");
        self.at += if block { 3 } else { 1 };
        loop {
            match self.bytes.get(self.at) {
                Some(b'\\') => self.at += if self.peek(1) == b'\n' { 1 } else { 2 },
                Some(b'"') if block => {
                    let rest = self.bytes.get(self.at..).unwrap_or_default();
                    if rest.starts_with(b"\"\"\"") {
                        self.at += 3;
                        break;
                    }
                    self.at += 1;
                }
                Some(b'\n') | None if !block => {
                    self.at = self.line_end(from);
                    let at = self.span(from..self.at);
                    self.problem.get_or_insert_with(|| SyntaxProblem::UnclosedString {
                        at,
                        quote: if quote == b'"' { "\"" } else { "'" },
                        help: Some(
                            "a string ends on its line; `\"\"\"` begins one of several lines"
                                .to_owned(),
                        ),
                    });
                    break;
                }
                Some(it) if *it == quote && !block => {
                    self.at += 1;
                    break;
                }
                Some(_) if !self.is_lost() => self.at += 1,
                _ => {
                    self.split.incomplete |= self.at >= self.bytes.len();
                    self.at = self.before_head(from);
                    let at = self.span(from..self.at);
                    self.problem.get_or_insert(SyntaxProblem::UnclosedString {
                        at,
                        quote: "\"\"\"",
                        help: None,
                    });
                    break;
                }
            }
        }
        self.take(from);
    }

    /// A name in backquotes.
    pub(super) fn name(&mut self) {
        let from = self.at;
        self.at += 1;
        loop {
            match self.bytes.get(self.at) {
                Some(b'`') if self.peek(1) == b'`' && self.at > from + 1 => self.at += 2,
                Some(b'`') => {
                    self.at += 1;
                    break;
                }
                Some(it) if *it != b'\n' => self.at += 1,
                _ => {
                    self.at = self.line_end(from);
                    let at = self.span(from..self.at);
                    self.problem.get_or_insert(SyntaxProblem::UnclosedName { at });
                    break;
                }
            }
        }
        self.take(from);
    }

    /// Raw SQL, which begins at `from`.
    pub(super) fn sql(&mut self, from: usize) {
        self.at += 1;
        loop {
            match self.bytes.get(self.at) {
                Some(b'`') if self.peek(1) == b'`' => self.at += 2,
                Some(b'`') => {
                    self.at += 1;
                    break;
                }
                Some(_) if !self.is_lost() => self.at += 1,
                _ => {
                    self.split.incomplete |= self.at >= self.bytes.len();
                    self.at = self.before_head(from);
                    let at = self.span(from..from + 4);
                    self.problem.get_or_insert(SyntaxProblem::RawSql {
                        what: "is not closed",
                        at,
                        label: "a backquote is missing for this",
                        help: "raw SQL ends with a backquote; one in it is written twice",
                    });
                    break;
                }
            }
        }
        self.take(from);
    }

    pub(super) fn block_comment(&mut self) {
        let from = self.at;
        match self.comment_end(from) {
            Ok(end) => self.comment(from..end, CommentKind::Block),
            Err(problem) => {
                if matches!(problem, SyntaxProblem::UnclosedComment { .. }) {
                    self.split.incomplete = true;
                }
                self.unclosed += 1;
                let lost = self.unclosed > MAX_UNCLOSED;
                let end = if lost { self.bytes.len() } else { self.before_head(from) };
                self.comment(from..end, CommentKind::Block);
                if self.start.is_some() {
                    self.problem.get_or_insert(problem);
                } else {
                    self.split.problems.push(problem);
                }
            }
        }
    }

    /// Where the block comment that begins at `from` ends.
    pub(super) fn comment_end(&self, from: usize) -> Result<usize, SyntaxProblem> {
        let (mut at, mut depth) = (from + 2, 1_usize);
        while let Some(byte) = self.bytes.get(at) {
            match (byte, self.bytes.get(at + 1)) {
                (b'/', Some(b'*')) => {
                    depth += 1;
                    if depth > MAX_DEPTH {
                        let at = self.span(at..at + 2);
                        let limit = MAX_DEPTH;
                        return Err(SyntaxProblem::TooDeep { limit, at });
                    }
                    at += 2;
                }
                (b'*', Some(b'/')) => {
                    depth -= 1;
                    at += 2;
                    if depth == 0 {
                        return Ok(at);
                    }
                }
                _ => at += 1,
            }
        }
        let at = self.span(from..from + 2);
        Err(SyntaxProblem::UnclosedComment { at })
    }

    pub(super) fn comment(&mut self, range: Range<usize>, kind: CommentKind) {
        self.at = range.end;
        let span = self.span(range);
        self.split.comments.push(Comment { span, kind });
    }
}
