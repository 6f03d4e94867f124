//! Rows that change where the database doesn't tell what became of them: they are locked before, and read behind it.

use super::Runner;
use super::rows::{Identity, record};
use crate::db::DbError;
use crate::ir::{AttributeId, Expression, ModelId};
use crate::plan::{Condition, Set, model_shape};
use crate::sql::Sql;
use crate::value::Value;
use std::ops::ControlFlow;

/// So many rows are read by one statement.
const ROWS: usize = 500;

/// A change of rows.
pub(super) struct UntoldChange<'c> {
    pub(super) id: ModelId,
    /// What becomes of their columns.
    pub(super) sets: &'c [(AttributeId, Set)],
    /// Which rows change.
    pub(super) which: &'c Condition,
}

impl UntoldChange<'_> {
    /// What tells a row from all others when it has changed. What is computed of a row without a key isn't known.
    fn identity_behind(&self, identity: Identity, has_key: bool) -> Identity {
        let set = |id| self.sets.iter().find(|(it, _)| *it == id).map(|(_, set)| set);
        let each = identity.into_iter().filter_map(|(id, was)| match set(id) {
            Some(Set::Value(value)) => Some((id, value.clone())),
            Some(Set::Computed(_)) if !has_key => None,
            Some(Set::Computed(_)) | None => Some((id, was)),
        });
        each.collect()
    }

    /// Changes rows by `sql`, and shows each as it is then, with these expressions over it; returns how many these are. In a transaction.
    pub(super) fn carry_out(
        &self,
        run: &mut Runner<'_>,
        sql: &Sql,
        more: &[Expression],
        each: &mut dyn FnMut(&mut [Value]) -> ControlFlow<()>,
    ) -> Result<u64, DbError> {
        let model = &run.scripts.schema[self.id];
        let locked = run.planner().rows_by_key_with(self.id, self.which, &[], true);
        let shape = model_shape(model);
        let mut before = Vec::new();
        run.query_sql(&locked.text, &locked.parameters, &mut |row| {
            before.push(record(&shape, row));
            ControlFlow::Continue(())
        })?;
        if run.options.explain {
            run.sink.statement(&sql.text, &sql.parameters);
        }
        let changed = run.database.execute(&sql.text, &sql.parameters)?;
        let has_key = !model.primary_key.is_empty();
        let known = before.iter().filter_map(|it| run.identity(self.id, it));
        let known: Vec<_> = known.map(|it| self.identity_behind(it, has_key)).collect();
        let conditions: Vec<Condition> = match model.primary_key.as_slice() {
            [key] => {
                let keys: Vec<Value> =
                    known.into_iter().flatten().map(|(_, value)| value).collect();
                keys.chunks(ROWS).map(|it| Condition::HasOneOf(*key, it.to_vec())).collect()
            }
            _ => known.into_iter().map(Condition::Has).collect(),
        };
        for which in &conditions {
            let read = run.planner().rows_by_key_with(self.id, which, more, false);
            run.query_sql(&read.text, &read.parameters, each)?;
        }
        Ok(changed)
    }
}
