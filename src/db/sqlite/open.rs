//! How a database is opened, and what a host adds to it.

use super::super::{DbError, DbErrorKind};
use super::authorizer::Guard;
use super::value::{Parameter, owned, value};
use super::wait::Patience;
use super::{STEPS, Sqlite, copy, encoding, error, math, regexp};
use crate::db::Database as _;
use crate::db::stop::StopSignal;
use crate::value::Value;
use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags, ToSql as _};
use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::path::{Path, PathBuf};

/// The longest statement, in bytes. Those that Relata writes of any sensible schema are far shorter.
const LONGEST_STATEMENT: i32 = 64 << 20;

/// So many statements are kept ready.
const STATEMENTS: usize = 256;

impl Sqlite {
    /// Opens a file, which is made where there is none.
    ///
    /// ```
    /// use relata::{Session, Sqlite};
    ///
    /// # let folder = std::env::temp_dir().join(format!("relata-open-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// # let path = folder.join("shop.db");
    /// let mut session = Session::new(Sqlite::open(&path)?);
    /// session.run("users.schema", "model User { name: STRING }\nsync", &mut Vec::new())?;
    /// drop(session);
    /// // The rows and tables are in the file; what scripts declared was the session's.
    /// assert!(Session::new(Sqlite::read_only(&path)?).pull()?.starts_with("model User"));
    /// # std::fs::remove_dir_all(folder).unwrap();
    /// # Ok::<(), relata::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where it can't be opened, is no database, or stays busy for five seconds.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, DbError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let path = path.as_ref();
        let connection = copy::open(path, flags)?;
        let name = path.to_string_lossy().into_owned();
        let mut res = Self::new(connection, name)?;
        res.file = Some(path.to_owned());
        Ok(res)
    }

    /// Opens a file that is there, to read it only; what a program that was killed had begun is undone.
    ///
    /// # Errors
    /// Where there is no such file, it is no database, or stays busy for five seconds.
    pub fn read_only(path: impl AsRef<Path>) -> Result<Self, DbError> {
        let path = path.as_ref();
        let connection = copy::open_read_only(path)?;
        Self::new(connection, path.to_string_lossy().into_owned())
    }

    /// A copy as it is now, to try something on: it goes with the answer. What stops the one stops the other.
    ///
    /// # Errors
    /// Where there is no room for it, or something stops it.
    pub fn copy(&self) -> Result<Self, DbError> {
        let connection = copy::of(&self.connection, &self.stop)?;
        let mut copy = Self::new(connection, self.name.clone())?;
        copy.stops_with(self)?;
        Ok(copy)
    }

    /// What stops another one stops this one.
    pub(super) fn stops_with(&mut self, other: &Self) -> Result<(), DbError> {
        let stop = other.stop.clone();
        self.stop = other.stop.clone();
        self.patience.apply(&self.stop, &mut self.connection).map_err(error::of)?;
        let set = self.connection.progress_handler(STEPS, Some(move || stop.should_stop()));
        set.map_err(error::of)
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

    /// A connection of the host's, from now on Relata's: it enforces foreign keys, and lets statements reach nothing outside of the
    /// database. No transaction may be open.
    ///
    /// ```
    /// use relata::{Session, Sqlite};
    ///
    /// let connection = rusqlite::Connection::open_in_memory()?;
    /// connection.execute_batch("CREATE TABLE Users (id INTEGER PRIMARY KEY)")?;
    /// let mut session = Session::new(Sqlite::from_connection(connection)?);
    /// assert!(session.pull()?.contains("model User {"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Where a transaction is open, and where it can't be read, as [`Sqlite::open`].
    pub fn from_connection(connection: Connection) -> Result<Self, DbError> {
        if !connection.is_autocommit() {
            let message = "a transaction is open on the connection";
            return Err(DbError::new(DbErrorKind::Refused, message));
        }
        let file = connection.path().filter(|it| !it.is_empty()).map(PathBuf::from);
        let name = file.as_ref().map(|it| it.to_string_lossy().into_owned());
        let mut res = Self::new(connection, name.unwrap_or_else(|| ":memory:".to_owned()))?;
        res.file = file;
        Ok(res)
    }

    /// Gives scripts a function: of so many arguments, any number where there is none, with the same result for the same arguments.
    /// Tables, views and triggers may not use it, since another program has none of that name.
    ///
    /// ```
    /// use relata::{Session, Sqlite, Value};
    ///
    /// let mut database = Sqlite::in_memory()?;
    /// database.function("twice", Some(1), |arguments| match arguments {
    ///     [Value::Integer(it)] => Ok(Value::Integer(2 * it)),
    ///     _ => Err("`twice` takes a number".to_owned()),
    /// })?;
    /// let mut session = Session::new(database);
    /// assert_eq!(session.ask::<i64>("a.schema", "print (twice(21))")?, 42);
    /// # Ok::<(), relata::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where the database refuses it.
    pub fn function(
        &mut self,
        name: &str,
        arguments: Option<u8>,
        function: impl Fn(&[Value]) -> Result<Value, String> + Send + 'static,
    ) -> Result<(), DbError> {
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        let count = arguments.map_or(-1, i32::from);
        let made = self.connection.create_scalar_function(name, count, flags, move |context| {
            let arguments: Vec<Value> =
                (0..context.len()).map(|it| value(context.get_raw(it))).collect();
            match function(&arguments) {
                Ok(result) => Parameter(&result).to_sql().map(owned),
                Err(message) => Err(rusqlite::Error::UserFunctionError(message.into())),
            }
        });
        made.map_err(error::of)
    }

    /// Gives scripts and tables an order of texts, for `collate`.
    ///
    /// ```
    /// use relata::{Session, Sqlite};
    ///
    /// let mut database = Sqlite::in_memory()?;
    /// database.collation("LENGTH", |one, other| one.len().cmp(&other.len()))?;
    /// let mut session = Session::new(database);
    /// let script = "model Word { text: STRING < primaryKey > } < timestamps: false >\nsync\n\
    ///     Word bulkCreate [{ text: \"ccc\" }, { text: \"a\" }]";
    /// session.run("words.schema", script, &mut Vec::new())?;
    /// let find = "Word findOne < order: text collate LENGTH >";
    /// let first: std::collections::BTreeMap<String, String> = session.ask("find.schema", find)?;
    /// assert_eq!(first["text"], "a");
    /// # Ok::<(), relata::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where the database refuses it.
    pub fn collation(
        &mut self,
        name: &str,
        order: impl Fn(&str, &str) -> Ordering + Send + 'static,
    ) -> Result<(), DbError> {
        let order = move |one: &str, other: &str| order(one, other);
        self.connection.create_collation(name, order).map_err(error::of)
    }

    fn new(connection: Connection, name: String) -> Result<Self, DbError> {
        let mut res = Self {
            connection,
            guard: Guard::default(),
            stop: StopSignal::default(),
            memory: Cell::default(),
            patience: Patience::default(),
            name,
            file: None,
            begun: Cell::default(),
            stuck: Cell::default(),
            copy: RefCell::default(),
            room: RefCell::default(),
        };
        res.patience.apply(&res.stop, &mut res.connection).map_err(error::of)?;
        let stop = res.stop.clone();
        let set = res.connection.progress_handler(STEPS, Some(move || stop.is_late()));
        set.map_err(error::of)?;
        regexp::add(&res.connection).map_err(error::of)?;
        math::add(&res.connection).map_err(error::of)?;
        encoding::add(&res.connection).map_err(error::of)?;
        let configs = [
            (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
            (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
            (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
            // For views and triggers: `spelled` leaves nothing in double quotes in a statement.
            (DbConfig::SQLITE_DBCONFIG_DQS_DML, true),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, false),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, false),
        ];
        for (config, on) in configs {
            res.connection.set_db_config(config, on).map_err(error::of)?;
        }
        res.connection.set_prepared_statement_cache_capacity(STATEMENTS);
        res.connection
            .set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, LONGEST_STATEMENT)
            .map_err(error::of)?;
        // The first look at the file: whether it is a database shows itself here.
        res.query_own("SELECT count(*) FROM sqlite_schema", |row| row.get::<_, i64>(0))?;
        res.set_foreign_keys(true)?;
        res.guard.watch(&mut res.connection).map_err(error::of)?;
        Ok(res)
    }
}
