//! MariaDB, from version 10.9.

mod applier;
mod buffer;
mod connect;
mod describe;
mod error;
mod kept_text;
mod node;
mod overtaken;
mod parts;
mod shown;
mod statement;
mod surroundings;
mod told;
mod value;
mod watch;

pub(crate) use parts::{
    added_index, default_collation, is_utf8mb4, shown_trigger, temporary_table, view_body,
    without_keys,
};
pub(crate) use shown::{nullable_text, shown_key, shown_table, split_check, without_own_name};
pub(crate) use told::told_table;

use super::stop::StopSignal;
use super::{Database, DbError, DbErrorKind, Interrupter, KeyViolations, Structure};
use crate::catalog::{Object, ShownColumn, Surroundings, Table};
use crate::sql::{Dialect, SchemaObject};
use crate::value::Value;
use applier::ApplierRow;
use connect::ServerAddress;
use mysql::Conn;
use node::NodeConnection;
use overtaken::NodeTransaction;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::time::{Duration, SystemTime};
use watch::{Connections, QueryWatch};

/// A database of MariaDB.
///
/// What a script wrote goes to the server as one prepared statement, so that there is no second one in it. A statement that changes the
/// structure ends the transaction that it is in and keeps what that did, as these servers have it.
pub struct Mysql {
    address: ServerAddress,
    connection: RefCell<Conn>,
    /// On which server it is, and its number there.
    number: Cell<(usize, u32)>,
    /// Other connections, for rows that are read while something else is asked.
    spare: RefCell<Vec<(Conn, (usize, u32))>>,
    /// What there is to end where someone asks to stop.
    connections: Connections,
    stop: StopSignal,
    /// Whether a transaction was begun, and neither committed nor rolled back by Relata.
    begun: bool,
    /// Whether it is none any more.
    lost: Cell<bool>,
    /// What the server has of it.
    transaction: NodeTransaction,
    /// Whether the connection is none any more.
    broken: Cell<bool>,
    /// Whether its server takes no writes any more, so that another one is looked for.
    outdated: Cell<bool>,
    /// Whether its server is a node of a Galera cluster.
    is_cluster: Cell<bool>,
    /// What keeps appliers on other nodes of it waiting.
    applier: Option<ApplierRow>,
    /// Whether what failed last lost against somebody else's transaction.
    raced: Cell<bool>,
    /// How long what somebody else has locked is waited for, where that isn't as long as always.
    wait: Option<Duration>,
    /// The savepoints that are open, each with the number in its name: one of the same name would take the place of another.
    savepoints: Vec<(usize, u64)>,
    number_of_savepoint: u64,
    /// The number of the row that was inserted last.
    last: Cell<i64>,
    /// Whether foreign keys are enforced.
    keys: bool,
    /// What ends statements when time is up.
    watch: Option<QueryWatch>,
}

impl Mysql {
    /// Connects to `mysql://user:password@host:port/database?sslmode=..`, `mariadb://` too.
    ///
    /// A server on another machine has to prove by its certificate who it is, unless `sslmode` says less; `sslrootcert` names a file of
    /// certificates to trust. A password that the URL doesn't say is that of `MYSQL_PWD`. Of several hosts (`host:port,host:port`) the first
    /// that takes work is used, and when that is gone the next.
    ///
    /// # Errors
    /// Why there is no connection.
    pub fn open(url: &str) -> Result<Self, DbError> {
        let address = ServerAddress::of(url)?;
        let (NodeConnection { connection, is_cluster }, place) = address.connect(0)?;
        let number = (place, connection.connection_id());
        let connections = Connections::default();
        connections.add(number);
        Ok(Self {
            address,
            connection: RefCell::new(connection),
            number: Cell::new(number),
            spare: RefCell::default(),
            connections,
            stop: StopSignal::default(),
            begun: false,
            lost: Cell::new(false),
            transaction: NodeTransaction::default(),
            broken: Cell::new(false),
            outdated: Cell::new(false),
            is_cluster: Cell::new(is_cluster),
            applier: None,
            raced: Cell::new(false),
            wait: None,
            savepoints: Vec::new(),
            number_of_savepoint: 0,
            last: Cell::new(0),
            keys: true,
            watch: None,
        })
    }

