//! Sentences that read: `findAll` and its kin.

use super::find::{self, FindEvent, Watch};
use super::found::ReadRow;
use super::plans::{KeptPlans, literal};
use super::{Outcome, RunResult, Runner, Sink, Yield};
use crate::db::DbError;
use crate::diagnostics::RunProblem;
use crate::ir::{Aggregate, AssociationId, Expression, ModelId, Query};
use crate::plan::{Planner, Selection};
use crate::record::Record;
use crate::source::Span;
use crate::sql::HeldTable;
use crate::value::Value;
use std::ops::ControlFlow;
use std::sync::Arc;

impl<'s> Runner<'s> {
    /// What plans queries here.
    pub(super) fn planner(&mut self) -> Planner<'s> {
        Planner {
            schema: self.scripts.schema,
            dialect: self.database.dialect(),
            now: Some(self.moment()),
        }
    }

    /// What reads rows for the sentence `at`.
    pub(super) fn reader(&mut self, at: Span) -> RowReader<'_, 's> {
        RowReader { run: self, at }
    }

    /// The same, where nothing asks for the present moment.
    pub(super) fn planner_without_now(&self) -> Planner<'s> {
        let (schema, dialect) = (self.scripts.schema, self.database.dialect());
        Planner { schema, dialect, now: None }
    }
}

/// What reads rows for a sentence.
pub(super) struct RowReader<'r, 'a> {
    run: &'r mut Runner<'a>,
    at: Span,
}

