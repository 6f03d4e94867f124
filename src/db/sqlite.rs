//! SQLite.

mod authorizer;
mod copy;
mod describe;
mod encoding;
mod error;
mod kept;
mod math;
mod open;
mod quoting;
mod regexp;
mod schema_check;
mod sketch;
mod structure;
mod value;
mod wait;

use super::stop::StopSignal;
use super::{Database, DbError, DbErrorKind, Interrupter, KeyViolations, Structure};
use crate::catalog::{Object, ObjectKind, ShownColumn, Table};
use crate::sql::{Dialect, SchemaObject, SchemaObjectKind};
use crate::value::Value;
use authorizer::Guard;
use copy::SideFile;
use quoting::{FirstWord, quote_names};
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, Statement};
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::ops::{ControlFlow, Deref};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};
use value::{Parameter, value};
use wait::Patience;

/// So often a rollback is tried that someone stops.
const TRIES: usize = 8;

/// So many steps of SQLite's machine lie between two looks at the clock: some microseconds.
const STEPS: i32 = 1000;

/// A database of SQLite: a file, or in memory.
///
/// Every connection enforces foreign keys, and lets what a script wrote reach nothing outside of it. What stands in double quotes in a
/// statement is a name; in the views and triggers of the database it may be a text, as SQLite's default build has it.
#[derive(Debug)]
pub struct Sqlite {
    connection: Connection,
    guard: Guard,
    stop: StopSignal,
    /// How many bytes what runs may take.
    memory: Cell<Option<u64>>,
    /// How long it waits for other programs.
    patience: Patience,
    name: String,
    /// The file, where it is one.
    file: Option<PathBuf>,
    /// Whether a transaction was begun, and neither committed nor rolled back by Relata.
    begun: Cell<bool>,
    /// Whether it could not be rolled back.
    stuck: Cell<bool>,
    /// The copy of how it was before the transaction.
    copy: RefCell<Option<SideFile>>,
    /// Room for the values of a row, as long as no row is in it.
    room: RefCell<Vec<Value>>,
}

/// What is asked of it. None of that needs the connection for itself, so that statements may be kept beside it.
struct SharedSqlite<'c>(&'c Sqlite);

impl Deref for SharedSqlite<'_> {
    type Target = Sqlite;

    fn deref(&self) -> &Sqlite {
        self.0
    }
}

