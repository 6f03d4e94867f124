//! `sync` and `drop`: what isn't there is created, all of it or nothing.
//!
//! What there is already is held against what the server would make of the script's own statements, in a schema that is gone afterwards.

use super::{around, aside, table};
use crate::client::{RunResult, quoted};
use crate::diagnostics::{Hazard, HazardKind, RunProblem};
use crate::ir::{ExtraColumns, ModelId};
use crate::migrate::Migrator;
use crate::migrate::history::record::next_migration;
use crate::migrate::history::{MigrationRecord, MigrationVerb};
use crate::migrate::script_differences::{first_few, told};
use crate::migrate::server_plan::{ServerPlan, refuse_steps};
use crate::migrate::server_statement::run_statement;
use crate::migrate::transaction::{KeyEnforcement, TransactionEnd};
use crate::source::Span;
use crate::sql::Statement;
use std::collections::HashSet;

/// `sync` and `drop`.
pub(super) struct ServerSync;

impl ServerSync {
    /// Drops, creates, or both.
    pub(super) fn on_server(
        migrator: &mut Migrator<'_>,
        at: Span,
        model: Option<ModelId>,
        work: (bool, bool),
    ) -> RunResult<Vec<String>> {
        if migrator.depth > 0 {
            // The sentence that fails undoes the transaction that it is in.
            return Self::carry_out_on_server(migrator, at, model, work);
        }
        migrator.transact(at, KeyEnforcement::Enforced, |inner| {
            Self::carry_out_on_server(inner, at, model, work).map(TransactionEnd::Kept)
        })
    }

    fn carry_out_on_server(
        migrator: &mut Migrator<'_>,
        at: Span,
        model: Option<ModelId>,
        work: (bool, bool),
    ) -> RunResult<Vec<String>> {
        let there = migrator.client.ask(at, |it| it.schema_objects())?;
        let plan = ServerPlan::of(migrator, &there, model, work);
        let due = if work.1 && model.is_none() { migrator.due_steps()? } else { Vec::new() };
        let before = if plan.len() > 0 || !due.is_empty() {
            migrator.client.ask(at, |it| it.objects())?
        } else {
            Vec::new()
        };
        let new = refuse_steps(migrator, &due, &before)?;
        let warnings = Self::differing_tables(migrator, at, &plan.stay)?;
        Self::refuse_referred(migrator, at, &plan.drops)?;
        let mut ran = Vec::with_capacity(plan.len());
        for statement in plan.drops.iter().chain(&plan.creates) {
            let schema = migrator.client.scripts.schema;
            ran.push(run_statement(&mut migrator.client, at, schema, statement)?);
            migrator.log.progress(ran.len(), plan.len());
        }
        if !ran.is_empty() {
            let now = migrator.client.ask(at, |it| it.objects())?;
            let verb = match (plan.drops.is_empty(), plan.creates.is_empty()) {
                (true, _) => MigrationVerb::Sync,
                (false, true) => MigrationVerb::Drop,
                (false, false) => MigrationVerb::Force,
            };
            let gone = |it: &&crate::catalog::Object| !now.contains(it) || !plan.drops.is_empty();
            let anew: Vec<String> = before.iter().filter(gone).map(|it| it.table.clone()).collect();
            let anew = if plan.drops.is_empty() { Vec::new() } else { anew };
            let done =
                MigrationRecord { verb, sql: &ran, anew: &anew, ..MigrationRecord::default() };
            let migration = next_migration(&mut migrator.client)?;
            migrator.record(at, &before, &now, &done)?;
            if new {
                migrator.mark_steps(at, &due, migration, &mut Vec::new())?;
            }
        }
        for warning in warnings {
            migrator.log.warning(warning.into());
        }
        Ok(ran)
    }

    /// Refuses that a table goes to which one refers that stays.
    fn refuse_referred(migrator: &Migrator<'_>, at: Span, drops: &[Statement]) -> RunResult<()> {
        let schema = migrator.client.scripts.schema;
        let gone: HashSet<String> = (drops.iter())
            .filter_map(|it| match it {
                Statement::DropTable(model) => Some(schema[*model].full_table().to_string()),
                _ => None,
            })
            .collect();
        if gone.is_empty() {
            return Ok(());
        }
        for key in around::keys(&migrator.client, at)? {
            if !gone.contains(&key.parent) || gone.contains(&key.table) {
                continue;
            }
            let held: Vec<_> =
                key.columns.iter().map(|it| format!("{} IS NOT NULL", quoted(it))).collect();
            let sql =
                format!("SELECT count(*) FROM {} WHERE {}", quoted(&key.table), held.join(" AND "));
            let rows = if key.table.contains('.') { 0 } else { migrator.client.count(at, &sql)? };
            let (table, by) = (key.parent, key.table);
            let kind = if rows > 0 {
                HazardKind::ReferredByRows { table, by, rows }
            } else {
                HazardKind::Referred { table, by }
            };
            return Err(Hazard::of_structure(kind, Some(at)).into());
        }
        Ok(())
    }

    /// In what tables that are there differ from the script.
    fn differing_tables(
        migrator: &mut Migrator<'_>,
        at: Span,
        models: &[ModelId],
    ) -> RunResult<Vec<RunProblem>> {
        if models.is_empty() {
            return Ok(Vec::new());
        }
        let mut warnings = Vec::new();
        let schema = migrator.client.scripts.schema;
        let known = migrator.client.ask(at, |it| it.objects())?;
        let desired = aside::desired(migrator, at, &known)?;
        for id in models {
            let Some(desired) = desired.tables.get(id) else { continue };
            let name = schema[*id].full_table();
            let Some(current) = migrator.client.ask(at, |it| it.table(&name))? else {
                continue;
            };
            let found = table::found(&current, desired, ExtraColumns::Drop);
            let different = first_few(told(&found, &current, desired));
            if !different.is_empty() {
                let (name, declared) = (name.to_string(), schema[*id].span);
                let kind = "table";
                warnings.push(RunProblem::Differs {
                    kind,
                    name,
                    differences: different,
                    declared,
                    at,
                });
            }
        }
        Ok(warnings)
    }
}
