//! Databases, as Relata uses them.
//!
//! Invariant: what a script wrote reaches a database through [`Database::execute`] and [`Database::query`] alone, and
//! these let it do nothing outside of that database: no other file, no extension, no transaction of its own. A statement that writes and
//! fails leaves the transaction that it is in as it was, and open, unless [`Database::has_ended`] says otherwise.

mod error;
mod forward;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod server_list;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod statement_work;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod stop;
mod structure;
mod violations;

pub(crate) use error::in_words;
pub use error::{DbError, DbErrorKind, ErrorSubject, ServerFault};
#[cfg(feature = "mysql")]
pub use mysql::Mysql;
#[cfg(feature = "mysql")]
pub(crate) use mysql::{
    added_index, default_collation, is_utf8mb4, nullable_text, shown_key, shown_table,
    shown_trigger, split_check, temporary_table, told_table, view_body, without_keys,
    without_own_name,
};
#[cfg(feature = "postgres")]
pub use postgres::Postgres;
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;
pub use structure::Structure;
pub use violations::{KeyViolations, NewViolation};

use crate::catalog::{Object, ShownColumn, Surroundings, Table};
use crate::sql::{Dialect, SchemaObject};
use crate::value::Value;
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

/// A database that scripts run on.
pub trait Database {
    /// What reports call it: its path.
    fn name(&self) -> &str;

    /// The SQL that it speaks.
    fn dialect(&self) -> &'static Dialect;

    /// Runs one statement; returns how many rows it changed.
    fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<u64, DbError>;

    /// The same, for parameters that stand in several places: none of them is copied.
    fn execute_with(
        &mut self,
        sql: &str,
        parameters: &mut dyn Iterator<Item = &Value>,
    ) -> Result<u64, DbError>;

    /// Runs one statement that yields rows and shows each to `each`, until that breaks. `each` asks the database nothing, and may take values
    /// out of the row.
    fn query(
        &self,
        sql: &str,
        parameters: &[Value],
        each: &mut dyn FnMut(&mut [Value]) -> ControlFlow<()>,
    ) -> Result<(), DbError>;

    /// The same for a statement that reads, where `each` may ask the database further things while the statement waits.
    fn query_in_parts(
        &self,
        sql: &str,
        parameters: &[Value],
        each: &mut dyn FnMut(&mut [Value]) -> ControlFlow<()>,
    ) -> Result<(), DbError>;

    /// Begins a transaction that may write. From here until [`Database::commit`] or [`Database::rollback`] all that is asked of the database
    /// belongs to it, or fails.
    fn begin(&mut self) -> Result<(), DbError>;

    /// Ends the transaction and keeps what it did.
    fn commit(&mut self) -> Result<(), DbError>;

    /// Ends the transaction and undoes what it did; without one it does nothing. Where it fails, nothing else is done until it has been done.
    fn rollback(&mut self) -> Result<(), DbError>;

    /// Whether the database has ended the transaction that was begun, and undone all of it: it does so by itself where a statement fails in
    /// certain ways. All that is asked of it then fails, with [`DbErrorKind::Undone`], until [`Database::rollback`].
    fn has_ended(&self) -> bool;

    /// Whether what failed last, and writes, lost against somebody else's transaction: done again it may hold.
    fn lost_race(&self) -> bool {
        false
    }

    /// Whether the server is a node of a cluster each of whose nodes is written to.
    fn is_cluster(&self) -> bool {
        false
    }

    /// Waits until nobody else changes the structure as Relata does it, and keeps others who want to waiting, where no transaction does that.
    fn exclude_appliers(&mut self) -> Result<(), DbError> {
        Ok(())
    }

    /// Fails where others aren't kept waiting any more.
    fn excludes_appliers(&mut self) -> Result<(), DbError> {
        Ok(())
    }

    /// Lets others go on who were kept waiting.
    fn admit_appliers(&mut self) -> Result<(), DbError> {
        Ok(())
    }

    /// Begins a transaction within the one that is open; `depth` tells them apart.
    fn savepoint(&mut self, depth: usize) -> Result<(), DbError>;

    /// Ends an inner transaction and keeps what it did, as far as the outer one is kept.
    fn release(&mut self, depth: usize) -> Result<(), DbError>;

    /// Ends an inner transaction and undoes what it did. Where it fails, the whole transaction has ended.
    fn rollback_to(&mut self, depth: usize) -> Result<(), DbError>;

    /// The number of the row that was inserted last, where tables number their rows.
    fn last_row(&self) -> i64;

    /// The present moment, in milliseconds since 1970.
    fn now(&mut self) -> i64;

    /// Sixteen random bytes.
    fn random(&mut self) -> Result<[u8; 16], DbError>;

    /// Whether foreign keys are enforced.
    fn foreign_keys(&mut self) -> Result<bool, DbError>;

