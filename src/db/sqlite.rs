//! SQLite.

mod describe;
mod error;
mod guard;
mod regexp;

use super::{Database, DbError, DbErrorKind, Interrupter, Object, Table, Violations};
use crate::sql::Dialect;
use crate::value::Value;
use guard::Guard;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// How long it waits for another program that writes.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest statement, in bytes. Those that Relata writes of any sensible schema are far shorter.
const LONGEST_STATEMENT: i32 = 64 << 20;

/// So many statements are kept ready.
const STATEMENTS: usize = 256;

/// So many steps of SQLite's machine lie between two looks at the clock: some microseconds.
const STEPS: i32 = 1000;

/// A database of SQLite: a file, or in memory.
///
/// Every connection enforces foreign keys, takes no text in double quotes for a string, and lets what a script wrote
/// reach nothing outside of it.
#[derive(Debug)]
pub struct Sqlite {
    connection: Connection,
    guard: Guard,
    stop: Arc<AtomicBool>,
    /// When its time is up, and how much it was given.
    deadline: Option<(Instant, Duration)>,
    name: String,
}

impl Sqlite {
    /// Opens a file, which is made where there is none.
    ///
    /// # Errors
    /// Where it can't be opened, is no database, or stays busy for five seconds.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, DbError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let path = path.as_ref();
        let name = path.to_string_lossy().into_owned();
        if name.is_empty() {
            return Err(DbError::new(DbErrorKind::CannotOpen, "its path is empty"));
        }
        let connection = Connection::open_with_flags(path, flags).map_err(error::opening)?;
        Self::new(connection, name)
    }

    /// A copy of a file as it is now, to try something on: it goes with the answer. Nobody is kept from writing the file but while it is
    /// read, and nothing is written to it.
    ///
    /// # Errors
    /// Where there is no such file, it is no database, or stays busy for five seconds.
    pub fn rehearsal(path: impl AsRef<Path>) -> Result<Self, DbError> {
        let path = path.as_ref();
        if path.is_dir() {
            return Err(DbError::new(DbErrorKind::CannotOpen, "it is a folder"));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let from = Connection::open_with_flags(path, flags).map_err(error::opening)?;
        from.busy_timeout(PATIENCE).map_err(error::of)?;
        // An empty name is a file of SQLite's own, which it removes.
        let mut copy = Connection::open("").map_err(error::opening)?;
        copying(&from, &mut copy)?;
        Self::new(copy, path.to_string_lossy().into_owned())
    }

    /// A new one in memory, which goes with it.
    ///
    /// # Errors
    /// Where there is no memory left.
    pub fn in_memory() -> Result<Self, DbError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_in_memory_with_flags(flags).map_err(error::opening)?;
        Self::new(connection, ":memory:".to_owned())
    }

    fn new(connection: Connection, name: String) -> Result<Self, DbError> {
        let mut res = Self {
            connection,
            guard: Guard::default(),
            stop: Arc::default(),
            deadline: None,
            name,
        };
        res.connection.busy_timeout(PATIENCE).map_err(error::of)?;
        regexp::add(&res.connection).map_err(error::of)?;
        let configs = [
            (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
            (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
            (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
            (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, false),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, false),
        ];
        for (config, on) in configs {
            res.connection
                .set_db_config(config, on)
                .map_err(error::of)?;
        }
        res.connection
            .set_prepared_statement_cache_capacity(STATEMENTS);
        res.connection
            .set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, LONGEST_STATEMENT)
            .map_err(error::of)?;
        // The first look at the file: whether it is a database shows itself here.
        res.own("SELECT count(*) FROM sqlite_schema", |row| {
            row.get::<_, i64>(0)
        })?;
        res.set_foreign_keys(true)?;
        if !res.foreign_keys()? {
            return Err(DbError::new(
                DbErrorKind::CannotOpen,
                "this SQLite doesn't enforce foreign keys",
            ));
        }
        res.guard.watch(&mut res.connection).map_err(error::of)?;
        Ok(res)
    }

    /// The only row of one of Relata's own statements, which may do what a script's may not.
    fn own<T>(
        &mut self,
        sql: &str,
        read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, DbError> {
        let _trusted = self.guard.trust();
        let asked = self.connection.query_row(sql, [], read);
        asked.map_err(|it| self.stopped(error::of(it)))
    }

    /// One of Relata's own statements, which yields nothing.
    fn own_batch(&mut self, sql: &str) -> Result<(), DbError> {
        let _trusted = self.guard.trust();
        let done = self.connection.execute_batch(sql);
        done.map_err(|it| self.stopped(error::of(it)))
    }

    /// Fails where someone has asked to stop, or time is up.
    fn go_on(&self) -> Result<(), DbError> {
        if self.stop.swap(false, Ordering::Relaxed) {
            return Err(DbError::new(DbErrorKind::Interrupted, "interrupted"));
        }
        match self.deadline {
            Some((end, most)) if Instant::now() >= end => Err(late(most)),
            _ => Ok(()),
        }
    }

    /// Who stopped it: someone, or the clock.
    fn stopped(&self, found: DbError) -> DbError {
        if found.kind != DbErrorKind::Interrupted || self.stop.swap(false, Ordering::Relaxed) {
            return found;
        }
        match self.deadline {
            Some((end, most)) if Instant::now() >= end => late(most),
            _ => found,
        }
    }

    /// What to say of an error of a statement that a script had a part in.
    fn said(&self, found: rusqlite::Error) -> DbError {
        let mut found = self.stopped(error::of(found));
        if let Some(what) = self.guard.denied() {
            found.kind = DbErrorKind::Forbidden;
            found.message = format!("may not use {what}");
        }
        found
    }
}

impl Database for Sqlite {
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
        self.go_on()?;
        let parameters = rusqlite::params_from_iter(parameters.map(Bound));
        let run = || self.connection.prepare_cached(sql)?.execute(parameters);
        let changed = run();
        changed.map(|it| it as u64).map_err(|it| self.said(it))
    }

    fn query(
        &self,
        sql: &str,
        parameters: &[Value],
        each: &mut dyn FnMut(&[Value]) -> ControlFlow<()>,
    ) -> Result<(), DbError> {
        self.go_on()?;
        let parameters = rusqlite::params_from_iter(parameters.iter().map(Bound));
        let run = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            let width = statement.column_count();
            let mut rows = statement.query(parameters)?;
            let mut values = Vec::with_capacity(width);
            while let Some(row) = rows.next()? {
                values.clear();
                for i in 0..width {
                    values.push(value(row.get_ref(i)?));
                }
                if each(&values).is_break() {
                    break;
                }
            }
            Ok(())
        };
        run().map_err(|it| self.said(it))
    }

    fn begin(&mut self) -> Result<(), DbError> {
        self.go_on()?;
        self.own_batch("BEGIN IMMEDIATE")
    }

    fn commit(&mut self) -> Result<(), DbError> {
        self.own_batch("COMMIT")
    }

    fn rollback(&mut self) -> Result<(), DbError> {
        if self.connection.is_autocommit() {
            return Ok(());
        }
        self.own_batch("ROLLBACK")
    }

    fn savepoint(&mut self, depth: usize) -> Result<(), DbError> {
        self.go_on()?;
        self.own_batch(&format!("SAVEPOINT relata_{depth}"))
    }

    fn release(&mut self, depth: usize) -> Result<(), DbError> {
        self.own_batch(&format!("RELEASE relata_{depth}"))
    }

    fn rollback_to(&mut self, depth: usize) -> Result<(), DbError> {
        if self.connection.is_autocommit() {
            return Ok(());
        }
        self.own_batch(&format!(
            "ROLLBACK TO relata_{depth}; RELEASE relata_{depth}"
        ))
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
        let _trusted = self.guard.trust();
        let mut statement = self
            .connection
            .prepare_cached("SELECT randomblob(16)")
            .map_err(error::of)?;
        statement.query_row([], |row| row.get(0)).map_err(error::of)
    }

    fn foreign_keys(&mut self) -> Result<bool, DbError> {
        self.own("PRAGMA foreign_keys", |row| row.get(0))
    }

    fn set_foreign_keys(&mut self, on: bool) -> Result<(), DbError> {
        self.own_batch(if on {
            "PRAGMA foreign_keys = ON"
        } else {
            "PRAGMA foreign_keys = OFF"
        })
    }

    fn violations(&mut self) -> Result<Violations, DbError> {
        let all = self.own("SELECT count(*) FROM pragma_foreign_key_check", |row| {
            row.get::<_, i64>(0)
        });
        match all {
            Ok(rows) => Ok(Violations {
                rows: rows.unsigned_abs(),
                broken: Vec::new(),
            }),
            // One key that can't be followed hides all the others.
            Err(error) if error.kind == DbErrorKind::Refused => {
                let _trusted = self.guard.trust();
                describe::violations(&self.connection).map_err(error::of)
            }
            Err(error) => Err(error),
        }
    }

    fn objects(&mut self) -> Result<Vec<Object>, DbError> {
        let _trusted = self.guard.trust();
        describe::objects(&self.connection).map_err(error::of)
    }

    fn table(&mut self, name: &str) -> Result<Option<Table>, DbError> {
        let _trusted = self.guard.trust();
        describe::table(&self.connection, name).map_err(error::of)
    }

    fn preview(&mut self, statements: &[String], name: &str) -> Result<Option<Table>, DbError> {
        let mut scratch = Self::in_memory()?;
        for statement in statements {
            scratch.execute(statement, &[])?;
        }
        scratch.table(name)
    }

    fn rewrite(&mut self, table: &str, sql: &str) -> Result<(), DbError> {
        let _trusted = self.guard.trust();
        let connection = &self.connection;
        let run = || {
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false)?;
            connection.execute_batch("PRAGMA writable_schema = ON")?;
            let changed = connection.execute(
                "UPDATE sqlite_schema SET sql = ?1 WHERE type = 'table' AND name = ?2 COLLATE NOCASE",
                [sql, table],
            )?;
            let version: i64 =
                connection.query_row("PRAGMA schema_version", [], |row| row.get(0))?;
            connection.execute_batch(&format!("PRAGMA schema_version = {}", version + 1))?;
            Ok(changed)
        };
        let changed = run();
        let reset = connection.execute_batch("PRAGMA writable_schema = RESET");
        let defensive = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true);
        let changed = changed.map_err(error::of)?;
        reset.map_err(error::of)?;
        defensive.map_err(error::of)?;
        if changed == 1 {
            Ok(())
        } else {
            let message = format!("there is no table `{table}`");
            Err(DbError::new(DbErrorKind::Refused, message))
        }
    }

    fn replace_table(&mut self, new: &str, name: &str) -> Result<(), DbError> {
        let quoted = |it: &str| format!("\"{}\"", it.replace('"', "\"\""));
        self.own_batch("PRAGMA legacy_alter_table = ON")?;
        let done = self.own_batch(&format!(
            "ALTER TABLE {} RENAME TO {}",
            quoted(new),
            quoted(name)
        ));
        self.own_batch("PRAGMA legacy_alter_table = OFF")?;
        done
    }

    fn rename(&mut self, sql: &str) -> Result<(), DbError> {
        let _trusted = self.guard.trust();
        let connection = &self.connection;
        // Only so does SQLite pass over what it can't read.
        let run = || {
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false)?;
            connection.execute_batch("PRAGMA writable_schema = ON")?;
            connection.execute_batch(sql)
        };
        let done = run();
        let reset = connection.execute_batch("PRAGMA writable_schema = RESET");
        let defensive = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true);
        done.and(reset).map_err(error::of)?;
        defensive.map(|_| ()).map_err(error::of)
    }

    fn damage(&mut self) -> Result<Option<String>, DbError> {
        let said = self.own("PRAGMA integrity_check(1)", |row| row.get::<_, String>(0))?;
        Ok((said != "ok").then_some(said))
    }

    fn backup(&mut self, name: &str) -> Result<Option<String>, DbError> {
        if !Path::new(&self.name).is_file() {
            return Ok(None);
        }
        if self.connection.is_readonly("main").map_err(error::of)? {
            // SQLite begins to write without a word, and says it later: a copy would be left for nothing.
            return Err(DbError {
                code: Some(rusqlite::ffi::SQLITE_READONLY),
                ..DbError::new(DbErrorKind::CannotWrite, "it may only be read")
            });
        }
        let mut path = format!("{}.{name}", self.name);
        let mut number = 1;
        while Path::new(&path).exists() {
            number += 1;
            path = format!("{}.{name}-{number}", self.name);
        }
        // Another connection sees what is committed, and nothing else.
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let from = Connection::open_with_flags(&self.name, flags).map_err(error::opening)?;
        from.busy_timeout(PATIENCE).map_err(error::of)?;
        let copied = from.execute("VACUUM INTO ?", [&path]);
        match copied {
            Ok(_) => Ok(Some(path)),
            Err(found) => {
                // Half a copy is worse than none.
                let _ = std::fs::remove_file(&path);
                let mut found = error::of(found);
                if found.kind == DbErrorKind::CannotOpen {
                    found.kind = DbErrorKind::CannotWrite;
                }
                found.message = format!("no copy could be made in `{path}`: {}", found.message);
                Err(found)
            }
        }
    }

    fn interrupter(&self) -> Interrupter {
        let (handle, stop) = (
            self.connection.get_interrupt_handle(),
            Arc::clone(&self.stop),
        );
        Interrupter::new(move || {
            stop.store(true, Ordering::Relaxed);
            handle.interrupt();
        })
    }

    fn limit_time(&mut self, most: Option<Duration>) -> Result<(), DbError> {
        let end = most.and_then(|it| Instant::now().checked_add(it));
        self.deadline = end.zip(most);
        let is_over = end.map(|it| move || Instant::now() >= it);
        let set = self.connection.progress_handler(STEPS, is_over);
        set.map_err(error::of)?;
        // Waiting for another program takes no steps.
        let patience = most.map_or(PATIENCE, |it| it.min(PATIENCE));
        self.connection.busy_timeout(patience).map_err(error::of)
    }
}

