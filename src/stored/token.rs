//! The tokens of a statement, by SQLite's rules.

use crate::words::{folded, in_word, is_keyword};
use smol_str::SmolStr;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

/// A token and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlToken {
    /// What it is.
    pub kind: SqlTokenKind,
    /// Its bytes.
    pub range: Range<usize>,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SqlTokenKind {
    /// A bare word, as written.
    Word(SmolStr),
    /// A name in quotes of its own (`` `a` ``, `[a]`), without them.
    Name(SmolStr),
    /// What stands in double quotes, without them: a name, and where nothing is called so, a text.
    Quoted(SmolStr),
    /// A text in single quotes, without them.
    Text(SmolStr),
    /// A blob, or a number.
    Literal,
    /// Anything else, one character.
    Sign(char),
}

impl SqlToken {
    /// Whether it is that bare word, in any letter case.
    pub fn is(&self, word: &str) -> bool {
        matches!(&self.kind, SqlTokenKind::Word(it) if it.eq_ignore_ascii_case(word))
    }

    /// Whether it is that sign.
    pub const fn is_sign(&self, sign: char) -> bool {
        matches!(self.kind, SqlTokenKind::Sign(it) if it == sign)
    }

    /// The name that it is, quoted or not.
    pub fn name(&self) -> Option<&str> {
        match &self.kind {
            SqlTokenKind::Word(it) | SqlTokenKind::Name(it) | SqlTokenKind::Quoted(it) => Some(it),
            SqlTokenKind::Text(_) | SqlTokenKind::Literal | SqlTokenKind::Sign(_) => None,
        }
    }

    /// The name that it is where nothing but a name may stand: SQLite takes a text for one there.
    pub fn label(&self) -> Option<&str> {
        match &self.kind {
            SqlTokenKind::Text(it) => Some(it),
            SqlTokenKind::Word(_)
            | SqlTokenKind::Name(_)
            | SqlTokenKind::Quoted(_)
            | SqlTokenKind::Literal
            | SqlTokenKind::Sign(_) => self.name(),
        }
    }
}

/// The tokens of a text, white space and comments left out. What has no end goes to the text's end.
pub fn tokens(sql: &str) -> Vec<SqlToken> {
    Tokens { sql, at: 0 }.filter_map(Result::ok).collect()
}

/// Where the comments of a text are, their marks included; a line's end belongs to its comment.
///
/// ```
/// use relata::stored::comments;
/// assert_eq!(comments("a -- b\nc '--' /* d */"), [2..7, 14..21]);
/// ```
pub fn comments(sql: &str) -> Vec<Range<usize>> {
    Tokens { sql, at: 0 }.filter_map(Result::err).collect()
}

/// The tokens and the comments of a text, one after the other.
struct Tokens<'s> {
    sql: &'s str,
    at: usize,
}

impl Iterator for Tokens<'_> {
    type Item = Result<SqlToken, Range<usize>>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = self.sql.get(self.at..)?;
            let first = rest.chars().next()?;
            let begin = self.at;
            if is_space(first) {
                self.at += first.len_utf8();
            } else if rest.starts_with("--") {
                self.at += rest.find('\n').map_or(rest.len(), |it| it + 1);
                return Some(Err(begin..self.at));
            } else if let Some(inner) = rest.strip_prefix("/*") {
                self.at += inner.find("*/").map_or(rest.len(), |it| it + 4);
                return Some(Err(begin..self.at));
            } else {
                let (kind, length) = token(first, rest);
                self.at += length;
                return Some(Ok(SqlToken { kind, range: begin..self.at }));
            }
        }
    }
}

/// Whether it is white space to SQLite: what is beyond ASCII belongs to names, but a byte order mark.
const fn is_space(sign: char) -> bool {
    sign.is_ascii_whitespace() || sign == '\u{feff}'
}

