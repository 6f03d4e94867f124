//! Tables, indexes and comments, in Sequelize's shape.

use super::column::{check, column, comment_of, cut, write_collation};
use super::dialect::{Comments, Dialect, DialectKind};
use super::writer::Writer;
use crate::ir::BareWord;
use crate::ir::{
    AttributeId, DataType, Deferrable, Expression, ForeignKey, Index, KeyTarget, Model, ModelId,
    Schema,
};
use smol_str::SmolStr;

/// A table's name, in its schema.
pub(super) fn table_name(writer: &mut Writer<'_>, model: &Model) {
    match &model.schema {
        Some(schema) if writer.dialect.schemas => {
            writer.name(schema).push(".").name(&model.table);
        }
        Some(_) => {
            writer.name(&model.full_table());
        }
        None => {
            writer.name(&model.table);
        }
    }
}

/// `CREATE TABLE`, without the foreign keys at the places `later`.
pub(super) fn table(writer: &mut Writer<'_>, schema: &Schema, id: ModelId, later: &[usize]) {
    let model = &schema[id];
    writer.push("CREATE TABLE IF NOT EXISTS ");
    table_name(writer, model);
    writer.push(" (");
    writer.list(model.columns(), |writer, (id, _)| column(writer, model, id));
    for index in &model.indexes {
        if is_clause(writer.dialect, index) {
            writer.push(", ");
            unique(writer, model, index);
        }
    }
    let single = model.primary_key.len() == 1 && writer.dialect.keys_at_columns;
    if !single && !model.primary_key.is_empty() {
        writer.push(", PRIMARY KEY ");
        writer.names(columns(model, &model.primary_key));
    }
    for it in &model.checks {
        if !(writer.dialect.checks_at_columns && it.attribute.is_some()) {
            writer.push(", ");
            check(writer, model, it);
        }
    }
    for clause in model.clauses() {
        writer.push(", ").push(clause.trim());
    }
    for (place, key) in model.foreign_keys.iter().enumerate() {
        if !later.contains(&place) {
            writer.push(", ");
            foreign_key(writer, schema, model, key);
        }
    }
    writer.push(")");
    table_options(writer, model);
}

/// What stands behind a table's closing bracket.
fn table_options(writer: &mut Writer<'_>, model: &Model) {
    match writer.dialect.kind {
        DialectKind::Sqlite => {
            let options = match (model.strict, model.without_rowid) {
                (false, false) => "",
                (true, false) => " STRICT",
                (false, true) => " WITHOUT ROWID",
                (true, true) => " STRICT, WITHOUT ROWID",
            };
            writer.push(options);
        }
        DialectKind::Postgres => (),
        DialectKind::Mysql | DialectKind::Mariadb => {
            let options = model.extra.as_ref().map(|it| &it.mysql);
            let engine = options.and_then(|it| it.engine.as_ref());
            writer.push(" ENGINE=").push(engine.map_or("InnoDB", BareWord::as_str));
            if let Some(comment) = comment_of(model, None) {
                writer.push(" COMMENT ").text(cut(comment, 2048));
            }
            if let Some(charset) = options.and_then(|it| it.charset.as_ref()) {
                writer.push(" DEFAULT CHARSET=").push(charset.as_str());
            }
            if let Some(collate) = options.and_then(|it| it.collate.as_ref()) {
                writer.push(" COLLATE ").push(collate.as_str());
            }
        }
    }
}

/// The columns of attributes.
fn columns<'m>(model: &'m Model, ids: &'m [AttributeId]) -> impl Iterator<Item = &'m str> {
    ids.iter().map(|id| model.attribute(*id).column.as_str())
}

/// Whether a unique rule is a clause of its table's statement.
pub fn is_clause(dialect: &Dialect, index: &Index) -> bool {
    dialect.unique_constraints
        && index.unique
        && index.constraint
        && index.filter.is_none()
        && (index.members.iter()).all(|it| {
            matches!(it.expression, Expression::Attribute(_))
                && it.collation.is_none()
                && !it.descending
        })
}

/// A unique rule, as a clause of its table's statement.
fn unique(writer: &mut Writer<'_>, model: &Model, index: &Index) {
    match writer.dialect.kind {
        DialectKind::Mysql | DialectKind::Mariadb => writer.push("UNIQUE ").short_name(&index.name),
        DialectKind::Sqlite | DialectKind::Postgres => {
            writer.push("CONSTRAINT ").short_name(&index.name).push(" UNIQUE")
        }
    };
    writer.push(" (");
    writer.list(&index.members, |writer, it| {
        writer.expression(model, &it.expression);
    });
    writer.push(")");
}

