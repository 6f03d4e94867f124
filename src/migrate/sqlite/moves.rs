//! Whether rows have to move where the text of their table alone would not say so.

use super::changes::is_constant;
use crate::catalog::{Column, Table};
use crate::client::Client;
use crate::client::{RunResult, quoted};
use crate::migrate::alteration::TableChanges;
use crate::source::Span;
use crate::stored::{ClauseKind, CreateTable, Edits};
use crate::words::same_name;

/// A value that no row holds.
const NOWHERE: &str = "x'5ab1d0c4e3f29786a1b2c3d4e5f60718'";

/// Whether the rows of a table have to be written anew: it as it is, and as the script says.
pub(super) fn must_move(
    client: &mut Client<'_>,
    at: Span,
    [current, desired]: [&Table; 2],
    todo: &TableChanges,
) -> RunResult<bool> {
    let checked = fills_what_is_checked(desired, todo);
    Ok(checked && has_nulls(client, at, current, desired, todo)?
        || has_short_rows(client, at, current, &todo.defaults)?)
}

/// Whether rows of a table were written before one of these columns came: SQLite reads its default in them, which so can't change
/// without them. That shows where the default is another one for a moment, which no row holds.
fn has_short_rows(
    client: &mut Client<'_>,
    at: Span,
    current: &Table,
    columns: &[String],
) -> RunResult<bool> {
    let Some(statement) = CreateTable::read(&current.sql).filter(|_| !columns.is_empty()) else {
        return Ok(false);
    };
    let mut edits = Edits::default();
    let mut short = Vec::with_capacity(columns.len());
    for column in columns.iter().filter_map(|it| statement.column(it)) {
        let clauses = column.clauses.iter();
        for clause in clauses.filter(|it| it.kind == ClauseKind::Default) {
            edits.remove(clause.range.clone());
        }
        edits.insert(column.range.end, format!(" DEFAULT {NOWHERE}"));
        short.push(format!("{} IS {NOWHERE}", quoted(&column.name)));
    }
    // A row that holds the defaults of now, or may, there and in all columns behind: else there is nothing to look for.
    let holds = |column: &Column| {
        let default = column.default.as_deref().unwrap_or("NULL");
        let is_behind = column.primary_key == 0 && column.generated.is_none();
        (is_behind && is_constant(default))
            .then(|| format!("{} IS {default}", quoted(&column.name)))
    };
    let holds_all = |name: &String| {
        let behind = current.columns.iter().skip_while(|it| !same_name(&it.name, name));
        let all: Vec<_> = behind.filter_map(holds).collect();
        if all.is_empty() { "true".to_owned() } else { format!("({})", all.join(" AND ")) }
    };
    let holds: Vec<_> = columns.iter().map(holds_all).collect();
    if !client.has_row(at, &current.name, &holds.join(" OR "))? {
        return Ok(false);
    }
    if client.is_sketching() {
        client.cannot_know();
        return Ok(false);
    }
    client.structure(at, |it| it.rewrite(&current.name, &edits.apply(&current.sql)))?;
    // Of the rows themselves: an index has what was read when it was made.
    let found = client.count(
        at,
        &format!(
            "SELECT EXISTS (SELECT 1 FROM {} NOT INDEXED WHERE {})",
            quoted(&current.name),
            short.join(" OR ")
        ),
    );
    client.structure(at, |it| it.rewrite(&current.name, &current.sql))?;
    Ok(found? > 0)
}

/// Whether nulls of a table are to be filled.
fn has_nulls(
    client: &mut Client<'_>,
    at: Span,
    current: &Table,
    desired: &Table,
    todo: &TableChanges,
) -> RunResult<bool> {
    let columns = todo.tightened.iter().filter_map(|it| desired.columns.get(*it));
    let null = columns.map(|it| format!("{} IS NULL", quoted(&it.name)));
    client.has_row(at, &current.name, &null.collect::<Vec<_>>().join(" OR "))
}

/// Whether nulls are filled in a table that has checks or refers to another one: what they get may break these, which shows where the
/// rows move.
fn fills_what_is_checked(desired: &Table, todo: &TableChanges) -> bool {
    let columns = todo.tightened.iter().filter_map(|it| desired.columns.get(*it));
    columns.into_iter().any(|it| it.default.is_some())
        && (!desired.keys.is_empty() || !desired.checks.is_empty())
}
