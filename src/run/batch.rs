//! Rows that are alike, many by one statement: the database then begins its work once and not for each of them.
//!
//! Invariant: what comes of a batch is what came of its rows one by one. Where a statement fails, or does what isn't
//! foreseen, they are written so.

use super::draft::{Cell, RowDraft};
use super::insert::{Inserter, PreparedInsert};
use super::rows::record;
use crate::client::RunResult;
use crate::db::{DbError, DbErrorKind};
use crate::diagnostics::RunProblem;
use crate::record::Record;
use crate::sql::count_on;
use crate::value::Value;
use std::ops::ControlFlow;

/// A row that the database refused.
pub(super) struct RefusedRow {
    /// Its place in the batch.
    pub(super) place: usize,
    pub(super) problem: Box<RunProblem>,
}

impl Inserter<'_, '_> {
    /// Rows by one statement, [`PreparedInsert::rows`] of them and more than one; returns how many the database says it wrote.
    pub(super) fn insert_batch(
        &mut self,
        insert: &PreparedInsert,
        drafts: &[RowDraft],
    ) -> Result<u64, RefusedRow> {
        let Some(first) = drafts.first() else {
            return Ok(0);
        };
        let sql = insert.many(&self.run.planner(), first);
        if self.run.options.explain {
            let values: Vec<Value> = insert.values(drafts).cloned().collect();
            self.run.sink.statement(sql, &values);
        }
        let mut values = insert.values(drafts);
        let done = self.run.database.execute_with(sql, &mut values);
        if let Ok(rows) = done {
            let values = || insert.values(drafts).cloned().collect();
            self.run.written.note(sql, values, rows);
        }
        done.map_err(|it| self.refused_of(it, insert, drafts))
    }

    /// The same where the database tells what became of each row.
    pub(super) fn insert_told_batch(
        &mut self,
        insert: &PreparedInsert,
        drafts: &[RowDraft],
    ) -> Result<Vec<Record>, RefusedRow> {
        let Some(first) = drafts.first() else {
            return Ok(Vec::new());
        };
        let sql = insert.many(&self.run.planner(), first);
        let mut parameters: Vec<Value> = insert.values(drafts).cloned().collect();
        parameters.extend(insert.told_parameters().cloned());
        let mut made = Vec::with_capacity(drafts.len());
        let asked = self.run.query_sql(sql, &parameters, &mut |row| {
            made.push(record(&insert.shape, row));
            ControlFlow::Continue(())
        });
        asked.map_err(|it| self.refused_of(it, insert, drafts))?;
        self.run.written.note(sql, || parameters.clone(), made.len() as u64);
        Ok(made)
    }

    /// Lets what numbers rows go on behind the largest number that one of these rows brought with it, where the database doesn't do so itself.
    pub(super) fn count_given(&mut self, drafts: &[RowDraft]) -> RunResult<()> {
        let dialect = self.run.database.dialect();
        let Some(first) = drafts.first().filter(|_| !dialect.counts_given_numbers) else {
            return Ok(());
        };
        let model = self.run.model(first.model);
        let Some((id, _)) = model.columns().find(|(_, it)| it.auto_increment) else {
            return Ok(());
        };
        let given = drafts.iter().filter_map(|draft| match draft.cell(id) {
            Cell::Value(Value::Integer(number)) => Some(*number),
            Cell::Value(_) | Cell::Absent | Cell::Raw(_) | Cell::Later => None,
        });
        let Some(most) = given.max() else {
            return Ok(());
        };
        let sql = count_on(dialect, model, id, most);
        self.run.column(self.at, &sql).map(|_| ())
    }

    /// Which row of a batch was refused. The sentence fails: what is written here to find out is undone with it.
    fn refused_of(
        &mut self,
        error: DbError,
        insert: &PreparedInsert,
        drafts: &[RowDraft],
    ) -> RefusedRow {
        let first = |problem: RunProblem| RefusedRow { place: 0, problem: problem.into() };
        let refuses = error.is_constraint() || error.kind == DbErrorKind::Refused;
        // A table of someone else's may have ended the transaction: nothing of this may outlive it.
        if !refuses || error.ended {
            return first(self.run.failure(error, self.at));
        }
        let depth = self.run.environment.depth + 1;
        if let Err(error) = self.run.database.savepoint(depth) {
            return first(self.run.failure(error, self.at));
        }
        let found = self.insert_each(insert, drafts, &mut Vec::new());
        if !self.run.database.has_ended()
            && let Err(error) = self.run.database.rollback_to(depth)
        {
            return first(self.run.failure(error, self.at));
        }
        match found {
            Err(found) => found,
            Ok(_) => first(self.run.failure(error, self.at)),
        }
    }

    /// Rows one by one, up to the first that is refused; returns how many were written.
    pub(super) fn insert_each(
        &mut self,
        insert: &PreparedInsert,
        drafts: &[RowDraft],
        parameters: &mut Vec<Value>,
    ) -> Result<u64, RefusedRow> {
        let mut written = 0;
        for (place, draft) in drafts.iter().enumerate() {
            parameters.clear();
            insert.parameters(draft, parameters);
            let problem = match self.run.execute_sql(&insert.sql.text, parameters) {
                Ok(0) if !insert.may_pass => self.insert_ignored(draft),
                Ok(count) => {
                    written += count;
                    continue;
                }
                Err(error) => self.run.refusal(self.at).refused_row(error, draft),
            };
            return Err(RefusedRow { place, problem: problem.into() });
        }
        Ok(written)
    }
}
