//! Statements as people read them.

use super::token::{comments, tokens};
use std::borrow::Cow;

/// A `CREATE TABLE` with one column or constraint a line. Any other statement stays as it is, and so does one that has lines or
/// comments of its own.
///
/// ```
/// use relata::stored::laid_out;
/// assert_eq!(
///     laid_out("CREATE TABLE t (a INT, b DECIMAL(1, 2)) STRICT"),
///     "CREATE TABLE t (\n  a INT,\n  b DECIMAL(1, 2)\n) STRICT",
/// );
/// assert_eq!(laid_out("SELECT 1, 2"), "SELECT 1, 2");
/// ```
pub fn laid_out(sql: &str) -> Cow<'_, str> {
    parts(sql).map_or(Cow::Borrowed(sql), |(parts, behind)| {
        let mut res = String::with_capacity(sql.len() + 4 * parts.len());
        for (place, part) in parts.iter().enumerate() {
            res.push_str(match place {
                0 => "",
                1 => "\n  ",
                _ => ",\n  ",
            });
            res.push_str(part);
        }
        res.push('\n');
        res.push_str(behind);
        Cow::Owned(res)
    })
}

/// What stands up to the opening bracket, each of the members, and the rest from the closing bracket on.
fn parts(sql: &str) -> Option<(Vec<&str>, &str)> {
    if sql.contains('\n') {
        return None;
    }
    let tokens = tokens(sql);
    let (create, rest) = tokens.split_first()?;
    let table = rest.iter().take(2).position(|it| it.is("table"))?;
    let is_plain = rest.iter().take(table).all(|it| it.is("temp") || it.is("temporary"));
    if !create.is("create") || !is_plain {
        return None;
    }
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for token in rest.iter().skip(table + 1) {
        if depth == 0 && token.is("as") {
            return None;
        }
        if token.is_sign('(') {
            depth += 1;
            if depth == 1 {
                parts.push(sql.get(..token.range.end)?);
                start = token.range.end;
            }
        } else if token.is_sign(')') {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                parts.push(sql.get(start..token.range.start)?.trim());
                let has_comments = !comments(sql).is_empty();
                return Some((parts, sql.get(token.range.start..)?)).filter(|_| !has_comments);
            }
        } else if depth == 1 && token.is_sign(',') {
            parts.push(sql.get(start..token.range.start)?.trim());
            start = token.range.end;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_another_shape_stays() {
        for sql in [
            "",
            "CREATE",
            "CREATE TABLE",
            "CREATE TABLE t (a",
            "CREATE TABLE t AS SELECT (1), 2",
            "CREATE VIRTUAL TABLE t USING fts5 (a, b)",
            "CREATE TABLE t (a, -- why\nb)",
            "CREATE TABLE t (a /* why */, b)",
            "CREATE INDEX i ON t (a, b)",
        ] {
            assert_eq!(laid_out(sql), sql);
        }
    }

    #[test]
    fn brackets_commas_and_quotes_of_members_are_theirs() {
        let sql = "CREATE TEMP TABLE IF NOT EXISTS `a (b` (`c,d` TEXT DEFAULT 'x, (y', CHECK (e IN (1, 2)))";
        let expected = "CREATE TEMP TABLE IF NOT EXISTS `a (b` (\n  `c,d` TEXT DEFAULT 'x, (y',\n  CHECK (e IN (1, 2))\n)";
        assert_eq!(laid_out(sql), expected);
        assert_eq!(laid_out(expected), expected);
    }
}