impl RowReader<'_, '_> {
    /// Runs a plan; its statements are told where that is asked for. Whether there were more rows than a host allows.
    fn run_plan(
        &mut self,
        selection: &Selection,
        mut each: impl FnMut(&mut dyn Sink, ReadRow<'_>) -> ControlFlow<()>,
    ) -> (Result<(), DbError>, bool) {
        let sink = &mut *self.run.sink;
        let mut watch = Watch {
            explain: self.run.options.explain,
            most: self.run.options.limits.rows,
            count: 0,
            other_moment: false,
            each: &mut |it| match it {
                FindEvent::Statement(it) => {
                    sink.statement(&it.text, &it.parameters);
                    ControlFlow::Continue(())
                }
                FindEvent::Row(row) => each(sink, row),
            },
        };
        let asked = find::read_within_limits(&*self.run.database, selection, &mut watch);
        let over = watch.is_over();
        self.run.environment.other_moment |= watch.other_moment;
        (asked, over)
    }

    fn read_each(
        &mut self,
        selection: &Selection,
        mut each: impl FnMut(ReadRow<'_>) -> ControlFlow<()>,
    ) -> RunResult<()> {
        let (asked, over) = self.run_plan(selection, |_, row| each(row));
        self.asked(asked)?;
        self.check_row_limit(over)
    }

    /// Whether there were no more rows than a host allows.
    fn check_row_limit(&self, over: bool) -> RunResult<()> {
        match self.run.options.limits.rows.filter(|_| over) {
            Some(most) => Err(RunProblem::Limit {
                what: format!("there are more than {most} rows, the most that is allowed here"),
                at: self.at,
            }),
            None => Ok(()),
        }
    }

    fn asked<T>(&self, asked: Result<T, DbError>) -> RunResult<T> {
        asked.map_err(|it| self.run.failure(it, self.at))
    }

    fn all_of(&mut self, selection: &Selection) -> RunResult<Vec<Record>> {
        let mut rows = Vec::new();
        let (most, mut size) = (self.run.options.limits.memory, 0);
        self.read_each(selection, |row| {
            let row = row.record();
            if let Some(most) = most {
                size += row.size();
                if size > most {
                    return ControlFlow::Break(());
                }
            }
            rows.push(row);
            ControlFlow::Continue(())
        })?;
        match most {
            Some(most) if size > most => Err(RunProblem::Limit {
                what: format!(
                    "the rows take more than {}, the most that is allowed here",
                    crate::db::in_words(most)
                ),
                at: self.at,
            }),
            _ => Ok(rows),
        }
    }

    fn first_of(&mut self, selection: &Selection) -> RunResult<Option<Record>> {
        let mut first = None;
        self.read_each(selection, |row| {
            first = Some(row.record());
            ControlFlow::Break(())
        })?;
        Ok(first)
    }

    fn value_of(&mut self, selection: &Selection) -> RunResult<Value> {
        let mut found = Value::Null;
        self.read_each(selection, |row| {
            found = row.found().first();
            ControlFlow::Break(())
        })?;
        Ok(found)
    }

    /// `findAll`
    pub(super) fn find_all(&mut self, query: &Query) -> RunResult<Vec<Record>> {
        let selection = self.run.planner().all(query);
        let found = self.all_of(&selection)?;
        self.run.tell_read_moments(self.at, query)?;
        Ok(found)
    }

    /// `findOne`
    pub(super) fn find_one(&mut self, query: &Query) -> RunResult<Option<Record>> {
        let selection = self.run.planner().one(query);
        let found = self.first_of(&selection)?;
        self.run.tell_read_moments(self.at, query)?;
        Ok(found)
    }

    /// `findByPk`
    pub(super) fn find_by_key(
        &mut self,
        key: &[Expression],
        query: &Arc<Query>,
    ) -> RunResult<Option<Record>> {
        let mut plans = std::mem::take(&mut self.run.environment.plans);
        let found = self.find_by_kept_plan(key, query, &mut plans);
        self.run.environment.plans = plans;
        self.run.tell_read_moments(self.at, query)?;
        found
    }

    /// The same, by a plan that is kept, if there is one.
    fn find_by_kept_plan(
        &mut self,
        key: &[Expression],
        query: &Arc<Query>,
        plans: &mut KeptPlans,
    ) -> RunResult<Option<Record>> {
        let plain = |it| self.run.environment.plain_value(it);
        if let Some(selection) = plans.of(query, key.iter().map(plain)) {
            return self.first_of(selection);
        }
        let key: Vec<Expression> =
            key.iter().map(|it| self.run.bind(it, self.at)).collect::<RunResult<_>>()?;
        match plans.of(query, key.iter().map(literal)) {
            Some(selection) => self.first_of(selection),
            None => self.find_by_new_key(&key, query, plans),
        }
    }

    /// The same, for which no plan is kept; perhaps it is from now on.
    fn find_by_new_key(
        &mut self,
        key: &[Expression],
        query: &Arc<Query>,
        plans: &mut KeptPlans,
    ) -> RunResult<Option<Record>> {
        let bound = self.run.bind_query(query, self.at)?;
        let selection = self.run.planner().by_key(key, &bound);
        let found = self.first_of(&selection)?;
        // What has a variable's value in it is good for this once.
        if bound == **query {
            plans.keep(query, key, selection);
        }
        Ok(found)
    }

    /// `findAndCountAll`
    pub(super) fn find_and_count(&mut self, query: &Query) -> RunResult<(u64, Vec<Record>)> {
        let selection = self.run.planner().count(query);
        let count = number(&self.value_of(&selection)?);
        Ok((count, self.find_all(query)?))
    }

    /// `findAll`, told row by row.
    pub(super) fn find_streaming(&mut self, query: &Query, outcome: &Outcome) -> RunResult<()> {
        let selection = self.run.planner().all(query);
        let mut begun = false;
        let (asked, over) = self.run_plan(&selection, |sink, row| {
            if !begun {
                begun = true;
                sink.rows(outcome);
            }
            sink.row(row.found())
        });
        if asked.is_ok() && !over && !begun {
            self.run.sink.rows(outcome);
            begun = true;
        }
        if begun {
            self.run.sink.end();
        }
        self.asked(asked)?;
        self.check_row_limit(over)?;
        self.run.tell_read_moments(self.at, query)
    }

    /// `count`, `sum`, `min`, `max`, `avg`
    pub(super) fn aggregate(&mut self, aggregate: &Aggregate, query: &Query) -> RunResult<Yield> {
        let selection = self.run.planner().aggregate(aggregate, query);
        if query.group.is_empty() {
            return self.value_of(&selection).map(Yield::Value);
        }
        self.all_of(&selection).map(Yield::Rows)
    }

    /// `getInvoices`
    pub(super) fn find_linked(
        &mut self,
        id: AssociationId,
        key: &[Value],
        query: &Query,
    ) -> RunResult<Vec<Record>> {
        let query = self.with_model(id, query);
        let selection = self.run.planner().linked(id, key, &query);
        let found = self.all_of(&selection)?;
        self.run.tell_read_moments(self.at, &query)?;
        Ok(found)
    }

    /// `countInvoices`
    pub(super) fn count_linked(
        &mut self,
        id: AssociationId,
        key: &[Value],
        query: &Query,
    ) -> RunResult<u64> {
        Ok(number(&self.aggregate_linked(id, key, Aggregate::COUNT, query)?))
    }

    /// `sum(ann.invoices.amount)`
    pub(super) fn aggregate_linked(
        &mut self,
        id: AssociationId,
        key: &[Value],
        aggregate: &Aggregate,
        query: &Query,
    ) -> RunResult<Value> {
        let query = self.with_model(id, query);
        let selection = self.run.planner().aggregate_linked((id, key), aggregate, &query);
        self.value_of(&selection)
    }

    /// What an aggregate or a quantifier is over rows that a variable holds.
    pub(super) fn over_held(&mut self, rows: HeldTable, of: &Expression) -> RunResult<Value> {
        let selection = self.run.planner().over_held(rows, of);
        self.value_of(&selection)
    }

    fn with_model(&self, id: AssociationId, query: &Query) -> Query {
        let target: ModelId = self.run.scripts.schema[id].target;
        Query { model: Some(target), ..query.clone() }
    }
}

fn number(value: &Value) -> u64 {
    match value {
        Value::Integer(it) => it.unsigned_abs(),
        _ => 0,
    }
}
