//! What each database does in its own way when its structure is made or changes: a file in this folder, or a folder, for each kind. All
//! else of `migrate` knows no database: it says what differs, what
//! is asked of rows, what is refused, in which order things are done, and what must hold of the outcome.

use super::Migrator;
use super::alteration::{
    Alteration, CastCheck, ChangePart, TableAlteration, TableChanges, TouchedTable,
};
use super::broken::BrokenObjects;
use super::ddl::TableDdl;
use super::history::last_migration::LastMigration;
use super::history::{Renamed, Undone};
use super::misfits::{ColumnMisfit, ColumnUnfit, Misfits};
use super::questions::Question;
use super::steps::DataSteps;
use super::verify::RowExtent;
use super::{Change, ChangeMethod, ServerTables, not_yet};
use crate::catalog::{
    Column, Definition, Name, Object, ObjectKind, Sequence, Table, TableStorage, TriggerDefinition,
    ViewDefinition,
};
use crate::client::{Client, RunResult, place};
use crate::db::{Database, DbError};
use crate::ir::{ExtraColumns, Model, ModelId};
use crate::source::Span;
use crate::sql::{Dialect, Sql};
use crate::value::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// What becomes of a table, as far as only its engine can say.
#[derive(Debug)]
pub(super) enum PlannedOutcome {
    /// A table that the database can read.
    Sound {
        /// What it is then, without indexes that have statements of their own.
        becomes: Box<Table>,
        /// The indexes that go with columns that go.
        gone: Vec<String>,
    },
    /// The database can't read what the table would be, and says why.
    Unreadable(String),
    /// There is nothing to do.
    Nothing,
}

/// What was done to a table.
#[derive(Debug)]
pub(super) struct AlteredTable {
    pub way: ChangeMethod,
    /// How many rows were written anew.
    pub rows: u64,
    /// The statements, in order.
    pub ran: Vec<String>,
    /// The text that is kept of it, where the statements leave another.
    pub kept: Option<String>,
}

/// A kind of database: how what isn't there is created, and how what a script declares is dropped. What an engine doesn't say it refuses with
/// E0618, or needs for nothing but what is refused.
pub(super) trait Engine {
    /// `sync`, `User sync`, `sync < force >`; the statements that it ran.
    fn sync(
        &self,
        migrator: &mut Migrator<'_>,
        at: Span,
        _: (Option<ModelId>, bool),
        _: &mut dyn DataSteps,
    ) -> RunResult<Vec<String>> {
        Err(not_yet(migrator.client.database, "`sync`", place(at)))
    }

    /// `drop`, `User drop`; the statements that it ran.
    fn drop(
        &self,
        migrator: &mut Migrator<'_>,
        at: Span,
        _: Option<ModelId>,
    ) -> RunResult<Vec<String>> {
        Err(not_yet(migrator.client.database, "`drop`", place(at)))
    }

