//! How statements run: prepared, their rows one by one, from another connection, or kept until they are asked for.

use super::buffer::SpilledRows;
use super::{Mysql, describe, error, value};
use crate::db::statement_work::StatementWork;
use crate::db::{Database as _, DbError, DbErrorKind, ErrorSubject};
use crate::value::Value;
use mysql::prelude::Queryable as _;
use mysql::{Binary, Conn, Params, QueryResult, Statement};
use std::ops::ControlFlow;

/// How an INSERT begins that passes over rows which are there already.
pub(super) const IGNORING: &str = "INSERT IGNORE ";

/// Another row has what only one may have: the number of the warning.
const DUPLICATE: u16 = 1062;

/// What fails while a statement runs.
pub(super) enum Failure {
    OfDriver(mysql::Error),
    /// A value that can't be read.
    Unreadable(String),
    /// What another node has written has ended the transaction, and the server has said nothing of it.
    Overtaken,
}

impl From<mysql::Error> for Failure {
    fn from(found: mysql::Error) -> Self {
        Self::OfDriver(found)
    }
}

/// A statement of Relata's own about its tables, whose parameters have numbers, with places for them in order.
fn numbered<'v>(sql: &str, parameters: &[&'v Value]) -> Option<(String, Vec<&'v Value>)> {
    if !sql.contains("_relata_") || !sql.contains("$1") {
        return None;
    }
    let (mut text, mut given) = (String::with_capacity(sql.len()), Vec::new());
    let mut parts = sql.split('$');
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let end = part.find(|it: char| !it.is_ascii_digit()).unwrap_or(part.len());
        let (number, behind) = part.split_at(end);
        let place = number.parse::<usize>().map_or(0, |it| it.wrapping_sub(1));
        given.push(*parameters.get(place)?);
        text.push('?');
        text.push_str(behind);
    }
    Some((text, given))
}

fn positional(parameters: Vec<mysql::Value>) -> Params {
    if parameters.is_empty() { Params::Empty } else { Params::Positional(parameters) }
}

/// Sends a statement and shows each of its rows as it comes.
fn stream_on(
    connection: &mut Conn,
    sql: &str,
    parameters: &[Value],
    each: &mut dyn FnMut(&mut [Value]) -> ControlFlow<()>,
    prepare: impl FnOnce(&mut Conn, &str) -> Result<Statement, Failure>,
) -> Result<(), Failure> {
    let all: Vec<_> = parameters.iter().collect();
    let own = numbered(sql, &all);
    let (sql, all) = own.as_ref().map_or((sql, &all), |(sql, all)| (sql.as_str(), all));
    let parameters = all.iter().map(|it| value::parameter(it)).collect();
    let mut values = Vec::new();
    let statement = prepare(connection, sql)?;
    let mut rows = connection.exec_iter(&statement, positional(parameters))?;
    for row in rows.by_ref() {
        value::read(&row?, &mut values).map_err(Failure::Unreadable)?;
        if each(&mut values).is_break() {
            break;
        }
    }
    read_out(rows)?;
    Ok(())
}

/// What isn't shown is read all the same, to the end: the statement may have failed behind it.
fn read_out(mut rows: QueryResult<'_, '_, '_, Binary>) -> Result<(), mysql::Error> {
    while let Some(mut set) = rows.iter() {
        set.try_for_each(|row| row.map(drop))?;
    }
    Ok(())
}

