//! The tokens of a statement, by SQLite's rules.

use std::ops::Range;

/// A token and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its bytes.
    pub range: Range<usize>,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenKind {
    /// A bare word, as written.
    Word(String),
    /// A name in quotes (`"a"`, `` `a` ``, `[a]`), without them.
    Name(String),
    /// A text in single quotes, a blob, or a number.
    Literal,
    /// Anything else, one character.
    Sign(char),
}

impl Token {
    /// Whether it is that bare word, in any letter case.
    pub fn is(&self, word: &str) -> bool {
        matches!(&self.kind, TokenKind::Word(it) if it.eq_ignore_ascii_case(word))
    }

    /// Whether it is that sign.
    pub const fn is_sign(&self, sign: char) -> bool {
        matches!(self.kind, TokenKind::Sign(it) if it == sign)
    }

    /// The name that it is, quoted or not.
    pub fn name(&self) -> Option<&str> {
        match &self.kind {
            TokenKind::Word(it) | TokenKind::Name(it) => Some(it),
            TokenKind::Literal | TokenKind::Sign(_) => None,
        }
    }
}

/// The tokens of a text, white space and comments left out. What has no end goes to the text's end.
pub fn tokens(sql: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = sql.get(at..).and_then(|it| it.chars().next()) {
        let rest = sql.get(at..).unwrap_or_default();
        if first.is_whitespace() {
            at += first.len_utf8();
        } else if rest.starts_with("--") {
            at += rest.find('\n').map_or(rest.len(), |it| it + 1);
        } else if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |it| it + 2);
        } else {
            let (kind, length) = token(first, rest);
            found.push(Token {
                kind,
                range: at..at + length,
            });
            at += length;
        }
    }
    found
}

fn token(first: char, rest: &str) -> (TokenKind, usize) {
    match first {
        '\'' => (TokenKind::Literal, quoted(rest, '\'').1),
        '"' | '`' => {
            let (name, length) = quoted(rest, first);
            (TokenKind::Name(name), length)
        }
        '[' => {
            let end = rest.find(']').unwrap_or(rest.len());
            let name = rest.get(1..end).unwrap_or_default().to_owned();
            (TokenKind::Name(name), (end + 1).min(rest.len()))
        }
        'x' | 'X' if rest.get(1..2) == Some("'") => {
            let text = rest.get(1..).unwrap_or_default();
            (TokenKind::Literal, 1 + quoted(text, '\'').1)
        }
        _ if first.is_ascii_digit() => (TokenKind::Literal, run(rest, |it| part(it) || it == '.')),
        _ if part(first) => {
            let length = run(rest, part);
            let word = rest.get(..length).unwrap_or_default().to_owned();
            (TokenKind::Word(word), length)
        }
        _ => (TokenKind::Sign(first), first.len_utf8()),
    }
}

/// Whether a bare word may hold it.
const fn part(it: char) -> bool {
    it.is_ascii_alphanumeric() || it == '_' || it == '$' || !it.is_ascii()
}

fn run(text: &str, of: impl Fn(char) -> bool) -> usize {
    text.find(|it| !of(it)).unwrap_or(text.len())
}

/// What is between quotes, one of which within is written twice, and the length with them.
fn quoted(text: &str, quote: char) -> (String, usize) {
    let mut inner = String::new();
    let mut rest = text.char_indices().skip(1).peekable();
    while let Some((at, it)) = rest.next() {
        if it != quote {
            inner.push(it);
        } else if rest.next_if(|(_, next)| *next == quote).is_some() {
            inner.push(quote);
        } else {
            return (inner, at + 1);
        }
    }
    (inner, text.len())
}

/// What the first brackets hold, and what stands behind them.
///
/// ```
/// use relata::stored::bracketed;
/// assert_eq!(bracketed("CHECK ((a > 0) ) x"), Some(("(a > 0)".to_owned(), "x")));
/// ```
pub fn bracketed(sql: &str) -> Option<(String, &str)> {
    let all = tokens(sql);
    let open = all.iter().position(|it| it.is_sign('('))?;
    let mut depth = 0_usize;
    for it in all.get(open..)? {
        if it.is_sign('(') {
            depth += 1;
        } else if it.is_sign(')') {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                let inner = all.get(open)?.range.end..it.range.start;
                let text = sql.get(inner)?.trim().to_owned();
                return Some((text, sql.get(it.range.end..)?.trim()));
            }
        }
    }
    None
}

/// A text in a form that two spellings of one thing share: names without quotes and words in lower case, no comments, one space between
/// tokens, no brackets around all of it.
///
/// ```
/// use relata::stored::plain;
/// assert_eq!(plain("( [Age]>=0 )"), plain("\"age\" >= 0"));
/// assert_eq!(plain("a != b and c == d"), plain("A <> B AND C = D"));
/// assert_ne!(plain("'A'"), plain("'a'"));
/// ```
pub fn plain(sql: &str) -> String {
    let all = tokens(sql);
    let mut inner = all.as_slice();
    while let [first, middle @ .., last] = inner
        && first.is_sign('(')
        && last.is_sign(')')
        && whole(middle)
    {
        inner = middle;
    }
    let mut pieces: Vec<String> = Vec::with_capacity(inner.len());
    for (at, it) in inner.iter().enumerate() {
        let equals = inner.get(at + 1).is_some_and(|it| it.is_sign('='));
        pieces.push(match &it.kind {
            TokenKind::Word(name) | TokenKind::Name(name) => name.to_lowercase(),
            TokenKind::Literal => sql.get(it.range.clone()).unwrap_or_default().to_owned(),
            // `!=` is `<>`, and `==` is `=`.
            TokenKind::Sign('!') if equals => "<".to_owned(),
            TokenKind::Sign('=') if equals => continue,
            TokenKind::Sign('=') if at.checked_sub(1).is_some_and(|it| is_not(inner, it)) => {
                ">".to_owned()
            }
            TokenKind::Sign(sign) => sign.to_string(),
        });
    }
    pieces.join(" ")
}

/// Whether a `!` stands there.
fn is_not(tokens: &[Token], at: usize) -> bool {
    tokens.get(at).is_some_and(|it| it.is_sign('!'))
}

/// Whether no bracket in it closes one before it.
fn whole(tokens: &[Token]) -> bool {
    let mut depth = 0_usize;
    for it in tokens {
        if it.is_sign('(') {
            depth += 1;
        } else if it.is_sign(')') {
            let Some(less) = depth.checked_sub(1) else {
                return false;
            };
            depth = less;
        }
    }
    depth == 0
}
