//! What a database can do to its structure where it keeps that as texts in a file, as SQLite does.

use super::{Database, DbError};
use crate::catalog::{Name, Table};
use std::collections::BTreeSet;

/// The structure, as texts that can be read and edited.
pub trait Structure {
    /// Runs a `CREATE` as the database itself reads what it keeps, a text in double quotes too: one that is kept and is made again, or that a
    /// script has as it is.
    fn create(&mut self, sql: &str) -> Result<(), DbError>;

    /// Compiles a statement; nothing is run. What are the texts of its program, those of the views and triggers that it goes by too, where
    /// some of these have a text in double quotes; nothing where none has.
    fn quoted_texts(&mut self, sql: &str) -> Result<Vec<String>, DbError>;

    /// What the database would know of the table `name` after these statements; nothing is kept of them.
    fn preview(&mut self, statements: &[String], name: &str) -> Result<Option<Table>, DbError>;

    /// Puts another text in place of the statement that is kept of a table: its rows are not touched, and must fit the text.
    fn rewrite(&mut self, table: &str, sql: &str) -> Result<(), DbError>;

    /// Renames a table, and nothing that speaks of it: a table that takes another one's place.
    fn replace_table(&mut self, new: &str, name: &str) -> Result<(), DbError>;

    /// Runs an `ALTER TABLE` that renames; what speaks of the table follows, and a view or trigger that can't be read stays as it is.
    fn rename(&mut self, sql: &str) -> Result<(), DbError>;

    /// How many bytes it takes.
    fn size(&mut self) -> Result<u64, DbError>;

    /// What is wrong with the file itself, or with a table of it and its indexes; nothing, where all is well.
    fn damage(&mut self, table: Option<&str>) -> Result<Option<String>, DbError>;

    /// What keeps another connection from reading these tables and what belongs to them as they are now, before they are kept; nothing,
    /// where it can.
    fn unreadable(&mut self, tables: &BTreeSet<Name>) -> Result<Option<String>, DbError>;

    /// From now on notes which tables are written to.
    fn watch(&mut self);

    /// The tables that statements could write to since [`Structure::watch`]: by themselves, by triggers, or by actions of foreign keys.
    fn written(&mut self) -> BTreeSet<Name>;

    /// Copies the database as it was before the transaction that is open into a file beside its own, whose name ends in `name`; its path.
    /// It is there once the transaction is committed, and not at all if it isn't. None for one in memory.
    fn backup(&mut self, name: &str) -> Result<Option<String>, DbError>;

    /// Makes a table that no other connection sees, to try values in it.
    fn create_temporary(&mut self, sql: &str) -> Result<(), DbError>;

    /// Whether a sketch of it costs less than a copy: it does but for a small database with very many tables.
    fn is_sketch_cheap(&mut self) -> Result<bool, DbError>;

    /// The same structure in memory, without rows, to see what becomes of it: it goes with the answer. What stops the one stops the other. None
    /// where it can't be made there as it is, or isn't cheap.
    fn sketch(&mut self) -> Result<Option<Box<dyn Database>>, DbError>;

    /// A copy as it is now, to try something on, in the same way; none of a database that may be written itself.
    fn copy(&mut self) -> Result<Option<Box<dyn Database>>, DbError>;
}
