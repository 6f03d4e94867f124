//! A dump as its statements: without the rows that a server writes beside them, its own spelling of texts, and bodies of programs.

use super::ddl::OWN_SQL;
use std::borrow::Cow;

/// A text of statements alone; what is left out of it, and why.
///
/// Invariant: what is left is cut at lines or at quotes, and no quote of it is without its other end where the text's are whole.
pub(super) fn statements<'t>(text: &'t str, left: &mut Vec<(String, String)>) -> Cow<'t, str> {
    let marks = ["/*!", "auto_increment", "engine=", "table `", "exists `"];
    let lower = text.to_ascii_lowercase();
    let is_mysql = marks.iter().any(|it| lower.contains(it));
    // What psql is told, not the server: `\restrict ..`, `\connect ..`
    let is_of_psql = |line: &str| {
        let letter = line.strip_prefix('\\').and_then(|it| it.chars().next());
        !is_mysql && letter.is_some_and(|it| it.is_ascii_lowercase())
    };
    let has_rows = text.contains("\\.")
        || text.contains("$$")
        || text.contains("DELIMITER")
        || text.lines().any(is_of_psql);
    if !is_mysql && !has_rows && !text.contains('$') {
        return Cow::Borrowed(text);
    }
    let mut res = String::with_capacity(text.len());
    let mut lines = text.split_inclusive('\n');
    let mut quotes = 0;
    while let Some(line) = lines.next() {
        let is_copy = line.starts_with("COPY ") && line.trim_end().ends_with("FROM stdin;");
        if is_copy {
            // Rows follow, up to a line of their own.
            lines.by_ref().find(|it| it.trim_end() == "\\.");
        } else if let Some(end) = delimiter(line).filter(|it| *it != ";") {
            let mut program = String::new();
            for line in lines.by_ref() {
                if delimiter(line) == Some(";") {
                    break;
                }
                program.push_str(line);
            }
            let each = program.split(end).map(str::trim).filter(|it| !it.is_empty());
            left.extend(each.map(|it| (OWN_SQL.to_owned(), it.to_owned())));
        } else if quotes % 2 == 1 || !is_of_psql(line) {
            // Within a text a line may begin with anything.
            let is_comment = line.trim_start().starts_with("--");
            quotes += if is_comment { 0 } else { line.matches('\'').count() };
            res.push_str(line);
        }
    }
    Cow::Owned(if is_mysql { of_mysql(&res) } else { without_bodies(&res) })
}

/// `DELIMITER ;;`
fn delimiter(line: &str) -> Option<&str> {
    let (word, end) = line.trim().split_once(' ')?;
    word.eq_ignore_ascii_case("delimiter").then(|| end.trim())
}

/// Without backslashes in texts, with what MySQL alone reads of comments.
fn of_mysql(text: &str) -> String {
    let mut res = String::with_capacity(text.len());
    let mut rest = text;
    let mut is_unwrapped = false;
    while let Some(at) = rest.find(['\'', '"', '`', '#', '-', '/', '*']) {
        let (before, from) = rest.split_at(at);
        res.push_str(before);
        let length = match from.as_bytes() {
            [b'/', b'*', b'!', ..] => {
                is_unwrapped = true;
                let digits = from.get(3..).unwrap_or_default();
                let count =
                    digits.len() - digits.trim_start_matches(|it: char| it.is_ascii_digit()).len();
                rest = from.get(3 + count..).unwrap_or_default();
                continue;
            }
            [b'*', b'/', ..] if is_unwrapped => {
                is_unwrapped = false;
                rest = from.get(2..).unwrap_or_default();
                continue;
            }
            [b'/', b'*', ..] => from.find("*/").map_or(from.len(), |it| it + 2),
            [b'-', b'-', ..] | [b'#', ..] => {
                // A comment to the line's end.
                rest = from.find('\n').and_then(|it| from.get(it..)).unwrap_or_default();
                continue;
            }
            [b'`', ..] => from.get(1..).and_then(|it| it.find('`')).map_or(from.len(), |it| it + 2),
            [b'\'' | b'"', ..] => {
                rest = text_of_mysql(from, &mut res);
                continue;
            }
            _ => 1,
        };
        res.push_str(from.get(..length).unwrap_or(from));
        rest = from.get(length..).unwrap_or_default();
    }
    res.push_str(rest);
    res
}

