//! What servers have in common when a structure changes: a plan is made of what is there and of what the server makes of the script's own
//! statements, rows are asked, and what would lose something is refused. How each of them says a change, and carries it out, is its engine's.

pub(super) mod around;
mod beside;
pub(super) mod carried;
pub(super) mod data_steps;
pub(super) mod differences;
pub(super) mod plan;
mod refusals;
pub(super) mod renamed;
mod steps_aside;
pub(super) mod whole;
pub(super) mod work;

use super::alteration::TableAlteration;
use super::ddl::TableDdl;
use super::engine::Engine;
use super::renames::Renaming;
use super::{Detail, Migrator, StepCost, StepOutcome};
use crate::catalog::{Column, Difference, Object, ObjectKind, Table};
use crate::client::{Client, RunResult};
use crate::ir::{DataStep, Enumeration, ExtraColumns, ModelId};
use crate::source::Span;
use crate::sql::SchemaObject;
use crate::value::Value;
use around::{KeyAround, ViewAround};
use plan::{DesiredStructure, Planning};
use std::collections::{BTreeSet, HashSet};
use work::WorkStatement;

/// Tables that are made only to see what the server makes of them.
#[derive(Debug, Default)]
pub(super) struct TablesAside {
    /// Each by its name, with its statements: that of the table, then those of what is on it.
    pub tables: Vec<(String, Vec<String>)>,
    /// The names that they get then.
    pub renames: Vec<Renaming>,
    /// What is done to them behind that.
    pub behind: Vec<String>,
}

/// A server that has an `ALTER TABLE` for what changes of a table.
pub(super) trait ServerEngine: Engine {
    // What is there, and what statements make.

