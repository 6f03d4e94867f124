//! `upsert` and `findOrCreate`: a row that is there, or a new one.

use super::RunResult;
use super::change::values_of;
use super::draft::{Cell, RowDraft};
use super::insert::{Inserter, or_empty};
use super::rows::{Identity, with_members};
use super::unlinked::nulls;
use crate::diagnostics::RunProblem;
use crate::ir::{AttributeId, NewRow, Query, Write};
use crate::plan::{Condition, Set, keys_of};
use crate::record::{Item, Record};
use crate::value::Value;

impl Inserter<'_, '_> {
    /// `User findOrCreate { .. } < defaults: { .. } >`
    pub(super) fn find_or_create(
        &mut self,
        query: &Query,
        row: &NewRow,
    ) -> RunResult<(Record, bool)> {
        let query = self.run.bind_query(query, self.at)?;
        if let Some(found) = self.run.reader(self.at).find_one(&query)? {
            return Ok((found, false));
        }
        match self.create(row, &Write::default()) {
            // Somebody else has made it in between; or another row is in the way.
            Err(problem @ RunProblem::Unique { .. }) if row.related.is_empty() => {
                match self.run.reader(self.at).find_one(&query)? {
                    Some(found) => Ok((found, false)),
                    None => Err(problem),
                }
            }
            made => made.map(|it| (it, true)),
        }
    }

    /// `User upsert { .. }`
    pub(super) fn upsert(&mut self, row: &NewRow, write: &Write) -> RunResult<(Record, bool)> {
        match self.upsert_once(row, write) {
            // Somebody else has made it in between, and it is found now; or another row is in the way.
            Err(RunProblem::Unique { .. }) if row.related.is_empty() => {
                self.upsert_once(row, write)
            }
            done => done,
        }
    }

    fn upsert_once(&mut self, row: &NewRow, write: &Write) -> RunResult<(Record, bool)> {
        let schema = self.run.scripts.schema;
        let model = &schema[row.model];
        let draft = self.run.draft_row(self.at, row, write)?;
        let keys = match &write.conflict_fields {
            Some(fields) => vec![fields.clone()],
            None => keys_of(model),
        };
        for key in keys {
            let Some(there) = self.row_like(row, &draft, &key)? else {
                continue;
            };
            let is_written = |it: &AttributeId| match &write.fields {
                Some(fields) => fields.contains(it),
                None => true,
            };
            let said = row.values.iter().map(|it| it.attribute).filter(is_written).collect();
            return Ok((self.overwrite(draft, said, &there)?, false));
        }
        if draft.related.is_empty() {
            let made = self.insert(&draft, None)?;
            return Ok((or_empty(made), true));
        }
        Ok((self.insert_all(draft)?, true))
    }

    /// The key of the row that has the same values for these attributes.
    fn row_like(
        &mut self,
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
        let found = self.run.row_with(self.at, row.model, &identity)?;
        Ok(found.and_then(|it| self.run.identity(row.model, &it)))
    }

    /// Gives the row that is there what the script says of it: of these attributes, and of rows that it refers to.
    fn overwrite(
        &mut self,
        mut draft: RowDraft,
        mut said: Vec<AttributeId>,
        identity: &Identity,
    ) -> RunResult<Record> {
        let schema = self.run.scripts.schema;
        let id = draft.model;
        let model = &schema[id];
        let mut members = Vec::new();
        for related in std::mem::take(&mut draft.related) {
            let association = &schema[related.association];
            let item = self.refer_to(&mut draft, association, related.rows)?;
            if matches!(item, Item::Record(_)) {
                said.extend(association.referring());
            } else {
                for (attribute, null) in nulls(schema, association) {
                    draft.set(attribute, Cell::Value(null));
                    said.push(attribute);
                }
            }
            members.push((association.name.clone(), item));
        }
        said.dedup();
        let written = said.iter().filter(|it| !model.primary_key.contains(it));
        let mut sets: Vec<(AttributeId, Set)> = written
            .map(|it| (*it, draft.cell(*it).set().unwrap_or(Set::Value(Value::Null))))
            .collect();
        self.run.stamp(model, &mut sets);
        let which = Condition::Has(identity.clone());
        if !sets.is_empty() || model.version.is_some() {
            let sql = self.run.planner().update(id, &sets, &which, None);
            let done = self.run.send(&sql);
            done.map_err(|it| self.run.refusal(self.at).refused_change(it, id, &values_of(&sets)))?;
        }
        let found = self.run.rows_where(self.at, id, &which)?;
        Ok(with_members(&or_empty(found.into_iter().next()), members))
    }
}
