//! What MariaDB does in its own way when its structure is made. It ends a transaction with each statement that changes something, so that there
//! is none around all of them: what can be refused is refused before the first.

mod alter;
mod around;
mod aside;
mod carry;
mod clauses;
mod data_steps;
mod fits;
mod kept;
mod log;
mod refusals;
mod restore;
mod statements;
mod sync;
mod undo;

use super::alteration::{Alteration, CastCheck, TableAlteration};
use super::engine::Engine;
use super::history::Undone;
use super::history::kept_tables::kept_tables;
use super::misfits::Misfits;
use super::questions::Question;
use super::renames::{ASIDE, Renaming};
use super::server::around::{KeyAround, ViewAround};
use super::server::carried::is_same_statement;
use super::server::plan::{DesiredStructure, Planning};
use super::server::work::WorkStatement;
use super::server::{ServerEngine, TablesAside, own_objects};
use super::steps::{DataSteps, StepOutcome};
use super::{Change, ChangeMethod, Detail, Migrator, ServerTables, StepCost};
use crate::catalog::{
    Column, Definition, Difference, IndexOrigin, Object, ObjectKind, Table, TableStorage,
    ViewDefinition,
};
use crate::client::{Client, RunResult, quoted};
use crate::db::{
    Database, DbError, nullable_text, shown_table, shown_trigger, told_table, view_body,
    without_keys,
};
use crate::ir::{DataStep, ExtraColumns, Model, ModelId};
use crate::source::Span;
use std::collections::BTreeSet;

/// MariaDB.
#[derive(Debug)]
pub(super) struct MysqlEngine;

impl Engine for MysqlEngine {
    fn sync(
        &self,
        migrator: &mut Migrator<'_>,
        at: Span,
        (model, force): (Option<ModelId>, bool),
        _: &mut dyn DataSteps,
    ) -> RunResult<Vec<String>> {
        sync::carry_out(migrator, at, model, (force, true))
    }

    fn drop(
        &self,
        migrator: &mut Migrator<'_>,
        at: Span,
        model: Option<ModelId>,
    ) -> RunResult<Vec<String>> {
        sync::carry_out(migrator, at, model, (true, false))
    }

    fn rehearse(
        &self,
        migrator: &mut Migrator<'_>,
        alter: Alteration,
        _: &mut dyn DataSteps,
    ) -> RunResult<Vec<Change>> {
        carry::rehearse(migrator, alter)
    }

    fn alter(
        &self,
        migrator: &mut Migrator<'_>,
        alter: Alteration,
        model: Option<ModelId>,
        steps: &mut dyn DataSteps,
    ) -> RunResult<Vec<Change>> {
        carry::alter(migrator, alter, model, steps)
    }

    fn rollback(&self, migrator: &mut Migrator<'_>) -> RunResult<Option<Undone>> {
        undo::rollback(migrator)
    }

    fn let_go(&self, client: &mut Client<'_>, at: Span) -> RunResult<()> {
        for table in kept_tables(client, None)? {
            let sql = format!("DROP TABLE {}", quoted(&table));
            client.ask(at, |it| it.execute(&sql, &[]))?;
        }
        Ok(())
    }

    fn read_table(&self, sql: &str) -> Option<Table> {
        let mut table = shown_table(sql)?;
        // These are objects of their own.
        table.indexes.retain(|it| it.origin != IndexOrigin::Created);
        Some(table)
    }

    fn same_object(&self, kind: ObjectKind, a: &str, b: &str) -> bool {
        match kind {
            ObjectKind::Table => is_same_statement((Some(a), Some(b))),
            ObjectKind::View => view_body(a) == view_body(b),
            ObjectKind::Index | ObjectKind::Trigger => a == b,
        }
    }

    fn definition(&self, kind: ObjectKind, sql: &str) -> Definition {
        match kind {
            ObjectKind::Table => Definition::Table(TableStorage::Rows),
            ObjectKind::Index => Definition::Index,
            ObjectKind::View => Definition::View(ViewDefinition::default()),
            ObjectKind::Trigger => Definition::Trigger(shown_trigger(sql)),
        }
    }

    fn converted(&self, to: &Column) -> Option<String> {
        clauses::cast(&quoted(&to.name), &to.data_type)
    }

    fn is_alike(&self, a: &Column, b: &Column) -> bool {
        clauses::holds_all(&a.data_type, &b.data_type)
            || clauses::holds_all(&b.data_type, &a.data_type)
    }

