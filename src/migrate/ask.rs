//! What is asked for a plan: the catalog, in what tables differ; rows, what steps depend on; and rows once more, what the plan would make of
//! them. What would lose something is refused, all of it, before anything is changed.

use super::alteration::{Alteration, ChangePart};
use super::dropped::tables_to_drop;
use super::existing::by_name;
use super::hazards::refuse_hazards;
use super::indexes::refuse_equal_rows;
use super::objects::objects_to_free;
use super::plan::{Plan, PlanInput};
use super::scope::PartScope;
use super::tables::{TableStep, describe, refuse_overwriting};
use super::{Change, Migrator};
use crate::catalog::{Object, Table};
use crate::client::RunResult;
use std::borrow::Cow;

/// What has to be known for a plan. What can't be planned is refused; of what the script drops that is told, behind `told`.
pub(super) fn input<'t, 's>(
    migrator: &mut Migrator<'s>,
    alter: &Alteration,
    scope: &PartScope<'t>,
    there: &[Object],
    told: &mut Vec<Change>,
) -> RunResult<PlanInput<'t, 's>> {
    let known = by_name(there);
    let mut drafts = Vec::with_capacity(scope.tables.len());
    for table in scope.tables {
        let before = alter.refused();
        let draft = migrator.plan_table(alter, table, &known)?;
        drafts.push((table, draft, alter.refused_since(before)));
    }
    let mut tables = Vec::with_capacity(drafts.len());
    for (table, draft, mut refused) in drafts {
        let before = alter.refused();
        let settled = match draft {
            Some(draft) => migrator.settle_table(alter, draft, scope.renames)?,
            None => None,
        };
        refused.extend(alter.refused_since(before));
        tables.push((table, settled, refused));
    }
    let to_free = objects_to_free(&mut migrator.client, alter, scope, there)?;
    let to_drop = if scope.of_all(alter) {
        let schema = migrator.client.scripts.schema;
        tables_to_drop(&mut migrator.client, alter, schema, &known, told)?
    } else {
        Vec::new()
    };
    Ok(PlanInput { tables, to_free, to_drop, there: there.to_vec() })
}

/// Asks rows what a plan would make of them, and refuses what would lose something. What is refused of a table is told, and no step of the plan
/// any more.
pub(super) fn refuse(
    migrator: &mut Migrator<'_>,
    alter: &Alteration,
    plan: &mut Plan<'_, '_>,
    told: &mut Vec<Change>,
) -> RunResult<()> {
    alter.asks();
    let alone = !plan.writes_rows();
    for it in &mut plan.tables {
        let before = alter.refused();
        if let Some(TableStep::Changes(task)) = &it.step {
            refuse_hazards(&mut migrator.client, alter, task)?;
            refuse_overwriting(&mut migrator.client, alter, task)?;
        }
        it.refused.extend(alter.refused_since(before));
        if alter.part.get() == ChangePart::Rest && !it.indexes.is_empty() {
            let current: Option<Cow<'_, Table>> = match &it.step {
                Some(TableStep::Changes(task)) => Some(Cow::Borrowed(&task.current)),
                Some(TableStep::Same(table)) => {
                    let found = migrator.client.ask(alter.at, |db| db.table(&table.name))?;
                    found.map(Cow::Owned)
                }
                Some(TableStep::New(_)) | None => None,
            };
            let used = |column: &str| match &it.step {
                Some(TableStep::Changes(task)) => task.used(column).is_some(),
                Some(TableStep::New(_) | TableStep::Same(_)) | None => false,
            };
            if let Some(current) = &current {
                let is_kept = |column: &str| current.column(column).is_some() && !used(column);
                let of = (it.table, &**current, alone);
                refuse_equal_rows(&mut migrator.client, alter, of, &mut it.indexes, is_kept)?;
            }
        }
        if it.refused.is_empty() {
            continue;
        }
        let what = match it.step.take() {
            Some(TableStep::Changes(task)) => describe(&mut migrator.client, alter, &task)?,
            Some(TableStep::New(_) | TableStep::Same(_)) | None => Vec::new(),
        };
        told.push(Change::refused(it.table.name.clone(), what, std::mem::take(&mut it.refused)));
    }
    for it in &plan.objects {
        for hazard in &it.refused {
            alter.refuse(hazard.clone());
        }
    }
    Ok(())
}
