//! What `sync` and `drop` do on a server: its statements, as far as what they make isn't there or goes.

use super::steps::is_new;
use super::{Migrator, ddl};
use crate::catalog::Object;
use crate::client::RunResult;
use crate::diagnostics::RunProblem;
use crate::ir::{DataStep, ModelId};
use crate::plan;
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
}

/// Steps have nothing to move in a new database; whether it is one. Elsewhere they aren't carried out yet.
pub(super) fn refuse_steps(
    migrator: &Migrator<'_>,
    due: &[&DataStep],
    before: &[Object],
) -> RunResult<bool> {
    let Some(step) = due.first() else { return Ok(false) };
    let schema = migrator.client.scripts.schema;
    let dialect = migrator.client.database.dialect();
    let tables = ddl::tables(schema, None, dialect);
    if is_new(due, (&tables, &schema.dropped), before, &[]) {
        return Ok(true);
    }
    let what = format!("the step `{}`", step.name);
    Err(RunProblem::NotOnServer { what, title: dialect.title, at: Some(step.span) })
}
