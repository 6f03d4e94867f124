//! Rows of one model, read as they are: to know one again, and to know what the database made of it.

use super::found::ReadRow;
use super::{Binding, Runner};
use crate::client::{RunResult, told};
use crate::db::DbError;
use crate::diagnostics::{AttributeName, RunProblem, UnfitRow, UnreadValue};
use crate::ir::{AttributeId, Model, ModelId};
use crate::migrate::StepOutcome;
use crate::plan::{Condition, model_shape};
use crate::record::{Item, Record, Shape};
use crate::source::Span;
use crate::sql::Sql;
use crate::value::Value;
use smol_str::SmolStr;
use std::ops::ControlFlow;

/// A row of these values, which nobody else needs.
pub(super) fn record(shape: &Shape, values: &mut [Value]) -> Record {
    ReadRow::Alone(shape, values).record()
}

/// The value that a row has under that name.
pub(super) fn value<'r>(record: &'r Record, name: &str) -> Option<&'r Value> {
    match record.get(name)? {
        Item::Value(value) => Some(value),
        Item::Record(_) | Item::List(_) => None,
    }
}

/// The row with other values for some names, those that it doesn't have last.
pub(super) fn with_members(
    record: &Record,
    changes: impl IntoIterator<Item = (SmolStr, Item)>,
) -> Record {
    let mut members: Vec<(SmolStr, Item)> =
        record.members().map(|(name, item)| (name.clone(), item.clone())).collect();
    for (name, item) in changes {
        match members.iter_mut().find(|(it, _)| *it == name) {
            Some((_, there)) => *there = item,
            None => members.push((name, item)),
        }
    }
    let (names, items): (Vec<_>, Vec<_>) = members.into_iter().unzip();
    Record::new(names.into(), items)
}

/// A row as it was, with what is new of it; only names that it has, and those that were said.
pub(super) fn with_new_values(was: &Record, is: &Record, said: &[SmolStr]) -> Record {
    let members = is.members().filter(|(name, _)| was.get(name).is_some() || said.contains(name));
    let members = members.map(|(name, item)| (name.clone(), item.clone()));
    with_members(was, members.collect::<Vec<_>>())
}

/// Something as it is told in a report.
pub(super) fn found(held: &Binding) -> String {
    match held {
        Binding::Value(value) => told(value),
        Binding::Row(_) => "a row".to_owned(),
        Binding::Rows(rows) => format!("a list of {}", rows.len()),
        Binding::List(values) => {
            let each: Vec<_> = values.iter().take(10).map(told).collect();
            format!("[{}]", each.join(", "))
        }
    }
}

/// A row that isn't there.
pub(super) fn missing_row(
    model: &Model,
    identity: &[(AttributeId, Value)],
    at: Span,
) -> RunProblem {
    let key = key_in_words(model, identity);
    unfit(UnfitRow::Absent { model: model.name.to_string(), key }, at)
}

/// A row that is only marked as deleted, where one is needed that isn't.
pub(super) fn deleted(model: &Model, identity: &[(AttributeId, Value)], at: Span) -> RunProblem {
    let key = key_in_words(model, identity);
    unfit(UnfitRow::Deleted { model: model.name.to_string(), key }, at)
}

pub(super) fn unfit(what: UnfitRow, at: Span) -> RunProblem {
    RunProblem::NoRow { help: Some(what.help_text()), what, at }
}

/// "`orgId` is 1 and `userId` is 2"; where a table has no key, its first column.
fn key_in_words(model: &Model, identity: &[(AttributeId, Value)]) -> String {
    let most = model.primary_key.len().max(1);
    let each = identity.iter().take(most);
    let each = each.map(|(id, it)| format!("`{}` is {}", model.attribute(*id).name, told(it)));
    each.collect::<Vec<_>>().join(" and ")
}

/// What is written, where that is noted: in a data step.
#[derive(Debug, Default)]
pub(super) struct WriteLog(pub(super) Option<StepOutcome>);

impl WriteLog {
    /// A statement has written so many rows.
    pub(super) fn note(&mut self, sql: &str, values: impl FnOnce() -> Vec<Value>, rows: u64) {
        if let Some(written) = &mut self.0 {
            written.sql.push(Sql { text: sql.to_owned(), parameters: values() });
            written.rows += rows;
        }
    }

    /// How far it has come.
    pub(super) fn mark(&self) -> (usize, u64) {
        self.0.as_ref().map_or((0, 0), |it| (it.sql.len(), it.rows))
    }

    /// What was written behind a mark is undone.
    pub(super) fn back(&mut self, (statements, rows): (usize, u64)) {
        if let Some(written) = &mut self.0 {
            written.sql.truncate(statements);
            written.rows = rows;
        }
    }
}

/// What one row is told from all others by: its primary key, with values.
pub(super) type Identity = Vec<(AttributeId, Value)>;

