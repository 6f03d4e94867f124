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

    /// What is in brackets around all of it.
    pub(super) fn whole_brackets(mut self) -> Option<DdlCursor<'a>> {
        self.brackets().filter(|_| self.all.is_empty())
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

    /// The names in the brackets that come next.
    pub(super) fn names(&mut self) -> Option<Vec<String>> {
        let mut ahead = *self;
        let parts = ahead.brackets()?.parts().into_iter();
        let names = parts.map(|mut it| it.name().filter(|_| it.all.is_empty())).collect();
        *self = ahead;
        names
    }

    /// Whether brackets come next, perhaps behind the kind of an index.
    pub(super) fn members_next(&self) -> bool {
        let mut ahead = *self;
        let _ = ahead.eat(&["using", "btree"]) || ahead.eat(&["using", "hash"]);
        ahead.brackets().is_some()
    }

    /// `text_pattern_ops`: how PostgreSQL orders what is in an index.
    pub(super) fn name_of_class(&mut self) {
        let is_class = |it: &SqlToken| it.name().is_some_and(|name| name.ends_with("_ops"));
        if self.all.first().is_some_and(is_class) {
            self.take();
        }
    }

    /// The text that comes next.
    pub(super) fn text_value(&mut self) -> Option<String> {
        match &self.take()?.kind {
            SqlTokenKind::Text(text) => Some(text.to_string()),
            SqlTokenKind::Word(_)
            | SqlTokenKind::Name(_)
            | SqlTokenKind::Quoted(_)
            | SqlTokenKind::Literal
            | SqlTokenKind::Sign(_) => None,
        }
    }

    /// The type of a cast: a word or two, perhaps with brackets; whether it is a list's.
    pub(super) fn cast(&mut self) -> bool {
        self.name();
        while self.eat(&["varying"])
            || self.eat(&["precision"])
            || self.eat(&["without", "time", "zone"])
            || self.eat(&["with", "time", "zone"])
        {}
        self.brackets();
        let is_list = self.all.first().is_some_and(is_empty_list);
        if is_list {
            self.take();
        }
        is_list
    }

    /// Whether a word follows, the end of brackets, and a cast: `state)::text`.
    fn is_only_cast(&self) -> bool {
        matches!(self.all, [_, close, one, two, ..]
            if close.is_sign(')') && one.is_sign(':') && two.is_sign(':'))
    }

    /// As written.
    pub(super) fn written(&self) -> &'a str {
        let (first, last) = (self.all.first(), self.all.last());
        let range = first.zip(last).map(|(first, last)| first.range.start..last.range.end);
        range.and_then(|it| self.text.get(it)).unwrap_or_default()
    }

    /// An expression in SQLite's words: without casts and brackets around all of it, its names in SQLite's quotes.
    pub(super) fn expression(&self) -> String {
        if let Some(inner) = self.whole_brackets() {
            return inner.expression();
        }
        let mut res = String::new();
        let mut rest = *self;
        let (mut end, mut is_bare) = (None, false);
        while let Some(token) = rest.take() {
            if token.is_sign(':') && rest.eat(&[":"]) {
                rest.cast();
                let taken = self.all.len() - rest.all.len();
                end = taken.checked_sub(1).and_then(|it| self.all.get(it)).map(|it| it.range.end);
                continue;
            }
            if token.is_sign('(') && rest.is_only_cast() || is_bare && token.is_sign(')') {
                is_bare = !is_bare;
                continue;
            }
            // Operators of several signs, such as `>=`, stay together.
            if end.is_some_and(|it| it < token.range.start) && !res.is_empty() {
                res.push(' ');
            }
            end = Some(token.range.end);
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

/// `[]`, which SQLite reads as a name.
pub(super) fn is_empty_list(token: &SqlToken) -> bool {
    matches!(&token.kind, SqlTokenKind::Name(it) if it.is_empty())
}
