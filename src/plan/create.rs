//! Creating and dropping what a schema declares.

use super::{Planner, order};
use crate::ir::{DataType, Enumeration, Expression, ForeignKey, KeyTarget, Model, ModelId, Schema};
use crate::sql::{
    Dialect, Enumerations, SchemaObjectKind, Statement, Writer, created, is_clause, needs_comment,
    write,
};
use smol_str::SmolStr;
use std::collections::HashSet;
use std::sync::Arc;

/// The statements that create everything: schemas and types, each table with its indexes behind it, each after the tables
/// it refers to, foreign keys that wait for a table of a cycle, views, and what is raw SQL.
pub fn create(schema: &Schema, dialect: &Dialect) -> Vec<Statement> {
    let ordered = order(schema);
    let mut made = prerequisites(schema, dialect, &ordered);
    let (first, others): (Vec<usize>, Vec<usize>) =
        (0..schema.objects.len()).partition(|it| is_stood_on(schema, dialect, *it));
    made.extend(first.into_iter().map(Statement::Raw));
    let mut placed = HashSet::with_capacity(ordered.len());
    let mut last = Vec::new();
    for id in ordered {
        let model = &schema[id];
        placed.insert(id);
        let mut later = Vec::new();
        for (place, key) in model.foreign_keys.iter().enumerate() {
            let ready = match &key.target {
                KeyTarget::Model(target, _) if *target == id => {
                    refers_to_clause(model, key, dialect)
                }
                KeyTarget::Model(target, _) => placed.contains(target),
                KeyTarget::Table(..) => true,
            };
            if dialect.adds_constraints && !ready {
                later.push(place);
                last.push(Statement::AddForeignKey { model: id, key: place });
            }
        }
        made.push(Statement::CreateTable { model: id, later });
        beside(schema, dialect, id, &mut made);
    }
    made.append(&mut last);
    let views = 0..schema.views.len();
    made.extend(views.filter_map(|it| create_view(schema, dialect, it)));
    made.extend(others.into_iter().map(Statement::Raw));
    made
}

/// Whether tables may stand on what raw SQL creates: a domain, a sequence, a function that names none of them.
fn is_stood_on(schema: &Schema, dialect: &Dialect, object: usize) -> bool {
    let Some(sql) = schema.objects.get(object).map(|it| &it.sql).filter(|_| dialect.other_objects)
    else {
        return false;
    };
    match created(sql).map(|it| it.kind) {
        Some(SchemaObjectKind::Extension | SchemaObjectKind::Schema | SchemaObjectKind::Type) => {
            true
        }
        Some(SchemaObjectKind::Other) => {
            let words: HashSet<&str> =
                sql.split(|it: char| !(it.is_alphanumeric() || it == '_')).collect();
            let of_model = schema.models().any(|it| words.contains(it.1.table.as_str()));
            let of_view = schema.views.iter().any(|it| words.contains(it.name.as_str()));
            let of_raw = schema
                .objects
                .iter()
                .filter_map(|it| created(&it.sql))
                .any(|it| it.kind.kept().is_some() && words.contains(it.name.as_str()));
            !of_model && !of_view && !of_raw
        }
        Some(
            SchemaObjectKind::Table
            | SchemaObjectKind::Column
            | SchemaObjectKind::Index
            | SchemaObjectKind::ForeignKey
            | SchemaObjectKind::View
            | SchemaObjectKind::Trigger,
        )
        | None => false,
    }
}

/// The view at that place.
fn create_view(schema: &Schema, dialect: &Dialect, view: usize) -> Option<Statement> {
    let it = schema.views.get(view)?;
    let select = Planner { schema, dialect, now: None }.view(&it.query);
    Some(Statement::CreateView { view, select })
}

/// The statements that create one model's table, the tables that it refers to being there; or the view that it stands
/// for.
pub fn create_model(schema: &Schema, id: ModelId, dialect: &Dialect) -> Vec<Statement> {
    let model = &schema[id];
    if model.view {
        let place = schema.views.iter().position(|it| it.name == model.name);
        let made = place.and_then(|it| create_view(schema, dialect, it));
        return made.into_iter().collect();
    }
    let mut made = prerequisites(schema, dialect, &[id]);
    let waits = |key: &ForeignKey| {
        let own = matches!(&key.target, KeyTarget::Model(target, _) if *target == id);
        dialect.adds_constraints && own && !refers_to_clause(model, key, dialect)
    };
    let keys = model.foreign_keys.iter().enumerate();
    let later: Vec<usize> = (keys.filter(|(_, it)| waits(it))).map(|(place, _)| place).collect();
    made.push(Statement::CreateTable { model: id, later: later.clone() });
    beside(schema, dialect, id, &mut made);
    made.extend((later.into_iter()).map(|key| Statement::AddForeignKey { model: id, key }));
    made
}