/// `CREATE INDEX`
pub(super) fn index(writer: &mut Writer<'_>, model: &Model, index: &Index) {
    let dialect = writer.dialect;
    writer.push(if index.unique { "CREATE UNIQUE INDEX " } else { "CREATE INDEX " });
    if dialect.index_if_not_exists {
        writer.push("IF NOT EXISTS ");
    }
    writer.short_name(&index.name).push(" ON ");
    table_name(writer, model);
    writer.push(" (");
    writer.list(&index.members, |writer, it| {
        let call = match dialect.kind {
            DialectKind::Sqlite | DialectKind::Postgres => {
                matches!(it.expression, Expression::Call { .. })
            }
            DialectKind::Mysql | DialectKind::Mariadb => false,
        };
        if let Expression::Attribute(id) = it.expression {
            let attribute = model.attribute(id);
            writer.name(&attribute.column);
            // As much of the text as an index there may hold; check refuses it where rows must differ.
            if !dialect.text_keys && is_text(&attribute.data_type) {
                writer.push("(255)");
            }
        } else if call {
            writer.expression(model, &it.expression);
        } else {
            writer.push("(");
            writer.expression(model, &it.expression);
            writer.push(")");
        }
        if let Some(name) = it.collation.as_ref().filter(|_| dialect.index_collations) {
            write_collation(writer, name);
        }
        if it.descending {
            writer.push(" DESC");
        }
    });
    writer.push(")");
    if let Some(filter) = index.filter.as_ref().filter(|_| dialect.partial_indexes) {
        writer.push(" WHERE ");
        writer.expression(model, filter);
    }
}

/// Whether a type is a text or blob without a length, which MySQL has no whole keys of.
pub const fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Text(_) | DataType::CiText | DataType::Blob(_))
}

/// A foreign key, as a table constraint.
pub(super) fn foreign_key(
    writer: &mut Writer<'_>,
    schema: &Schema,
    model: &Model,
    key: &ForeignKey,
) {
    writer.push("CONSTRAINT ").short_name(&key.name).push(" FOREIGN KEY ");
    writer.names(columns(model, &key.attributes));
    writer.push(" REFERENCES ");
    match &key.target {
        KeyTarget::Model(id, attributes) => {
            let target = &schema[*id];
            table_name(writer, target);
            writer.push(" ").names(columns(target, attributes));
        }
        KeyTarget::Table(table, columns) => {
            writer.name(table);
            if !columns.is_empty() {
                writer.push(" ").names(columns.iter().map(SmolStr::as_str));
            }
        }
    }
    if let Some(action) = key.on_delete {
        writer.push(" ON DELETE ").push(action.sql());
    }
    if let Some(action) = key.on_update {
        writer.push(" ON UPDATE ").push(action.sql());
    }
    if writer.dialect.deferrable {
        match key.deferrable {
            Some(Deferrable::InitiallyDeferred) => writer.push(" DEFERRABLE INITIALLY DEFERRED"),
            Some(Deferrable::InitiallyImmediate) => writer.push(" DEFERRABLE INITIALLY IMMEDIATE"),
            None => writer,
        };
    }
}

pub(super) fn drop_foreign_key(writer: &mut Writer<'_>, model: &Model, key: &ForeignKey) {
    let (alter, drop) = match writer.dialect.kind {
        DialectKind::Mysql => ("ALTER TABLE ", " DROP FOREIGN KEY "),
        DialectKind::Mariadb => ("ALTER TABLE IF EXISTS ", " DROP FOREIGN KEY IF EXISTS "),
        DialectKind::Sqlite | DialectKind::Postgres => {
            ("ALTER TABLE IF EXISTS ", " DROP CONSTRAINT IF EXISTS ")
        }
    };
    writer.push(alter);
    table_name(writer, model);
    writer.push(drop).short_name(&key.name);
}

/// `COMMENT ON`
pub(super) fn comment(writer: &mut Writer<'_>, model: &Model, attribute: Option<AttributeId>) {
    writer.push(match attribute {
        None => "COMMENT ON TABLE ",
        Some(_) => "COMMENT ON COLUMN ",
    });
    table_name(writer, model);
    if let Some(id) = attribute {
        writer.push(".").name(&model.attribute(id).column);
    }
    writer.push(" IS ");
    writer.text(comment_of(model, attribute).unwrap_or_default());
}

/// Whether a table or column has a comment that is a statement of its own.
pub fn needs_comment(dialect: &Dialect, model: &Model, attribute: Option<AttributeId>) -> bool {
    dialect.comments == Comments::Statements && comment_of(model, attribute).is_some()
}
