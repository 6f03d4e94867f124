//! The last migration, undone: what was there before comes back by the statements that are kept of it, with the values that are kept, and rows written
//! since stay. What would lose some of them is refused before anything is undone; what is undone is written down as it is when it is done.

use super::MysqlEngine;
use super::carry::{exclusively, of_kind, settle};
use super::clauses::{AlterAlgorithm, AlterClauses, found, index_clause};
use super::kept::name_of;
use super::log::{LoggedStatement, carry_on, forget, open_work, plan_statements};
use super::restore::{KeptValues, refuse_new_values};
use super::statements::{AlterStatements, rename_tables};
use crate::catalog::{Difference, ForeignKeyConstraint, Object, ObjectKind, Table, TableIndex};
use crate::client::{RunResult, quoted};
use crate::db::{shown_table, without_keys};
use crate::diagnostics::{Loss, RollbackHazard, RunProblem};
use crate::ir::{ExtraColumns, ModelId};
use crate::migrate::alteration::TableAlteration;
use crate::migrate::ddl::TableDdl;
use crate::migrate::engine_of;
use crate::migrate::history::kept_tables::kept_tables;
use crate::migrate::history::last_migration::{LastMigration, last_done};
use crate::migrate::history::steps::forget_steps;
use crate::migrate::history::{Migration, RecordedChange, Undone};
use crate::migrate::renames::in_order;
use crate::migrate::rollback::{refuse_changed_since, refuse_forgotten, same};
use crate::migrate::server::carried::verify_undone;
use crate::migrate::server::data_steps::undo_step;
use crate::migrate::server::differences::{changes, is_of_created_index, is_of_key};
use crate::migrate::server::work::{StatementEffect, WorkStatement};
use crate::migrate::transaction::{KeyEnforcement, TransactionEnd};
use crate::migrate::{Migrator, server::ServerEngine};
use crate::source::Span;
use crate::value::Value;

/// Undoes the last migration.
pub(super) fn rollback(migrator: &mut Migrator<'_>) -> RunResult<Option<Undone>> {
    let at = Span::default();
    exclusively(migrator, at, |inner| {
        let open = settle(inner, at)?.filter(|it| it.undoes).map(|it| it.migration);
        inner.undo_last_by(&mut |inner, migration| {
            let resumed = open == Some(migration.id.unsigned_abs());
            undo(inner, migration, resumed)
        })
    })
}

fn undo(migrator: &mut Migrator<'_>, mut migration: Migration, resumed: bool) -> RunResult<Undone> {
    let at = Span::default();
    refuse_forgotten(migrator, &migration)?;
    let last = last_done(&mut migrator.client, migration.id)?;
    if !resumed {
        refuse_changed_since(&mut migrator.client, &last)?;
    }
    let engine = engine_of(migrator.client.database);
    migration.changes = last.changes(engine, &migration.verb);
    let mut changes = last.undone(engine, &migration.verb);
    changes.extend(migration.step.iter().map(|it| RecordedChange::of_step(it)));
    let others: Vec<Object> = migrator.client.ask(at, |it| it.objects())?;
    let mut undoing = RollbackWork { last, migrator, ran: Vec::new(), parts: Vec::new(), part: 0 };
    undoing.all()?;
    let RollbackWork { mut ran, last, .. } = undoing;
    migration.rolled_back_at = Some(migrator.present());
    let now = Value::Text(migrator.present());
    migrator.transact(at, KeyEnforcement::Enforced, |inner| {
        if migration.step.is_some() {
            undo_step(&MysqlEngine, inner, migration.id.unsigned_abs(), &mut ran)?;
        }
        forget_steps(&mut inner.client, migration.id, &now)?;
        inner.note_rollback(migration.id, now)?;
        forget(inner, at).map(TransactionEnd::Kept)
    })?;
    for table in kept_tables(&mut migrator.client, Some(migration.id))? {
        let drop = format!("DROP TABLE {}", quoted(&table));
        migrator.client.ask(at, |it| it.execute(&drop, &[]))?;
    }
    let there = migrator.client.ask(at, |it| it.objects())?;
    verify_undone(&last, &others, &there)?;
    Ok(Undone { migration, with: Vec::new(), changes, sql: ran })
}

