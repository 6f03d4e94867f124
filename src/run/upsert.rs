//! `upsert` and `findOrCreate`: a row that is there, or a new one.

use super::draft::{Cell, Draft};
use super::insert::or_empty;
use super::rows::{Identity, identified};
use super::validate::Wrong;
use super::{Ran, Runner};
use crate::ir::{AttributeId, Expression, Model, NewRow, Query, Write};
use crate::record::Record;
use crate::source::Span;
use crate::sql::Writer;
use crate::value::Value;

impl Runner<'_> {
    /// `User findOrCreate { .. } < defaults: { .. } >`
    pub(super) fn find_or_create(
        &mut self,
        at: Span,
        query: &Query,
        row: &NewRow,
    ) -> Ran<(Record, bool)> {
        let query = self.bind_query(query, at)?;
        if let Some(found) = self.find_one(at, &query)? {
            return Ok((found, false));
        }
        let made = self.create(at, row, &Write::default())?;
        Ok((made, true))
    }

    /// `User upsert { .. }`
    pub(super) fn upsert(&mut self, at: Span, row: &NewRow, write: &Write) -> Ran<(Record, bool)> {
        let schema = self.scripts.schema;
        let model = &schema[row.model];
        let mut wrong = Wrong::default();
        let mut draft = self.draft(row, write, &[], &[], &mut wrong)?;
        wrong.problem(at)?;
        let keys = match &write.conflict_fields {
            Some(fields) => vec![fields.clone()],
            None => keys_of(model),
        };
        for key in keys {
            let Some(there) = self.row_like(at, model, row, &draft, &key)? else {
                continue;
            };
            let said: Vec<AttributeId> = row.values.iter().map(|it| it.attribute).collect();
            let row = self.overwrite(at, row, &mut draft, &said, &there)?;
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
        model: &Model,
        row: &NewRow,
        draft: &Draft,
        key: &[AttributeId],
    ) -> Ran<Option<Identity>> {
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
        let found = self.rows_where(at, row.model, identified(model, &identity))?;
        Ok(found.first().and_then(|it| self.identity(row.model, it)))
    }

    /// Gives the row that is there what the script says of it.
    fn overwrite(
        &mut self,
        at: Span,
        row: &NewRow,
        draft: &mut Draft,
        said: &[AttributeId],
        identity: &Identity,
    ) -> Ran<Record> {
        let schema = self.scripts.schema;
        let model = &schema[row.model];
        let mut sets: Vec<(AttributeId, Cell)> = said
            .iter()
            .filter(|it| !model.primary_key.contains(it))
            .map(|it| (*it, draft.cell(*it).clone()))
            .collect();
        if let Some(stamp) = model.updated_at
            && !said.contains(&stamp)
        {
            sets.push((stamp, Cell::Value(self.now())));
        }
        if let Some(version) = model.version {
            let next = Expression::Binary(
                crate::ir::Operator::Add,
                Box::new(Expression::Attribute(version)),
                Box::new(Expression::Literal(Value::Integer(1))),
            );
            sets.push((version, Cell::Raw(Box::new(next))));
        }
        let mut values: Vec<(AttributeId, Value)> = Vec::new();
        if !sets.is_empty() {
            let mut writer = Writer::with_parameters(self.database.dialect());
            writer.push("UPDATE ").name(&model.full_table()).push(" SET ");
            writer.list(&sets, |writer, (attribute, cell)| {
                writer.name(&model.attribute(*attribute).column).push(" = ");
                match cell {
                    Cell::Value(value) => {
                        values.push((*attribute, value.clone()));
                        writer.value(value);
                    }
                    Cell::Raw(expression) => {
                        writer.value_expression(model, expression);
                    }
                    Cell::Absent | Cell::Later => {
                        writer.push("NULL");
                    }
                }
            });
            writer.push(" WHERE ");
            identified(model, identity)(&mut writer);
            let sql = writer.finish();
            let done = self.execute_sql(&sql.text, &sql.parameters);
            done.map_err(|it| self.refused_change(it, at, row.model, &values))?;
        }
        let found = self.rows_where(at, row.model, identified(model, identity))?;
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
