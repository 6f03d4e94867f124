//! What is done where a row is there already.

use super::RunResult;
use crate::diagnostics::RunProblem;
use crate::ir::{AttributeId, Model, ModelId, Write};
use crate::plan::{Conflict, Planner, keys_of};
use crate::source::Span;

/// What is done where a row is there already.
pub(super) fn conflict_of(model: &Model, write: &Write) -> Option<Conflict> {
    let fields = write.conflict_fields.clone().unwrap_or_default();
    let Some(update) = &write.update_on_duplicate else {
        return write.ignore_duplicates.then_some(Conflict { fields, update: Vec::new() });
    };
    let mut update = update.clone();
    if let Some(stamp) = model.updated_at
        && !update.contains(&stamp)
    {
        update.push(stamp);
    }
    Some(Conflict { fields, update })
}

/// Refuses a row that may be there by another key than the one that is meant, where the database tells none apart.
pub(super) fn one_key(
    planner: &Planner<'_>,
    (id, conflict): (ModelId, Option<&Conflict>),
    given: &[AttributeId],
    at: Span,
) -> RunResult<()> {
    let dialect = planner.dialect;
    let Some(conflict) = conflict.filter(|it| !dialect.tells_keys_apart && !it.fields.is_empty())
    else {
        return Ok(());
    };
    let is_meant = |key: &[AttributeId]| {
        key.len() == conflict.fields.len() && key.iter().all(|it| conflict.fields.contains(it))
    };
    let mut keys = keys_of(&planner.schema[id]).into_iter();
    if keys.any(|key| !is_meant(&key) && key.iter().all(|it| given.contains(it))) {
        let what = "`conflictFields` beside another key of the rows".to_owned();
        return Err(RunProblem::NotOnServer { what, title: dialect.title, at: Some(at) });
    }
    Ok(())
}
