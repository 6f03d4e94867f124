//! Columns that several keys of a row have: to set one key must not let another refer elsewhere without a word.

use super::draft::{Cell, RowDraft};
use super::rows::{unfit, value};
use super::unlinked::same_key;
use super::{RunResult, Runner};
use crate::client::told;
use crate::diagnostics::UnfitRow;
use crate::ir::{Association, AttributeId, KeyPair, Schema};
use crate::source::Span;
use crate::value::Value;

/// Lets a new row refer to the row of that key. What it is given already is the same, or it can't be written.
pub(super) fn refer(
    schema: &Schema,
    at: Span,
    draft: &mut RowDraft,
    by: &[KeyPair],
    key: &[Value],
) -> RunResult<()> {
    for (column, value) in by.iter().zip(key) {
        if let Cell::Value(there) = draft.cell(column.attribute)
            && there != value
        {
            let model = &schema[draft.model];
            let what = UnfitRow::TwoValues {
                column: format!("{}.{}", model.name, model.attribute(column.attribute).name),
                one: told(there),
                other: told(value),
            };
            return Err(unfit(what, at));
        }
        draft.set(column.attribute, Cell::Value(value.clone()));
    }
    Ok(())
}

/// That a row's other keys, which share columns with one that is set to these values, go on to refer to what they do.
pub(super) fn keeps_other_keys(
    run: &mut Runner<'_>,
    at: Span,
    association: &Association,
    values: &[(AttributeId, Value)],
    identity: &[(AttributeId, Value)],
) -> RunResult<()> {
    let schema = run.scripts.schema;
    let id = association.holder();
    let model = &schema[id];
    let own: Vec<AttributeId> = association.referring().collect();
    let set = |id: AttributeId| values.iter().find(|(own, _)| *own == id);
    let others = schema.overlapping_keys(id).iter().filter(|it| !same_key(it, &own));
    let mut others = others.filter(|it| it.iter().any(|id| set(*id).is_some()));
    let Some(first) = others.next() else {
        return Ok(());
    };
    let Some(row) = run.row_with(at, id, identity)? else {
        return Ok(());
    };
    for key in std::iter::once(first).chain(others) {
        let has = |id: &AttributeId| value(&row, &model.attribute(*id).name);
        if key.iter().any(|id| has(id).is_none_or(|it| *it == Value::Null)) {
            continue;
        }
        let change = |id: &AttributeId| Some((*id, has(id)?, &set(*id)?.1));
        let mut found = key.iter().filter_map(change).filter(|(_, is, new)| is != new);
        if let Some((id, is, new)) = found.next() {
            let what = UnfitRow::SharedColumn {
                column: format!("{}.{}", model.name, model.attribute(id).name),
                is: told(is),
                new: told(new),
            };
            return Err(unfit(what, at));
        }
    }
    Ok(())
}
