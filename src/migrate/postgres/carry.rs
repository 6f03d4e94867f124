//! A plan, carried out in one transaction with its history, or only told; whoever else applies something waits until then.

use super::PostgresEngine;
use super::online::later;
use crate::catalog::{Object, ObjectKind};
use crate::client::{Client, FailedStatement, RunResult, quoted};
use crate::diagnostics::{HazardKind, WrongRows};
use crate::ir::ModelId;
use crate::migrate::alter::refuse_hazards;
use crate::migrate::alteration::{Alteration, ChangePart};
use crate::migrate::history::record::next_migration;
use crate::migrate::history::steps::{StepGroup, group_steps};
use crate::migrate::history::{Drift, MigrationRecord, MigrationVerb};
use crate::migrate::server::carried::{begin, broken, rehearsed, verify_objects, verify_tables};
use crate::migrate::server::data_steps::carry_out_step;
use crate::migrate::server::plan::plan;
use crate::migrate::server::work::{ServerWork, WorkPhase, WorkStatement, WorkStep};
use crate::migrate::server_plan::have_nothing_to_move;
use crate::migrate::steps::DataSteps;
use crate::migrate::transaction::{KeyEnforcement, TransactionEnd};
use crate::migrate::{Change, Migrator};
use crate::source::Span;
use std::collections::BTreeSet;

/// The number under which appliers exclude each other.
const APPLIER: &str = "SELECT pg_advisory_xact_lock(1919249505)";

/// Waits until no other applier is at work, for as long as that takes: behind it there may be nothing left to do.
pub(super) fn exclude_others(client: &mut Client<'_>, at: Span) -> RunResult<()> {
    let wait = client.row(at, "SELECT current_setting('lock_timeout')", &[])?;
    client.ask(at, |it| it.execute("SET LOCAL lock_timeout = 0", &[]))?;
    client.rows(at, APPLIER, &[])?;
    let wait = wait.unwrap_or_default();
    client.rows(at, "SELECT set_config('lock_timeout', $1, true)", &wait).map(|_| ())
}

/// What would be changed: nothing is, and nobody waits.
pub(super) fn rehearse(
    migrator: &mut Migrator<'_>,
    mut alter: Alteration,
) -> RunResult<Vec<Change>> {
    let at = alter.at;
    migrator.transact(at, KeyEnforcement::Enforced, |inner| {
        rehearsed(&PostgresEngine, inner, &mut alter).map(TransactionEnd::Undone)
    })
}

/// Changes it; what is refused hinders all of it.
pub(super) fn alter(
    migrator: &mut Migrator<'_>,
    mut alter: Alteration,
    model: Option<ModelId>,
    steps: &mut dyn DataSteps,
) -> RunResult<Vec<Change>> {
    let (at, online, verb) = (alter.at, alter.options.online, alter.verb.clone());
    let (changes, left) = migrator.transact(at, KeyEnforcement::Enforced, |inner| {
        exclude_others(&mut inner.client, at)?;
        let mut locked = BTreeSet::new();
        let there = begin(inner, &mut alter)?;
        let due = if model.is_none() { inner.due_steps()? } else { Vec::new() };
        let first = alter.migration.get();
        let mut changes = Vec::new();
        let new = have_nothing_to_move(inner, &due, &there);
        let moves = !due.is_empty() && !new;
        let drift = moves.then(|| alter.drift.clone());
        if moves {
            alter.part.set(ChangePart::Added);
            let (added, _) = carry_out_part(inner, &mut alter, (model, None), &mut locked)?;
            changes.extend(added);
            for step in &due {
                changes.push(carry_out_step(&PostgresEngine, inner, at, step, steps)?);
            }
            alter = alter.again();
            alter.part.set(ChangePart::Rest);
        }
        let scope = (model, drift.as_ref());
        let (rest, mut behind) = carry_out_part(inner, &mut alter, scope, &mut locked)?;
        changes.extend(rest);
        if moves {
            let last = next_migration(&mut inner.client)?.saturating_sub(1);
            group_steps(&mut inner.client, at, &StepGroup { first, last })?;
        }
        if new {
            inner.mark_steps(at, &due, alter.migration.get(), &mut changes)?;
        }
        if online {
            // What was left by one that failed is looked at again.
            behind.extend(unvalidated(&inner.client, at, &behind)?);
        }
        Ok(TransactionEnd::Kept((changes, behind)))
    })?;
    if !left.is_empty() {
        behind(migrator, at, verb, &left)?;
    }
    Ok(changes)
}