fn token(first: char, rest: &str) -> (SqlTokenKind, usize) {
    let fraction =
        || rest.get(1..).is_some_and(|rest| rest.starts_with(|it: char| it.is_ascii_digit()));
    match first {
        '\'' => {
            let (text, length) = quoted(rest, '\'');
            (SqlTokenKind::Text(text), length)
        }
        '"' => {
            let (name, length) = quoted(rest, first);
            (SqlTokenKind::Quoted(name), length)
        }
        '`' => {
            let (name, length) = quoted(rest, first);
            (SqlTokenKind::Name(name), length)
        }
        '[' => {
            let end = rest.find(']').unwrap_or(rest.len());
            let name = rest.get(1..end).unwrap_or_default().into();
            (SqlTokenKind::Name(name), (end + 1).min(rest.len()))
        }
        'x' | 'X' if rest.get(1..2) == Some("'") => {
            let text = rest.get(1..).unwrap_or_default();
            (SqlTokenKind::Literal, 1 + quoted(text, '\'').1)
        }
        _ if first.is_ascii_digit() || first == '.' && fraction() => {
            (SqlTokenKind::Literal, number(rest))
        }
        _ if in_word(first) => {
            let length = run(rest, in_word);
            let word = rest.get(..length).unwrap_or_default().into();
            (SqlTokenKind::Word(word), length)
        }
        _ => (SqlTokenKind::Sign(first), first.len_utf8()),
    }
}

/// How long a number is: `1`, `.5`, `1e-5`, `0x1f`. What can't belong to it does all the same, as SQLite has it.
fn number(text: &str) -> usize {
    let length = run(text, |it| in_word(it) || it == '.');
    let (before, behind) = text.split_at(length);
    let is_decimal = !before.starts_with("0x") && !before.starts_with("0X");
    let signed = behind.strip_prefix(['-', '+']);
    let digits = signed.map_or(0, |text| run(text, |it| it.is_ascii_digit()));
    if is_decimal && before.ends_with(['e', 'E']) && digits > 0 {
        length + 1 + digits
    } else {
        length
    }
}

fn run(text: &str, of: impl Fn(char) -> bool) -> usize {
    text.find(|it| !of(it)).unwrap_or(text.len())
}

