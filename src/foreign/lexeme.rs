//! The words, texts and signs of the other languages, and a cursor that goes over them.
//!
//! Invariant: nothing is decided here but where each begins and ends.

use std::iter::Peekable;
use std::str::Chars;

/// How a language writes its comments and texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LexemeSpelling {
    /// `// ..`, `'..'`, `".."`, `` `..` ``, with backslashes
    Script,
    /// `-- ..`, `'..'`; `".."` and `` `..` `` are names; a quote in them is written twice
    Sql,
}

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LexemeKind {
    Word,
    Number,
    /// A text, or a name in quotes: which of both, the quote and the language say.
    Quoted,
    Sign,
}

/// A word, a number, a text or a sign.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lexeme<'a> {
    pub(super) kind: LexemeKind,
    pub(super) text: &'a str,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether a line ends before it.
    pub(super) breaks: bool,
    /// Whether a backslash in it says another letter.
    escapes: bool,
}

impl Lexeme<'_> {
    /// Whether it is that sign, or that word in any letter case.
    pub(super) fn is(&self, text: &str) -> bool {
        self.kind != LexemeKind::Quoted && self.text.eq_ignore_ascii_case(text)
    }

    /// Whether it is a text: what stands in quotes that are no name's.
    pub(super) fn is_text(&self) -> bool {
        self.kind == LexemeKind::Quoted
    }

    /// Whether it is a text whose end is missing.
    pub(super) fn is_unclosed(&self) -> bool {
        let quote = self.text.chars().next().unwrap_or_default();
        let width = if self.text.starts_with("'''") { 3 } else { quote.len_utf8() };
        let inner = self.text.get(width..).unwrap_or_default();
        self.is_text() && !inner.ends_with(self.text.get(..width).unwrap_or_default())
    }

    /// Whether it closes a bracket.
    pub(super) fn closes(&self) -> bool {
        bracket(self) < 0
    }

    /// What is in its quotes.
    pub(super) fn unquoted(&self) -> String {
        let quote = self.text.chars().next().unwrap_or_default();
        let width = if self.text.starts_with("'''") { 3 } else { quote.len_utf8() };
        let inner = self.text.get(width..self.text.len().saturating_sub(width));
        let mut letters = inner.unwrap_or_default().chars().peekable();
        let mut res = String::new();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' if self.escapes => res.extend(escaped(&mut letters)),
                it if it == quote && letters.peek() == Some(&quote) => {
                    letters.next();
                    res.push(it);
                }
                it => res.push(it),
            }
        }
        res
    }
}

/// The letter that stands behind a backslash, as JavaScript reads it; none where a line ends there.
fn escaped(letters: &mut Peekable<Chars<'_>>) -> Option<char> {
    match letters.next()? {
        'n' => Some('\n'),
        't' => Some('\t'),
        'r' => Some('\r'),
        '0' => Some('\0'),
        'b' => Some('\u{8}'),
        'f' => Some('\u{c}'),
        'v' => Some('\u{b}'),
        '\n' => None,
        'x' => Some(numbered(&digits(letters, 2))),
        'u' if letters.next_if_eq(&'{').is_some() => {
            let found = digits(letters, 6);
            letters.next_if_eq(&'}');
            Some(numbered(&found))
        }
        'u' => {
            let first = digits(letters, 4);
            let unit = u32::from_str_radix(&first, 16).unwrap_or_default();
            let mut ahead = letters.clone();
            // two halves are one letter
            if (0xd800..0xdc00).contains(&unit)
                && ahead.next() == Some('\\')
                && ahead.next() == Some('u')
                && let Ok(second) = u32::from_str_radix(&digits(&mut ahead, 4), 16)
                && (0xdc00..0xe000).contains(&second)
            {
                *letters = ahead;
                let code = 0x1_0000 + ((unit - 0xd800) << 10) + (second - 0xdc00);
                return char::from_u32(code);
            }
            Some(numbered(&first))
        }
        it => Some(it),
    }
}

/// So many hexadecimal digits, or as many as there are.
fn digits(letters: &mut Peekable<Chars<'_>>, count: usize) -> String {
    let mut res = String::new();
    while res.len() < count
        && let Some(it) = letters.next_if(char::is_ascii_hexdigit)
    {
        res.push(it);
    }
    res
}

