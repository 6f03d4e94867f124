//! What a raw CREATE statement creates, found in its first words.

use crate::db::ObjectKind;

/// What a statement creates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Created {
    /// A table, an index, a view or a trigger.
    pub kind: ObjectKind,
    /// Its name, without quotes.
    pub name: String,
}

/// What `sql` creates; none where it isn't a CREATE of something that has a name.
pub(super) fn created(sql: &str) -> Option<Created> {
    let mut rest = sql;
    if !word(&mut rest, "CREATE") {
        return None;
    }
    let _ = word(&mut rest, "UNIQUE") || word(&mut rest, "VIRTUAL");
    let kind = ObjectKind::ALL
        .into_iter()
        .find(|it| word(&mut rest, it.word()))?;
    if word(&mut rest, "IF") {
        let exists = word(&mut rest, "NOT") && word(&mut rest, "EXISTS");
        exists.then_some(())?;
    }
    let mut name = name(&mut rest)?;
    if let Some(behind) = skip(rest).strip_prefix('.') {
        rest = behind;
        name = self::name(&mut rest)?;
    }
    Some(Created { kind, name })
}

/// Takes `expected` from the front of `rest`, in any letter case.
fn word(rest: &mut &str, expected: &str) -> bool {
    let text = skip(rest);
    let end = text.find(|it: char| !is_name(it)).unwrap_or(text.len());
    let (word, behind) = text.split_at(end);
    let found = word.eq_ignore_ascii_case(expected);
    if found {
        *rest = behind;
    }
    found
}

/// Takes a name from the front of `rest`.
fn name(rest: &mut &str) -> Option<String> {
    let text = skip(rest);
    let first = text.chars().next()?;
    let close = match first {
        '"' | '`' | '\'' => first,
        '[' => ']',
        _ => {
            let end = text.find(|it: char| !is_name(it)).unwrap_or(text.len());
            let (name, behind) = text.split_at(end);
            *rest = behind;
            return (!name.is_empty()).then(|| name.to_owned());
        }
    };
    let mut name = String::new();
    let mut letters = text.chars();
    letters.next();
    while let Some(letter) = letters.next() {
        if letter == close {
            // Written twice it is one of the name.
            if close == ']' || !letters.as_str().starts_with(close) {
                *rest = letters.as_str();
                return Some(name);
            }
            letters.next();
        }
        name.push(letter);
    }
    None
}

fn is_name(it: char) -> bool {
    it.is_alphanumeric() || it == '_' || it == '$' || !it.is_ascii()
}

/// `text` without the white space and comments at its front.
fn skip(mut text: &str) -> &str {
    loop {
        text = text.trim_start();
        if let Some(comment) = text.strip_prefix("--") {
            text = comment.split_once('\n').map_or("", |(_, behind)| behind);
        } else if let Some(comment) = text.strip_prefix("/*") {
            text = comment.split_once("*/").map_or("", |(_, behind)| behind);
        } else {
            return text;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sql: &str, kind: ObjectKind, name: &str) {
        let expected = Created {
            kind,
            name: name.to_owned(),
        };
        assert_eq!(created(sql), Some(expected), "{sql}");
    }

    #[test]
    fn the_first_words_say_what_is_created() {
        check(
            "CREATE TRIGGER t AFTER INSERT ON u BEGIN SELECT 1; END",
            ObjectKind::Trigger,
            "t",
        );
        check(
            "-- one\ncreate /* two */ virtual table if not exists \"a \"\"b\" using fts5(x)",
            ObjectKind::Table,
            "a \"b",
        );
        check(
            "CREATE UNIQUE INDEX main.[x y] ON t (a)",
            ObjectKind::Index,
            "x y",
        );
        check("CREATE VIEW v(a) AS SELECT 1", ObjectKind::View, "v");
    }

    #[test]
    fn anything_else_creates_nothing() {
        for sql in [
            "",
            "DROP TABLE x",
            "CREATE",
            "CREATE TABLE",
            "CREATE TABLE \"x",
            "CREATE TEMP TABLE x (a)",
            "INSERT INTO x VALUES (1)",
        ] {
            assert_eq!(created(sql), None, "{sql}");
        }
    }
}
