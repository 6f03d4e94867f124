//! What SQLite does in its own way when its structure changes: the statement that it keeps of a table is edited, or the rows move into a
//! new table; rows have numbers of their own; a file is copied.

mod broken;
mod carried;
mod changes;
mod copied;
mod dates;
mod drops;
mod fill;
mod former_names;
mod indexes;
mod kept_values;
mod known;
mod layout;
mod left_out;
mod misfits;
mod moves;
mod numbers;
mod rebuild;
mod script;
mod sequences;
mod statements;
mod statistics;
mod step_rows;
mod types;
mod undo;
mod undo_rows;
mod unfit;

use super::alteration::{
    Alteration, CastCheck, ChangePart, TableAlteration, TableChanges, TouchedTable,
};
use super::broken::BrokenObjects;
use super::ddl::TableDdl;
use super::history::kept_tables::kept_tables;
use super::history::last_migration::LastMigration;
use super::history::{Renamed, Undone};
use super::misfits::{ColumnMisfit, ColumnUnfit, Misfits};
use super::questions::Question;
use super::steps::DataSteps;
use super::verify::RowExtent;
use super::{AlterEngine, AlteredTable, Engine, PlannedOutcome};
use super::{Change, ChangeMethod, Migrator};
use crate::catalog::{
    Column, Definition, IndexOrigin, Name, Object, ObjectKind, Sequence, Table, TableIndex,
};
use crate::client::{Client, RunResult, quoted};
use crate::db::{Database, DbError, DbErrorKind};
use crate::ir::{ExtraColumns, Model, ModelId};
use crate::source::Span;
use crate::sql::{Affinity, Dialect, Sql};
use crate::stored::{self, names_itself};
use crate::value::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// SQLite.
#[derive(Debug)]
pub(super) struct SqliteEngine;

impl Engine for SqliteEngine {
    fn sync(
        &self,
        migrator: &mut Migrator<'_>,
        at: Span,
        scope: (Option<ModelId>, bool),
        steps: &mut dyn DataSteps,
    ) -> RunResult<Vec<String>> {
        migrator.sync_recorded(at, scope, steps)
    }

    fn drop(
        &self,
        migrator: &mut Migrator<'_>,
        at: Span,
        model: Option<ModelId>,
    ) -> RunResult<Vec<String>> {
        migrator.drop_recorded(at, model)
    }