impl Sqlite {
    /// The only row of one of Relata's own statements, which may do what a script's may not.
    fn query_own<T>(
        &self,
        sql: &str,
        read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, DbError> {
        self.check_interrupted()?;
        let _trusted = self.guard.trust();
        let asked = self.connection.query_row(sql, [], read);
        asked.map_err(|it| self.stopped(error::of(it)))
    }

    /// One of Relata's own statements, which yields nothing.
    fn execute_own(&self, sql: &str) -> Result<(), DbError> {
        let _trusted = self.guard.trust();
        let done = self.connection.execute_batch(sql);
        done.map_err(|it| self.stopped(error::of(it)))
    }

    /// What Relata itself asks.
    fn ask<T>(
        &self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, DbError> {
        self.check_interrupted()?;
        let _trusted = self.guard.trust();
        question(&self.connection).map_err(|it| self.stopped(error::of(it)))
    }

    /// Does something that needs another setting of the connection. To set it back is no statement: nothing stops it.
    fn with<T>(
        &self,
        settings: &[(DbConfig, bool)],
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, DbError> {
        let set = |back: bool| {
            settings.iter().try_for_each(|(setting, on)| {
                let set = self.connection.set_db_config(*setting, *on != back);
                set.map(|_| ()).map_err(error::of)
            })
        };
        let noted = self.guard.take_noted();
        let done = set(false).and_then(|()| self.ask(work));
        self.guard.resume_noting(noted);
        set(true)?;
        done
    }

    /// Fails where someone has asked to stop, time is up, or the transaction is none any more (which may be because of that).
    fn check_interrupted(&self) -> Result<(), DbError> {
        self.stop.reason().map_or(Ok(()), Err)?;
        self.check_transaction()
    }

    /// Fails where the transaction that was begun is none any more: what follows would be kept by itself.
    fn check_transaction(&self) -> Result<(), DbError> {
        if self.has_ended() {
            let message = "the transaction is over: all of it was undone";
            return Err(DbError::new(DbErrorKind::Undone, message));
        }
        Ok(())
    }

    /// Undoes all of the transaction that is open, if one is.
    fn undo_all(&self) -> Result<(), DbError> {
        let (mut tries, mut asked) = (TRIES, false);
        while !self.connection.is_autocommit() {
            match self.execute_own("ROLLBACK") {
                // Whoever stops what runs doesn't mean this.
                Err(error) if error.kind == DbErrorKind::Interrupted && tries > 0 => {
                    (tries, asked) = (tries - 1, true);
                }
                done => done?,
            }
        }
        if asked {
            self.stop.ask();
        }
        Ok(())
    }

    /// Who stopped it: someone, or the clock. Whatever SQLite calls it: within a rename, a statement that is stopped while it is read is one
    /// that it can't make sense of.
    fn stopped(&self, found: DbError) -> DbError {
        self.stop.reason().unwrap_or(found)
    }

    /// Does something while a text in double quotes is one in statements that create, too.
    fn with_texts<T>(&self, work: impl FnOnce(&Self) -> Result<T, DbError>) -> Result<T, DbError> {
        let texts = DbConfig::SQLITE_DBCONFIG_DQS_DDL;
        let set = self.connection.set_db_config(texts, true);
        let noted = self.guard.take_noted();
        let done = set.map_err(error::of).and_then(|_| work(self));
        self.guard.resume_noting(noted);
        let back = self.connection.set_db_config(texts, false);
        back.map_err(error::of)?;
        done
    }

    fn run(&self, sql: &str, parameters: &mut dyn Iterator<Item = &Value>) -> Result<u64, DbError> {
        let parameters = rusqlite::params_from_iter(parameters.map(Parameter));
        let run = || self.connection.prepare_cached(sql)?.execute(parameters);
        let changed = run();
        changed.map(|it| it as u64).map_err(|it| self.script_error(it))
    }

    /// Shows the rows of a statement.
    fn read(
        &self,
        statement: &mut Statement<'_>,
        parameters: &[Value],
        each: &mut dyn FnMut(&mut [Value]) -> ControlFlow<()>,
    ) -> rusqlite::Result<()> {
        let mut values = self.room.take();
        let mut rows =
            statement.query(rusqlite::params_from_iter(parameters.iter().map(Parameter)))?;
        while let Some(row) = rows.next()? {
            values.clear();
            // A table that has changed since may have made it another.
            let width = row.as_ref().column_count();
            for i in 0..width {
                values.push(value(row.get_ref(i)?));
            }
            if each(&mut values).is_break() {
                break;
            }
        }
        values.clear();
        self.room.replace(values);
        Ok(())
    }

    /// What to say of an error of a statement that a script had a part in.
    fn script_error(&self, found: rusqlite::Error) -> DbError {
        let mut found = self.stopped(error::of(found));
        if let Some(message) = self.memory.get().and_then(|it| error::too_large(&found, it)) {
            found.kind = DbErrorKind::TooLarge;
            found.message = message;
        }
        if let Some(what) = self.guard.denied() {
            found.kind = DbErrorKind::Forbidden;
            found.message = format!("may not use {what}");
        }
        found.ended = self.has_ended();
        found
    }
}

impl Database for SharedSqlite<'_> {
    fn name(&self) -> &str {
        &self.name
    }

    fn dialect(&self) -> &'static Dialect {
        Dialect::SQLITE
    }

    fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<u64, DbError> {
        self.execute_with(sql, &mut parameters.iter())
    }

    fn execute_with(
        &mut self,
        sql: &str,
        parameters: &mut dyn Iterator<Item = &Value>,
    ) -> Result<u64, DbError> {
        self.check_interrupted()?;
        match quote_names(sql) {
            // SQLite reads all that is kept once more.
            (FirstWord::Alter, sql) => self.with_texts(|it| it.run(&sql, parameters)),
            (FirstWord::Create | FirstWord::Other, sql) => self.run(&sql, parameters),
        }
    }

    fn query(
        &self,
        sql: &str,
        parameters: &[Value],
        each: &mut dyn FnMut(&mut [Value]) -> ControlFlow<()>,
    ) -> Result<(), DbError> {
        self.check_interrupted()?;
        let (_, sql) = quote_names(sql);
        let statement = self.connection.prepare_cached(&sql);
        let read = statement.and_then(|mut it| self.read(&mut it, parameters, each));
        read.map_err(|it| self.script_error(it))
    }

    fn query_in_parts(
        &self,
        sql: &str,
        parameters: &[Value],
        each: &mut dyn FnMut(&mut [Value]) -> ControlFlow<()>,
    ) -> Result<(), DbError> {
        // It steps, and whatever else is asked steps beside it.
        self.query(sql, parameters, each)
    }

    fn begin(&mut self) -> Result<(), DbError> {
        if self.has_ended() {
            // Whoever began it never came to its end.
            self.rollback()?;
        }
        self.check_interrupted()?;
        self.execute_own("BEGIN IMMEDIATE")?;
        self.begun.set(true);
        Ok(())
    }

    fn commit(&mut self) -> Result<(), DbError> {
        self.check_transaction()?;
        if let Some(copy) = &*self.copy.borrow() {
            copy.keep()?;
        }
        if let Err(error) = self.execute_own("COMMIT") {
            if let Some(copy) = &*self.copy.borrow() {
                copy.delete_name()?;
            }
            return Err(error);
        }
        self.begun.set(false);
        self.copy.replace(None);
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), DbError> {
        let undone = self.undo_all();
        let stuck = !self.connection.is_autocommit();
        self.stuck.set(stuck);
        self.begun.set(stuck);
        undone?;
        self.copy.take().map_or(Ok(()), |it| it.remove())
    }

    fn has_ended(&self) -> bool {
        self.begun.get() && (self.stuck.get() || self.connection.is_autocommit())
    }

    fn savepoint(&mut self, depth: usize) -> Result<(), DbError> {
        self.check_interrupted()?;
        self.execute_own(&format!("SAVEPOINT relata_{depth}"))
    }

    fn release(&mut self, depth: usize) -> Result<(), DbError> {
        self.check_transaction()?;
        self.execute_own(&format!("RELEASE relata_{depth}"))
    }

    fn rollback_to(&mut self, depth: usize) -> Result<(), DbError> {
        self.check_transaction()?;
        let sql = format!("ROLLBACK TO relata_{depth}; RELEASE relata_{depth}");
        let Err(error) = self.execute_own(&sql) else {
            return Ok(());
        };
        // What can't be undone in part is undone as a whole: the transaction has ended.
        self.stuck.set(true);
        self.undo_all()?;
        Err(error)
    }

    fn last_row(&self) -> i64 {
        self.connection.last_insert_rowid()
    }

    #[expect(clippy::disallowed_methods, reason = "the database has the clock")]
    fn now(&mut self) -> i64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        since.map_or(0, |it| i64::try_from(it.as_millis()).unwrap_or(i64::MAX))
    }

