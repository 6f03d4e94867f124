//! Tokens of a server's statement, read one after the other.

use crate::stored::{SqlToken, SqlTokenKind, quoted};

/// Tokens that are read one after the other.
#[derive(Clone, Copy)]
pub(super) struct DdlCursor<'a> {
    pub(super) text: &'a str,
    pub(super) all: &'a [SqlToken],
}

impl<'a> DdlCursor<'a> {
    pub(super) fn eat(&mut self, words: &[&str]) -> bool {
        let fits = words.len() <= self.all.len()
            && words.iter().zip(self.all).all(|(word, token)| {
                token.is(word)
                    || matches!(word.as_bytes(), [sign] if token.is_sign(char::from(*sign)))
            });
        if fits {
            self.all = self.all.get(words.len()..).unwrap_or_default();
        }
        fits
    }

    pub(super) fn take(&mut self) -> Option<&'a SqlToken> {
        let (first, rest) = self.all.split_first()?;
        self.all = rest;
        Some(first)
    }

    /// `public.users`: its last part.
    pub(super) fn name(&mut self) -> Option<String> {
        let mut name = self.take()?.label()?.to_owned();
        while self.eat(&["."]) {
            self.take()?.label()?.clone_into(&mut name);
        }
        Some(name)
    }

    /// What is in the brackets that come next.
    pub(super) fn brackets(&mut self) -> Option<DdlCursor<'a>> {
        if !self.all.first().is_some_and(|it| it.is_sign('(')) {
            return None;
        }
        let mut depth = 0;
        for (at, token) in self.all.iter().enumerate() {
            depth += i32::from(token.is_sign('(')) - i32::from(token.is_sign(')'));
            if depth == 0 {
                let inner = self.all.get(1..at)?;
                self.all = self.all.get(at + 1..).unwrap_or_default();
                return Some(DdlCursor { text: self.text, all: inner });
            }
        }
        None
    }

    /// Its parts, between commas outside of brackets.
    pub(super) fn parts(&self) -> Vec<DdlCursor<'a>> {
        let (mut res, mut begin, mut depth) = (Vec::new(), 0, 0);
        for (at, token) in self.all.iter().enumerate() {
            depth += i32::from(token.is_sign('(')) - i32::from(token.is_sign(')'));
            if depth == 0 && token.is_sign(',') {
                res.push(DdlCursor { all: self.all.get(begin..at).unwrap_or_default(), ..*self });
                begin = at + 1;
            }
        }
        res.push(DdlCursor { all: self.all.get(begin..).unwrap_or_default(), ..*self });
        res
    }

    /// The names in the brackets that come next; lengths and directions behind them are left out.
    pub(super) fn names(&mut self) -> Option<Vec<String>> {
        let parts = self.brackets()?.parts();
        parts.into_iter().map(|mut it| it.name()).collect()
    }

    /// As written.
    pub(super) fn written(&self) -> &'a str {
        let (first, last) = (self.all.first(), self.all.last());
        let range = first.zip(last).map(|(first, last)| first.range.start..last.range.end);
        range.and_then(|it| self.text.get(it)).unwrap_or_default()
    }

    /// An expression in SQLite's words: without casts, its names in SQLite's quotes.
    pub(super) fn expression(&self) -> String {
        let mut res = String::new();
        let mut rest = *self;
        while let Some(token) = rest.take() {
            if token.is_sign(':') && rest.eat(&[":"]) {
                // A cast: its type is a word or two, perhaps with brackets.
                rest.name();
                while rest.eat(&["varying"])
                    || rest.eat(&["precision"])
                    || rest.eat(&["without", "time", "zone"])
                    || rest.eat(&["with", "time", "zone"])
                    || rest.eat(&["[", "]"])
                {}
                rest.brackets();
                continue;
            }
            if !res.is_empty() && !token.is_sign(')') && !token.is_sign(',') {
                res.push(' ');
            }
            match &token.kind {
                SqlTokenKind::Name(it) | SqlTokenKind::Quoted(it) => res.push_str(&quoted(it)),
                SqlTokenKind::Word(_)
                | SqlTokenKind::Text(_)
                | SqlTokenKind::Literal
                | SqlTokenKind::Sign(_) => {
                    res.push_str(self.text.get(token.range.clone()).unwrap_or_default());
                }
            }
        }
        res
    }
}
