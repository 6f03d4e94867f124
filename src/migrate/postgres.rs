//! What PostgreSQL does in its own way when its structure changes: it has an `ALTER TABLE` for most of it, and a transaction around all. What
//! there is already is held against what the server would make of the script's own statements, in a schema that is gone afterwards.

mod around;
mod aside;
mod beside;
mod carry;
mod comments;
mod described;
mod enumerations;
mod fits;
mod plan;
mod refusals;
mod renamed;
mod restore;
mod steps_aside;
mod sync;
mod table;
mod undo;
mod whole;
mod work;

use super::alteration::{Alteration, CastCheck, TableAlteration};
use super::engine::Engine;
use super::history::Undone;
use super::questions::Question;
use super::steps::DataSteps;
use super::transaction::{KeyEnforcement, TransactionEnd};
use super::{Change, ChangeMethod, Migrator, ServerTables};
use crate::catalog::{Column, Object, ObjectKind, Table};
use crate::client::{Client, RunResult, quoted};
use crate::db::{Database, DbError};
use crate::diagnostics::ConcernedRows;
use crate::ir::{Model, ModelId};
use crate::source::Span;
use crate::value::Value;
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
        _: &mut dyn DataSteps,
    ) -> RunResult<Vec<Change>> {
        carry::alter(migrator, alter, model)
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
            ObjectKind::Table => aside::is_same_statement((Some(a), Some(b))),
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
        let rows = client.rows(Span::default(), sql, &[])?;
        let own = rows.iter().filter_map(|row| {
            let [Value::Text(word), Value::Text(name), Value::Text(table)] = row.as_slice() else {
                return None;
            };
            let kind = ObjectKind::ALL.into_iter().find(|it| it.word() == word.as_str())?;
            let definition = self.definition(kind, "");
            Some(Object { name: name.to_string(), table: table.to_string(), sql: None, definition })
        });
        Ok(own.collect())
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
    ) -> RunResult<Option<ConcernedRows>> {
        fits::misfits_of(client, alter, current, value, asked)
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
