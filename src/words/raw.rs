//! Raw SQL, as far as it has to be understood to be written into a statement: where its texts, names, comments and brackets
//! begin and end.
//!
//! Invariant: a piece without a [`Fault`] means the same wherever it is written into a statement, and ends where it ends.

use std::ops::Range;

/// Why a piece of SQL can't be written into a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong with it, as a report goes on behind "raw SQL".
    pub what: &'static str,
    /// What has to do with it: its bytes.
    pub at: Range<usize>,
    /// What is wrong with these.
    pub label: &'static str,
    /// What to do.
    pub help: &'static str,
}

/// A part of a text in SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RawToken {
    Space,
    /// `-- ..` with its line's end, or `/* .. */`
    Comment,
    Word,
    /// `'..'`, `".."`, `` `..` ``, `[..]`
    Quoted,
    Open,
    Close,
    Semicolon,
    Other,
    /// Something that the text doesn't end: a comment, or what stands in such a quote.
    Endless(Option<char>),
}

/// The part at the beginning of a text, and its length.
fn part(text: &str) -> Option<(RawToken, usize)> {
    let first = text.chars().next()?;
    let quoted = |quote: char| match closed(text, quote) {
        Some(length) => (RawToken::Quoted, length),
        None => (RawToken::Endless(Some(quote)), text.len()),
    };
    Some(match first {
        it if it.is_whitespace() => (RawToken::Space, it.len_utf8()),
        '-' if text.starts_with("--") => match text.find('\n') {
            Some(end) => (RawToken::Comment, end + 1),
            None => (RawToken::Endless(None), text.len()),
        },
        '/' if text.starts_with("/*") => match text.get(2..).and_then(|it| it.find("*/")) {
            Some(end) => (RawToken::Comment, end + 4),
            None => (RawToken::Endless(None), text.len()),
        },
        '\'' | '"' | '`' => quoted(first),
        // A name to SQLite, a place in a list to PostgreSQL: either way it ends with the next one.
        '[' => match text.find(']') {
            Some(end) => (RawToken::Quoted, end + 1),
            None => (RawToken::Endless(Some('[')), text.len()),
        },
        '(' => (RawToken::Open, 1),
        ')' => (RawToken::Close, 1),
        ';' => (RawToken::Semicolon, 1),
        it if in_word(it) => {
            let end = text.find(|it| !in_word(it)).unwrap_or(text.len());
            (RawToken::Word, end)
        }
        it => (RawToken::Other, it.len_utf8()),
    })
}

/// Whether a bare word of SQL may hold it.
pub const fn in_word(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || sign == '_' || sign == '$' || !sign.is_ascii()
}

/// The length of what begins with a quote; a quote within is written twice. None where it doesn't end.
fn closed(text: &str, quote: char) -> Option<usize> {
    let mut at = 1;
    loop {
        at += text.get(at..)?.find(quote)? + 1;
        if !text.get(at..)?.starts_with(quote) {
            return Some(at);
        }
        at += 1;
    }
}

/// The parts of a text, in order.
fn parts(sql: &str) -> impl Iterator<Item = (RawToken, Range<usize>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (part, length) = part(sql.get(at..)?)?;
        let from = at;
        at += length;
        Some((part, from..at))
    })
}

const TEXT: &str =
    "in SQL a text stands in single quotes, one of which within is written twice: 'it''s'";
const NAME: &str = "in SQL a name may stand in double quotes, one of which within is written twice";
const BRACKET: &str = "each bracket that it opens it closes, outside of texts and comments";
const COMMENT: &str =
    "a comment within it is written `/* .. */`; one of Relata's own, `// ..`, stands behind it";
const PIECE: &str =
    "it is a piece of a statement, or one without its `;`; several sentences stand side by side";

