//! The migration that a rollback undoes, and why it can't be undone.

use super::renamed::Renamed;
use super::settled::names_of;
use super::{objects_of, rows_of, text};
use crate::catalog::{Object, ObjectKind};
use crate::client::{Client, RunResult};
use crate::value::Value;

/// What is to be undone.
#[derive(Debug)]
pub(in crate::migrate) struct LastMigration {
    pub id: i64,
    /// What was there before of what it changed.
    pub before: Vec<Object>,
    /// What was there behind it of what it changed.
    pub after: Vec<Object>,
    pub renames: Vec<Renamed>,
    /// How many rows referred to nothing before it, if it was counted.
    pub dangling: u64,
}

impl LastMigration {
    /// What a table of before was called behind it.
    pub(in crate::migrate) fn later(&self, table: &str) -> String {
        Renamed::later(&self.renames, None, table)
    }

    /// What a column of before was called behind it; `table` is its table's name behind it.
    pub(in crate::migrate) fn later_column(&self, table: &str, column: &str) -> String {
        Renamed::later(&self.renames, Some(table), column)
    }

    pub(in crate::migrate) fn tables(all: &[Object]) -> impl Iterator<Item = &Object> {
        all.iter().filter(|it| it.kind() == ObjectKind::Table)
    }
}

/// What a migration did, as it is kept.
pub(in crate::migrate) fn last_done(client: &mut Client<'_>, id: i64) -> RunResult<LastMigration> {
    let key = [Value::Integer(id)];
    let lists = rows_of(
        client,
        "SELECT \"before\", after, dangling, renames FROM _relata_migrations WHERE id = $1",
        &key,
    )?;
    let row = lists.into_iter().next().unwrap_or_default();
    Ok(LastMigration {
        id,
        before: objects_of(client, &text(&row, 0))?,
        after: objects_of(client, &text(&row, 1))?,
        dangling: match row.get(2) {
            Some(Value::Integer(rows)) => rows.unsigned_abs(),
            _ => 0,
        },
        renames: names_of(&text(&row, 3))?.0,
    })
}
