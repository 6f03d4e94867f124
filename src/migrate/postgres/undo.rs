//! The last migration, undone in one transaction: what was there before comes back by the statements that are kept of it, with the values that
//! are kept, and rows written since stay. What would lose some of them is refused.

use super::PostgresEngine;
use super::around;
use super::aside::{self, without_keys};
use super::carry::{exclude_others, keep_writers_out};
use super::enumerations;
use super::fits::ServerCast;
use super::kept::kept_schema;
use super::restore::{KeptRows, refuse_new_values, restore};
use super::table::{self, TableStatements};
use crate::catalog::{Object, ObjectKind};
use crate::client::{FailedStatement, RunResult, quoted};
use crate::diagnostics::{Loss, RollbackHazard};
use crate::ir::{ExtraColumns, ModelId};
use crate::migrate::Migrator;
use crate::migrate::alteration::TableAlteration;
use crate::migrate::ddl::TableDdl;
use crate::migrate::engine_of;
use crate::migrate::history::last_migration::{LastMigration, last_done};
use crate::migrate::history::steps::forget_steps;
use crate::migrate::history::{Migration, RecordedChange, Renamed, Undone};
use crate::migrate::rollback::{refuse_changed_since, refuse_forgotten, same};
use crate::migrate::server::TablesAside;
use crate::migrate::server::carried::verify_undone;
use crate::migrate::server::data_steps::undo_step;
use crate::migrate::server::differences::{changes, is_of_created_index, is_of_key};
use crate::migrate::transaction::{KeyEnforcement, TransactionEnd};
use crate::source::Span;
use crate::value::Value;

/// Undoes the last migration.
pub(super) fn rollback(migrator: &mut Migrator<'_>) -> RunResult<Option<Undone>> {
    let at = Span::default();
    migrator.transact(at, KeyEnforcement::Enforced, |inner| {
        exclude_others(&mut inner.client, at)?;
        inner.undo_last_by(&mut undo).map(TransactionEnd::Kept)
    })
}

fn undo(migrator: &mut Migrator<'_>, mut migration: Migration) -> RunResult<Undone> {
    let at = Span::default();
    refuse_forgotten(migrator, &migration)?;
    let last = last_done(&mut migrator.client, migration.id)?;
    refuse_changed_since(&mut migrator.client, &last)?;
    // Whether rows were written since is asked when nobody can write any more.
    let tables = last.after.iter().filter(|it| it.kind() == ObjectKind::Table);
    let tables = tables.map(|it| it.name.clone()).collect();
    keep_writers_out(&mut migrator.client, at, &tables)?;
    let engine = engine_of(migrator.client.database);
    migration.changes = last.changes(engine, &migration.verb);
    let mut changes = last.undone(engine, &migration.verb);
    changes.extend(migration.step.iter().map(|it| RecordedChange::of_step(it)));
    let others: Vec<Object> = migrator.client.ask(at, |it| it.objects())?;
    let mut undoing = Undoing { last, migrator, ran: Vec::new() };
    undoing.all()?;
    let Undoing { mut ran, last, .. } = undoing;
    if migration.step.is_some() {
        undo_step(&PostgresEngine, migrator, migration.id.unsigned_abs(), &mut ran)?;
    }
    migration.rolled_back_at = Some(migrator.present());
    let now = Value::Text(migrator.present());
    forget_steps(&mut migrator.client, migration.id, &now)?;
    migrator.note_rollback(migration.id, now)?;
    let kept = kept_schema(migration.id.unsigned_abs());
    let drop = format!("DROP SCHEMA IF EXISTS {} CASCADE", quoted(&kept));
    migrator.client.ask(at, |it| it.execute(&drop, &[]))?;
    let there = migrator.client.ask(at, |it| it.objects())?;
    verify_undone(&last, &others, &there)?;
    Ok(Undone { migration, with: Vec::new(), changes, sql: ran })
}

struct Undoing<'u, 'm> {
    last: LastMigration,
    migrator: &'u mut Migrator<'m>,
    ran: Vec<String>,
}

impl Undoing<'_, '_> {
    fn run(&mut self, sql: String) -> RunResult<()> {
        if let Err(error) = self.migrator.client.database.execute(&sql, &[]) {
            let about = FailedStatement { statement: Some(&sql), ..FailedStatement::default() };
            return Err(self.migrator.client.failure_of(error, Span::default(), about));
        }
        self.ran.push(sql);
        Ok(())
    }

    /// The same, of a table whose rows may not fit any more.
    fn run_on(&mut self, table: &str, sql: String) -> RunResult<()> {
        match self.migrator.client.database.execute(&sql, &[]) {
            Ok(_) => {
                self.ran.push(sql);
                Ok(())
            }
            Err(error)
                if error.ended || !(error.is_constraint() || error.kind.is_of_statement()) =>
            {
                Err(self.migrator.client.failure(error, Span::default()))
            }
            Err(error) => {
                Err(RollbackHazard::Unfit { table: table.to_owned(), why: error.message }.into())
            }
        }
    }