/// A part of it: what was changed, and what is done behind the transaction. `drift` is what somebody else had changed before all parts.
fn carry_out_part(
    inner: &mut Migrator<'_>,
    alter: &mut Alteration,
    (model, drift): (Option<ModelId>, Option<&Drift>),
    locked: &mut BTreeSet<String>,
) -> RunResult<(Vec<Change>, Vec<String>)> {
    let at = alter.at;
    loop {
        let there = begin(inner, alter)?;
        if let Some(drift) = drift {
            alter.drift = drift.clone();
        }
        let mut work = plan(&PostgresEngine, inner, (alter, model), &there)?;
        let behind = if alter.options.online { later(&mut work) } else { Vec::new() };
        // Whoever writes to them could have written since rows were asked: they are asked again when nobody can.
        if alter.refused() == 0 && lock(inner, at, &work, &there, locked)? {
            *alter = alter.again();
            continue;
        }
        if drift.is_none() {
            inner.tell_drift(alter);
        }
        refuse_hazards(inner, alter)?;
        if !work.steps.is_empty() {
            carry_out(inner, alter, &work, &there)?;
        }
        return Ok((work.changes(), behind));
    }
}

/// What looks at foreign keys for which nobody has looked at the rows that were there, but for those that are looked at anyway.
fn unvalidated(client: &Client<'_>, at: Span, later: &[String]) -> RunResult<Vec<String>> {
    let sql = "SELECT 'ALTER TABLE ' || quote_ident(c.relname) || ' VALIDATE CONSTRAINT ' || quote_ident(k.conname) FROM pg_constraint k \
               JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
               WHERE k.contype = 'f' AND NOT k.convalidated AND n.nspname = current_schema() ORDER BY k.oid";
    let plain = |it: &str| it.replace('"', "");
    let known: Vec<String> = later.iter().map(|it| plain(it)).collect();
    let mut found = client.texts(at, sql)?;
    found.retain(|it| !known.contains(&plain(it)));
    Ok(found)
}

/// Does what is done behind the transaction, each statement by itself: one that fails leaves those before it.
fn behind(
    migrator: &mut Migrator<'_>,
    at: Span,
    verb: MigrationVerb,
    later: &[String],
) -> RunResult<()> {
    let before = migrator.client.ask(at, |it| it.objects())?;
    for (done, sql) in later.iter().enumerate() {
        if let Err(error) = migrator.client.database.execute(sql, &[]) {
            let about = FailedStatement { statement: Some(sql), ..FailedStatement::default() };
            return Err(migrator.client.failure_of(error, at, about));
        }
        migrator.log.progress(done + 1, later.len());
    }
    migrator.transact(at, KeyEnforcement::Enforced, |inner| {
        exclude_others(&mut inner.client, at)?;
        let now = inner.client.ask(at, |it| it.objects())?;
        let done = MigrationRecord { verb, sql: later, always: true, ..MigrationRecord::default() };
        inner.record(at, &before, &now, &done)?;
        Ok(TransactionEnd::Kept(()))
    })
}

