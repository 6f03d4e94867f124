//! What `sync` and `drop` do on a server: its statements, as far as what they make isn't there or goes.

use super::history::record::next_migration;
use super::history::{MigrationRecord, MigrationVerb};
use super::steps::is_new;
use super::{Migrator, ddl};
use crate::catalog::Object;
use crate::client::{RunResult, quoted};
use crate::diagnostics::{Hazard, HazardKind, RunProblem};
use crate::ir::{DataStep, ModelId};
use crate::plan;
use crate::source::Span;
use crate::sql::{SchemaObject, SchemaObjectKind, Statement};
use std::collections::HashSet;

/// What is to be done, in order.
#[derive(Default)]
pub(super) struct ServerPlan {
    pub drops: Vec<Statement>,
    pub creates: Vec<Statement>,
    /// The tables that stay.
    pub stay: Vec<ModelId>,
}

impl ServerPlan {
    /// What isn't there is created; where it is `forced`, what is there goes before.
    pub(super) fn of(
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

    pub(super) const fn len(&self) -> usize {
        self.drops.len() + self.creates.len()
    }

    /// Refuses that a table goes to which one refers that stays. `keys` tells all foreign keys of the database; it is asked where a table goes.
    pub(super) fn refuse_referred(
        &self,
        migrator: &Migrator<'_>,
        at: Span,
        keys: impl FnOnce() -> RunResult<Vec<ReferringKey>>,
    ) -> RunResult<()> {
        let schema = migrator.client.scripts.schema;
        let table = |it: &Statement| match it {
            Statement::DropTable(model) => Some(schema[*model].full_table().to_string()),
            _ => None,
        };
        let gone: HashSet<String> = self.drops.iter().filter_map(table).collect();
        if gone.is_empty() {
            return Ok(());
        }
        let stays = |it: &ReferringKey| gone.contains(&it.table) && !gone.contains(&it.by);
        let Some(ReferringKey { by, columns, table }) = keys()?.into_iter().find(stays) else {
            return Ok(());
        };
        let held: Vec<_> = columns.iter().map(|it| format!("{} IS NOT NULL", quoted(it))).collect();
        let sql = format!("SELECT count(*) FROM {} WHERE {}", quoted(&by), held.join(" AND "));
        // Of a table in another schema the name alone is known.
        let rows = if by.contains('.') { 0 } else { migrator.client.count(at, &sql)? };
        let kind = if rows > 0 {
            HazardKind::ReferredByRows { table, by, rows }
        } else {
            HazardKind::Referred { table, by }
        };
        Err(Hazard::of_structure(kind, Some(at)).into())
    }

    /// Writes into the history what ran; the steps that are `due` are marked with it.
    pub(super) fn record(
        &self,
        migrator: &mut Migrator<'_>,
        at: Span,
        before: &[Object],
        (ran, due): (&[String], &[&DataStep]),
    ) -> RunResult<()> {
        if ran.is_empty() {
            return Ok(());
        }
        let now = migrator.client.ask(at, |it| it.objects())?;
        let verb = match (self.drops.is_empty(), self.creates.is_empty()) {
            (true, _) => MigrationVerb::Sync,
            (false, true) => MigrationVerb::Drop,
            (false, false) => MigrationVerb::Force,
        };
        let anew = if self.drops.is_empty() { &[] } else { before };
        let anew: Vec<String> = anew.iter().map(|it| it.table.clone()).collect();
        let done = MigrationRecord { verb, sql: ran, anew: &anew, ..MigrationRecord::default() };
        let migration = next_migration(&mut migrator.client)?;
        migrator.record(at, before, &now, &done)?;
        if due.is_empty() {
            return Ok(());
        }
        migrator.mark_steps(at, due, migration, &mut Vec::new())
    }
}

/// A foreign key of the database.
pub(super) struct ReferringKey {
    /// The table that has it.
    pub by: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// The table that it refers to.
    pub table: String,
}

/// Steps have nothing to move in a new database; whether it is one. Elsewhere they are carried out by what alters tables.
pub(super) fn refuse_steps(
    migrator: &Migrator<'_>,
    due: &[&DataStep],
    before: &[Object],
) -> RunResult<bool> {
    let Some(step) = due.first() else { return Ok(false) };
    if have_nothing_to_move(migrator, due, before) {
        return Ok(true);
    }
    let title = migrator.client.database.dialect().title;
    let what = format!("the step `{}` by `sync`", step.name);
    Err(RunProblem::NotOnServer { what, title, at: Some(step.span) })
}

/// Whether steps have nothing to move: the database is new.
pub(super) fn have_nothing_to_move(
    migrator: &Migrator<'_>,
    due: &[&DataStep],
    before: &[Object],
) -> bool {
    let schema = migrator.client.scripts.schema;
    let tables = ddl::tables(schema, None, migrator.client.database.dialect());
    !due.is_empty() && is_new(due, (&tables, &schema.dropped), before, &[])
}
