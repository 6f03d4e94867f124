//! What SQLite knows of its tables, by its pragmas.

use super::error;
use crate::catalog::{
    Column, Definition, ForeignKeyAction, ForeignKeyConstraint, Generated, IndexOrigin,
    IndexedColumn, Name, Object, ObjectKind, ShownColumn, Table, TableIndex, TableStorage,
};
use crate::db::KeyViolations;
use crate::stored::{CreateTable, data_type, default_of, definition, index};
use rusqlite::{Connection, OptionalExtension, Result, Row};
use std::collections::HashSet;

/// Everything but what is SQLite's own, or Relata's.
pub(super) fn objects(connection: &Connection) -> Result<Vec<Object>> {
    let mut statement = connection.prepare_cached(
        "SELECT type, name, tbl_name, sql, rootpage FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
         AND name NOT LIKE '\\_relata\\_%' ESCAPE '\\' ORDER BY rowid",
    )?;
    let mut has_virtual = false;
    let rows = statement.query_map([], |row| {
        let word = row.get_ref(0)?.as_str()?;
        let kind = ObjectKind::ALL.into_iter().find(|it| it.word().eq_ignore_ascii_case(word));
        let kind = kind.unwrap_or(ObjectKind::Table);
        // What a module keeps has no page of its own.
        let has_pages = row.get::<_, i64>(4)? != 0;
        has_virtual |= kind == ObjectKind::Table && !has_pages;
        let sql: Option<String> = row.get(3)?;
        let definition = match kind {
            ObjectKind::Table if has_pages => Definition::Table(TableStorage::Rows),
            ObjectKind::Table | ObjectKind::Index | ObjectKind::View | ObjectKind::Trigger => {
                definition(kind, sql.as_deref().unwrap_or_default())
            }
        };
        Ok(Object { name: row.get(1)?, table: row.get(2)?, sql, definition })
    })?;
    let mut objects: Vec<Object> = rows.collect::<Result<_>>()?;
    // The question costs a look at each view: only a virtual table has shadows.
    if has_virtual {
        let shadows = shadow_tables(connection)?;
        for it in &mut objects {
            if it.kind() == ObjectKind::Table && shadows.contains(&it.name) {
                it.definition = Definition::Table(TableStorage::Shadow);
            }
        }
    }
    Ok(objects)
}

/// The columns of a view.
pub(super) fn shown_columns(connection: &Connection, view: &str) -> Result<Vec<ShownColumn>> {
    let mut statement =
        connection.prepare_cached("SELECT name, type FROM pragma_table_info(?1) ORDER BY cid")?;
    let rows = statement
        .query_map([view], |row| Ok(ShownColumn { name: row.get(0)?, data_type: row.get(1)? }))?;
    rows.collect()
}

/// The tables that virtual tables keep for themselves: those that SQLite calls so.
fn shadow_tables(connection: &Connection) -> Result<HashSet<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'",
    )?;
    let names = statement.query_map([], |row| row.get(0))?;
    names.collect()
}

/// What foreign keys say, table by table.
pub(super) fn violations(connection: &Connection) -> Result<KeyViolations> {
    let mut found = KeyViolations::default();
    let mut check =
        connection.prepare_cached("SELECT count(*) FROM pragma_foreign_key_check(?)")?;
    for object in objects(connection)? {
        if object.kind() != ObjectKind::Table {
            continue;
        }
        match check.query_row([&object.name], |row| row.get::<_, i64>(0)) {
            Ok(rows) => found.rows += rows.unsigned_abs(),
            // A key that leads nowhere; anything else is no answer.
            Err(error) if error::of_statement(&error) => found.broken.push(object.name),
            Err(error) => return Err(error),
        }
    }
    found.broken.sort();
    Ok(found)
}