struct RollbackWork<'u, 'm> {
    last: LastMigration,
    migrator: &'u mut Migrator<'m>,
    ran: Vec<String>,
    /// What is going to be done: statements that belong together.
    parts: Vec<Vec<WorkStatement>>,
    part: usize,
}

impl RollbackWork<'_, '_> {
    fn add(&mut self, statements: impl IntoIterator<Item = WorkStatement>) {
        let statements: Vec<WorkStatement> = statements.into_iter().collect();
        if !statements.is_empty() {
            self.parts.push(statements);
        }
    }

    /// Does what was added.
    fn run(&mut self) -> RunResult<()> {
        let at = Span::default();
        let mut statements = Vec::new();
        for part in std::mem::take(&mut self.parts) {
            self.part += 1;
            for statement in part {
                if statement.does.is_told() {
                    self.ran.push(statement.sql.clone());
                }
                statements.push(LoggedStatement { statement, part: self.part });
            }
        }
        let migration = self.last.id.unsigned_abs();
        plan_statements(self.migrator, at, (migration, true), &statements)?;
        let Err(failed) = carry_on(self.migrator, at, false)? else { return Ok(()) };
        let open = open_work(self.migrator)?;
        if let Some((done, all)) = open.map(|it| it.counts()).filter(|it| it.0 > 0) {
            let why = failed.error.message;
            return Err(RollbackHazard::CutOff { done, all, why }.into());
        }
        forget(self.migrator, at)?;
        if failed.error.is_constraint() || failed.error.kind.is_of_statement() {
            let (table, why) = (failed.object, failed.error.message);
            return Err(RollbackHazard::Unfit { table, why }.into());
        }
        Err(failed.problem(self.migrator, at))
    }

    fn all(&mut self) -> RunResult<()> {
        let named = self.names_as_before()?;
        let planned = self.plan();
        if let Err(problem) = planned {
            // Nothing is undone: names are what they were.
            if let Some(back) = named {
                self.parts = vec![back];
                self.run()?;
                forget(self.migrator, Span::default())?;
            }
            return Err(problem);
        }
        self.run()
    }

    /// Tables and columns get their names of before; what gives them back those that they have now.
    fn names_as_before(&mut self) -> RunResult<Option<Vec<WorkStatement>>> {
        if self.last.renames.is_empty() {
            return Ok(None);
        }
        let engine: &dyn ServerEngine = &super::MysqlEngine;
        let there = self.migrator.client.ask(Span::default(), |it| it.objects())?;
        let is_there =
            |name: &str| there.iter().any(|it| it.kind() == ObjectKind::Table && it.name == name);
        let (mut forth, mut back) = (Vec::new(), Vec::new());
        let renames = self.last.renames.clone();
        // Columns first, whose tables have the names of now.
        let mut tables: Vec<&String> = renames.iter().filter_map(|it| it.table.as_ref()).collect();
        tables.dedup();
        for table in tables {
            let Some(current) = self.migrator.client.ask(Span::default(), |it| it.table(table))?
            else {
                // It has its name of before already, and so have they.
                continue;
            };
            let own = renames.iter().filter(|it| it.table.as_ref() == Some(table));
            let mut moves: Vec<(String, String)> = Vec::new();
            for it in own {
                match moves.iter_mut().find(|other| other.1 == it.from) {
                    Some(earlier) => earlier.1.clone_from(&it.to),
                    None => moves.push((it.from.clone(), it.to.clone())),
                }
            }
            moves.retain(|it| current.column(&it.1).is_some() && it.0 != it.1);
            // A column that came has an old name: it steps aside until its turn to go.
            let came: Vec<String> = (moves.iter())
                .filter(|it| current.column(&it.0).is_some())
                .filter(|it| !moves.iter().any(|other| other.1 == it.0))
                .map(|it| it.0.clone())
                .collect();
            let mut all: Vec<(String, String)> =
                moves.iter().map(|it| (it.1.clone(), it.0.clone())).collect();
            all.extend(came.iter().map(|it| (it.clone(), format!("_relata_came_{it}"))));
            for name in came {
                let (table, from) = (Some(table.clone()), format!("_relata_came_{name}"));
                self.last.renames.push(crate::migrate::history::Renamed { table, from, to: name });
            }
            if all.is_empty() {
                continue;
            }
            let again: Vec<_> = all.iter().map(|it| (it.1.clone(), it.0.clone())).collect();
            forth.extend(engine.rename_columns(table, &all, &all).into_iter().flatten());
            back.extend(engine.rename_columns(table, &again, &again).into_iter().flatten());
        }
        let moves = renames.iter().filter(|it| it.table.is_none());
        let mut of_tables: Vec<(String, String)> = Vec::new();
        for it in moves {
            match of_tables.iter_mut().find(|other| other.1 == it.from) {
                Some(earlier) => earlier.1.clone_from(&it.to),
                None => of_tables.push((it.from.clone(), it.to.clone())),
            }
        }
        of_tables.retain(|it| is_there(&it.1) && it.0 != it.1);
        if !of_tables.is_empty() {
            let all: Vec<_> = of_tables.iter().map(|it| (it.1.clone(), it.0.clone())).collect();
            forth.extend(rename_tables(&in_order(all)));
            back.splice(0..0, rename_tables(&in_order(of_tables)));
        }
        if forth.is_empty() {
            return Ok(None);
        }
        self.add(forth);
        self.run()?;
        Ok(Some(back))
    }

