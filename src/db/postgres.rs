//! PostgreSQL, from version 12.

mod connect;
mod describe;
mod error;
mod role;
mod statement;
mod surroundings;
mod value;
mod watch;

use super::stop::StopSignal;
use super::{Database, DbError, DbErrorKind, Interrupter, KeyViolations, Structure};
use crate::catalog::{Object, ShownColumn, Surroundings, Table};
use crate::sql::{Dialect, SchemaObject};
use crate::value::Value;
use connect::Address;
use postgres::fallible_iterator::FallibleIterator as _;
use postgres::{CancelToken, Client, Statement};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use value::TextParameter;
use watch::TimeWatch;

/// A database of PostgreSQL.
///
/// What a script wrote goes to the server as one prepared statement, so that there is no second one in it. A statement that writes
/// stands behind a savepoint of its own where it is within a transaction, so that this goes on where it fails.
pub struct Postgres {
    address: Address,
    client: RefCell<Client>,
    /// What asks the server to end what the connection runs.
    token: Arc<Mutex<CancelToken>>,
    stop: StopSignal,
    statements: RefCell<HashMap<String, Statement>>,
    /// Whether a transaction was begun, and neither committed nor rolled back by Relata.
    begun: bool,
    /// Whether it is none any more.
    lost: Cell<bool>,
    /// Whether what failed last has ended the connection: it isn't closed yet on this side.
    broken: Cell<bool>,
    /// Whether its server takes no writes any more, so that another one is looked for.
    outdated: Cell<bool>,
    /// On which of the URL's servers it is.
    server: Cell<usize>,
    /// Whether a statement has failed in it, and nothing was undone yet.
    failed: Cell<bool>,
    /// Whether the statement that failed last lost against another transaction.
    raced: Cell<bool>,
    /// Whether the savepoint before a statement is there.
    guarded: Cell<bool>,
    /// How many cursors are open.
    cursors: Cell<usize>,
    /// What ends statements when time is up.
    watch: Option<TimeWatch>,
}

impl Postgres {
    /// Connects to `postgres://user:password@host:port/database?sslmode=..`.
    ///
    /// A server on another machine has to prove by its certificate who it is, unless `sslmode` says less; `sslrootcert` names a file of
    /// certificates to trust. A password that the URL doesn't say is that of `PGPASSWORD`, or of `~/.pgpass`. Of several hosts
    /// (`host:port,host:port`) the first is used that is no standby, or what `target_session_attrs` says, and when that is gone the next.
    ///
    /// # Errors
    /// Why there is no connection.
    pub fn open(url: &str) -> Result<Self, DbError> {
        let address = Address::of(url)?;
        let (client, server) = address.connect(0)?;
        Ok(Self {
            address,
            token: Arc::new(Mutex::new(client.cancel_token())),
            client: RefCell::new(client),
            stop: StopSignal::default(),
            statements: RefCell::default(),
            begun: false,
            lost: Cell::new(false),
            broken: Cell::new(false),
            outdated: Cell::new(false),
            server: Cell::new(server),
            failed: Cell::new(false),
            raced: Cell::new(false),
            guarded: Cell::new(false),
            cursors: Cell::new(0),
            watch: None,
        })
    }

    /// What reports call the database that a URL means: the URL without its password.
    pub fn name_of(url: &str) -> String {
        Address::of(url).map_or_else(|_| "postgres".to_owned(), |it| it.name)
    }
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Postgres").field(&self.address.name).finish()
    }
}

impl Database for Postgres {
    fn name(&self) -> &str {
        &self.address.name
    }

