//! What PostgreSQL does in its own way when its structure changes: it has an `ALTER TABLE` for most of it, and a transaction around all. What
//! there is already is held against what the server would make of the script's own statements, in a schema that is gone afterwards.

mod around;
mod aside;
mod carry;
mod comments;
mod data_steps;
mod described;
mod enumerations;
mod fits;
mod kept;
mod online;
mod restore;
mod steps;
mod sync;
mod table;
mod undo;

use super::alteration::{Alteration, CastCheck, TableAlteration};
use super::ddl::TableDdl;
use super::engine::Engine;
use super::history::Undone;
use super::misfits::Misfits;
use super::questions::Question;
use super::renames::Renaming;
use super::server::around::{KeyAround, ViewAround};
use super::server::carried::is_same_statement;
use super::server::plan::{DesiredStructure, Planning};
use super::server::work::{StatementEffect, WorkStatement};
use super::server::{ServerEngine, TablesAside, own_objects};
use super::steps::{DataSteps, StepOutcome};
use super::transaction::{KeyEnforcement, TransactionEnd};
use super::{Change, ChangeMethod, Detail, Migrator, ServerTables, StepCost, StepWaits, StepWork};
use crate::catalog::{Column, Difference, Object, ObjectKind, Table};
use crate::client::{Client, RunResult, quoted};
use crate::db::{Database, DbError};
use crate::ir::{DataStep, Enumeration, ExtraColumns, Model, ModelId};
use crate::source::Span;
use crate::sql::SchemaObject;
use std::collections::{BTreeSet, HashSet};
use sync::ServerSync;

/// A table in quotes; one in another schema has that before its name.
fn table_name(name: &str) -> String {
    match name.split_once('.') {
        Some((schema, table)) => format!("{}.{}", quoted(schema), quoted(table)),
        None => quoted(name),
    }
}

/// PostgreSQL.
#[derive(Debug)]
pub(super) struct PostgresEngine;

impl Engine for PostgresEngine {
    fn sync(
        &self,
        migrator: &mut Migrator<'_>,
        at: Span,
        (model, force): (Option<ModelId>, bool),
        _: &mut dyn DataSteps,
    ) -> RunResult<Vec<String>> {
        ServerSync::on_server(migrator, at, model, (force, true))
    }

    fn drop(
        &self,
        migrator: &mut Migrator<'_>,
        at: Span,
        model: Option<ModelId>,
    ) -> RunResult<Vec<String>> {
        ServerSync::on_server(migrator, at, model, (true, false))
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
        let schemas =
            "SELECT nspname::text FROM pg_namespace WHERE nspname LIKE '\\_relata\\_kept\\_%'";
        for schema in client.texts(at, schemas)? {
            let sql = format!("DROP SCHEMA {} CASCADE", quoted(&schema));
            client.ask(at, |it| it.execute(&sql, &[]))?;
        }
        Ok(())
    }