/// The letter of that number.
fn numbered(digits: &str) -> char {
    let code = u32::from_str_radix(digits, 16).ok();
    code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Signs of more than one letter, the longest first.
const SIGNS: [&str; 14] =
    ["===", "!==", "...", "=>", "<>", "!=", "<=", ">=", "==", "||", "&&", "::", "->", "?."];

/// So deep values and expressions are read; a script's own brackets may be no deeper.
const MAX_DEPTH: usize = 128;

/// What comes next, once somebody has looked.
#[derive(Debug, Clone, Copy)]
enum Ahead<'a> {
    Unseen,
    Seen(Option<Lexeme<'a>>),
}

/// A place in a text, which goes from one lexeme to the next.
#[derive(Debug, Clone, Copy)]
pub(super) struct LexemeCursor<'a> {
    pub(super) text: &'a str,
    spelling: LexemeSpelling,
    at: usize,
    /// What comes next.
    ahead: Ahead<'a>,
    /// Behind the last one that was taken.
    pub(super) end: usize,
    /// How many values are being read, one within the other.
    depth: usize,
}

impl<'a> LexemeCursor<'a> {
    pub(super) const fn new(text: &'a str, spelling: LexemeSpelling, at: usize) -> Self {
        Self { text, spelling, at, ahead: Ahead::Unseen, end: at, depth: 0 }
    }

