//! `matches`: SQLite has the operator REGEXP, but no function behind it.

use regex::Regex;
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

/// Gives `connection` the function. A pattern is read once a statement.
pub(super) fn add(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("regexp", 2, flags, |context| regexp(context))
}

/// Whether the second argument matches the first; null where one of them is.
fn regexp(context: &Context<'_>) -> rusqlite::Result<Option<bool>> {
    if context.get_raw(0) == ValueRef::Null {
        return Ok(None);
    }
    let pattern = context.get_or_create_aux(0, |it| {
        let text = it
            .as_str()
            .map_err(|_| "a regular expression is a text".to_owned());
        text.and_then(|it| Regex::new(it).map_err(|it| it.to_string()))
            .map_err(Box::<dyn std::error::Error + Send + Sync>::from)
    })?;
    Ok(match context.get_raw(1) {
        ValueRef::Null => None,
        ValueRef::Integer(it) => Some(pattern.is_match(&it.to_string())),
        ValueRef::Real(it) => Some(pattern.is_match(&it.to_string())),
        ValueRef::Text(it) | ValueRef::Blob(it) => {
            Some(pattern.is_match(&String::from_utf8_lossy(it)))
        }
    })
}
