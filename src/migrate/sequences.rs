//! The numbers that AUTOINCREMENT gave last.

use crate::catalog::Name;
use crate::client::{Client, RunResult};
use crate::source::Span;
use crate::stored::quoted_text;
use crate::value::Value;
use std::collections::BTreeMap;

/// Whether any table is AUTOINCREMENT, or was.
pub(in crate::migrate) fn has_sequences(client: &mut Client<'_>, at: Span) -> RunResult<bool> {
    let sql = "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_sequence'";
    Ok(client.count(at, sql)? > 0)
}

/// The last number that AUTOINCREMENT gave.
pub(in crate::migrate) fn sequence_of(
    client: &mut Client<'_>,
    at: Span,
    table: &str,
) -> RunResult<Option<String>> {
    if !has_sequences(client, at)? {
        return Ok(None);
    }
    let name = quoted_text(table);
    let sql = format!("SELECT quote(seq) FROM sqlite_sequence WHERE name = {name} COLLATE NOCASE");
    Ok(client.texts(at, &sql)?.pop())
}

/// The last numbers that tables were given; none, unless they are `asked`.
pub(in crate::migrate) fn last_numbers(
    client: &mut Client<'_>,
    at: Span,
    asked: bool,
) -> RunResult<BTreeMap<Name, Value>> {
    let mut found = BTreeMap::new();
    if asked && has_sequences(client, at)? {
        let sql = "SELECT name, seq FROM sqlite_sequence";
        for row in client.rows(at, sql, &[])? {
            if let [Value::Text(name), last] = row.as_slice() {
                found.insert(name.as_str().into(), last.clone());
            }
        }
    }
    Ok(found)
}
