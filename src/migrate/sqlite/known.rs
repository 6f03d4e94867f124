//! Whether it is known what comes of a plan, without its being carried out: where rows that move, or get into an index, can break nothing that
//! they haven't been asked. What hasn't been asked yet, and a question tells, is asked here.

use super::changes::is_constant;
use crate::catalog::{
    Column, ForeignKeyConstraint, IndexOrigin, IndexedColumn, ObjectKind, Table, TableIndex,
};
use crate::client::{Client, RunResult, quoted};
use crate::migrate::alteration::{Alteration, TableAlteration, TouchedTable, has_value};
use crate::sql::Affinity;
use crate::stored;
use crate::words::same_name;

/// The columns of a table in which rows get other values than they had, or are compared in another way.
struct WrittenColumns<'t> {
    table: &'t str,
    columns: Vec<&'t str>,
}

impl WrittenColumns<'_> {
    fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|it| same_name(it, column))
    }

    /// Whether a key of that table, or one that refers to this table, has one of them.
    fn is_in(&self, table: &str, key: &ForeignKeyConstraint) -> bool {
        let any = |columns: &[String]| columns.iter().any(|it| self.has(it));
        same_name(self.table, table) && any(&key.columns)
            || same_name(self.table, &key.table) && (key.to.is_empty() || any(&key.to))
    }
}

