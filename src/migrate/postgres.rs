//! `sync` and `drop` on PostgreSQL: what isn't there is created, all of it or nothing.
//!
//! What there is already is held against what the server would make of the script's own statements, in a schema that is gone afterwards.

use super::engine::{AlterEngine, Engine};
use super::script_differences::{differences, first_few, told};
use super::steps::DataSteps;
use super::transaction::{KeyEnforcement, TransactionEnd};
use super::{Migrator, needs_alters};
use crate::catalog::Table;
use crate::client::{FailedStatement, RunResult};
use crate::diagnostics::RunProblem;
use crate::ir::{ModelId, Schema};
use crate::plan;
use crate::source::Span;
use crate::sql::{SchemaObject, SchemaObjectKind, Statement, render};
use crate::value::Value;
use std::collections::HashSet;

/// Where tables are made to see what the server makes of them.
const SCRATCH: &str = "relata_scratch";

/// PostgreSQL. What is there it doesn't alter yet, and what was done isn't recorded.
#[derive(Debug)]
pub(super) struct PostgresEngine;

impl Engine for PostgresEngine {
    fn sync(
        &self,
        migrator: &mut Migrator<'_>,
        at: Span,
        (model, force): (Option<ModelId>, bool),
        _: &mut dyn DataSteps,
    ) -> RunResult<Vec<String>> {
        if let Some(step) = migrator.client.scripts.schema.data_steps.first() {
            needs_alters(
                migrator.client.database,
                format!("the step `{}`", step.name),
                Some(step.span),
            )?;
        }
        Self::on_server(migrator, at, model, (force, true))
    }

    fn drop(
        &self,
        migrator: &mut Migrator<'_>,
        at: Span,
        model: Option<ModelId>,
    ) -> RunResult<Vec<String>> {
        Self::on_server(migrator, at, model, (true, false))
    }

    fn alters(&self) -> Option<&'static dyn AlterEngine> {
        None
    }
}

/// What is to be done, in order.
#[derive(Default)]
struct ServerPlan {
    drops: Vec<Statement>,
    creates: Vec<Statement>,
    /// The tables that stay.
    stay: Vec<ModelId>,
}

impl ServerPlan {
    /// What isn't there is created; where it is `forced`, what is there goes before.
    fn of(
        migrator: &Migrator<'_>,
        there: &HashSet<SchemaObject>,
        model: Option<ModelId>,
        (drops, creates): (bool, bool),
    ) -> Self {
        let schema = migrator.client.scripts.schema;
        let dialect = migrator.client.database.dialect();
        let object = |it: &Statement| it.object(schema, dialect);
        let mut res = Self::default();
        if drops {
            let all = plan::drop(schema, model, dialect).into_iter();
            let is_there =
                |drop: &Statement| object(drop).is_some_and(|found| there.contains(&found));
            res.drops = all.filter(is_there).collect();
        }
        if !creates {
            return res;
        }
        let gone: HashSet<_> = res.drops.iter().filter_map(object).collect();
        let table_of = |object: &SchemaObject| {
            let kind = SchemaObjectKind::Table;
            object.table.clone().map(|name| SchemaObject { kind, name, table: None })
        };
        let stays = |object: &SchemaObject| {
            let with_table = table_of(object).is_some_and(|it| gone.contains(&it));
            there.contains(object) && !gone.contains(object) && !with_table
        };
        let all = match model {
            Some(model) => plan::create_model(schema, model, dialect),
            None => plan::create(schema, dialect),
        };
        for statement in all {
            let Some(object) = object(&statement) else {
                // What creates nothing is told before anything runs.
                continue;
            };
            let comes = match &statement {
                Statement::CreateTable { model, .. } if stays(&object) => {
                    res.stay.push(*model);
                    false
                }
                // A table that stays keeps its comments, and is told of where it lacks a key.
                Statement::Comment { model, .. } | Statement::AddForeignKey { model, .. } => {
                    !res.stay.contains(model)
                }
                _ => !stays(&object),
            };
            if comes {
                res.creates.push(statement);
            }
        }
        res
    }

    const fn len(&self) -> usize {
        self.drops.len() + self.creates.len()
    }
}

