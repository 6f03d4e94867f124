//! The numbers that AUTOINCREMENT gave last, and those that rows have.

use crate::catalog::{Object, Sequence};
use crate::client::{Client, RunResult, quoted};
use crate::migrate::verify::RowExtent;
use crate::source::Span;
use crate::stored::{CreateTable, quoted_text};
use crate::value::Value;

/// Whether any table is AUTOINCREMENT, or was.
pub(super) fn has_sequences(client: &mut Client<'_>, at: Span) -> RunResult<bool> {
    let sql = "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_sequence'";
    Ok(client.on_structure_itself().count(at, sql)? > 0)
}

/// The last number that AUTOINCREMENT gave.
pub(super) fn sequence_of(
    client: &mut Client<'_>,
    at: Span,
    table: &str,
) -> RunResult<Option<String>> {
    if !has_sequences(client, at)? {
        return Ok(None);
    }
    let name = quoted_text(table);
    let sql = format!("SELECT quote(seq) FROM sqlite_sequence WHERE name = {name} COLLATE NOCASE");
    Ok(client.on_structure_itself().texts(at, &sql)?.pop())
}

/// The last numbers that tables gave.
pub(super) fn last_numbers(client: &mut Client<'_>, at: Span) -> RunResult<Vec<Sequence<Value>>> {
    let mut found = Vec::new();
    if has_sequences(client, at)? {
        let sql = "SELECT name, seq FROM sqlite_sequence";
        for row in client.on_structure_itself().rows(at, sql, &[])? {
            if let [Value::Text(name), last] = row.as_slice() {
                found.push(Sequence { table: name.into(), last: last.clone() });
            }
        }
    }
    Ok(found)
}

/// Nothing of a table that a module keeps, which has tables of its own.
pub(super) fn extent_of(
    client: &mut Client<'_>,
    at: Span,
    table: &Object,
) -> RunResult<Option<RowExtent>> {
    let sql = table.sql.as_deref().unwrap_or_default();
    if table.is_virtual() {
        return Ok(None);
    }
    let name = quoted(&table.name);
    let number = |of: &str| format!("(SELECT {of}(rowid) FROM {name})");
    let numbers = if CreateTable::read(sql).is_some_and(|it| it.table.options.without_rowid) {
        String::new()
    } else {
        format!(", {}, {}", number("min"), number("max"))
    };
    let sql = format!("SELECT (SELECT count(*) FROM {name}){numbers}");
    Ok(client.on_structure_itself().row(at, &sql, &[])?.map(RowExtent))
}
