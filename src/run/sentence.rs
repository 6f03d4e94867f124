//! One sentence: what it does, by its kind.

use super::evaluate::truth;
use super::rows::found;
use super::{Binding, Outcome, RunResult, Runner, Yield};
use crate::diagnostics::RunProblem;
use crate::ir::{Aggregate, Data, Expression, Find, LetValue, ModelId, Query, Step, StepKind};
use crate::source::Span;
use crate::value::Value;
use smol_str::SmolStr;

impl Runner<'_> {
    /// Carries a sentence out; none where it yields nothing.
    pub(super) fn sentence(&mut self, step: &Step, outcome: &Outcome) -> RunResult<Option<Yield>> {
        let at = step.span;
        match &step.kind {
            StepKind::Sync { model, existing } => {
                self.sync(step, *model, existing).map(Yield::Ddl).map(Some)
            }
            StepKind::Drop { model } => self.drop(at, *model).map(Yield::Ddl).map(Some),
            StepKind::Data(model, data) => self.data(at, *model, data, Some(outcome)),
            StepKind::Let(name, bound) => self.bind_name(at, name, bound, outcome),
            StepKind::Print(expression) => {
                let held = self.evaluate(expression, at)?;
                Ok(Some(yielded(held)))
            }
            StepKind::Assert(expression) => self.assert(expression, step).map(|()| None),
            StepKind::Transaction(_) | StepKind::Rollback => Ok(None),
        }
    }

    /// `let x = ..`
    fn bind_name(
        &mut self,
        at: Span,
        name: &SmolStr,
        bound: &LetValue,
        outcome: &Outcome,
    ) -> RunResult<Option<Yield>> {
        match bound {
            LetValue::Expression(expression) => {
                let held = self.evaluate(expression, at)?;
                self.environment.set(name.clone(), held);
                Ok(None)
            }
            LetValue::Step(inner) => {
                let result = match &inner.kind {
                    StepKind::Data(model, data) => self.data(inner.span, *model, data, None)?,
                    StepKind::Sync { .. }
                    | StepKind::Drop { .. }
                    | StepKind::Let(..)
                    | StepKind::Print(_)
                    | StepKind::Assert(_)
                    | StepKind::Transaction(_)
                    | StepKind::Rollback => self.sentence(inner, outcome)?,
                };
                let held = result.as_ref().map_or(Binding::Value(Value::Null), held);
                self.environment.set(name.clone(), held);
                Ok(result)
            }
        }
    }

    /// What a sentence about rows yields. With `stream` its rows may go to the sink one by one; then it yields nothing
    /// more.
    fn data(
        &mut self,
        at: Span,
        model: ModelId,
        data: &Data,
        stream: Option<&Outcome>,
    ) -> RunResult<Option<Yield>> {
        let result = match data {
            Data::Find(find, query) => return self.find_rows(at, *find, query, stream),
            Data::FindByPk(key, query) => {
                let row = self.find_by_key(at, key, query)?;
                Yield::Row(row)
            }
            Data::FindOrCreate(query, row) => {
                let (row, made) = self.whole(at, |it| it.find_or_create(at, query, row))?;
                Yield::Pair(row, made)
            }
            Data::Aggregate(aggregate, query) => self.aggregate_of(at, aggregate, query)?,
            Data::Create(row, write) => {
                let made = self.create(at, row, write)?;
                self.renew_within(at, row)?;
                Yield::Row(Some(made))
            }
            Data::BulkCreate(model, rows, write) => {
                let made = self.bulk_create(at, *model, rows, write)?;
                for row in rows {
                    self.renew_within(at, row)?;
                }
                Yield::Rows(made)
            }
            Data::Upsert(row, write) => {
                let (row, made) = self.whole(at, |it| it.upsert(at, row, write))?;
                Yield::Pair(row, made)
            }
            Data::Update(target, values, write) => {
                Yield::Count(self.update(at, model, target, values, write)?)
            }
            Data::Increment(target, values) => {
                Yield::Count(self.increment(at, model, target, values)?)
            }
            Data::Destroy(target, force) => Yield::Count(self.destroy(at, model, target, *force)?),
            Data::Restore(target) => Yield::Count(self.restore(at, model, target)?),
            Data::Truncate(model) => Yield::Count(self.truncate(at, *model)?),
            Data::Load(load) => Yield::Count(self.whole(at, |it| it.load(at, load))?),
            Data::Reload(name, model) => Yield::Row(Some(self.reload(at, name, *model)?)),
            Data::Link(link) => self.link(at, link)?,
        };
        Ok(Some(result))
    }

    fn find_rows(
        &mut self,
        at: Span,
        find: Find,
        query: &Query,
        stream: Option<&Outcome>,
    ) -> RunResult<Option<Yield>> {
        let query = self.bind_query(query, at)?;
        match find {
            Find::One => Ok(Some(Yield::Row(self.find_one(at, &query)?))),
            Find::AndCount => {
                let (count, rows) = self.find_and_count(at, &query)?;
                Ok(Some(Yield::Page(count, rows)))
            }
            Find::All => {
                let Some(outcome) = stream.filter(|_| self.sink.streams()) else {
                    return Ok(Some(Yield::Rows(self.find_all(at, &query)?)));
                };
                self.find_streaming(at, &query, outcome)?;
                Ok(None)
            }
        }
    }

    fn aggregate_of(&mut self, at: Span, aggregate: &Aggregate, query: &Query) -> RunResult<Yield> {
        let query = self.bind_query(query, at)?;
        let of = match &aggregate.of {
            Some(of) => Some(self.bind(of, at)?),
            None => None,
        };
        let aggregate = Aggregate { function: aggregate.function, of };
        self.aggregate(at, &aggregate, &query)
    }

    /// `assert (..)`
    fn assert(&mut self, expression: &Expression, step: &Step) -> RunResult<()> {
        let at = step.span;
        let held = self.evaluate(expression, at)?;
        if truth(&held) {
            return Ok(());
        }
        let mut sides = Vec::new();
        if let Expression::Binary(operator, left, right) = expression
            && operator.is_condition()
        {
            for (side, name) in [(left, "left"), (right, "right")] {
                // What is written out needs no telling.
                if !matches!(**side, Expression::Literal(_)) {
                    let held = self.evaluate(side, at)?;
                    sides.push(format!("the {name} side is {}", found(&held)));
                }
            }
        } else if let Binding::Value(Value::Null) = held {
            sides.push("it is null".to_owned());
        }
        let (source, what) = (self.scripts.sources.at(at.start), &sides);
        let written = source.and_then(|it| it.text.get(it.range(at))).unwrap_or_default();
        let written = written.strip_prefix(step.verb.as_str()).unwrap_or(written).trim();
        Err(RunProblem::AssertFailed {
            what: written.split_whitespace().collect::<Vec<_>>().join(" "),
            found: what.join(", "),
            at,
        })
    }
}

/// What `print` yields of something.
fn yielded(held: Binding) -> Yield {
    match held {
        Binding::Value(value) => Yield::Value(value),
        Binding::Row(row) => Yield::Row(Some(row)),
        Binding::Rows(rows) => Yield::Rows(rows),
        Binding::List(values) => Yield::List(values),
    }
}

/// What a variable holds of what a sentence yielded.
fn held(result: &Yield) -> Binding {
    match result {
        Yield::Row(Some(row)) | Yield::Pair(row, _) => Binding::Row(row.clone()),
        Yield::Row(None) | Yield::Ddl(_) | Yield::Failed(_) => Binding::Value(Value::Null),
        Yield::Rows(rows) | Yield::Page(_, rows) => Binding::Rows(rows.clone()),
        Yield::List(values) => Binding::List(values.clone()),
        Yield::Value(value) => Binding::Value(value.clone()),
        Yield::Count(count) => {
            Binding::Value(Value::Integer(i64::try_from(*count).unwrap_or(i64::MAX)))
        }
    }
}
