//! `.tables` and `.schema`: what there is, in the database and in the script.

use super::ReplState;
use crate::output::{Exit, Output, named};
use relata::catalog::ObjectKind;
use relata::db::{Database, DbError};
use relata::ir::{Association, Schema};
use relata::plan;
use relata::sql::{Dialect, Writer};
use relata::value::Value;
use std::ops::ControlFlow;

/// Rows are counted up to this many, so that no table makes it wait.
const MANY: i64 = 100_000;

/// The tables of the database.
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
    let tables = objects.iter().filter(|it| it.kind == ObjectKind::Table);
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
            it if it > MANY => format!("more than {MANY} rows"),
            it => format!("{it} rows"),
        };
        rows.push((table.name.clone(), said));
    }
    rows.sort();
    Ok(rows)
}

/// The statements that make the tables, and how the models belong to each other; of all models, or of one.
pub(super) fn show(schema: &Schema, name: &str, output: &mut Output) -> Exit {
    let dialect = Dialect::SQLITE;
    let (statements, associations): (_, Vec<&Association>) = if name.is_empty() {
        let all = schema.associations().map(|(_, it)| it);
        (plan::create(schema, dialect), all.collect())
    } else if let Some(id) = schema.model_named(name) {
        let own = schema.associations_of(id).map(|(_, it)| it);
        (plan::create_model(schema, id, dialect), own.collect())
    } else {
        let names = schema.models().map(|(_, it)| it.name.as_str());
        let message = format!("there is no model `{name}`");
        return output.unknown(&message, name, names, "`.schema` shows all models");
    };
    output.write(&plan::script(schema, dialect, &statements));
    for it in associations {
        let (source, target) = (&schema[it.source].name, &schema[it.target].name);
        let line = format!("{source} {} {target} < as: {} >", it.kind.word(), it.name);
        output.line(&line);
    }
    Exit::Done
}
