//! One sentence: what it does, by its kind.

use super::evaluate::is_true;
use super::rows::found;
use super::{Binding, Outcome, RunResult, Runner, Yield, link, refresh, structure};
use crate::client::FailedStatement;
use crate::diagnostics::RunProblem;
use crate::ir::{
    Aggregate, Data, Expression, Find, LetValue, ListedRows, ModelId, NewRows, Query, Step,
    StepKind,
};
use crate::source::Span;
use crate::value::Value;
use smol_str::SmolStr;

/// Carries a sentence out; none where it yields nothing.
pub(super) fn sentence(
    run: &mut Runner<'_>,
    step: &Step,
    outcome: &Outcome,
) -> RunResult<Option<Yield>> {
    let at = step.span;
    match &step.kind {
        StepKind::Sync { model, existing } => {
            structure::sync(run, step, *model, existing).map(Yield::Ddl).map(Some)
        }
        StepKind::Drop { model } => structure::drop(run, at, *model).map(Yield::Ddl).map(Some),
        StepKind::Data(model, data) => of_rows(run, at, *model, data, Some(outcome)),
        StepKind::Let(name, bound) => bind_name(run, at, name, bound, outcome),
        StepKind::Print(expression) => {
            let held = run.evaluate(expression, at)?;
            Ok(Some(yielded(held)))
        }
        StepKind::Assert(expression) => assert(run, expression, step).map(|()| None),
        StepKind::Sql(sql) => {
            let done = run.execute_sql(sql, &[]);
            done.map(|_| None).map_err(|it| {
                let about = FailedStatement { raw: Some(at), ..FailedStatement::default() };
                run.scripts.failure(it, at, about)
            })
        }
        StepKind::Transaction(_) | StepKind::Rollback => Ok(None),
    }
}

/// `let x = ..`
fn bind_name(
    run: &mut Runner<'_>,
    at: Span,
    name: &SmolStr,
    bound: &LetValue,
    outcome: &Outcome,
) -> RunResult<Option<Yield>> {
    match bound {
        LetValue::Expression(expression) => {
            let held = run.evaluate(expression, at)?;
            run.environment.set(name.clone(), held);
            Ok(None)
        }
        LetValue::Step(inner) => {
            let result = match &inner.kind {
                StepKind::Data(model, data) => of_rows(run, inner.span, *model, data, None)?,
                StepKind::Sync { .. }
                | StepKind::Drop { .. }
                | StepKind::Let(..)
                | StepKind::Print(_)
                | StepKind::Assert(_)
                | StepKind::Transaction(_)
                | StepKind::Rollback
                | StepKind::Sql(_) => sentence(run, inner, outcome)?,
            };
            let held = result.as_ref().map_or(Binding::Value(Value::Null), held);
            run.environment.set(name.clone(), held);
            Ok(result)
        }
    }
}

/// What a sentence about rows yields. With `stream` its rows may go to the sink one by one; then it yields nothing
/// more.
fn of_rows(
    run: &mut Runner<'_>,
    at: Span,
    model: ModelId,
    data: &Data,
    stream: Option<&Outcome>,
) -> RunResult<Option<Yield>> {
    let result = match data {
        Data::Find(find, query) => return find_rows(run, at, *find, query, stream),
        Data::FindByPk(key, query) => {
            let row = run.reader(at).find_by_key(key, query)?;
            Yield::Row(row)
        }
        Data::FindOrCreate(query, row) => {
            let (row, made) = run.whole(at, |it| it.inserter(at).find_or_create(query, row))?;
            Yield::Pair(row, made)
        }
        Data::Aggregate(aggregate, query) => aggregate_of(run, at, aggregate, query)?,
        Data::Create(row, write) => {
            let made = run.inserter(at).create(row, write)?;
            refresh::refresh_nested(run, at, row)?;
            Yield::Row(Some(made))
        }
        Data::BulkCreate(model, rows, write) => {
            let made = run.bulk_create(at, *model, rows, write)?;
            if let NewRows::Listed(listed) = rows {
                for row in listed {
                    if let ListedRows::Written(row) = row {
                        refresh::refresh_nested(run, at, row)?;
                    }
                }
            }
            Yield::Rows(made)
        }
        Data::Upsert(row, write) => {
            let (row, made) = run.whole(at, |it| it.inserter(at).upsert(row, write))?;
            Yield::Pair(row, made)
        }
        Data::Update(target, values, write) => {
            Yield::Count(run.changing(at, model).update(target, values, write)?)
        }
        Data::Increment(target, values) => {
            Yield::Count(run.changing(at, model).increment(target, values)?)
        }
        Data::Destroy(target, force) => {
            Yield::Count(run.changing(at, model).destroy(target, *force)?)
        }
        Data::Restore(target) => Yield::Count(run.changing(at, model).restore(target)?),
        Data::Truncate(model) => Yield::Count(run.changing(at, *model).truncate()?),
        Data::Load(load) => Yield::Count(run.whole(at, |it| it.load(at, load))?),
        Data::Reload(name, model) => Yield::Row(Some(run.reload(at, name, *model)?)),
        Data::Link(link) => link::link(run, at, link)?,
    };
    Ok(Some(result))
}

fn find_rows(
    run: &mut Runner<'_>,
    at: Span,
    find: Find,
    query: &Query,
    stream: Option<&Outcome>,
) -> RunResult<Option<Yield>> {
    let query = run.bind_query(query, at)?;
    match find {
        Find::One => Ok(Some(Yield::Row(run.reader(at).find_one(&query)?))),
        Find::AndCount => {
            let (count, rows) = run.reader(at).find_and_count(&query)?;
            Ok(Some(Yield::Page(count, rows)))
        }
        Find::All => {
            let Some(outcome) = stream.filter(|_| run.sink.streams()) else {
                return Ok(Some(Yield::Rows(run.reader(at).find_all(&query)?)));
            };
            run.reader(at).find_streaming(&query, outcome)?;
            Ok(None)
        }
    }
}

fn aggregate_of(
    run: &mut Runner<'_>,
    at: Span,
    aggregate: &Aggregate,
    query: &Query,
) -> RunResult<Yield> {
    let query = run.bind_query(query, at)?;
    let of = match &aggregate.of {
        Some(of) => Some(run.bind(of, at)?),
        None => None,
    };
    let aggregate = Aggregate { function: aggregate.function, of };
    run.reader(at).aggregate(&aggregate, &query)
}

/// `assert (..)`
fn assert(run: &mut Runner<'_>, expression: &Expression, step: &Step) -> RunResult<()> {
    let at = step.span;
    let held = run.evaluate(expression, at)?;
    if is_true(&held) {
        return Ok(());
    }
    let mut sides = Vec::new();
    if let Expression::Binary(operator, left, right) = expression
        && operator.is_condition()
    {
        for (side, name) in [(left, "left"), (right, "right")] {
            // What is written out needs no telling.
            if !matches!(**side, Expression::Literal(_)) {
                let held = run.evaluate(side, at)?;
                sides.push(format!("the {name} side is {}", found(&held)));
            }
        }
    } else if let Binding::Value(Value::Null) = held {
        sides.push("it is null".to_owned());
    }
    let (source, what) = (run.scripts.sources.at(at.start), &sides);
    let written = source.and_then(|it| it.text.get(it.range(at))).unwrap_or_default();
    let written = written.strip_prefix(step.verb.as_str()).unwrap_or(written).trim();
    Err(RunProblem::AssertFailed {
        what: written.split_whitespace().collect::<Vec<_>>().join(" "),
        found: what.join(", "),
        at,
    })
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
