//! What is done to a table: its statements, what is kept of its rows, its indexes.

use super::fits::ServerCast;
use super::kept::{keep_columns, keep_given};
use super::{around, table::TableStatements};
use crate::catalog::{Difference, ObjectKind};
use crate::client::{RunResult, quoted};
use crate::migrate::alteration::{FilledRows, TableAlteration};
use crate::migrate::server::plan::{Planning, altered, index_detail};
use crate::migrate::server::work::{StatementEffect, WorkPhase, WorkStatement, WorkStep};
use crate::migrate::{Change, ChangeMethod, Detail, Migrator, StepCost, StepWaits, StepWork};
use crate::sql::check_clauses;

impl Planning<'_> {
    /// The table itself.
    pub(super) fn alter_table_on_postgres(
        &mut self,
        migrator: &mut Migrator<'_>,
        task: &TableAlteration<'_>,
        details: Vec<Detail>,
    ) -> RunResult<()> {
        let at = self.alter.at;
        let (current, desired) = (&task.current, &task.desired);
        let name = current.name.as_str();
        let mut casts = Vec::new();
        for to in task.todo.converted.iter().filter_map(|it| desired.columns.get(*it)) {
            let Some(from) = current.column(&to.name) else { continue };
            let cast = ServerCast::of(&mut migrator.client, at, &from.data_type, &to.data_type)?;
            casts.push((to.name.clone(), cast));
        }
        let model = &migrator.client.scripts.schema[task.table.model];
        let checks = check_clauses(migrator.client.database.dialect(), model);
        let made = TableStatements::of(task, &casts, checks);
        let keeps = self.keeps(task, &casts);
        let copies = StepCost { work: StepWork::Scans, waits: StepWaits::ReadsAndWrites };
        let cost = if keeps.is_empty() { made.cost } else { made.cost.and(copies) };
        let former = self.work.former(name).to_owned();
        let triggers = around::triggers(self.objects, &former);
        let late = current.keys.iter().chain(&desired.keys).any(|it| it.deferrable.is_some());
        let mut sql = made.statements(name, &triggers, late);
        let numbers = task.todo.differences.contains(&Difference::Identity) && desired.identity;
        if let Some(column) = desired.columns.iter().find(|it| it.identity)
            && numbers
        {
            // It goes on behind the largest number that there is.
            let (table, text) = (quoted(name), crate::client::quoted_text);
            let column_name = quoted(&column.name);
            sql.push(format!(
                "SELECT setval(pg_get_serial_sequence({}, {}), coalesce((SELECT max({column_name}) FROM {table}), 0) + 1, false)",
                text(&table),
                text(&column.name),
            ));
        }
        if sql.is_empty() {
            return Ok(());
        }
        let rows = if cost.work == StepWork::Instant { 0 } else { self.rows(migrator, name)? };
        if cost.work != StepWork::Instant {
            self.work.steady.push(name.to_owned());
        }
        let mut step = WorkStep::new(WorkPhase::Tables, altered(name, details, sql, cost, rows));
        step.keeps = keeps;
        step.keeps_after = self.keeps_given(task);
        self.work.steps.push(step);
        Ok(())
    }

    /// What keeps the values that go, or become others.
    fn keeps(
        &self,
        task: &TableAlteration<'_>,
        casts: &[(String, ServerCast)],
    ) -> Vec<WorkStatement> {
        let (current, desired, todo) = (&task.current, &task.desired, &task.todo);
        let key: Vec<String> = current.primary_key().into_iter().map(str::to_owned).collect();
        let nothing =
            |name: &str| casts.iter().any(|it| it.0 == name && it.1 == ServerCast::Nothing);
        let converted = todo.converted.iter().filter_map(|it| desired.columns.get(*it));
        let converted = converted.map(|it| &it.name).filter(|it| !nothing(it));
        let used = task.used.iter().filter(|it| it.of == FilledRows::All).map(|it| &it.column);
        let stays = |name: &str| current.column(name).is_some_and(|it| it.generated.is_none());
        let tightened =
            todo.tightened.iter().filter_map(|it| Some(&desired.columns.get(*it)?.name));
        let all = todo.dropped.iter().chain(converted).chain(used).chain(tightened);
        let mut columns: Vec<String> = all.cloned().collect();
        columns.retain(|it| stays(it) && !key.contains(it));
        columns.sort();
        columns.dedup();
        if columns.is_empty() || key.is_empty() {
            return Vec::new();
        }
        let all: Vec<String> = key.into_iter().chain(columns).collect();
        kept(&current.name, keep_columns(self.alter.migration.get(), &current.name, &all))
    }

    /// What keeps the values that rows get in columns which come: what is written since differs from them.
    fn keeps_given(&self, task: &TableAlteration<'_>) -> Vec<WorkStatement> {
        let (desired, todo) = (&task.desired, &task.todo);
        let key: Vec<String> = task.current.primary_key().into_iter().map(str::to_owned).collect();
        let added = todo.added.iter().filter_map(|it| desired.columns.get(*it));
        let filled = added.filter(|it| {
            task.used(&it.name).is_some() || task.given.iter().any(|given| given.0 == it.name)
        });
        let columns: Vec<String> = filled.map(|it| it.name.clone()).collect();
        if columns.is_empty() || key.is_empty() {
            return Vec::new();
        }
        let all: Vec<String> = key.into_iter().chain(columns).collect();
        let table = &task.current.name;
        kept(table, keep_given(self.alter.migration.get(), table, &all))
    }

    /// An index that comes, or is another.
    pub(super) fn index_on_postgres(
        &mut self,
        migrator: &mut Migrator<'_>,
        task: &TableAlteration<'_>,
        difference: Difference,
    ) -> RunResult<()> {
        let (Some((detail, create)), before) =
            (index_detail(difference, task), self.alter.refused())
        else {
            return Ok(());
        };
        let name = task.current.name.as_str();
        if let Difference::AddIndex { desired: to } | Difference::Index { desired: to, .. } =
            difference
            && let Some(index) = task.desired.indexes.get(to).filter(|it| it.unique)
        {
            self.refuse_equal(migrator, task, index)?;
        }
        let refused = self.alter.refused_since(before);
        if !refused.is_empty() {
            let refused = Change::refused(name.into(), vec![detail], refused);
            self.work.add(WorkPhase::Indexes, refused);
            return Ok(());
        }
        let mut sql = Vec::new();
        if let Difference::Index { current: at, .. } = difference
            && let Some(index) = task.current.indexes.get(at)
        {
            self.alter.name(ObjectKind::Index, &index.name);
            sql.push(format!("DROP INDEX {}", quoted(&index.name)));
        }
        sql.extend(create);
        let rows = self.rows(migrator, name)?;
        let cost = StepCost { work: StepWork::Scans, waits: StepWaits::Writes };
        let way = ChangeMethod::Index;
        let step = Change { way, ..altered(name, vec![detail], sql, cost, rows) };
        self.work.add(WorkPhase::Indexes, step);
        Ok(())
    }
}

/// Statements that keep something of a table.
pub(super) fn kept(table: &str, statements: Vec<String>) -> Vec<WorkStatement> {
    let one = |sql| WorkStatement::new(StatementEffect::OwnTable, table, sql);
    statements.into_iter().map(one).collect()
}