    fn misfits_of(
        &self,
        client: &mut Client<'_>,
        alter: &Alteration,
        [current, _]: [&Table; 2],
        value: (&str, &Column),
        asked: CastCheck,
    ) -> RunResult<Option<Misfits>> {
        Ok(fits::misfits_of(client, alter, current, value, asked)?.map(Misfits::of))
    }

    fn told(&self, table: Table) -> Table {
        told_table(table)
    }

    fn made(&self, migrator: &mut Migrator<'_>, _: &[Object]) -> RunResult<ServerTables> {
        aside::tried(migrator, Span::default())
    }

    fn script(&self, changes: &[Change], _: &dyn Database) -> Result<String, DbError> {
        if changes.is_empty() {
            return Ok(String::new());
        }
        // As a session of Relata's reads its statements.
        let mut res = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,ANSI_QUOTES,PIPES_AS_CONCAT,SIMULTANEOUS_ASSIGNMENT', time_zone = '+00:00', lock_wait_timeout = 5;\n".to_owned();
        if changes.iter().any(|it| it.way == ChangeMethod::Refused) {
            res.push_str("-- what is refused is not in it\n");
        }
        for sql in changes.iter().flat_map(Change::statements) {
            res.push_str(sql);
            res.push_str(";\n");
        }
        Ok(res)
    }

    fn history_table(&self) -> &'static str {
        "CREATE TABLE _relata_migrations (id INTEGER PRIMARY KEY, verb TEXT NOT NULL, \"appliedAt\" TEXT NOT NULL, version TEXT NOT NULL, \
         script TEXT NOT NULL, \"sql\" LONGTEXT NOT NULL, renames LONGTEXT NOT NULL, \"before\" LONGTEXT, after LONGTEXT NOT NULL, \
         \"schema\" LONGTEXT NOT NULL, made LONGTEXT NOT NULL, dangling INTEGER, \"rolledBackAt\" TEXT) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"
    }

    fn own_objects(&self, client: &mut Client<'_>) -> RunResult<Vec<Object>> {
        let sql = "SELECT CASE table_type WHEN 'VIEW' THEN 'VIEW' ELSE 'TABLE' END, table_name, table_name \
             FROM information_schema.tables WHERE table_schema = database() AND table_name LIKE '\\_relata\\_%' \
             UNION ALL SELECT 'TRIGGER', trigger_name, event_object_table FROM information_schema.triggers \
             WHERE trigger_schema = database() AND event_object_table LIKE '\\_relata\\_%'";
        own_objects(self, client, sql)
    }

    fn row_name(&self) -> &'static str {
        // There is none.
        ""
    }

    fn row_text(&self) -> &'static str {
        ""
    }

    fn extremes(&self, column: &str) -> String {
        let column = quoted(column);
        format!("min({column}), max({column})")
    }

    fn uuid(&self, begin: Option<&str>) -> String {
        match begin {
            None => "uuid()".to_owned(),
            Some(begin) => format!("concat('{begin}', substr(uuid(), 20))"),
        }
    }

    fn questions(&self, _: &Model, _: &TableAlteration<'_>) -> Vec<Question> {
        Vec::new()
    }
}

impl ServerEngine for MysqlEngine {
    fn keys(&self, client: &Client<'_>, at: Span) -> RunResult<Vec<KeyAround>> {
        around::keys(client, at)
    }

    fn views(&self, _: &Client<'_>, _: Span, there: &[Object]) -> RunResult<Vec<ViewAround>> {
        Ok(around::views(there))
    }

    fn desired(
        &self,
        migrator: &mut Migrator<'_>,
        at: Span,
        _: &[Object],
    ) -> RunResult<DesiredStructure> {
        aside::desired(migrator, at)
    }

    fn current(
        &self,
        _: &mut Client<'_>,
        _: Span,
        name: &str,
        there: &[Object],
    ) -> RunResult<Option<Table>> {
        // Its statement is known, and tells all of it.
        let mut tables = there.iter().filter(|it| it.kind() == ObjectKind::Table);
        let found = tables.find(|it| it.name == name).and_then(|it| it.sql.as_deref());
        Ok(found.and_then(shown_table))
    }

    fn made_of(
        &self,
        migrator: &mut Migrator<'_>,
        at: Span,
        tables: &TablesAside,
        names: &[String],
    ) -> RunResult<Vec<Option<Table>>> {
        aside::made_of(migrator, at, tables, names)
    }

    fn without_keys(&self, table: &Table) -> Vec<String> {
        vec![without_keys(table)]
    }

    fn found(&self, current: &Table, desired: &Table, extra: ExtraColumns) -> Vec<Difference> {
        clauses::found(current, desired, extra)
    }