    /// All foreign keys.
    fn keys(&self, client: &Client<'_>, at: Span) -> RunResult<Vec<KeyAround>>;

    /// All views, with what they read of tables and of other views.
    fn views(&self, client: &Client<'_>, at: Span, there: &[Object]) -> RunResult<Vec<ViewAround>>;

    /// What the server makes of the script's tables and views, but maybe of those tables that are alike `there`; nothing is left of it.
    fn desired(
        &self,
        migrator: &mut Migrator<'_>,
        at: Span,
        there: &[Object],
    ) -> RunResult<DesiredStructure>;

    /// A table that is there.
    fn current(
        &self,
        client: &mut Client<'_>,
        at: Span,
        name: &str,
        _: &[Object],
    ) -> RunResult<Option<Table>> {
        client.ask(at, |it| it.table(name))
    }

    /// What tables of these names are when they are made so; nothing is left of them. What is said of foreign keys is left out.
    fn made_of(
        &self,
        migrator: &mut Migrator<'_>,
        at: Span,
        aside: &TablesAside,
        names: &[String],
    ) -> RunResult<Vec<Option<Table>>>;

    /// The statements that make a table, but for its foreign keys.
    fn without_keys(&self, table: &Table) -> Vec<String>;

    /// In what a table differs that is the script's matter, with the indexes that have another statement.
    fn found(&self, current: &Table, desired: &Table, extra: ExtraColumns) -> Vec<Difference>;

    /// Whether two statements make the same view.
    fn is_same_view(&self, current: &str, desired: &str) -> bool;

    /// Whether two values of a column's type can be the same.
    fn has_equality(&self, column: &Column) -> bool;

    // The plan.

    /// Refuses what this server can't do to a table, or what would be lost with it.
    fn refuse(
        &self,
        _: &Planning<'_>,
        _: &mut Migrator<'_>,
        _: &TableAlteration<'_>,
        _: &[Difference],
    ) -> RunResult<()> {
        Ok(())
    }

    /// Refuses what names that change would break.
    fn refuse_renamed(&self, _: &Planning<'_>, _: &Migrator<'_>) {}

    /// Adds what is done to a table that is there, its foreign keys and indexes too, as far as these differ.
    fn alter_table(
        &self,
        planning: &mut Planning<'_>,
        migrator: &mut Migrator<'_>,
        task: (&TableAlteration<'_>, Vec<Detail>),
        indexes: Vec<Difference>,
    ) -> RunResult<()>;

    /// Adds a type that comes, or changes.
    fn enumeration(
        &self,
        _: &mut Planning<'_>,
        _: &mut Migrator<'_>,
        _: &Enumeration,
        _: &HashSet<SchemaObject>,
        _: String,
    ) -> RunResult<()> {
        Ok(())
    }

    /// Adds what is said of tables that are there, where that has statements of its own.
    fn comments(
        &self,
        _: &mut Planning<'_>,
        _: &mut Migrator<'_>,
        _: Option<ModelId>,
        _: &[TableDdl],
    ) -> RunResult<()> {
        Ok(())
    }

    // Its words.

    /// The schema or database around, in quotes.
    fn around(&self, client: &Client<'_>, at: Span) -> RunResult<String>;

    /// What stands behind `AS` of a query that is looked up by its name, so that it isn't carried out as a whole.
    fn query_word(&self) -> &'static str;

    /// What gives tables other names, in an order in which each is free: the statements of each of them.
    fn rename_tables(&self, moves: &[Renaming]) -> Vec<Vec<WorkStatement>>;

    /// The same of a table's columns; `all` are their old and new names.
    fn rename_columns(
        &self,
        table: &str,
        moves: &[Renaming],
        all: &[Renaming],
    ) -> Vec<Vec<WorkStatement>>;

    /// Whether what is said of views and keys follows a name.
    fn views_follow(&self) -> bool;

    /// Whether an index that the script says nothing of any more goes by a statement of its own.
    fn drops_indexes_apart(&self) -> bool;

    /// Whether a foreign key gets another name by itself.
    fn renames_keys(&self) -> bool;

    /// What it costs to add a foreign key.
    fn key_cost(&self) -> StepCost;

    /// What drops an object that isn't a table.
    fn drop_object(&self, kind: ObjectKind, name: &str) -> String;

    /// Statements that keep a table that goes, with all that is on it; its keys refer to nothing any more.
    fn keep_table(&self, migration: u64, table: &str, keys: &[String]) -> Vec<WorkStatement>;

    // Data steps.

    /// A column that comes before steps have filled it may be null.
    fn open(&self, column: &mut Column);

    /// The tables to which a step may have written that has just run in a transaction.
    fn written(
        &self,
        client: &mut Client<'_>,
        at: Span,
        step: &DataStep,
        done: &StepOutcome,
    ) -> RunResult<BTreeSet<String>>;

    /// The tables in which rows of a table are kept, in quotes: while a step runs, and behind it.
    fn step_tables(&self, migration: u64, table: &str) -> [String; 2];

    /// Whether a step has kept rows of a table.
    fn has_kept_step(
        &self,
        client: &mut Client<'_>,
        migration: u64,
        table: &str,
    ) -> RunResult<bool>;

    /// What has to be there before a step's rows are kept: statements.
    fn room_for_steps(&self, migration: u64) -> Vec<String>;

    /// The clause of a table that keeps rows by which it has a key.
    fn kept_key(&self, key: &[String]) -> String;

    /// Whether two values of one type are not the same to the bit.
    fn differs(&self, a: &str, b: &str) -> String;

    /// The clause of an INSERT that gives columns their numbers which number themselves.
    fn given_numbers(&self) -> &'static str;

    /// The transaction that comes next sees no row of others that comes while it is open.
    fn isolate(&self, _: &mut Client<'_>, _: Span) -> RunResult<()> {
        Ok(())
    }

    /// Nobody else writes to these tables until the transaction ends, which read all of them first.
    fn keep_writers_out(&self, _: &mut Client<'_>, _: Span, _: &BTreeSet<String>) -> RunResult<()> {
        Ok(())
    }

    /// What switches the triggers of a table off, and on again; none where that isn't possible.
    fn silenced(&self, there: &[Object], table: &str) -> Option<[Vec<String>; 2]>;
}

/// Objects of Relata's own: a row each, with the word of its kind, its name and its table.
pub(super) fn own_objects(
    engine: &dyn Engine,
    client: &Client<'_>,
    sql: &str,
) -> RunResult<Vec<Object>> {
    let rows = client.rows(Span::default(), sql, &[])?;
    let own = rows.iter().filter_map(|row| {
        let [Value::Text(word), Value::Text(name), Value::Text(table)] = row.as_slice() else {
            return None;
        };
        let kind = ObjectKind::ALL.into_iter().find(|it| it.word() == word.as_str())?;
        let definition = engine.definition(kind, "");
        Some(Object { name: name.to_string(), table: table.to_string(), sql: None, definition })
    });
    Ok(own.collect())
}