/// Lets nobody write to the tables that are there and change, until the transaction ends: whether one of them wasn't locked before.
fn lock(
    migrator: &mut Migrator<'_>,
    at: Span,
    work: &ServerWork,
    there: &[Object],
    locked: &mut BTreeSet<String>,
) -> RunResult<bool> {
    let tables: BTreeSet<&str> =
        there.iter().filter(|it| it.kind() == ObjectKind::Table).map(|it| &*it.name).collect();
    let locks = |step: &&WorkStep| step.instead.as_ref().is_none_or(|it| !it.is_empty());
    let objects = work.steps.iter().filter(locks).flat_map(|it| {
        std::iter::once(it.change.object.as_str()).chain(it.of.iter().map(String::as_str))
    });
    let changed = objects.map(|it| work.former(it));
    let fresh: BTreeSet<String> = changed
        .filter(|it| tables.contains(it) && !locked.contains(*it))
        .map(str::to_owned)
        .collect();
    if fresh.is_empty() {
        return Ok(false);
    }
    keep_writers_out(&mut migrator.client, at, &fresh)?;
    locked.extend(fresh);
    Ok(true)
}

/// Lets nobody write to tables until the transaction ends; they are read meanwhile.
pub(super) fn keep_writers_out(
    client: &mut Client<'_>,
    at: Span,
    tables: &BTreeSet<String>,
) -> RunResult<()> {
    if tables.is_empty() {
        return Ok(());
    }
    // In the order of their names, so that two who do so don't wait for each other.
    let names: Vec<_> = tables.iter().map(|it| quoted(it)).collect();
    let sql = format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", names.join(", "));
    client.ask(at, |it| it.execute(&sql, &[])).map(|_| ())
}

/// Runs the statements, holds what came of them against what was planned, and records it.
fn carry_out(
    migrator: &mut Migrator<'_>,
    alter: &Alteration,
    work: &ServerWork,
    before: &[Object],
) -> RunResult<()> {
    let at = alter.at;
    let mut counts = Vec::new();
    for table in &work.steady {
        let former = quoted(work.former(table));
        let lock = format!("LOCK TABLE {former} IN ACCESS EXCLUSIVE MODE");
        migrator.client.ask(at, |it| it.execute(&lock, &[]))?;
        let rows = migrator.client.count(at, &format!("SELECT count(*) FROM {former}"))?;
        counts.push((table, rows));
    }
    let (mut ran, count) = (Vec::new(), work.steps.len());
    for (done, step) in work.steps.iter().enumerate() {
        migrator.log.carrying_out(Some(&step.change.object));
        let shown = &step.change.sql;
        let run = step.run();
        for WorkStatement { sql, .. } in step.keeps.iter().chain(&*run).chain(&step.keeps_after) {
            if let Err(error) = migrator.client.database.execute(sql, &[]) {
                let about = FailedStatement { statement: Some(sql), ..FailedStatement::default() };
                if let Some(hazard) = broken(alter, &step.change.object, &error) {
                    return Err(hazard.into());
                }
                return Err(migrator.client.failure_of(error, at, about));
            }
        }
        ran.extend(shown.iter().cloned());
        migrator.log.progress(done + 1, count);
    }
    migrator.log.carrying_out(None);
    for (table, rows) in counts {
        let sql = format!("SELECT count(*) FROM {}", quoted(table));
        if migrator.client.count(at, &sql)? != rows {
            let kind = HazardKind::WrongRows { table: table.clone(), why: WrongRows::Count };
            return Err(alter.hazard(kind, None).into());
        }
    }
    let now = migrator.client.ask(at, |it| it.objects())?;
    verify_objects(alter, work, before, &now)?;
    if alter.part.get() == ChangePart::Rest {
        verify_tables(&PostgresEngine, migrator, alter, &now)?;
    }
    let keyed = work.steps.iter().filter(|it| !it.keeps.is_empty() && it.phase != WorkPhase::Types);
    let anew: Vec<String> = keyed.map(|it| it.change.object.to_string()).collect();
    let verb = alter.verb.clone();
    let done = MigrationRecord {
        verb,
        sql: &ran,
        renames: &work.renames,
        models: &work.models,
        anew: &anew,
        // What types and comments become is in no table's statement.
        always: true,
        ..MigrationRecord::default()
    };
    migrator.record(at, before, &now, &done)
}
