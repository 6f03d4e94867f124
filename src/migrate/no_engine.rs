//! The engine of a database that this build has none for: a program of its own may bring such a [`Database`]. Scripts run on it; its structure is left alone.

use super::alteration::{Alteration, CastCheck, TableAlteration};
use super::engine::{AlterEngine, Engine};
use super::history::Undone;
use super::questions::Question;
use super::steps::DataSteps;
use super::{Change, Migrator, not_there};
use crate::catalog::{
    Column, Definition, Object, ObjectKind, Table, TableStorage, TriggerDefinition, ViewDefinition,
};
use crate::client::{Client, RunResult};
use crate::db::{Database, DbError};
use crate::diagnostics::ConcernedRows;
use crate::ir::{Model, ModelId};
use crate::source::Span;

/// What changes a structure is refused with E0618. What else is asked of it is asked on the way there alone, and says the least there is to say.
#[derive(Debug)]
pub(super) struct NoEngine;

impl Engine for NoEngine {
    fn sync(
        &self,
        migrator: &mut Migrator<'_>,
        _: Span,
        _: (Option<ModelId>, bool),
        _: &mut dyn DataSteps,
    ) -> RunResult<Vec<String>> {
        Err(not_there(migrator.client.database))
    }

    fn drop(
        &self,
        migrator: &mut Migrator<'_>,
        _: Span,
        _: Option<ModelId>,
    ) -> RunResult<Vec<String>> {
        Err(not_there(migrator.client.database))
    }

    fn alters(&self) -> Option<&'static dyn AlterEngine> {
        None
    }

    fn rehearse(
        &self,
        migrator: &mut Migrator<'_>,
        _: Alteration,
        _: &mut dyn DataSteps,
    ) -> RunResult<Vec<Change>> {
        Err(not_there(migrator.client.database))
    }

    fn alter(
        &self,
        migrator: &mut Migrator<'_>,
        _: Alteration,
        _: Option<ModelId>,
        _: &mut dyn DataSteps,
    ) -> RunResult<Vec<Change>> {
        Err(not_there(migrator.client.database))
    }

    fn rollback(&self, migrator: &mut Migrator<'_>) -> RunResult<Option<Undone>> {
        Err(not_there(migrator.client.database))
    }

    fn let_go(&self, client: &mut Client<'_>, _: Span) -> RunResult<()> {
        Err(not_there(client.database))
    }

    fn history_table(&self) -> &'static str {
        ""
    }

    fn same_object(&self, _: ObjectKind, a: &str, b: &str) -> bool {
        a == b
    }

    fn read_table(&self, _: &str) -> Option<Table> {
        None
    }

    fn definition(&self, kind: ObjectKind, _: &str) -> Definition {
        match kind {
            ObjectKind::Table => Definition::Table(TableStorage::Rows),
            ObjectKind::Index => Definition::Index,
            ObjectKind::View => Definition::View(ViewDefinition::default()),
            ObjectKind::Trigger => Definition::Trigger(TriggerDefinition::default()),
        }
    }

    fn own_objects(&self, client: &mut Client<'_>) -> RunResult<Vec<Object>> {
        Err(not_there(client.database))
    }

    fn row_name(&self) -> &'static str {
        ""
    }

    fn row_text(&self) -> &'static str {
        ""
    }

    fn extremes(&self, _: &str) -> String {
        String::new()
    }

    fn is_alike(&self, a: &Column, b: &Column) -> bool {
        a.data_type == b.data_type
    }

    fn uuid(&self, _: Option<&str>) -> String {
        String::new()
    }

    fn converted(&self, _: &Column) -> Option<String> {
        None
    }

    fn questions(&self, _: &Model, _: &TableAlteration<'_>) -> Vec<Question> {
        Vec::new()
    }

    fn misfits_of(
        &self,
        client: &mut Client<'_>,
        _: &Alteration,
        _: [&Table; 2],
        _: (&str, &Column),
        _: CastCheck,
    ) -> RunResult<Option<ConcernedRows>> {
        Err(not_there(client.database))
    }

    fn other_form(&self, _: &str) -> String {
        String::new()
    }

    fn script(&self, _: &[Change], _: &dyn Database) -> Result<String, DbError> {
        Ok(String::new())
    }
}
