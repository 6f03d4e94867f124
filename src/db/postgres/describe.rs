//! What PostgreSQL knows of itself.

use crate::catalog::{
    CheckConstraint, Column, ConstraintTiming, Definition, ForeignKeyAction, ForeignKeyConstraint,
    Fragment, Generated, IndexOrigin, IndexedColumn, Object, ObjectKind, Table, TableIndex,
    TableStorage, TriggerDefinition, ViewDefinition,
};
use crate::sql::{SchemaObject, SchemaObjectKind};
use postgres::{Client, Row};
use std::collections::HashSet;

type Described<T> = Result<T, postgres::Error>;

/// A relation's name, with its schema before it unless that is the one that names are looked up in.
const NAME: &str = "CASE WHEN n.nspname = current_schema() THEN c.relname::text ELSE n.nspname || '.' || c.relname END";

/// Schemas that are the server's own.
const FOREIGN: &str =
    "n.nspname NOT IN ('information_schema', 'pg_catalog') AND n.nspname NOT LIKE 'pg\\_t%'";

/// Tables, indexes, views and triggers, in the order in which they were made.
pub(super) fn objects(client: &mut Client) -> Described<Vec<Object>> {
    let table = NAME.replace("c.", "t.").replace("n.", "tn.");
    let sql = format!(
        "SELECT CASE c.relkind WHEN 'i' THEN 'INDEX' WHEN 'I' THEN 'INDEX' WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'VIEW' ELSE 'TABLE' END, \
            {NAME}, CASE WHEN t.oid IS NULL THEN {NAME} ELSE {table} END, c.oid::int8 AS at \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         LEFT JOIN pg_index i ON i.indexrelid = c.oid LEFT JOIN pg_class t ON t.oid = i.indrelid \
         LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace \
         WHERE c.relkind IN ('r', 'p', 'v', 'm', 'i', 'I') AND {FOREIGN} \
         UNION ALL SELECT 'TRIGGER', g.tgname::text, {NAME}, g.oid::int8 \
         FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE NOT g.tgisinternal AND {FOREIGN} ORDER BY at"
    );
    let mut res = Vec::new();
    for row in client.query(&sql, &[])? {
        let word: String = row.try_get(0)?;
        let Some(kind) = ObjectKind::ALL.into_iter().find(|it| it.word() == word) else {
            continue;
        };
        let (name, table) = (row.try_get(1)?, row.try_get(2)?);
        let definition = match kind {
            ObjectKind::Table => Definition::Table(TableStorage::Rows),
            ObjectKind::Index => Definition::Index,
            ObjectKind::View => Definition::View(ViewDefinition::default()),
            ObjectKind::Trigger => Definition::Trigger(TriggerDefinition::default()),
        };
        res.push(Object { name, table, sql: None, definition });
    }
    Ok(res)
}

/// All that a script could have made.
pub(super) fn schema_objects(client: &mut Client) -> Described<HashSet<SchemaObject>> {
    let sql = format!(
        "SELECT 'extension', extname::text, NULL FROM pg_extension \
         UNION ALL SELECT 'schema', n.nspname::text, NULL FROM pg_namespace n \
         UNION ALL SELECT 'type', typname::text, NULL FROM pg_type WHERE typtype IN ('e', 'd') AND pg_type_is_visible(oid) \
         UNION ALL SELECT 'key', k.conname::text, {NAME} FROM pg_constraint k \
            JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE k.contype = 'f' AND {FOREIGN} \
         UNION ALL SELECT 'other', p.proname::text, NULL FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {FOREIGN} \
         UNION ALL SELECT 'other', c.relname::text, NULL FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
            WHERE c.relkind = 'S' AND {FOREIGN}"
    );
    let mut res = HashSet::new();
    for row in client.query(&sql, &[])? {
        let kind = match row.try_get::<_, &str>(0)? {
            "extension" => SchemaObjectKind::Extension,
            "schema" => SchemaObjectKind::Schema,
            "type" => SchemaObjectKind::Type,
            "key" => SchemaObjectKind::ForeignKey,
            _ => SchemaObjectKind::Other,
        };
        let (name, table) = (text(&row, 1)?, row.try_get::<_, Option<&str>>(2)?);
        res.insert(SchemaObject { kind, name: name.into(), table: table.map(Into::into) });
    }
    for it in objects(client)? {
        let (kind, table) = match it.kind() {
            ObjectKind::Table => (SchemaObjectKind::Table, None),
            ObjectKind::Index => (SchemaObjectKind::Index, Some(it.table)),
            ObjectKind::View => (SchemaObjectKind::View, None),
            ObjectKind::Trigger => (SchemaObjectKind::Trigger, None),
        };
        // An index lies in the schema of its table, and is called by its own name.
        let name = match (kind, it.name.rsplit_once('.')) {
            (SchemaObjectKind::Index, Some((_, own))) => own.to_owned(),
            _ => it.name,
        };
        res.insert(SchemaObject { kind, name: name.into(), table: table.map(Into::into) });
    }
    Ok(res)
}

