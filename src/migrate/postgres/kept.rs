//! What a migration keeps of rows, and how: statements.

use crate::client::quoted;

/// The schema in which a migration keeps what it takes away.
pub(super) fn kept_schema(migration: u64) -> String {
    format!("_relata_kept_{migration}")
}

/// Statements that keep the values of columns, with the key of their rows.
pub(super) fn keep_columns(migration: u64, table: &str, columns: &[String]) -> Vec<String> {
    let schema = quoted(&kept_schema(migration));
    let each: Vec<_> = columns.iter().map(|it| quoted(it)).collect();
    let (table, each) = (quoted(table), each.join(", "));
    vec![
        format!("CREATE SCHEMA IF NOT EXISTS {schema}"),
        format!("CREATE TABLE {schema}.{table} AS SELECT {each} FROM {table}"),
    ]
}

/// How the name begins of what keeps the values that rows of a table got.
pub(super) const GIVEN: &str = "_relata_given_";

/// Statements that keep the values that rows got, with their key.
pub(super) fn keep_given(migration: u64, table: &str, columns: &[String]) -> Vec<String> {
    let schema = quoted(&kept_schema(migration));
    let each: Vec<_> = columns.iter().map(|it| quoted(it)).collect();
    let (kept, table, each) = (quoted(&format!("{GIVEN}{table}")), quoted(table), each.join(", "));
    vec![
        format!("CREATE SCHEMA IF NOT EXISTS {schema}"),
        format!("CREATE TABLE {schema}.{kept} AS SELECT {each} FROM {table}"),
    ]
}

/// Statements that keep a table that goes, with all that is on it; its keys refer to nothing any more.
pub(super) fn keep_table(migration: u64, table: &str, keys: &[String]) -> Vec<String> {
    let schema = quoted(&kept_schema(migration));
    let table = quoted(table);
    let mut res = vec![format!("CREATE SCHEMA IF NOT EXISTS {schema}")];
    if !keys.is_empty() {
        let each: Vec<_> =
            keys.iter().map(|it| format!("DROP CONSTRAINT {}", quoted(it))).collect();
        res.push(format!("ALTER TABLE {table} {}", each.join(", ")));
    }
    res.push(format!("ALTER TABLE {table} SET SCHEMA {schema}"));
    res
}
