//! `sync` and `drop`: the tables that are there become those that the script declares.

use super::Migrator;
use super::alteration::Purpose;
use super::ddl::{self, IndexDdl, TableDdl};
use super::existing::{ExistingObjects, by_name, created};
use super::history::record::next_migration;
use super::history::steps::{StepGroup, group_steps, steps_done};
use super::history::{MigrationRecord, MigrationVerb};
use super::referred::refers_to_dropped;
use super::script_differences::{differences, first_few, is_missing, told};
use super::steps::{DataSteps, is_new};
use super::transaction::{KeyEnforcement, TransactionEnd};
use super::verify::PlannedObjects;
use super::verify::before_change;
use super::verify::verify_outcome;
use super::{AlterEngine, alter_engine};
use crate::catalog::{Name, NameRef, Object, ObjectKind, Table};
use crate::client::{Client, FailedStatement, RunResult, broken_reference, quoted};
use crate::diagnostics::{Cause, RunProblem};
use crate::ir::{DataStep, ModelId, RawObject};
use crate::source::Span;
use crate::sql;
use std::collections::HashSet;

/// A statement to run, and what it is about.
#[derive(Debug)]
struct PlannedStatement {
    sql: String,
    declared: Option<Span>,
    raw: Option<Span>,
}

/// What a sentence is going to do.
#[derive(Debug, Default)]
struct SyncPlan {
    drops: Vec<PlannedStatement>,
    creates: Vec<PlannedStatement>,
    /// The tables and views that go.
    gone: HashSet<Name>,
    /// The tables that go, as they are called.
    tables: Vec<String>,
    /// What else goes.
    dropped: HashSet<(ObjectKind, Name)>,
    /// What is left as it is, though the script says something else.
    warnings: Vec<RunProblem>,
}

/// Data steps that `sync` finds due.
struct StepsOfSync<'s> {
    due: Vec<&'s DataStep>,
    tables: &'s [TableDdl],
    steps: &'s mut dyn DataSteps,
}

impl SyncPlan {
    fn len(&self) -> usize {
        self.drops.len() + self.creates.len()
    }
}

