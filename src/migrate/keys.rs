//! What rows may not have in common any more, or may not lack: unique keys and primary keys that come.

use super::questions::Question;
use super::questions::SHOWN;
use super::questions::ask_all;
use super::questions::shown_rows;
use super::task::{Alteration, Task};
use crate::catalog::{Name, Table};
use crate::client::Client;
use crate::client::{RunResult, place, quoted};
use crate::diagnostics::{Hazard, Loss};
use crate::migrate::ddl::TableDdl;

/// Refuses a primary key that is null in some row, or the same in several.
pub(super) fn rekeyed(
    client: &mut Client<'_>,
    alter: &Alteration<'_>,
    task: &Task<'_>,
) -> RunResult<()> {
    let Task { table, current, desired, .. } = task;
    if !task.todo.rekeyed {
        return Ok(());
    }
    let key: Vec<_> = (desired.columns.iter())
        .filter(|it| it.primary_key > 0)
        .map(|it| it.name.clone())
        .collect();
    // What `using` says shows while the rows move.
    let there = |name: &String| current.column(name).is_some() && task.used(name).is_none();
    for column in desired.columns.iter().filter(|it| it.primary_key > 0) {
        // One that may not be null at all is looked at where that is.
        if column.not_null || !there(&column.name) {
            continue;
        }
        let null = Question {
            loss: Loss::Nulls,
            source: None,
            holds: format!("{} IS NULL", quoted(&column.name)),
            what: format!(
                "`{}` of `{}` would be its primary key, and is null",
                column.name, current.name
            ),
            help: "fill them first".to_owned(),
            declared: client.scripts.schema[table.model].span,
        };
        ask_all(client, alter, current, [null])?;
    }
    if !key.is_empty() && key.iter().all(there) {
        duplicates(client, alter, table, &key)?;
    }
    Ok(())
}

/// Refuses unique indexes that come over rows which are equal, where other things are refused: they are all told at once. Else the
/// rows are looked at when the index comes.
pub(super) fn duplicates_to_come(
    client: &mut Client<'_>,
    alter: &Alteration<'_>,
    table: &TableDdl,
) -> RunResult<()> {
    if alter.refused() == 0 || alter.plans() {
        return Ok(());
    }
    let Some(current) = client.ask(alter.at, |it| it.table(&table.name))? else {
        return Ok(());
    };
    let has = |name: &String| current.column(name).is_some();
    for index in table.indexes.iter().filter(|it| it.unique) {
        let mut there = current.indexes.iter();
        let known = there.any(|it| it.name.eq_ignore_ascii_case(&index.name));
        if !known && !current.has_unique(&index.columns) && index.columns.iter().all(has) {
            duplicates(client, alter, table, &index.columns)?;
        }
    }
    Ok(())
}

/// Refuses a collation under which rows are equal in what is unique.
pub(super) fn recollated(
    client: &mut Client<'_>,
    alter: &Alteration<'_>,
    task: &Task<'_>,
) -> RunResult<()> {
    let Task { table, current, desired, todo, .. } = task;
    let there = |name: &String| current.column(name).is_some() && task.used(name).is_none();
    for (place, collation) in &todo.collated {
        let Some(column) = desired.columns.get(*place) else {
            continue;
        };
        // One with a column that comes is looked at when its index is made.
        let mut groups = unique_with(desired, &column.name);
        groups.retain(|it| it.iter().all(there));
        for columns in groups {
            let grouped: Vec<_> = (columns.iter())
                .map(|it| {
                    let own = it.eq_ignore_ascii_case(&column.name);
                    let collation = if own { collation.as_str() } else { "" };
                    format!("{} {collation}", quoted(it))
                })
                .collect();
            let groups = format!(
                "FROM {} WHERE {} GROUP BY {} HAVING count(*) > 1",
                quoted(&current.name),
                not_null(&columns),
                grouped.join(", ")
            );
            let all = format!("{} COLLATE BINARY", quoted(&column.name));
            let shown = format!("SELECT min({all}), max({all}) {groups} LIMIT {SHOWN}");
            let what = format!(
                "`{}` is unique in `{}`, and with {collation}",
                columns.join("`, `"),
                current.name
            );
            refuse_groups(client, alter, table, &what, &groups, &shown)?;
        }
    }
    Ok(())
}

/// Refuses rows that are equal in columns which are to be unique.
pub(super) fn duplicates(
    client: &mut Client<'_>,
    alter: &Alteration<'_>,
    table: &TableDdl,
    columns: &[String],
) -> RunResult<()> {
    if columns.is_empty() {
        return Ok(());
    }
    let all: Vec<_> = columns.iter().map(|it| quoted(it)).collect();
    let all = all.join(", ");
    let groups = format!(
        "FROM {} WHERE {} GROUP BY {all} HAVING count(*) > 1",
        quoted(&table.name),
        not_null(columns)
    );
    let shown = format!("SELECT {all} {groups} LIMIT {SHOWN}");
    let what = format!("`{}` would be unique in `{}`, and", columns.join("`, `"), table.name);
    refuse_groups(client, alter, table, &what, &groups, &shown)
}

fn refuse_groups(
    client: &mut Client<'_>,
    alter: &Alteration<'_>,
    table: &TableDdl,
    what: &str,
    groups: &str,
    shown: &str,
) -> RunResult<()> {
    let count = client.count(alter.at, &format!("SELECT count(*) FROM (SELECT 1 {groups})"))?;
    if count == 0 {
        return Ok(());
    }
    let first = shown_rows(client, alter, shown)?;
    let many = if count == 1 { "value occurs" } else { "values occur" };
    alter.refuse(Hazard {
        loss: Loss::Duplicates,
        what: format!("{what} {count} {many} more than once: {first}"),
        help: "change or destroy the rows that have the same value".to_owned(),
        declared: Some(client.scripts.schema[table.model].span),
        at: place(alter.at),
    });
    Ok(())
}

fn not_null(columns: &[String]) -> String {
    let each: Vec<_> = (columns.iter()).map(|it| format!("{} IS NOT NULL", quoted(it))).collect();
    each.join(" AND ")
}

/// The columns of each key of a table that holds for all rows and has that column in it.
fn unique_with(table: &Table, column: &str) -> Vec<Vec<String>> {
    let indexes = table.indexes.iter();
    let whole = indexes.filter(|it| it.unique && it.filter.is_none());
    let columns = whole.filter_map(|index| {
        let members = index.members.iter();
        members.map(|it| it.column.as_ref().map(Name::to_string)).collect()
    });
    let mut all: Vec<Vec<String>> = columns
        .filter(|columns: &Vec<String>| columns.iter().any(|it| it.eq_ignore_ascii_case(column)))
        .collect();
    all.sort();
    all.dedup();
    all
}