    fn alters(&self) -> Option<&'static dyn AlterEngine> {
        Some(&Self)
    }

    fn rehearse(
        &self,
        migrator: &mut Migrator<'_>,
        alter: Alteration,
        steps: &mut dyn DataSteps,
    ) -> RunResult<Vec<Change>> {
        migrator.alter_in_transaction(alter, None, steps)
    }

    fn alter(
        &self,
        migrator: &mut Migrator<'_>,
        alter: Alteration,
        model: Option<ModelId>,
        steps: &mut dyn DataSteps,
    ) -> RunResult<Vec<Change>> {
        migrator.alter_in_transaction(alter, model, steps)
    }

    fn rollback(&self, migrator: &mut Migrator<'_>) -> RunResult<Option<Undone>> {
        migrator.rollback_in_transaction()
    }

    fn let_go(&self, client: &mut Client<'_>, at: Span) -> RunResult<()> {
        for table in kept_tables(client, None)? {
            let sql = format!("DROP TABLE {}", quoted(&table));
            client.ask(at, |it| it.execute(&sql, &[]))?;
        }
        Ok(())
    }

    fn history_table(&self) -> &'static str {
        "CREATE TABLE _relata_migrations (id INTEGER PRIMARY KEY, verb TEXT NOT NULL, \
         appliedAt TEXT NOT NULL, version TEXT NOT NULL, script TEXT NOT NULL, sql TEXT NOT NULL, renames TEXT NOT NULL, \
         before TEXT, after TEXT NOT NULL, schema TEXT NOT NULL, made TEXT NOT NULL, dangling INTEGER, rolledBackAt TEXT)"
    }

    fn converted(&self, _: &Column) -> Option<String> {
        // What a column makes of a value shows when it is in it.
        None
    }

    fn extremes(&self, column: &str) -> String {
        let column = quoted(column);
        format!("min({column}), max({column})")
    }

    fn same_object(&self, kind: ObjectKind, a: &str, b: &str) -> bool {
        statements::is_kept(a, b) || stored::same_object(kind, a, b)
    }

    fn read_table(&self, sql: &str) -> Option<Table> {
        stored::CreateTable::read(sql).map(|it| it.table)
    }

    fn definition(&self, kind: ObjectKind, sql: &str) -> Definition {
        stored::definition(kind, sql)
    }

    fn own_objects(&self, client: &mut Client<'_>) -> RunResult<Vec<Object>> {
        statements::own_objects(client)
    }

    fn row_name(&self) -> &'static str {
        "rowid"
    }

    fn is_alike(&self, a: &Column, b: &Column) -> bool {
        Affinity::of(&a.data_type) == Affinity::of(&b.data_type)
    }

    fn uuid(&self, begin: Option<&str>) -> String {
        fill::uuid(begin)
    }

    fn questions(&self, model: &Model, task: &TableAlteration<'_>) -> Vec<Question> {
        numbers::numbered(model, task)
    }

    fn misfits_of(
        &self,
        client: &mut Client<'_>,
        alter: &Alteration,
        tables: [&Table; 2],
        (value, to): (&str, &Column),
        asked: CastCheck,
    ) -> RunResult<Option<Misfits>> {
        types::misfits_of(client, alter, tables, value, to, asked)
    }

    fn other_form(&self, value: &str) -> String {
        dates::other_form(value)
    }

    fn script(&self, changes: &[Change], database: &dyn Database) -> Result<String, DbError> {
        script::script(changes, database)
    }
}