    fn history_table(&self) -> &'static str {
        "CREATE TABLE _relata_migrations (id INTEGER PRIMARY KEY, verb TEXT NOT NULL, \"appliedAt\" TEXT NOT NULL, version TEXT NOT NULL, \
         script TEXT NOT NULL, sql TEXT NOT NULL, renames TEXT NOT NULL, before TEXT, after TEXT NOT NULL, schema TEXT NOT NULL, \
         made TEXT NOT NULL, dangling INTEGER, \"rolledBackAt\" TEXT)"
    }

    fn same_object(&self, kind: ObjectKind, a: &str, b: &str) -> bool {
        match kind {
            ObjectKind::Table => is_same_statement((Some(a), Some(b))),
            ObjectKind::Index | ObjectKind::View | ObjectKind::Trigger => a == b,
        }
    }

    fn read_table(&self, sql: &str) -> Option<Table> {
        described::read(sql)
    }

    fn own_objects(&self, client: &mut Client<'_>) -> RunResult<Vec<Object>> {
        // What is kept of a table has its name, in the schema of the migration.
        let sql = "SELECT CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, \
                CASE WHEN n.nspname LIKE '\\_relata\\_kept\\_%' THEN n.nspname || '_' || c.relname ELSE c.relname END, c.relname::text \
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v') \
                AND (n.nspname LIKE '\\_relata\\_kept\\_%' OR n.nspname = current_schema() AND c.relname LIKE '\\_relata\\_%') \
             UNION ALL SELECT 'TRIGGER', g.tgname::text, c.relname::text FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid \
             JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE NOT g.tgisinternal AND n.nspname = current_schema() AND c.relname LIKE '\\_relata\\_%'";
        own_objects(self, client, sql)
    }

    fn row_name(&self) -> &'static str {
        "ctid"
    }

    fn row_text(&self) -> &'static str {
        "ctid::text"
    }

    fn converted(&self, to: &Column) -> Option<String> {
        // Every type has a text.
        let text = ["text", "character varying"].iter().any(|it| to.data_type.starts_with(it));
        text.then(|| fits::ServerCast::Text.sql(&quoted(&to.name), &to.data_type))
    }

    fn extremes(&self, column: &str) -> String {
        // Not every type that has an order has these as functions.
        let column = quoted(column);
        format!(
            "(array_agg({column} ORDER BY {column}))[1], (array_agg({column} ORDER BY {column} DESC))[1]"
        )
    }

    fn is_alike(&self, a: &Column, b: &Column) -> bool {
        fits::is_wider(&a.data_type, &b.data_type) || fits::is_wider(&b.data_type, &a.data_type)
    }

    fn uuid(&self, begin: Option<&str>) -> String {
        match begin {
            None => "gen_random_uuid()".to_owned(),
            Some(begin) => {
                format!("CAST('{begin}' || substr(CAST(gen_random_uuid() AS text), 20) AS uuid)")
            }
        }
    }

    fn questions(&self, _: &Model, _: &TableAlteration<'_>) -> Vec<Question> {
        Vec::new()
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

    fn made(&self, migrator: &mut Migrator<'_>, known: &[Object]) -> RunResult<ServerTables> {
        let at = Span::default();
        migrator.transact(at, KeyEnforcement::Enforced, |inner| {
            aside::tried(inner, at, known).map(TransactionEnd::Undone)
        })
    }

    fn script(&self, changes: &[Change], _: &dyn Database) -> Result<String, DbError> {
        if changes.is_empty() {
            return Ok(String::new());
        }
        let mut res = "BEGIN;\nSET LOCAL lock_timeout = '5s';\n".to_owned();
        for sql in changes.iter().flat_map(Change::statements) {
            res.push_str(sql);
            res.push_str(";\n");
        }
        let refused = changes.iter().any(|it| it.way == ChangeMethod::Refused);
        res.push_str(if refused {
            "-- what is refused is not in it\nROLLBACK;\n"
        } else {
            "COMMIT;\n"
        });
        Ok(res)
    }
}

impl ServerEngine for PostgresEngine {
    fn keys(&self, client: &Client<'_>, at: Span) -> RunResult<Vec<KeyAround>> {
        around::keys(client, at)
    }

    fn views(&self, client: &Client<'_>, at: Span, _: &[Object]) -> RunResult<Vec<ViewAround>> {
        around::views(client, at)
    }

    fn desired(
        &self,
        migrator: &mut Migrator<'_>,
        at: Span,
        there: &[Object],
    ) -> RunResult<DesiredStructure> {
        aside::desired(migrator, at, there)
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
        let indexes = table.indexes.iter().filter_map(|it| it.sql.clone());
        std::iter::once(aside::without_keys(&table.sql)).chain(indexes).collect()
    }

    fn found(&self, current: &Table, desired: &Table, extra: ExtraColumns) -> Vec<Difference> {
        table::found(current, desired, extra)
    }

    fn is_same_view(&self, current: &str, desired: &str) -> bool {
        current == desired
    }

    fn has_equality(&self, column: &Column) -> bool {
        !matches!(&*column.data_type, "json" | "xml" | "point")
    }

    fn refuse(
        &self,
        planning: &Planning<'_>,
        migrator: &mut Migrator<'_>,
        task: &TableAlteration<'_>,
        _: &[Difference],
    ) -> RunResult<()> {
        let former = planning.work.former(&task.current.name);
        if !task.used.is_empty() && around::other_triggers(planning.objects, former) {
            planning.not_yet(migrator, task, "give rows of a table values which has triggers that are enabled in a way of their own".to_owned());
        }
        Ok(())
    }