/// Whether what comes of these changes is known.
pub(super) fn is_known(
    client: &mut Client<'_>,
    alter: &Alteration,
    tables: &[TouchedTable<'_>],
) -> RunResult<bool> {
    let mut written = Vec::new();
    for it in tables {
        if it.task.is_none() && it.indexes.is_empty()
            || !client.has_row(alter.at, it.name, "true")?
        {
            continue;
        }
        let own = match it.task {
            Some(task) => written_columns(task),
            None => WrittenColumns { table: it.name, columns: Vec::new() },
        };
        if let Some(task) = it.task {
            if !is_known_of(client, task, &own) {
                return Ok(false);
            }
            for key in &task.todo.keys {
                if !is_asked(client, alter, task, key)? {
                    return Ok(false);
                }
            }
        }
        if !knows_indexes(client, alter, it, &own)? {
            return Ok(false);
        }
        if !own.columns.is_empty() {
            written.push(own);
        }
    }
    keeps_keys(client, alter, tables, &written)
}

fn written_columns<'t>(task: &'t TableAlteration<'_>) -> WrittenColumns<'t> {
    let TableAlteration { current, desired, todo, .. } = task;
    let mut res = WrittenColumns { table: &current.name, columns: Vec::new() };
    for (place, column) in desired.columns.iter().enumerate() {
        let was = current.column(&column.name).map(|it| Affinity::in_table(current, it));
        let comes = todo.added.contains(&place) || todo.tightened.contains(&place);
        let converted = todo.converted.contains(&place);
        if converted && was != Some(Affinity::in_table(desired, column))
            || comes && has_value(column)
            || is_filled(task, &column.name)
            || todo.collated.iter().any(|it| it.0 == place)
        {
            res.columns.push(&column.name);
        }
    }
    // What is computed of others may be another value, too.
    let any = !res.columns.is_empty();
    for column in &desired.columns {
        if column.generated.is_some() && (any || is_new(column, current)) {
            res.columns.push(&column.name);
        }
    }
    res
}

/// Whether rows get something in a column that its default doesn't say.
fn is_filled(task: &TableAlteration<'_>, column: &str) -> bool {
    task.used(column).is_some() || task.given.iter().any(|it| it.0 == column)
}

/// Whether a generated column isn't there as it is.
fn is_new(column: &Column, current: &Table) -> bool {
    current.column(&column.name).is_none_or(|it| it.generated != column.generated)
}

/// Whether the rows of a table can become what is planned, as far as it itself says.
fn is_known_of(
    client: &Client<'_>,
    task: &TableAlteration<'_>,
    written: &WrittenColumns<'_>,
) -> bool {
    let TableAlteration { current, desired, todo, .. } = task;
    let any = !written.columns.is_empty();
    let of_written = |member: &IndexedColumn| {
        let column = member.column.as_ref();
        column.map_or(any, |name| written.has(name))
    };
    // With the indexes that go along.
    let is_touched = |index: &TableIndex| {
        let computes = index.filter.is_some() || index.members.iter().any(|it| it.column.is_none());
        let goes = task.gone.iter().any(|gone| same_name(gone, &index.name));
        !goes && (any && computes || index.unique && index.members.iter().any(of_written))
    };
    if current.indexes.iter().any(is_touched) {
        return false;
    }
    if !todo.rebuild {
        return true;
    }
    let stored = |column: &Column| column.generated.as_ref().is_some_and(|it| it.stored);
    let is_computed = |it: &Column| {
        let comes = it.generated.is_some() && is_new(it, current);
        stored(it) && written.has(&it.name) || comes && it.not_null
    };
    let is_default_computed = |column: &Column| {
        let default = column.default.as_deref().filter(|_| !is_filled(task, &column.name));
        default.is_some_and(|it| !is_constant(it) && !is_moment(it))
    };
    let mut added = todo.added.iter().filter_map(|it| desired.columns.get(*it));
    if desired.columns.iter().any(is_computed)
        || added.any(is_default_computed)
        || desired.options.strict && any
        || desired.options.without_rowid != current.options.without_rowid
        || desired.rowid().is_some_and(|it| written.has(&it.name))
        || !keeps_checks(client, task, written)
    {
        return false;
    }
    for index in desired.indexes.iter().filter(|it| it.origin != IndexOrigin::Created) {
        if index.members.iter().any(of_written) {
            return false;
        }
        let there = current.indexes.iter().any(|it| it.says(index));
        if !there && has_equal(client, &current.name, current, index) != Some(false) {
            return false;
        }
    }
    true
}

/// Whether rows hold what the table's checks say: those that were there, too.
fn keeps_checks(
    client: &Client<'_>,
    task: &TableAlteration<'_>,
    written: &WrittenColumns<'_>,
) -> bool {
    let TableAlteration { current, desired, todo, .. } = task;
    let converted = todo.converted.iter().filter_map(|it| desired.columns.get(*it));
    let converted: Vec<_> = converted.map(|it| it.name.as_str()).collect();
    let is_as_asked = |it: &str| current.column(it).is_none() && is_default(task, it);
    for check in &todo.checks {
        let mut unknown = written.columns.iter().filter(|it| !is_as_asked(it)).chain(&converted);
        if unknown.any(|it| check.has_name(it)) {
            return false;
        }
    }
    let old = current.checks.iter().filter(|it| !todo.unchecked.contains(it));
    let old: Vec<_> = old.collect();
    if old.iter().any(|check| written.columns.iter().any(|it| check.has_name(it))) {
        return false;
    }
    let broken: Vec<_> = old.iter().map(|it| format!("NOT {}", it.text())).collect();
    let from = quoted(&current.name);
    let sql = format!("SELECT EXISTS (SELECT 1 FROM {from} WHERE {})", broken.join(" OR "));
    match client.number(&sql) {
        _ if broken.is_empty() => true,
        Ok(found) => found == Some(0),
        // What fails for a row fails as it moves.
        Err(_why) => false,
    }
}

/// Whether rows get the default of a column that comes, and it is of the column's own kind.
fn is_default(task: &TableAlteration<'_>, name: &str) -> bool {
    let Some(column) = task.desired.column(name) else { return false };
    let affinity = Affinity::in_table(&task.desired, column);
    let is_text = |it: &str| it.starts_with('\'');
    let default = column.default.as_deref();
    !is_filled(task, name) && default.is_some_and(|it| is_text(it) == (affinity == Affinity::Text))
}

/// A default that is a moment, and never null.
fn is_moment(default: &str) -> bool {
    ["CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME"]
        .iter()
        .any(|it| default.eq_ignore_ascii_case(it))
}

/// Whether rows are equal in a unique index, or, of another index, whether it can't be made of them; none where they can't be asked.
fn has_equal(client: &Client<'_>, name: &str, current: &Table, index: &TableIndex) -> Option<bool> {
    let mut all = Vec::with_capacity(index.members.len());
    for it in &index.members {
        let collation = it.collation.as_ref().map(|it| format!(" COLLATE {}", quoted(it)));
        let value = match (&it.column, &it.expression) {
            // One that comes is null in each row.
            (Some(column), _) if current.column(column).is_none() => return Some(false),
            (Some(column), _) => quoted(column),
            (None, Some(computed)) => format!("({computed})"),
            (None, None) => return None,
        };
        all.push((value, collation.unwrap_or_default()));
    }
    let filter = index.filter.as_ref().map_or("true", |it| it);
    let from = format!("FROM {} WHERE ({filter})", quoted(name));
    let list = |of: &dyn Fn(&(String, String)) -> String, by: &str| {
        all.iter().map(of).collect::<Vec<_>>().join(by)
    };
    let sql = if index.unique {
        format!(
            "SELECT EXISTS (SELECT 1 {from} AND {} GROUP BY {} HAVING count(*) > 1)",
            list(&|it| format!("{} IS NOT NULL", it.0), " AND "),
            list(&|it| format!("{}{}", it.0, it.1), ", "),
        )
    } else {
        format!("SELECT 0, {} {from}", list(&|it| format!("count({})", it.0), ", "))
    };
    // What fails for a row fails for the index.
    match client.number(&sql) {
        Ok(found) => Some(found != Some(0)),
        Err(_why) => None,
    }
}

/// Whether rows can get into the indexes that a table gets.
fn knows_indexes(
    client: &mut Client<'_>,
    alter: &Alteration,
    table: &TouchedTable<'_>,
    written: &WrittenColumns<'_>,
) -> RunResult<bool> {
    let Some(current) = client.ask(alter.at, |it| it.table(table.name))? else { return Ok(true) };
    let any = !written.columns.is_empty();
    let comes = |it: &str| table.task.is_some_and(|task| task.desired.column(it).is_some());
    let is_generated = |name: &str| current.column(name).is_some_and(|it| it.generated.is_some());
    for index in &table.indexes {
        let is_column = |it: &str| current.column(it).is_some() || comes(it);
        let Some(made) = stored::index(&index.sql, is_column) else { return Ok(false) };
        let columns = || made.members.iter().map(|it| it.column.as_ref());
        let computed = made.filter.is_some()
            || columns().any(|column| column.is_none_or(|it| is_generated(it)));
        let touched = columns().flatten().any(|it| written.has(it));
        // Equal rows were asked for.
        let asked = index.unique && columns().flatten().all(|it| current.column(it).is_some());
        if !computed && !touched && (asked || !made.unique) {
            continue;
        }
        if touched && made.unique
            || computed && any
            || has_equal(client, table.name, &current, &made) != Some(false)
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether rows were asked for what a new foreign key refers to.
fn is_asked(
    client: &mut Client<'_>,
    alter: &Alteration,
    task: &TableAlteration<'_>,
    key: &ForeignKeyConstraint,
) -> RunResult<bool> {
    let comes = |name: &String| task.current.column(name).is_none();
    let is_null = |name: &String| {
        let default = task.desired.column(name).is_none_or(has_value);
        comes(name) && !default && !is_filled(task, name)
    };
    // What is null refers to nothing.
    if key.columns.iter().any(is_null) {
        return Ok(true);
    }
    let Some(parent) = client.ask(alter.at, |it| it.table(&key.table))? else {
        return Ok(false);
    };
    // A key is compared as the column that it refers to, and a question as both.
    let is_alike = |(from, to): (&String, &String)| {
        let affinity =
            |table: &Table, name: &str| table.column(name).map(|it| Affinity::in_table(table, it));
        let to = affinity(&parent, to);
        to.is_some() && affinity(&task.desired, from) == to
    };
    Ok(key.to.len() == key.columns.len()
        && !key.columns.iter().any(comes)
        && key.columns.iter().zip(&key.to).all(is_alike))
}

/// Whether no foreign key is of columns in which rows get other values, nor refers to such.
fn keeps_keys(
    client: &mut Client<'_>,
    alter: &Alteration,
    tables: &[TouchedTable<'_>],
    written: &[WrittenColumns<'_>],
) -> RunResult<bool> {
    if written.is_empty() {
        return Ok(true);
    }
    let breaks =
        |table: &str, key: &ForeignKeyConstraint| written.iter().any(|it| it.is_in(table, key));
    for task in tables.iter().filter_map(|it| it.task) {
        if task.desired.keys.iter().any(|it| breaks(&task.current.name, it)) {
            return Ok(false);
        }
    }
    for object in client.ask(alter.at, |it| it.objects())? {
        if object.kind() != ObjectKind::Table || object.is_virtual() {
            continue;
        }
        // Of a thousand tables SQLite would be asked one by one.
        let read = object.sql.as_deref().and_then(stored::CreateTable::read);
        let table = match read {
            Some(read) => Some(read.table),
            None => client.ask(alter.at, |it| it.table(&object.name))?,
        };
        if table.is_some_and(|it| it.keys.iter().any(|key| breaks(&object.name, key))) {
            return Ok(false);
        }
    }
    Ok(true)
}