    /// What it does where it keeps the statements of what is there as texts, which are edited; none where it has an `ALTER TABLE` that does all.
    fn alters(&self) -> Option<&'static dyn AlterEngine> {
        None
    }

    // What `relata diff` and `sync < alter >` do, and what undoes them.

    /// What would be changed, refused or not, and nothing is.
    fn rehearse(
        &self,
        migrator: &mut Migrator<'_>,
        _: Alteration,
        _: &mut dyn DataSteps,
    ) -> RunResult<Vec<Change>> {
        Err(not_yet(migrator.client.database, "`relata diff`", None))
    }

    /// Changes it.
    fn alter(
        &self,
        migrator: &mut Migrator<'_>,
        alter: Alteration,
        _: Option<ModelId>,
        _: &mut dyn DataSteps,
    ) -> RunResult<Vec<Change>> {
        Err(not_yet(migrator.client.database, "altering tables", place(alter.at)))
    }

    /// Undoes the last migration.
    fn rollback(&self, migrator: &mut Migrator<'_>) -> RunResult<Option<Undone>> {
        Err(not_yet(migrator.client.database, "`relata rollback`", None))
    }

    /// Gives up what is kept for rollbacks, in the transaction that is open.
    fn let_go(&self, _: &mut Client<'_>, _: Span) -> RunResult<()> {
        Ok(())
    }

    /// The statement of the history's table.
    fn history_table(&self) -> &'static str;

    // What is there, and what statements say.

    /// Whether two statements make the same object of a kind, however they are spelled.
    fn same_object(&self, _: ObjectKind, a: &str, b: &str) -> bool {
        a == b
    }

    /// The table that a statement makes; none where it can't be read.
    fn read_table(&self, _: &str) -> Option<Table> {
        None
    }

    /// What an object is that a statement made.
    fn definition(&self, kind: ObjectKind, _: &str) -> Definition {
        match kind {
            ObjectKind::Table => Definition::Table(TableStorage::Rows),
            ObjectKind::Index => Definition::Index,
            ObjectKind::View => Definition::View(ViewDefinition::default()),
            ObjectKind::Trigger => Definition::Trigger(TriggerDefinition::default()),
        }
    }

    /// The tables of Relata's own, and what belongs to them.
    fn own_objects(&self, client: &mut Client<'_>) -> RunResult<Vec<Object>>;

    /// The name of what tells rows apart in a table without a key.
    fn row_name(&self) -> &'static str;

    /// The same as a text, as SQL.
    fn row_text(&self) -> &'static str {
        self.row_name()
    }

    /// The least and the greatest value of a column, as SQL.
    fn extremes(&self, column: &str) -> String;

    /// Whether columns of two types may hold the same.
    fn is_alike(&self, a: &Column, b: &Column) -> bool {
        a.data_type == b.data_type
    }

    /// A UUID of chance, for each row another, as SQL; or one that begins so.
    fn uuid(&self, begin: Option<&str>) -> String;

    // What rows are asked.

    /// A value of a column as one of the type that it gets, as SQL, where that is known before it is one.
    fn converted(&self, _: &Column) -> Option<String> {
        None
    }

    /// What must be asked of rows on this database alone.
    fn questions(&self, model: &Model, task: &TableAlteration<'_>) -> Vec<Question>;

    /// The values, as they are or as they are computed, that don't fit the type that a column gets; none where all fit.
    fn misfits_of(
        &self,
        client: &mut Client<'_>,
        _: &Alteration,
        _: [&Table; 2],
        _: (&str, &Column),
        _: CastCheck,
    ) -> RunResult<Option<Misfits>> {
        Err(not_yet(client.database, "altering tables", None))
    }

    /// What is true of a DATE, as SQL, that has another form than Relata's.
    fn other_form(&self, _: &str) -> String {
        // A moment has one form.
        "false".to_owned()
    }

    /// A table as a script has it: without what the database adds by itself.
    fn told(&self, table: Table) -> Table {
        table
    }

    /// What it makes of a script's tables, where it is asked for that; nothing is left of them.
    fn made(&self, migrator: &mut Migrator<'_>, _: &[Object]) -> RunResult<ServerTables> {
        Err(not_yet(migrator.client.database, "this", None))
    }

    /// A plan as a script for the database's own program.
    fn script(&self, _: &[Change], _: &dyn Database) -> Result<String, DbError> {
        Ok(String::new())
    }
}

/// A kind of database that keeps the statements of its tables as texts: how these are edited, and what becomes of rows.
pub(super) trait AlterEngine: Engine {
    // What is there, and what statements say.