impl Runner<'_> {
    pub(super) fn model(&self, model: ModelId) -> &Model {
        &self.scripts.schema[model]
    }

    /// Runs a statement that changes rows; returns how many.
    pub(super) fn send(&mut self, sql: &Sql) -> Result<u64, DbError> {
        self.execute_sql(&sql.text, &sql.parameters)
    }

    /// The same, with these parameters.
    pub(super) fn execute_sql(&mut self, sql: &str, parameters: &[Value]) -> Result<u64, DbError> {
        if self.options.explain {
            self.sink.statement(sql, parameters);
        }
        let rows = self.database.execute(sql, parameters)?;
        self.written.note(sql, || parameters.to_vec(), rows);
        Ok(rows)
    }

    /// Runs a statement and shows each of its rows.
    pub(super) fn query_sql(
        &mut self,
        sql: &str,
        parameters: &[Value],
        each: &mut dyn FnMut(&mut [Value]) -> ControlFlow<()>,
    ) -> Result<(), DbError> {
        if self.options.explain {
            self.sink.statement(sql, parameters);
        }
        self.database.query(sql, parameters, each)
    }

    /// The rows of a model that a condition leaves, by their key.
    pub(super) fn rows_where(
        &mut self,
        at: Span,
        model: ModelId,
        which: &Condition,
    ) -> RunResult<Vec<Record>> {
        let sql = self.planner().rows_by_key(model, which);
        let shape = model_shape(self.model(model));
        let mut rows = Vec::new();
        let asked = self.query_sql(&sql.text, &sql.parameters, &mut |row| {
            rows.push(record(&shape, row));
            ControlFlow::Continue(())
        });
        asked.map_err(|it| self.failure(it, at))?;
        Ok(rows)
    }

    /// The row of a model that has these values; one of several.
    pub(super) fn row_with(
        &mut self,
        at: Span,
        model: ModelId,
        identity: &[(AttributeId, Value)],
    ) -> RunResult<Option<Record>> {
        let rows = self.rows_where(at, model, &Condition::Has(identity.to_vec()))?;
        Ok(rows.into_iter().next())
    }

    /// The values of the only column of a statement.
    pub(super) fn column(&mut self, at: Span, sql: &Sql) -> RunResult<Vec<Value>> {
        let mut values = Vec::new();
        let asked = self.query_sql(&sql.text, &sql.parameters, &mut |row| {
            values.extend(row.first().cloned());
            ControlFlow::Continue(())
        });
        asked.map_err(|it| self.failure(it, at))?;
        Ok(values)
    }

    /// The only value of a statement.
    pub(super) fn number(&mut self, at: Span, sql: &Sql) -> RunResult<u64> {
        let found = self.column(at, sql)?.into_iter().next();
        Ok(match found {
            Some(Value::Integer(it)) => it.unsigned_abs(),
            _ => 0,
        })
    }

    /// What tells a row from all others: its primary key; where it has none, everything of it.
    pub(super) fn identity(&self, model: ModelId, row: &Record) -> Option<Identity> {
        let model = self.model(model);
        let of = |id: &AttributeId| {
            let value = value(row, &model.attribute(*id).name)?;
            Some((*id, value.clone()))
        };
        if model.primary_key.is_empty() {
            let plain = model.columns().filter(|(_, it)| it.computed().is_none());
            return plain.map(|(id, _)| of(&id)).collect();
        }
        model.primary_key.iter().map(of).collect()
    }

    /// The value that a row has of an attribute.
    pub(super) fn read_of(
        &self,
        at: Span,
        model: ModelId,
        attribute: AttributeId,
        row: &Record,
    ) -> RunResult<Value> {
        let model = self.model(model);
        let name = &model.attribute(attribute).name;
        value(row, name).cloned().ok_or_else(|| RunProblem::Unread {
            what: UnreadValue::Attribute(AttributeName {
                model: model.name.to_string(),
                attribute: name.to_string(),
            }),
            at,
        })
    }

    /// The values of attributes of a row by which an association finds others; read where the row was read without one of them.
    pub(super) fn values_of(
        &mut self,
        at: Span,
        model: ModelId,
        attributes: impl Iterator<Item = AttributeId> + Clone,
        row: &Record,
    ) -> RunResult<Vec<Value>> {
        let schema = self.scripts.schema;
        let own = &schema[model];
        let known = |id| value(row, &own.attribute(id).name).cloned();
        if let Some(known) = attributes.clone().map(known).collect() {
            return Ok(known);
        }
        let read = match self.identity(model, row) {
            Some(identity) => {
                let found = self.row_with(at, model, &identity)?;
                found.ok_or_else(|| missing_row(own, &identity, at))?
            }
            None => row.clone(),
        };
        attributes.map(|it| self.read_of(at, model, it, &read)).collect()
    }

    /// What others refer to a row by: never null, which refers to nothing.
    pub(super) fn key_of(
        &mut self,
        at: Span,
        model: ModelId,
        attributes: impl Iterator<Item = AttributeId> + Clone,
        row: &Record,
    ) -> RunResult<Vec<Value>> {
        let key = self.values_of(at, model, attributes.clone(), row)?;
        self.not_null(at, model, attributes, &key)?;
        Ok(key)
    }

    /// That something can refer to a row by these values.
    pub(super) fn not_null(
        &self,
        at: Span,
        model: ModelId,
        attributes: impl Iterator<Item = AttributeId>,
        key: &[Value],
    ) -> RunResult<()> {
        let mut columns = attributes.zip(key);
        let Some((null, _)) = columns.find(|(_, it)| **it == Value::Null) else {
            return Ok(());
        };
        let model = self.model(model);
        let key = model.attribute(null).name.to_string();
        Err(unfit(UnfitRow::WithoutKey { model: model.name.to_string(), key }, at))
    }
}

/// The row so many versions later, where the model counts them and it was read. Whoever holds a stale row holds one still.
pub(super) fn later_version(model: &Model, row: &Record, times: i64) -> Option<Record> {
    let name = &model.attribute(model.version?).name;
    let Value::Integer(version) = value(row, name)? else {
        return None;
    };
    let next = Item::Value(Value::Integer(version.saturating_add(times)));
    Some(with_members(row, [(name.clone(), next)]))
}