impl Migrator<'_> {
    /// `sync`, recorded in the history.
    pub(super) fn sync_recorded(
        &mut self,
        at: Span,
        (model, force): (Option<ModelId>, bool),
        steps: &mut dyn DataSteps,
    ) -> Result<Vec<String>, RunProblem> {
        let dialect = self.client.database.dialect();
        let tables = ddl::tables(self.client.scripts.schema, model, dialect);
        let due = if model.is_none() { self.due_steps()? } else { Vec::new() };
        let once = StepsOfSync { due, tables: &tables, steps };
        self.carry_out(at, force, Some(once), |migrator| {
            let objects = migrator.client.ask(at, |it| it.objects())?;
            let there = by_name(&objects);
            let mut plan = SyncPlan::default();
            if force {
                plan_drops(&migrator.client, &tables, model, &there, &mut plan);
            }
            plan_creates(&mut migrator.client, at, &tables, model, &there, &mut plan)?;
            Ok(plan)
        })
    }

    /// `drop`, recorded in the history.
    pub(super) fn drop_recorded(
        &mut self,
        at: Span,
        model: Option<ModelId>,
    ) -> Result<Vec<String>, RunProblem> {
        let dialect = self.client.database.dialect();
        let tables = ddl::tables(self.client.scripts.schema, model, dialect);
        self.carry_out(at, true, None, |migrator| {
            let objects = migrator.client.ask(at, |it| it.objects())?;
            let there = by_name(&objects);
            let mut plan = SyncPlan::default();
            plan_drops(&migrator.client, &tables, model, &there, &mut plan);
            Ok(plan)
        })
    }

    /// Plans, and does it in one transaction. Where nothing is to be done, none is begun: that needs no right to write.
    fn carry_out(
        &mut self,
        at: Span,
        may_drop: bool,
        mut once: Option<StepsOfSync<'_>>,
        plan: impl Fn(&mut Migrator<'_>) -> Result<SyncPlan, RunProblem>,
    ) -> Result<Vec<String>, RunProblem> {
        let mut planned = plan(self)?;
        let mut ran = Vec::new();
        let due = |plan: &SyncPlan, once: &Option<StepsOfSync<'_>>| {
            plan.warnings.is_empty() && once.as_ref().is_some_and(|it| !it.due.is_empty())
        };
        let works = planned.len() > 0 || due(&planned, &once);
        if works && self.depth > 0 {
            // The sentence that fails undoes the transaction that it is in.
            self.recorded(at, &planned, once.as_mut(), &mut ran)?;
        } else if works {
            let keys = if may_drop { KeyEnforcement::Suspended } else { KeyEnforcement::Enforced };
            (planned, ran) = self.transact(at, keys, |inner| {
                // Another program may have been at it in between.
                let planned = plan(inner)?;
                let mut ran = Vec::new();
                inner.recorded(at, &planned, once.as_mut(), &mut ran)?;
                Ok(TransactionEnd::Kept((planned, ran)))
            })?;
        }
        let left = once.filter(|_| !planned.warnings.is_empty());
        for step in left.iter().flat_map(|it| &it.due) {
            let name = step.name.to_string();
            self.log.warning(RunProblem::StepDue { name, at: step.span }.into());
        }
        for warning in planned.warnings {
            self.log.warning(warning.into());
        }
        Ok(ran)
    }

    /// Does it, and records that it did; then data steps that are due, where no table differs from what they are for.
    fn recorded(
        &mut self,
        at: Span,
        plan: &SyncPlan,
        once: Option<&mut StepsOfSync<'_>>,
        ran: &mut Vec<String>,
    ) -> Result<(), RunProblem> {
        let before = self.client.ask(at, |it| it.objects())?;
        if plan.len() > 0 {
            self.record_sync(at, plan, &before, ran)?;
        }
        let Some(once) = once.filter(|it| plan.warnings.is_empty() && !it.due.is_empty()) else {
            return Ok(());
        };
        // Another program may have carried them out in between.
        let done = steps_done(&mut self.client)?;
        once.due.retain(|it| !done.contains_key(it.name.as_str()));
        let first = next_migration(&mut self.client)?;
        let stays = |it: &&Object| !plan.gone.contains(&it.name.as_str().into());
        let before: Vec<_> = before.iter().filter(stays).cloned().collect();
        let dropped = &self.client.scripts.schema.dropped;
        if plan.len() > 0 && is_new(&once.due, (once.tables, dropped), &before, &[]) {
            return self.mark_steps(at, &once.due, first.saturating_sub(1), &mut Vec::new());
        }
        for step in &once.due {
            ran.extend(self.carry_out_step(at, step, Purpose::Change, once.steps)?.sql);
        }
        let last = next_migration(&mut self.client)?.saturating_sub(1);
        group_steps(&mut self.client, at, &StepGroup { first, last })
    }

    fn record_sync(
        &mut self,
        at: Span,
        plan: &SyncPlan,
        before: &[Object],
        ran: &mut Vec<String>,
    ) -> Result<(), RunProblem> {
        let mut named = PlannedObjects::default();
        for object in before {
            // What belongs to a table goes with it.
            let gone = plan.gone.contains(&object.table.as_str().into());
            if gone || plan.dropped.contains(&(object.kind(), object.name.as_str().into())) {
                named.add(object.kind(), &object.name);
            }
        }
        let was =
            before_change(&mut self.client, at, before.to_vec(), &named, !plan.drops.is_empty())?;
        self.execute(at, plan, ran)?;
        let done = MigrationRecord {
            verb: match (plan.drops.is_empty(), plan.creates.is_empty()) {
                (true, _) => MigrationVerb::Sync,
                (false, true) => MigrationVerb::Drop,
                (false, false) => MigrationVerb::Force,
            },
            sql: ran,
            anew: &plan.tables,
            ..MigrationRecord::default()
        };
        let now = self.client.ask(at, |it| it.objects())?;
        self.record(at, before, &now, &done)?;
        verify_outcome(&mut self.client, at, &was, &now, &named)
    }

    fn execute(
        &mut self,
        at: Span,
        plan: &SyncPlan,
        ran: &mut Vec<String>,
    ) -> Result<(), RunProblem> {
        let referred = refers_to_dropped(&mut self.client, at, &plan.gone)?;
        // Only a table outside of the sentence that refers to one of its tables can get rows that refer to nothing.
        let before = if referred { Some(self.client.ask(at, |it| it.violations())?) } else { None };
        if !plan.tables.is_empty() {
            let engine = alter_engine(self.client.database)?;
            let migration = next_migration(&mut self.client)?;
            for table in &plan.tables {
                engine.keep_table(&mut self.client, at, migration, table)?;
            }
        }
        let all = plan.len();
        for work in plan.drops.iter().chain(&plan.creates) {
            // It isn't there, so `IF NOT EXISTS` says nothing but hides that something else has its name.
            let done = match work.raw {
                Some(_) if sql::created(&work.sql).is_some() => self.client.create(&work.sql),
                _ => {
                    let sql = alter_engine(self.client.database)?.to_create(&work.sql);
                    self.client.database.execute(&sql, &[]).map(|_| ())
                }
            };
            if let Err(error) = done {
                let about = FailedStatement {
                    statement: Some(&work.sql),
                    declared: work.declared,
                    raw: work.raw,
                };
                return Err(self.client.failure_of(error, at, about));
            }
            ran.push(work.sql.clone());
            self.log.progress(ran.len(), all);
        }
        if let Some(before) = before {
            let after = self.client.ask(at, |it| it.violations())?;
            if let Some(what) = after.since(&before) {
                let cause = Cause { message: "found by foreign_key_check".to_owned(), code: None };
                return Err(broken_reference(what).at(at, cause));
            }
        }
        Ok(())
    }
}

