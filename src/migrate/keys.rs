//! What rows may not have in common any more, or may not lack: unique keys and primary keys that come.

use super::alteration::{Alteration, TableAlteration};
use super::engine_of;
use super::questions::Question;
use super::questions::ask_all;
use super::questions::shown_rows;
use super::questions::{SHOWN, plain};
use crate::catalog::{Name, Table};
use crate::client::Client;
use crate::client::{RunResult, quoted, told};
use crate::diagnostics::{EqualValues, HazardKind};
use crate::ir::Model;
use crate::migrate::ddl::{IndexDdl, TableDdl};
use crate::source::Span;
use crate::value::Value;
use crate::words::same_name;
use std::fmt::Write;

/// Refuses a primary key that is null in some row, or the same in several.
pub(super) fn refuse_primary_key(
    client: &mut Client<'_>,
    alter: &Alteration,
    task: &TableAlteration<'_>,
) -> RunResult<()> {
    let TableAlteration { table, current, desired, .. } = task;
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
            kind: HazardKind::NullKey { column: column.name.clone(), table: current.name.clone() },
            source: None,
            holds: format!("{} IS NULL", quoted(&column.name)),
            declared: client.scripts.schema[table.model].span,
        };
        ask_all(client, alter, current, [null])?;
    }
    if !key.is_empty() && key.iter().all(there) {
        let declared = client.scripts.schema[table.model].span;
        let equal = EqualRows { columns: &key, key: None, declared, source: None };
        refuse_duplicates(client, alter, table, &equal)?;
    }
    Ok(())
}

/// Refuses a collation under which rows are equal in what is unique.
pub(super) fn refuse_collations(
    client: &mut Client<'_>,
    alter: &Alteration,
    task: &TableAlteration<'_>,
) -> RunResult<()> {
    let TableAlteration { table, current, desired, todo, .. } = task;
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
            let count = count_of(client, alter, &groups)?;
            if count > 0 {
                let shown = format!("SELECT min({all}), max({all}) {groups} LIMIT {SHOWN}");
                let kind = HazardKind::EqualCollated {
                    columns,
                    table: current.name.clone(),
                    collation: collation.clone(),
                    values: EqualValues { count, first: shown_rows(client, alter, &shown)? },
                };
                let declared = client.scripts.schema[table.model].span;
                alter.refuse(alter.hazard(kind, Some(declared)));
            }
        }
    }
    Ok(())
}

/// Columns in which rows are to differ.
pub(super) struct EqualRows<'e> {
    pub columns: &'e [String],
    /// The column that tells one row from another.
    pub key: Option<&'e str>,
    /// Where the script says so.
    pub declared: Span,
    /// What yields the rows, as SQL, where it isn't the table itself.
    pub source: Option<String>,
}

/// Refuses values that rows get with which they are equal in a key that stays.
pub(super) fn refuse_equal_values(
    client: &mut Client<'_>,
    alter: &Alteration,
    task: &TableAlteration<'_>,
) -> RunResult<()> {
    let TableAlteration { table, current, desired, todo, .. } = task;
    let values = task.values_to_come();
    let comes = |name: &Name| values.iter().any(|it| name == it.0.name.as_str());
    let converted: Vec<_> =
        todo.converted.iter().filter_map(|it| desired.columns.get(*it)).collect();
    let unknown = |name: &Name| converted.iter().any(|it| name == it.name.as_str() && !comes(name));
    for index in &current.indexes {
        let Some(columns) = index.unique_key() else { continue };
        let stays = desired.indexes.iter().any(|it| it.unique_key().as_ref() == Some(&columns));
        if !stays || !columns.iter().any(|it| comes(it)) || columns.iter().any(|it| unknown(it)) {
            continue;
        }
        let model = &client.scripts.schema[table.model];
        let declared = match columns.as_slice() {
            [one] => model.on_column(one).map_or(model.span, |it| it.span),
            _ => model.span,
        };
        let columns: Vec<_> = columns.into_iter().map(Name::to_string).collect();
        let source = Some(task.rows_with(&values, engine_of(client.database).row_name()));
        let equal = EqualRows { columns: &columns, key: key_of(current), declared, source };
        refuse_duplicates(client, alter, table, &equal)?;
    }
    Ok(())
}