/// The statements that drop one model's table, or all tables in reverse order; first the views and
/// tables that raw SQL creates.
pub fn drop(schema: &Schema, model: Option<ModelId>, dialect: &Dialect) -> Vec<Statement> {
    if let Some(model) = model {
        return vec![Statement::DropTable(model)];
    }
    let ordered = order(schema);
    let mut dropped: Vec<Statement> = (schema.objects.iter().enumerate().rev())
        .filter(|(_, object)| {
            // What else there is, triggers and indexes, goes with its table.
            created(&object.sql).is_some_and(|it| {
                matches!(it.kind, SchemaObjectKind::Table | SchemaObjectKind::View)
            })
        })
        .map(|(place, _)| Statement::DropRaw(place))
        .collect();
    dropped.extend((0..schema.views.len()).rev().map(Statement::DropView));
    if dialect.adds_constraints {
        let mut placed = HashSet::with_capacity(ordered.len());
        for id in &ordered {
            placed.insert(*id);
            for (key, it) in schema[*id].foreign_keys.iter().enumerate() {
                if matches!(&it.target, KeyTarget::Model(target, _) if !placed.contains(target)) {
                    dropped.push(Statement::DropForeignKey { model: *id, key });
                }
            }
        }
    }
    let types = enumerations(schema, dialect, &ordered);
    dropped.extend(ordered.into_iter().rev().map(Statement::DropTable));
    dropped.extend(types.into_iter().map(Statement::DropType));
    dropped
}

/// Statements as a script: one a line, each with its semicolon.
pub fn script(schema: &Schema, dialect: &Dialect, statements: &[Statement]) -> String {
    let mut writer = Writer::inline(dialect);
    for it in statements {
        write(&mut writer, it, schema);
        writer.push(";\n");
    }
    writer.finish().text
}

/// The texts of statements, without semicolons.
pub fn texts(schema: &Schema, dialect: &Dialect, statements: &[Statement]) -> Vec<String> {
    let text = |it: &Statement| {
        let mut writer = Writer::inline(dialect);
        write(&mut writer, it, schema);
        writer.finish().text
    };
    statements.iter().map(text).collect()
}

/// What must be there before the tables.
fn prerequisites(schema: &Schema, dialect: &Dialect, models: &[ModelId]) -> Vec<Statement> {
    let mut made = Vec::new();
    let mut seen: HashSet<SmolStr> = HashSet::new();
    for id in models {
        for (_, attribute) in schema[*id].columns() {
            if let Some(name) = dialect.extension(&attribute.data_type)
                && seen.insert(name.into())
            {
                made.push(Statement::CreateExtension(name));
            }
        }
    }
    seen.clear();
    for id in models {
        if let Some(name) = &schema[*id].schema
            && dialect.schemas
            && seen.insert(name.clone())
        {
            made.push(Statement::CreateSchema(name.clone()));
        }
    }
    let types = enumerations(schema, dialect, models);
    made.extend(types.into_iter().map(Statement::CreateType));
    made
}

/// The enumerations that are types of their own and that `models` use.
fn enumerations(schema: &Schema, dialect: &Dialect, models: &[ModelId]) -> Vec<Arc<Enumeration>> {
    let mut types = Vec::new();
    if dialect.enumerations == Enumerations::Declared {
        let mut seen: HashSet<&SmolStr> = HashSet::new();
        for (_, attribute) in models.iter().flat_map(|id| schema[*id].columns()) {
            if let DataType::Enum(it) = &attribute.data_type
                && let Some(name) = &it.name
                && seen.insert(name)
            {
                types.push(Arc::clone(it));
            }
        }
    }
    types
}

/// What follows a table: its indexes and comments.
fn beside(schema: &Schema, dialect: &Dialect, id: ModelId, made: &mut Vec<Statement>) {
    let model = &schema[id];
    for (index, it) in model.indexes.iter().enumerate() {
        if !is_clause(dialect, it) {
            made.push(Statement::CreateIndex { model: id, index });
        }
    }
    let columns = model.columns().map(|(attribute, _)| Some(attribute));
    for attribute in std::iter::once(None).chain(columns) {
        if needs_comment(dialect, model, attribute) {
            made.push(Statement::Comment { model: id, attribute });
        }
    }
}

/// Whether a key of a table to itself refers to its primary key or to a unique constraint in the table's own statement.
fn refers_to_clause(model: &Model, key: &ForeignKey, dialect: &Dialect) -> bool {
    let KeyTarget::Model(_, target) = &key.target else {
        return true;
    };
    *target == model.primary_key
        || model.indexes.iter().any(|index| {
            let members = index.members.iter().map(|it| &it.expression);
            is_clause(dialect, index)
                && members.eq(target
                    .iter()
                    .map(|id| Expression::Attribute(*id))
                    .collect::<Vec<_>>()
                    .iter())
        })
}
