//! The statements of a schema's tables, as `sync` needs them: by table, each index by its name.

use crate::ir::{ModelId, Schema};

/// A model's table.
#[derive(Debug)]
pub(super) struct TableDdl {
    pub model: ModelId,
    /// The table's name in the database.
    pub name: String,
    pub create: String,
    pub drop: String,
    pub indexes: Vec<IndexDdl>,
}

/// An index of a table.
#[derive(Debug)]
pub(super) struct IndexDdl {
    pub name: String,
    pub sql: String,
    /// The columns that it is about, those in expressions aside.
    pub columns: Vec<String>,
    /// The same columns, where it is a unique key over nothing else that holds for all rows.
    pub unique: Option<Vec<String>>,
}

/// The tables of all models, each after those that it refers to.
pub(super) fn all(schema: &Schema) -> Vec<TableDdl> {
    schema.models().map(|(id, _)| table(schema, id)).collect()
}

/// The table of one.
pub(super) fn table(schema: &Schema, model: ModelId) -> TableDdl {
    let it = &schema[model];
    let name = it.full_table().to_string();
    let quoted = format!("`{name}`");
    let columns: Vec<String> = it
        .columns()
        .map(|(_, c)| format!("`{}` TEXT", c.column))
        .collect();
    TableDdl {
        model,
        create: format!("CREATE TABLE {quoted} ({})", columns.join(", ")),
        drop: format!("DROP TABLE {quoted}"),
        name,
        indexes: Vec::new(),
    }
}

/// A statement as SQLite keeps it, so that two can be compared: without `IF NOT EXISTS`.
pub(super) fn as_kept(sql: &str) -> String {
    sql.trim_end()
        .trim_end_matches(';')
        .replacen(" IF NOT EXISTS", "", 1)
}