/// Drops what is there: raw objects first, then tables, each before those that it refers to.
fn plan_drops(
    client: &Client<'_>,
    tables: &[TableDdl],
    model: Option<ModelId>,
    there: &ExistingObjects<'_>,
    plan: &mut SyncPlan,
) {
    let objects = if model.is_some() { &[] } else { client.scripts.schema.objects.as_slice() };
    for object in objects.iter().rev() {
        let Some((kind, name)) = created(&object.sql) else {
            continue;
        };
        let Some(found) = there.get(&(kind, NameRef(&name))) else {
            continue;
        };
        if kind == ObjectKind::Table || kind == ObjectKind::View {
            plan.gone.insert(name.as_str().into());
        }
        if kind == ObjectKind::Table {
            plan.tables.push(found.name.clone());
        }
        plan.dropped.insert((kind, name.as_str().into()));
        plan.drops.push(PlannedStatement {
            sql: format!("DROP {} {}", kind.word(), quoted(&found.name)),
            declared: None,
            raw: Some(object.span),
        });
    }
    let views = if model.is_some() {
        Vec::new()
    } else {
        ddl::views(client.scripts.schema, client.database.dialect())
    };
    for view in views.into_iter().rev() {
        if there.contains_key(&(ObjectKind::View, NameRef(&view.name))) {
            plan.gone.insert(view.name.as_str().into());
            plan.drops.push(PlannedStatement {
                sql: view.drop,
                declared: view_span(client, view.view),
                raw: None,
            });
        }
    }
    for table in tables.iter().rev() {
        if let Some(found) = there.get(&(ObjectKind::Table, NameRef(&table.name))) {
            plan.tables.push(found.name.clone());
            plan.gone.insert(table.name.as_str().into());
            plan.drops.push(PlannedStatement {
                sql: table.drop.clone(),
                declared: Some(client.scripts.schema[table.model].span),
                raw: None,
            });
        }
    }
}

/// Creates what isn't there, or goes.
fn plan_creates(
    client: &mut Client<'_>,
    at: Span,
    tables: &[TableDdl],
    model: Option<ModelId>,
    there: &ExistingObjects<'_>,
    plan: &mut SyncPlan,
) -> Result<(), RunProblem> {
    let engine = alter_engine(client.database)?;
    for table in tables {
        let declared = Some(client.scripts.schema[table.model].span);
        let create = |sql: &String| PlannedStatement { sql: sql.clone(), declared, raw: None };
        let found = there.get(&(ObjectKind::Table, NameRef(&table.name)));
        let goes = plan.gone.contains(&table.name.as_str().into());
        let Some(found) = found.filter(|_| !goes) else {
            plan.creates.push(create(&table.create));
            let indexes = table.indexes.iter().map(|it| create(&it.sql));
            plan.creates.extend(indexes);
            continue;
        };
        let written = found.sql.as_deref().unwrap_or_default();
        let as_desired = engine.is_kept(written, &table.create);
        let missing = |name: &str| !there.contains_key(&(ObjectKind::Index, NameRef(name)));
        let whole = table.indexes.iter().all(|index| {
            let kept = there.get(&(ObjectKind::Index, NameRef(&index.name)));
            let sql = kept.and_then(|it| it.sql.as_deref());
            sql.is_some_and(|sql| engine.is_kept(sql, &index.sql))
        });
        if as_desired && whole {
            continue;
        }
        let current = client.ask(at, |it| it.table(&found.name))?;
        let Some(current) = current else { continue };
        let mut desired = vec![table.create.clone()];
        desired.extend(table.indexes.iter().map(|it| it.sql.clone()));
        let desired = engine.preview(client, at, &desired, &table.name)?;
        let desired = desired.unwrap_or_default();
        let found = differences(&current, &desired);
        let mut different = told(&found, &current, &desired);
        different.extend(taken(table, there, &plan.gone));
        let comes = |it: &&IndexDdl| missing(&it.name) && is_missing(&found, &desired, &it.name);
        for index in table.indexes.iter().filter(comes) {
            if has_columns(&current, &index.columns) {
                plan.creates.push(create(&index.sql));
            } else {
                different.push(format!("it has no index `{}`", index.name));
            }
        }
        if !different.is_empty() {
            let different = first_few(different);
            plan.warnings.push(RunProblem::Differs {
                kind: ObjectKind::Table.noun(),
                name: table.name.to_string(),
                differences: different,
                declared: client.scripts.schema[table.model].span,
                at,
            });
        }
    }
    if model.is_none() {
        plan_views(client, at, there, plan)?;
        for object in &client.scripts.schema.objects {
            plan_object(engine, object, (at, there), plan);
        }
    }
    Ok(())
}

