//! Rows that a rule of a new table keeps out of it: nothing could count them before.

use crate::client::{Client, RunResult, quoted};
use crate::db::DbError;
use crate::diagnostics::{ConcernedRows, RunProblem};
use crate::migrate::alteration::{Alteration, TableAlteration};
use crate::migrate::hazards::failed_rows;
use crate::migrate::questions::rows_where;

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
    let rows = ConcernedRows { count, key: Vec::new(), first: Vec::new() };
    Ok((count > 0).then_some(rows))
}