    fn is_same_view(&self, current: &str, desired: &str) -> bool {
        view_body(current) == view_body(desired)
    }

    fn has_equality(&self, _: &Column) -> bool {
        true
    }

    fn refuse(
        &self,
        planning: &Planning<'_>,
        migrator: &mut Migrator<'_>,
        task: &TableAlteration<'_>,
        indexes: &[Difference],
    ) -> RunResult<()> {
        refusals::refuse(planning, migrator, task, indexes)
    }

    fn refuse_renamed(&self, planning: &Planning<'_>, migrator: &Migrator<'_>) {
        refusals::refuse_renamed(planning, migrator);
    }

    fn alter_table(
        &self,
        planning: &mut Planning<'_>,
        migrator: &mut Migrator<'_>,
        task: (&TableAlteration<'_>, Vec<Detail>),
        indexes: Vec<Difference>,
    ) -> RunResult<()> {
        alter::alter_table(planning, migrator, task, &indexes)
    }

    fn around(&self, client: &Client<'_>, at: Span) -> RunResult<String> {
        let found = client.texts(at, "SELECT database()")?;
        Ok(found.first().map_or_else(String::new, |it| quoted(it)))
    }

    fn query_word(&self) -> &'static str {
        ""
    }

    fn rename_tables(&self, moves: &[Renaming]) -> Vec<Vec<WorkStatement>> {
        if moves.iter().any(|it| it.1.starts_with(ASIDE)) {
            // Names that change places do so at once.
            let first = statements::rename_tables(moves).into_iter().collect();
            let rest = moves.iter().skip(1).map(|_| Vec::new());
            return std::iter::once(first).chain(rest).collect();
        }
        let one = |it| statements::rename_tables(std::slice::from_ref(it)).into_iter().collect();
        moves.iter().map(one).collect()
    }

    fn rename_columns(
        &self,
        table: &str,
        moves: &[Renaming],
        all: &[Renaming],
    ) -> Vec<Vec<WorkStatement>> {
        let first = vec![statements::rename_columns(table, all)];
        let rest = moves.iter().skip(1).map(|_| Vec::new());
        std::iter::once(first).chain(rest).collect()
    }

    fn views_follow(&self) -> bool {
        false
    }

    fn drops_indexes_apart(&self) -> bool {
        false
    }

    fn renames_keys(&self) -> bool {
        false
    }

    fn key_cost(&self) -> StepCost {
        clauses::AlterAlgorithm::Copy.cost()
    }

    fn drop_object(&self, kind: ObjectKind, name: &str) -> String {
        format!("DROP {} {}", kind.word(), quoted(name))
    }

    fn keep_table(&self, migration: u64, table: &str, keys: &[String]) -> Vec<WorkStatement> {
        kept::keep_table(migration, table, keys)
    }

    fn open(&self, column: &mut Column) {
        column.not_null = false;
        column.text = nullable_text(&column.text);
    }

    fn written(
        &self,
        client: &mut Client<'_>,
        at: Span,
        step: &DataStep,
        done: &StepOutcome,
    ) -> RunResult<BTreeSet<String>> {
        data_steps::written(client, at, step, done)
    }

    fn step_tables(&self, migration: u64, table: &str) -> [String; 2] {
        data_steps::step_tables(migration, table)
    }

    fn has_kept_step(
        &self,
        client: &mut Client<'_>,
        migration: u64,
        table: &str,
    ) -> RunResult<bool> {
        let name = kept::name_of(migration, table);
        Ok(client.ask(Span::default(), |it| it.table(&name))?.is_some())
    }

    fn room_for_steps(&self, _: u64) -> Vec<String> {
        Vec::new()
    }

    fn kept_key(&self, key: &[String]) -> String {
        format!(" (PRIMARY KEY ({})) ENGINE=InnoDB", key.join(", "))
    }

    fn differs(&self, a: &str, b: &str) -> String {
        // What collations take for the same isn't, nor are numbers whose texts are cut.
        format!("NOT ({a} <=> {b} AND CAST({a} AS BINARY) <=> CAST({b} AS BINARY))")
    }

    fn given_numbers(&self) -> &'static str {
        ""
    }

    fn isolate(&self, client: &mut Client<'_>, at: Span) -> RunResult<()> {
        let sql = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ";
        client.ask(at, |it| it.execute(sql, &[])).map(|_| ())
    }

    fn silenced(&self, there: &[Object], table: &str) -> Option<[Vec<String>; 2]> {
        let mut own = there.iter().filter(|it| it.kind() == ObjectKind::Trigger);
        (!own.any(|it| it.table == table)).then(Default::default)
    }
}
