//! A text as tokens: enough to know where a cursor is, of any text.

use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A word: `model`, `firstName`.
    Word,
    /// A name in backquotes.
    Name,
    /// A string, perhaps of several lines, or a blob.
    Text,
    /// A number.
    Number,
    /// Raw SQL.
    Sql,
    /// A comment.
    Comment,
    /// A line's end.
    Newline,
    /// A sign of one byte.
    Sign(u8),
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: TokenKind,
    /// As written.
    pub(super) text: &'a str,
    pub(super) range: Range<usize>,
    /// Whether its closing sign is there, where it has one.
    pub(super) closed: bool,
}

impl<'a> Token<'a> {
    pub(super) fn is(&self, sign: u8) -> bool {
        self.kind == TokenKind::Sign(sign)
    }

    /// The name that it is, without backquotes.
    pub(super) fn name(&self) -> Option<&'a str> {
        match self.kind {
            TokenKind::Word => Some(self.text),
            TokenKind::Name => Some(self.text.trim_matches('`')),
            _ => None,
        }
    }
}

/// The tokens of a text, white space left out.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    tokens_from(text, 0)
}

/// The tokens from the byte `at` on.
pub(super) fn tokens_from(text: &str, mut at: usize) -> Vec<Token<'_>> {
    let bytes = text.as_bytes();
    let peek = |at: usize| bytes.get(at).copied().unwrap_or_default();
    let mut found = Vec::new();
    while let Some(byte) = bytes.get(at).copied() {
        let rest = bytes.get(at..).unwrap_or_default();
        let (kind, length, closed) = match byte {
            b' ' | b'\t' | b'\r' => {
                at += 1;
                continue;
            }
            b'\n' => (TokenKind::Newline, 1, true),
            b'/' if peek(at + 1) == b'/' => (TokenKind::Comment, line(rest), true),
            b'#' if at == 0 && peek(1) == b'!' => (TokenKind::Comment, line(rest), true),
            b'/' if peek(at + 1) == b'*' => {
                let (length, closed) = block(rest);
                (TokenKind::Comment, length, closed)
            }
            b'"' if rest.starts_with(b"\"\"\"") => {
                let (length, closed) = until(rest, 3, b"\"\"\"", false);
                (TokenKind::Text, length, closed)
            }
            b'"' | b'\'' => {
                let (length, closed) = until(rest, 1, &[byte], true);
                (TokenKind::Text, length, closed)
            }
            b'`' => {
                let (length, closed) = until(rest, 1, b"`", true);
                (TokenKind::Name, length, closed)
            }
            b'x' if peek(at + 1) == b'"' => {
                let (length, closed) = until(rest, 2, b"\"", true);
                (TokenKind::Text, length, closed)
            }
            b's' if rest.starts_with(b"sql`") => {
                let (length, closed) = until(rest, 4, b"`", false);
                (TokenKind::Sql, length, closed)
            }
            b'0'..=b'9' => {
                let number = |it: &&u8| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'.');
                (TokenKind::Number, rest.iter().take_while(number).count(), true)
            }
            _ if is_name(byte) => {
                let length = rest.iter().take_while(|it| is_name(**it)).count();
                (TokenKind::Word, length, true)
            }
            _ => (TokenKind::Sign(byte), 1, true),
        };
        let range = at..at + length;
        at = range.end;
        found.push(Token {
            kind,
            text: text.get(range.clone()).unwrap_or_default(),
            range,
            closed,
        });
    }
    found
}

/// Whether a text says something about what follows it, and nothing else: it holds comments only, a `///` among them.
pub fn is_only_comments(text: &str) -> bool {
    let tokens = tokens(text);
    let space = |it: &Token<'_>| matches!(it.kind, TokenKind::Comment | TokenKind::Newline);
    tokens.iter().all(space) && tokens.iter().any(|it| it.text.starts_with("///"))
}

/// Up to the line's end.
fn line(rest: &[u8]) -> usize {
    rest.iter().position(|it| *it == b'\n').unwrap_or(rest.len())
}

/// A comment that may hold others.
fn block(rest: &[u8]) -> (usize, bool) {
    let (mut at, mut depth) = (0_usize, 0_usize);
    while at < rest.len() {
        match (rest.get(at), rest.get(at + 1)) {
            (Some(b'/'), Some(b'*')) => {
                depth += 1;
                at += 2;
            }
            (Some(b'*'), Some(b'/')) => {
                depth = depth.saturating_sub(1);
                at += 2;
                if depth == 0 {
                    return (at, true);
                }
            }
            _ => at += 1,
        }
    }
    (rest.len(), false)
}

/// From behind the first `begin` bytes up to `close`, within the line where `short`.
fn until(rest: &[u8], begin: usize, close: &[u8], short: bool) -> (usize, bool) {
    let mut at = begin;
    while at < rest.len() {
        let here = rest.get(at..).unwrap_or_default();
        match here.first() {
            Some(b'\\') if close != b"`" => at += 2,
            Some(b'\n') if short => return (at, false),
            _ if here.starts_with(close) => {
                // a backquote within is written twice
                if close == b"`" && here.get(1) == Some(&b'`') && at > begin {
                    at += 2;
                } else {
                    return (at + close.len(), true);
                }
            }
            _ => at += 1,
        }
    }
    (rest.len(), false)
}

/// Whether a byte may belong to a name.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_text_has_tokens_too() {
        let kinds =
            |text| -> Vec<TokenKind> { tokens(text).into_iter().map(|it| it.kind).collect() };
        assert_eq!(kinds("a: \"x"), [TokenKind::Word, TokenKind::Sign(b':'), TokenKind::Text]);
        assert_eq!(kinds("/* /* */"), [TokenKind::Comment]);
        assert_eq!(kinds("é`\\"), [TokenKind::Word, TokenKind::Name]);
        assert_eq!(kinds("\"\\"), [TokenKind::Text]);
    }

    #[test]
    fn comments_may_wait_for_what_they_are_about() {
        assert!(is_only_comments("/// Someone.\n"));
        assert!(!is_only_comments("// nothing"));
        assert!(!is_only_comments("/// a\nmodel A {}"));
    }
}
