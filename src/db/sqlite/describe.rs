//! What SQLite knows of its tables, by its pragmas.

use super::error;
use crate::db::{
    Column, Index, IndexOrigin, Key, Member, Name, Object, ObjectKind, Table, Violations,
};
use crate::stored::options;
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
        let word: String = row.get(0)?;
        let kind = ObjectKind::ALL.into_iter().find(|it| it.word().eq_ignore_ascii_case(&word));
        let kind = kind.unwrap_or(ObjectKind::Table);
        // What a module keeps has no page of its own.
        has_virtual |= kind == ObjectKind::Table && row.get::<_, i64>(4)? == 0;
        Ok(Object {
            kind,
            name: row.get(1)?,
            table: row.get(2)?,
            sql: row.get(3)?,
            is_shadow: false,
        })
    })?;
    let mut objects: Vec<Object> = rows.collect::<Result<_>>()?;
    // The question costs a look at each view: only a virtual table has shadows.
    if has_virtual {
        let shadows = shadows(connection)?;
        for it in &mut objects {
            it.is_shadow = it.kind == ObjectKind::Table && shadows.contains(&it.name);
        }
    }
    Ok(objects)
}

/// The tables that virtual tables keep for themselves: those that SQLite calls so.
fn shadows(connection: &Connection) -> Result<HashSet<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'",
    )?;
    let names = statement.query_map([], |row| row.get(0))?;
    names.collect()
}

/// What foreign keys say, table by table.
pub(super) fn violations(connection: &Connection) -> Result<Violations> {
    let mut found = Violations::default();
    let mut check =
        connection.prepare_cached("SELECT count(*) FROM pragma_foreign_key_check(?)")?;
    for object in objects(connection)? {
        if object.kind != ObjectKind::Table {
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

/// A table.
pub(super) fn table(connection: &Connection, name: &str) -> Result<Option<Table>> {
    // `table_list` would say it too, and compile every view for it.
    let found = connection
        .prepare_cached(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE",
        )?
        .query_row([name], |row| {
            let sql = row.get::<_, Option<String>>(1)?.unwrap_or_default();
            let options = options(&sql);
            Ok(Table {
                name: row.get(0)?,
                sql,
                strict: options.strict,
                without_rowid: options.without_rowid,
                ..Table::default()
            })
        })
        .optional()?;
    let Some(mut table) = found else {
        return Ok(None);
    };
    table.columns = connection
        .prepare_cached(
            "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?) WHERE hidden <> 1",
        )?
        .query_map([&table.name], column)?
        .collect::<Result<_>>()?;
    let mut last = None;
    let mut statement = connection.prepare_cached(
        "SELECT id, \"table\", \"from\", \"to\", on_update, on_delete FROM pragma_foreign_key_list(?) ORDER BY id DESC, seq",
    )?;
    let mut rows = statement.query([&table.name])?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        if last != Some(id) {
            table.keys.push(Key {
                columns: Vec::new(),
                table: row.get(1)?,
                to: Vec::new(),
                on_update: row.get(4)?,
                on_delete: row.get(5)?,
            });
            last = Some(id);
        }
        if let Some(key) = table.keys.last_mut() {
            key.columns.push(row.get(2)?);
            key.to.push(row.get(3)?);
        }
    }
    table.indexes = connection
        .prepare_cached(
            "SELECT l.name, l.\"unique\", l.partial, l.origin, s.sql FROM pragma_index_list(?) l \
             LEFT JOIN sqlite_schema s ON s.type = 'index' AND s.name = l.name",
        )?
        .query_map([&table.name], |row| {
            let origin: String = row.get(3)?;
            Ok(Index {
                name: row.get(0)?,
                unique: row.get(1)?,
                partial: row.get(2)?,
                origin: match origin.as_str() {
                    "u" => IndexOrigin::Unique,
                    "pk" => IndexOrigin::PrimaryKey,
                    _ => IndexOrigin::Created,
                },
                members: Vec::new(),
                sql: row.get(4)?,
            })
        })?
        .collect::<Result<_>>()?;
    for index in &mut table.indexes {
        index.members = connection
            .prepare_cached("SELECT name, desc, coll FROM pragma_index_xinfo(?) WHERE key = 1")?
            .query_map([&index.name], |row| {
                Ok(Member {
                    column: row.get::<_, Option<String>>(0)?.map(Name::from),
                    descending: row.get(1)?,
                    collation: row.get::<_, Option<String>>(2)?.map(Name::from),
                })
            })?
            .collect::<Result<_>>()?;
    }
    Ok(Some(table))
}

fn column(row: &Row<'_>) -> Result<Column> {
    let hidden: i64 = row.get(5)?;
    Ok(Column {
        name: row.get(0)?,
        data_type: row.get(1)?,
        not_null: row.get(2)?,
        default: row.get(3)?,
        primary_key: row.get(4)?,
        generated: match hidden {
            2 => Some(false),
            3 => Some(true),
            _ => None,
        },
    })
}
