//! What stands in double quotes: a name, or where nothing is called so, a text, as SQLite's default build has it.

use super::token::{SqlToken, SqlTokenKind, normalized, tokens};
use crate::catalog::Fragment;
use std::borrow::Cow;

/// The names by which every row's number goes.
const NUMBERS: [&str; 3] = ["rowid", "oid", "_rowid_"];

/// An expression in which what stands in double quotes and is no column's name stands in single quotes.
///
/// ```
/// use relata::stored::with_texts;
/// let is_column = |it: &str| it.eq_ignore_ascii_case("a");
/// assert_eq!(with_texts("\"A\" = \"it's\" || t.\"b\"", is_column), "\"A\" = 'it''s' || t.\"b\"");
/// ```
pub fn with_texts(sql: &str, is_column: impl Fn(&str) -> bool) -> Cow<'_, str> {
    respelled(sql, |name, before, next| {
        let is_name = is_column(name)
            || NUMBERS.iter().any(|number| name.eq_ignore_ascii_case(number))
            || before.is_some_and(|it| it.is_sign('.') || it.is("collate") || it.is("as"))
            || next.is_some_and(|it| it.is_sign('.') || it.is_sign('('));
        (!is_name).then(|| quoted_text(name))
    })
}

/// A statement in which no name stands in double quotes: nothing in it can be taken for a text.
///
/// ```
/// assert_eq!(relata::stored::with_names("SELECT \"a\", '\"', \"b`\""), "SELECT `a`, '\"', `b```");
/// ```
pub fn with_names(sql: &str) -> Cow<'_, str> {
    respelled(sql, |it, _, _| Some(format!("`{}`", it.replace('`', "``"))))
}

/// A text with what is in double quotes written in another way, each by the tokens beside it.
fn respelled(
    sql: &str,
    other: impl Fn(&str, Option<&SqlToken>, Option<&SqlToken>) -> Option<String>,
) -> Cow<'_, str> {
    if !sql.contains('"') {
        return sql.into();
    }
    let all = tokens(sql);
    let mut res = String::with_capacity(sql.len());
    let mut from = 0;
    for (at, token) in all.iter().enumerate() {
        let SqlTokenKind::Quoted(it) = &token.kind else {
            continue;
        };
        let before = at.checked_sub(1).and_then(|it| all.get(it));
        if let Some(text) = other(it, before, all.get(at + 1)) {
            res.push_str(sql.get(from..token.range.start).unwrap_or_default());
            res.push_str(&text);
            from = token.range.end;
        }
    }
    res.push_str(sql.get(from..).unwrap_or_default());
    res.into()
}

/// The default's value as an expression: SQLite takes a name for a text there.
pub fn default_value(sql: &str) -> Cow<'_, str> {
    const WORDS: [&str; 6] =
        ["null", "true", "false", "current_timestamp", "current_date", "current_time"];
    let name = match tokens(sql).as_slice() {
        [it] if !WORDS.iter().any(|word| it.is(word)) => it.name().map(str::to_owned),
        _ => None,
    };
    name.map_or(sql.into(), |it| quoted_text(&it).into())
}

/// A default in a form that two spellings of one value share: `TRUE` is 1, and a name is a text.
///
/// ```
/// use relata::stored::normalized_default;
/// assert_eq!(normalized_default("(TRUE)"), normalized_default("+1"));
/// assert_eq!(normalized_default("\"x\""), normalized_default("'x'"));
/// assert_ne!(normalized_default("X"), normalized_default("'x'"));
/// ```
pub fn normalized_default(sql: &str) -> String {
    let all = tokens(sql);
    let mut inner = all.as_slice();
    while let [first, middle @ .., last] = inner
        && first.is_sign('(')
        && last.is_sign(')')
    {
        inner = middle;
    }
    match inner {
        [only] if only.is("true") => "1".to_owned(),
        [only] if only.is("false") => "0".to_owned(),
        [plus, number] if plus.is_sign('+') && number.kind == SqlTokenKind::Literal => {
            normalized(sql.get(number.range.clone()).unwrap_or_default())
        }
        [only] => normalized(&default_value(sql.get(only.range.clone()).unwrap_or_default())),
        _ => normalized(sql),
    }
}

/// A type, in one spelling: neither white space nor comments in it matter.
pub fn data_type(text: &str) -> Fragment {
    Fragment::new(text, normalized(text).replace(' ', ""))
}

/// A default, in one spelling.
///
/// ```
/// use relata::stored::default_of;
/// assert_eq!(&*default_of("1 -- or two"), "1");
/// ```
pub fn default_of(text: &str) -> Fragment {
    let text = without_last_comment(text);
    Fragment::new(text, normalized_default(text))
}

/// A text without the comment that it ends in, which would hide what is written behind it.
fn without_last_comment(text: &str) -> &str {
    let last = if text.contains("--") { tokens(text).pop() } else { None };
    last.and_then(|it| text.get(..it.range.end)).unwrap_or(text)
}

/// What is written there, in one spelling.
pub(super) fn fragment(text: &str) -> Fragment {
    let text = without_last_comment(text);
    Fragment::new(text, normalized(text))
}

/// A name in quotes.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text in quotes.
pub fn quoted_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