fn text(row: &Row, place: usize) -> Described<String> {
    Ok(row.try_get::<_, Option<String>>(place)?.unwrap_or_default())
}

/// A piece of SQL, as the server itself writes it.
fn fragment(text: String) -> Fragment {
    Fragment::new(text.clone(), text)
}

/// The number that the server has of a table.
fn number(client: &mut Client, name: &str) -> Described<Option<u32>> {
    let sql = format!(
        "SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p', 'v', 'm') AND {FOREIGN} AND {NAME} = $1"
    );
    client.query_opt(&sql, &[&name])?.map(|it| it.try_get(0)).transpose()
}

/// What it knows of a table.
pub(super) fn table(client: &mut Client, name: &str) -> Described<Option<Table>> {
    let Some(number) = number(client, name)? else {
        return Ok(None);
    };
    let mut table = Table { name: name.to_owned(), ..Table::default() };
    let columns = "SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull, \
            pg_get_expr(d.adbin, d.adrelid), a.attgenerated::text, a.attidentity::text, \
            coalesce((SELECT array_position(i.indkey::int2[], a.attnum)::int4 + 1 FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary), 0), \
            CASE WHEN a.attcollation <> t.typcollation THEN (SELECT collname::text FROM pg_collation c WHERE c.oid = a.attcollation) END \
         FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
         WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";
    for row in client.query(columns, &[&number])? {
        let (generated, identity) = (text(&row, 4)?, text(&row, 5)?);
        let expression = row.try_get::<_, Option<String>>(3)?;
        let key: i32 = row.try_get(6)?;
        table.identity |= !identity.is_empty();
        let (default, generated) = match generated.as_str() {
            "" => (expression.map(fragment), None),
            kind => {
                let expression = fragment(expression.unwrap_or_default());
                (None, Some(Generated { expression, stored: kind == "s" }))
            }
        };
        table.columns.push(Column {
            name: text(&row, 0)?,
            data_type: fragment(text(&row, 1)?),
            not_null: row.try_get(2)?,
            default,
            primary_key: usize::try_from(key).unwrap_or(0),
            collation: row.try_get::<_, Option<&str>>(7)?.map(Into::into),
            generated,
            ..Column::default()
        });
    }
    let checks = "SELECT conname::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = $1 AND contype = 'c' ORDER BY oid";
    for row in client.query(checks, &[&number])? {
        table.checks.push(CheckConstraint {
            name: Some(text(&row, 0)?),
            condition: fragment(text(&row, 1)?),
            column: None,
            names: Vec::new(),
            lists: None,
            more: String::new(),
        });
    }
    keys(client, number, &mut table)?;
    indexes(client, number, &mut table)?;
    Ok(Some(table))
}