    fn rest(&self, at: usize) -> &'a str {
        self.text.get(at..).unwrap_or_default()
    }

    /// The first byte from here on that is neither white space nor in a comment.
    #[inline(never)]
    pub(super) fn behind_space(&self) -> usize {
        let mut at = self.at;
        loop {
            let rest = self.rest(at);
            let trimmed = rest.trim_start();
            at += rest.len() - trimmed.len();
            let is_line = match self.spelling {
                LexemeSpelling::Script => trimmed.starts_with("//"),
                LexemeSpelling::Sql => trimmed.starts_with("--"),
            };
            if is_line {
                at += trimmed.find('\n').unwrap_or(trimmed.len());
            } else if trimmed.starts_with("/*") {
                // Many may be unclosed, each to the text's end.
                let end = memchr::memmem::find(trimmed.as_bytes(), b"*/");
                at += end.map_or(trimmed.len(), |it| it + 2);
            } else {
                return at;
            }
        }
    }

    /// What comes next.
    #[inline(never)]
    pub(super) fn peek(&self) -> Option<Lexeme<'a>> {
        match self.ahead {
            Ahead::Unseen => self.look(),
            Ahead::Seen(found) => found,
        }
    }

    /// As [`LexemeCursor::peek`], and remembers it: many phrases may be tried at one place.
    fn next(&mut self) -> Option<Lexeme<'a>> {
        let found = self.peek();
        self.ahead = Ahead::Seen(found);
        found
    }

    #[inline(never)]
    fn look(&self) -> Option<Lexeme<'a>> {
        let start = self.behind_space();
        let rest = self.rest(start);
        let first = rest.chars().next()?;
        let is_word = |it: char| it.is_alphanumeric() || it == '_' || it == '$';
        let length =
            |holds: &dyn Fn(char) -> bool| rest.find(|it| !holds(it)).unwrap_or(rest.len());
        let (kind, length) = if first.is_ascii_digit() {
            let mut length = length(&|it| is_word(it) || it == '.');
            while rest.get(..length).is_some_and(|it| it.ends_with('.')) {
                length -= 1;
            }
            (LexemeKind::Number, length)
        } else if is_word(first) {
            (LexemeKind::Word, length(&is_word))
        } else if matches!(first, '"' | '\'' | '`') {
            (LexemeKind::Quoted, self.quoted(rest, first))
        } else {
            let sign = SIGNS.iter().find(|it| rest.starts_with(**it));
            (LexemeKind::Sign, sign.map_or(first.len_utf8(), |it| it.len()))
        };
        let breaks = self.text.get(self.at..start).is_some_and(|it| it.contains('\n'));
        let text = rest.get(..length)?;
        let escapes = self.spelling == LexemeSpelling::Script;
        Some(Lexeme { kind, text, start, end: start + length, breaks, escapes })
    }

    /// How long the text is that `rest` begins with.
    fn quoted(&self, rest: &str, quote: char) -> usize {
        if rest.starts_with("'''") {
            let mut at = 3;
            while let Some(inner) = rest.get(at..).filter(|it| !it.is_empty()) {
                if inner.starts_with("'''") {
                    return at + 3;
                }
                let mut letters = inner.chars();
                let first = letters.next().map_or(0, char::len_utf8);
                let escapes = self.spelling == LexemeSpelling::Script && inner.starts_with('\\');
                at += first + letters.next().filter(|_| escapes).map_or(0, char::len_utf8);
            }
            return rest.len();
        }
        let mut letters = rest.char_indices().skip(1).peekable();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' if self.spelling == LexemeSpelling::Script => {
                    letters.next();
                }
                '\n' if quote != '`' && self.spelling == LexemeSpelling::Script => return at,
                it if it == quote => {
                    let twice = letters.peek().is_some_and(|it| it.1 == quote);
                    if self.spelling == LexemeSpelling::Script || !twice {
                        return at + quote.len_utf8();
                    }
                    letters.next();
                }
                _ => {}
            }
        }
        rest.len()
    }

    #[inline(never)]
    pub(super) fn take(&mut self) -> Option<Lexeme<'a>> {
        let found = self.peek()?;
        self.advance_to(found.end);
        Some(found)
    }

    /// Reads what is within something else; nothing where that is too deep.
    pub(super) fn within<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.depth == MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let res = read(self);
        self.depth -= 1;
        res
    }

    /// Goes on behind `at`.
    pub(super) const fn advance_to(&mut self, at: usize) {
        (self.at, self.end, self.ahead) = (at, at, Ahead::Unseen);
    }

    /// Takes that sign, or that word in any letter case, if it is next.
    #[inline(never)]
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.next().is_some_and(|it| it.is(text));
        if found {
            self.take();
        }
        found
    }

    /// Takes all of these, one after the other, or nothing.
    #[inline(never)]
    pub(super) fn eat_all(&mut self, texts: &[&str]) -> bool {
        self.next();
        let mut ahead = *self;
        let found = texts.iter().all(|it| ahead.eat(it));
        if found {
            *self = ahead;
        }
        found
    }

    /// Takes the first of these phrases that is next.
    #[inline(never)]
    pub(super) fn eat_one_of(&mut self, texts: &[&str]) -> bool {
        texts.iter().any(|it| self.eat(it))
    }

    /// Takes JavaScript's `/pattern/flags`, whose first slash is at `start`.
    pub(super) fn pattern(&mut self, start: usize) -> Option<(&'a str, &'a str)> {
        let rest = self.rest(start + 1);
        let (mut escaped, mut class) = (false, false);
        let end = rest.find(|it| {
            let ends = it == '/' && !escaped && !class;
            match it {
                '[' if !escaped => class = true,
                ']' if !escaped => class = false,
                _ => {}
            }
            escaped = it == '\\' && !escaped;
            ends || it == '\n'
        });
        let pattern = rest.get(..end?)?;
        let flags = rest.get(pattern.len()..)?.strip_prefix('/')?;
        let flags = flags.get(..flags.bytes().take_while(u8::is_ascii_alphabetic).count())?;
        self.advance_to(start + pattern.len() + flags.len() + 2);
        Some((pattern, flags))
    }

    /// A word, or a name in quotes.
    #[inline(never)]
    pub(super) fn name(&mut self) -> Option<String> {
        let next = self.peek()?;
        let name = match next.kind {
            LexemeKind::Word => next.text.to_owned(),
            LexemeKind::Quoted => next.unquoted(),
            LexemeKind::Number | LexemeKind::Sign => return None,
        };
        self.take();
        Some(name)
    }

    /// A bare word.
    #[inline(never)]
    pub(super) fn word(&mut self) -> Option<&'a str> {
        let next = self.peek().filter(|it| it.kind == LexemeKind::Word)?;
        self.take();
        Some(next.text)
    }

    /// Takes what is next, with all that is in it if it is a bracket; whether there was something.
    #[inline(never)]
    pub(super) fn skip(&mut self) -> bool {
        let Some(first) = self.take() else {
            return false;
        };
        let mut depth = bracket(&first);
        while depth > 0 {
            let Some(next) = self.take() else {
                return true;
            };
            depth += bracket(&next);
        }
        true
    }

    /// Goes up to what `ends` says, outside of brackets; the text until there.
    pub(super) fn until(&mut self, ends: impl Fn(&Lexeme<'a>) -> bool) -> &'a str {
        self.up_to(&ends)
    }

    #[inline(never)]
    fn up_to(&mut self, ends: &dyn Fn(&Lexeme<'a>) -> bool) -> &'a str {
        let start = self.behind_space();
        let mut end = start;
        while let Some(next) = self.peek() {
            if bracket(&next) < 0 || ends(&next) {
                break;
            }
            self.skip();
            end = self.end;
        }
        self.text.get(start..end).unwrap_or_default()
    }
}

/// 1 for what opens a bracket, -1 for what closes one.
fn bracket(lexeme: &Lexeme<'_>) -> i32 {
    match lexeme.text {
        "(" | "[" | "{" => 1,
        ")" | "]" | "}" => -1,
        _ => 0,
    }
}
