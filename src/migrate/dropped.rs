//! `drop "Tags"`: tables without a model that go because the script says so; and those that nothing says anything of.

use super::alter_engine;
use super::alteration::{Alteration, change};
use super::existing::{ExistingObjects, created, objects_beside};
use super::{Change, ChangeMethod, Detail, Log, PlanPart, Sign};
use crate::catalog::{Name, NameRef, Object, ObjectKind};
use crate::client::{Client, RunResult, quoted};
use crate::diagnostics::{HazardKind, RunProblem};
use crate::ir::{DroppedTable, Schema};
use crate::source::Span;
use crate::sql;
use crate::words::counted;
use std::collections::HashSet;

/// So many tables are named.
const NAMED: usize = 10;

/// A table that goes.
#[derive(Debug)]
pub(super) struct TableToDrop<'s> {
    declared: &'s DroppedTable,
    /// As the database calls it.
    pub(super) name: String,
    /// How many rows go with it.
    pub(super) rows: u64,
}

impl TableToDrop<'_> {
    /// Where the script says so.
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    pub(super) const fn declared(&self) -> Span {
        self.declared.span
    }
}

/// The tables that go, of those that are there; what hinders one is refused. What goes with them is named.
pub(super) fn tables_to_drop<'s>(
    client: &mut Client<'_>,
    alter: &Alteration,
    schema: &'s Schema,
    there: &ExistingObjects<'_>,
    changes: &mut Vec<Change>,
) -> RunResult<Vec<TableToDrop<'s>>> {
    let mut to_drop: Vec<TableToDrop<'s>> = Vec::new();
    for declared in &schema.dropped {
        let name = NameRef(&declared.name);
        if let Some(view) = there.get(&(ObjectKind::View, name)) {
            let kind = HazardKind::DropsView { name: view.name.clone() };
            refuse(alter, (&view.name, declared), kind, changes);
            continue;
        }
        let Some(found) = there.get(&(ObjectKind::Table, name)) else {
            continue;
        };
        if to_drop.iter().any(|it| it.name == found.name) {
            continue;
        }
        let made = schema
            .objects
            .iter()
            .find_map(|it| created(&it.sql).filter(|(_, made)| NameRef(made) == name));
        if made.is_some() {
            let kind = HazardKind::DropsMade { name: found.name.clone() };
            refuse(alter, (&found.name, declared), kind, changes);
            continue;
        }
        let rows =
            client.count(alter.at, &format!("SELECT count(*) FROM {}", quoted(&found.name)))?;
        alter.name(ObjectKind::Table, &found.name);
        for beside in objects_beside(client, alter.at, &found.name)? {
            alter.name(beside.kind(), &beside.name);
        }
        to_drop.push(TableToDrop { declared, name: found.name.clone(), rows });
    }
    Ok(to_drop)
}

/// Drops them, unless a table that stays refers to one.
pub(super) fn drop_tables(
    (client, log): (&mut Client<'_>, &mut dyn Log),
    alter: &Alteration,
    to_drop: &[TableToDrop<'_>],
    changes: &mut Vec<Change>,
) -> RunResult<()> {
    if to_drop.is_empty() {
        return Ok(());
    }
    let at = alter.at;
    let gone: HashSet<Name> = to_drop.iter().map(|it| it.name.as_str().into()).collect();
    let mut referring = Vec::new();
    for object in client.ask(at, |it| it.objects())? {
        if object.kind() != ObjectKind::Table || gone.contains(&object.name.as_str().into()) {
            continue;
        }
        let Some(table) = client.ask(at, |it| it.table(&object.name))? else {
            continue;
        };
        let keys = table.keys.iter().map(|it| Name::from(it.table.as_str()));
        referring.extend(keys.map(|to| (to, object.name.clone())));
    }
    for table in to_drop {
        let own = Name::from(table.name.as_str());
        if let Some((_, by)) = referring.iter().find(|it| it.0 == own) {
            let kind = HazardKind::Referred { table: table.name.clone(), by: by.clone() };
            refuse(alter, (&table.name, table.declared), kind, changes);
            continue;
        }
        log.carrying_out(Some(&table.name));
        if !alter.plans() {
            alter_engine(client.database)?.keep_table(
                client,
                at,
                alter.migration.get(),
                &table.name,
            )?;
        }
        let mut text = "drop table".to_owned();
        if table.rows > 0 {
            text = format!("drop table and its {}", counted(table.rows));
        }
        let beside = objects_beside(client, at, &table.name)?;
        let triggers = beside.iter().filter(|it| it.kind() == ObjectKind::Trigger);
        let mut sql = Vec::new();
        let details: Vec<_> = triggers.map(|it| format!("drop trigger `{}`", it.name)).collect();
        client.run_statement(at, &format!("DROP TABLE {}", quoted(&table.name)), &mut sql)?;
        let what = (Sign::Drop, PlanPart::Table, text);
        let mut done = change(&table.name, what, ChangeMethod::Drop, sql);
        done.what.extend(details.into_iter().map(|text| Detail {
            sign: Sign::Drop,
            part: PlanPart::Trigger,
            column: None,
            text,
        }));
        changes.push(done);
    }
    Ok(())
}

/// Refuses that something is dropped.
fn refuse(
    alter: &Alteration,
    (name, declared): (&str, &DroppedTable),
    kind: HazardKind,
    changes: &mut Vec<Change>,
) {
    let hazard = alter.hazard(kind, Some(declared.span));
    alter.refuse(hazard.clone());
    changes.push(Change::refused(name.into(), Vec::new(), vec![hazard]));
}

/// Tables with rows that no model is on, and of which the script says nothing.
pub(super) fn tables_without_model(
    client: &mut Client<'_>,
    objects: &[Object],
) -> RunResult<Option<RunProblem>> {
    let schema = client.scripts.schema;
    let mut known: HashSet<Name> =
        schema.models.iter().map(|it| it.full_table().as_str().into()).collect();
    known.extend(schema.dropped.iter().map(|it| Name::from(it.name.as_str())));
    let raw = schema.objects.iter().filter_map(|it| sql::created(&it.sql));
    known.extend(raw.map(|it| Name::from(it.name.as_str())));
    let mut names = Vec::new();
    for object in objects {
        let is_known = known.contains(&object.name.as_str().into());
        if object.kind() != ObjectKind::Table
            || is_known
            || object.is_shadow()
            || object.is_virtual()
        {
            continue;
        }
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {})", quoted(&object.name));
        if client.count(Span::default(), &sql)? > 0 {
            names.push(object.name.clone());
        }
    }
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    Ok((!names.is_empty()).then_some(RunProblem::WithoutModel { tables: names, more }))
}
