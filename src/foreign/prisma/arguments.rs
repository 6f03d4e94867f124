//! What stands in the brackets of Prisma's attributes.

use super::super::lexeme::{Lexeme, LexemeCursor, LexemeSpelling};

/// What is in the round brackets that come next, if they do.
pub(super) fn arguments(cursor: &mut LexemeCursor<'_>) -> String {
    if !cursor.peek().is_some_and(|it| it.is("(") && !it.breaks) {
        return String::new();
    }
    cursor.take();
    let inner = cursor.until(|_| false).to_owned();
    cursor.eat(")");
    inner
}

/// What is in an attribute's brackets, with them.
pub(super) fn bracketed(inner: &str) -> String {
    if inner.trim().is_empty() { String::new() } else { format!("({inner})") }
}

/// What `key: ..` is in an attribute's brackets.
pub(super) fn argument<'a>(inner: &'a str, key: &str) -> Option<&'a str> {
    let mut cursor = LexemeCursor::new(inner, LexemeSpelling::Script, 0);
    while cursor.peek().is_some() {
        let mut ahead = cursor;
        if ahead.eat(key) && ahead.eat(":") {
            return Some(ahead.until(|it| it.is(",")));
        }
        cursor.until(|it| it.is(","));
        if !cursor.eat(",") {
            break;
        }
    }
    None
}

/// The names in `[a, b(sort: Desc)]`.
pub(super) fn listed(list: &str) -> Vec<String> {
    let mut cursor = LexemeCursor::new(list, LexemeSpelling::Script, 0);
    cursor.eat("[");
    let mut res = Vec::new();
    while let Some(name) = cursor.word() {
        res.push(name.to_owned());
        cursor.until(|it| it.is(","));
        cursor.eat(",");
    }
    res
}

/// A field of an index.
#[derive(Debug)]
pub(super) struct IndexField {
    pub(super) name: String,
    pub(super) descends: bool,
    /// What its brackets name: `sort`, `length`, `ops`.
    pub(super) given: Vec<String>,
}

/// What `[a, b(sort: Desc)]` are in an index.
pub(super) fn index_fields(list: &str) -> Vec<IndexField> {
    let mut cursor = LexemeCursor::new(list, LexemeSpelling::Script, 0);
    cursor.eat("[");
    let mut res = Vec::new();
    while let Some(mut name) = cursor.word().map(str::to_owned) {
        while cursor.eat(".") {
            name.push('.');
            name.push_str(cursor.word().unwrap_or_default());
        }
        let inner = arguments(&mut cursor);
        res.push(IndexField {
            name,
            descends: argument(&inner, "sort") == Some("Desc"),
            given: keys(&inner).into_iter().map(|it| it.0.to_owned()).collect(),
        });
        cursor.until(|it| it.is(","));
        cursor.eat(",");
    }
    res
}

/// Each `key: value`, in order.
pub(super) fn keys(inner: &str) -> Vec<(&str, &str)> {
    let mut cursor = LexemeCursor::new(inner, LexemeSpelling::Script, 0);
    let mut res = Vec::new();
    while cursor.peek().is_some() {
        let mut ahead = cursor;
        if let Some(key) = ahead.word().filter(|_| ahead.eat(":")) {
            res.push((key, ahead.until(|it| it.is(","))));
        }
        cursor.until(|it| it.is(","));
        if !cursor.eat(",") {
            break;
        }
    }
    res
}

/// What stands between the commas of `[a, b]`; nothing where it is no list.
pub(super) fn elements(list: &str) -> Option<Vec<&str>> {
    let mut cursor = LexemeCursor::new(list, LexemeSpelling::Script, 0);
    let mut res = Vec::new();
    if !cursor.eat("[") {
        return None;
    }
    while !cursor.eat("]") {
        res.push(cursor.until(|it| it.is(",")));
        if !cursor.eat(",") && !cursor.peek().is_some_and(|it| it.is("]")) {
            return None;
        }
    }
    cursor.peek().is_none().then_some(res)
}

/// What is in the quotes of `"x"` or `map: "x"`.
pub(super) fn quoted(inner: &str) -> Option<String> {
    let mut cursor = LexemeCursor::new(inner, LexemeSpelling::Script, 0);
    cursor.eat_all(&["name", ":"]);
    cursor.peek().filter(Lexeme::is_text).map(|it| it.unquoted())
}
