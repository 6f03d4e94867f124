//! How names are spelled in a statement before SQLite sees it.

use crate::stored::{tokens, with_names};
use rusqlite::{Connection, Result};
use std::borrow::Cow;

/// How a statement begins, as far as double quotes in it are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FirstWord {
    Create,
    Alter,
    Other,
}

/// How a statement begins, and the statement with every name that it has in double quotes in quotes that nothing but a name has. What
/// creates something is kept as it is written, and stays so.
pub(super) fn quote_names(sql: &str) -> (FirstWord, Cow<'_, str>) {
    if sql.as_bytes().first_chunk().is_some_and(|it: &[u8; 5]| it.eq_ignore_ascii_case(b"alter")) {
        return (FirstWord::Alter, sql.into());
    }
    if memchr::memchr(b'"', sql.as_bytes()).is_none() {
        return (FirstWord::Other, sql.into());
    }
    let all = tokens(sql);
    if all.first().is_some_and(|it| it.is("create")) {
        return (FirstWord::Create, sql.into());
    }
    (FirstWord::Other, with_names(sql))
}

/// The texts in a statement's program.
pub(super) fn texts(connection: &Connection, sql: &str) -> Result<Vec<String>> {
    let mut statement = connection.prepare(&format!("EXPLAIN {sql}"))?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        if row.get::<_, String>("opcode")? == "String8" {
            found.extend(row.get::<_, Option<String>>("p4")?);
        }
    }
    Ok(found)
}
