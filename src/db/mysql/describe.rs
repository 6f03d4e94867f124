//! What MariaDB knows of itself.

use super::Mysql;
use crate::catalog::{
    CheckConstraint, Column, Definition, ForeignKeyAction, ForeignKeyConstraint, Fragment,
    Generated, IndexOrigin, IndexedColumn, Object, Table, TableIndex, TableStorage,
    TriggerDefinition, ViewDefinition,
};
use crate::db::DbError;
use crate::sql::{SchemaObject, SchemaObjectKind};
use crate::value::Value;
use std::collections::HashSet;
use std::ops::ControlFlow;

/// What is Relata's own.
const OWN: &str = "LIKE '\\_relata\\_%'";

/// The rows of a statement of Relata's own, every value as text; null is an empty one.
fn texts(database: &Mysql, sql: &str, parameters: &[Value]) -> Result<Vec<Vec<String>>, DbError> {
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

/// A name in quotes.
fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// A piece of SQL, as the server itself writes it.
fn fragment(text: &str) -> Fragment {
    Fragment::new(text, text)
}

/// The statement of a table or view, without the number that comes next.
fn made(database: &Mysql, table: &str) -> Result<String, DbError> {
    let rows = texts(database, &format!("SHOW CREATE TABLE {}", quoted(table)), &[])?;
    let sql = rows.into_iter().next().and_then(|it| it.into_iter().nth(1)).unwrap_or_default();
    let Some((before, behind)) = sql.rsplit_once(" AUTO_INCREMENT=") else {
        return Ok(sql);
    };
    // A number, behind the closing bracket.
    let rest = behind.trim_start_matches(|it: char| it.is_ascii_digit());
    let is_option = before.lines().next_back().is_some_and(|it| it.starts_with(')'));
    Ok(if is_option { format!("{before}{rest}") } else { sql })
}

/// Tables, indexes, views and triggers, in the order in which they were made.
pub(super) fn objects(database: &Mysql) -> Result<Vec<Object>, DbError> {
    let mut res = Vec::new();
    let tables = format!(
        "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = database() AND table_name NOT {OWN} \
            AND table_type IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED', 'SEQUENCE') ORDER BY table_type = 'VIEW', create_time, table_name"
    );
    for row in texts(database, &tables, &[])? {
        let [name, kind] = row.as_slice() else { continue };
        let definition = match kind.as_str() {
            "VIEW" => Definition::View(ViewDefinition::default()),
            "SEQUENCE" => continue,
            _ => Definition::Table(TableStorage::Rows),
        };
        let sql = Some(made(database, name)?);
        let is_table = matches!(definition, Definition::Table(_));
        res.push(Object { name: name.clone(), table: name.clone(), sql, definition });
        if is_table {
            for index in indexes(database, name)? {
                let definition = Definition::Index;
                let (name, table) = (index.name, name.clone());
                res.push(Object { name, table, sql: index.sql, definition });
            }
        }
    }
    let triggers = format!(
        "SELECT trigger_name, event_object_table, action_timing, event_manipulation, action_statement \
         FROM information_schema.triggers WHERE trigger_schema = database() AND event_object_table NOT {OWN} ORDER BY created, trigger_name"
    );
    for row in texts(database, &triggers, &[])? {
        let [name, table, timing, event, statement] = row.as_slice() else { continue };
        let (trigger, on) = (quoted(name), quoted(table));
        let sql =
            format!("CREATE TRIGGER {trigger} {timing} {event} ON {on} FOR EACH ROW {statement}");
        let definition = Definition::Trigger(TriggerDefinition::default());
        res.push(Object { name: name.clone(), table: table.clone(), sql: Some(sql), definition });
    }
    Ok(res)
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

/// What it knows of a table or a view.
pub(super) fn table(database: &Mysql, name: &str) -> Result<Option<Table>, DbError> {
    let sql = "SELECT column_name, column_type, is_nullable, column_default, extra, collation_name, generation_expression, column_comment, \
            (SELECT t.table_collation FROM information_schema.tables t WHERE t.table_schema = c.table_schema AND t.table_name = c.table_name), \
            coalesce((SELECT s.seq_in_index FROM information_schema.statistics s WHERE s.table_schema = c.table_schema \
                AND s.table_name = c.table_name AND s.index_name = 'PRIMARY' AND s.column_name = c.column_name), 0), \
            column_default IS NULL \
         FROM information_schema.columns c WHERE table_schema = database() AND table_name = ? ORDER BY ordinal_position";
    let rows = texts(database, sql, &[Value::Text(name.into())])?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut table = Table { name: name.to_owned(), sql: made(database, name)?, ..Table::default() };
    for row in rows {
        let [
            name,
            data_type,
            nullable,
            default,
            extra,
            collation,
            expression,
            comment,
            common,
            key,
            without,
        ] = row.as_slice()
        else {
            continue;
        };
        let generated = (!expression.is_empty()).then(|| Generated {
            expression: fragment(expression),
            stored: extra.contains("STORED") || extra.contains("PERSISTENT"),
        });
        // A column that may be null has the default NULL there, in words.
        let has_default = without == "0" && default != "NULL" && generated.is_none();
        let identity = extra.contains("auto_increment");
        table.identity |= identity;
        table.columns.push(Column {
            name: name.clone(),
            data_type: fragment(data_type),
            not_null: nullable == "NO",
            default: has_default.then(|| fragment(default)),
            primary_key: key.parse().unwrap_or(0),
            collation: (!collation.is_empty() && collation != common)
                .then(|| collation.as_str().into()),
            generated,
            identity,
            comment: comment.lines().map(str::to_owned).collect(),
            ..Column::default()
        });
    }
    let checks = "SELECT constraint_name, check_clause FROM information_schema.check_constraints \
         WHERE constraint_schema = database() AND table_name = ? ORDER BY constraint_name";
    for row in texts(database, checks, &[Value::Text(name.into())])? {
        let [name, clause] = row.as_slice() else { continue };
        table.checks.push(CheckConstraint {
            name: Some(name.clone()),
            condition: fragment(clause),
            ..CheckConstraint::default()
        });
    }
    table.keys = keys(database, name)?;
    table.indexes = indexes(database, name)?;
    Ok(Some(table))
}

fn keys(database: &Mysql, table: &str) -> Result<Vec<ForeignKeyConstraint>, DbError> {
    let sql = "SELECT k.constraint_name, k.column_name, k.referenced_table_name, k.referenced_column_name, r.update_rule, r.delete_rule \
         FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r \
            ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name \
         WHERE k.table_schema = database() AND k.table_name = ? AND k.referenced_table_name IS NOT NULL \
         ORDER BY k.constraint_name, k.ordinal_position";
    let mut keys: Vec<ForeignKeyConstraint> = Vec::new();
    for row in texts(database, sql, &[Value::Text(table.into())])? {
        let [name, column, parent, to, on_update, on_delete] = row.as_slice() else { continue };
        match keys.last_mut().filter(|it| it.name.as_ref() == Some(name)) {
            Some(key) => {
                key.columns.push(column.clone());
                key.to.push(to.clone());
            }
            None => keys.push(ForeignKeyConstraint {
                name: Some(name.clone()),
                columns: vec![column.clone()],
                table: parent.clone(),
                to: vec![to.clone()],
                on_update: ForeignKeyAction::read(on_update).unwrap_or_default(),
                on_delete: ForeignKeyAction::read(on_delete).unwrap_or_default(),
                ..ForeignKeyConstraint::default()
            }),
        }
    }
    Ok(keys)
}

fn indexes(database: &Mysql, table: &str) -> Result<Vec<TableIndex>, DbError> {
    let sql = "SELECT index_name, non_unique, column_name, sub_part, collation, index_type FROM information_schema.statistics \
         WHERE table_schema = database() AND table_name = ? ORDER BY index_name <> 'PRIMARY', index_name, seq_in_index";
    let mut found: Vec<(TableIndex, Vec<String>, String)> = Vec::new();
    for row in texts(database, sql, &[Value::Text(table.into())])? {
        let [name, others, column, part, order, kind] = row.as_slice() else { continue };
        let member = IndexedColumn {
            column: Some(column.as_str().into()),
            descending: order == "D",
            ..IndexedColumn::default()
        };
        let part = if part.is_empty() { String::new() } else { format!("({part})") };
        let down = if member.descending { " DESC" } else { "" };
        let text = format!("{}{part}{down}", quoted(column));
        match found.last_mut().filter(|it| it.0.name == *name) {
            Some((index, texts, _)) => {
                index.members.push(member);
                texts.push(text);
            }
            None => {
                let index = TableIndex {
                    name: name.clone(),
                    unique: others == "0",
                    origin: if name == "PRIMARY" {
                        IndexOrigin::PrimaryKey
                    } else {
                        IndexOrigin::Created
                    },
                    members: vec![member],
                    ..TableIndex::default()
                };
                found.push((index, vec![text], kind.clone()));
            }
        }
    }
    let with_statement = |(mut index, members, kind): (TableIndex, Vec<String>, String)| {
        if index.origin == IndexOrigin::Created {
            let word = match (index.unique, kind.as_str()) {
                (true, _) => "UNIQUE ",
                (false, "FULLTEXT") => "FULLTEXT ",
                (false, "SPATIAL") => "SPATIAL ",
                (false, _) => "",
            };
            let (name, on) = (quoted(&index.name), quoted(table));
            let members = members.join(", ");
            index.sql = Some(format!("CREATE {word}INDEX {name} ON {on} ({members})"));
        }
        index
    };
    Ok(found.into_iter().map(with_statement).collect())
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