    fn of_kind(all: &[Object], kind: ObjectKind) -> Vec<Object> {
        all.iter().filter(|it| it.kind() == kind).cloned().collect()
    }

    fn all(&mut self) -> RunResult<()> {
        let (before, after) = (self.last.before.clone(), self.last.after.clone());
        let tables = Self::of_kind(&before, ObjectKind::Table);
        let now = Self::of_kind(&after, ObjectKind::Table);
        // Views first, so that nothing reads what changes.
        for view in Self::of_kind(&after, ObjectKind::View) {
            self.run(format!("DROP VIEW {}", quoted(&view.name)))?;
        }
        let later: Vec<String> = tables.iter().map(|it| self.last.later(&it.name)).collect();
        let come: Vec<Object> =
            now.iter().filter(|it| !later.contains(&it.name)).cloned().collect();
        self.keys_go(&now, &tables)?;
        // Their columns get it back before their tables do.
        let kept = enumerations::kept_types(&self.migrator.client, self.last.id.unsigned_abs())?;
        for table in &come {
            self.table_goes(table)?;
        }
        for index in Self::of_kind(&after, ObjectKind::Index).iter().filter(|it| it.sql.is_some()) {
            let stays = before.iter().any(|it| same(it, index) && it.sql == index.sql);
            let gone = come.iter().any(|it| it.name == index.table);
            if !stays && !gone {
                self.run(format!("DROP INDEX {}", quoted(&index.name)))?;
            }
        }
        for it in self.last.renames.clone().iter().rev() {
            self.name_as_before(it)?;
        }
        for (name, members) in &kept {
            match enumerations::as_before(&mut self.migrator.client, name, members)? {
                Ok(statements) => {
                    for sql in statements {
                        self.run(sql)?;
                    }
                }
                Err((table, why)) => return Err(RollbackHazard::Unfit { table, why }.into()),
            }
        }
        for table in &tables {
            let later = self.last.later(&table.name);
            if now.iter().any(|it| it.name == later) && !come.iter().any(|it| it.name == later) {
                self.table_as_before(table, &before)?;
            } else {
                self.table_comes(table)?;
            }
        }
        self.rest(&before)
    }

    /// A table or a column gets its name of before.
    fn name_as_before(&mut self, rename: &Renamed) -> RunResult<()> {
        let (from, to) = (quoted(&rename.from), quoted(&rename.to));
        let Some(table) = &rename.table else {
            return self.run(format!("ALTER TABLE {to} RENAME TO {from}"));
        };
        let begun = format!("ALTER TABLE {} RENAME COLUMN", quoted(table));
        // A column that came has the old name: it steps aside until its turn to go.
        let current = self.migrator.client.ask(Span::default(), |client| client.table(table))?;
        if current.is_some_and(|table| table.column(&rename.from).is_some()) {
            let aside = format!("_relata_came_{}", rename.from);
            self.run(format!("{begun} {from} TO {}", quoted(&aside)))?;
            let (table, to) = (Some(table.clone()), rename.from.clone());
            self.last.renames.push(Renamed { table, from: aside, to });
        }
        self.run(format!("{begun} {to} TO {from}"))
    }

    /// Foreign keys that weren't there go.
    fn keys_go(&mut self, now: &[Object], tables: &[Object]) -> RunResult<()> {
        for table in now {
            let was = tables.iter().find(|it| self.last.later(&it.name) == table.name);
            let had = was.map(keys_of).unwrap_or_default();
            for (name, text) in keys_of(table) {
                if !had.contains(&(name.clone(), text)) {
                    self.run(format!(
                        "ALTER TABLE {} DROP CONSTRAINT {name}",
                        quoted(&table.name)
                    ))?;
                }
            }
        }
        Ok(())
    }

    /// A table that came goes.
    fn table_goes(&mut self, table: &Object) -> RunResult<()> {
        let name = quoted(&table.name);
        let count = format!("SELECT count(*) FROM {name}");
        let rows = self.migrator.client.count(Span::default(), &count)?;
        if rows > 0 && !self.migrator.consent.allow.has(Loss::WrittenSince) {
            return Err(RollbackHazard::NewTable { table: table.name.clone(), rows }.into());
        }
        self.run(format!("DROP TABLE {name}"))
    }

    /// A table that went comes again, with its rows.
    fn table_comes(&mut self, table: &Object) -> RunResult<()> {
        let kept = kept_schema(self.last.id.unsigned_abs());
        let sql = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2";
        let parameters = [Value::from(kept.as_str()), Value::from(table.name.as_str())];
        let row = self.migrator.client.row(Span::default(), sql, &parameters)?;
        if matches!(row.as_deref(), Some([Value::Integer(1)])) {
            let (schema, name) = (quoted(&kept), quoted(&table.name));
            let around = self
                .migrator
                .client
                .texts(Span::default(), "SELECT quote_ident(current_schema()::text)")?;
            let around = around.first().map_or("public", String::as_str).to_owned();
            return self.run(format!("ALTER TABLE {schema}.{name} SET SCHEMA {around}"));
        }
        if !self.migrator.consent.allow.has(Loss::WrittenSince) {
            return Err(RollbackHazard::RowsGone { table: table.name.clone() }.into());
        }
        self.run(without_keys(table.sql.as_deref().unwrap_or_default()))
    }

