//! What is to be done to a server's structure: made of its catalog and of what it makes of the script's statements, and asked of rows.
//! Nothing is changed, and nobody who reads or writes waits.

use super::ServerEngine;
use super::around::{KeyAround, ViewAround};
use super::differences::{changes, is_of_created_index};
use super::renamed::FormerNames;
use super::work::{ServerWork, WorkPhase};
use crate::catalog::{Difference, IndexOrigin, Name, NameRef, Object, ObjectKind, Table};
use crate::client::{RunResult, quoted};
use crate::diagnostics::{HazardKind, RunProblem};
use crate::ir::ModelId;
use crate::migrate::alteration::{Alteration, ChangePart, TableAlteration, has_value, is_added};
use crate::migrate::ddl::{self, TableDdl};
use crate::migrate::existing::{ExistingObjects, by_name};
use crate::migrate::hazards::refuse_hazards;
use crate::migrate::history::record::made_before;
use crate::migrate::tables::describe;
use crate::migrate::using::used_of;
use crate::migrate::{Change, ChangeMethod, Detail, Migrator, PlanPart, Sign, StepCost};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What a script's statements make.
#[derive(Debug, Default)]
pub(in crate::migrate) struct DesiredStructure {
    /// The tables that are not there, or are there otherwise.
    pub tables: HashMap<ModelId, Table>,
    /// The views, each with its statement.
    pub views: BTreeMap<String, String>,
}

/// What is to be done, in order. What is refused is told in `alter` too.
pub(in crate::migrate) fn plan(
    server: &'static dyn ServerEngine,
    migrator: &mut Migrator<'_>,
    (alter, model): (&Alteration, Option<ModelId>),
    there: &[Object],
) -> RunResult<ServerWork> {
    let at = alter.at;
    let schema = migrator.client.scripts.schema;
    let dialect = migrator.client.database.dialect();
    let in_schema = schema.models().find(|it| dialect.schemas && it.1.schema.is_some());
    if let Some((_, it)) = in_schema {
        let title = dialect.title;
        let what = format!("altering a table in a schema of its own (`{}`)", it.full_table());
        return Err(RunProblem::NotOnServer { what, title, at: Some(it.span) });
    }
    let tables = ddl::tables(schema, model, migrator.client.database.dialect());
    let mut work = ServerWork::default();
    let names = FormerNames::of(server, migrator, (at, &tables), &mut work)?;
    migrator.client.names = names.before_queries(server, &migrator.client, at)?;
    let desired = server.desired(migrator, at, there)?;
    #[cfg(feature = "postgres")]
    let has_types = schema.enumerations.iter().any(|it| it.name.is_some());
    let made = made_before(&mut migrator.client)?;
    let done = Planning {
        server,
        alter,
        made,
        #[cfg(feature = "postgres")]
        wanted: desired.tables.values().filter(|_| has_types).cloned().collect(),
        there: by_name(there),
        objects: there,
        keys: server.keys(&migrator.client, at)?,
        views: server.views(&migrator.client, at, there)?,
        desired,
        names,
        work,
    }
    .all(migrator, model, &tables);
    migrator.client.names.clear();
    done.map(ServerWork::ordered)
}

/// What is known while a plan is made.
pub(in crate::migrate) struct Planning<'p> {
    pub(in crate::migrate) server: &'static dyn ServerEngine,
    /// The indexes and views that Relata made.
    pub(in crate::migrate) made: HashSet<Name>,
    pub(in crate::migrate) alter: &'p Alteration,
    pub(in crate::migrate) there: ExistingObjects<'p>,
    pub(in crate::migrate) objects: &'p [Object],
    pub(in crate::migrate) keys: Vec<KeyAround>,
    pub(in crate::migrate) views: Vec<ViewAround>,
    pub(in crate::migrate) desired: DesiredStructure,
    /// All tables of it, where there are types that they may use.
    #[cfg(feature = "postgres")]
    pub(in crate::migrate) wanted: Vec<Table>,
    pub(in crate::migrate) names: FormerNames,
    pub(in crate::migrate) work: ServerWork,
}

impl Planning<'_> {
    fn all(
        mut self,
        migrator: &mut Migrator<'_>,
        model: Option<ModelId>,
        tables: &[TableDdl],
    ) -> RunResult<ServerWork> {
        let mut in_the_way = HashSet::new();
        let before = self.alter.refused();
        self.server.refuse_renamed(&self, migrator);
        let refused = self.alter.refused_since(before);
        for hazard in refused {
            let object = match &*hazard.kind {
                HazardKind::BreaksObject { name, .. } => name.as_str().into(),
                _ => migrator.client.scripts.database.clone(),
            };
            let refused = Change::refused(object, Vec::new(), vec![hazard]);
            self.work.add(WorkPhase::Renames, refused);
        }
        for table in tables {
            self.table(migrator, table, &mut in_the_way)?;
        }
        self.new_tables(migrator, model, tables)?;
        if self.alter.part.get() == ChangePart::Added {
            return Ok(self.work);
        }
        let server = self.server;
        server.comments(&mut self, migrator, model, tables)?;
        if model.is_none() {
            self.undeclared(migrator, tables);
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
        let Some(mut desired) = self.desired.tables.remove(&table.model) else { return Ok(()) };
        let current = match self.names.tables.remove(table.name.as_str()) {
            Some(renamed) => renamed,
            None if self.is_there(&table.name) => {
                let client = &mut migrator.client;
                let found = self.server.current(client, at, &table.name, self.objects)?;
                let Some(mut found) = found else { return Ok(()) };
                self.names.rename_keys(&mut found);
                found
            }
            None => return Ok(()),
        };
        let added = self.alter.part.get() == ChangePart::Added;
        if added {
            self.open_new_columns(migrator, table.model, &current, &mut desired);
        }
        let mut found = self.server.found(&current, &desired, self.alter.options.extra);
        found.retain(|it| !added || is_added(*it, &desired));
        if found.is_empty() {
            return Ok(());
        }
        let before = self.alter.refused();
        let (indexes, found): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|it| is_of_created_index(*it, &current, &desired));
        let mut todo = changes(&current, &desired, &found);
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
        self.server.refuse(self, migrator, &task, &indexes)?;
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
        let server = self.server;
        server.alter_table(self, migrator, (&task, details), indexes)
    }

    /// New columns may be null until steps have filled them, unless they get a value by themselves.
    fn open_new_columns(
        &self,
        migrator: &Migrator<'_>,
        model: ModelId,
        current: &Table,
        desired: &mut Table,
    ) {
        let model = &migrator.client.scripts.schema[model];
        for column in &mut desired.columns {
            let attribute = model.on_column(&column.name);
            let is_filled = model.using(&column.name).is_some()
                || attribute.is_some_and(|it| it.default.is_some());
            if current.place(&column.name).is_none()
                && column.not_null
                && !is_filled
                && !has_value(column)
            {
                self.server.open(column);
            }
        }
    }

    pub(in crate::migrate) fn is_there(&self, name: &str) -> bool {
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
    pub(in crate::migrate) fn rows(&self, migrator: &Migrator<'_>, table: &str) -> RunResult<u64> {
        migrator.client.count(self.alter.at, &format!("SELECT count(*) FROM {}", quoted(table)))
    }
}

/// What becomes of an index, in words and as SQL; one that the script doesn't know is left alone.
pub(in crate::migrate) fn index_detail(
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
pub(in crate::migrate) fn altered(
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
