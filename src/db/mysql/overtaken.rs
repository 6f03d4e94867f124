//! A transaction on a node of a Galera cluster, which what another node has written may end at any moment.
//!
//! The node says so with the next thing that it is asked, and where it is at work already, in place of its answer's end. Where it has answered all of it
//! by then it says nothing, as when a SELECT is prepared: what comes next runs outside of any transaction, each statement kept by itself, and COMMIT
//! answers that all is well. (So it is with MariaDB 10.11. One in about a hundred of transactions that write one row on three nodes is ended so.)
//!
//! Invariant: what the server answers is read to its end, and an error there is one of the statement. Within a transaction no statement that was
//! prepared just now is run before the server has said that the transaction still is there, and none is committed before it has.

use super::Mysql;
use super::statement::Failure;
use crate::db::DbError;
use crate::db::statement_work::StatementWork;
use mysql::prelude::Queryable as _;
use mysql::{Conn, Statement};
use std::cell::Cell;

/// What is known of the transaction of a connection.
#[derive(Default)]
pub(super) struct NodeTransaction {
    /// Whether the server has one that Relata began.
    is_open: Cell<bool>,
    /// The greatest number of a statement that was prepared: the server counts them up.
    prepared: Cell<u32>,
}

impl NodeTransaction {
    /// There is none any more.
    pub(super) fn end(&self) {
        self.is_open.set(false);
    }
}

fn is_in_transaction(connection: &mut Conn) -> Result<bool, Failure> {
    Ok(connection.query::<u8, _>("SELECT @@in_transaction")? == [1])
}

impl Mysql {
    /// Begins a transaction.
    pub(super) fn start(&self) -> Result<(), DbError> {
        self.control("START TRANSACTION")?;
        self.transaction.is_open.set(true);
        Ok(())
    }

    /// Keeps what the transaction did, if it is the one that was begun.
    pub(super) fn keep(&self) -> Result<(), DbError> {
        self.with(|it| self.refuse_overtaken(it))?;
        self.control("COMMIT")?;
        self.transaction.end();
        Ok(())
    }

    /// Undoes what the transaction did.
    pub(super) fn undo(&self) -> Result<(), DbError> {
        self.control("ROLLBACK")?;
        self.transaction.end();
        Ok(())
    }

    /// A statement, prepared on this connection. It fails where the transaction has ended meanwhile.
    pub(super) fn prepare(&self, connection: &mut Conn, sql: &str) -> Result<Statement, Failure> {
        let statement = connection.prep(sql)?;
        let last = self.transaction.prepared.get();
        if statement.id() > last {
            self.transaction.prepared.set(statement.id());
            self.refuse_overtaken(connection)?;
        }
        Ok(statement)
    }

    /// The connection is another one.
    pub(super) fn forget_prepared(&self) {
        self.transaction.prepared.set(0);
        self.transaction.end();
    }

    /// Notes whether a statement that was run has ended the transaction by itself, as those do that change the structure.
    pub(super) fn note_end(&self, connection: &mut Conn, sql: &str) -> Result<(), Failure> {
        let may_end = match StatementWork::of(sql) {
            StatementWork::Read | StatementWork::Write => false,
            StatementWork::Define | StatementWork::Unknown => true,
        };
        if may_end && self.may_be_overtaken() {
            self.transaction.is_open.set(is_in_transaction(connection)?);
        }
        Ok(())
    }

    fn may_be_overtaken(&self) -> bool {
        self.is_cluster.get() && self.transaction.is_open.get()
    }

    fn refuse_overtaken(&self, connection: &mut Conn) -> Result<(), Failure> {
        if self.may_be_overtaken() && !is_in_transaction(connection)? {
            return Err(Failure::Overtaken);
        }
        Ok(())
    }
}