/// A table: what its statement says, and over it what SQLite made of it, which has the last word.
pub(super) fn table(connection: &Connection, name: &str) -> Result<Option<Table>> {
    // `table_list` would say it too, and compile every view for it.
    let found = connection
        .prepare_cached(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE",
        )?
        .query_row([name], |row| Ok((row.get(0)?, row.get::<_, Option<String>>(1)?)))
        .optional()?;
    let Some((name, sql)) = found else {
        return Ok(None);
    };
    let sql = sql.unwrap_or_default();
    let said = CreateTable::read(&sql).map_or_else(Table::default, |it| it.table);
    let columns = connection
        .prepare_cached(
            "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?) WHERE hidden <> 1",
        )?
        .query_map([&name], |row| column(row, &said))?
        .collect::<Result<_>>()?;
    let mut table = Table { name, sql, columns, ..said };
    table.keys = keys(connection, &table)?;
    table.indexes = indexes(connection, &table)?;
    Ok(Some(table))
}

fn column(row: &Row<'_>, said: &Table) -> Result<Column> {
    let name: String = row.get(0)?;
    let column = said.column(&name).cloned().unwrap_or_default();
    let default: Option<String> = row.get(3)?;
    let is_stored = match row.get(5)? {
        2 => Some(false),
        3 => Some(true),
        _ => None,
    };
    let expression = column.generated.map(|it| it.expression).unwrap_or_default();
    Ok(Column {
        name,
        data_type: data_type(&row.get::<_, String>(1)?),
        not_null: row.get(2)?,
        default: default.map(|it| default_of(&it)),
        primary_key: usize::try_from(row.get::<_, i64>(4)?).unwrap_or_default(),
        generated: is_stored.map(|stored| Generated { expression, stored }),
        ..column
    })
}

/// The foreign keys of a table, in the order of its statement.
fn keys(connection: &Connection, table: &Table) -> Result<Vec<ForeignKeyConstraint>> {
    let mut keys: Vec<ForeignKeyConstraint> = Vec::new();
    let mut last = None;
    let mut statement = connection.prepare_cached(
        "SELECT id, \"table\", \"from\", \"to\", on_update, on_delete FROM pragma_foreign_key_list(?) ORDER BY id DESC, seq",
    )?;
    let mut rows = statement.query([&table.name])?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        if last != Some(id) {
            let action = |text: String| ForeignKeyAction::read(&text).unwrap_or_default();
            keys.push(ForeignKeyConstraint {
                columns: Vec::new(),
                table: row.get(1)?,
                to: Vec::new(),
                on_update: action(row.get(4)?),
                on_delete: action(row.get(5)?),
                ..table.keys.get(keys.len()).cloned().unwrap_or_default()
            });
            last = Some(id);
        }
        if let Some(key) = keys.last_mut() {
            key.columns.push(row.get(2)?);
            key.to.extend(row.get::<_, Option<String>>(3)?);
        }
    }
    Ok(keys)
}

/// The indexes of a table, those of constraints too: of these SQLite knows the collations.
fn indexes(connection: &Connection, table: &Table) -> Result<Vec<TableIndex>> {
    let mut indexes: Vec<TableIndex> = connection
        .prepare_cached(
            "SELECT l.name, l.\"unique\", l.origin, s.sql FROM pragma_index_list(?) l \
             LEFT JOIN sqlite_schema s ON s.type = 'index' AND s.name = l.name",
        )?
        .query_map([&table.name], |row| {
            let origin: String = row.get(2)?;
            let (name, unique, sql) = (row.get(0)?, row.get(1)?, row.get::<_, Option<String>>(3)?);
            let said = sql.as_deref().and_then(|sql| index(sql, |it| table.column(it).is_some()));
            let origin = match origin.as_str() {
                "u" => IndexOrigin::Unique,
                "pk" => IndexOrigin::PrimaryKey,
                _ => IndexOrigin::Created,
            };
            Ok(TableIndex { name, unique, origin, sql, ..said.unwrap_or_default() })
        })?
        .collect::<Result<_>>()?;
    for index in indexes.iter_mut().filter(|it| it.members.is_empty()) {
        index.members = connection
            .prepare_cached("SELECT name, desc, coll FROM pragma_index_xinfo(?) WHERE key = 1")?
            .query_map([&index.name], |row| {
                Ok(IndexedColumn {
                    column: row.get::<_, Option<String>>(0)?.map(Name::from),
                    expression: None,
                    descending: row.get(1)?,
                    collation: row.get::<_, Option<String>>(2)?.map(Name::from),
                })
            })?
            .collect::<Result<_>>()?;
    }
    // SQLite tells of the last one first.
    indexes.reverse();
    Ok(indexes)
}
