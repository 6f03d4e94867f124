//! A plan, carried out step by step. The server keeps each statement that changes the structure at once, so that there is no transaction around all of
//! them: what can be refused is refused before the first, and what is done is written down before and behind each.

use super::MysqlEngine;
use super::log::{
    LoggedStatement, OpenWork, carry_on, close, forget, forget_planned, is_within_part, open_work,
    plan_statements,
};
use crate::catalog::{Object, ObjectKind};
use crate::client::{RunResult, quoted};
use crate::diagnostics::{HazardKind, RunProblem};
use crate::ir::ModelId;
use crate::migrate::alter::refuse_hazards;
use crate::migrate::alteration::{Alteration, ChangePart};
use crate::migrate::history::kept_tables::kept_tables;
use crate::migrate::history::record::{next_migration, record_begin};
use crate::migrate::history::steps::{StepGroup, group_steps};
use crate::migrate::history::{Drift, MigrationRecord};
use crate::migrate::server::carried::{begin, broken, rehearsed, verify_objects, verify_tables};
use crate::migrate::server::data_steps::carry_out_step;
use crate::migrate::server::plan::plan;
use crate::migrate::server::work::{ServerWork, texts};
use crate::migrate::server_plan::have_nothing_to_move;
use crate::migrate::steps::DataSteps;
use crate::migrate::{Change, Migrator, not_yet};
use crate::source::Span;

