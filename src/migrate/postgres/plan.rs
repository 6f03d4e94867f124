//! What is to be done to a server's structure: made of its catalog and of what it makes of the script's statements, and asked of rows.
//! Nothing is changed, and nobody who reads or writes waits.

use super::around;
use super::around::{KeyAround, ViewAround};
use super::aside::{self, DesiredStructure};
use super::fits::ServerCast;
use super::renamed::FormerNames;
use super::table::{self, TableStatements};
use super::work::{ServerWork, WorkPhase, WorkStep, keep_columns, keep_given};
use crate::catalog::{Difference, IndexOrigin, NameRef, Object, ObjectKind, Table};
use crate::client::{RunResult, quoted};
use crate::diagnostics::RunProblem;
use crate::ir::ModelId;
use crate::migrate::alteration::{Alteration, FilledRows, TableAlteration};
use crate::migrate::ddl::{self, TableDdl};
use crate::migrate::existing::{ExistingObjects, by_name};
use crate::migrate::hazards::refuse_hazards;
use crate::migrate::tables::describe;
use crate::migrate::using::used_of;
use crate::migrate::{
    Change, ChangeMethod, Detail, Migrator, PlanPart, Sign, StepCost, StepWaits, StepWork,
};
use crate::sql::check_clauses;
use std::collections::HashSet;

/// What is to be done, in order. What is refused is told in `alter` too.
pub(super) fn plan(
    migrator: &mut Migrator<'_>,
    alter: &Alteration,
    model: Option<ModelId>,
    there: &[Object],
) -> RunResult<ServerWork> {
    let at = alter.at;
    let schema = migrator.client.scripts.schema;
    if let Some((_, it)) = schema.models().find(|it| it.1.schema.is_some()) {
        let title = migrator.client.database.dialect().title;
        let what = format!("altering a table in a schema of its own (`{}`)", it.full_table());
        return Err(RunProblem::NotOnServer { what, title, at: Some(it.span) });
    }
    let tables = ddl::tables(schema, model, migrator.client.database.dialect());
    let mut work = ServerWork::default();
    let names = FormerNames::of(migrator, at, &tables, &mut work)?;
    migrator.client.names = names.before_queries(&migrator.client, at)?;
    let desired = aside::desired(migrator, at, there)?;
    let has_types = schema.enumerations.iter().any(|it| it.name.is_some());
    let done = Planning {
        alter,
        wanted: desired.tables.values().filter(|_| has_types).cloned().collect(),
        there: by_name(there),
        objects: there,
        keys: around::keys(&migrator.client, at)?,
        views: around::views(&migrator.client, at)?,
        desired,
        names,
        work,
    }
    .all(migrator, model, &tables);
    migrator.client.names.clear();
    done.map(ServerWork::ordered)
}

pub(super) struct Planning<'p> {
    pub(super) alter: &'p Alteration,
    pub(super) there: ExistingObjects<'p>,
    pub(super) objects: &'p [Object],
    pub(super) keys: Vec<KeyAround>,
    pub(super) views: Vec<ViewAround>,
    pub(super) desired: DesiredStructure,
    /// All tables of it, where there are types that they may use.
    pub(super) wanted: Vec<Table>,
    pub(super) names: FormerNames,
    pub(super) work: ServerWork,
}

