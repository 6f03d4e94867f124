//! What variables hold of rows that a sentence about others has changed.

use super::rows::with_new_values;
use super::{Binding, RunResult, Runner};
use crate::ir::{AssociationKind, AttributeId, Model, ModelId, NewRow, RelatedRow, RowRef};
use crate::record::{Item, Record, write_value};
use crate::source::Span;
use crate::value::Value;
use smol_str::SmolStr;
use std::collections::HashMap;

/// Lets the variables that stand in a new row hold what became of their rows.
pub(super) fn refresh_nested(run: &mut Runner<'_>, at: Span, row: &NewRow) -> RunResult<()> {
    let schema = run.scripts.schema;
    for related in &row.related {
        let association = &schema[related.association];
        for it in &related.rows {
            match (it, association.kind) {
                (RelatedRow::New(inner, _), _) => refresh_nested(run, at, inner)?,
                (
                    RelatedRow::Existing(RowRef::Variable(name, _)),
                    AssociationKind::HasOne | AssociationKind::HasMany,
                ) => reread_variable(run, at, association.target, name)?,
                // A key is no variable, and other kinds leave the row as it is.
                (RelatedRow::Existing(_), _) => {}
            }
        }
    }
    Ok(())
}

/// Lets a variable hold what its rows are in the database.
fn reread_variable(
    run: &mut Runner<'_>,
    at: Span,
    model: ModelId,
    name: &SmolStr,
) -> RunResult<()> {
    let held = match run.environment.shared_binding(name).as_deref() {
        Some(Binding::Row(row)) => Binding::Row(read_again(run, at, model, row)?),
        Some(Binding::Rows(rows)) => {
            let each = rows.iter().map(|it| read_again(run, at, model, it));
            Binding::Rows(each.collect::<RunResult<_>>()?)
        }
        Some(Binding::Value(_) | Binding::List(_)) | None => return Ok(()),
    };
    run.environment.change(name, held);
    Ok(())
}

fn read_again(run: &mut Runner<'_>, at: Span, model: ModelId, row: &Record) -> RunResult<Record> {
    let Some(identity) = run.identity(model, row) else {
        return Ok(row.clone());
    };
    let found = run.row_with(at, model, &identity)?;
    Ok(found.map_or_else(|| row.clone(), |is| with_new_values(row, &is, &[])))
}

/// What became of rows, by what tells them from others.
#[derive(Debug, Default)]
pub(super) struct RowChanges(pub(super) HashMap<String, RowChange>);

/// What became of a row.
#[derive(Debug, Default)]
pub(super) struct RowChange {
    pub(super) values: Vec<(AttributeId, Value)>,
    /// How many times it became something else.
    pub(super) times: i64,
}

impl RowChanges {
    pub(super) fn add(
        &mut self,
        identity: &[(AttributeId, Value)],
        values: Vec<(AttributeId, Value)>,
        changed: bool,
    ) {
        let there = self.0.entry(identity_text(identity)).or_default();
        there.values = values;
        there.times += i64::from(changed);
    }

    pub(super) fn get(&self, identity: &[(AttributeId, Value)]) -> Option<&RowChange> {
        self.0.get(&identity_text(identity))
    }
}

/// An identity as a text: equal ones are equal.
fn identity_text(identity: &[(AttributeId, Value)]) -> String {
    let mut text = String::new();
    for (_, value) in identity {
        write_value(value, &mut text);
        text.push(',');
    }
    text
}

/// Values under the names of their attributes.
pub(super) fn named_values(
    model: &Model,
    values: &[(AttributeId, Value)],
) -> impl Iterator<Item = (SmolStr, Item)> {
    values.iter().map(|(id, value)| {
        let name = model.attribute(*id).name.clone();
        (name, Item::Value(value.clone()))
    })
}
