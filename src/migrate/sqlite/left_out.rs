//! Rows that a rule of a new table keeps out of it: nothing could count them before.

use crate::catalog::{IndexedColumn, Table};
use crate::client::{Client, RunResult, quoted};
use crate::db::DbError;
use crate::diagnostics::{ConcernedRows, RunProblem};
use crate::migrate::alteration::{Alteration, TableAlteration};
use crate::migrate::hazards::failed_rows;
use crate::migrate::questions::rows_where;
use crate::stored;

/// Why rows didn't move: which ones, where they break a rule. `sql` moves all of them into the table `new`.
pub(super) fn left_out(
    client: &mut Client<'_>,
    alter: &Alteration,
    task: &TableAlteration<'_>,
    (sql, new): (&str, &str),
    error: DbError,
) -> RunProblem {
    let message = error.message.replace(new, &task.table.name);
    match failed_rows(client, alter, task.table, DbError { message, ..error }) {
        RunProblem::Hazard(mut hazard) if !client.database.has_ended() => {
            match rows_left_out(client, alter, task, (sql, new)) {
                Ok(rows) => hazard.rows = rows,
                Err(problem) => return problem,
            }
            hazard.into()
        }
        problem => problem,
    }
}

/// The rows that stay behind where all the others move.
fn rows_left_out(
    client: &mut Client<'_>,
    alter: &Alteration,
    task: &TableAlteration<'_>,
    (sql, new): (&str, &str),
) -> RunResult<Option<ConcernedRows>> {
    let (at, current, new) = (alter.at, &task.current, quoted(new));
    client.ask(at, |it| it.execute(&format!("DELETE FROM {new}"), &[]))?;
    let others = sql.replacen("INSERT INTO", "INSERT OR IGNORE INTO", 1);
    let moved = client.ask(at, |it| it.execute(&others, &[]))?;
    if task.numbers_stay() {
        let number = current.rowid().map_or("rowid", |it| &it.name);
        let holds = format!("{} NOT IN (SELECT rowid FROM {new})", quoted(number));
        return rows_where(client, alter, current, &holds);
    }
    let all = format!("SELECT count(*) FROM {}", quoted(&current.name));
    let count = client.count(at, &all)?.saturating_sub(moved);
    let rows = ConcernedRows { count, key: Vec::new(), first: Vec::new(), query: None };
    Ok((count > 0).then_some(rows))
}

/// Why an index that goes along can't be made of rows that have moved: which ones are equal in it.
pub(super) fn not_indexed(
    client: &mut Client<'_>,
    alter: &Alteration,
    task: &TableAlteration<'_>,
    sql: &str,
    error: DbError,
) -> RunProblem {
    match failed_rows(client, alter, task.table, error) {
        RunProblem::Hazard(mut hazard) if !client.database.has_ended() => {
            let table = Table { name: task.current.name.clone(), ..task.desired.clone() };
            if let Some(equal) = equal_in(&table, sql) {
                match rows_where(client, alter, &table, &equal) {
                    Ok(rows) => hazard.rows = rows,
                    Err(problem) => return problem,
                }
            }
            hazard.into()
        }
        problem => problem,
    }
}

/// What is true of rows that are equal in an index, as SQL; none of an index of something else than columns as they are.
fn equal_in(table: &Table, sql: &str) -> Option<String> {
    let index = stored::index(sql, |it| table.column(it).is_some())?;
    if index.filter.is_some() || index.members.iter().any(|it| it.collation.is_some()) {
        return None;
    }
    let column = |it: &IndexedColumn| it.column.as_ref().map(|name| quoted(name));
    let all = index.members.iter().map(column).collect::<Option<Vec<_>>>()?.join(", ");
    let from = quoted(&table.name);
    Some(format!("({all}) IN (SELECT {all} FROM {from} GROUP BY {all} HAVING count(*) > 1)"))
}