    /// A `CREATE` that makes what isn't there, and hides nothing that has its name.
    fn to_create<'s>(&self, sql: &'s str) -> Cow<'s, str>;

    /// Whether what is kept of an object was made by that statement.
    fn is_kept(&self, kept: &str, statement: &str) -> bool;

    /// Whether two statements make the same view of what is there.
    fn same_view(&self, a: &str, b: &str, there: &[&Object]) -> bool;

    /// Whether two statements make the same index of a table.
    fn same_index(&self, table: &Table, a: &str, b: &str) -> bool;

    /// The table that these statements would make, with its indexes.
    fn preview(
        &self,
        client: &mut Client<'_>,
        at: Span,
        statements: &[String],
        table: &str,
    ) -> RunResult<Option<Table>>;

    /// The table that a statement made; an empty one where it can't be made any more.
    fn former_table(
        &self,
        client: &mut Client<'_>,
        at: Span,
        statement: &str,
        table: &str,
    ) -> RunResult<Table>;

    /// The last numbers that tables gave.
    fn sequences(&self, client: &mut Client<'_>, at: Span) -> RunResult<Vec<Sequence<Value>>>;

    /// What shows which rows refer to nothing: a statement.
    fn key_check(&self) -> &'static str;

    /// A statement with the values in place of its parameters, without what it tells of the rows that it has written.
    fn inline(&self, sql: &Sql, dialect: &Dialect) -> String;

    // The plan.

    /// How a table becomes what is desired, as far as the part at hand goes; none where one of the statements can't be read.
    fn changes(
        &self,
        current: &Table,
        desired: &Table,
        scope: (ChangePart, ExtraColumns),
    ) -> Option<TableChanges>;

    /// The statement of a table whose columns that come, and of which nothing says what rows hold there, may be anything: steps fill them.
    /// Generated ones are among these where they can be computed of all rows already.
    fn to_be_filled(
        &self,
        current: &Table,
        desired: &Table,
        has_value: &dyn Fn(&str) -> bool,
        is_computable: &dyn Fn(&str) -> bool,
    ) -> Option<String>;

    /// What becomes of a table by its changes, to which it adds what rows have to move for.
    fn planned_outcome(
        &self,
        client: &mut Client<'_>,
        at: Span,
        tables: (&Table, &mut Table),
        todo: &mut TableChanges,
    ) -> RunResult<PlannedOutcome>;

    // What rows are asked.

    /// The values of all tables that don't fit the types of their attributes.
    fn misfits(&self, migrator: &mut Migrator<'_>) -> RunResult<Vec<ColumnMisfit>>;

    /// The values of all tables that another database can't take.
    fn unfit(&self, migrator: &mut Migrator<'_>, dialect: &Dialect) -> RunResult<Vec<ColumnUnfit>>;

    /// The DATE columns of a table that have values in other forms, and of which `using` says something; the others may be told.
    fn dates(
        &self,
        migrator: &mut Migrator<'_>,
        alter: &Alteration,
        table: &TableDdl,
        scope: (&dyn Fn(&str) -> bool, bool),
    ) -> RunResult<Vec<String>>;

    /// Tells of the moments in another form that rows of a model have; only if the first rows show one, where it is only looked at.
    fn tell_moments(
        &self,
        migrator: &mut Migrator<'_>,
        at: Span,
        model: &Model,
        first: bool,
    ) -> RunResult<()>;

    // Carrying out.

    /// Lets a table become what is planned, with its rows.
    fn alter_table(
        &self,
        migrator: &mut Migrator<'_>,
        alter: &Alteration,
        task: &TableAlteration<'_>,
    ) -> RunResult<AlteredTable>;

    /// Runs a statement that renames; what can't follow, where `broken` says that there is such, stays as it is.
    fn rename(
        &self,
        client: &mut Client<'_>,
        at: Span,
        sql: &str,
        scope: (usize, bool),
    ) -> RunResult<()>;

    /// Copies the database as it was before the transaction that is open; where the copy is.
    fn backup(&self, client: &mut Client<'_>, at: Span, name: &str) -> RunResult<Option<String>>;

    /// What stands before a query for rows, where tables and columns of those that are `there` will be renamed: it asks by their new names.
    fn former_names(
        &self,
        client: &mut Client<'_>,
        at: Span,
        there: &[Object],
        renames: &[Renamed],
    ) -> RunResult<String>;

    /// Whether what is to be done to these tables can be told of their rows by asking them; what wasn't asked yet is asked.
    fn is_known(
        &self,
        client: &mut Client<'_>,
        alter: &Alteration,
        tables: &[TouchedTable<'_>],
    ) -> RunResult<bool>;

    /// A copy of the database as it is now, to try something on, which goes with the answer; none of one that may be written itself.
    fn copy(&self, client: &mut Client<'_>, at: Span) -> RunResult<Option<Box<dyn Database>>>;

    // What must hold.

    /// Which views and triggers don't work.
    fn broken(&self, client: &mut Client<'_>, at: Span) -> RunResult<BrokenObjects>;

    /// What there is of a table's rows; nothing of one that a module keeps.
    fn extent(
        &self,
        client: &mut Client<'_>,
        at: Span,
        table: &Object,
    ) -> RunResult<Option<RowExtent>>;

    /// From now on notes which tables are written to.
    fn watch(&self, client: &mut Client<'_>, at: Span) -> RunResult<()>;

    /// The tables that statements could write to since.
    fn written(&self, client: &mut Client<'_>, at: Span) -> RunResult<BTreeSet<Name>>;

    /// What keeps another connection from reading these tables as they are now.
    fn unreadable(
        &self,
        client: &mut Client<'_>,
        at: Span,
        tables: &BTreeSet<Name>,
    ) -> RunResult<Option<String>>;

    /// How many bytes the database takes.
    fn size(&self, client: &mut Client<'_>, at: Span) -> RunResult<u64>;

    /// What is wrong with the database itself, or with a table of it.
    fn damage(
        &self,
        client: &mut Client<'_>,
        at: Span,
        table: Option<&str>,
    ) -> RunResult<Option<String>>;

    // What is kept for a rollback, and given back.

    /// Keeps all rows of a table that goes.
    fn keep_table(
        &self,
        client: &mut Client<'_>,
        at: Span,
        migration: u64,
        table: &str,
    ) -> RunResult<()>;

    /// Keeps the rows of the tables that a step is going to write to; the tables.
    fn keep_before(
        &self,
        client: &mut Client<'_>,
        at: Span,
        migration: u64,
        written: &BTreeSet<Name>,
    ) -> RunResult<Vec<Table>>;

    /// Of the rows that were kept those stay kept which the step has changed, with what it made of them.
    fn keep_changes(
        &self,
        client: &mut Client<'_>,
        at: Span,
        migration: u64,
        tables: &[Table],
    ) -> RunResult<()>;

    /// Undoes what a step did to the rows of these tables; what was written since stays.
    fn undo_step(
        &self,
        migrator: &mut Migrator<'_>,
        migration: i64,
        tables: &[String],
        ran: &mut Vec<String>,
    ) -> RunResult<()>;

    /// Lets a table be what it was, with the values that were kept of it; `later` is its name behind the migration.
    fn undo_table(
        &self,
        migrator: &mut Migrator<'_>,
        last: &LastMigration,
        tables: (&Object, &str),
        ran: &mut Vec<String>,
    ) -> RunResult<()>;

    /// A table that went comes again with its rows.
    fn make_again(
        &self,
        client: &mut Client<'_>,
        migration: i64,
        table: &Object,
        ran: &mut Vec<String>,
    ) -> RunResult<()>;
}
