//! The statements of a schema's tables, as `sync` needs them: by table, each index by its name.

use crate::ir::{Expression, Index, Model, ModelId, Schema};
use crate::plan;
use crate::source::Span;
use crate::sql::{Dialect, Statement, render};
use smol_str::SmolStr;

/// A model's table.
#[derive(Debug)]
pub(super) struct TableDdl {
    pub model: ModelId,
    /// The table's name in the database.
    pub name: SmolStr,
    pub create: String,
    pub drop: String,
    pub indexes: Vec<IndexDdl>,
}

/// An index of a table.
#[derive(Debug)]
pub(super) struct IndexDdl {
    pub name: SmolStr,
    pub sql: String,
    /// The columns that it is about, those in expressions aside.
    pub columns: Vec<String>,
    /// Whether it is a unique key over these columns and nothing else that holds for all rows.
    pub unique: bool,
    /// Where it is declared.
    pub declared: Span,
}

/// The tables of one model or of all, each after those that it refers to.
pub(super) fn tables(schema: &Schema, model: Option<ModelId>, dialect: &Dialect) -> Vec<TableDdl> {
    let statements = match model {
        Some(model) => plan::create_model(schema, model, dialect),
        None => plan::create(schema, dialect),
    };
    let mut tables: Vec<TableDdl> = Vec::new();
    for statement in &statements {
        let name = statement.object(schema, dialect).map(|it| it.name);
        let sql = || render(statement, schema, dialect);
        match statement {
            Statement::CreateTable { model, .. } => tables.push(TableDdl {
                model: *model,
                name: name.unwrap_or_default(),
                create: sql(),
                drop: render(&Statement::DropTable(*model), schema, dialect),
                indexes: Vec::new(),
            }),
            Statement::CreateIndex { model, index } => {
                let desired = schema[*model].indexes.get(*index);
                if let (Some(table), Some(desired)) = (tables.last_mut(), desired) {
                    table.indexes.push(IndexDdl {
                        name: name.unwrap_or_default(),
                        sql: sql(),
                        columns: columns(&schema[*model], desired),
                        unique: is_unique_key(desired),
                        declared: desired.span,
                    });
                }
            }
            // Views and raw SQL are created beside the tables; the others are none of SQLite's.
            Statement::Raw(_)
            | Statement::CreateView { .. }
            | Statement::DropView(_)
            | Statement::CreateExtension(_)
            | Statement::CreateSchema(_)
            | Statement::CreateType(_)
            | Statement::Comment { .. }
            | Statement::AddForeignKey { .. }
            | Statement::DropForeignKey { .. }
            | Statement::DropTable(_)
            | Statement::DropRaw(_)
            | Statement::DropType(_) => {}
        }
    }
    tables
}

/// A view.
#[derive(Debug)]
pub(super) struct ViewDdl {
    /// Its place in the schema.
    pub view: usize,
    pub name: SmolStr,
    pub create: String,
    /// What it shows.
    #[cfg_attr(
        not(feature = "mysql"),
        expect(dead_code, reason = "MariaDB is asked what it makes of it")
    )]
    pub select: String,
    pub drop: String,
}

/// The views, in order.
pub(super) fn views(schema: &Schema, dialect: &Dialect) -> Vec<ViewDdl> {
    let planner = plan::Planner { schema, dialect, now: None };
    let each = schema.views.iter().enumerate().map(|(view, it)| {
        let select = planner.view(&it.query);
        let create = Statement::CreateView { view, select: select.clone() };
        ViewDdl {
            view,
            name: it.name.clone(),
            create: render(&create, schema, dialect),
            select,
            drop: render(&Statement::DropView(view), schema, dialect),
        }
    });
    each.collect()
}

/// The columns that are members of an index.
fn columns(model: &Model, index: &Index) -> Vec<String> {
    let column = |it: &Expression| match it {
        Expression::Attribute(id) => Some(model.attribute(*id).column.to_string()),
        _ => None,
    };
    let members = index.members.iter();
    members.filter_map(|it| column(&it.expression)).collect()
}

fn is_unique_key(index: &Index) -> bool {
    let plain = |it: &crate::ir::IndexMember| {
        matches!(it.expression, Expression::Attribute(_))
            && it.collation.is_none()
            && !it.descending
    };
    index.unique && index.filter.is_none() && index.members.iter().all(plain)
}
