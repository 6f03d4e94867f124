//! Statements that are kept at hand while many run that are alike: rusqlite's own cache finds a statement by a hash of its text and copies
//! that, twice a call.

use super::quoting::{FirstWord, quote_names};
use super::value::Parameter;
use super::{SharedSqlite, Sqlite};
use crate::catalog::{Object, ShownColumn, Surroundings, Table};
use crate::db::forward::forward;
use crate::db::{Database, DbError, Interrupter, KeyViolations, Structure};
use crate::sql::{Dialect, SchemaObject};
use crate::value::Value;
use rusqlite::CachedStatement;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::time::Duration;

/// So many are kept at hand; those beyond are still in rusqlite's cache.
const MOST: usize = 8;

/// A statement, and the text for which it is kept: as it was asked for.
struct KeptStatement<'c> {
    text: Box<str>,
    statement: CachedStatement<'c>,
}

/// The database, and the statements that ran last. One that runs is borrowed.
struct KeepingSqlite<'c> {
    shared: SharedSqlite<'c>,
    kept: [RefCell<Option<KeptStatement<'c>>>; MOST],
    /// Where the one is that ran last: the next is often the same.
    last: Cell<usize>,
    /// Where the next that is new comes to stand, in place of the oldest.
    next: Cell<usize>,
}

impl<'c> KeepingSqlite<'c> {
    fn new(sqlite: &'c Sqlite) -> Self {
        Self {
            shared: SharedSqlite(sqlite),
            kept: Default::default(),
            last: Cell::new(0),
            next: Cell::new(0),
        }
    }

    /// What `work` does with the statement of that text; none of one that changes the structure.
    fn with<T>(
        &self,
        text: &str,
        work: impl FnOnce(&mut CachedStatement<'c>) -> rusqlite::Result<T>,
    ) -> Option<Result<T, DbError>> {
        let last = self.last.get();
        for it in 0..MOST {
            let place = (last + it) % MOST;
            let Some(Ok(mut kept)) = self.kept.get(place).map(RefCell::try_borrow_mut) else {
                continue;
            };
            if let Some(kept) = &mut *kept
                && *kept.text == *text
            {
                self.last.set(place);
                return Some(self.told(work(&mut kept.statement)));
            }
        }
        let mut statement = match self.statement(text)? {
            Ok(it) => it,
            Err(error) => return Some(self.told(Err(error))),
        };
        let done = self.told(work(&mut statement));
        let place = self.next.get();
        if let Some(Ok(mut kept)) = self.kept.get(place).map(RefCell::try_borrow_mut) {
            *kept = Some(KeptStatement { text: text.into(), statement });
            self.last.set(place);
        }
        self.next.set((place + 1) % MOST);
        Some(done)
    }

    fn told<T>(&self, done: rusqlite::Result<T>) -> Result<T, DbError> {
        done.map_err(|it| self.shared.script_error(it))
    }

    fn statement(&self, text: &str) -> Option<rusqlite::Result<CachedStatement<'c>>> {
        match quote_names(text) {
            (FirstWord::Alter | FirstWord::Create, _) => None,
            (FirstWord::Other, sql) => Some(self.shared.0.connection.prepare_cached(&sql)),
        }
    }
}

/// Whether SQLite has a copy of a value that is bound.
const fn is_copied(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) => false,
        Value::Decimal(_) | Value::Text(_) | Value::Blob(_) | Value::Date(_) | Value::Json(_) => {
            true
        }
    }
}

impl Database for KeepingSqlite<'_> {
    fn name(&self) -> &str {
        self.shared.name()
    }

    fn structure(&mut self) -> Option<&mut dyn Structure> {
        // Whoever notes what statements write to wants them compiled again.
        self.kept = Default::default();
        Some(&mut self.shared)
    }

    fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<u64, DbError> {
        self.execute_with(sql, &mut parameters.iter())
    }

    fn execute_with(
        &mut self,
        sql: &str,
        parameters: &mut dyn Iterator<Item = &Value>,
    ) -> Result<u64, DbError> {
        self.shared.check_interrupted()?;
        let done = self.with(sql, |statement| {
            let parameters = (&mut *parameters).map(Parameter);
            let done = statement.execute(rusqlite::params_from_iter(parameters));
            statement.clear_bindings();
            done
        });
        match done {
            Some(done) => done.map(|it| it as u64),
            None => self.shared.execute_with(sql, parameters),
        }
    }

    fn query(
        &self,
        sql: &str,
        parameters: &[Value],
        each: &mut dyn FnMut(&mut [Value]) -> ControlFlow<()>,
    ) -> Result<(), DbError> {
        self.shared.check_interrupted()?;
        let read = self.with(sql, |statement| {
            let done = self.shared.read(statement, parameters, each);
            if parameters.iter().any(is_copied) {
                statement.clear_bindings();
            }
            done
        });
        read.unwrap_or_else(|| self.shared.query(sql, parameters, each))
    }

    fn query_in_parts(
        &self,
        sql: &str,
        parameters: &[Value],
        each: &mut dyn FnMut(&mut [Value]) -> ControlFlow<()>,
    ) -> Result<(), DbError> {
        self.query(sql, parameters, each)
    }

    forward! { others: SharedSqlite<'_>, |own| &own.shared, &mut own.shared }
}

impl Database for Sqlite {
    fn name(&self) -> &str {
        &self.name
    }

    fn structure(&mut self) -> Option<&mut dyn Structure> {
        Some(self)
    }

    fn keeping_statements(&mut self) -> Box<dyn Database + '_> {
        Box::new(KeepingSqlite::new(self))
    }

    forward! { all: SharedSqlite<'_>, |own| &SharedSqlite(own), &mut SharedSqlite(own) }
}
