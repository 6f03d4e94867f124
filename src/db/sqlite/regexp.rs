//! `matches`: SQLite has the operator REGEXP, but no function behind it.

use crate::value::Pattern;
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
    let pattern = context.get_or_create_aux(0, |value| {
        let text = value.as_str().map_err(|_| "a regular expression is a text".to_owned());
        text.and_then(|it| {
            Pattern::new(it, "").map_err(|why| format!("`{it}` is no regular expression: {why}"))
        })
        .map_err(Box::<dyn std::error::Error + Send + Sync>::from)
    })?;
    let is_match = |text: &str| match pattern.is_match(text) {
        Some(it) => Ok(Some(it)),
        None => Err(rusqlite::Error::UserFunctionError(
            "a regular expression takes too long to match".into(),
        )),
    };
    match context.get_raw(1) {
        ValueRef::Null => Ok(None),
        ValueRef::Integer(it) => is_match(&it.to_string()),
        ValueRef::Real(it) => is_match(&it.to_string()),
        ValueRef::Text(it) | ValueRef::Blob(it) => is_match(&String::from_utf8_lossy(it)),
    }
}