    fn random(&mut self) -> Result<[u8; 16], DbError> {
        self.ask(|it| {
            let mut statement = it.prepare_cached("SELECT randomblob(16)")?;
            statement.query_row([], |row| row.get(0))
        })
    }

    fn foreign_keys(&mut self) -> Result<bool, DbError> {
        self.query_own("PRAGMA foreign_keys", |row| row.get(0))
    }

    fn set_foreign_keys(&mut self, on: bool) -> Result<(), DbError> {
        // No statement: nothing stops it.
        let set = (self.connection).set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, on);
        if set.map_err(error::of)? == on {
            return Ok(());
        }
        let message = "this SQLite doesn't enforce foreign keys";
        Err(DbError::new(DbErrorKind::CannotOpen, message))
    }

    fn defer_foreign_keys(&mut self, on: bool) -> Result<(), DbError> {
        self.execute_own(if on {
            "PRAGMA defer_foreign_keys = ON"
        } else {
            "PRAGMA defer_foreign_keys = OFF"
        })
    }

    fn violations(&mut self) -> Result<KeyViolations, DbError> {
        let all = self
            .query_own("SELECT count(*) FROM pragma_foreign_key_check", |row| row.get::<_, i64>(0));
        match all {
            Ok(rows) => Ok(KeyViolations { rows: rows.unsigned_abs(), broken: Vec::new() }),
            // One key that can't be followed hides all the others.
            Err(error) if error.kind == DbErrorKind::Refused => {
                let found = self.ask(describe::violations)?;
                // A key that wasn't followed to its end is none that leads nowhere.
                self.check_interrupted().map(|()| found)
            }
            Err(error) => Err(error),
        }
    }

    fn objects(&mut self) -> Result<Vec<Object>, DbError> {
        self.ask(describe::objects)
    }

    fn shown_columns(&mut self, view: &str) -> Result<Vec<ShownColumn>, DbError> {
        match self.ask(|it| describe::shown_columns(it, view)) {
            // It reads what isn't there any more.
            Err(error) if error.kind == DbErrorKind::Refused => Ok(Vec::new()),
            found => found,
        }
    }

    fn schema_objects(&mut self) -> Result<HashSet<SchemaObject>, DbError> {
        let of = |it: Object| {
            let (kind, table) = match it.kind() {
                ObjectKind::Table => (SchemaObjectKind::Table, None),
                ObjectKind::Index => (SchemaObjectKind::Index, Some(it.table.into())),
                ObjectKind::View => (SchemaObjectKind::View, None),
                ObjectKind::Trigger => (SchemaObjectKind::Trigger, None),
            };
            SchemaObject { kind, name: it.name.into(), table }
        };
        Ok(self.objects()?.into_iter().map(of).collect())
    }

    fn table(&mut self, name: &str) -> Result<Option<Table>, DbError> {
        self.ask(|it| describe::table(it, name))
    }

    fn structure(&mut self) -> Option<&mut dyn Structure> {
        Some(self)
    }

    fn interrupter(&self) -> Interrupter {
        let (handle, stop) = (self.connection.get_interrupt_handle(), self.stop.clone());
        Interrupter::new(move || {
            stop.ask();
            handle.interrupt();
        })
    }

    fn forget_interrupt(&self) {
        self.stop.forget();
    }

    fn limit_time(&mut self, most: Option<Duration>) -> Result<(), DbError> {
        self.stop.limit(most);
        Ok(())
    }

    fn limit_wait(&mut self, most: Duration) -> Result<(), DbError> {
        self.patience.set(most);
        Ok(())
    }

    fn limit_memory(&mut self, most: u64) -> Result<(), DbError> {
        let longest = i32::try_from(error::longest_value(most)).unwrap_or(i32::MAX);
        let set = self.connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, longest);
        set.map_err(error::of)?;
        // It can only be lowered.
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.query_own(&format!("PRAGMA hard_heap_limit = {most}"), |_| Ok(()))?;
        self.memory.set(Some(most.unsigned_abs()));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