fn keys(client: &mut Client, number: u32, table: &mut Table) -> Described<()> {
    let sql = format!(
        "SELECT k.conname::text, \
            ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u (at, place) JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.at ORDER BY u.place), \
            {NAME}, \
            ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u (at, place) JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.at ORDER BY u.place), \
            k.confupdtype::text, k.confdeltype::text, k.condeferrable, k.condeferred \
         FROM pg_constraint k JOIN pg_class c ON c.oid = k.confrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE k.conrelid = $1 AND k.contype = 'f' ORDER BY k.oid"
    );
    for row in client.query(&sql, &[&number])? {
        let deferrable: (bool, bool) = (row.try_get(6)?, row.try_get(7)?);
        table.keys.push(ForeignKeyConstraint {
            name: Some(text(&row, 0)?),
            columns: row.try_get(1)?,
            table: text(&row, 2)?,
            to: row.try_get(3)?,
            on_update: action(&text(&row, 4)?),
            on_delete: action(&text(&row, 5)?),
            deferrable: match deferrable {
                (false, _) => None,
                (true, false) => Some(ConstraintTiming::Immediate),
                (true, true) => Some(ConstraintTiming::Deferred),
            },
            more: String::new(),
            text: String::new(),
        });
    }
    Ok(())
}

fn action(letter: &str) -> ForeignKeyAction {
    match letter {
        "r" => ForeignKeyAction::Restrict,
        "c" => ForeignKeyAction::Cascade,
        "n" => ForeignKeyAction::SetNull,
        "d" => ForeignKeyAction::SetDefault,
        _ => ForeignKeyAction::NoAction,
    }
}

fn indexes(client: &mut Client, number: u32, table: &mut Table) -> Described<()> {
    let sql = "SELECT c.relname::text, i.indisunique, i.indisprimary, k.contype::text, pg_get_expr(i.indpred, i.indrelid), \
            ARRAY(SELECT pg_get_indexdef(i.indexrelid, p, true) FROM generate_series(1, i.indnkeyatts) p ORDER BY p), \
            ARRAY(SELECT coalesce(a.attname::text, '') FROM generate_series(1, i.indnkeyatts) p LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[p - 1] AND a.attnum > 0 ORDER BY p), \
            ARRAY(SELECT (i.indoption[p - 1] & 1) = 1 FROM generate_series(1, i.indnkeyatts) p ORDER BY p) \
         FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('u', 'p') \
         WHERE i.indrelid = $1 ORDER BY c.oid";
    for row in client.query(sql, &[&number])? {
        let name = text(&row, 0)?;
        let kind: Option<String> = row.try_get(3)?;
        let (texts, names): (Vec<String>, Vec<String>) = (row.try_get(5)?, row.try_get(6)?);
        let descending: Vec<bool> = row.try_get(7)?;
        let members = texts.into_iter().zip(names).zip(descending);
        let members = members.map(|((text, name), descending)| IndexedColumn {
            column: (!name.is_empty()).then(|| name.as_str().into()),
            expression: name.is_empty().then(|| fragment(text)),
            descending,
            collation: None,
        });
        table.indexes.push(TableIndex {
            unique: row.try_get(1)?,
            origin: match kind.as_deref() {
                Some("p") => IndexOrigin::PrimaryKey,
                Some(_) => IndexOrigin::Unique,
                None => IndexOrigin::Created,
            },
            constraint: kind.map(|_| name.clone()),
            name,
            members: members.collect(),
            filter: row.try_get::<_, Option<String>>(4)?.map(fragment),
            sql: None,
        });
    }
    Ok(())
}

/// The columns of a key, each behind its table and a dot; none where something else is a member of it.
pub(super) fn key_columns(client: &mut Client, name: &str) -> Described<Option<Vec<String>>> {
    let table = NAME.replace("c.", "t.").replace("n.", "tn.");
    let sql = format!(
        "SELECT {table}, ARRAY(SELECT coalesce(a.attname::text, '') FROM generate_series(1, i.indnkeyatts) p \
            LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[p - 1] AND a.attnum > 0 ORDER BY p) \
         FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace \
         WHERE c.relname = $1 AND i.indpred IS NULL AND {FOREIGN} ORDER BY n.nspname <> current_schema()"
    );
    let Some(row) = client.query(&sql, &[&name])?.into_iter().next() else {
        return Ok(None);
    };
    let (table, columns): (String, Vec<String>) = (row.try_get(0)?, row.try_get(1)?);
    let whole = columns.iter().all(|it| !it.is_empty());
    Ok(whole.then(|| columns.iter().map(|it| format!("{table}.{it}")).collect()))
}
