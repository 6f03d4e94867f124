//! `upsert` and `findOrCreate`: a row that is there, or a new one.

use super::change::values_of;
use super::draft::{Cell, RowDraft};
use super::insert::or_empty;
use super::rows::Identity;
use super::validate::ValidationErrors;
use super::{RunResult, Runner};
use crate::ir::{AttributeId, Expression, Model, NewRow, Query, Write};
use crate::plan::{Condition, Set};
use crate::record::Record;
use crate::source::Span;
use crate::value::Value;

impl Runner<'_> {
    /// `User findOrCreate { .. } < defaults: { .. } >`
    pub(super) fn find_or_create(
        &mut self,
        at: Span,
        query: &Query,
        row: &NewRow,
    ) -> RunResult<(Record, bool)> {
        let query = self.bind_query(query, at)?;
        if let Some(found) = self.find_one(at, &query)? {
            return Ok((found, false));
        }
        let made = self.create(at, row, &Write::default())?;
        Ok((made, true))
    }

    /// `User upsert { .. }`
    pub(super) fn upsert(
        &mut self,
        at: Span,
        row: &NewRow,
        write: &Write,
    ) -> RunResult<(Record, bool)> {
        let schema = self.scripts.schema;
        let model = &schema[row.model];
        let mut wrong = ValidationErrors::default();
        let draft = self.draft(row, write, &[], &[], &mut wrong)?;
        wrong.problem(at)?;
        let keys = match &write.conflict_fields {
            Some(fields) => vec![fields.clone()],
            None => keys_of(model),
        };
        for key in keys {
            let Some(there) = self.row_like(at, row, &draft, &key)? else {
                continue;
            };
            let said: Vec<AttributeId> = row.values.iter().map(|it| it.attribute).collect();
            let row = self.overwrite(at, row, &draft, &said, &there)?;
            return Ok((row, false));
        }
        if draft.related.is_empty() {
            let made = self.insert(at, &draft, None)?;
            return Ok((or_empty(made), true));
        }
        Ok((self.insert_all(at, draft)?, true))
    }

    /// The key of the row that has the same values for these attributes.
    fn row_like(
        &mut self,
        at: Span,
        row: &NewRow,
        draft: &RowDraft,
        key: &[AttributeId],
    ) -> RunResult<Option<Identity>> {
        let mut identity = Identity::with_capacity(key.len());
        for id in key {
            match draft.cell(*id) {
                Cell::Value(value) if *value != Value::Null => identity.push((*id, value.clone())),
                Cell::Value(_) | Cell::Absent | Cell::Raw(_) | Cell::Later => return Ok(None),
            }
        }
        if identity.is_empty() {
            return Ok(None);
        }
        let found = self.row_with(at, row.model, &identity)?;
        Ok(found.and_then(|it| self.identity(row.model, &it)))
    }

    /// Gives the row that is there what the script says of it.
    fn overwrite(
        &mut self,
        at: Span,
        row: &NewRow,
        draft: &RowDraft,
        said: &[AttributeId],
        identity: &Identity,
    ) -> RunResult<Record> {
        let schema = self.scripts.schema;
        let model = &schema[row.model];
        let written = said.iter().filter(|it| !model.primary_key.contains(it));
        let mut sets: Vec<(AttributeId, Set)> = written
            .map(|it| {
                let set = match draft.cell(*it) {
                    Cell::Value(value) => Set::Value(value.clone()),
                    Cell::Raw(expression) => Set::Computed((**expression).clone()),
                    Cell::Absent | Cell::Later => Set::Value(Value::Null),
                };
                (*it, set)
            })
            .collect();
        self.stamp(model, &mut sets);
        let which = Condition::Has(identity.clone());
        if !sets.is_empty() || model.version.is_some() {
            let sql = self.planner().update(row.model, &sets, &which, None);
            let done = self.send(&sql);
            done.map_err(|it| self.refused_change(it, at, row.model, &values_of(&sets)))?;
        }
        let found = self.rows_where(at, row.model, &which)?;
        Ok(or_empty(found.into_iter().next()))
    }
}

/// What makes a row the same: the primary key, then each unique key that holds for all rows.
pub(super) fn keys_of(model: &Model) -> Vec<Vec<AttributeId>> {
    let mut keys = Vec::new();
    if !model.primary_key.is_empty() {
        keys.push(model.primary_key.clone());
    }
    let unique = model.indexes.iter().filter(|it| it.unique && it.filter.is_none());
    keys.extend(unique.filter_map(|index| {
        let members = index.members.iter().map(|it| match &it.expression {
            Expression::Attribute(id) => Some(*id),
            _ => None,
        });
        members.collect::<Option<Vec<_>>>()
    }));
    keys
}