    /// Enforces foreign keys, or not. Between transactions only; nothing stops it.
    fn set_foreign_keys(&mut self, on: bool) -> Result<(), DbError>;

    /// Looks at foreign keys when the transaction ends, or at once again. What was passed over in between is for the caller
    /// to look for.
    fn defer_foreign_keys(&mut self, on: bool) -> Result<(), DbError>;

    /// What foreign keys say of the rows that are there.
    fn violations(&mut self) -> Result<KeyViolations, DbError>;

    /// The tables, indexes, views and triggers that are there (those of the database itself left out).
    fn objects(&mut self) -> Result<Vec<Object>, DbError>;

    /// The columns that a view shows; none of one that can't be read, and where the database doesn't tell.
    fn shown_columns(&mut self, _view: &str) -> Result<Vec<ShownColumn>, DbError> {
        Ok(Vec::new())
    }

    /// What is there beside tables, indexes, views and triggers, so that all of it can be said.
    fn surroundings(&mut self) -> Result<Surroundings, DbError> {
        Ok(Surroundings::default())
    }

    /// All that is there, of whatever kind a script could have made it.
    fn schema_objects(&mut self) -> Result<HashSet<SchemaObject>, DbError>;

    /// What the database knows of a table.
    fn table(&mut self, name: &str) -> Result<Option<Table>, DbError>;

    /// What can be done to the structure beside statements, where the database keeps it as texts.
    fn structure(&mut self) -> Option<&mut dyn Structure>;

    /// The same database, for many statements that are alike: where keeping them at hand saves looking for them, it does so until the
    /// answer goes.
    fn keeping_statements(&mut self) -> Box<dyn Database + '_> {
        Box::new(self)
    }

    /// What stops the statement that runs, from another thread.
    fn interrupter(&self) -> Interrupter;

    /// Forgets that someone has asked to stop: what was to stop has ended by itself, and what comes next isn't meant.
    fn forget_interrupt(&self);

    /// From now on statements may run so long, all together; then they fail with [`DbErrorKind::Late`]. None ends the
    /// limit.
    fn limit_time(&mut self, most: Option<Duration>) -> Result<(), DbError>;

    /// From now on what somebody else has locked is waited for so long; else five seconds.
    fn limit_wait(&mut self, _most: Duration) -> Result<(), DbError> {
        Ok(())
    }

    /// From now on what runs may take so many bytes, and a value an eighth of them; beyond that it fails with
    /// [`DbErrorKind::TooLarge`]. Where the database is a library of the process, what it takes for others counts too, and the least of all
    /// limits holds.
    fn limit_memory(&mut self, most: u64) -> Result<(), DbError>;
}

impl dyn Database + '_ {
    /// The rows that a query yields.
    ///
    /// # Errors
    /// What the database says no with.
    pub fn rows(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Vec<Value>>, DbError> {
        let mut rows = Vec::new();
        self.query(sql, parameters, &mut |row| {
            rows.push(row.to_vec());
            ControlFlow::Continue(())
        })?;
        Ok(rows)
    }

    /// The first row that a query yields.
    ///
    /// # Errors
    /// What the database says no with.
    pub fn row(&self, sql: &str, parameters: &[Value]) -> Result<Option<Vec<Value>>, DbError> {
        let mut found = None;
        self.query(sql, parameters, &mut |row| {
            found = Some(row.to_vec());
            ControlFlow::Break(())
        })?;
        Ok(found)
    }

    /// The number that a query yields.
    ///
    /// # Errors
    /// What the database says no with.
    pub fn number(&self, sql: &str, parameters: &[Value]) -> Result<Option<i64>, DbError> {
        let row = self.row(sql, parameters)?;
        Ok(match row.as_deref() {
            Some([Value::Integer(number), ..]) => Some(*number),
            // Where true and false are no numbers.
            Some([Value::Bool(it), ..]) => Some(i64::from(*it)),
            _ => None,
        })
    }
}

/// Stops what a database does. The statement that runs, or the next one, fails with [`DbErrorKind::Interrupted`].
///
/// ```
/// use relata::Interrupter;
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicBool, Ordering};
///
/// let stopped = Arc::new(AtomicBool::new(false));
/// let flag = Arc::clone(&stopped);
/// let stop = Interrupter::new(move || flag.store(true, Ordering::Relaxed));
/// stop.interrupt();
/// assert!(stopped.load(Ordering::Relaxed));
/// ```
#[derive(Clone)]
pub struct Interrupter(Arc<dyn Fn() + Send + Sync>);

impl Interrupter {
    /// Stops by calling `stop`.
    pub fn new(stop: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(stop))
    }

    /// Stops it.
    pub fn interrupt(&self) {
        (self.0)();
    }
}

impl std::fmt::Debug for Interrupter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Interrupter")
    }
}
