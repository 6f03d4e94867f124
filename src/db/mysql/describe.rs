//! What MariaDB knows of itself.

use super::Mysql;
use super::kept_text::in_session_mode;
use super::parts::shown_trigger;
use super::shown::{names_in, quoted, shown_table, without_own_name};
use crate::catalog::{Definition, Object, Table, TableStorage, ViewDefinition};
use crate::db::{DbError, DbErrorKind};
use crate::sql::{SchemaObject, SchemaObjectKind};
use crate::value::Value;
use mysql::prelude::Queryable as _;
use std::collections::HashSet;
use std::ops::ControlFlow;

/// What is Relata's own.
const OWN: &str = "LIKE '\\_relata\\_%'";

/// The rows of a statement of Relata's own, every value as text; null is an empty one.
pub(super) fn texts(
    database: &Mysql,
    sql: &str,
    parameters: &[Value],
) -> Result<Vec<Vec<String>>, DbError> {
    let mut rows = Vec::new();
    let text = |it: &Value| match it {
        Value::Text(it) | Value::Decimal(it) => it.to_string(),
        Value::Integer(it) => it.to_string(),
        Value::Blob(it) => String::from_utf8_lossy(it).into_owned(),
        _ => String::new(),
    };
    database.stream(sql, parameters, &mut |row| {
        rows.push(row.iter().map(text).collect());
        ControlFlow::Continue(())
    })?;
    Ok(rows)
}

/// So many statements are sent at once: a way there and back takes longer than what is asked.
const AT_ONCE: usize = 512;

/// The statement of a table or view.
pub(super) fn made(database: &Mysql, table: &str) -> Result<String, DbError> {
    Ok(all_made(database, &[table])?.concat())
}

/// The statements of tables and views, in the order of the names.
fn all_made(database: &Mysql, names: &[&str]) -> Result<Vec<String>, DbError> {
    let own = database.address.database.as_deref().unwrap_or_default();
    let mut res = Vec::with_capacity(names.len());
    for part in names.chunks(AT_ONCE) {
        let each = part.iter().map(|it| format!("SHOW CREATE TABLE {}", quoted(it)));
        let sql = each.collect::<Vec<_>>().join("; ");
        database.with(|connection| {
            let mut answers = connection.query_iter(sql)?;
            while let Some(rows) = answers.iter() {
                for row in rows {
                    res.push(match row?.as_ref(1) {
                        Some(mysql::Value::Bytes(it)) => {
                            without_own_name(&String::from_utf8_lossy(it), own)
                        }
                        _ => String::new(),
                    });
                }
            }
            Ok(())
        })?;
    }
    if res.len() == names.len() {
        return Ok(res);
    }
    let message = "the server has told other statements than it was asked for";
    Err(DbError::new(DbErrorKind::Refused, message))
}

/// A table or view, and what stands on it.
struct ObjectGroup {
    objects: Vec<Object>,
    /// What it refers to: names of tables.
    needs: Vec<String>,
}

/// Tables, indexes, views and triggers; each comes behind those to which it refers, as far as that is possible.
pub(super) fn objects(database: &Mysql) -> Result<Vec<Object>, DbError> {
    let mut groups: Vec<ObjectGroup> = Vec::new();
    let tables = format!(
        "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = database() AND table_name NOT {OWN} \
            AND table_type IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED', 'SEQUENCE') ORDER BY table_type = 'VIEW', table_name"
    );
    let mut found: Vec<(String, Definition)> = Vec::new();
    for row in texts(database, &tables, &[])? {
        let [name, kind] = row.as_slice() else { continue };
        let definition = match kind.as_str() {
            "VIEW" => Definition::View(ViewDefinition::default()),
            "SEQUENCE" => continue,
            _ => Definition::Table(TableStorage::Rows),
        };
        found.push((name.clone(), definition));
    }
    let names: Vec<&str> = found.iter().map(|it| it.0.as_str()).collect();
    let statements = all_made(database, &names)?;
    for ((name, definition), sql) in found.into_iter().zip(statements) {
        let table = matches!(definition, Definition::Table(_)).then(|| shown_table(&sql)).flatten();
        let needs = table.as_ref().map_or_else(
            || names_in(&sql).iter().map(ToString::to_string).collect(),
            |it| it.keys.iter().map(|key| key.table.clone()).collect(),
        );
        let sql = Some(table.as_ref().map_or(sql, |it| it.sql.clone()));
        let mut objects = vec![Object { name: name.clone(), table: name.clone(), sql, definition }];
        let indexes = table.map_or_else(Vec::new, |it| it.indexes);
        for index in indexes.into_iter().filter(|it| it.sql.is_some()) {
            let definition = Definition::Index;
            let (name, table) = (index.name, name.clone());
            objects.push(Object { name, table, sql: index.sql, definition });
        }
        groups.push(ObjectGroup { objects, needs });
    }
    let mut res = in_order(groups);
    let triggers = format!(
        "SELECT trigger_name, event_object_table, action_timing, event_manipulation, action_statement, sql_mode \
         FROM information_schema.triggers WHERE trigger_schema = database() AND event_object_table NOT {OWN} ORDER BY created, trigger_name"
    );
    for row in texts(database, &triggers, &[])? {
        let [name, table, timing, event, statement, mode] = row.as_slice() else { continue };
        let (trigger, on) = (quoted(name), quoted(table));
        let statement = in_session_mode(statement, mode);
        let sql =
            format!("CREATE TRIGGER {trigger} {timing} {event} ON {on} FOR EACH ROW {statement}");
        let definition = Definition::Trigger(shown_trigger(&sql));
        res.push(Object { name: name.clone(), table: table.clone(), sql: Some(sql), definition });
    }
    Ok(res)
}

