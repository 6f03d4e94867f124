//! What MariaDB does in its own way when its structure is made. It ends a transaction with each statement that changes something, so that there
//! is none around all of them: what can be refused is refused before the first.

mod sync;

use super::Migrator;
use super::alteration::TableAlteration;
use super::engine::Engine;
use super::questions::Question;
use super::steps::DataSteps;
use crate::catalog::{Object, ObjectKind};
use crate::client::{Client, RunResult, quoted};
use crate::ir::{Model, ModelId};
use crate::source::Span;
use crate::value::Value;

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
        // There is none: a table without a key isn't altered.
        "NULL"
    }

    fn row_text(&self) -> &'static str {
        "NULL"
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