/// What is between quotes, one of which within is written twice, and the length with them.
fn quoted(text: &str, quote: char) -> (SmolStr, usize) {
    let (mut twice, mut at) = (false, 1);
    let end = loop {
        let Some(found) = text.get(at..).and_then(|it| it.find(quote)) else {
            break text.len();
        };
        at += found + 1;
        if !text.get(at..).is_some_and(|it| it.starts_with(quote)) {
            break at - 1;
        }
        (twice, at) = (true, at + 1);
    };
    let inner = text.get(1..end).unwrap_or_default();
    let length = text.len().min(end + 1);
    if twice {
        let one = quote.to_string();
        return (inner.replace(&one.repeat(2), &one).into(), length);
    }
    (inner.into(), length)
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

/// A text in a form that two spellings of one thing share: names without quotes that they need not, and words in lower case, no comments, one space between
/// tokens, no brackets around all of it.
///
/// ```
/// use relata::stored::normalized;
/// assert_eq!(normalized("( [Age]>=0 )"), normalized("\"age\" >= 0"));
/// assert_eq!(normalized("a != b and c == d"), normalized("A <> B AND C = D"));
/// assert_ne!(normalized("'A'"), normalized("'a'"));
/// ```
pub fn normalized(sql: &str) -> String {
    spelled_alike(sql, &tokens(sql))
}

/// The same of tokens of a text.
pub(super) fn spelled_alike(sql: &str, tokens: &[SqlToken]) -> String {
    let mut inner = tokens;
    while let [first, middle @ .., last] = inner
        && first.is_sign('(')
        && last.is_sign(')')
        && whole(middle)
    {
        inner = middle;
    }
    let mut res = String::with_capacity(sql.len());
    for (at, it) in inner.iter().enumerate() {
        let equals = inner.get(at + 1).is_some_and(|it| it.is_sign('='));
        if equals && it.is_sign('=') {
            continue;
        }
        if !res.is_empty() {
            res.push(' ');
        }
        match &it.kind {
            SqlTokenKind::Name(name) | SqlTokenKind::Quoted(name) if !reads_as_name(name) => {
                let _infallible = write!(res, "\"{}\"", folded(name));
            }
            SqlTokenKind::Word(name) | SqlTokenKind::Name(name) | SqlTokenKind::Quoted(name) => {
                res.extend(name.chars().map(|it| it.to_ascii_lowercase()));
            }
            SqlTokenKind::Text(_) | SqlTokenKind::Literal => {
                res.push_str(sql.get(it.range.clone()).unwrap_or_default());
            }
            // `!=` is `<>`, and `==` is `=`.
            SqlTokenKind::Sign('!') if equals => res.push('<'),
            SqlTokenKind::Sign('=') if at.checked_sub(1).is_some_and(|it| is_not(inner, it)) => {
                res.push('>');
            }
            SqlTokenKind::Sign(sign) => res.push(*sign),
        }
    }
    res
}

/// Whether a name is one without quotes, too.
fn reads_as_name(name: &str) -> bool {
    let begins = |it: char| in_word(it) && !it.is_ascii_digit();
    name.starts_with(begins) && name.chars().all(in_word) && !is_keyword(name)
}

/// Whether a `!` stands there.
fn is_not(tokens: &[SqlToken], at: usize) -> bool {
    tokens.get(at).is_some_and(|it| it.is_sign('!'))
}

/// Whether no bracket in it closes one before it.
fn whole(tokens: &[SqlToken]) -> bool {
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

/// Whether a `CREATE` makes a table that a module keeps, such as `fts5`.
///
/// ```
/// assert!(relata::stored::is_virtual("create /* full text */ virtual table f using fts5 (a)"));
/// ```
pub fn is_virtual(sql: &str) -> bool {
    tokens(sql).get(1).is_some_and(|it| it.is("virtual"))
}

/// A `CREATE` as SQLite keeps it: without `IF NOT EXISTS`, the schema before the name, and the semicolon.
///
/// ```
/// use relata::stored::as_kept;
/// assert_eq!(as_kept("create virtual table if not exists main.f using fts5(a); -- x"), "create virtual table f using fts5(a)");
/// ```
pub fn as_kept(sql: &str) -> Cow<'_, str> {
    // The longest beginning: `CREATE TEMP UNIQUE INDEX IF NOT EXISTS a.b`.
    const BEGINNING: usize = 10;
    let mut all = Vec::with_capacity(BEGINNING);
    let mut end = None;
    for token in (Tokens { sql, at: 0 }).filter_map(Result::ok) {
        if !token.is_sign(';') {
            end = None;
        } else if end.is_none() {
            end = Some(token.range.start);
        }
        if all.len() < BEGINNING {
            all.push(token);
        }
    }
    let whole = sql.get(..end.unwrap_or(sql.len())).unwrap_or(sql).trim_end();
    let objects = ["table", "index", "view", "trigger"];
    let mut object = all.iter().take(4);
    let Some(object) = object.position(|it| objects.iter().any(|word| it.is(word))) else {
        return whole.into();
    };
    let mut name = object + 1;
    let words = ["if", "not", "exists"];
    let said = all.get(name..).unwrap_or_default();
    if said.len() > words.len() && said.iter().zip(words).all(|(it, word)| it.is(word)) {
        name += words.len();
    }
    if all.get(name + 1).is_some_and(|it| it.is_sign('.')) {
        name += 2;
    }
    let (Some(object), Some(begin)) =
        (all.get(object), all.get(name).filter(|_| name > object + 1))
    else {
        return whole.into();
    };
    let before = whole.get(..object.range.end).unwrap_or_default();
    let behind = whole.get(begin.range.start..).unwrap_or_default();
    format!("{before} {behind}").into()
}

/// Where the bracket at `open` is closed.
pub(super) fn closing(tokens: &[SqlToken], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, it) in tokens.iter().enumerate().skip(open) {
        if it.is_sign('(') {
            depth += 1;
        } else if it.is_sign(')') {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

/// What is between the commas outside of brackets, and where the comma before it is.
pub(super) fn parts(tokens: &[SqlToken]) -> Vec<(Option<usize>, &[SqlToken])> {
    let (mut found, mut depth, mut begin) = (Vec::new(), 0_usize, 0);
    let mut comma = None;
    for (at, it) in tokens.iter().enumerate() {
        if it.is_sign('(') {
            depth += 1;
        } else if it.is_sign(')') {
            depth = depth.saturating_sub(1);
        } else if it.is_sign(',') && depth == 0 {
            found.extend(tokens.get(begin..at).map(|part| (comma, part)));
            comma = Some(it.range.start);
            begin = at + 1;
        }
    }
    found.extend(tokens.get(begin..).map(|part| (comma, part)));
    found
}
