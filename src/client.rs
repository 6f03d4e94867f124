//! A database, asked in behalf of scripts: what it says no with becomes a problem of a sentence.

mod clock;
mod failure;
mod sketch;

pub(crate) use crate::stored::quoted;
#[cfg(feature = "postgres")]
pub(crate) use crate::stored::quoted_text;
pub(crate) use clock::Clock;
pub(crate) use failure::{FailedStatement, broken_reference, place};
pub(crate) use sketch::Sketch;

use crate::catalog::Table;
use crate::db::{Database, DbError, DbErrorKind, Structure};
use crate::diagnostics::RunProblem;
use crate::ir::{Schema, iso};
use crate::source::{Sources, Span};
use crate::value::Value;
use smol_str::SmolStr;
use std::borrow::Cow;

/// What comes of a part of a sentence.
pub(crate) type RunResult<T> = Result<T, RunProblem>;

/// What problems are told with.
pub(crate) struct ProblemContext<'a> {
    pub schema: &'a Schema,
    pub sources: &'a Sources,
    /// The database's name.
    pub database: SmolStr,
}

/// A database, and the scripts in whose behalf it is asked.
pub(crate) struct Client<'a> {
    pub scripts: &'a ProblemContext<'a>,
    pub database: &'a mut dyn Database,
    /// What stands before whatever is asked of rows: a `WITH` that gives tables the names which they get only later. Mostly nothing.
    pub names: String,
    /// Whether changes are made to a sketch of it.
    pub sketch: Sketch<'a>,
}

impl<'a> Client<'a> {
    /// One that does what it is asked to the database itself.
    pub(crate) fn new(scripts: &'a ProblemContext<'a>, database: &'a mut dyn Database) -> Self {
        Self { scripts, database, names: String::new(), sketch: Sketch::default() }
    }
}

