//! One applier at a time, on all nodes of a cluster.
//!
//! A named lock is one of the node. So on a cluster an applier has a row, too, in a transaction that never ends by being kept: as that transaction is
//! replicated while it is open (streaming replication), its row is locked on every node. It ends with the connection, wherever that is lost: with the
//! applier's process, with its node, or with a node that has lost the others. So whoever is gone excludes nobody, and no clock decides it.

use super::Mysql;
use super::error;
use crate::db::{Database as _, DbError, DbErrorKind};
use mysql::Conn;
use mysql::prelude::Queryable as _;

/// The lock of this node, for as long as it takes.
const LOCK: &str = "SELECT GET_LOCK(concat('relata.', left(sha1(database()), 40)), 31536000)";
const FREE: &str = "SELECT RELEASE_LOCK(concat('relata.', left(sha1(database()), 40)))";

const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS _relata_applier (id INTEGER PRIMARY KEY) ENGINE=InnoDB";

/// What the connection has that has the row: each statement is replicated at once, and it stays though nothing is asked of it for long.
const SETTINGS: &str = "SET SESSION wsrep_trx_fragment_unit = 'statements', wsrep_trx_fragment_size = 1, wait_timeout = 31536000";

/// The connection that has the row.
#[derive(Debug)]
pub(super) struct ApplierRow {
    connection: Conn,
    number: (usize, u32),
}

impl Mysql {
    /// Waits until no other applier of the database is at work, and keeps all others waiting.
    pub(super) fn exclude(&mut self) -> Result<(), DbError> {
        self.check()?;
        self.reconnect()?;
        self.control(LOCK)?;
        if self.is_cluster.get()
            && let Err(error) = self.exclude_on_cluster()
        {
            // What failed first is what is said.
            let admitted = self.admit();
            drop(admitted);
            return Err(error);
        }
        Ok(())
    }

    fn exclude_on_cluster(&mut self) -> Result<(), DbError> {
        // What others have done by now is there before anything is read.
        self.control("SET SESSION wsrep_sync_wait = 15")?;
        let known = "SELECT count(*) FROM information_schema.tables WHERE table_schema = database() AND table_name = '_relata_applier'";
        if self.with(|it| Ok(it.query::<u64, _>(known)?))? != [1] {
            self.control(TABLE)?;
        }
        let (place, _) = self.number.get();
        let mut connection = self.address.connect_to(place)?;
        let number = (place, connection.connection_id());
        self.connections.add(number);
        self.take_row(&mut connection).inspect_err(|_| self.connections.remove(number))?;
        self.applier = Some(ApplierRow { connection, number });
        Ok(())
    }

    /// Waits for the row, as long as somebody has it.
    fn take_row(&self, connection: &mut Conn) -> Result<(), DbError> {
        connection.query_drop(SETTINGS).map_err(|it| error::of(&it))?;
        loop {
            self.check()?;
            connection.query_drop("START TRANSACTION").map_err(|it| error::of(&it))?;
            let Err(found) = connection.query_drop("INSERT INTO _relata_applier VALUES (1)") else {
                return Ok(());
            };
            connection.query_drop("ROLLBACK").map_err(|it| error::of(&it))?;
            // Somebody has it, or has come before on another node.
            if !error::is_lock_wait(&found) && !error::is_lost_race(&found) {
                let error = error::of(&found);
                return Err(match error.kind {
                    DbErrorKind::Interrupted => self.stop.reason().unwrap_or(error),
                    _ => error,
                });
            }
        }
    }

    /// Fails where somebody else may be at work by now.
    pub(super) fn still_excludes(&mut self) -> Result<(), DbError> {
        let Some(row) = &mut self.applier else {
            return Ok(());
        };
        let asked = row.connection.query::<u64, _>("SELECT count(*) FROM _relata_applier");
        if matches!(asked, Ok(it) if it == [1]) && self.number.get().0 == row.number.0 {
            return Ok(());
        }
        let message = "the lock that keeps other appliers waiting is lost";
        Err(DbError::new(DbErrorKind::Busy, message))
    }

    /// Lets others go on.
    pub(super) fn admit(&mut self) -> Result<(), DbError> {
        if let Some(ApplierRow { mut connection, number }) = self.applier.take() {
            self.connections.remove(number);
            // Where that fails, the row is free with the connection.
            let ended = connection.query_drop("ROLLBACK");
            drop((ended, connection));
        }
        if self.begun {
            // What failed within it is said by whoever ends it.
            self.rollback()?;
        }
        self.reconnect()?;
        if self.is_cluster.get() {
            self.control("SET SESSION wsrep_sync_wait = DEFAULT")?;
        }
        // Where the connection was lost, the lock is too.
        self.control(FREE)
    }
}