/// What each needs comes before it, as far as none needs itself that way.
fn in_order(groups: Vec<ObjectGroup>) -> Vec<Object> {
    let name = |group: &ObjectGroup| group.objects.first().map(|it| it.name.clone());
    let all: HashSet<String> = groups.iter().filter_map(name).collect();
    let (mut res, mut done) = (Vec::new(), HashSet::new());
    let mut left = groups;
    while !left.is_empty() {
        let before = left.len();
        let mut later = Vec::new();
        for group in left {
            let own = name(&group);
            let is_there =
                |it: &String| Some(it) == own.as_ref() || done.contains(it) || !all.contains(it);
            if group.needs.iter().all(is_there) {
                done.extend(own);
                res.extend(group.objects);
            } else {
                later.push(group);
            }
        }
        if later.len() == before {
            res.extend(later.into_iter().flat_map(|it| it.objects));
            break;
        }
        left = later;
    }
    res
}

/// All that a script could have made.
pub(super) fn schema_objects(database: &Mysql) -> Result<HashSet<SchemaObject>, DbError> {
    let mut res = HashSet::new();
    let sql = format!(
        "SELECT 'table', table_name, NULL FROM information_schema.tables WHERE table_schema = database() AND table_type NOT IN ('VIEW', 'SEQUENCE') AND table_name NOT {OWN} \
         UNION ALL SELECT 'view', table_name, NULL FROM information_schema.views WHERE table_schema = database() \
         UNION ALL SELECT DISTINCT 'index', index_name, table_name FROM information_schema.statistics WHERE table_schema = database() AND index_name <> 'PRIMARY' AND table_name NOT {OWN} \
         UNION ALL SELECT 'key', constraint_name, table_name FROM information_schema.referential_constraints WHERE constraint_schema = database() \
         UNION ALL SELECT 'trigger', trigger_name, NULL FROM information_schema.triggers WHERE trigger_schema = database() \
         UNION ALL SELECT 'other', routine_name, NULL FROM information_schema.routines WHERE routine_schema = database() \
         UNION ALL SELECT 'other', event_name, NULL FROM information_schema.events WHERE event_schema = database() \
         UNION ALL SELECT 'other', table_name, NULL FROM information_schema.tables WHERE table_schema = database() AND table_type = 'SEQUENCE'"
    );
    for row in texts(database, &sql, &[])? {
        let [kind, name, table] = row.as_slice() else { continue };
        let kind = match kind.as_str() {
            "table" => SchemaObjectKind::Table,
            "view" => SchemaObjectKind::View,
            "index" => SchemaObjectKind::Index,
            "key" => SchemaObjectKind::ForeignKey,
            "trigger" => SchemaObjectKind::Trigger,
            _ => SchemaObjectKind::Other,
        };
        let table = Some(table).filter(|it| !it.is_empty()).map(Into::into);
        res.insert(SchemaObject { kind, name: name.into(), table });
    }
    Ok(res)
}

/// What it knows of a table; none of a view.
pub(super) fn table(database: &Mysql, name: &str) -> Result<Option<Table>, DbError> {
    match made(database, name) {
        Ok(sql) => Ok(shown_table(&sql)),
        Err(error) if error.kind == DbErrorKind::Refused && is_missing(database, name)? => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether there is no table or view of that name.
fn is_missing(database: &Mysql, name: &str) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM information_schema.tables WHERE table_schema = database() AND table_name = ?";
    Ok(texts(database, sql, &[Value::Text(name.into())])?.is_empty())
}

/// The columns of a unique key of a table, each behind its table; none where it has no such key.
pub(super) fn key_columns(
    database: &Mysql,
    table: &str,
    name: &str,
) -> Result<Option<Vec<String>>, DbError> {
    let sql = "SELECT column_name FROM information_schema.statistics \
         WHERE table_schema = database() AND table_name = ? AND index_name = ? AND non_unique = 0 ORDER BY seq_in_index";
    let asked = [Value::Text(table.into()), Value::Text(name.into())];
    let columns = texts(database, sql, &asked)?.into_iter().flatten();
    let columns: Vec<_> = columns.map(|it| format!("{table}.{it}")).collect();
    Ok((!columns.is_empty()).then_some(columns))
}