/// Copies a database, page by page, in one go.
fn copying(from: &Connection, to: &mut Connection) -> Result<(), DbError> {
    let backup = Backup::new(from, to).map_err(error::of)?;
    let end = Instant::now().checked_add(PATIENCE);
    loop {
        match backup.step(-1).map_err(error::of)? {
            StepResult::Done => return Ok(()),
            StepResult::Busy | StepResult::Locked if end.is_some_and(|it| Instant::now() >= it) => {
                return Err(DbError::new(DbErrorKind::Busy, "database is locked"));
            }
            _ => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

fn late(most: Duration) -> DbError {
    DbError::new(DbErrorKind::Late, format!("longer than {most:?}"))
}

/// A value as a parameter.
struct Bound<'a>(&'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self.0 {
            Value::Null => ValueRef::Null,
            Value::Bool(it) => ValueRef::Integer(i64::from(*it)),
            Value::Integer(it) => ValueRef::Integer(*it),
            Value::Float(it) => ValueRef::Real(*it),
            Value::Decimal(it) => decimal(it),
            Value::Text(it) | Value::Date(it) | Value::Json(it) => ValueRef::Text(it.as_bytes()),
            Value::Blob(it) => ValueRef::Blob(it),
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

/// A decimal as the number that it is to SQLite, so that it is compared as one.
fn decimal(digits: &str) -> ValueRef<'_> {
    match (digits.parse(), digits.parse()) {
        (Ok(whole), _) => ValueRef::Integer(whole),
        (Err(_), Ok(number)) => ValueRef::Real(number),
        (Err(_), Err(_)) => ValueRef::Text(digits.as_bytes()),
    }
}

/// A value as SQLite has it.
fn value(it: ValueRef<'_>) -> Value {
    match it {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(it) => Value::Integer(it),
        ValueRef::Real(it) => Value::Float(it),
        ValueRef::Text(it) => Value::Text(String::from_utf8_lossy(it).into()),
        ValueRef::Blob(it) => Value::Blob(it.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(db: &mut Sqlite, sql: &str) -> DbErrorKind {
        let found = db.execute(sql, &[]).map(|_| ()).expect_err(sql);
        found.kind
    }

    #[test]
    fn a_script_stays_within_its_database() {
        let mut db = Sqlite::in_memory().unwrap();
        db.execute("CREATE TABLE t (a)", &[]).unwrap();
        for sql in [
            "ATTACH 'x.db' AS x",
            "DETACH main",
            "PRAGMA foreign_keys = OFF",
            "PRAGMA writable_schema = ON",
            "SELECT load_extension('x')",
            "BEGIN",
            "COMMIT",
            "SAVEPOINT x",
            "VACUUM INTO 'x.db'",
            "CREATE TEMP TABLE u (a)",
            "CREATE TABLE temp.u (a)",
            "CREATE VIRTUAL TABLE f USING dbstat",
        ] {
            assert_eq!(kind(&mut db, sql), DbErrorKind::Forbidden, "{sql}");
        }
        assert_eq!(
            kind(&mut db, "DELETE FROM sqlite_schema"),
            DbErrorKind::Refused
        );
        assert_eq!(
            kind(&mut db, "CREATE TABLE u (a); DROP TABLE t"),
            DbErrorKind::Refused
        );
        assert_eq!(
            kind(&mut db, "CREATE INDEX i ON t (\"text\")"),
            DbErrorKind::Refused
        );
        assert!(db.foreign_keys().unwrap());
        assert_eq!(db.objects().unwrap().len(), 1);
        db.execute("CREATE VIRTUAL TABLE f USING fts5(a)", &[])
            .unwrap();
    }

    #[test]
    fn violations_are_told_apart() {
        let mut db = Sqlite::in_memory().unwrap();
        db.execute(
            "CREATE TABLE p (id INTEGER PRIMARY KEY, a NOT NULL CHECK (a > 0), b UNIQUE)",
            &[],
        )
        .unwrap();
        db.execute("CREATE TABLE c (p REFERENCES p)", &[]).unwrap();
        db.execute("INSERT INTO p VALUES (1, 1, ?)", &[Value::Text("x".into())])
            .unwrap();
        let mut is = |sql, expected| assert_eq!(kind(&mut db, sql), expected, "{sql}");
        is("INSERT INTO p VALUES (1, 1, 2)", DbErrorKind::Unique);
        is("INSERT INTO p VALUES (2, 1, 'x')", DbErrorKind::Unique);
        is("INSERT INTO p VALUES (2, NULL, 2)", DbErrorKind::NotNull);
        is("INSERT INTO p VALUES (2, 0, 2)", DbErrorKind::Check);
        is("INSERT INTO c VALUES (7)", DbErrorKind::ForeignKey);
        is("INSERT INTO nothing VALUES (7)", DbErrorKind::Refused);
    }

    #[test]
    fn an_interrupt_stops_the_next_statement_too() {
        let mut db = Sqlite::in_memory().unwrap();
        db.interrupter().interrupt();
        assert_eq!(
            kind(&mut db, "CREATE TABLE t (a)"),
            DbErrorKind::Interrupted
        );
        db.execute("CREATE TABLE t (a)", &[]).unwrap();
    }

    #[test]
    fn time_runs_out_within_a_statement_and_before_the_next() {
        const ENDLESS: &str =
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
        let mut db = Sqlite::in_memory().unwrap();
        db.limit_time(Some(Duration::from_millis(20))).unwrap();
        let asked = db.query(ENDLESS, &[], &mut |_| ControlFlow::Continue(()));
        let late = DbError::new(DbErrorKind::Late, "longer than 20ms");
        assert_eq!(asked, Err(late.clone()));
        assert_eq!(db.execute("CREATE TABLE t (a)", &[]), Err(late));
        db.limit_time(None).unwrap();
        db.execute("CREATE TABLE t (a)", &[]).unwrap();
    }

    #[test]
    fn rows_come_back_as_values() {
        let db = Sqlite::in_memory().unwrap();
        let mut rows = Vec::new();
        let parameters = [Value::Integer(7), Value::Text("x".into()), Value::Null];
        db.query("SELECT ?, ?, ?", &parameters, &mut |row| {
            rows.push(row.to_vec());
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(rows, [parameters]);
    }
}
