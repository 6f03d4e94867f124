//! What is to be done to tables, as data: made of what differs, and asked of rows before any of them is touched.

use super::alteration::{Alteration, ChangePart};
use super::broken::BrokenObjects;
use super::ddl::TableDdl;
use super::dropped::TableToDrop;
use super::existing::by_name;
use super::hazards::refuse_hazards;
use super::history::Renamed;
use super::keys::refuse_duplicates_to_come;
use super::tables::{TableDraft, TableStep, describe, refuse_overwriting};
use super::{Change, Migrator};
use crate::catalog::Object;
use crate::client::RunResult;
use crate::diagnostics::Hazard;
use crate::ir::ModelId;

/// What all parts of a change are about.
#[derive(Debug, Clone, Copy)]
pub(super) struct PartScope<'c> {
    pub(super) model: Option<ModelId>,
    pub(super) tables: &'c [TableDdl],
    /// What didn't work before.
    pub(super) broken: &'c BrokenObjects,
    /// What got another name.
    pub(super) renames: &'c [Renamed],
    /// What was there before the part.
    pub(super) snapshot: &'c [Object],
}

impl PartScope<'_> {
    /// Whether what no table of the script's is about is due in this part, too.
    pub(super) fn of_all(&self, alter: &Alteration) -> bool {
        self.model.is_none() && alter.part.get() == ChangePart::Rest
    }
}

/// What is to be done to tables: data, until it is carried out.
#[derive(Debug)]
pub(super) struct Plan<'t, 's> {
    tables: Vec<TablePlan<'t>>,
    /// The tables that go because the script says so.
    pub(super) to_drop: Vec<TableToDrop<'s>>,
}

/// In what a table of the script's differs.
#[derive(Debug)]
pub(super) struct TableChange<'t> {
    table: &'t TableDdl,
    /// None where it doesn't, or where it is refused.
    draft: Option<TableDraft<'t>>,
    /// What of it is refused.
    refused: Vec<Hazard>,
}

/// What is to be done to a table of the script's.
#[derive(Debug)]
struct TablePlan<'t> {
    table: &'t TableDdl,
    /// None where nothing is, or where it is refused.
    step: Option<TableStep<'t>>,
    /// What of it is refused.
    refused: Vec<Hazard>,
}

impl<'t> Plan<'t, '_> {
    /// What is done to each table, in order.
    pub(super) fn steps(&self) -> impl Iterator<Item = &TableStep<'t>> {
        self.tables.iter().filter_map(|it| it.step.as_ref())
    }
}

/// In what the tables differ: nothing is asked of their rows yet, and nothing is changed.
pub(super) fn differing<'t>(
    migrator: &mut Migrator<'_>,
    alter: &Alteration,
    scope: &PartScope<'t>,
    there: &[Object],
) -> RunResult<Vec<TableChange<'t>>> {
    let there = by_name(there);
    let mut tables = Vec::with_capacity(scope.tables.len());
    for table in scope.tables {
        let before = alter.refused();
        let draft = migrator.plan_table(alter, table, &there)?;
        tables.push(TableChange { table, draft, refused: alter.refused_since(before) });
    }
    Ok(tables)
}

/// What is to be done to them: rows are asked for what depends on them, and nothing is changed.
pub(super) fn plan<'t, 's>(
    migrator: &mut Migrator<'s>,
    alter: &Alteration,
    scope: &PartScope<'t>,
    changes: Vec<TableChange<'t>>,
) -> RunResult<Plan<'t, 's>> {
    let mut tables = Vec::with_capacity(changes.len());
    for TableChange { table, draft, mut refused } in changes {
        let before = alter.refused();
        let step = match draft {
            Some(draft) => migrator.settle_table(alter, draft, scope.renames)?,
            None => None,
        };
        refused.extend(alter.refused_since(before));
        tables.push(TablePlan { table, step, refused });
    }
    Ok(Plan { tables, to_drop: Vec::new() })
}

/// Asks rows what a plan would make of them, and refuses what would lose something: all of it, before anything is changed. What is
/// refused is told, and no step of the plan any more.
pub(super) fn ask(
    migrator: &mut Migrator<'_>,
    alter: &Alteration,
    plan: &mut Plan<'_, '_>,
    told: &mut Vec<Change>,
) -> RunResult<()> {
    alter.asks();
    for it in &mut plan.tables {
        let before = alter.refused();
        if let Some(TableStep::Changes(task)) = &it.step {
            refuse_hazards(&mut migrator.client, alter, task)?;
            refuse_overwriting(&mut migrator.client, alter, task)?;
        }
        if alter.part.get() == ChangePart::Rest {
            refuse_duplicates_to_come(&mut migrator.client, alter, it.table)?;
        }
        it.refused.extend(alter.refused_since(before));
        if it.refused.is_empty() {
            continue;
        }
        let what = match it.step.take() {
            Some(TableStep::Changes(task)) => describe(&mut migrator.client, alter, &task)?,
            Some(TableStep::New(_) | TableStep::Same(_)) | None => Vec::new(),
        };
        told.push(Change::refused(it.table.name.clone(), what, std::mem::take(&mut it.refused)));
    }
    Ok(())
}