impl Client<'_> {
    /// Asks the database something.
    pub(crate) fn ask<T>(
        &mut self,
        at: Span,
        question: impl FnOnce(&mut dyn Database) -> Result<T, DbError>,
    ) -> RunResult<T> {
        question(self.database).map_err(|it| self.failure(it, at))
    }

    /// Does something to the structure beside statements.
    pub(crate) fn structure<T>(
        &mut self,
        at: Span,
        work: impl FnOnce(&mut dyn Structure) -> Result<T, DbError>,
    ) -> RunResult<T> {
        self.on_structure(work).map_err(|it| self.failure(it, at))
    }

    fn on_structure<T>(
        &mut self,
        work: impl FnOnce(&mut dyn Structure) -> Result<T, DbError>,
    ) -> Result<T, DbError> {
        self.database.structure().map_or_else(
            || Err(DbError::new(DbErrorKind::Refused, "its structure can't be changed")),
            work,
        )
    }

    /// The same, where the database may refuse the statement that it is about: why it did.
    pub(crate) fn try_structure<T>(
        &mut self,
        at: Span,
        work: impl FnOnce(&mut dyn Structure) -> Result<T, DbError>,
    ) -> RunResult<Result<T, String>> {
        match self.on_structure(work) {
            Ok(done) => Ok(Ok(done)),
            Err(error) if error.kind.is_of_statement() => Ok(Err(error.message)),
            Err(error) => Err(self.failure(error, at)),
        }
    }

    /// Makes what a script has as SQL, or what the database kept.
    pub(crate) fn create(&mut self, sql: &str) -> Result<(), DbError> {
        self.on_structure(|it| it.create(sql))
    }

    /// What the database would know of a table after these statements; or why it refuses one of them.
    pub(crate) fn preview(
        &mut self,
        at: Span,
        statements: &[String],
        table: &str,
    ) -> RunResult<Result<Option<Table>, String>> {
        self.try_structure(at, |it| it.preview(statements, table))
    }

    /// Whether the database takes these statements, which make a table and what belongs to it.
    pub(crate) fn accepts(
        &mut self,
        at: Span,
        statements: &[String],
        table: &str,
    ) -> RunResult<bool> {
        Ok(match self.preview(at, statements, table)? {
            Ok(_) => true,
            Err(_why) => false,
        })
    }

    /// What the database said, of the sentence `at`.
    pub(crate) fn failure(&self, error: DbError, at: Span) -> RunProblem {
        self.failure_of(error, at, FailedStatement::default())
    }

    /// The same, of a statement of that sentence.
    pub(crate) fn failure_of(
        &self,
        error: DbError,
        at: Span,
        about: FailedStatement<'_>,
    ) -> RunProblem {
        self.scripts.failure(error, at, about)
    }

    /// Runs a statement, which is noted.
    pub(crate) fn run_statement(
        &mut self,
        at: Span,
        sql: &str,
        ran: &mut Vec<String>,
    ) -> RunResult<()> {
        let done = self.database.execute(sql, &[]).map(|_| ());
        self.noted(done, at, sql, ran)
    }

    /// Makes again what the database kept, or makes what a script has as SQL.
    pub(crate) fn make(&mut self, at: Span, sql: &str, ran: &mut Vec<String>) -> RunResult<()> {
        let made = self.create(sql);
        self.noted(made, at, sql, ran)
    }

    fn noted(
        &self,
        done: Result<(), DbError>,
        at: Span,
        sql: &str,
        ran: &mut Vec<String>,
    ) -> RunResult<()> {
        let about = FailedStatement { statement: Some(sql), ..FailedStatement::default() };
        done.map_err(|error| self.failure_of(error, at, about))?;
        ran.push(sql.to_owned());
        Ok(())
    }

    /// The rows that a query yields.
    pub(crate) fn rows(
        &self,
        at: Span,
        sql: &str,
        parameters: &[Value],
    ) -> RunResult<Vec<Vec<Value>>> {
        let rows = self.rows_database().rows(&self.named(sql), parameters);
        rows.map_err(|it| self.failure(it, at))
    }

    /// The first row that a query yields.
    pub(crate) fn row(
        &self,
        at: Span,
        sql: &str,
        parameters: &[Value],
    ) -> RunResult<Option<Vec<Value>>> {
        let row = self.rows_database().row(&self.named(sql), parameters);
        row.map_err(|it| self.failure(it, at))
    }

    /// The texts that a query yields.
    pub(crate) fn texts(&self, at: Span, sql: &str) -> RunResult<Vec<String>> {
        let rows = self.rows(at, sql, &[])?;
        let texts = rows.iter().filter_map(|row| match row.first() {
            Some(Value::Text(text)) => Some(text.to_string()),
            _ => None,
        });
        Ok(texts.collect())
    }

    /// How many there are of something, as a query says.
    pub(crate) fn count(&self, at: Span, sql: &str) -> RunResult<u64> {
        let number = self.number(sql).map_err(|it| self.failure(it, at))?;
        Ok(number.map_or(0, i64::unsigned_abs))
    }

    /// The number that a query yields, where the database may refuse it.
    pub(crate) fn number(&self, sql: &str) -> Result<Option<i64>, DbError> {
        self.rows_database().number(&self.named(sql), &[])
    }

    /// A query over tables by the names that they get.
    pub(crate) fn named<'q>(&self, sql: &'q str) -> Cow<'q, str> {
        if self.names.is_empty() {
            Cow::Borrowed(sql)
        } else {
            Cow::Owned(format!("{}{sql}", self.names))
        }
    }

    /// Whether a table has a row of which that is true.
    pub(crate) fn has_row(&self, at: Span, table: &str, what: &str) -> RunResult<bool> {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {} WHERE {what})", quoted(table));
        Ok(self.count(at, &sql)? > 0)
    }
}

/// A text that is told is cut behind so many characters.
const TOLD: usize = 40;

/// A value as it is told in a report.
pub(crate) fn told(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(it) => it.to_string(),
        Value::Integer(it) => it.to_string(),
        Value::Float(it) => it.to_string(),
        Value::Decimal(it) => it.to_string(),
        Value::Date(it) => format!("\"{}\"", iso(it)),
        Value::Text(it) => match it.char_indices().nth(TOLD) {
            Some((end, _)) => {
                let begin = it.get(..end).unwrap_or_default().escape_debug();
                format!("\"{begin}…\"")
            }
            None => format!("{it:?}"),
        },
        Value::Json(it) => match it.char_indices().nth(TOLD) {
            Some((end, _)) => format!("{}…", it.get(..end).unwrap_or_default()),
            None => it.to_string(),
        },
        Value::Blob(it) => format!("{} bytes", it.len()),
    }
}
