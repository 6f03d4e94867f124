//! Keys that refer to nothing.

use super::RunResult;
use super::rows::unfit;
use crate::client::told;
use crate::diagnostics::UnfitRow;
use crate::ir::{Association, AttributeId, Schema};
use crate::plan::Set;
use crate::source::Span;
use crate::value::Value;

/// Refuses that a row refers to nothing by a key whose columns all have a value.
pub(super) fn refers_to_nothing(
    schema: &Schema,
    association: &Association,
    at: Span,
    given: impl Fn(AttributeId) -> Option<Set>,
) -> RunResult<()> {
    let value = |id| match given(id) {
        Some(Set::Value(value)) if value != Value::Null => Some((id, value)),
        Some(Set::Value(_) | Set::Computed(_)) | None => None,
    };
    let all: Option<Vec<_>> = association.referring().map(value).collect();
    let Some((id, value)) = all.and_then(|it| it.into_iter().next()) else {
        return Ok(());
    };
    let model = &schema[association.holder()];
    let column = format!("{}.{}", model.name, model.attribute(id).name);
    let what = UnfitRow::TwoValues { column, one: told(&value), other: told(&Value::Null) };
    Err(unfit(what, at))
}

/// What a key's columns get when it is to refer to nothing: null, those that may be null and are no other key's; one is enough.
pub(super) fn nulls(schema: &Schema, association: &Association) -> Vec<(AttributeId, Value)> {
    let own: Vec<AttributeId> = association.referring().collect();
    let holder = association.holder();
    let model = &schema[holder];
    let others = schema.overlapping_keys(holder).iter().filter(|it| !same_key(it, &own));
    let shared: Vec<AttributeId> = others.flatten().copied().collect();
    let may_be_null = |it: &&AttributeId| !model.attribute(**it).not_null;
    let nullable: Vec<AttributeId> = own.iter().filter(may_be_null).copied().collect();
    let alone: Vec<AttributeId> =
        nullable.iter().filter(|it| !shared.contains(it)).copied().collect();
    let found = [alone, nullable, own].into_iter().find(|it| !it.is_empty());
    found.unwrap_or_default().into_iter().map(|it| (it, Value::Null)).collect()
}

/// Whether two lists are the columns of one key.
pub(super) fn same_key(one: &[AttributeId], two: &[AttributeId]) -> bool {
    one.len() == two.len() && one.iter().all(|it| two.contains(it))
}
