//! Data steps: which ones a database has had.
//!
//! `_relata_steps` has a row for each: its name, what it said, the migration that it is, and the first and the last migration of the
//! change in which it was carried out, which are undone together.

use super::{hash, rows_of, text};
use crate::client::{Client, RunResult};
use crate::ir::DataStep;
use crate::migrate::engine_of;
use crate::source::Span;
use crate::value::Value;
use crate::words::same_name;
use std::collections::HashMap;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS _relata_steps (name TEXT NOT NULL, says TEXT NOT NULL, ran INTEGER NOT NULL, \
     migration INTEGER, first INTEGER, last INTEGER, \"rolledBackAt\" TEXT)";

/// The migrations of one change, and which of its steps each is.
#[derive(Debug)]
pub(in crate::migrate) struct StepGroup {
    pub first: u64,
    pub last: u64,
}

fn number(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

fn has_steps(client: &mut Client<'_>) -> RunResult<bool> {
    let own = engine_of(client.database).own_objects(client)?;
    Ok(own.iter().any(|it| same_name(&it.name, "_relata_steps")))
}

/// The steps that the database has had, each with what it said.
pub(in crate::migrate) fn steps_done(
    client: &mut Client<'_>,
) -> RunResult<HashMap<String, String>> {
    if !has_steps(client)? {
        return Ok(HashMap::new());
    }
    let sql = "SELECT name, says FROM _relata_steps WHERE \"rolledBackAt\" IS NULL";
    let rows = rows_of(client, sql, &[])?;
    Ok(rows.iter().map(|it| (text(it, 0).to_string(), text(it, 1).to_string())).collect())
}

/// What a step says, in short.
pub(in crate::migrate) fn step_hash(step: &DataStep) -> String {
    hash([step.text.as_str()])
}

/// Notes that a step was carried out by a migration, or that it had nothing to move in this database.
pub(in crate::migrate) fn note_step(
    client: &mut Client<'_>,
    at: Span,
    step: &DataStep,
    ran: bool,
    migration: u64,
) -> RunResult<()> {
    let values = [
        Value::Text(step.name.clone()),
        Value::Text(step_hash(step).into()),
        Value::Integer(i64::from(ran)),
        number(migration),
    ];
    make_room_for_steps(client, at)?;
    let sql = "INSERT INTO _relata_steps (name, says, ran, migration) VALUES ($1, $2, $3, $4)";
    client.ask(at, |it| it.execute(sql, &values)).map(|_| ())
}

/// The table that has them is there.
pub(in crate::migrate) fn make_room_for_steps(client: &mut Client<'_>, at: Span) -> RunResult<()> {
    if !has_steps(client)? {
        client.ask(at, |it| it.execute(TABLE, &[]))?;
    }
    Ok(())
}

/// All steps that were noted in a change belong to these migrations.
pub(in crate::migrate) fn group_steps(
    client: &mut Client<'_>,
    at: Span,
    group: &StepGroup,
) -> RunResult<()> {
    let sql = "UPDATE _relata_steps SET first = $1, last = $2 WHERE migration BETWEEN $1 AND $2";
    client.ask(at, |it| it.execute(sql, &[number(group.first), number(group.last)]))?;
    Ok(())
}

/// A new history begins: its migrations are none of those that carried out the steps.
pub(in crate::migrate) fn forget_migrations(client: &mut Client<'_>, at: Span) -> RunResult<()> {
    if has_steps(client)? {
        let sql = "UPDATE _relata_steps SET migration = NULL, first = NULL, last = NULL";
        client.ask(at, |it| it.execute(sql, &[]))?;
    }
    Ok(())
}

/// The names of the steps, by the migrations that they are.
pub(in crate::migrate) fn names(client: &mut Client<'_>) -> RunResult<HashMap<i64, String>> {
    if !has_steps(client)? {
        return Ok(HashMap::new());
    }
    let sql = "SELECT migration, name FROM _relata_steps WHERE ran = 1 AND migration IS NOT NULL";
    let rows = rows_of(client, sql, &[])?;
    let named = rows.iter().filter_map(|row| match row.first() {
        Some(Value::Integer(id)) => Some((*id, text(row, 1).to_string())),
        _ => None,
    });
    Ok(named.collect())
}

/// The first migration of the change that a migration belongs to.
pub(in crate::migrate) fn first_of(client: &mut Client<'_>, migration: i64) -> RunResult<i64> {
    if !has_steps(client)? {
        return Ok(migration);
    }
    let sql = "SELECT min(first) FROM _relata_steps WHERE $1 BETWEEN first AND last";
    let rows = rows_of(client, sql, &[Value::Integer(migration)])?;
    Ok(match rows.first().and_then(|it| it.first()) {
        Some(Value::Integer(first)) => (*first).min(migration),
        _ => migration,
    })
}

/// The steps of a migration are undone.
pub(in crate::migrate) fn forget_steps(
    client: &mut Client<'_>,
    migration: i64,
    now: &Value,
) -> RunResult<()> {
    if has_steps(client)? {
        let sql = "UPDATE _relata_steps SET \"rolledBackAt\" = $1 WHERE migration = $2";
        let values = [now.clone(), Value::Integer(migration)];
        client.ask(Span::default(), |it| it.execute(sql, &values))?;
    }
    Ok(())
}
