//! What is to be done to a database's schema: statements by ids, and the objects that they are about.

use super::ddl;
use super::dialect::Dialect;
use super::object::{Created, SchemaObject, SchemaObjectKind, created};
use super::types::members;
use super::writer::Writer;
use crate::ir::{AttributeId, Enumeration, ModelId, Schema};
use smol_str::SmolStr;
use std::sync::Arc;

/// A statement that changes a database's schema, by ids into the [`Schema`] that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement {
    /// `CREATE EXTENSION`, which a type needs
    CreateExtension(&'static str),
    /// `CREATE SCHEMA`
    CreateSchema(SmolStr),
    /// `CREATE TYPE .. AS ENUM`
    CreateType(Arc<Enumeration>),
    /// `CREATE TABLE`
    CreateTable {
        /// Whose.
        model: ModelId,
        /// The foreign keys (by their place) that are added later.
        later: Vec<usize>,
    },
    /// `CREATE INDEX`
    CreateIndex {
        /// Whose.
        model: ModelId,
        /// Its place among the model's.
        index: usize,
    },
    /// `COMMENT ON`
    Comment {
        /// Whose.
        model: ModelId,
        /// The column; none for the table.
        attribute: Option<AttributeId>,
    },
    /// `ALTER TABLE .. ADD CONSTRAINT .. FOREIGN KEY`
    AddForeignKey {
        /// Whose.
        model: ModelId,
        /// Its place among the model's.
        key: usize,
    },
    /// `CREATE VIEW`
    CreateView {
        /// Its place.
        view: usize,
        /// Its SELECT.
        select: String,
    },
    /// `DROP VIEW`, by its place
    DropView(usize),
    /// What the script gives as raw SQL, by its place.
    Raw(usize),
    /// `ALTER TABLE .. DROP CONSTRAINT`
    DropForeignKey {
        /// Whose.
        model: ModelId,
        /// Its place among the model's.
        key: usize,
    },
    /// `DROP TABLE`
    DropTable(ModelId),
    /// The drop of a table or view that raw SQL creates, by its place.
    DropRaw(usize),
    /// `DROP TYPE`
    DropType(Arc<Enumeration>),
}

impl Statement {
    /// What the statement is about; none for raw SQL that creates nothing.
    pub fn object(&self, schema: &Schema, dialect: &Dialect) -> Option<SchemaObject> {
        let plain = |kind, name: &str| Some(SchemaObject { kind, name: name.into(), table: None });
        let within = |kind, name: &str, model: ModelId| {
            Some(SchemaObject {
                kind,
                name: dialect.shortened(name).into(),
                table: Some(schema[model].full_table()),
            })
        };
        match self {
            Self::CreateExtension(name) => plain(SchemaObjectKind::Extension, name),
            Self::CreateSchema(name) => plain(SchemaObjectKind::Schema, name),
            Self::CreateType(it) | Self::DropType(it) => {
                plain(SchemaObjectKind::Type, it.name.as_deref().unwrap_or_default())
            }
            Self::CreateTable { model, .. } | Self::DropTable(model) => {
                plain(SchemaObjectKind::Table, &schema[*model].full_table())
            }
            Self::CreateIndex { model, index } => {
                let index = schema[*model].indexes.get(*index)?;
                within(SchemaObjectKind::Index, &index.name, *model)
            }
            Self::AddForeignKey { model, key } | Self::DropForeignKey { model, key } => {
                let key = schema[*model].foreign_keys.get(*key)?;
                within(SchemaObjectKind::ForeignKey, &key.name, *model)
            }
            Self::Comment { model, attribute } => match attribute {
                None => plain(SchemaObjectKind::Table, &schema[*model].full_table()),
                Some(id) => {
                    let column = &schema[*model].attribute(*id).column;
                    within(SchemaObjectKind::Column, column, *model)
                }
            },
            Self::CreateView { view, .. } | Self::DropView(view) => {
                plain(SchemaObjectKind::View, &schema.views.get(*view)?.name)
            }
            Self::Raw(place) | Self::DropRaw(place) => {
                let Created { kind, name } = created(&schema.objects.get(*place)?.sql)?;
                plain(kind, &name)
            }
        }
    }
}