    /// All that is to be done behind that; what would be lost is refused.
    fn plan(&mut self) -> RunResult<()> {
        let at = Span::default();
        let (before, after) = (self.last.before.clone(), self.last.after.clone());
        let there = self.migrator.client.ask(at, |it| it.objects())?;
        let is_there = |it: &Object| there.iter().any(|other| same(other, it));
        for view in of_kind(&after, ObjectKind::View).iter().filter(|it| is_there(it)) {
            let sql = format!("DROP VIEW {}", quoted(&view.name));
            self.add([WorkStatement::of(&view.name, sql)]);
        }
        let tables = of_kind(&before, ObjectKind::Table);
        let later: Vec<String> = tables.iter().map(|it| self.last.later(&it.name)).collect();
        let come: Vec<Object> = of_kind(&after, ObjectKind::Table)
            .into_iter()
            .filter(|it| !later.contains(&it.name) && is_there(it))
            .collect();
        // Foreign keys that weren't there go, before what they refer to.
        let mut keys: Vec<(String, Vec<ForeignKeyConstraint>)> = Vec::new();
        for table in come.iter().chain(&tables) {
            let Some(current) = self.migrator.client.ask(at, |it| it.table(&table.name))? else {
                continue;
            };
            let was = tables.iter().find(|it| it.name == table.name);
            let had = was.map(keys_of).unwrap_or_default();
            let goes = current.keys.iter().filter(|it| !had.iter().any(|was| is_key(was, it)));
            let goes: Vec<_> = goes.filter_map(|it| it.name.as_deref()).collect();
            if !goes.is_empty() {
                let each = goes.iter().map(|it| format!("DROP CONSTRAINT {}", quoted(it)));
                let each = each.collect::<Vec<_>>().join(", ");
                let sql = format!("ALTER TABLE {} {each}", quoted(&table.name));
                self.add([WorkStatement::of(&table.name, sql)]);
            }
            keys.push((table.name.clone(), current.keys));
        }
        for table in &come {
            let name = quoted(&table.name);
            let sql = format!("SELECT count(*) FROM {name}");
            let rows = self.migrator.client.count(at, &sql)?;
            if rows > 0 && !self.migrator.consent.allow.has(Loss::WrittenSince) {
                return Err(RollbackHazard::NewTable { table: table.name.clone(), rows }.into());
            }
            self.add([WorkStatement::of(&table.name, format!("DROP TABLE {name}"))]);
        }
        for table in &tables {
            if is_there(table) && !come.iter().any(|it| it.name == table.name) {
                self.table_as_before(table)?;
            } else {
                self.table_comes(table)?;
            }
        }
        for table in &tables {
            let none = Vec::new();
            let has = keys.iter().find(|it| it.0 == table.name).map_or(&none, |it| &it.1);
            let missing = keys_of(table);
            let missing = missing.iter().filter(|it| !has.iter().any(|is| is_key(it, is)));
            let mut adds: Vec<String> = Vec::new();
            for key in missing {
                self.refuse_orphans(&table.name, key)?;
                adds.push(format!("ADD {}", key.text));
            }
            if !adds.is_empty() {
                let sql = format!("ALTER TABLE {} {}", quoted(&table.name), adds.join(", "));
                self.add([WorkStatement::of(&table.name, sql)]);
            }
        }
        for kind in [ObjectKind::View, ObjectKind::Trigger] {
            for object in of_kind(&before, kind) {
                let goes = kind == ObjectKind::View && after.iter().any(|it| same(it, &object));
                if let Some(sql) = object.sql.clone().filter(|_| goes || !is_there(&object)) {
                    let does = StatementEffect::of(kind);
                    self.add([WorkStatement::new(does, object.name, sql)]);
                }
            }
        }
        Ok(())
    }

