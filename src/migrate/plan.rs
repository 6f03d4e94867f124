//! What a part of a change does, as data: made of what differs and of what is known of rows. Nothing here asks or changes a database.

use super::alteration::{Alteration, ChangePart, TouchedTable};
use super::ddl::TableDdl;
use super::dropped::TableToDrop;
use super::engine::AlterEngine;
use super::indexes::{IndexStep, index_steps};
use super::objects::{ObjectStep, ObjectToDrop, object_steps};
use super::scope::PartScope;
use super::settle::SettledTable;
use super::tables::TableStep;
use crate::catalog::{Definition, Name, Object, ObjectKind, TableStorage};
use crate::diagnostics::Hazard;
use crate::ir::Schema;
use crate::sql::Dialect;
use std::collections::{HashMap, HashSet};

/// What a part of a change does, in the order in which it is carried out.
#[derive(Debug)]
pub(super) struct Plan<'t, 's> {
    /// What goes before tables change, so that names are free.
    pub(super) to_free: Vec<ObjectToDrop>,
    pub(super) tables: Vec<TablePlan<'t>>,
    /// The tables that go because the script says so.
    pub(super) to_drop: Vec<TableToDrop<'s>>,
    /// Views, and what raw SQL creates.
    pub(super) objects: Vec<ObjectStep>,
}

/// What is to be done to a table of the script's, and to its indexes.
#[derive(Debug)]
pub(super) struct TablePlan<'t> {
    pub(super) table: &'t TableDdl,
    /// None where nothing is, or where it is refused.
    pub(super) step: Option<TableStep<'t>>,
    pub(super) indexes: Vec<IndexStep<'t>>,
    /// What of it is refused.
    pub(super) refused: Vec<Hazard>,
}

/// What is known before there is a plan.
#[derive(Debug)]
pub(super) struct PlanInput<'t, 's> {
    /// What becomes of each table, and what of it is refused.
    pub(super) tables: Vec<(&'t TableDdl, Option<SettledTable<'t>>, Vec<Hazard>)>,
    pub(super) to_free: Vec<ObjectToDrop>,
    pub(super) to_drop: Vec<TableToDrop<'s>>,
    /// What is there now.
    pub(super) there: Vec<Object>,
}

impl<'t> Plan<'t, '_> {
    /// Whether nothing is done.
    pub(super) fn is_empty(&self) -> bool {
        let is_done = |it: &TablePlan<'_>| match it.step {
            Some(TableStep::New(_) | TableStep::Changes(_)) => true,
            Some(TableStep::Same(_)) => !it.indexes.is_empty(),
            None => false,
        };
        self.to_free.is_empty()
            && self.to_drop.is_empty()
            && self.objects.is_empty()
            && !self.tables.iter().any(is_done)
    }

    /// Whether rows are written.
    pub(super) fn writes_rows(&self) -> bool {
        self.steps().any(TableStep::writes_rows)
    }

    /// The tables that are there already, and what becomes of each.
    pub(super) fn touched(&self) -> Vec<TouchedTable<'_>> {
        let touched = self.tables.iter().filter_map(|plan| {
            let indexes = plan.indexes.iter().filter(|it| it.refused.is_empty());
            let indexes = indexes.map(|it| it.index).collect();
            match &plan.step {
                Some(TableStep::Changes(task)) => {
                    Some(TouchedTable { name: &task.current.name, task: Some(task), indexes })
                }
                Some(TableStep::Same(table)) => {
                    Some(TouchedTable { name: &table.name, task: None, indexes })
                }
                Some(TableStep::New(_)) | None => None,
            }
        });
        touched.collect()
    }

    /// Whether raw SQL creates an index.
    pub(super) fn creates_index_of_sql(&self) -> bool {
        self.objects.iter().any(|it| it.creates(ObjectKind::Index))
    }

    /// What is done to each table, in order.
    pub(super) fn steps(&self) -> impl Iterator<Item = &TableStep<'t>> {
        self.tables.iter().filter_map(|it| it.step.as_ref())
    }
}

/// The plan of a part of a change.
pub(super) fn plan<'t, 's>(
    engine: &dyn AlterEngine,
    alter: &Alteration,
    scope: &PartScope<'t>,
    (schema, dialect): (&Schema, &Dialect),
    input: PlanInput<'t, 's>,
) -> Plan<'t, 's> {
    let PlanInput { tables, to_free, to_drop, there } = input;
    let rest = alter.part.get() == ChangePart::Rest;
    let free = |name: &str| to_free.iter().any(|it| it.is_index(name));
    let mut to_come = ObjectsAfter::new(there);
    let each = tables.into_iter().map(|(table, settled, refused)| {
        let Some(SettledTable { mut step, mut becomes, desired }) = settled else {
            return TablePlan { table, step: None, indexes: Vec::new(), refused };
        };
        to_come.note(&step);
        becomes.indexes.retain(|it| !free(&it.name));
        if let TableStep::Changes(task) = &mut step {
            // What has gone before goes with no column.
            task.gone.retain(|it| !free(it));
            task.current.indexes.retain(|it| !free(&it.name));
        }
        let indexes = if rest || matches!(step, TableStep::New(_)) {
            index_steps(engine, alter, table, (&becomes, desired.as_ref()))
        } else {
            Vec::new()
        };
        TablePlan { table, step: Some(step), indexes, refused }
    });
    let tables = each.collect();
    let objects = if scope.of_all(alter) {
        let gone = to_drop.iter().map(|it| Name::from(&it.name)).collect();
        object_steps(engine, alter, (schema, dialect), &to_come.objects(&gone, &to_free))
    } else {
        Vec::new()
    };
    Plan { to_free, tables, to_drop, objects }
}

/// What is there when all tables have changed.
struct ObjectsAfter {
    there: Vec<Object>,
    /// The statements of tables that are created or become others.
    statements: HashMap<Name, String>,
    /// Indexes that go with columns.
    gone: HashSet<Name>,
}

impl ObjectsAfter {
    fn new(there: Vec<Object>) -> Self {
        Self { there, statements: HashMap::new(), gone: HashSet::new() }
    }

    /// What becomes of a table.
    fn note(&mut self, step: &TableStep<'_>) {
        match step {
            TableStep::Same(_) => {}
            TableStep::New(table) => {
                let name = Name::from(&table.name);
                self.statements.insert(name, table.create.clone());
                self.there.push(Object {
                    name: table.name.to_string(),
                    table: table.name.to_string(),
                    sql: Some(table.create.clone()),
                    definition: Definition::Table(TableStorage::Rows),
                });
            }
            TableStep::Changes(task) => {
                let name = Name::from(&task.current.name);
                self.statements.extend(task.todo.text.clone().map(|it| (name, it)));
                self.gone.extend(task.gone.iter().map(Name::from));
            }
        }
    }

    /// Without the tables that go, and what stands on them.
    fn objects(mut self, dropped: &HashSet<Name>, to_free: &[ObjectToDrop]) -> Vec<Object> {
        self.there.retain(|it| {
            let goes = to_free.iter().any(|free| free.takes(it))
                || dropped.contains(&Name::from(&it.table))
                || it.kind() == ObjectKind::Index && self.gone.contains(&Name::from(&it.name));
            !goes
        });
        for it in &mut self.there {
            if it.kind() == ObjectKind::Table
                && let Some(sql) = self.statements.remove(&Name::from(&it.name))
            {
                it.sql = Some(sql);
            }
        }
        self.there
    }
}
