//! How statements run: prepared, behind savepoints, their rows one by one or in parts.

use super::value::{CellValue, TextParameter};
use super::{Postgres, describe, error};
use crate::db::statement_work::StatementWork;
use crate::db::{Database as _, DbError, DbErrorKind, ErrorSubject};
use crate::value::Value;
use postgres::fallible_iterator::FallibleIterator as _;
use postgres::{Client, Row, Statement};
use std::ops::ControlFlow;
use std::sync::PoisonError;

/// So many statements are kept prepared.
const PREPARED: usize = 256;

/// So many rows are fetched at a time where other statements run in between.
const PART: usize = 1000;

impl Postgres {
    /// Does something with the connection, which nobody else uses.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&mut Client) -> Result<T, postgres::Error>,
    ) -> Result<T, DbError> {
        let Ok(mut client) = self.client.try_borrow_mut() else {
            let message = "rows of another statement are still coming";
            return Err(DbError::new(DbErrorKind::Refused, message));
        };
        let done = work(&mut client);
        drop(client);
        done.map_err(|it| self.error(&it))
    }

    /// What to say of an error; what it means for the transaction is noted.
    pub(super) fn error(&self, found: &postgres::Error) -> DbError {
        let mut res = error::of(found);
        self.raced.set(error::is_lost_race(found));
        self.broken.set(self.broken.get() || res.ended);
        if self.address.has_several() && error::is_read_only(found) {
            self.outdated.set(true);
        }
        if self.begun {
            self.failed.set(true);
            if res.ended {
                self.lost.set(true);
            }
        } else {
            res.ended = false;
        }
        if error::is_behind_another(found) {
            res.kind = DbErrorKind::Refused;
        }
        match res.kind {
            DbErrorKind::Interrupted => {
                let ended = res.ended;
                self.stop.reason().map_or(res, |reason| DbError { ended, ..reason })
            }
            _ => res,
        }
    }

    /// Statements of Relata's own, which yield nothing.
    pub(super) fn batch(&self, sql: &str) -> Result<(), DbError> {
        self.with(|it| it.batch_execute(sql))
    }

    /// The same for one that ends or opens a savepoint: that before a statement is none any more.
    pub(super) fn control(&self, sql: &str) -> Result<(), DbError> {
        if self.guarded.replace(false) && !self.failed.get() {
            return self.batch(&format!("RELEASE relata; {sql}"));
        }
        self.batch(sql)
    }

    /// Fails where someone has asked to stop, time is up, or the transaction is none any more.
    pub(super) fn check(&self) -> Result<(), DbError> {
        self.stop.reason().map_or(Ok(()), Err)?;
        if self.has_ended() {
            let message = "the transaction is over: all of it was undone";
            return Err(DbError::new(DbErrorKind::Undone, message));
        }
        Ok(())
    }

    /// Whether the connection is none any more. What ends it is told before it is closed on this side.
    pub(super) fn is_broken(&self) -> bool {
        let Ok(client) = self.client.try_borrow() else {
            // Rows are coming.
            return false;
        };
        self.broken.get() || client.is_closed()
    }

    /// The error, where the connection was lost and nobody knows whether the server has kept what the statement did.
    pub(super) fn unless_lost(&self, error: DbError, sql: &str) -> DbError {
        if self.begun || StatementWork::of(sql) == StatementWork::Read || !self.is_broken() {
            return error;
        }
        DbError { kind: DbErrorKind::OutcomeUnknown, ..error }
    }

    /// Connects again where the connection is lost and nothing depends on it: to the next server, where there are several.
    pub(super) fn reconnect(&self) -> Result<(), DbError> {
        if self.begun || !(self.outdated.get() || self.is_broken()) {
            return Ok(());
        }
        let (client, place) = match self.address.connect(self.server.get() + 1) {
            Ok(it) => it,
            // What takes no writes can be read all the same.
            Err(error) => return if self.is_broken() { Err(error) } else { Ok(()) },
        };
        self.server.set(place);
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = client.cancel_token();
        self.statements.borrow_mut().clear();
        self.client.replace(client);
        self.broken.set(false);
        self.outdated.set(false);
        Ok(())
    }

    /// A statement, prepared.
    pub(super) fn prepared(
        &self,
        client: &mut Client,
        sql: &str,
    ) -> Result<Statement, postgres::Error> {
        if let Some(known) = self.statements.borrow().get(sql) {
            return Ok(known.clone());
        }
        let statement = client.prepare(sql)?;
        let mut statements = self.statements.borrow_mut();
        if statements.len() >= PREPARED {
            statements.clear();
        }
        statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    /// Runs a statement, and once more where what it was prepared for has changed since.
    pub(super) fn attempt<T>(
        &self,
        sql: &str,
        mut work: impl FnMut(&mut Client, &Statement) -> Result<T, postgres::Error>,
    ) -> Result<T, DbError> {
        let mut run = |client: &mut Client| {
            let statement = self.prepared(client, sql)?;
            work(client, &statement)
        };
        self.with(|client| match run(client) {
            Err(error) if error::is_outdated(&error) => {
                self.statements.borrow_mut().remove(sql);
                if self.begun { Err(error) } else { run(client) }
            }
            done => done,
        })
    }

    /// Does what may write: where it fails within a transaction, that goes on without it.
    pub(super) fn guarded<T>(
        &self,
        sql: &str,
        work: impl FnOnce() -> Result<T, DbError>,
    ) -> Result<T, DbError> {
        let about = StatementWork::of(sql);
        if about == StatementWork::Define {
            self.statements.borrow_mut().clear();
        }
        if about == StatementWork::Read {
            // Rows of what reads may have been shown already.
            return work().inspect_err(|_| self.raced.set(false));
        }
        if !self.begun {
            return work();
        }
        self.control("SAVEPOINT relata")?;
        self.guarded.set(true);
        work().or_else(|error| {
            if !self.lost.get() {
                self.batch("ROLLBACK TO relata")?;
                self.failed.set(false);
            }
            Err(error)
        })
    }

    /// The error, with the columns of the key that two rows would have.
    pub(super) fn explained(&self, mut found: DbError) -> DbError {
        if let (DbErrorKind::Unique, Some(ErrorSubject::Index(name)), false) =
            (found.kind, &found.about, self.has_ended())
            && let Ok(Some(columns)) = self.with(|it| describe::key_columns(it, name))
        {
            found.about = Some(ErrorSubject::Columns(columns));
        }
        found
    }

    /// Sends a statement and shows each of its rows as it comes.
    pub(super) fn stream(
        &self,
        sql: &str,
        parameters: &[Value],
        each: &mut dyn FnMut(&mut [Value]) -> ControlFlow<()>,
    ) -> Result<(), DbError> {
        self.attempt(sql, |client, statement| {
            let mut values = Vec::with_capacity(statement.columns().len());
            let mut rows = client.query_raw(statement, parameters.iter().map(TextParameter))?;
            let mut wanted = true;
            // Where something hangs on it, what isn't shown is read all the same, to the end: the statement may have failed behind it, and the
            // server takes COMMIT for ROLLBACK then.
            let to_end = self.begun || StatementWork::of(sql) != StatementWork::Read;
            while let Some(row) = rows.next()? {
                if wanted {
                    read(&row, &mut values)?;
                    wanted = each(&mut values).is_continue();
                }
                if !wanted && !to_end {
                    break;
                }
            }
            Ok(())
        })
    }

    /// All rows of a statement that Relata itself has.
    pub(super) fn fetch(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, DbError> {
        self.attempt(sql, |client, statement| {
            client.query_raw(statement, parameters.iter().map(TextParameter))?.collect()
        })
    }

    /// Rows of a cursor, a part at a time.
    pub(super) fn fetch_parts(
        &self,
        cursor: &str,
        each: &mut dyn FnMut(&mut [Value]) -> ControlFlow<()>,
    ) -> Result<(), DbError> {
        let fetch = format!("FETCH {PART} FROM {cursor}");
        let mut values = Vec::new();
        loop {
            // The same words, of another cursor: nothing of it is kept.
            let none: [&(dyn postgres::types::ToSql + Sync); 0] = [];
            let rows = self.with(|it| it.query(fetch.as_str(), &none))?;
            for row in &rows {
                read(row, &mut values).map_err(|it| self.error(&it))?;
                if each(&mut values).is_break() {
                    return Ok(());
                }
            }
            if rows.len() < PART {
                return Ok(());
            }
            self.check()?;
        }
    }
}

/// The values of a row.
fn read(row: &Row, into: &mut Vec<Value>) -> Result<(), postgres::Error> {
    into.clear();
    for place in 0..row.len() {
        into.push(row.try_get::<_, CellValue>(place)?.0);
    }
    Ok(())
}
