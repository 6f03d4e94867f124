//! What nulls become where none may be any more.

use super::kept_values::keep_nulls;
use crate::catalog::ObjectKind;
use crate::client::{Client, RunResult, quoted};
use crate::migrate::alteration::{Alteration, TableAlteration};
use crate::migrate::existing::objects_beside;
use crate::migrate::hazards::failed_rows;

/// A UUID of chance, for each row another.
const UUID: &str = "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' || ";
/// How each of them ends.
const UUID_END: &str = "substr('89AB', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))";

/// A UUID of chance, for each row another; or one that begins so.
pub(super) fn uuid(begin: Option<&str>) -> String {
    match begin {
        None => format!("{UUID}{UUID_END}"),
        Some(begin) => format!("lower('{begin}' || {UUID_END}"),
    }
}

/// Puts the default in place of nulls that may not be any more. The rows stay where they are, and no trigger fires for it.
pub(super) fn fill_nulls(
    client: &mut Client<'_>,
    alter: &Alteration,
    task: &TableAlteration<'_>,
    ran: &mut Vec<String>,
) -> RunResult<u64> {
    let at = alter.at;
    let places = task.todo.tightened.iter();
    let columns = places.filter_map(|it| task.desired.columns.get(*it));
    let filled: Vec<_> = columns
        .filter_map(|it| Some((it.name.clone(), it.default.as_ref()?.to_string())))
        .collect();
    let (mut null, mut set) = (Vec::new(), Vec::new());
    for (name, value) in &filled {
        let column = quoted(name);
        null.push(format!("{column} IS NULL"));
        set.push(format!("{column} = coalesce({column}, {value})"));
    }
    if filled.is_empty() {
        return Ok(0);
    }
    let (table, null) = (quoted(&task.current.name), null.join(" OR "));
    let rows = client.count(at, &format!("SELECT count(*) FROM {table} WHERE {null}"))?;
    if rows == 0 {
        return Ok(0);
    }
    if !client.is_sketching() {
        keep_nulls(client, at, alter.migration.get(), &task.current, &filled)?;
    }
    let mut triggers = objects_beside(client, at, &task.current.name)?;
    triggers.retain(|it| it.kind() == ObjectKind::Trigger);
    for trigger in &triggers {
        client.run_statement(at, &format!("DROP TRIGGER {}", quoted(&trigger.name)), ran)?;
    }
    // Whatever the table says that a conflict does, no row may go for it.
    let sql = format!("UPDATE OR ABORT {table} SET {} WHERE {null}", set.join(", "));
    if let Err(error) = client.database.execute(&sql, &[]) {
        return Err(failed_rows(client, alter, task.table, error));
    }
    ran.push(sql);
    for trigger in &triggers {
        client.run_statement(at, trigger.sql.as_deref().unwrap_or_default(), ran)?;
    }
    Ok(rows)
}
