//! Whether what is kept as a text is one: SQLite doesn't look.

use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result};

/// Gives `connection` the function `relata_is_text`: whether a text's bytes are UTF-8.
pub(super) fn add(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("relata_is_text", 1, flags, |context| {
        Ok(match context.get_raw(0) {
            ValueRef::Text(bytes) => bytes.utf8_chunks().all(|it| it.invalid().is_empty()),
            ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Blob(_) => true,
        })
    })
}
