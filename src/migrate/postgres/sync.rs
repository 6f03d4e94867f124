//! `sync` and `drop`: what isn't there is created, all of it or nothing.
//!
//! What there is already is held against what the server would make of the script's own statements, in a schema that is gone afterwards.

use super::{around, aside, table};
use crate::client::RunResult;
use crate::diagnostics::RunProblem;
use crate::ir::{ExtraColumns, ModelId};
use crate::migrate::Migrator;
use crate::migrate::script_differences::{first_few, told};
use crate::migrate::server_plan::{ReferringKey, ServerPlan, refuse_steps};
use crate::migrate::server_statement::run_statement;
use crate::migrate::transaction::{KeyEnforcement, TransactionEnd};
use crate::source::Span;

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
        plan.refuse_referred(migrator, at, || {
            let all = around::keys(&migrator.client, at)?.into_iter();
            Ok(all
                .map(|it| ReferringKey { by: it.table, columns: it.columns, table: it.parent })
                .collect())
        })?;
        let mut ran = Vec::with_capacity(plan.len());
        for statement in plan.drops.iter().chain(&plan.creates) {
            let schema = migrator.client.scripts.schema;
            ran.push(run_statement(&mut migrator.client, at, schema, statement)?);
            migrator.log.progress(ran.len(), plan.len());
        }
        plan.record(migrator, at, &before, (&ran, if new { &due } else { &[] }))?;
        for warning in warnings {
            migrator.log.warning(warning.into());
        }
        Ok(ran)
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