impl Planning<'_> {
    fn all(
        mut self,
        migrator: &mut Migrator<'_>,
        model: Option<ModelId>,
        tables: &[TableDdl],
    ) -> RunResult<ServerWork> {
        let mut in_the_way = HashSet::new();
        for table in tables {
            self.table(migrator, table, &mut in_the_way)?;
        }
        self.new_tables(migrator, model, tables)?;
        self.comments(migrator, model, tables)?;
        if model.is_none() {
            self.undeclared(migrator, tables)?;
            self.dropped(migrator)?;
            self.objects_beside(migrator, &in_the_way)?;
        }
        Ok(self.work)
    }

    /// A table that is there.
    fn table(
        &mut self,
        migrator: &mut Migrator<'_>,
        table: &TableDdl,
        in_the_way: &mut HashSet<String>,
    ) -> RunResult<()> {
        let at = self.alter.at;
        let Some(desired) = self.desired.tables.remove(&table.model) else { return Ok(()) };
        let current = match self.names.tables.remove(table.name.as_str()) {
            Some(renamed) => renamed,
            None if self.is_there(&table.name) => {
                let found = migrator.client.ask(at, |it| it.table(&table.name))?;
                let Some(mut found) = found else { return Ok(()) };
                self.names.rename_keys(&mut found);
                found
            }
            None => return Ok(()),
        };
        let found = table::found(&current, &desired, self.alter.options.extra);
        if found.is_empty() {
            return Ok(());
        }
        let before = self.alter.refused();
        let (indexes, found): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|it| table::is_of_created_index(*it, &current, &desired));
        let mut todo = table::changes(&current, &desired, &found);
        let given = migrator.given(at, table.model, &desired, &todo)?;
        let pair = [&current, &desired];
        let used =
            used_of(&mut migrator.client, self.alter, table, pair, &todo, &self.work.renames, &[])?;
        todo.rebuild |= !given.is_empty() || !used.is_empty();
        let gone = current.indexes.iter().filter(|index| {
            let mut members = index.members.iter().filter_map(|it| it.column.as_ref());
            index.origin == IndexOrigin::Created
                && members.any(|it| todo.dropped.iter().any(|gone| *it == *gone.as_str()))
        });
        let gone: Vec<String> = gone.map(|it| it.name.clone()).collect();
        let task = TableAlteration { table, current, desired, todo, gone, given, used };
        refuse_hazards(&mut migrator.client, self.alter, &task)?;
        self.refuse_duplicates_of(migrator, &task, &found)?;
        self.refuse_what_is_used(migrator, &task, &found);
        self.refuse_overwriting(migrator, &task)?;
        self.views_around(migrator, &task, in_the_way);
        let mut details = describe(&mut migrator.client, self.alter, &task)?;
        let refused = self.alter.refused_since(before);
        if !refused.is_empty() {
            let indexes = indexes.iter().filter_map(|it| index_detail(*it, &task));
            details.extend(indexes.map(|it| it.0));
            let refused = Change::refused(table.name.clone(), details, refused);
            self.work.add(WorkPhase::Tables, refused);
            return Ok(());
        }
        self.alter.name(ObjectKind::Table, &task.current.name);
        self.alter.name(ObjectKind::Table, self.work.former(&task.current.name));
        for index in &task.gone {
            self.alter.name(ObjectKind::Index, index);
        }
        for difference in &found {
            self.name_indexes(*difference, &task);
        }
        self.keys_of(migrator, &task, &mut details)?;
        self.alter_table(migrator, &task, details)?;
        for index in indexes {
            self.index(migrator, &task, index)?;
        }
        Ok(())
    }

    pub(super) fn is_there(&self, name: &str) -> bool {
        self.there.contains_key(&(ObjectKind::Table, NameRef(name)))
    }

    /// Indexes that constraints make come and go with these.
    fn name_indexes(&self, difference: Difference, task: &TableAlteration<'_>) {
        let name = match difference {
            Difference::DropIndex { current: at } => {
                task.current.indexes.get(at).map(|it| it.name.clone())
            }
            Difference::PrimaryKey => {
                let mut indexes = task.current.indexes.iter();
                indexes.find(|it| it.origin == IndexOrigin::PrimaryKey).map(|it| it.name.clone())
            }
            _ => None,
        };
        if let Some(name) = name {
            self.alter.name(ObjectKind::Index, &name);
        }
    }

    /// How many rows a table has.
    pub(super) fn rows(&self, migrator: &Migrator<'_>, table: &str) -> RunResult<u64> {
        migrator.client.count(self.alter.at, &format!("SELECT count(*) FROM {}", quoted(table)))
    }

    /// The table itself.
    fn alter_table(
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
    fn keeps(&self, task: &TableAlteration<'_>, casts: &[(String, ServerCast)]) -> Vec<String> {
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
        keep_columns(self.alter.migration.get(), &current.name, &all)
    }

    /// What keeps the values that rows get in columns which come: what is written since differs from them.
    fn keeps_given(&self, task: &TableAlteration<'_>) -> Vec<String> {
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
        keep_given(self.alter.migration.get(), &task.current.name, &all)
    }

    /// An index that comes, or is another.
    fn index(
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

/// What becomes of an index, in words and as SQL; one that the script doesn't know is left alone.
fn index_detail(
    difference: Difference,
    task: &TableAlteration<'_>,
) -> Option<(Detail, Option<String>)> {
    let (sign, verb, to) = match difference {
        Difference::AddIndex { desired: to } => (Sign::Add, "create", to),
        Difference::Index { desired: to, .. } => (Sign::Change, "create again", to),
        _ => return None,
    };
    let index = task.desired.indexes.get(to)?;
    let text = format!("{verb} index `{}`", index.name);
    // What the server writes of an index it may read otherwise.
    let said = task.table.indexes.iter().find(|it| it.name == index.name.as_str());
    let said = said.map(|it| it.sql.replacen(" IF NOT EXISTS", "", 1));
    let detail = Detail { sign, part: PlanPart::Index, column: None, text };
    Some((detail, said.or_else(|| index.sql.clone())))
}

/// A change of a table that is there.
pub(super) fn altered(
    name: &str,
    what: Vec<Detail>,
    sql: Vec<String>,
    cost: StepCost,
    rows: u64,
) -> Change {
    Change {
        object: name.into(),
        what,
        way: ChangeMethod::Alter,
        rows,
        sql,
        kept: None,
        cost: Some(cost),
        refused: Vec::new(),
    }
}