/// Creates the views that aren't there, or go.
fn plan_views(
    client: &Client<'_>,
    at: Span,
    there: &ExistingObjects<'_>,
    plan: &mut SyncPlan,
) -> RunResult<()> {
    for view in ddl::views(client.scripts.schema, client.database.dialect()) {
        let found = there.get(&(ObjectKind::View, NameRef(&view.name)));
        let goes = plan.gone.contains(&view.name.as_str().into());
        let found = found.filter(|_| !goes);
        let declared = view_span(client, view.view);
        let Some(found) = found else {
            plan.creates.push(PlannedStatement { sql: view.create, declared, raw: None });
            continue;
        };
        let kept = found.sql.as_deref().unwrap_or_default();
        let all: Vec<_> = there.values().copied().collect();
        if !alter_engine(client.database)?.same_view(kept, &view.create, &all) {
            plan.warnings.push(RunProblem::Differs {
                kind: ObjectKind::View.noun(),
                name: view.name.to_string(),
                differences: vec!["its query is another".to_owned()],
                declared: declared.unwrap_or(at),
                at,
            });
        }
    }
    Ok(())
}

/// Where a view is declared.
fn view_span(client: &Client<'_>, view: usize) -> Option<Span> {
    client.scripts.schema.views.get(view).map(|it| it.span)
}

/// Creates what raw SQL says, where no such object is there or stays; one that stays may be another.
fn plan_object(
    engine: &dyn AlterEngine,
    object: &RawObject,
    (at, there): (Span, &ExistingObjects<'_>),
    plan: &mut SyncPlan,
) {
    // What creates nothing is told before anything runs.
    let Some((kind, name)) = created(&object.sql) else {
        return;
    };
    let found = there.get(&(kind, NameRef(&name)));
    let stays = found.filter(|index| {
        let goes = |name: &str| plan.gone.contains(&name.into());
        let dropped = plan.drops.iter().any(|it| it.raw == Some(object.span));
        !goes(&index.table) && !dropped
    });
    match stays {
        None => plan.creates.push(PlannedStatement {
            sql: object.sql.to_string(),
            declared: None,
            raw: Some(object.span),
        }),
        Some(it)
            if engine.same_object(kind, it.sql.as_deref().unwrap_or_default(), &object.sql) => {}
        Some(it) => plan.warnings.push(RunProblem::Differs {
            kind: kind.noun(),
            name: it.name.clone(),
            differences: vec!["its statement is another".to_owned()],
            declared: object.span,
            at,
        }),
    }
}

/// The indexes that a table can't have, since another one has an index of that name.
fn taken(table: &TableDdl, there: &ExistingObjects<'_>, gone: &HashSet<Name>) -> Vec<String> {
    let told = |index: &IndexDdl| {
        let found = there.get(&(ObjectKind::Index, NameRef(&index.name)))?;
        let elsewhere = !found.table.eq_ignore_ascii_case(&table.name)
            && !gone.contains(&found.table.as_str().into());
        elsewhere.then(|| {
            format!("it has no index `{}`: `{}` has one of that name", index.name, found.table)
        })
    };
    table.indexes.iter().filter_map(told).collect()
}

/// Whether the table has all columns that an index is about.
fn has_columns(table: &Table, columns: &[String]) -> bool {
    columns.iter().all(|it| table.column(it).is_some())
}