/// Does something while no other applier of this database is at work; one that is is waited for.
pub(super) fn exclusively<T>(
    migrator: &mut Migrator<'_>,
    at: Span,
    work: impl FnOnce(&mut Migrator<'_>) -> RunResult<T>,
) -> RunResult<T> {
    migrator.client.ask(at, |it| it.exclude_appliers())?;
    let done = work(migrator);
    let admitted = migrator.client.ask(at, |it| it.admit_appliers());
    let done = done?;
    admitted.map(|()| done)
}

/// Carries on what was cut off, as far as it must be; the history says what was done.
pub(super) fn settle(migrator: &mut Migrator<'_>, at: Span) -> RunResult<Option<OpenWork>> {
    let Some(work) = open_work(migrator)? else { return Ok(None) };
    if let Err(failed) = carry_on(migrator, at, true)? {
        return Err(failed.problem(migrator, at));
    }
    if work.undoes {
        // What is left of it is planned anew.
        let done = forget_planned(migrator, at)?;
        return Ok(done.then_some(work));
    }
    close(migrator, at)?;
    tell_cut_off(migrator, &work);
    Ok(Some(work))
}

/// Warns of models without a primary key, where each row has to be found on other nodes, too.
pub(super) fn tell_keyless(migrator: &mut Migrator<'_>) {
    if !migrator.client.database.is_cluster() {
        return;
    }
    let schema = migrator.client.scripts.schema;
    for (_, model) in schema.models().filter(|(_, it)| !it.view && it.primary_key.is_empty()) {
        let (model, at) = (model.name.to_string(), model.span);
        migrator.log.warning(RunProblem::KeylessOnCluster { model, at }.into());
    }
}

/// Says how far something came that was cut off.
pub(super) fn tell_cut_off(migrator: &mut Migrator<'_>, work: &OpenWork) {
    let (done, all) = work.counts();
    let migration = work.migration;
    migrator.log.warning(RunProblem::CutOff { migration, done, all }.into());
}

/// What would be changed: nothing is.
pub(super) fn rehearse(
    migrator: &mut Migrator<'_>,
    mut alter: Alteration,
) -> RunResult<Vec<Change>> {
    tell_keyless(migrator);
    if let Some(work) = open_work(migrator)? {
        tell_cut_off(migrator, &work);
        alter.open = true;
    }
    rehearsed(&MysqlEngine, migrator, &mut alter)
}

/// Changes it; what is refused hinders all of it.
pub(super) fn alter(
    migrator: &mut Migrator<'_>,
    mut alter: Alteration,
    model: Option<ModelId>,
    steps: &mut dyn DataSteps,
) -> RunResult<Vec<Change>> {
    let at = alter.at;
    if migrator.depth > 0 {
        // What the transaction has done would be kept by the first statement.
        let what = "changing the structure in a transaction";
        return Err(not_yet(migrator.client.database, what, Some(at)));
    }
    exclusively(migrator, at, |inner| {
        if settle(inner, at)?.is_some_and(|it| it.undoes) {
            // What a rollback has undone so far stays so.
            close(inner, at)?;
            alter.drift = Drift::default();
        }
        let there = begin(inner, &mut alter)?;
        let due = if model.is_none() { inner.due_steps()? } else { Vec::new() };
        tell_keyless(inner);
        let new = have_nothing_to_move(inner, &due, &there);
        let mut changes = Vec::new();
        if !due.is_empty() && !new {
            let first = alter.migration.get();
            let drift = alter.drift.clone();
            alter.part.set(ChangePart::Added);
            changes.extend(carry_out_part(inner, &alter, model, &there)?);
            alter.part.set(ChangePart::Rest);
            for step in &due {
                let done = carry_out_step(&MysqlEngine, inner, at, step, steps);
                changes.push(or_cut_off(inner, first, changes.len(), done)?);
                // What comes behind it may fail, and it stays.
                group(inner, at, first)?;
            }
            let there = begin(inner, &mut alter)?;
            alter.drift = drift;
            let rest = carry_out_part(inner, &alter, model, &there);
            changes.extend(or_cut_off(inner, first, changes.len(), rest)?);
            group(inner, at, first)?;
            return Ok(changes);
        }
        changes.extend(carry_out_part(inner, &alter, model, &there)?);
        if new {
            inner.mark_steps(at, &due, alter.migration.get(), &mut changes)?;
        }
        Ok(changes)
    })
}

/// Where something fails behind what was done from that migration on, says that this stays.
fn or_cut_off<T>(
    migrator: &mut Migrator<'_>,
    migration: u64,
    done: usize,
    outcome: RunResult<T>,
) -> RunResult<T> {
    outcome.inspect_err(|_| {
        if done > 0 {
            migrator.log.warning(RunProblem::CutOff { migration, done, all: done + 1 }.into());
        }
    })
}

/// What was done from that migration on is undone together.
fn group(migrator: &mut Migrator<'_>, at: Span, first: u64) -> RunResult<()> {
    let last = next_migration(&mut migrator.client)?.saturating_sub(1);
    group_steps(&mut migrator.client, at, &StepGroup { first, last })
}

/// A part of it; what is refused hinders all of the part.
fn carry_out_part(
    migrator: &mut Migrator<'_>,
    alter: &Alteration,
    model: Option<ModelId>,
    there: &[Object],
) -> RunResult<Vec<Change>> {
    let work = plan(&MysqlEngine, migrator, (alter, model), there)?;
    migrator.tell_drift(alter);
    refuse_hazards(migrator, alter)?;
    if !work.steps.is_empty() {
        carry_out(migrator, alter, &work, there)?;
    }
    Ok(work.changes())
}

/// Runs the statements, and holds what came of them against what was planned.
fn carry_out(
    migrator: &mut Migrator<'_>,
    alter: &Alteration,
    work: &ServerWork,
    before: &[Object],
) -> RunResult<()> {
    let at = alter.at;
    let (mut statements, mut sql) = (Vec::new(), Vec::new());
    for (part, step) in work.steps.iter().enumerate() {
        let run = step.run();
        sql.extend(texts(&run));
        let all = step.keeps.iter().chain(&*run).chain(&step.keeps_after).cloned();
        statements.extend(all.map(|statement| LoggedStatement { statement, part }));
    }
    let (verb, renames, models) = (alter.verb.clone(), &*work.renames, &*work.models);
    let done = MigrationRecord { verb, sql: &sql, renames, models, ..MigrationRecord::default() };
    let migration = record_begin(migrator, at, before, &done)?;
    plan_statements(migrator, at, (migration, false), &statements)?;
    if let Err(failed) = carry_on(migrator, at, false)? {
        let Some(open) = open_work(migrator)? else { return Err(failed.problem(migrator, at)) };
        let hazard = broken(alter, &failed.object, &failed.error);
        let problem = hazard.map_or_else(|| failed.problem(migrator, at), RunProblem::from);
        if open.counts().0 == 0 && !is_within_part(&open) {
            // Nothing was done.
            forget_begun(migrator, at, migration)?;
            return Err(problem);
        }
        if !is_within_part(&open) {
            close(migrator, at)?;
        }
        tell_cut_off(migrator, &open);
        return Err(problem);
    }
    let now = close(migrator, at)?;
    // It is done by now, whatever came of it.
    let mut outcomes = vec![verify_objects(alter, work, before, &now)];
    if alter.part.get() == ChangePart::Rest {
        outcomes.push(verify_tables(&MysqlEngine, migrator, alter, &now));
    }
    for problem in outcomes.into_iter().filter_map(Result::err) {
        let RunProblem::Hazard(hazard) = &problem else { return Err(problem) };
        let what = match &*hazard.kind {
            HazardKind::StillDiffers { table, differences } => {
                format!("of `{table}`, {}", differences.join("; "))
            }
            HazardKind::Unplanned(outcome) => outcome.to_string(),
            _ => return Err(problem),
        };
        migrator.log.warning(RunProblem::OtherOutcome { what }.into());
    }
    Ok(())
}

/// A change of which nothing was done is none.
fn forget_begun(migrator: &mut Migrator<'_>, at: Span, migration: u64) -> RunResult<()> {
    forget(migrator, at)?;
    let id = i64::try_from(migration).unwrap_or(i64::MAX);
    for table in kept_tables(&mut migrator.client, Some(id))? {
        let drop = format!("DROP TABLE {}", quoted(&table));
        migrator.client.ask(at, |it| it.execute(&drop, &[]))?;
    }
    let key = [crate::value::Value::Integer(id)];
    let sql = "DELETE FROM _relata_migrations WHERE id = $1";
    migrator.client.ask(at, |it| it.execute(sql, &key)).map(|_| ())
}

/// The objects of a kind.
pub(super) fn of_kind(all: &[Object], kind: ObjectKind) -> Vec<Object> {
    all.iter().filter(|it| it.kind() == kind).cloned().collect()
}