    fn dialect(&self) -> &'static Dialect {
        Dialect::POSTGRES
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
        let parameters: Vec<_> = parameters.map(TextParameter).collect();
        let run = || {
            self.attempt(sql, |client, statement| {
                let mut rows = client.query_raw(statement, &parameters)?;
                while rows.next()?.is_some() {}
                Ok(rows.rows_affected().unwrap_or(0))
            })
        };
        self.guarded(sql, run).map_err(|it| self.explained(self.unless_lost(it, sql)))
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
        done.map_err(|it| self.explained(self.unless_lost(it, sql)))
    }

    fn query_in_parts(
        &self,
        sql: &str,
        parameters: &[Value],
        each: &mut dyn FnMut(&mut [Value]) -> ControlFlow<()>,
    ) -> Result<(), DbError> {
        self.check()?;
        self.reconnect()?;
        let own = !self.begun && self.cursors.get() == 0;
        if own {
            self.batch("BEGIN READ ONLY")?;
        }
        let number = self.cursors.get() + 1;
        self.cursors.set(number);
        let cursor = format!("relata_{number}");
        let declare = format!("DECLARE {cursor} NO SCROLL CURSOR FOR {sql}");
        let declared = self.fetch(&declare, parameters);
        let done = declared.and_then(|_| {
            self.fetch_parts(&cursor, each)?;
            if own { Ok(()) } else { self.batch(&format!("CLOSE {cursor}")) }
        });
        self.cursors.set(number - 1);
        // Rows of it have been shown.
        let done = done.inspect_err(|_| self.raced.set(false));
        if own {
            let ended = self.batch("ROLLBACK");
            return done.and(ended);
        }
        done
    }

    fn begin(&mut self) -> Result<(), DbError> {
        if self.has_ended() {
            // Whoever began it never came to its end.
            self.rollback()?;
        }
        self.check()?;
        self.reconnect()?;
        self.batch("BEGIN")?;
        self.begun = true;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), DbError> {
        self.check()?;
        if self.failed.get() {
            // The server would take it for a rollback, and say nothing.
            let message = "a statement has failed in the transaction: nothing of it can be kept";
            return Err(DbError::new(DbErrorKind::Undone, message));
        }
        self.guarded.set(false);
        if let Err(error) = self.batch("COMMIT") {
            let kind = if self.is_broken() { DbErrorKind::OutcomeUnknown } else { error.kind };
            return Err(DbError { kind, ..error });
        }
        self.begun = false;
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), DbError> {
        if !self.begun {
            return Ok(());
        }
        self.guarded.set(false);
        // Where the connection is lost, the server does it.
        if !self.lost.get()
            && let Err(error) = self.batch("ROLLBACK")
            && !self.lost.get()
        {
            return Err(error);
        }
        self.begun = false;
        self.failed.set(false);
        self.lost.set(false);
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
        self.control(&format!("SAVEPOINT relata_{depth}"))
    }

    fn release(&mut self, depth: usize) -> Result<(), DbError> {
        self.check()?;
        self.guarded.set(false);
        self.batch(&format!("RELEASE relata_{depth}"))
    }

    fn rollback_to(&mut self, depth: usize) -> Result<(), DbError> {
        if self.has_ended() {
            return self.check();
        }
        self.guarded.set(false);
        let sql = format!("ROLLBACK TO relata_{depth}; RELEASE relata_{depth}");
        if let Err(error) = self.batch(&sql) {
            // What can't be undone in part is undone as a whole: the transaction has ended.
            self.lost.set(true);
            return Err(error);
        }
        self.failed.set(false);
        Ok(())
    }

    fn last_row(&self) -> i64 {
        // New rows are told by their statements.
        0
    }

    #[expect(clippy::disallowed_methods, reason = "the database has the clock")]
    fn now(&mut self) -> i64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        since.map_or(0, |it| i64::try_from(it.as_millis()).unwrap_or(i64::MAX))
    }

    fn random(&mut self) -> Result<[u8; 16], DbError> {
        self.reconnect()?;
        let row = self.with(|it| it.query_one("SELECT uuid_send(gen_random_uuid())", &[]))?;
        let bytes: &[u8] = row.try_get(0).map_err(|it| self.error(&it))?;
        bytes.try_into().map_err(|_| DbError::new(DbErrorKind::Refused, "there is no UUID"))
    }

    fn foreign_keys(&mut self) -> Result<bool, DbError> {
        Ok(true)
    }

    fn set_foreign_keys(&mut self, on: bool) -> Result<(), DbError> {
        if on {
            return Ok(());
        }
        let message = "PostgreSQL enforces foreign keys always";
        Err(DbError::new(DbErrorKind::Refused, message))
    }

    fn defer_foreign_keys(&mut self, on: bool) -> Result<(), DbError> {
        self.control(if on {
            "SET CONSTRAINTS ALL DEFERRED"
        } else {
            "SET CONSTRAINTS ALL IMMEDIATE"
        })
    }

    fn violations(&mut self) -> Result<KeyViolations, DbError> {
        // The server has let none pass.
        Ok(KeyViolations::default())
    }

    fn objects(&mut self) -> Result<Vec<Object>, DbError> {
        self.reconnect()?;
        self.with(describe::objects)
    }

    fn shown_columns(&mut self, view: &str) -> Result<Vec<ShownColumn>, DbError> {
        self.reconnect()?;
        self.with(|it| surroundings::shown_columns(it, view))
    }

    fn surroundings(&mut self) -> Result<Surroundings, DbError> {
        self.reconnect()?;
        self.with(surroundings::surroundings)
    }

    fn schema_objects(&mut self) -> Result<HashSet<SchemaObject>, DbError> {
        self.reconnect()?;
        self.with(describe::schema_objects)
    }

    fn table(&mut self, name: &str) -> Result<Option<Table>, DbError> {
        self.reconnect()?;
        self.with(|it| describe::table(it, name))
    }

    fn structure(&mut self) -> Option<&mut dyn Structure> {
        None
    }

    fn interrupter(&self) -> Interrupter {
        let (stop, address) = (self.stop.clone(), self.address.clone());
        let token = Arc::clone(&self.token);
        Interrupter::new(move || {
            stop.ask();
            // Where the request doesn't come through, the statement ends by itself; the next one doesn't begin.
            drop(address.cancel(&token));
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
        let (address, token) = (self.address.clone(), Arc::clone(&self.token));
        self.watch = Some(TimeWatch::until(end, address, token));
        Ok(())
    }

    fn limit_wait(&mut self, most: Duration) -> Result<(), DbError> {
        self.address.wait(most);
        self.batch(&self.address.settings())
    }

    fn limit_memory(&mut self, _: u64) -> Result<(), DbError> {
        // What the server takes is the server's matter; the rows that are kept here are counted by whoever keeps them.
        Ok(())
    }
}