/// What is wrong with a piece of SQL. A CREATE is a statement by itself: nothing follows it, and a trigger has statements in it.
pub fn fault(sql: &str) -> Option<Fault> {
    let mut open: Vec<usize> = Vec::new();
    let mut first = true;
    for (part, at) in parts(sql) {
        let fault = |what, length, label, help| {
            let at = at.start..at.start + length;
            Some(Fault { what, at, label, help })
        };
        match part {
            RawToken::Space | RawToken::Comment => continue,
            RawToken::Word => {
                let word = sql.get(at.clone()).unwrap_or_default();
                if first && word.eq_ignore_ascii_case("create") {
                    return None;
                }
            }
            RawToken::Quoted | RawToken::Other => {}
            RawToken::Open => open.push(at.start),
            RawToken::Close => {
                if open.pop().is_none() {
                    let what = "closes a bracket that it doesn't open";
                    return fault(what, 1, "nothing is open here", BRACKET);
                }
            }
            RawToken::Semicolon => {
                return fault("is more than one statement", 1, "one would end here", PIECE);
            }
            RawToken::Endless(None) => {
                let label = "what follows would be part of this";
                return fault("ends in a comment", 2, label, COMMENT);
            }
            RawToken::Endless(Some('\'')) => {
                return fault("ends in a text", 1, "nothing closes this", TEXT);
            }
            RawToken::Endless(Some(_)) => {
                return fault("ends in a name", 1, "nothing closes this", NAME);
            }
        }
        first = false;
    }
    let from = open.pop()?;
    Some(Fault {
        what: "leaves a bracket open",
        at: from..from + 1,
        label: "nothing closes this",
        help: BRACKET,
    })
}

/// Whether a piece of SQL is one pair of brackets and what is in it; comments aside.
pub fn is_bracketed(sql: &str) -> bool {
    let mut depth = 0_usize;
    let mut seen = false;
    for (part, _) in parts(sql) {
        match part {
            RawToken::Space | RawToken::Comment => {}
            // Something before the brackets, or behind them.
            _ if depth == 0 && (seen || part != RawToken::Open) => return false,
            RawToken::Open => {
                depth += 1;
                seen = true;
            }
            RawToken::Close => depth = depth.saturating_sub(1),
            RawToken::Word
            | RawToken::Quoted
            | RawToken::Semicolon
            | RawToken::Other
            | RawToken::Endless(_) => {}
        }
    }
    seen && depth == 0
}

/// Whether a piece of SQL is one word.
pub fn is_word(sql: &str) -> bool {
    let sql = sql.trim();
    !sql.is_empty() && sql.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
}

#[cfg(test)]
mod tests {
    use super::{fault, is_bracketed};

    #[track_caller]
    fn check(sql: &str, expected: &str) {
        let found = fault(sql);
        let what = found.as_ref().map_or("whole", |it| it.what);
        assert_eq!(what, expected, "{sql}");
    }

    #[test]
    fn a_piece_of_sql_ends_where_it_ends() {
        let rows = [
            ("", "whole"),
            ("VARCHAR(7)", "whole"),
            ("upper(name) -- capitals", "ends in a comment"),
            ("upper(name) --", "ends in a comment"),
            ("upper(name) -- capitals\n", "whole"),
            ("-- capitals\nupper(name)", "whole"),
            ("a - -1", "whole"),
            ("'-- no comment'", "whole"),
            ("1 /* one", "ends in a comment"),
            ("1 /*/", "ends in a comment"),
            ("1 /* ( ' */", "whole"),
            ("'it''s'", "whole"),
            ("'it's'", "ends in a text"),
            ("'a", "ends in a text"),
            ("\"a", "ends in a name"),
            ("`a``", "ends in a name"),
            ("`a``b` = [c)]", "whole"),
            ("[a", "ends in a name"),
            ("(a", "leaves a bracket open"),
            ("((a)", "leaves a bracket open"),
            ("(a))", "closes a bracket that it doesn't open"),
            ("a) or (b", "closes a bracket that it doesn't open"),
            ("a; delete from b", "is more than one statement"),
            ("';'", "whole"),
            ("created; x", "is more than one statement"),
            ("1 create; x", "is more than one statement"),
            ("CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END", "whole"),
            ("/* one */ -- two\n create table a (b)", "whole"),
            ("ä(é)", "whole"),
        ];
        for (sql, expected) in rows {
            check(sql, expected);
        }
    }

    #[test]
    fn brackets_are_around_all_of_it_or_not() {
        let rows = [
            ("(a)", true),
            (" (SELECT a FROM b WHERE c = ')')\n", true),
            ("/* ) */ (a) -- one\n", true),
            ("(a /* ( */) + (b /* ) */)", false),
            ("(a) + (b)", false),
            ("a(b)", false),
            ("(a) b", false),
            ("((a))", true),
            ("", false),
            ("/* */", false),
        ];
        for (sql, expected) in rows {
            assert_eq!(is_bracketed(sql), expected, "{sql}");
        }
    }
}