    fn alter_table(
        &self,
        planning: &mut Planning<'_>,
        migrator: &mut Migrator<'_>,
        (task, mut details): (&TableAlteration<'_>, Vec<Detail>),
        indexes: Vec<Difference>,
    ) -> RunResult<()> {
        planning.keys_of(migrator, task, &mut details)?;
        planning.alter_table_on_postgres(migrator, task, details)?;
        for index in indexes {
            planning.index_on_postgres(migrator, task, index)?;
        }
        Ok(())
    }

    fn enumeration(
        &self,
        planning: &mut Planning<'_>,
        migrator: &mut Migrator<'_>,
        enumeration: &Enumeration,
        made: &HashSet<SchemaObject>,
        sql: String,
    ) -> RunResult<()> {
        planning.enumeration_on_postgres(migrator, enumeration, made, sql)
    }

    fn comments(
        &self,
        planning: &mut Planning<'_>,
        migrator: &mut Migrator<'_>,
        model: Option<ModelId>,
        tables: &[TableDdl],
    ) -> RunResult<()> {
        planning.comments_on_postgres(migrator, model, tables)
    }

    fn around(&self, client: &Client<'_>, at: Span) -> RunResult<String> {
        let found = client.texts(at, "SELECT quote_ident(current_schema()::text)")?;
        Ok(found.into_iter().next().unwrap_or_else(|| "public".to_owned()))
    }

    fn query_word(&self) -> &'static str {
        "NOT MATERIALIZED "
    }

    fn rename_tables(&self, moves: &[Renaming]) -> Vec<Vec<WorkStatement>> {
        let one = |(from, to): &Renaming| {
            let sql = format!("ALTER TABLE {} RENAME TO {}", quoted(from), quoted(to));
            vec![WorkStatement::new(StatementEffect::TableName, from, sql)]
        };
        moves.iter().map(one).collect()
    }

    fn rename_columns(
        &self,
        table: &str,
        moves: &[Renaming],
        _: &[Renaming],
    ) -> Vec<Vec<WorkStatement>> {
        let one = |(from, to): &Renaming| {
            let (name, old, new) = (quoted(table), quoted(from), quoted(to));
            let sql = format!("ALTER TABLE {name} RENAME COLUMN {old} TO {new}");
            vec![WorkStatement::new(StatementEffect::ColumnNames, table, sql)]
        };
        moves.iter().map(one).collect()
    }

    fn views_follow(&self) -> bool {
        true
    }

    fn drops_indexes_apart(&self) -> bool {
        true
    }

    fn renames_keys(&self) -> bool {
        true
    }

    fn key_cost(&self) -> StepCost {
        StepCost { work: StepWork::Scans, waits: StepWaits::Writes }
    }

    fn drop_object(&self, kind: ObjectKind, name: &str) -> String {
        format!("DROP {} {}", kind.word(), quoted(name))
    }

    fn keep_table(&self, migration: u64, table: &str, keys: &[String]) -> Vec<WorkStatement> {
        let all = kept::keep_table(migration, table, keys);
        all.into_iter().map(|it| WorkStatement::of(table, it)).collect()
    }

    fn open(&self, column: &mut Column) {
        column.not_null = false;
        let text = column.text.strip_suffix(" NOT NULL").unwrap_or(&column.text);
        column.text = text.to_owned();
    }

    fn written(
        &self,
        client: &mut Client<'_>,
        at: Span,
        step: &DataStep,
        _: &StepOutcome,
    ) -> RunResult<BTreeSet<String>> {
        data_steps::written(client, at, step)
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
        data_steps::has_kept_step(client, migration, table)
    }

    fn room_for_steps(&self, migration: u64) -> Vec<String> {
        vec![format!("CREATE SCHEMA IF NOT EXISTS {}", quoted(&kept::kept_schema(migration)))]
    }

    fn kept_key(&self, _: &[String]) -> String {
        String::new()
    }

    fn differs(&self, a: &str, b: &str) -> String {
        // Not every type has an equality; each has a text.
        format!("({a})::text IS DISTINCT FROM ({b})::text")
    }

    fn given_numbers(&self) -> &'static str {
        " OVERRIDING SYSTEM VALUE"
    }

    fn keep_writers_out(
        &self,
        client: &mut Client<'_>,
        at: Span,
        tables: &BTreeSet<String>,
    ) -> RunResult<()> {
        carry::keep_writers_out(client, at, tables)
    }

    fn silenced(&self, there: &[Object], table: &str) -> Option<[Vec<String>; 2]> {
        if around::other_triggers(there, table) {
            return None;
        }
        let triggers = around::triggers(there, table);
        Some(["DISABLE", "ENABLE"].map(|how| {
            let each = triggers
                .iter()
                .map(|it| format!("ALTER TABLE {} {how} TRIGGER {}", quoted(table), quoted(it)));
            each.collect()
        }))
    }
}
