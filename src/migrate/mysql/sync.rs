//! `sync` and `drop`: what isn't there is created.
//!
//! Each statement is kept as it has run, whatever comes behind it. Where one fails, what those before it have made is dropped again: nobody has
//! put a row into it, or it stays.

use super::carry::{exclusively, settle, tell_keyless};
use super::log::close;
use crate::catalog::Column;
use crate::client::{RunResult, quoted};
use crate::diagnostics::RunProblem;
use crate::ir::ModelId;
use crate::migrate::script_differences::{differences, first_few, told};
use crate::migrate::server_plan::{ReferringKey, ServerPlan, refuse_steps};
use crate::migrate::server_statement::run_statement;
use crate::migrate::{Migrator, not_yet};
use crate::source::Span;
use crate::sql::Statement;
use crate::value::Value;
use crate::words::same_name;

/// Drops, creates, or both.
pub(super) fn carry_out(
    migrator: &mut Migrator<'_>,
    at: Span,
    model: Option<ModelId>,
    work: (bool, bool),
) -> RunResult<Vec<String>> {
    if migrator.depth > 0 {
        return carry_out_alone(migrator, at, model, work);
    }
    exclusively(migrator, at, |inner| {
        if settle(inner, at)?.is_some_and(|it| it.undoes) {
            close(inner, at)?;
        }
        carry_out_alone(inner, at, model, work)
    })
}

/// The same, where nobody else changes the structure.
fn carry_out_alone(
    migrator: &mut Migrator<'_>,
    at: Span,
    model: Option<ModelId>,
    work: (bool, bool),
) -> RunResult<Vec<String>> {
    let there = migrator.client.ask(at, |it| it.schema_objects())?;
    let plan = ServerPlan::of(migrator, &there, model, work);
    if migrator.depth > 0 && plan.len() > 0 {
        // What the transaction has done would be kept by the first statement.
        let what = "changing the structure in a transaction";
        return Err(not_yet(migrator.client.database, what, Some(at)));
    }
    let due = if work.1 && model.is_none() { migrator.due_steps()? } else { Vec::new() };
    let before = if plan.len() > 0 || !due.is_empty() {
        migrator.client.ask(at, |it| it.objects())?
    } else {
        Vec::new()
    };
    let new = refuse_steps(migrator, &due, &before)?;
    let warnings = differing_tables(migrator, at, &plan.stay)?;
    plan.refuse_referred(migrator, at, || keys(migrator, at))?;
    let ran = run(migrator, at, &plan)?;
    for warning in warnings {
        migrator.log.warning(warning.into());
    }
    if work.1 {
        tell_keyless(migrator);
    }
    plan.record(migrator, at, &before, (&ran, if new { &due } else { &[] }))?;
    Ok(ran)
}

/// Runs the statements, one after the other.
fn run(migrator: &mut Migrator<'_>, at: Span, plan: &ServerPlan) -> RunResult<Vec<String>> {
    let mut ran = Vec::with_capacity(plan.len());
    for statement in plan.drops.iter().chain(&plan.creates) {
        let schema = migrator.client.scripts.schema;
        match run_statement(&mut migrator.client, at, schema, statement) {
            Ok(sql) => ran.push(sql),
            Err(problem) => {
                let made = ran.len().saturating_sub(plan.drops.len());
                unmake(migrator, at, plan.creates.get(..made).unwrap_or_default())?;
                return Err(problem);
            }
        }
        migrator.log.progress(ran.len(), plan.len());
    }
    Ok(ran)
}

/// Drops what statements have made, the last first.
fn unmake(migrator: &mut Migrator<'_>, at: Span, made: &[Statement]) -> RunResult<()> {
    for statement in made.iter().rev() {
        let drop = match statement {
            Statement::CreateTable { model, .. } => {
                let table = &migrator.client.scripts.schema[*model].full_table();
                let sql = format!(
                    "SELECT count(*) FROM (SELECT 1 FROM {} LIMIT 1) AS found",
                    quoted(table)
                );
                if migrator.client.count(at, &sql)? > 0 {
                    continue;
                }
                Statement::DropTable(*model)
            }
            Statement::AddForeignKey { model, key } => {
                Statement::DropForeignKey { model: *model, key: *key }
            }
            Statement::CreateView { view, .. } => Statement::DropView(*view),
            Statement::Raw(place) => Statement::DropRaw(*place),
            // Indexes go with their tables; one of a table that was there stays, as the next `sync` would make it.
            Statement::CreateIndex { .. }
            | Statement::Comment { .. }
            | Statement::CreateExtension(_)
            | Statement::CreateSchema(_)
            | Statement::CreateType(_)
            | Statement::DropType(_)
            | Statement::DropForeignKey { .. }
            | Statement::DropTable(_)
            | Statement::DropView(_)
            | Statement::DropRaw(_) => continue,
        };
        let schema = migrator.client.scripts.schema;
        run_statement(&mut migrator.client, at, schema, &drop)?;
    }
    Ok(())
}

/// Which columns tables that stay lack, or have beside those of the script.
fn differing_tables(
    migrator: &mut Migrator<'_>,
    at: Span,
    stay: &[ModelId],
) -> RunResult<Vec<RunProblem>> {
    let schema = migrator.client.scripts.schema;
    let mut warnings = Vec::new();
    for id in stay {
        let model = &schema[*id];
        let name = model.full_table();
        let Some(current) = migrator.client.ask(at, |it| it.table(&name))? else { continue };
        // How the server words the rest isn't compared yet.
        let mut desired = current.clone();
        desired
            .columns
            .retain(|it| model.columns().any(|(_, own)| same_name(&own.column, &it.name)));
        for (_, own) in model.columns() {
            if desired.column(&own.column).is_none() {
                let name = own.column.to_string();
                desired.columns.push(Column { name, ..Column::default() });
            }
        }
        let found = differences(&current, &desired);
        let differences = first_few(told(&found, &current, &desired));
        if !differences.is_empty() {
            let (name, declared) = (name.to_string(), model.span);
            let kind = "table";
            warnings.push(RunProblem::Differs { kind, name, differences, declared, at });
        }
    }
    Ok(warnings)
}

/// All foreign keys of the database.
fn keys(migrator: &Migrator<'_>, at: Span) -> RunResult<Vec<ReferringKey>> {
    let sql = "SELECT table_name, referenced_table_name, constraint_name, column_name FROM information_schema.key_column_usage \
         WHERE table_schema = database() AND referenced_table_name IS NOT NULL ORDER BY table_name, constraint_name, ordinal_position";
    let mut keys: Vec<(String, ReferringKey)> = Vec::new();
    for row in migrator.client.rows(at, sql, &[])? {
        let [Value::Text(by), Value::Text(table), Value::Text(name), Value::Text(column)] =
            row.as_slice()
        else {
            continue;
        };
        match keys.last_mut().filter(|it| (&*it.0, &*it.1.by) == (name.as_str(), by.as_str())) {
            Some((_, key)) => key.columns.push(column.to_string()),
            None => {
                let (by, table) = (by.to_string(), table.to_string());
                let columns = vec![column.to_string()];
                keys.push((name.to_string(), ReferringKey { by, columns, table }));
            }
        }
    }
    Ok(keys.into_iter().map(|(_, it)| it).collect())
}
