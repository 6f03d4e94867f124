//! `.tables`, `.schema` and `.sql`: what there is, in the database and in the script.

use super::{ReplState, save};
use crate::output::{Exit, Output, named};
use relata::catalog::{Object, ObjectKind};
use relata::db::{Database, DbError};
use relata::ir::Schema;
use relata::plan;
use relata::report::thousands;
use relata::sql::{Dialect, Writer};
use relata::value::Value;
use std::ops::ControlFlow;

/// Rows are counted up to this many, so that no table makes it wait.
const MANY: i64 = 100_000;

/// Sentences are no wider than this, however wide the terminal is.
const PAGE: usize = 100;

/// The tables and views of the database.
pub(super) fn tables(state: &mut ReplState, output: &mut Output) -> Exit {
    let listed = list(state.session.database());
    let rows = match listed {
        Ok(rows) => rows,
        Err(error) => {
            output.say(&format!("error: {}", error.message));
            return Exit::Machine;
        }
    };
    if rows.is_empty() {
        output.say("there are no tables; `sync` creates those of the models");
    }
    let width = rows.iter().map(|(name, _)| name.chars().count()).max();
    let width = width.unwrap_or_default();
    for (name, count) in rows {
        let name = named(&name).into_owned();
        output.line(&format!("{name:<width$}  {count}"));
    }
    Exit::Done
}

fn list(database: &mut impl Database) -> Result<Vec<(String, String)>, DbError> {
    let dialect = database.dialect();
    let objects = database.objects()?;
    let has_rows = |it: &&Object| matches!(it.kind(), ObjectKind::Table | ObjectKind::View);
    let tables = objects.iter().filter(has_rows);
    let mut rows = Vec::new();
    for table in tables {
        let mut writer = Writer::inline(dialect);
        writer.name(&table.name);
        let name = writer.finish().text;
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {name} LIMIT {})", MANY + 1);
        let mut count = 0;
        database.query(&sql, &[], &mut |row| {
            if let Some(Value::Integer(it)) = row.first() {
                count = *it;
            }
            ControlFlow::Break(())
        })?;
        let said = match count {
            1 => "1 row".to_owned(),
            it if it > MANY => format!("more than {} rows", thousands(MANY)),
            it => format!("{} rows", thousands(it)),
        };
        let view = if table.kind() == ObjectKind::View { " (a view)" } else { "" };
        rows.push((table.name.clone(), format!("{said}{view}")));
    }
    rows.sort();
    Ok(rows)
}

/// What has been declared, as sentences; of all, or of one model.
pub(super) fn show(state: &ReplState, name: &str, output: &mut Output) -> Exit {
    if !name.is_empty() && state.session.schema().model_named(name).is_none() {
        return unknown(state.session.schema(), name, "`.schema` shows all models", output);
    }
    let width = output.result_width().map(|it| it.min(PAGE));
    match save::sentences(&state.session, Some(name).filter(|it| !it.is_empty()), width) {
        Some(text) => {
            output.write(&text);
            Exit::Done
        }
        None => save::mixed_defaults(output),
    }
}

/// The statements that create the tables; of all models, or of one.
pub(super) fn statements(
    schema: &Schema,
    dialect: &Dialect,
    name: &str,
    output: &mut Output,
) -> Exit {
    let statements = if name.is_empty() {
        plan::create(schema, dialect)
    } else if let Some(id) = schema.model_named(name) {
        plan::create_model(schema, id, dialect)
    } else {
        return unknown(schema, name, "`.sql` shows all models, `.sql last` the last ones", output);
    };
    for text in plan::texts(schema, dialect, &statements) {
        output.statement(&text);
        output.line(";");
    }
    Exit::Done
}

fn unknown(schema: &Schema, name: &str, help: &str, output: &mut Output) -> Exit {
    let names = schema.models().map(|(_, it)| it.name.as_str());
    output.unknown(&format!("there is no model `{name}`"), name, names, help)
}
