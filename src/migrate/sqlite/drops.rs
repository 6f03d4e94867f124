//! A column that goes, and nothing else: SQLite takes it out by itself.

use super::copied::kept;
use super::kept_values::keep_values;
use crate::catalog::ObjectKind;
use crate::client::Client;
use crate::client::{RunResult, quoted};
use crate::migrate::alteration::{Alteration, TableAlteration};
use crate::source::Span;
use crate::stored::{SqlTokenKind, tokens};

/// More tables, indexes, views and triggers than are made anew to try a statement.
const MANY: usize = 200;

impl TableAlteration<'_> {
    /// The column that goes, where that is all that changes.
    fn only_drops(&self) -> Option<&str> {
        let [column] = self.todo.dropped.as_slice() else {
            // Of several, each would write the rows anew.
            return None;
        };
        let only = self.todo.differences.len() == 1 && self.todo.renumbers.is_none();
        (only && self.given.is_empty() && self.used.is_empty()).then_some(column)
    }
}

/// Takes a column out of a table by `ALTER TABLE .. DROP COLUMN`, which writes each row anew in its place and touches no index,
/// trigger or view; whether it did. SQLite refuses it where something else names the column: then the rows have to move.
pub(super) fn drop_column(
    client: &mut Client<'_>,
    alter: &Alteration,
    task: &TableAlteration<'_>,
    ran: &mut Vec<String>,
) -> RunResult<bool> {
    let Some(column) = task.only_drops() else {
        return Ok(false);
    };
    let (at, current) = (alter.at, &task.current);
    let sql = format!("ALTER TABLE {} DROP COLUMN {}", quoted(&current.name), quoted(column));
    if !would_do(client, at, &current.name, &sql)? {
        return Ok(false);
    }
    if !client.is_sketching() {
        let kept = kept(task);
        keep_values(client, at, alter.migration.get(), current, &current.name, &kept)?;
    }
    client.run_statement(at, &sql, ran)?;
    Ok(true)
}

/// Whether a statement goes through where the same is, without rows. One that fails leaves SQLite with what it tried, and going
/// back to a savepoint would have cost each page that it writes.
fn would_do(client: &mut Client<'_>, at: Span, table: &str, sql: &str) -> RunResult<bool> {
    let mut objects = client.ask(at, |it| it.objects())?;
    // Where there are many, making all of them anew costs more than it saves.
    if objects.len() > MANY {
        return Ok(false);
    }
    // A text in double quotes SQLite writes in single ones, wherever it is.
    if objects.iter().any(|it| it.is_virtual() || it.sql.as_deref().is_some_and(has_quoted)) {
        return Ok(false);
    }
    objects.sort_by_key(|it| ObjectKind::ALL.iter().position(|kind| *kind == it.kind()));
    let made = objects.iter().filter_map(|it| it.sql.as_deref());
    let mut statements: Vec<_> = made.map(str::to_owned).collect();
    statements.push(sql.to_owned());
    client.accepts(at, &statements, table)
}

/// Whether something in a statement stands in double quotes: a name or a text.
fn has_quoted(sql: &str) -> bool {
    let mut all = tokens(sql).into_iter();
    all.any(|it| matches!(it.kind, SqlTokenKind::Quoted(_)))
}
