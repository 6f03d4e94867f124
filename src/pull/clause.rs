//! The clauses of a statement, read word by word.

use super::shape::Key;
use crate::stored::{Token, bracketed, plain, tokens};

/// A place among the tokens of a text.
pub(super) struct Cursor<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, tokens: tokens(text), at: 0 }
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    /// Goes over that word, where it is the next.
    pub(super) fn skip(&mut self, word: &str) -> bool {
        let there = self.peek().is_some_and(|it| it.is(word));
        self.at += usize::from(there);
        there
    }

    fn sign(&mut self, sign: char) -> bool {
        let there = self.peek().is_some_and(|it| it.is_sign(sign));
        self.at += usize::from(there);
        there
    }

    /// The name that is next. SQLite takes a text for one, too.
    pub(super) fn name(&mut self) -> Option<String> {
        let name = self.peek()?.label()?.to_owned();
        self.at += 1;
        Some(name)
    }

    /// `(a, b)`
    pub(super) fn names(&mut self) -> Option<Vec<String>> {
        let (names, increments) = self.key_columns();
        names.filter(|_| !increments)
    }

    /// `(a, b ASC)`, `(a AUTOINCREMENT)`
    pub(super) fn key_columns(&mut self) -> (Option<Vec<String>>, bool) {
        let (mut names, mut increments) = (Vec::new(), false);
        if !self.sign('(') {
            return (None, false);
        }
        loop {
            let Some(name) = self.name() else {
                return (None, increments);
            };
            names.push(name);
            self.skip("asc");
            increments |= self.skip("autoincrement");
            if self.sign(')') {
                return (Some(names), increments);
            }
            if !self.sign(',') {
                return (None, increments);
            }
        }
    }

    /// What is left, in one spelling.
    fn rest(&mut self) -> String {
        let from = self.peek().map_or(self.text.len(), |it| it.range.start);
        self.at = self.tokens.len();
        plain(self.text.get(from..).unwrap_or_default())
    }
}

/// Whether a clause says that and nothing else.
pub(super) fn is(body: &str, text: &str) -> bool {
    plain(body) == text
}

/// What stands behind so many tokens.
pub(super) fn behind(body: &str, skipped: usize) -> &str {
    let all = tokens(body);
    let from = all.get(skipped).map_or(body.len(), |it| it.range.start);
    body.get(from..).unwrap_or_default()
}

/// What stands between the first bracket and the last, where nothing stands behind it.
pub(super) fn check(body: &str) -> Option<String> {
    let (text, rest) = bracketed(body)?;
    rest.is_empty().then_some(text)
}

/// What is generated, and whether it is stored.
pub(super) fn generated(body: &str) -> Option<(String, bool)> {
    let (text, rest) = bracketed(body)?;
    match plain(rest).as_str() {
        "" | "virtual" => Some((text, false)),
        "stored" => Some((text, true)),
        _ => None,
    }
}

/// A foreign key; `column` is the one that it is written at, where it is.
pub(super) fn key(body: &str, column: &str, name: Option<&str>) -> Option<Key> {
    let mut cursor = Cursor::new(body);
    let mut text = body.to_owned();
    let columns = if cursor.skip("foreign") {
        cursor.skip("key");
        cursor.names()?
    } else {
        text = format!("FOREIGN KEY ({}) {body}", quoted(column));
        vec![column.to_owned()]
    };
    if let Some(name) = name {
        text = format!("CONSTRAINT {} {text}", quoted(name));
    }
    if !cursor.skip("references") {
        return None;
    }
    let table = cursor.name()?;
    let open = cursor.peek().is_some_and(|it| it.is_sign('('));
    let to = if open { cursor.names()? } else { Vec::new() };
    let action = || "NO ACTION".to_owned();
    let (mut on_delete, mut on_update, mut deferred) = (action(), action(), None);
    while let Some(token) = cursor.peek() {
        if token.is("on") {
            cursor.at += 1;
            let of = cursor.name()?;
            let mut said = cursor.name()?.to_uppercase();
            if said == "SET" || said == "NO" {
                said = format!("{said} {}", cursor.name()?.to_uppercase());
            }
            if of.eq_ignore_ascii_case("delete") {
                on_delete = said;
            } else {
                on_update = said;
            }
        } else if token.is("deferrable") {
            cursor.at += 1;
            deferred = Some(false);
            if cursor.skip("initially") {
                deferred = Some(cursor.skip("deferred"));
                cursor.skip("immediate");
            }
        } else {
            break;
        }
    }
    Some(Key {
        name: name.map(str::to_owned),
        columns,
        table,
        to,
        on_delete,
        on_update,
        deferred,
        more: cursor.rest(),
        text,
    })
}

/// A name in quotes.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
