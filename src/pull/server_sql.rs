//! A server's expressions with fewer words: what it adds by itself when it writes them is left out again.
//!
//! Whoever takes what comes of it holds that against the original.

use crate::sql::Dialect;

/// An expression of a server with fewer words.
pub(super) fn plain_of(dialect: &Dialect, sql: &str) -> String {
    if dialect.backslashes { without_backslashes(whole(sql)) } else { plain(sql) }
}

/// Texts as the standard has them: there a backslash is a letter.
fn without_backslashes(sql: &str) -> String {
    let (mut res, mut letters) = (String::with_capacity(sql.len()), sql.chars());
    let mut quote = None;
    while let Some(it) = letters.next() {
        match (quote, it) {
            (Some('\''), '\\') => match letters.next() {
                Some('n') => res.push('\n'),
                Some('r') => res.push('\r'),
                Some('t') => res.push('\t'),
                Some('0') => res.push('\0'),
                Some('\'') => res.push_str("''"),
                Some(other) => res.push(other),
                None => {}
            },
            (None, '\'' | '"' | '`') => {
                quote = Some(it);
                res.push(it);
            }
            (Some(open), _) if open == it => {
                quote = None;
                res.push(it);
            }
            _ => res.push(it),
        }
    }
    res
}

/// Without types behind `::`, without brackets around one word, lists as `IN (..)` and patterns as `LIKE`.
fn plain(sql: &str) -> String {
    let text = without_brackets(&without_casts(sql));
    let mut text = text.replace(" !~~ ", " NOT LIKE ").replace(" ~~ ", " LIKE ");
    for (from, to) in [(" = ANY ", " IN "), (" <> ALL ", " NOT IN ")] {
        while let Some(listed) = listed(&text, from, to) {
            text = listed;
        }
    }
    whole(&text).to_owned()
}

/// Pieces of a text: those within quotes, and others.
fn pieces(sql: &str) -> Vec<(bool, &str)> {
    let mut res = Vec::new();
    let mut rest = sql;
    while let Some(at) = rest.find(['\'', '"']) {
        let (before, quoted) = rest.split_at(at);
        let quote = quoted.chars().next().unwrap_or('\'');
        let mut end = quoted.len();
        let mut signs = quoted.char_indices().skip(1).peekable();
        while let Some((place, sign)) = signs.next() {
            if sign == quote && signs.next_if(|it| it.1 == quote).is_none() {
                end = place + 1;
                break;
            }
        }
        let (text, behind) = quoted.split_at(end);
        res.push((false, before));
        res.push((true, text));
        rest = behind;
    }
    res.push((false, rest));
    res.retain(|it| !it.1.is_empty());
    res
}

/// `(name)::text` becomes `(name)`.
fn without_casts(sql: &str) -> String {
    let mut out = String::new();
    // Whether what comes is a type, so far.
    let mut in_type = false;
    for (quoted, piece) in pieces(sql) {
        if quoted {
            if !in_type || piece.starts_with('\'') {
                out.push_str(piece);
                in_type = false;
            }
            continue;
        }
        let mut rest = piece;
        if in_type {
            (rest, in_type) = (behind_type(rest), rest == ".");
        }
        while let Some((before, behind)) = rest.split_once("::") {
            out.push_str(before);
            rest = behind_type(behind);
            // The type's name, or what stands behind its schema, is in quotes.
            in_type = rest.is_empty() && (behind.is_empty() || behind.ends_with('.'));
        }
        out.push_str(rest);
    }
    out
}

/// What stands behind a type.
fn behind_type(text: &str) -> &str {
    const MORE: [&str; 8] = [
        " varying",
        " precision",
        " with time zone",
        " without time zone",
        "(",
        "[",
        ".",
        " varying[",
    ];
    let word = |it: char| it.is_alphanumeric() || it == '_';
    let mut rest = text.trim_start_matches(word);
    loop {
        let more = MORE.iter().find(|it| rest.starts_with(**it));
        rest = match more {
            None => return rest,
            Some(&"(") => match rest.split_once(')') {
                Some((numbers, behind))
                    if numbers.bytes().skip(1).all(|it| it.is_ascii_digit() || it == b',') =>
                {
                    behind
                }
                _ => return rest,
            },
            Some(&"[") => match rest.strip_prefix("[]") {
                Some(behind) => behind,
                None => return rest,
            },
            Some(&".") => rest.get(1..).unwrap_or_default().trim_start_matches(word),
            Some(it) => rest.get(it.len()..).unwrap_or_default(),
        };
    }
}