/// The column that tells one row from another, where it is one.
fn key_of(table: &Table) -> Option<&str> {
    let mut keys = table.columns.iter().filter(|it| it.primary_key > 0);
    match (keys.next(), keys.next()) {
        (Some(one), None) => Some(one.name.as_str()),
        _ => None,
    }
}

/// Refuses rows that are equal in columns which are to be unique.
pub(super) fn refuse_duplicates(
    client: &mut Client<'_>,
    alter: &Alteration,
    table: &TableDdl,
    equal: &EqualRows<'_>,
) -> RunResult<()> {
    let columns = equal.columns;
    if columns.is_empty() {
        return Ok(());
    }
    let all: Vec<_> = columns.iter().map(|it| quoted(it)).collect();
    let all = all.join(", ");
    let groups = format!(
        "FROM {} WHERE {} GROUP BY {all} HAVING count(*) > 1",
        equal.source.clone().unwrap_or_else(|| quoted(&table.name)),
        not_null(columns)
    );
    let key = equal.key.map_or_else(
        || "NULL, NULL, 0".to_owned(),
        |it| format!("{}, count(*)", engine_of(client.database).extremes(it)),
    );
    let sql = format!("SELECT {all}, {key} {groups} LIMIT {SHOWN}");
    let count = count_of(client, alter, &groups)?;
    if count == 0 {
        return Ok(());
    }
    let first = client.rows(alter.at, &sql, &[])?.iter().map(|it| equal.shown(it)).collect();
    let kind = HazardKind::Equal {
        columns: columns.to_vec(),
        table: table.name.to_string(),
        values: EqualValues { count, first },
        // What rows are to get isn't there to be found.
        query: (equal.source.is_none())
            .then(|| finding(&client.scripts.schema[table.model], columns))
            .flatten(),
    };
    alter.refuse(alter.hazard(kind, Some(equal.declared)));
    Ok(())
}

impl<'e> EqualRows<'e> {
    /// Those of an index.
    pub(super) fn of(index: &'e IndexDdl, current: &'e Table) -> Self {
        let (key, declared) = (key_of(current), index.declared);
        Self { columns: &index.columns, key, declared, source: None }
    }

    /// What rows have in common, and the keys of the first and the last of them: `"Ann" (id 1, 2)`.
    fn shown(&self, row: &[Value]) -> String {
        let (values, keys) = row.split_at(self.columns.len().min(row.len()));
        let mut res = values.iter().map(told).collect::<Vec<_>>().join(" ");
        if let (Some(key), [first, last, count]) = (self.key, keys) {
            let between = if *count == Value::Integer(2) { ", " } else { ", .. " };
            let _ = write!(res, " ({key} {}{between}{})", told(first), told(last));
        }
        res
    }
}

/// The query that finds values which occur more than once, where all names stand as they are.
fn finding(model: &Model, columns: &[String]) -> Option<String> {
    let name = |column: &String| {
        let found = model.attributes.iter().find(|it| same_name(&it.column, column))?;
        plain(&found.name)
    };
    let names = columns.iter().map(name).collect::<Option<Vec<&str>>>()?.join(", ");
    let subject = plain(&model.name)?;
    Some(format!(
        "{subject} findAll < attributes: [{names}, count(*) as rows], group: [{names}], having: (count(*) > 1) >"
    ))
}

/// How many groups of rows there are.
fn count_of(client: &mut Client<'_>, alter: &Alteration, groups: &str) -> RunResult<u64> {
    client.count(alter.at, &format!("SELECT count(*) FROM (SELECT 1 {groups}) AS alike"))
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
