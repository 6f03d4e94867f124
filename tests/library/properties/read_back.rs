//! A table as the schema says it and as SQLite has it, in one form.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test whose database fails may panic"
)]

use relata::ir::{
    Action, Attribute, Computed, DataType, Default, Expression, KeyTarget, Model, ModelId, Schema,
};
use relata::sql::{Dialect, column_type};
use relata::value::Value;
use rusqlite::{Connection, Row};

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shape {
    pub(crate) table: String,
    columns: Vec<Column>,
    primary_key: Vec<String>,
    counts_up: bool,
    strict: bool,
    without_rowid: bool,
    keys: Vec<Key>,
    key_names: Vec<String>,
    indexes: Vec<Index>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Column {
    name: String,
    data_type: String,
    not_null: bool,
    /// What it is, where that is a plain value.
    default: Option<String>,
    /// Generated, and stored.
    generated: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    column: String,
    table: String,
    to: String,
    on_update: String,
    on_delete: String,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Index {
    name: String,
    unique: bool,
    partial: bool,
    /// Columns, collations, and whether they descend; no column for an expression.
    members: Vec<(Option<String>, bool, String)>,
}

impl Shape {
    /// Without the order of what has none.
    pub(crate) fn sorted(mut self) -> Self {
        self.columns.sort();
        self.primary_key.sort();
        self.keys.sort();
        // Their numbers are places.
        self.key_names = vec![self.key_names.len().to_string()];
        self.indexes.sort();
        self
    }
}

/// What the schema says.
pub(crate) fn said(schema: &Schema, id: ModelId) -> Shape {
    let model = &schema[id];
    let is_rowid = |attribute: &Attribute| {
        model.primary_key.len() == 1
            && attribute.primary_key
            && !model.without_rowid
            && matches!(attribute.data_type, DataType::Integer(_))
    };
    let columns = model.columns().map(|(at, it)| Column {
        name: it.column.to_string(),
        data_type: if is_rowid(it) {
            "INTEGER".to_owned()
        } else {
            let text = column_type(Dialect::SQLITE, model, at);
            text.strip_suffix(" COLLATE NOCASE").map_or(text.clone(), str::to_owned)
        },
        not_null: it.not_null && !is_rowid(it),
        default: it
            .default
            .as_ref()
            .filter(|_| !is_rowid(it))
            .and_then(|default| said_default(model, it, default)),
        generated: match it.computed() {
            Some(Computed::Generated { stored, .. }) => Some(*stored),
            Some(Computed::Get(_)) | None => None,
        },
    });
    let columns: Vec<Column> = columns.collect();
    let named = |it| model.attribute(it).column.to_string();
    let action = |it: Option<Action>| it.map_or("NO ACTION", Action::sql).to_owned();
    let keys = model.foreign_keys.iter().map(|key| {
        let (table, to) = match &key.target {
            KeyTarget::Model(target, to) => {
                let target = &schema[*target];
                let to = to.first().map(|it| target.attribute(*it).column.to_string());
                (target.full_table().to_string(), to.unwrap())
            }
            KeyTarget::Table(table, to) => (table.to_string(), to.first().unwrap().to_string()),
        };
        Key {
            column: key.attributes.first().map(|it| named(*it)).unwrap(),
            table,
            to,
            on_update: action(key.on_update),
            on_delete: action(key.on_delete),
        }
    });
    let mut keys: Vec<Key> = keys.collect();
    keys.sort();
    let indexes = model.indexes.iter().map(|index| Index {
        name: index.name.to_string(),
        unique: index.unique,
        partial: index.filter.is_some(),
        members: index
            .members
            .iter()
            .map(|it| {
                let own = match &it.expression {
                    Expression::Attribute(id) => Some(model.attribute(*id)),
                    _ => None,
                };
                let collation = it.collation.clone().or_else(|| own.and_then(own_collation));
                let collation = collation.map_or("BINARY".to_owned(), |it| it.to_uppercase());
                (own.map(|it| it.column.to_string()), it.descending, collation)
            })
            .collect(),
    });
    let mut indexes: Vec<Index> = indexes.collect();
    indexes.sort();
    Shape {
        table: model.full_table().to_string(),
        columns,
        primary_key: model.primary_key.iter().map(|it| named(*it)).collect(),
        counts_up: model.attributes().any(|(_, it)| it.auto_increment),
        strict: model.strict,
        without_rowid: model.without_rowid,
        keys,
        key_names: model.foreign_keys.iter().map(|it| it.name.to_string()).collect(),
        indexes,
    }
}

fn own_collation(attribute: &Attribute) -> Option<smol_str::SmolStr> {
    let own = attribute.extra.as_ref().and_then(|it| it.collate.clone());
    let nocase = attribute.data_type == DataType::CiText;
    own.or_else(|| nocase.then(|| "NOCASE".into()))
}

/// A default as SQLite computes it from what the DDL says.
fn said_default(model: &Model, attribute: &Attribute, default: &Default) -> Option<String> {
    let value = match default {
        Default::Value(value) => value,
        Default::Expression(_) => return Some("(..)".to_owned()),
        Default::Sql(sql) => return Some(sql.to_string()),
        Default::Now | Default::UuidV4 | Default::UuidV1 => return None,
    };
    let float = matches!(attribute.data_type, DataType::Float(_)) && !model.strict;
    Some(match value {
        Value::Null => "null".to_owned(),
        Value::Bool(it) => u8::from(*it).to_string(),
        Value::Integer(it) => it.to_string(),
        Value::Float(it) => it.to_string(),
        Value::Decimal(it) if float => it.to_string(),
        Value::Decimal(it) => it.parse::<f64>().unwrap().to_string(),
        Value::Text(it) | Value::Date(it) | Value::Json(it) => it.to_string(),
        Value::Blob(it) => format!("{it:?}"),
    })
}

/// What SQLite has.
pub(crate) fn is(connection: &Connection, table: &str) -> Shape {
    let list = |sql: &str, name: &str| -> Vec<Vec<rusqlite::types::Value>> {
        let mut statement = connection.prepare(sql).unwrap();
        let width = statement.column_count();
        let read = |row: &Row<'_>| (0..width).map(|it| row.get(it)).collect();
        let rows = statement.query_map([name], read).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let text = |it: &rusqlite::types::Value| match it {
        rusqlite::types::Value::Text(it) => Some(it.clone()),
        rusqlite::types::Value::Integer(it) => Some(it.to_string()),
        _ => None,
    };
    let on = |it: &rusqlite::types::Value| *it != rusqlite::types::Value::Integer(0);
    let sql = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?";
    let created = list(sql, table);
    let [row] = created.as_slice() else {
        panic!("there is no table `{table}`");
    };
    let created = text(&row[0]).unwrap();
    let sql = "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?)";
    let columns = list(sql, table);
    let mut primary: Vec<(i64, String)> = Vec::new();
    for row in &columns {
        if let rusqlite::types::Value::Integer(place @ 1..) = row[4] {
            primary.push((place, text(&row[0]).unwrap()));
        }
    }
    primary.sort();
    let columns = columns.iter().map(|row| Column {
        name: text(&row[0]).unwrap(),
        data_type: text(&row[1]).unwrap(),
        not_null: on(&row[2]),
        default: text(&row[3]).map(|it| computed(connection, &it)),
        generated: match text(&row[5]).as_deref() {
            Some("2") => Some(false),
            Some("3") => Some(true),
            _ => None,
        },
    });
    let columns = columns.collect();
    let sql =
        "SELECT \"from\", \"table\", \"to\", on_update, on_delete FROM pragma_foreign_key_list(?)";
    let mut keys: Vec<Key> = list(sql, table)
        .iter()
        .map(|row| Key {
            column: text(&row[0]).unwrap(),
            table: text(&row[1]).unwrap(),
            to: text(&row[2]).unwrap(),
            on_update: text(&row[3]).unwrap(),
            on_delete: text(&row[4]).unwrap(),
        })
        .collect();
    keys.sort();
    let sql = "SELECT name, \"unique\", partial, origin FROM pragma_index_list(?)";
    let mut indexes = Vec::new();
    for row in list(sql, table) {
        let origin = text(&row[3]).unwrap();
        if origin == "pk" {
            continue;
        }
        assert_eq!(origin, "c", "a unique is a named index: {created}");
        let name = text(&row[0]).unwrap();
        let sql = "SELECT name, \"desc\", coll FROM pragma_index_xinfo(?) WHERE key";
        let members = list(sql, &name)
            .iter()
            .map(|row| (text(&row[0]), on(&row[1]), text(&row[2]).unwrap().to_uppercase()))
            .collect();
        indexes.push(Index { name, unique: on(&row[1]), partial: on(&row[2]), members });
    }
    indexes.sort();
    let kinds = list("SELECT strict, wr FROM pragma_table_list WHERE name = ?", table);
    Shape {
        table: table.to_owned(),
        columns,
        primary_key: primary.into_iter().map(|it| it.1).collect(),
        counts_up: unquoted(&created).contains("AUTOINCREMENT"),
        strict: on(&kinds[0][0]),
        without_rowid: on(&kinds[0][1]),
        keys,
        key_names: key_names(&created),
        indexes,
    }
}

/// A default of the DDL, computed.
fn computed(connection: &Connection, text: &str) -> String {
    if text == "CURRENT_TIMESTAMP" {
        return text.to_owned();
    }
    // `pragma_table_xinfo` leaves the brackets of an expression out.
    if text.contains('(') || text.contains('+') {
        let quoted = text.starts_with('\'');
        if !quoted {
            return "(..)".to_owned();
        }
    }
    let value: rusqlite::types::Value =
        connection.query_row(&format!("SELECT {text}"), [], |row| row.get(0)).unwrap();
    match value {
        rusqlite::types::Value::Null => "null".to_owned(),
        rusqlite::types::Value::Integer(it) => it.to_string(),
        rusqlite::types::Value::Real(it) => it.to_string(),
        rusqlite::types::Value::Text(it) => it,
        rusqlite::types::Value::Blob(it) => format!("{it:?}"),
    }
}

/// A statement without what is in quotes.
fn unquoted(sql: &str) -> String {
    let mut quote = None;
    let keep = |it: &char| match quote {
        Some(open) => {
            if *it == open {
                quote = None;
            }
            false
        }
        None if ['\'', '"', '`'].contains(it) => {
            quote = Some(*it);
            false
        }
        None => true,
    };
    sql.chars().filter(keep).collect()
}

/// The names of the foreign keys' constraints, in order.
fn key_names(sql: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in sql.match_indices(" FOREIGN KEY (`") {
        // The name is what stands in backquotes before it.
        let before = sql.get(..at).unwrap();
        let Some(before) = before.strip_suffix('`') else {
            continue;
        };
        let (_, name) = before.rsplit_once("CONSTRAINT `").unwrap();
        names.push(name.replace("``", "`"));
    }
    names
}

/// As [`super::kit::objects`], of a plain connection.
pub(crate) fn objects(connection: &Connection) -> Vec<String> {
    let sql = "SELECT type || ' ' || name || ' ' || tbl_name || ' ' || coalesce(sql, '') FROM sqlite_schema \
               WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY rowid";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}