    /// A table that went comes again, with its rows.
    fn table_comes(&mut self, table: &Object) -> RunResult<()> {
        let kept = name_of(self.last.id.unsigned_abs(), &table.name);
        let found = self.migrator.client.ask(Span::default(), |it| it.table(&kept))?;
        if found.is_some() {
            self.add(rename_tables(&[(kept, table.name.clone())]));
            return Ok(());
        }
        if !self.migrator.consent.allow.has(Loss::WrittenSince) {
            return Err(RollbackHazard::RowsGone { table: table.name.clone() }.into());
        }
        let sql = table.sql.clone().unwrap_or_default();
        let sql = without_keys(&Table { sql, ..Table::default() });
        self.add([WorkStatement::of(&table.name, sql)]);
        Ok(())
    }

    /// A table becomes what it was; it has its name of before by now.
    fn table_as_before(&mut self, table: &Object) -> RunResult<()> {
        let at = Span::default();
        let not_as_before =
            || RunProblem::from(RollbackHazard::NotAsBefore { name: table.name.clone() });
        let current = self.migrator.client.ask(at, |it| it.table(&table.name))?;
        let desired = table.sql.as_deref().and_then(shown_table);
        let (Some(current), Some(desired)) = (current, desired) else {
            return Err(not_as_before());
        };
        let mut found = found(&current, &desired, ExtraColumns::Drop);
        found.retain(|it| !is_of_key(*it));
        let (indexes, found): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|it| is_of_created_index(*it, &current, &desired));
        let kept = KeptValues::of(&mut self.migrator.client, &self.last, &current)?;
        refuse_new_values(self.migrator, &kept, [&current, &desired])?;
        let todo = changes(&current, &desired, &found);
        let ddl = TableDdl {
            model: ModelId(0),
            name: table.name.as_str().into(),
            create: String::new(),
            drop: String::new(),
            indexes: Vec::new(),
        };
        let (gone, given) = (Vec::new(), Vec::new());
        let used = kept.of_added(&todo, &desired);
        let task = TableAlteration { table: &ddl, current, desired, todo, gone, given, used };
        kept.refuse_lost(self.migrator, &task)?;
        self.refuse_unfit(&task, &indexes)?;
        let mut made = AlterStatements::of(&task, &[]);
        made.as_they_were(&task);
        of_indexes(&task, &indexes, made.rest());
        self.add(made.statements(&task.current).into_iter().chain(kept.restore(&task)));
        Ok(())
    }
}

