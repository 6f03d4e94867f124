//! A plan, carried out in one transaction with its history, or only told; whoever else applies something waits until then.

use super::aside;
use super::plan::plan;
use super::table;
use super::work::{ServerWork, WorkPhase, WorkStep};
use crate::catalog::{Difference, IndexOrigin, NameRef, Object, ObjectKind};
use crate::client::{Client, FailedStatement, RunResult, place, quoted};
use crate::db::{DbError, DbErrorKind};
use crate::diagnostics::{Hazard, HazardKind, RowRule, RunProblem, UnplannedOutcome, WrongRows};
use crate::ir::ModelId;
use crate::migrate::alteration::Alteration;
use crate::migrate::dropped::tables_without_model;
use crate::migrate::existing::by_name;
use crate::migrate::history::drift::drift_since;
use crate::migrate::history::record::next_migration;
use crate::migrate::history::{MigrationRecord, MigrationVerb, Renamed};
use crate::migrate::script_differences::told;
use crate::migrate::server_plan::refuse_steps;
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
        let there = begin(inner, &mut alter)?;
        let due = inner.due_steps()?;
        refuse_steps(inner, &due, &there)?;
        let work = plan(inner, &alter, None, &there)?;
        inner.tell_drift(&alter);
        // Those in other schemas have none of the names that a script gives.
        let later = |name: &str| Renamed::later(&work.renames, None, name);
        let own: Vec<Object> = there
            .iter()
            .filter(|it| !it.name.contains('.') && later(&it.name) == it.name)
            .cloned()
            .collect();
        if let Some(problem) = tables_without_model(&mut inner.client, &own)? {
            inner.log.warning(problem.into());
        }
        Ok(TransactionEnd::Undone(work.changes()))
    })
}