impl PostgresEngine {
    /// Drops, creates, or both.
    fn on_server(
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
        let warnings = Self::differing_tables(migrator, at, &plan.stay)?;
        let (schema, dialect) =
            (migrator.client.scripts.schema, migrator.client.database.dialect());
        let mut ran = Vec::with_capacity(plan.len());
        for statement in plan.drops.iter().chain(&plan.creates) {
            let sql = render(statement, schema, dialect);
            if let Err(error) = migrator.client.database.execute(&sql, &[]) {
                let (declared, raw) = places(schema, statement);
                let about = FailedStatement { statement: Some(&sql), declared, raw };
                return Err(migrator.client.failure_of(error, at, about));
            }
            ran.push(sql);
            migrator.log.progress(ran.len(), plan.len());
        }
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
        let mut warnings = Vec::new();
        let schema = migrator.client.scripts.schema;
        for (id, desired) in Self::as_the_server_has_them(migrator, at, models)? {
            let name = schema[id].full_table();
            let Some(current) = migrator.client.ask(at, |it| it.table(&name))? else {
                continue;
            };
            let found = differences(&current, &desired);
            let different = first_few(told(&found, &current, &desired));
            if !different.is_empty() {
                let (name, declared) = (name.to_string(), schema[id].span);
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

    /// What the server makes of the script's tables; nothing of them is kept.
    fn as_the_server_has_them(
        migrator: &mut Migrator<'_>,
        at: Span,
        models: &[ModelId],
    ) -> RunResult<Vec<(ModelId, Table)>> {
        // Those in schemas of their own can't be made elsewhere as they are written.
        let schema = migrator.client.scripts.schema;
        let models = models.iter().filter(|id| schema[**id].schema.is_none());
        let models: Vec<ModelId> = models.copied().collect();
        if models.is_empty() {
            return Ok(Vec::new());
        }
        let depth = migrator.depth + 1;
        migrator.client.ask(at, |it| it.savepoint(depth))?;
        let made = Self::made_aside(migrator, at, &models);
        migrator.client.ask(at, |it| it.rollback_to(depth))?;
        made
    }

    fn made_aside(
        migrator: &mut Migrator<'_>,
        at: Span,
        models: &[ModelId],
    ) -> RunResult<Vec<(ModelId, Table)>> {
        let (schema, dialect) =
            (migrator.client.scripts.schema, migrator.client.database.dialect());
        let around = migrator.client.texts(at, "SELECT current_schema()::text")?;
        let around = around.first().map_or("public", String::as_str);
        let create = format!("CREATE SCHEMA {SCRATCH}");
        migrator.client.ask(at, |it| it.execute(&create, &[]))?;
        // What isn't made there is looked up where it is.
        let path = "SELECT set_config('search_path', $1 || ', ' || quote_ident($2), true)";
        migrator.client.rows(at, path, &[Value::from(SCRATCH), Value::from(around)])?;
        let mut res = Vec::with_capacity(models.len());
        for statement in plan::create(schema, dialect) {
            let (model, is_table) = match &statement {
                Statement::CreateTable { model, .. } => (*model, true),
                Statement::CreateIndex { model, .. } | Statement::AddForeignKey { model, .. } => {
                    (*model, false)
                }
                Statement::CreateExtension(_)
                | Statement::CreateSchema(_)
                | Statement::CreateType(_)
                | Statement::Comment { .. }
                | Statement::CreateView { .. }
                | Statement::DropView(_)
                | Statement::Raw(_)
                | Statement::DropForeignKey { .. }
                | Statement::DropTable(_)
                | Statement::DropRaw(_)
                | Statement::DropType(_) => continue,
            };
            if !models.contains(&model) {
                continue;
            }
            let sql = render(&statement, schema, dialect);
            if let Err(error) = migrator.client.database.execute(&sql, &[]) {
                if is_table && error.kind.is_of_statement() {
                    // It refers to what comes only now: such a table is another than it was.
                    continue;
                }
                return Err(migrator.client.failure(error, at));
            }
            if is_table {
                res.push((model, Table::default()));
            }
        }
        for (model, table) in &mut res {
            let name = schema[*model].full_table();
            if let Some(mut made) = migrator.client.ask(at, |it| it.table(&name))? {
                let before = format!("{around}.");
                for key in &mut made.keys {
                    if let Some(own) = key.table.strip_prefix(&before) {
                        key.table = own.to_owned();
                    }
                }
                *table = made;
            }
        }
        Ok(res)
    }
}

/// Where what a statement is about is declared; or, where it is raw SQL, written.
fn places(schema: &Schema, statement: &Statement) -> (Option<Span>, Option<Span>) {
    match statement {
        Statement::CreateTable { model, .. }
        | Statement::CreateIndex { model, .. }
        | Statement::Comment { model, .. }
        | Statement::AddForeignKey { model, .. }
        | Statement::DropForeignKey { model, .. }
        | Statement::DropTable(model) => (Some(schema[*model].span), None),
        Statement::CreateView { view, .. } | Statement::DropView(view) => {
            (schema.views.get(*view).map(|it| it.span), None)
        }
        Statement::Raw(place) | Statement::DropRaw(place) => {
            (None, schema.objects.get(*place).map(|it| it.span))
        }
        Statement::CreateExtension(_)
        | Statement::CreateSchema(_)
        | Statement::CreateType(_)
        | Statement::DropType(_) => (None, None),
    }
}