impl Mysql {
    /// Does something with the connection, which nobody else uses.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, Failure>,
    ) -> Result<T, DbError> {
        let Ok(mut connection) = self.connection.try_borrow_mut() else {
            let message = "rows of another statement are still coming";
            return Err(DbError::new(DbErrorKind::Refused, message));
        };
        let done = work(&mut connection);
        drop(connection);
        done.map_err(|it| self.error(it))
    }

    /// What to say of an error; what it means for the transaction is noted.
    fn error(&self, found: Failure) -> DbError {
        let found = match found {
            Failure::OfDriver(it) => it,
            Failure::Unreadable(message) => return DbError::new(DbErrorKind::Refused, message),
            Failure::Overtaken => {
                self.raced.set(true);
                self.transaction.end();
                self.lost.set(self.begun);
                let message =
                    "what another node has written came first: the transaction was undone";
                return DbError { ended: self.begun, ..DbError::new(DbErrorKind::Busy, message) };
            }
        };
        let mut res = error::of(&found);
        self.raced.set(error::is_lost_race(&found) || error::is_out_of_cluster(&found));
        if error::is_lost(&found) {
            self.broken.set(true);
            // Another one may get its number.
            self.connections.remove(self.number.get());
        }
        if self.address.has_several() && error::is_read_only(&found) {
            self.outdated.set(true);
        }
        if self.begun {
            if res.ended {
                self.lost.set(true);
            }
        } else {
            res.ended = false;
        }
        match res.kind {
            DbErrorKind::Interrupted => {
                let ended = res.ended;
                self.stop.reason().map_or(res, |reason| DbError { ended, ..reason })
            }
            _ => res,
        }
    }

    /// The number of the innermost savepoint of that depth, which is none any more, nor are those within it.
    pub(super) fn left_savepoint(&mut self, depth: usize) -> u64 {
        while let Some((found, number)) = self.savepoints.pop() {
            if found == depth {
                return number;
            }
        }
        // There is none: the server says so.
        0
    }

    /// A statement of Relata's own, which yields nothing.
    pub(super) fn control(&self, sql: &str) -> Result<(), DbError> {
        self.with(|it| Ok(it.query_drop(sql)?))
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

    /// The error, where the connection was lost and nobody knows whether the server has kept what the statement did: what changes the
    /// structure is kept at once, within a transaction too.
    pub(super) fn unless_lost(&self, error: DbError, sql: &str) -> DbError {
        let kept_at_once = match StatementWork::of(sql) {
            StatementWork::Read => false,
            StatementWork::Write => !self.begun,
            StatementWork::Define | StatementWork::Unknown => true,
        };
        if !kept_at_once || !self.broken.get() || self.raced.get() {
            return error;
        }
        DbError { kind: DbErrorKind::OutcomeUnknown, ..error }
    }

    /// Connects again where the connection is lost and nothing depends on it: to the next server, where there are several.
    pub(super) fn reconnect(&self) -> Result<(), DbError> {
        if self.begun || !(self.broken.get() || self.outdated.get()) {
            return Ok(());
        }
        let (place, _) = self.number.get();
        let (reached, place) = match self.address.connect(place + 1) {
            Ok(it) => it,
            // What takes no writes can be read all the same.
            Err(error) => return if self.broken.get() { Err(error) } else { Ok(()) },
        };
        let number = (place, reached.connection.connection_id());
        self.connections.remove(self.number.replace(number));
        self.connections.add(number);
        self.connection.replace(reached.connection);
        self.forget_prepared();
        self.is_cluster.set(reached.is_cluster);
        for (connection, number) in self.spare.borrow_mut().drain(..) {
            self.connections.remove(number);
            drop(connection);
        }
        self.broken.set(false);
        self.outdated.set(false);
        self.wait_so_long()?;
        if self.keys { Ok(()) } else { self.control("SET foreign_key_checks = 0") }
    }

    /// Lets the session wait for locks as long as was said: whole seconds, and one at least.
    pub(super) fn wait_so_long(&self) -> Result<(), DbError> {
        let Some(most) = self.wait else {
            return Ok(());
        };
        let seconds = most.as_millis().div_ceil(1000).max(1);
        self.control(&format!(
            "SET SESSION lock_wait_timeout = {seconds}, innodb_lock_wait_timeout = {seconds}"
        ))
    }

    /// Runs a statement; returns how many rows it changed.
    pub(super) fn send(&self, sql: &str, parameters: &[&Value]) -> Result<u64, DbError> {
        let own = numbered(sql, parameters);
        let (sql, all) = own.as_ref().map_or((sql, parameters), |(sql, all)| (sql.as_str(), all));
        let parameters = all.iter().map(|it| value::parameter(it)).collect();
        let (rows, last) = self.with(|connection| {
            let statement = self.prepare(connection, sql)?;
            let mut done = connection.exec_iter(&statement, positional(parameters))?;
            let (mut rows, last) = (done.affected_rows(), done.last_insert_id());
            let told = !done.columns().as_ref().is_empty();
            // A row that is there and is changed counts as two.
            if rows > 0 && sql.contains(" ON DUPLICATE KEY UPDATE ") {
                rows = records(&done.info_str()).unwrap_or(1);
            }
            for row in done.by_ref() {
                drop(row?);
                rows += u64::from(told);
            }
            read_out(done)?;
            self.note_end(connection, sql)?;
            Ok((rows, last))
        })?;
        if let Some(last) = last.and_then(|it| i64::try_from(it).ok()).filter(|it| *it > 0) {
            self.last.set(last);
        }
        Ok(rows)
    }

    /// Sends a statement and shows each of its rows as it comes.
    pub(super) fn stream(
        &self,
        sql: &str,
        parameters: &[Value],
        each: &mut dyn FnMut(&mut [Value]) -> ControlFlow<()>,
    ) -> Result<(), DbError> {
        self.with(|connection| {
            stream_on(connection, sql, parameters, each, |it, sql| self.prepare(it, sql))?;
            self.note_end(connection, sql)
        })
    }

    /// The same on another connection: this one may be asked further things meanwhile.
    pub(super) fn stream_beside(
        &self,
        sql: &str,
        parameters: &[Value],
        each: &mut dyn FnMut(&mut [Value]) -> ControlFlow<()>,
    ) -> Result<(), DbError> {
        let spare = self.spare.borrow_mut().pop();
        let (mut connection, number) = match spare {
            Some(it) => it,
            None => {
                let (place, _) = self.number.get();
                let connection = self.address.connect_to(place)?;
                let number = (place, connection.connection_id());
                self.connections.add(number);
                (connection, number)
            }
        };
        // It never is in a transaction.
        let prepare = |it: &mut Conn, sql: &str| Ok(it.prep(sql)?);
        let done = stream_on(&mut connection, sql, parameters, each, prepare);
        match done {
            Ok(()) => {
                self.spare.borrow_mut().push((connection, number));
                Ok(())
            }
            Err(found) => {
                self.connections.remove(number);
                drop(connection);
                let broken = self.broken.get();
                let error = self.error(found);
                // It was that connection, and not this one.
                self.broken.set(broken);
                Err(error)
            }
        }
    }

    /// The same where no other connection would see the same: all rows are read, and then shown.
    pub(super) fn stream_kept(
        &self,
        sql: &str,
        parameters: &[Value],
        each: &mut dyn FnMut(&mut [Value]) -> ControlFlow<()>,
    ) -> Result<(), DbError> {
        let mut kept = SpilledRows::default();
        let mut failed = None;
        self.stream(sql, parameters, &mut |row| match kept.push(row) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        })?;
        let cannot = |it: std::io::Error| {
            let message = format!("rows can't be kept in a temporary file: {it}");
            DbError::new(DbErrorKind::CannotWrite, message)
        };
        if let Some(error) = failed {
            return Err(cannot(error));
        }
        let mut row = Vec::new();
        kept.rewind().map_err(cannot)?;
        while kept.next(&mut row).map_err(cannot)? {
            if each(&mut row).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Does what passes over rows that are there already, and over nothing else: what else the server has passed over is an error, as it is
    /// without that word, and undone.
    pub(super) fn guarded<T>(
        &self,
        sql: &str,
        work: impl FnOnce() -> Result<T, DbError>,
    ) -> Result<T, DbError> {
        if !sql.starts_with(IGNORING) {
            return work();
        }
        let own = !self.begun;
        if own { self.start() } else { self.control("SAVEPOINT relata") }?;
        let done = work().and_then(|done| match self.passed_over()? {
            None => Ok(done),
            Some(error) => Err(error),
        });
        match (done, own) {
            (Ok(done), _) => {
                if own { self.keep() } else { self.control("RELEASE SAVEPOINT relata") }?;
                Ok(done)
            }
            (Err(error), true) => {
                if !self.broken.get() {
                    self.undo()?;
                }
                Err(error)
            }
            (Err(error), false) => {
                if !self.lost.get() {
                    self.control("ROLLBACK TO SAVEPOINT relata")?;
                }
                Err(error)
            }
        }
    }

    /// The first warning of the last statement that is about something else than a row which is there already.
    fn passed_over(&self) -> Result<Option<DbError>, DbError> {
        let warnings: Vec<(String, u16, String)> =
            self.with(|it| Ok(it.query("SHOW WARNINGS")?))?;
        let other =
            warnings.into_iter().find(|(level, code, _)| level != "Note" && *code != DUPLICATE);
        Ok(other.map(|(_, code, message)| {
            let said = mysql::MySqlError { state: String::new(), message, code };
            error::of(&mysql::Error::MySqlError(said))
        }))
    }

    /// The error, with the table of its column, and with the columns of the key that two rows would have.
    pub(super) fn explained(&self, mut found: DbError, sql: &str) -> DbError {
        let Some(table) = written_table(sql) else {
            return found;
        };
        match (found.kind, &found.about) {
            (DbErrorKind::NotNull, Some(ErrorSubject::Columns(columns))) => {
                let columns = columns.iter().map(|it| format!("{table}.{it}")).collect();
                found.about = Some(ErrorSubject::Columns(columns));
            }
            (DbErrorKind::Unique, Some(ErrorSubject::Index(name))) if !self.has_ended() => {
                if let Ok(Some(columns)) = describe::key_columns(self, &table, name) {
                    found.about = Some(ErrorSubject::Columns(columns));
                }
            }
            _ => {}
        }
        found
    }
}

/// How many rows an INSERT of several has written: `Records: 3  Duplicates: 1  Warnings: 0`.
fn records(info: &str) -> Option<u64> {
    info.strip_prefix("Records: ")?.split(' ').next()?.parse().ok()
}

/// The table that a statement writes to.
fn written_table(sql: &str) -> Option<String> {
    let starts = ["INSERT INTO `", "INSERT IGNORE INTO `", "UPDATE `", "DELETE FROM `"];
    let rest = starts.iter().find_map(|it| sql.strip_prefix(it))?;
    let mut name = String::new();
    let mut letters = rest.chars().peekable();
    while let Some(it) = letters.next() {
        if it == '`' && letters.next_if_eq(&'`').is_none() {
            return Some(name);
        }
        name.push(it);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{numbered, records, written_table};
    use crate::value::Value;

    #[test]
    fn numbered_parameters_get_places_in_order() {
        let (one, two) = (Value::Integer(1), Value::Integer(2));
        let sql =
            "UPDATE _relata_steps SET first = $1, last = $2 WHERE migration BETWEEN $1 AND $2";
        let (text, given) = numbered(sql, &[&one, &two]).unwrap();
        assert_eq!(text.matches('?').count(), 4);
        assert_eq!(given, [&one, &two, &one, &two]);
        assert!(numbered("SELECT '$1'", &[&one]).is_none());
    }

    #[test]
    fn rows_that_were_there_count_once() {
        assert_eq!(records("Records: 3  Duplicates: 1  Warnings: 0"), Some(3));
        assert_eq!(records(""), None);
    }

    #[test]
    fn a_statement_says_which_table_it_writes_to() {
        assert_eq!(written_table("INSERT INTO `a``b` (`x`)").as_deref(), Some("a`b"));
        assert_eq!(written_table("UPDATE `app.t` SET").as_deref(), Some("app.t"));
        assert_eq!(written_table("SELECT 1"), None);
    }
}