/// `(name)` becomes `name` where it isn't what a function takes.
fn without_brackets(sql: &str) -> String {
    let mut text = sql.to_owned();
    let mut from = 0;
    while let Some(open) = text.get(from..).and_then(|it| it.find('(')).map(|it| it + from) {
        from = open + 1;
        let before = text.get(..open).unwrap_or_default().chars().next_back();
        let calls = before.is_some_and(|it| it.is_alphanumeric() || it == '_' || it == '"');
        let inner = text.get(open + 1..).unwrap_or_default();
        let name = match inner.strip_prefix('"') {
            Some(quoted) => quoted.find('"').map(|it| it + 2),
            None => Some(
                inner.find(|it: char| !(it.is_alphanumeric() || it == '_')).unwrap_or(inner.len()),
            ),
        };
        let Some(length) = name.filter(|it| *it > 0) else { continue };
        let (name, behind) = (inner.get(..length), inner.get(length..));
        if let (false, Some(name), Some(rest)) =
            (calls, name, behind.and_then(|it| it.strip_prefix(')')))
        {
            text = format!("{}{name}{rest}", text.get(..open).unwrap_or_default());
            from = open;
        }
    }
    text
}

/// `a = ANY (ARRAY['x', 'y'])` becomes `a IN ('x', 'y')`.
fn listed(text: &str, from: &str, to: &str) -> Option<String> {
    let (before, behind) = text.split_once(from)?;
    let opened = behind.trim_start_matches('(');
    let depth = behind.len() - opened.len();
    let inner = opened.strip_prefix("ARRAY[")?;
    let mut end = None;
    let mut place = 0;
    for (quoted, piece) in pieces(inner) {
        if !quoted && let Some(at) = piece.find(']') {
            end = Some(place + at);
            break;
        }
        place += piece.len();
    }
    let (members, rest) = inner.split_at_checked(end?)?;
    let rest = rest.strip_prefix(']')?.strip_prefix(&*")".repeat(depth))?;
    Some(format!("{before}{to}({members}){rest}"))
}

/// What stands between the brackets around all of it.
fn whole(text: &str) -> &str {
    let text = text.trim();
    let Some(inner) = text.strip_prefix('(').and_then(|it| it.strip_suffix(')')) else {
        return text;
    };
    let mut depth = 0_i32;
    for (quoted, piece) in pieces(inner) {
        for sign in piece.chars().filter(|_| !quoted) {
            depth += i32::from(sign == '(') - i32::from(sign == ')');
            if depth < 0 {
                return text;
            }
        }
    }
    whole(inner)
}

#[cfg(test)]
mod tests {
    use super::{plain, plain_of};
    use crate::sql::Dialect;

    #[test]
    fn a_backslash_is_a_letter() {
        let said = |sql: &str| plain_of(Dialect::MARIADB, sql);
        assert_eq!(said(r#"("a\" = 'it''s \\ \'b')"#), r#""a\" = 'it''s \ ''b'"#);
        assert_eq!(said(r"'\n'"), "'\n'");
    }

    #[track_caller]
    fn check(sql: &str, expected: &str) {
        assert_eq!(plain(sql), expected);
    }

    #[test]
    fn what_a_server_adds_is_left_out() {
        check("length((name)::text) > 2", "length(name) > 2");
        check("role = ANY (ARRAY['a'::text, 'b]'::text])", "role IN ('a', 'b]')");
        check(
            "((role)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))",
            "role IN ('a', 'b')",
        );
        check("'x::y'::character varying(80)", "'x::y'");
        check("'a'::app.\"Status\"", "'a'");
        check("'a'::\"App\".\"Status\" || b", "'a' || b");
        check("a::\"Status\" = 'b'::app.\"Status\"", "a = 'b'");
        check("(\"Name\")::text !~~ 'a%'::text", "\"Name\" NOT LIKE 'a%'");
        check("(a > 1) AND (b < 2)", "(a > 1) AND (b < 2)");
        check("'2020-01-01 00:00:00+00'::timestamp with time zone", "'2020-01-01 00:00:00+00'");
        check("price * (1)::numeric", "price * 1");
    }
}