impl RollbackWork<'_, '_> {
    /// Refuses what rows written since would break: unique keys and checks that come again.
    fn refuse_unfit(
        &mut self,
        task: &TableAlteration<'_>,
        indexes: &[Difference],
    ) -> RunResult<()> {
        let (current, todo) = (&task.current, &task.todo);
        let table = quoted(&current.name);
        let stays = |name: &str| {
            let place = task.desired.place(name);
            current.column(name).is_some() && !place.is_some_and(|it| todo.converted.contains(&it))
        };
        let unfit = |why: String| -> RunProblem {
            RollbackHazard::Unfit { table: current.name.clone(), why }.into()
        };
        let at = Span::default();
        for difference in indexes {
            let (Difference::AddIndex { desired: to } | Difference::Index { desired: to, .. }) =
                *difference
            else {
                continue;
            };
            let index = task.desired.indexes.get(to);
            let columns = index.and_then(TableIndex::unique_columns).unwrap_or_default();
            if columns.is_empty() || !columns.iter().all(|it| stays(it)) {
                continue;
            }
            let each: Vec<_> = columns.iter().map(|it| quoted(it)).collect();
            let held: Vec<_> = each.iter().map(|it| format!("{it} IS NOT NULL")).collect();
            let sql = format!(
                "SELECT EXISTS (SELECT 1 FROM {table} WHERE {} GROUP BY {} HAVING count(*) > 1)",
                held.join(" AND "),
                each.join(", ")
            );
            if self.migrator.client.count(at, &sql)? > 0 {
                return Err(unfit(format!("`{}` would be unique again", columns.join("`, `"))));
            }
        }
        for check in &todo.checks {
            if check.names.iter().all(|it| stays(it)) {
                let holds = format!("NOT {}", check.text());
                if self.migrator.client.has_row(at, &current.name, &holds)? {
                    return Err(unfit(format!("the check {} would come again", check.text())));
                }
            }
        }
        Ok(())
    }

    /// Refuses that rows written since refer to nothing, where a foreign key comes again.
    fn refuse_orphans(&mut self, table: &str, key: &ForeignKeyConstraint) -> RunResult<()> {
        let at = Span::default();
        let client = &mut self.migrator.client;
        let (child, parent) =
            (client.ask(at, |it| it.table(table))?, client.ask(at, |it| it.table(&key.table))?);
        let has = |found: &Option<Table>, columns: &[String]| {
            found.as_ref().is_some_and(|table| columns.iter().all(|it| table.column(it).is_some()))
        };
        if !has(&child, &key.columns) || !has(&parent, &key.to) {
            return Ok(());
        }
        let each = key.columns.iter().zip(&key.to);
        let (held, equal): (Vec<_>, Vec<_>) = each
            .map(|(from, to)| {
                let from = format!("{}.{}", quoted(table), quoted(from));
                (format!("{from} IS NOT NULL"), format!("parent.{} = {from}", quoted(to)))
            })
            .unzip();
        let holds = format!(
            "{} AND NOT EXISTS (SELECT 1 FROM {} AS parent WHERE {})",
            held.join(" AND "),
            quoted(&key.table),
            equal.join(" AND ")
        );
        if self.migrator.client.has_row(at, table, &holds)? {
            let why = format!("some refer to nothing in `{}`", key.table);
            return Err(RollbackHazard::Unfit { table: table.to_owned(), why }.into());
        }
        Ok(())
    }
}

/// Indexes as they were.
fn of_indexes(task: &TableAlteration<'_>, indexes: &[Difference], clauses: &mut AlterClauses) {
    let drop = |clauses: &mut AlterClauses, index: Option<&TableIndex>| {
        if let Some(index) = index {
            let clause = format!("DROP INDEX {}", quoted(&index.name));
            clauses.add(clause, AlterAlgorithm::Index);
        }
    };
    for difference in indexes {
        match *difference {
            Difference::DropIndex { current: at } | Difference::Index { current: at, .. } => {
                drop(clauses, task.current.indexes.get(at));
            }
            _ => {}
        }
        if let Difference::AddIndex { desired: to } | Difference::Index { desired: to, .. } =
            *difference
            && let Some(index) = task.desired.indexes.get(to)
            && let Some(clause) = index_clause(index, &task.desired.name)
        {
            clauses.add(clause, AlterAlgorithm::Index);
        }
    }
}

/// The foreign keys in a table's statement.
fn keys_of(table: &Object) -> Vec<ForeignKeyConstraint> {
    table.sql.as_deref().and_then(shown_table).map(|it| it.keys).unwrap_or_default()
}

fn is_key(a: &ForeignKeyConstraint, b: &ForeignKeyConstraint) -> bool {
    a.name == b.name && a.does_as(b)
}