/// Changes it; what is refused hinders all of it.
pub(super) fn alter(
    migrator: &mut Migrator<'_>,
    mut alter: Alteration,
    model: Option<ModelId>,
) -> RunResult<Vec<Change>> {
    let (at, online, verb) = (alter.at, alter.options.online, alter.verb.clone());
    let (changes, later) = migrator.transact(at, KeyEnforcement::Enforced, |inner| {
        exclude_others(&mut inner.client, at)?;
        let mut locked = BTreeSet::new();
        loop {
            let there = begin(inner, &mut alter)?;
            let due = if model.is_none() { inner.due_steps()? } else { Vec::new() };
            let new = refuse_steps(inner, &due, &there)?;
            let mut work = plan(inner, &alter, model, &there)?;
            let mut later = if online { work.later() } else { Vec::new() };
            // Whoever writes to them could have written since rows were asked: they are asked again when nobody can.
            if alter.refused() == 0 && lock(inner, at, &work, &there, &mut locked)? {
                alter = alter.again();
                continue;
            }
            inner.tell_drift(&alter);
            let mut refused = alter.refused_since(0).into_iter();
            if let Some(first) = refused.next() {
                for hazard in refused {
                    inner.log.warning(RunProblem::Hazard(hazard).into());
                }
                return Err(first.into());
            }
            if !work.steps.is_empty() {
                carry_out(inner, &alter, &work, &there)?;
            }
            if online {
                // What was left by one that failed is looked at again.
                later.extend(unvalidated(&inner.client, at, &later)?);
            }
            let mut changes = work.changes();
            if new {
                inner.mark_steps(at, &due, alter.migration.get(), &mut changes)?;
            }
            return Ok(TransactionEnd::Kept((changes, later)));
        }
    })?;
    if !later.is_empty() {
        behind(migrator, at, verb, &later)?;
    }
    Ok(changes)
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

/// What is there, and what somebody else has changed of it.
fn begin(migrator: &mut Migrator<'_>, alter: &mut Alteration) -> RunResult<Vec<Object>> {
    alter.migration.set(next_migration(&mut migrator.client)?);
    let there = migrator.client.ask(alter.at, |it| it.objects())?;
    alter.drift = drift_since(&mut migrator.client, &there)?;
    Ok(there)
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
        let run = step.instead.as_ref().unwrap_or(shown);
        for sql in step.keeps.iter().chain(run).chain(&step.keeps_after) {
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
    verify_tables(migrator, alter, &now)?;
    let keyed = work.steps.iter().filter(|it| !it.keeps.is_empty() && it.phase != WorkPhase::Types);
    let anew: Vec<String> = keyed.map(|it| it.change.object.to_string()).collect();
    let verb = alter.verb.clone();
    let done = MigrationRecord {
        verb,
        sql: &ran,
        renames: &work.renames,
        anew: &anew,
        // What types and comments become is in no table's statement.
        always: true,
        ..MigrationRecord::default()
    };
    migrator.record(at, before, &now, &done)
}

/// What the server finds of rows on their way, which nothing could count before.
#[expect(clippy::wildcard_enum_match_arm, reason = "only rules of a table are broken by rows")]
fn broken(alter: &Alteration, table: &str, error: &DbError) -> Option<Hazard> {
    let rule = match error.kind {
        DbErrorKind::Unique => RowRule::Unique,
        DbErrorKind::Check => RowRule::Check,
        DbErrorKind::NotNull => RowRule::NotNull,
        _ => return None,
    };
    let kind = HazardKind::Breaks { table: table.to_owned(), rule, message: error.message.clone() };
    Some(alter.hazard(kind, None))
}

/// Fails where something is gone or another of which the plan says nothing.
fn verify_objects(
    alter: &Alteration,
    work: &ServerWork,
    before: &[Object],
    now: &[Object],
) -> RunResult<()> {
    let there = by_name(now);
    let named = alter.named.borrow();
    for was in before {
        if named.has(was.kind(), &was.name) {
            continue;
        }
        let later = match was.kind() {
            ObjectKind::Table => Renamed::later(&work.renames, None, &was.name),
            ObjectKind::Index | ObjectKind::View | ObjectKind::Trigger => was.name.clone(),
        };
        let (noun, name) = (was.kind().noun(), was.name.clone());
        let outcome = match there.get(&(was.kind(), NameRef(&later))) {
            // What names say follows them.
            Some(it) if it.sql == was.sql || !work.renames.is_empty() => continue,
            Some(_) => UnplannedOutcome::Another { noun, name },
            None => UnplannedOutcome::Gone { noun, name },
        };
        return Err(Hazard::of_structure(HazardKind::Unplanned(outcome), place(alter.at)).into());
    }
    Ok(())
}

/// Fails where a table isn't what the script says.
fn verify_tables(migrator: &mut Migrator<'_>, alter: &Alteration, now: &[Object]) -> RunResult<()> {
    let schema = migrator.client.scripts.schema;
    let desired = aside::desired(migrator, alter.at, now)?;
    let mut tables: Vec<_> = desired.tables.into_iter().collect();
    tables.sort_by_key(|it| it.0);
    for (id, desired) in tables {
        let name = schema[id].full_table();
        let named = alter.named.borrow().has(ObjectKind::Table, &name);
        let Some(current) = migrator.client.ask(alter.at, |it| it.table(&name))?.filter(|_| named)
        else {
            continue;
        };
        let mut found = table::found(&current, &desired, alter.options.extra);
        // An index that the script doesn't know is left alone.
        found.retain(|found| match *found {
            Difference::DropIndex { .. } => false,
            // It comes behind the transaction.
            Difference::AddIndex { desired: to } if alter.options.online => {
                let index = desired.indexes.get(to);
                index.is_none_or(|it| it.origin != IndexOrigin::Created)
            }
            _ => true,
        });
        if !found.is_empty() {
            let differences = told(&found, &current, &desired);
            let kind = HazardKind::StillDiffers { table: name.to_string(), differences };
            return Err(alter.hazard(kind, Some(schema[id].span)).into());
        }
    }
    Ok(())
}
