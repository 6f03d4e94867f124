//! What a migration keeps of rows, and how: statements. Each table that it keeps something of has one of its own beside it.

use super::around::listed;
use crate::client::quoted;
use crate::migrate::history::kept_tables::kept_name;
use crate::migrate::server::work::{StatementEffect, WorkStatement};
use crate::sql::Dialect;

/// How the name begins of what keeps the values that rows of a table got.
const GIVEN: &str = "_relata_given_";

/// The name of what a migration keeps of a table.
pub(super) fn name_of(migration: u64, table: &str) -> String {
    let id = i64::try_from(migration).unwrap_or(i64::MAX);
    Dialect::MARIADB.shortened(&kept_name(id, table)).into_owned()
}

/// The name of what it keeps of the values that rows of a table got.
pub(super) fn name_of_given(migration: u64, table: &str) -> String {
    name_of(migration, &format!("{GIVEN}{table}"))
}

/// Statements that keep the values of columns, with the key of their rows.
pub(super) fn keep_rows(
    migration: u64,
    table: &str,
    key: &[String],
    columns: &[String],
) -> Vec<WorkStatement> {
    keep(&name_of(migration, table), table, key, columns)
}

/// Statements that keep the values that rows got, with their key.
pub(super) fn keep_given(
    migration: u64,
    table: &str,
    key: &[String],
    columns: &[String],
) -> Vec<WorkStatement> {
    keep(&name_of_given(migration, table), table, key, columns)
}

fn keep(name: &str, table: &str, key: &[String], columns: &[String]) -> Vec<WorkStatement> {
    let (kept, table) = (quoted(name), quoted(table));
    let all = [key, columns].concat();
    let (all, key) = (listed(&all), listed(key));
    let create = format!(
        "CREATE TABLE {kept} (PRIMARY KEY ({key})) ENGINE=InnoDB AS SELECT {all} FROM {table} LIMIT 0"
    );
    let fill = format!("INSERT INTO {kept} ({all}) SELECT {all} FROM {table}");
    vec![
        WorkStatement::new(StatementEffect::OwnTable, name, create),
        WorkStatement::new(StatementEffect::Keeps, name, fill),
    ]
}

/// Statements that keep a table that goes, with all that is on it; its keys refer to nothing any more.
pub(super) fn keep_table(migration: u64, name: &str, keys: &[String]) -> Vec<WorkStatement> {
    let kept = quoted(&name_of(migration, name));
    let table = quoted(name);
    let mut res = Vec::new();
    if !keys.is_empty() {
        let each: Vec<_> =
            keys.iter().map(|it| format!("DROP CONSTRAINT {}", quoted(it))).collect();
        res.push(WorkStatement::of(name, format!("ALTER TABLE {table} {}", each.join(", "))));
    }
    res.push(WorkStatement::of(name, format!("RENAME TABLE {table} TO {kept}")));
    res
}