    /// What reports call the database that a URL means: the URL without its password.
    pub fn name_of(url: &str) -> String {
        ServerAddress::of(url).map_or_else(|_| "mysql".to_owned(), |it| it.name)
    }
}

impl std::fmt::Debug for Mysql {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Mysql").field(&self.address.name).finish()
    }
}

impl Database for Mysql {
    fn name(&self) -> &str {
        &self.address.name
    }

    fn dialect(&self) -> &'static Dialect {
        Dialect::MARIADB
    }

    fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<u64, DbError> {
        self.execute_with(sql, &mut parameters.iter())
    }

    fn execute_with(
        &mut self,
        sql: &str,
        parameters: &mut dyn Iterator<Item = &Value>,
    ) -> Result<u64, DbError> {
        self.check()?;
        self.reconnect()?;
        let parameters: Vec<_> = parameters.collect();
        let done = self.guarded(sql, || self.send(sql, &parameters));
        done.map_err(|it| self.explained(self.unless_lost(it, sql), sql))
    }

    fn query(
        &self,
        sql: &str,
        parameters: &[Value],
        each: &mut dyn FnMut(&mut [Value]) -> ControlFlow<()>,
    ) -> Result<(), DbError> {
        self.check()?;
        self.reconnect()?;
        let done = self.guarded(sql, || self.stream(sql, parameters, each));
        done.map_err(|it| self.explained(self.unless_lost(it, sql), sql))
    }

    fn query_in_parts(
        &self,
        sql: &str,
        parameters: &[Value],
        each: &mut dyn FnMut(&mut [Value]) -> ControlFlow<()>,
    ) -> Result<(), DbError> {
        self.check()?;
        self.reconnect()?;
        if self.begun {
            // No other connection sees what the transaction has done.
            return self.stream_kept(sql, parameters, each);
        }
        self.stream_beside(sql, parameters, each)
    }

    fn begin(&mut self) -> Result<(), DbError> {
        if self.has_ended() {
            // Whoever began it never came to its end.
            self.rollback()?;
        }
        self.check()?;
        self.reconnect()?;
        self.start()?;
        self.savepoints.clear();
        self.begun = true;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), DbError> {
        self.check()?;
        if let Err(error) = self.keep() {
            let kind = if self.broken.get() { DbErrorKind::OutcomeUnknown } else { error.kind };
            return Err(DbError { kind, ..error });
        }
        self.begun = false;
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), DbError> {
        if !self.begun {
            return Ok(());
        }
        // Where the connection is lost, the server does it.
        if !self.broken.get()
            && let Err(error) = self.undo()
            && !self.broken.get()
        {
            return Err(error);
        }
        self.begun = false;
        self.lost.set(false);
        self.transaction.end();
        Ok(())
    }

    fn has_ended(&self) -> bool {
        self.begun && self.lost.get()
    }

    fn lost_race(&self) -> bool {
        self.raced.get()
    }

    fn savepoint(&mut self, depth: usize) -> Result<(), DbError> {
        self.check()?;
        self.number_of_savepoint += 1;
        let number = self.number_of_savepoint;
        self.control(&format!("SAVEPOINT relata_{number}"))?;
        self.savepoints.push((depth, number));
        Ok(())
    }

    fn release(&mut self, depth: usize) -> Result<(), DbError> {
        self.check()?;
        let number = self.left_savepoint(depth);
        self.control(&format!("RELEASE SAVEPOINT relata_{number}"))
    }

    fn rollback_to(&mut self, depth: usize) -> Result<(), DbError> {
        if self.has_ended() {
            return self.check();
        }
        let number = self.left_savepoint(depth);
        if let Err(error) = self.control(&format!("ROLLBACK TO SAVEPOINT relata_{number}")) {
            // What can't be undone in part is undone as a whole: the transaction has ended.
            self.lost.set(true);
            return Err(error);
        }
        self.control(&format!("RELEASE SAVEPOINT relata_{number}"))
    }

    fn last_row(&self) -> i64 {
        self.last.get()
    }

    #[expect(clippy::disallowed_methods, reason = "the database has the clock")]
    fn now(&mut self) -> i64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        since.map_or(0, |it| i64::try_from(it.as_millis()).unwrap_or(i64::MAX))
    }

    fn random(&mut self) -> Result<[u8; 16], DbError> {
        self.reconnect()?;
        let sql = "SELECT unhex(left(sha2(concat_ws('-', uuid(), rand(), rand(), rand(), sysdate(6), connection_id()), 256), 32))";
        let mut bytes = None;
        self.stream(sql, &[], &mut |row| {
            if let [Value::Blob(it)] = row {
                bytes = Some(it.to_vec());
            }
            ControlFlow::Continue(())
        })?;
        let bytes = bytes.and_then(|it| it.as_slice().first_chunk().copied());
        bytes.ok_or_else(|| DbError::new(DbErrorKind::Refused, "there is no chance"))
    }

    fn foreign_keys(&mut self) -> Result<bool, DbError> {
        Ok(self.keys)
    }

    fn set_foreign_keys(&mut self, on: bool) -> Result<(), DbError> {
        self.reconnect()?;
        self.control(if on { "SET foreign_key_checks = 1" } else { "SET foreign_key_checks = 0" })?;
        self.keys = on;
        Ok(())
    }

    fn defer_foreign_keys(&mut self, on: bool) -> Result<(), DbError> {
        // The server looks at each row as it is written, or at none: whoever defers them looks for what refers to nothing.
        if on {
            self.check()?;
        }
        self.control(if on || !self.keys {
            "SET foreign_key_checks = 0"
        } else {
            "SET foreign_key_checks = 1"
        })
    }

    fn violations(&mut self) -> Result<KeyViolations, DbError> {
        // The server has let none pass.
        Ok(KeyViolations::default())
    }

    fn objects(&mut self) -> Result<Vec<Object>, DbError> {
        self.reconnect()?;
        describe::objects(self)
    }

    fn shown_columns(&mut self, view: &str) -> Result<Vec<ShownColumn>, DbError> {
        self.reconnect()?;
        surroundings::shown_columns(self, view)
    }

    fn surroundings(&mut self) -> Result<Surroundings, DbError> {
        self.reconnect()?;
        surroundings::surroundings(self)
    }

    fn schema_objects(&mut self) -> Result<HashSet<SchemaObject>, DbError> {
        self.reconnect()?;
        describe::schema_objects(self)
    }

    fn table(&mut self, name: &str) -> Result<Option<Table>, DbError> {
        self.reconnect()?;
        describe::table(self, name)
    }

    fn structure(&mut self) -> Option<&mut dyn Structure> {
        None
    }

    fn interrupter(&self) -> Interrupter {
        let (stop, address) = (self.stop.clone(), self.address.clone());
        let connections = self.connections.clone();
        Interrupter::new(move || {
            stop.ask();
            connections.cancel(&address);
        })
    }

    fn forget_interrupt(&self) {
        self.stop.forget();
    }

    fn limit_time(&mut self, most: Option<Duration>) -> Result<(), DbError> {
        self.watch = None;
        let Some(end) = self.stop.limit(most) else {
            return Ok(());
        };
        let (address, connections) = (self.address.clone(), self.connections.clone());
        self.watch = Some(QueryWatch::until(end, address, connections));
        Ok(())
    }

    fn limit_wait(&mut self, most: Duration) -> Result<(), DbError> {
        self.wait = Some(most);
        self.wait_so_long()
    }

    fn is_cluster(&self) -> bool {
        self.is_cluster.get()
    }

    fn exclude_appliers(&mut self) -> Result<(), DbError> {
        self.exclude()
    }

    fn excludes_appliers(&mut self) -> Result<(), DbError> {
        self.still_excludes()
    }

    fn admit_appliers(&mut self) -> Result<(), DbError> {
        self.admit()
    }

    fn limit_memory(&mut self, _: u64) -> Result<(), DbError> {
        // What the server takes is the server's matter; the rows that are kept here are counted by whoever keeps them.
        Ok(())
    }
}