    /// A table becomes what it was; it has its name of before by now.
    fn table_as_before(&mut self, table: &Object, before: &[Object]) -> RunResult<()> {
        let at = Span::default();
        let Some(current) = self.migrator.client.ask(at, |it| it.table(&table.name))? else {
            return Err(RollbackHazard::NotAsBefore { name: table.name.clone() }.into());
        };
        let mut statements = vec![without_keys(table.sql.as_deref().unwrap_or_default())];
        let own =
            before.iter().filter(|it| it.kind() == ObjectKind::Index && it.table == table.name);
        statements.extend(own.filter_map(|it| it.sql.clone()));
        let name = [table.name.clone()];
        let tables = vec![(table.name.clone(), statements)];
        let tables = TablesAside { tables, ..TablesAside::default() };
        let made = aside::made_of(self.migrator, at, &tables, &name)?;
        let Some(desired) = made.into_iter().next().flatten() else {
            return Err(RollbackHazard::NotAsBefore { name: table.name.clone() }.into());
        };
        let mut found = table::found(&current, &desired, ExtraColumns::Drop);
        found.retain(|it| !is_of_created_index(*it, &current, &desired) && !is_of_key(*it));
        if found.is_empty() {
            return Ok(());
        }
        let kept = KeptRows::of(self.migrator, &self.last, &table.name)?;
        refuse_new_values(self.migrator, &kept, &self.last, [&current, &desired])?;
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
        let mut casts = Vec::new();
        for to in task.todo.converted.iter().filter_map(|it| task.desired.columns.get(*it)) {
            let Some(from) = task.current.column(&to.name) else { continue };
            let cast =
                ServerCast::of(&mut self.migrator.client, at, &from.data_type, &to.data_type)?;
            casts.push((to.name.clone(), cast));
        }
        kept.refuse_lost(self.migrator, &task, &casts)?;
        let restored = restore(&kept, &task, &casts);
        let late = task.current.keys.iter().any(|it| it.deferrable.is_some());
        let made = TableStatements::of(&task, &casts, None);
        // No trigger fires for what comes back.
        let there = self.migrator.client.ask(at, |it| it.objects())?;
        let triggers = around::triggers(&there, &table.name);
        let switch = |how: &str| {
            let each = triggers.iter().map(|it| format!("{how} TRIGGER {}", quoted(it)));
            let each = each.collect::<Vec<_>>().join(", ");
            (!each.is_empty()).then(|| format!("ALTER TABLE {} {each}", quoted(&table.name)))
        };
        let (off, on) = (switch("DISABLE"), switch("ENABLE"));
        let statements = made.statements(&table.name, &[], late).into_iter().chain(restored);
        for sql in off.into_iter().chain(statements).chain(on) {
            self.run_on(&table.name, sql)?;
        }
        Ok(())
    }

    /// Indexes, foreign keys, views and triggers as they were.
    fn rest(&mut self, before: &[Object]) -> RunResult<()> {
        let there = self.migrator.client.ask(Span::default(), |it| it.objects())?;
        let missing = |it: &&Object| !there.iter().any(|other| same(other, it));
        for index in Self::of_kind(before, ObjectKind::Index).iter().filter(missing) {
            if let Some(sql) = &index.sql {
                self.run_on(&index.table, sql.clone())?;
            }
        }
        for table in Self::of_kind(before, ObjectKind::Table) {
            let current = there.iter().find(|it| same(it, &table));
            let has = current.map(keys_of).unwrap_or_default();
            for (name, text) in keys_of(&table) {
                if !has.iter().any(|it| it.0 == name) {
                    self.run_on(
                        &table.name,
                        format!("ALTER TABLE {} ADD {text}", quoted(&table.name)),
                    )?;
                }
            }
        }
        for kind in [ObjectKind::View, ObjectKind::Trigger] {
            for object in Self::of_kind(before, kind).iter().filter(missing) {
                if let Some(sql) = &object.sql {
                    self.run(sql.clone())?;
                }
            }
        }
        Ok(())
    }
}

/// The foreign keys in a table's statement: their names in quotes where they need them, and their clauses.
fn keys_of(table: &Object) -> Vec<(String, String)> {
    let lines = table.sql.as_deref().unwrap_or_default().lines();
    let keys = lines.filter_map(|line| {
        let text = line.strip_prefix("  CONSTRAINT ")?.trim_end_matches(',');
        let (name, _) = text.split_once(" FOREIGN KEY (")?;
        Some((name.to_owned(), format!("CONSTRAINT {text}")))
    });
    keys.collect()
}
