//! Statements as SQLite keeps and spells them.

use crate::catalog::{Object, ObjectKind, Table};
use crate::client::{Client, RunResult};
use crate::migrate::history::{rows_of, text};
use crate::sql::{Dialect, Sql, Writer};
use crate::stored::{QueryColumns, ViewQuery, as_kept, definition, index, same_object, tokens};

/// Whether what is kept is a statement as SQLite keeps it.
pub(super) fn is_kept(kept: &str, statement: &str) -> bool {
    // As Relata writes a table, and SQLite keeps it: what their tokens are needn't be known. There may be a thousand.
    let behind = statement.strip_prefix("CREATE TABLE IF NOT EXISTS ");
    if behind.is_some() && behind == kept.strip_prefix("CREATE TABLE ") {
        return true;
    }
    let statement = as_kept(statement);
    // As a rule it is kept as it was written.
    kept == statement || as_kept(kept) == statement
}

/// Whether two statements make the same view of what is there.
pub(super) fn same_view(a: &str, b: &str, there: &[&Object]) -> bool {
    is_kept(a, b) || same_object(ObjectKind::View, a, b) || {
        let known = QueryColumns::of_objects(there.iter().copied());
        let read = |sql: &str| ViewQuery::read(sql, &known);
        read(a).zip(read(b)).is_some_and(|(a, b)| a.is_same(&b))
    }
}

/// Whether two statements make the same index of a table.
pub(super) fn same_index(table: &Table, a: &str, b: &str) -> bool {
    let read = |sql: &str| index(sql, |it| table.column(it).is_some());
    read(a).zip(read(b)).is_some_and(|(a, b)| a.says(&b))
}

/// The tables of Relata's own, and what belongs to them.
pub(super) fn own_objects(client: &mut Client<'_>) -> RunResult<Vec<Object>> {
    let sql = "SELECT type, name, tbl_name, sql FROM sqlite_schema \
               WHERE name LIKE '\\_relata\\_%' ESCAPE '\\' OR tbl_name LIKE '\\_relata\\_%' ESCAPE '\\'";
    let rows = rows_of(client, sql, &[])?;
    let own = rows.iter().filter_map(|row| {
        let word = text(row, 0);
        let kind = ObjectKind::ALL.into_iter().find(|it| it.noun() == word)?;
        let sql = text(row, 3).to_string();
        Some(Object {
            name: text(row, 1).to_string(),
            table: text(row, 2).to_string(),
            definition: definition(kind, &sql),
            sql: Some(sql),
        })
    });
    Ok(own.collect())
}

/// A statement with the values in place of its parameters, without what it tells of the rows that it has written.
pub(super) fn inline(sql: &Sql, dialect: &Dialect) -> String {
    let mut writer = Writer::inline(dialect);
    let (mut at, mut depth, mut end) = (0, 0_usize, sql.text.len());
    let mut values = sql.parameters.iter();
    for token in tokens(&sql.text) {
        if token.is_sign('(') {
            depth += 1;
        } else if token.is_sign(')') {
            depth = depth.saturating_sub(1);
        } else if depth == 0 && token.is("RETURNING") {
            end = token.range.start;
            break;
        } else if token.is_sign('?')
            && let Some(value) = values.next()
        {
            writer.push(sql.text.get(at..token.range.start).unwrap_or_default());
            writer.literal(value);
            at = token.range.end;
        }
    }
    writer.push(sql.text.get(at..end).unwrap_or_default().trim_end());
    writer.finish().text
}