/// What a table's statement says of one of its foreign keys, for `dialect`; nothing where it has none of that place.
#[cfg(feature = "mysql")]
pub fn render_key(
    (model, key): (ModelId, usize),
    schema: &Schema,
    dialect: &Dialect,
) -> Option<String> {
    let mut writer = Writer::inline(dialect);
    let model = &schema[model];
    ddl::foreign_key(&mut writer, schema, model, model.foreign_keys.get(key)?);
    Some(writer.finish().text)
}

/// A statement's text for `dialect`, without a semicolon.
pub fn render(statement: &Statement, schema: &Schema, dialect: &Dialect) -> String {
    let mut writer = Writer::inline(dialect);
    write(&mut writer, statement, schema);
    writer.finish().text
}

/// Writes a statement, without a semicolon.
pub fn write(writer: &mut Writer<'_>, statement: &Statement, schema: &Schema) {
    match statement {
        Statement::CreateExtension(name) => {
            writer.push("CREATE EXTENSION IF NOT EXISTS ").name(name);
        }
        Statement::CreateSchema(name) => {
            writer.push("CREATE SCHEMA IF NOT EXISTS ").name(name);
        }
        Statement::CreateType(it) => {
            writer.push("CREATE TYPE ");
            writer.name(it.name.as_deref().unwrap_or_default());
            writer.push(" AS ENUM ");
            members(writer, it);
        }
        Statement::CreateTable { model, later } => ddl::table(writer, schema, *model, later),
        Statement::CreateIndex { model, index } => {
            if let Some(index) = schema[*model].indexes.get(*index) {
                ddl::index(writer, &schema[*model], index);
            }
        }
        Statement::Comment { model, attribute } => {
            ddl::comment(writer, &schema[*model], *attribute);
        }
        Statement::AddForeignKey { model, key } => {
            if let Some(key) = schema[*model].foreign_keys.get(*key) {
                writer.push("ALTER TABLE ");
                ddl::table_name(writer, &schema[*model]);
                writer.push(" ADD ");
                ddl::foreign_key(writer, schema, &schema[*model], key);
            }
        }
        Statement::CreateView { view, select } => {
            let name = schema.views.get(*view).map(|it| it.name.as_str());
            writer.push("CREATE VIEW ").name(name.unwrap_or_default());
            writer.push(" AS ").push(select);
        }
        Statement::DropView(view) => {
            let name = schema.views.get(*view).map(|it| it.name.as_str());
            writer.push("DROP VIEW IF EXISTS ").name(name.unwrap_or_default());
        }
        Statement::Raw(place) => {
            if let Some(object) = schema.objects.get(*place) {
                writer.push(object.sql.trim().trim_end_matches(';').trim_end());
            }
        }
        Statement::DropForeignKey { model, key } => {
            if let Some(key) = schema[*model].foreign_keys.get(*key) {
                ddl::drop_foreign_key(writer, &schema[*model], key);
            }
        }
        Statement::DropTable(model) => {
            writer.push("DROP TABLE IF EXISTS ");
            ddl::table_name(writer, &schema[*model]);
        }
        Statement::DropRaw(place) => {
            if let Some(object) = schema.objects.get(*place)
                && let Some(Created { kind, name }) = created(&object.sql)
            {
                let view = kind == SchemaObjectKind::View;
                writer.push(if view { "DROP VIEW" } else { "DROP TABLE" });
                writer.push(" IF EXISTS ").name(&name);
            }
        }
        Statement::DropType(it) => {
            writer.push("DROP TYPE IF EXISTS ");
            writer.name(it.name.as_deref().unwrap_or_default());
        }
    }
}
