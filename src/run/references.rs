//! Rows that a sentence names: by a variable that holds them, or by their keys.

use super::rows::{Identity, missing_row};
use super::{Binding, RunResult, Runner};
use crate::diagnostics::{RunProblem, UnreadValue};
use crate::ir::{Expression, ModelId, RowRef, VariablePath, fit};
use crate::record::{Item, Record};
use crate::source::Span;
use crate::value::Value;

/// A row that is there.
#[derive(Debug, Clone)]
pub(super) struct ExistingRow {
    pub(super) identity: Identity,
    pub(super) row: Record,
}

impl Runner<'_> {
    /// The rows that a reference names.
    pub(super) fn rows_there(
        &mut self,
        model: ModelId,
        row: &RowRef,
        at: Span,
    ) -> RunResult<Vec<ExistingRow>> {
        let rows = match row {
            RowRef::Variable(name, place) => match self.environment.shared_binding(name).as_deref()
            {
                Some(Binding::Row(row)) => vec![row.clone()],
                Some(Binding::Rows(rows)) => rows.clone(),
                Some(Binding::Value(Value::Null)) | None => {
                    return Err(RunProblem::NullVariable { name: name.to_string(), at: *place });
                }
                Some(Binding::Value(value)) => vec![self.row_by_key(model, value, *place)?],
                Some(Binding::List(values)) => {
                    let each = values.iter();
                    each.map(|it| self.row_by_key(model, it, *place)).collect::<RunResult<_>>()?
                }
            },
            RowRef::CompoundKey(key, place) => {
                let identity = compound_key(self, model, key, *place)?;
                let found = self.row_with(*place, model, &identity)?;
                vec![found.ok_or_else(|| missing_row(self.model(model), &identity, *place))?]
            }
            RowRef::Key(key, place) => {
                let keys = self.keys_of(key, *place)?;
                let each = keys.iter();
                each.map(|it| self.row_by_key(model, it, *place)).collect::<RunResult<_>>()?
            }
        };
        let each = rows.into_iter().map(|row| {
            let identity = self.identity(model, &row).ok_or_else(|| RunProblem::Unread {
                what: UnreadValue::Key {
                    variable: None,
                    model: self.model(model).name.to_string(),
                },
                at,
            })?;
            Ok(ExistingRow { identity, row })
        });
        each.collect()
    }

    /// As [`Runner::rows_there`], but a key is taken at its word: there may be no row that has it.
    pub(super) fn rows_named(
        &mut self,
        model: ModelId,
        row: &RowRef,
        at: Span,
    ) -> RunResult<Vec<ExistingRow>> {
        let (key, place) = match row {
            RowRef::Key(key, place) => (key, place),
            RowRef::CompoundKey(key, place) => {
                let identity = compound_key(self, model, key, *place)?;
                let own = self.model(model);
                let names = identity.iter().map(|(id, _)| own.attribute(*id).name.clone());
                let values = identity.iter().map(|(_, it)| Item::Value(it.clone()));
                let row = Record::new(names.collect(), values.collect());
                return Ok(vec![ExistingRow { identity, row }]);
            }
            RowRef::Variable(..) => return self.rows_there(model, row, at),
        };
        let keys = self.keys_of(key, *place)?;
        let model = self.model(model);
        let [id] = model.primary_key.as_slice() else {
            return Ok(Vec::new());
        };
        let attribute = model.attribute(*id);
        let each = keys.into_iter().map(|key| {
            let key = fit(key.clone(), &attribute.data_type).unwrap_or(key);
            let item = Item::Value(key.clone());
            ExistingRow {
                identity: vec![(*id, key)],
                row: Record::new([attribute.name.clone()].into(), vec![item]),
            }
        });
        Ok(each.collect())
    }

    /// The keys that stand for rows: one, or those of a variable's list.
    fn keys_of(&mut self, key: &Expression, at: Span) -> RunResult<Vec<Value>> {
        match self.bind(key, at)? {
            Expression::List(keys) => keys.iter().map(|it| self.computed(it, at)).collect(),
            key => Ok(vec![self.computed(&key, at)?]),
        }
    }

    /// The row of that key.
    fn row_by_key(&mut self, model: ModelId, key: &Value, at: Span) -> RunResult<Record> {
        let schema = self.scripts.schema;
        let found = match schema[model].primary_key.as_slice() {
            [id] => {
                let attribute = schema[model].attribute(*id);
                let fitting =
                    fit(key.clone(), &attribute.data_type).unwrap_or_else(|_| key.clone());
                let identity = [(*id, fitting)];
                self.row_with(at, model, &identity)?
            }
            _ => None,
        };
        found.ok_or_else(|| {
            let id = schema[model].primary_key.first();
            let identity: Vec<_> = id.map(|it| (*it, key.clone())).into_iter().collect();
            missing_row(&schema[model], &identity, at)
        })
    }
}

/// The rows that a variable holds, or a path from one.
pub(super) fn rows_held(run: &mut Runner<'_>, variable: &VariablePath) -> RunResult<Vec<Record>> {
    match run.variable(variable)? {
        Binding::Row(row) => Ok(vec![row]),
        Binding::Rows(rows) => Ok(rows),
        Binding::Value(_) | Binding::List(_) => {
            Err(RunProblem::NullVariable { name: variable.name.to_string(), at: variable.span })
        }
    }
}

/// A key of several attributes that stands for a row.
fn compound_key(
    run: &mut Runner<'_>,
    model: ModelId,
    key: &[Expression],
    at: Span,
) -> RunResult<Identity> {
    let model = &run.scripts.schema[model];
    let mut identity = Identity::with_capacity(key.len());
    for (id, it) in model.primary_key.iter().zip(key) {
        let value = run.evaluate_value(it, at)?;
        let data_type = &model.attribute(*id).data_type;
        identity.push((*id, fit(value.clone(), data_type).unwrap_or(value)));
    }
    Ok(identity)
}