/// Writes a text in quotes as SQLite does; what stands behind it.
fn text_of_mysql<'t>(from: &'t str, res: &mut String) -> &'t str {
    let mut letters = from.char_indices();
    let quote = letters.next().map_or('\'', |it| it.1);
    res.push('\'');
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => match letters.next().map(|it| it.1) {
                Some('n') => res.push('\n'),
                Some('r') => res.push('\r'),
                Some('t') => res.push('\t'),
                Some('\'') => res.push_str("''"),
                Some('0') | None => {}
                Some(it) => res.push(it),
            },
            it if it == quote => {
                let behind = from.get(at + 1..).unwrap_or_default();
                if !behind.starts_with(quote) {
                    res.push('\'');
                    return behind;
                }
                letters.next();
                res.push_str(if quote == '\'' { "''" } else { "\"" });
            }
            '\'' => res.push_str("''"),
            it => res.push(it),
        }
    }
    res.push('\'');
    ""
}

/// With what stands in `$$ .. $$` and `$body$ .. $body$`, a program in another language, as a text in quotes.
fn without_bodies(text: &str) -> String {
    let mut res = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\'', '"', '$', '-']) {
        let (before, from) = rest.split_at(at);
        res.push_str(before);
        let behind = from.get(1..).unwrap_or_default();
        let length = match from.as_bytes() {
            [b'$', ..] => match behind.find(|it: char| !it.is_alphanumeric() && it != '_') {
                Some(end) if behind.get(end..).is_some_and(|it| it.starts_with('$')) => {
                    let mark = from.get(..end + 2).unwrap_or_default();
                    let inner = from.get(mark.len()..).unwrap_or_default();
                    let (program, behind) = inner.split_once(mark).unwrap_or((inner, ""));
                    res.extend(["'", &program.replace('\'', "''"), "'"]);
                    rest = behind;
                    continue;
                }
                _ => 1,
            },
            [b'-', b'-', ..] => from.find('\n').unwrap_or(from.len()),
            [quote @ (b'\'' | b'"'), ..] => {
                behind.find(char::from(*quote)).map_or(from.len(), |it| it + 2)
            }
            _ => 1,
        };
        res.push_str(from.get(..length).unwrap_or(from));
        rest = from.get(length..).unwrap_or_default();
    }
    res.push_str(rest);
    res
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut left = Vec::new();
        assert_eq!(statements(text, &mut left), expected, "of {text}, and left {left:?}");
    }

    #[test]
    fn rows_and_programs_are_no_statements() {
        check(
            "COPY a (b) FROM stdin;\nit's; one\n\\.\nCREATE TABLE c (d int);\n",
            "CREATE TABLE c (d int);\n",
        );
        check(
            "CREATE FUNCTION f() AS $a$ BEGIN; 'x; END $a$ LANGUAGE sql;",
            "CREATE FUNCTION f() AS ' BEGIN; ''x; END ' LANGUAGE sql;",
        );
        check("SELECT '$$', \"$$\"; -- $$ '\nx $", "SELECT '$$', \"$$\"; -- $$ '\nx $");
        check("TABLE `a` 'it\\'s \\\\' \"a\" # '\nb", "TABLE `a` 'it''s \\' 'a' \nb");
        check("/*!50001 CREATE VIEW `v` AS SELECT 1 */;", " CREATE VIEW `v` AS SELECT 1 ;");
        check("a `b`;\nDELIMITER ;;\nCREATE x; y;;\nDELIMITER ;\nz", "a `b`;\nz");
    }
}