impl AlterEngine for SqliteEngine {
    fn to_create<'s>(&self, sql: &'s str) -> Cow<'s, str> {
        stored::as_kept(sql)
    }

    fn is_kept(&self, kept: &str, statement: &str) -> bool {
        statements::is_kept(kept, statement)
    }

    fn same_view(&self, a: &str, b: &str, there: &[&Object]) -> bool {
        statements::same_view(a, b, there)
    }

    fn same_index(&self, table: &Table, a: &str, b: &str) -> bool {
        statements::same_index(table, a, b)
    }

    fn preview(
        &self,
        client: &mut Client<'_>,
        at: Span,
        statements: &[String],
        table: &str,
    ) -> RunResult<Option<Table>> {
        client.structure(at, |it| it.preview(statements, table))
    }

    fn former_table(
        &self,
        client: &mut Client<'_>,
        at: Span,
        statement: &str,
        table: &str,
    ) -> RunResult<Table> {
        let made = client.preview(at, &[statement.to_owned()], table)?;
        Ok(made.unwrap_or_default().unwrap_or_default())
    }

    fn sequences(&self, client: &mut Client<'_>, at: Span) -> RunResult<Vec<Sequence<Value>>> {
        sequences::last_numbers(client, at)
    }

    fn key_check(&self) -> &'static str {
        "PRAGMA foreign_key_check"
    }

    fn inline(&self, sql: &Sql, dialect: &Dialect) -> String {
        statements::inline(sql, dialect)
    }

    fn changes(
        &self,
        current: &Table,
        desired: &Table,
        scope: (ChangePart, ExtraColumns),
    ) -> Option<TableChanges> {
        changes::changes(current, desired, scope)
    }

    fn to_be_filled(
        &self,
        current: &Table,
        desired: &Table,
        has_value: &dyn Fn(&str) -> bool,
        is_computable: &dyn Fn(&str) -> bool,
    ) -> Option<String> {
        changes::to_be_filled(current, desired, has_value, is_computable)
    }

    fn planned_outcome(
        &self,
        client: &mut Client<'_>,
        at: Span,
        (current, desired): (&Table, &mut Table),
        todo: &mut TableChanges,
    ) -> RunResult<PlannedOutcome> {
        let text = todo.text.clone().into_iter().collect::<Vec<_>>();
        let becomes = match client.preview(at, &text, &current.name)? {
            Ok(Some(becomes)) => becomes,
            Ok(None) => return Ok(PlannedOutcome::Nothing),
            Err(why) => return Ok(PlannedOutcome::Unreadable(why)),
        };
        // A key that counts down stays as it is written, and has an index where the script's would have none.
        let key = |it: &TableIndex| it.origin == IndexOrigin::PrimaryKey;
        desired.indexes.retain(|it| !key(it));
        let keys = becomes.indexes.iter().filter(|it| key(it));
        desired.indexes.extend(keys.cloned());
        if let Some(number) = becomes.rowid()
            && current.rowid().is_none()
            && !current.options.without_rowid
            && current.column(&number.name).is_some()
        {
            todo.renumbers = Some(number.name.clone());
        }
        let gone = indexes::indexes_of_dropped(client, at, current, todo, &text)?;
        todo.rebuild = todo.rebuild
            || !layout::lies_alike(current, &becomes)
            || moves::must_move(client, at, [current, desired], todo)?;
        Ok(PlannedOutcome::Sound { becomes: Box::new(becomes), gone })
    }

    fn misfits(&self, migrator: &mut Migrator<'_>) -> RunResult<Vec<ColumnMisfit>> {
        migrator.find_misfits()
    }

    fn unfit(&self, migrator: &mut Migrator<'_>, dialect: &Dialect) -> RunResult<Vec<ColumnUnfit>> {
        migrator.find_unfit(dialect)
    }

    fn dates(
        &self,
        migrator: &mut Migrator<'_>,
        alter: &Alteration,
        table: &TableDdl,
        (has, tell): (&dyn Fn(&str) -> bool, bool),
    ) -> RunResult<Vec<String>> {
        migrator.other_dates(alter, table, has, tell)
    }

    fn tell_moments(
        &self,
        migrator: &mut Migrator<'_>,
        at: Span,
        model: &Model,
        first: bool,
    ) -> RunResult<()> {
        migrator.tell_other_moments(at, model, first)
    }

    fn alter_table(
        &self,
        migrator: &mut Migrator<'_>,
        alter: &Alteration,
        task: &TableAlteration<'_>,
    ) -> RunResult<AlteredTable> {
        let (at, name) = (alter.at, &task.current.name);
        let text = task.todo.text.as_deref().unwrap_or_default();
        let mut ran = Vec::new();
        if drops::drop_column(&mut migrator.client, alter, task, &mut ran)? {
            let rows = if alter.is_told(migrator.log) {
                migrator.client.count(at, &format!("SELECT count(*) FROM {}", quoted(name)))?
            } else {
                0
            };
            return Ok(AlteredTable { way: ChangeMethod::Alter, rows, ran, kept: None });
        }
        if task.todo.rebuild {
            let rows = migrator.rebuild(alter, task, text, &mut ran)?;
            let kept = names_itself(text).then(|| text.to_owned());
            return Ok(AlteredTable { way: ChangeMethod::Rebuild, rows, ran, kept });
        }
        let rows = fill::fill_nulls(&mut migrator.client, alter, task, &mut ran)?;
        migrator.client.structure(at, |it| it.rewrite(name, text))?;
        Ok(AlteredTable { way: ChangeMethod::Edit, rows, ran, kept: Some(text.to_owned()) })
    }

    /// A view that would not follow the new name is left as it is: the script may have another text of it, and what doesn't work in
    /// the end is refused.
    fn rename(
        &self,
        client: &mut Client<'_>,
        at: Span,
        sql: &str,
        (depth, broken): (usize, bool),
    ) -> RunResult<()> {
        let follows = !broken
            && client.ask(at, |it| {
                // A rename that fails leaves SQLite with the names that it tried: what is undone, it reads again.
                it.savepoint(depth)?;
                match it.execute(sql, &[]) {
                    Ok(_) => it.release(depth).map(|()| true),
                    Err(error) if error.kind == DbErrorKind::Refused && !error.ended => {
                        it.rollback_to(depth).map(|()| false)
                    }
                    Err(error) => Err(error),
                }
            })?;
        if !follows {
            client.structure(at, |it| it.rename(sql))?;
        }
        Ok(())
    }

    fn backup(&self, client: &mut Client<'_>, at: Span, name: &str) -> RunResult<Option<String>> {
        client.structure(at, |it| it.backup(name))
    }

    fn former_names(
        &self,
        client: &mut Client<'_>,
        at: Span,
        there: &[Object],
        renames: &[Renamed],
    ) -> RunResult<String> {
        former_names::former_names(client, at, there, renames)
    }

    fn is_known(
        &self,
        client: &mut Client<'_>,
        alter: &Alteration,
        tables: &[TouchedTable<'_>],
    ) -> RunResult<bool> {
        known::is_known(client, alter, tables)
    }

    fn copy(&self, client: &mut Client<'_>, at: Span) -> RunResult<Option<Box<dyn Database>>> {
        client.structure(at, |it| it.copy())
    }

    fn broken(&self, client: &mut Client<'_>, at: Span) -> RunResult<BrokenObjects> {
        broken::find_broken(client, at)
    }

    fn extent(
        &self,
        client: &mut Client<'_>,
        at: Span,
        table: &Object,
    ) -> RunResult<Option<RowExtent>> {
        sequences::extent_of(client, at, table)
    }

    fn watch(&self, client: &mut Client<'_>, at: Span) -> RunResult<()> {
        client.structure(at, |it| {
            it.watch();
            Ok(())
        })
    }

    fn written(&self, client: &mut Client<'_>, at: Span) -> RunResult<BTreeSet<Name>> {
        client.structure(at, |it| Ok(it.written()))
    }

    fn unreadable(
        &self,
        client: &mut Client<'_>,
        at: Span,
        tables: &BTreeSet<Name>,
    ) -> RunResult<Option<String>> {
        client.structure(at, |it| it.unreadable(tables))
    }

    fn size(&self, client: &mut Client<'_>, at: Span) -> RunResult<u64> {
        client.structure(at, |it| it.size())
    }

    fn damage(
        &self,
        client: &mut Client<'_>,
        at: Span,
        table: Option<&str>,
    ) -> RunResult<Option<String>> {
        client.structure(at, |it| it.damage(table))
    }

    fn keep_table(
        &self,
        client: &mut Client<'_>,
        at: Span,
        migration: u64,
        table: &str,
    ) -> RunResult<()> {
        kept_values::keep_table(client, at, migration, table)
    }

    fn keep_before(
        &self,
        client: &mut Client<'_>,
        at: Span,
        migration: u64,
        written: &BTreeSet<Name>,
    ) -> RunResult<Vec<Table>> {
        step_rows::keep_before(client, at, migration, written)
    }

    fn keep_changes(
        &self,
        client: &mut Client<'_>,
        at: Span,
        migration: u64,
        tables: &[Table],
    ) -> RunResult<()> {
        step_rows::keep_changes(client, at, migration, tables)
    }

    fn undo_step(
        &self,
        migrator: &mut Migrator<'_>,
        migration: i64,
        tables: &[String],
        ran: &mut Vec<String>,
    ) -> RunResult<()> {
        undo_rows::undo_step(migrator, migration, tables, ran)
    }

    fn undo_table(
        &self,
        migrator: &mut Migrator<'_>,
        last: &LastMigration,
        (was, later): (&Object, &str),
        ran: &mut Vec<String>,
    ) -> RunResult<()> {
        migrator.undo_table(last, was, later, ran)
    }

    fn make_again(
        &self,
        client: &mut Client<'_>,
        migration: i64,
        table: &Object,
        ran: &mut Vec<String>,
    ) -> RunResult<()> {
        undo::make_again(client, migration, table, ran)
    }
}
